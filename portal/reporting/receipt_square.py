"""A receipt's address as a square to scan."""

from __future__ import annotations

import segno
from flask import current_app, url_for
from markupsafe import Markup


def draw(code: str) -> Markup:
    """The receipt's address as a QR code, an inline SVG without styles."""
    address = f"{current_app.config['SETTINGS'].public_url}{url_for('reporting.receipt', code=code)}"
    drawn = segno.make(address, micro=False).svg_inline(
        scale=3, border=2, svgclass=None, lineclass=None, omitsize=False
    )
    return Markup(drawn)  # noqa: S704 - drawn by segno from our own address
