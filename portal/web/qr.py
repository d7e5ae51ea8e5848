"""QR codes for paper: inline SVG without style attributes, black on white whatever the page's colours."""

from __future__ import annotations

import segno
from markupsafe import Markup


def svg(address: str) -> Markup:
    """A QR of an address. Error correction Q: paper lives in purses, and is folded."""
    code = segno.make_qr(address, error="q")
    drawn = code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    return Markup(drawn)  # noqa: S704 - made by us out of squares
