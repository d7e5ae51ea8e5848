"""Pictures as phones and scanners make them, and files that only look like one."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image, PngImagePlugin


def photo(
    size: tuple[int, int] = (900, 1200), *, orientation: int = 1, corner: str = "red", **options: object
) -> bytes:
    """A JPEG from a phone: a mark in the upper left corner as stored, a place, a comment, a maker."""
    made = Image.new("RGB", size, "white")
    made.paste(corner, (0, 0, size[0] // 3, size[1] // 3))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825).update({1: "N", 2: (35.0, 47.0, 50.0), 3: "E", 4: (139.0, 35.0, 36.0)})
    out = BytesIO()
    made.save(out, "JPEG", exif=exif, comment=b"SECRET-COMMENT", **options)
    return out.getvalue()


def png(size: tuple[int, int] = (600, 800), mode: str = "RGB", colour: object = "white") -> bytes:
    out = BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "SECRET-COMMENT")
    Image.new(mode, size, colour).save(out, "PNG", pnginfo=text)
    return out.getvalue()


def webp(size: tuple[int, int] = (600, 800)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, "WEBP")
    return out.getvalue()


def moving(kind: str = "WEBP") -> bytes:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "white", "blue")]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels: a decompression bomb."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"\0" * 4096))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><script>alert(1)</script></svg>'
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\0" * 400
POLYGLOT = photo() + b"PK\x03\x04<script>alert('SECRET-TAIL')</script>"

# What must be refused: its name (which may lie), its bytes, and the code of the refusal.
NASTY: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.jpg", b"", "picture_empty"),
    "truncated": ("a.jpg", photo()[:2000], "picture_broken"),
    "only a head": ("a.jpg", b"\xff\xd8\xff", "picture_broken"),
    "png without pixels": ("a.png", claims(500, 500), "picture_broken"),
    "text as jpg": ("a.jpg", b"2 meetings, 31 people", "picture_unknown"),
    "bomb": ("a.png", claims(60_000, 60_000), "picture_huge"),
    "strip": ("a.png", png((4000, 10)), "picture_small"),
    "svg": ("a.svg", SVG, "picture_unknown"),
    "svg as png": ("a.png", SVG, "picture_unknown"),
    "pdf": ("a.pdf", b"%PDF-1.7\n" + b"\0" * 99, "picture_pdf"),
    "html": ("a.png", b"<!doctype html><script>alert(1)</script>", "picture_unknown"),
    "gif": ("a.jpg", moving("GIF"), "picture_unknown"),
    "moving webp": ("a.webp", moving("WEBP"), "picture_moving"),
    "moving png": ("a.png", moving("PNG"), "picture_moving"),
    "heic": ("IMG_1.HEIC", HEIC, "picture_heic"),
    "heic as jpg": ("IMG_1.jpg", HEIC, "picture_heic"),
}
