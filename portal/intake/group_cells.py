"""Reading one row of a list of groups. What can't be read is a reason in words, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.domain.written_dates import read_day, read_fiscal_year, read_fiscal_years
from portal.intake.fates import Reason, broken
from portal.intake.fields import place
from portal.intake.tables import CUT, key
from portal.organisations.models import REGISTERS, District
from portal.web.locale import LOCALES

NAME, TELEPHONE, ADDRESS = 100, 30, 200  # signs at most, as in the organisations' own forms
# What the kinds are called in offices' tables; codes and their words in the form come besides.
_KINDS = {
    "salon": ("サロン", "ふれあいサロン", "いきいきサロン", "ふれあい・いきいきサロン", "地域サロン"),
    "kayoinoba": ("通いの場", "かよいの場", "住民主体の通いの場", "体操教室", "百歳体操"),
    "kodomo_shokudo": ("こども食堂", "子ども食堂", "子供食堂", "地域食堂"),
    "senior_club": ("シニアクラブ", "老人クラブ", "高齢者クラブ", "老人会"),
    "volunteer": ("ボランティア", "ボランティア団体", "ボランティアグループ", "ボランティアサークル"),
    "neighbourhood": ("自治会", "町内会", "自治会・町内会", "町会"),
}
_KIND_OF = {key(word): code for code, words in _KINDS.items() for word in (code, *words)}
_LANGUAGES = {
    "ja": ("日本語",),
    "ja-easy": ("やさしい日本語",),
    "en": ("英語", "english"),
    "zh-hans": ("中国語", "中文", "chinese", "zh"),
    "vi": ("ベトナム語", "越南語", "vietnamese"),
    "ko": ("韓国語", "朝鮮語", "korean"),
    "fil": ("フィリピン語", "タガログ語", "フィリピノ語", "tagalog", "filipino"),
    "ne": ("ネパール語", "nepali"),
}
_LANGUAGE_OF = {
    key(word): slug for slug, words in _LANGUAGES.items() for word in (slug, LOCALES[slug].own_name, *words)
}
YES = frozenset(
    map(
        key,
        (
            "○",
            "〇",
            "◯",
            "◎",
            "●",
            "✓",
            "✔",
            "レ",
            "有",
            "あり",
            "有り",
            "はい",
            "該当",
            "登録",
            "yes",
            "true",
            "1",
        ),
    )
)
NO = frozenset(
    map(
        key,
        (
            "",
            "×",
            "✕",
            "－",
            "ー",
            "-",
            "−",
            "―",
            "無",
            "なし",
            "無し",
            "いいえ",
            "非該当",
            "no",
            "false",
            "0",
        ),
    )
)
_SEVERAL = re.compile(r"[、,，/／;；\n+＋]|及び|と(?=[^の])")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TELEPHONE = re.compile(r"[0-9０-９+＋()（）\-－ー‐−― 　.内線代表]+")


@dataclass(slots=True)
class Entry:
    """What one row says of a group. None or empty: it says nothing, and nothing is changed."""

    name: str = ""
    kana: str = ""
    name_en: str = ""
    district: str | None = None
    kinds: list[str] = field(default_factory=list)
    phone: str = ""
    contact: dict[str, str] = field(default_factory=dict)
    opened_on: date | None = None
    registers: dict[str, list[int]] = field(default_factory=dict)


class Reader:
    """Reads rows of one list. `headings`: {field: heading}; `year`: the fiscal year the list is of."""

    def __init__(self, districts: list[District], headings: Mapping[str, str], year: int) -> None:
        self._districts: dict[str, str] = {}
        for row in districts:
            for text in (row.code, *row.names.values()):
                self._districts[place(text)] = row.code
        self._headings = headings
        self._year = year

    def read(self, texts: Mapping[str, str]) -> tuple[Entry, list[Reason]]:
        """The entry, and why it can't be taken."""
        entry, reasons = Entry(), []
        for code, text in texts.items():
            if not text:
                continue
            if broken(text):
                reasons.append({"code": "cell_error", "field": code, "text": text[:20]})
            elif reason := self._take(entry, code, text):
                reasons.append(reason)
        return entry, reasons

    def _take(self, entry: Entry, code: str, text: str) -> Reason | None:
        if code in ("name", "kana", "name_en"):
            setattr(entry, code, " ".join(text.split()))
            return _too_long(code, text, NAME)
        if code in ("phone", "contact_phone"):
            return _telephone(entry, code, text)
        if code in REGISTERS:
            return self._register(entry, code, text)
        if code in ("contact_name", "contact_email"):
            entry.contact[code.removeprefix("contact_")] = " ".join(text.split())
            if code == "contact_email" and not _EMAIL.fullmatch(text):
                return {"code": "not_an_email", "field": code, "text": text[:40]}
            return _too_long(code, text, NAME if code == "contact_name" else ADDRESS)
        return self._chosen(entry, code, text)

    def _chosen(self, entry: Entry, code: str, text: str) -> Reason | None:
        """Fields whose words are known: district, kinds, language, a day."""
        if code == "district":
            entry.district = self._districts.get(place(text))
            return None if entry.district else {"code": "unknown_district", "field": code, "text": text[:40]}
        if code == "contact_language":
            slug = _LANGUAGE_OF.get(key(text))
            entry.contact["language"] = slug or ""
            return None if slug else {"code": "unknown_language", "field": code, "text": text[:40]}
        if code == "opened_on":
            entry.opened_on = read_day(text)
            return None if entry.opened_on else {"code": "not_a_day", "field": code, "text": text[:40]}
        entry.kinds, unknown = _kinds(text)
        return {"code": "unknown_kind", "field": code, "text": unknown[:40]} if unknown else None

    def _register(self, entry: Entry, code: str, text: str) -> Reason | None:
        """○ is the year of the heading, else that of the list; 令和5年度、R6 says so itself."""
        if key(text) in NO:
            return None
        if key(text) in YES:
            years: list[int] | None = [read_fiscal_year(self._headings.get(code, "")) or self._year]
        else:
            years = read_fiscal_years(text)
        if not years:
            return {"code": "not_a_year", "field": code, "text": text[:40]}
        entry.registers[code] = years
        return None


