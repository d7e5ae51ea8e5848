"""Which language an Accept-Language header asks for."""

from __future__ import annotations

import pytest

from portal.web.locale import LOCALES, negotiate

ALL = tuple(LOCALES)


@pytest.mark.parametrize(
    ("header", "slug"),
    [
        (None, "ja"),
        ("", "ja"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("de,en;q=0.5", "en"),
        ("de", "ja"),
        ("en;q=0.3, ne;q=0.9", "ne"),
        ("en;q=0.8, ne;q=0.8", "en"),  # the same wish: as printed
        ("zh-CN", "zh-hans"),
        ("zh-Hant-TW", "zh-hans"),
        ("zh_TW", "zh-hans"),
        ("tl-PH", "fil"),
        ("ja-x-easy", "ja-easy"),
        ("KO-kr", "ko"),
        ("vi;q=0, en", "en"),
        ("en;q=0, en-GB", "ja"),  # refused by its language: not by a back door either
        ("*", "ja"),
        ("ja;q=0, *;q=0.5", "ja-easy"),  # anything but plain Japanese: the next of the table
        ("de, *;q=0.5", "ja"),
        ("vi;q=abc, ko", "ko"),
        ("vi;q=2, ko", "ko"),
        (";;;,,, =;q", "ja"),
        (",".join(["xx"] * 5000), "ja"),
    ],
)
def test_negotiate(header: str | None, slug: str) -> None:
    assert negotiate(header, ALL, "ja") == slug


def test_a_language_that_the_city_switched_off_is_not_chosen() -> None:
    assert negotiate("vi, en;q=0.5", ("ja", "en"), "ja") == "en"
