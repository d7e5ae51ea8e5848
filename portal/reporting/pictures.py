"""A photo or scan of a sheet, made safe: known by its content, turned upright, written anew as JPEG.

Nothing of the file that came is kept: where and when it was taken, the phone, hidden text, anything after
the picture's end. What can't be read is refused with a code; the web layer has the words.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from portal.domain.errors import Invalid

EDGE: Final = 2000  # pixels on the long side: handwriting on A4 at some 170 dots an inch
QUALITY: Final = 80
SMALLEST: Final = 200  # pixels on the short side; nobody can read a sheet on less
MOST_JPEG: Final = 51_000_000  # pixels: the largest that phones make; decoded at a fraction of its size
MOST: Final = 40_000_000  # pixels of what must be decoded whole
FORMATS: Final = ("JPEG", "PNG", "WEBP")
# What iPhones make besides: the refusal says what to do.
HEIC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif")

ORIENTATION: Final = 0x0112
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_one_at_a_time = threading.Lock()  # decoding takes up to 300 MB: never two at once


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of our own making."""

    content: bytes
    width: int
    height: int


def read(data: bytes) -> Picture:
    """The picture in a file, upright and no larger than EDGE. Invalid with a code that says what is wrong:
    picture_empty, _heic, _pdf, _unknown, _broken, _moving, _huge, _small.
    """
    _check_kind(data)
    with _one_at_a_time:
        try:
            with Image.open(BytesIO(data), formats=FORMATS) as opened:
                _check_size(opened)
                upright = _upright(opened)
            return _written(upright)
        except Invalid:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Invalid("picture_huge") from error
        except Exception as error:  # decoders raise whatever a broken file makes them
            raise Invalid("picture_broken") from error


def _check_kind(data: bytes) -> None:
    """By the first bytes; the name and the type that a browser gives are only claims."""
    if not data:
        raise Invalid("picture_empty")
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (data[:4], data[8:12]) == (
        b"RIFF",
        b"WEBP",
    ):
        return
    if data[4:8] == b"ftyp" and data[8:12] in HEIC:
        raise Invalid("picture_heic")
    raise Invalid("picture_pdf" if data.startswith(b"%PDF") else "picture_unknown")


def _check_size(opened: Image.Image) -> None:
    """Before a single pixel is decoded."""
    width, height = opened.size
    whole = opened.format in ("PNG", "WEBP")
    if width * height > (MOST if whole else MOST_JPEG):
        raise Invalid("picture_huge")
    if min(width, height) < SMALLEST:
        raise Invalid("picture_small")
    # A phone's JPEG may carry a second picture (depth, brightness): its first one is the photo.
    if whole and getattr(opened, "n_frames", 1) > 1:
        raise Invalid("picture_moving")


def _upright(opened: Image.Image) -> Image.Image:
    """Small enough, as it was held, on white where it lets something through."""
    opened.draft("RGB", (EDGE, EDGE))  # a JPEG is made smaller while it is decoded
    turn = TURNS.get(_orientation(opened))
    made = _in_colour(opened)
    made.thumbnail((EDGE, EDGE), Image.Resampling.LANCZOS)
    if made.mode == "RGBA":
        white = Image.new("RGBA", made.size, "white")
        made = Image.alpha_composite(white, made).convert("RGB")
    return made if turn is None else made.transpose(turn)


def _orientation(opened: Image.Image) -> int:
    """How the phone was held (EXIF 1 to 8); a note that can't be read is passed over."""
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except Exception:  # as for the picture itself: a broken note raises anything
        return 1


def _in_colour(opened: Image.Image) -> Image.Image:
    """RGB or RGBA. Scanners' greys of 16 bits are brought down to 8, not cut off at white."""
    if opened.mode.startswith("I"):
        return opened.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return opened.convert("RGBA" if opened.has_transparency_data else "RGB")


def _written(upright: Image.Image) -> Picture:
    """On a new canvas, since Pillow hands comments and profiles of the old one on."""
    canvas = Image.new("RGB", upright.size)
    canvas.paste(upright)
    out = BytesIO()
    canvas.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), *canvas.size)