def _kinds(text: str) -> tuple[list[str], str]:
    """The kinds that a cell names, and the first word that names none."""
    if code := _KIND_OF.get(key(text)):
        return [code], ""
    found: list[str] = []
    parts = [part for part in _SEVERAL.split(text) if part.strip()]
    if not all(key(part) in _KIND_OF for part in parts):
        parts = [
            piece for part in parts for piece in (part.split("・") if key(part) not in _KIND_OF else [part])
        ]
    for part in parts:
        code = _KIND_OF.get(key(part))
        if code is None:
            return [], part.strip() or text
        found.append(code)
    return sorted(set(found)), "" if found else text


def _telephone(entry: Entry, code: str, text: str) -> Reason | None:
    tidy = " ".join(text.split())
    if code == "phone":
        entry.phone = tidy
    else:
        entry.contact["phone"] = tidy
    if not _TELEPHONE.fullmatch(tidy) or not any(sign.isdigit() for sign in tidy):
        return {"code": "not_a_telephone", "field": code, "text": text[:40]}
    if tidy.isascii() and tidy.isdigit() and len(tidy) in (9, 10) and not tidy.startswith("0"):
        # Excel has taken the number for a count and dropped its first 0
        return {"code": "lost_zero", "field": code, "text": tidy}
    return _too_long(code, tidy, TELEPHONE)


def _too_long(code: str, text: str, limit: int) -> Reason | None:
    if len(text) > limit or text.endswith(CUT):
        return {"code": "too_long", "field": code, "limit": limit}
    return None
