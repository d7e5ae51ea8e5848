"""A file becomes a picture of our own making, or a code that says why not; never anything else."""

from __future__ import annotations

import random
from contextlib import suppress
from io import BytesIO

import pytest
from PIL import Image

from portal.domain.errors import Invalid
from portal.reporting import pictures
from tests.support.pictures import NASTY, POLYGLOT, moving, photo, png, webp


def opened(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(pictures.read(data).content))
    made.load()
    return made


@pytest.mark.parametrize(("_name", "data", "code"), NASTY.values(), ids=NASTY.keys())
def test_what_is_refused(_name: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        pictures.read(data)


@pytest.mark.parametrize("data", [photo(), png(), webp(), POLYGLOT], ids=["jpeg", "png", "webp", "polyglot"])
def test_what_comes_out_is_a_jpeg_and_nothing_of_what_came_besides(data: bytes) -> None:
    content = pictures.read(data).content
    made = opened(data)
    assert (made.format, made.mode) == ("JPEG", "RGB")
    assert b"SECRET" not in content
    assert b"alert" not in content
    assert not made.getexif()
    assert set(made.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, (0, 0)),
        (2, (1, 0)),
        (3, (1, 1)),
        (4, (0, 1)),
        (5, (0, 0)),
        (6, (1, 0)),
        (7, (1, 1)),
        (8, (0, 1)),
        (77, (0, 0)),
    ],
)
def test_upright_as_the_phone_was_held(orientation: int, corner: tuple[int, int]) -> None:
    made = opened(photo((1200, 600), orientation=orientation))
    assert made.size == ((600, 1200) if 5 <= orientation <= 8 else (1200, 600))
    place = tuple(10 + at * (length - 20) for at, length in zip(corner, made.size, strict=True))
    red, green, _blue = made.getpixel(place)  # type: ignore[misc, arg-type]
    assert (red > 200, green < 60) == (True, True)


@pytest.mark.parametrize(("size", "out"), [((6000, 8000), (1500, 2000)), ((400, 300), (400, 300))])
def test_a_phone_s_large_picture_becomes_smaller_and_a_small_one_stays(
    size: tuple[int, int], out: tuple[int, int]
) -> None:
    made = pictures.read(photo(size))
    assert (made.width, made.height) == out
    assert len(made.content) < 1_000_000


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [("1", 1, 255), ("L", 128, 128), ("LA", (0, 0), 255), ("RGBA", (0, 0, 0, 0), 255), ("I;16", 32768, 128)],
)
def test_scans_in_any_colours_are_readable_on_white(mode: str, colour: object, seen: int) -> None:
    """Above all not black on black, nor all white: what lets through lies on white, 16 bits become 8."""
    value = opened(png((400, 400), mode, colour)).getpixel((200, 200))
    assert all(abs(part - seen) <= 3 for part in value)  # type: ignore[union-attr]


def test_a_second_picture_in_a_phone_s_jpeg_does_no_harm() -> None:
    out = BytesIO()
    pages = [Image.new("RGB", (400, 400), colour) for colour in ("white", "black")]
    pages[0].save(out, "MPO", save_all=True, append_images=pages[1:])
    assert opened(out.getvalue()).getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "moving"])
def test_broken_in_any_way_it_is_a_picture_or_refused(kind: str) -> None:
    """Bytes turned over, cut off and put in, a few hundred times with a fixed seed."""
    made = {"jpeg": photo, "png": png, "webp": webp, "moving": moving}[kind]()
    dice = random.Random(kind)
    for _try in range(150):
        data = bytearray(made)
        for _slip in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.5:
            del data[dice.randrange(12, len(data)) :]
        with suppress(Invalid):  # and nothing but Invalid
            assert pictures.read(bytes(data)).content.startswith(b"\xff\xd8\xff")
