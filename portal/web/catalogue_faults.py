"""What is wrong with the catalogues: everything that a reader would notice, found before they do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from config import ROOT
from portal.web.catalogue_files import (
    NATIVE,
    UNCHECKED,
    Key,
    Message,
    forms_of,
    found,
    headers,
    key_of,
    needed_in,
    plural_count,
    po_path,
    pot_path,
    read,
)
from portal.web.locale import LOCALES, PortalLocale

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
PERCENT = re.compile(r"%(?!%|\(\w+\)[sd])")
TAG = re.compile(r"</?[a-zA-Z][^>]*>")
RUBY = re.compile(r"\{([^{}|]*)\|([^{}|]*)\}")
KANJI = re.compile(r"[\u3400-\u9fff々〆]")
KANA = re.compile(r"[ぁ-ゖァ-ヺー・]+")
WORD = re.compile(r"[A-Za-z]{2,}")
COPIED = 4  # so many English words left as they are can't be a name


@dataclass(frozen=True)
class Fault:
    """One thing to put right. `where`: a language's slug, or "" for messages.pot."""

    where: str
    code: str
    msgid: str
    detail: str = ""

    def __str__(self) -> str:
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.where or 'messages.pot'}: {self.code}: {self.msgid!r}{detail}"


def check(root: Path = ROOT) -> list[Fault]:
    """All faults of messages.pot and the eight catalogues; empty when they may be released."""
    messages = found(root)
    faults = list(_template(messages, root))
    for row in LOCALES.values():
        faults += _catalogue(row, messages, root)
    return faults


def _template(messages: dict[Key, Message], root: Path) -> Iterator[Fault]:
    """messages.pot says what code and templates say, and no message has two shapes."""
    held = {key_of(entry) for entry in read(pot_path(root))}
    yield from (Fault("", "stale", key[0], "run `make messages`") for key in sorted(messages.keys() ^ held))
    counted = Counter(message.msgid for message in messages.values())
    yield from (Fault("", "two shapes", msgid) for msgid, times in counted.items() if times > 1)
    for message in messages.values():
        # In a template every message is formatted, so a bare % would break the page.
        if any(file.endswith(".html") for file in message.files) and PERCENT.search(
            message.msgid + message.plural
        ):
            yield Fault("", "percent", message.msgid, "write %% in a template")


def _catalogue(row: PortalLocale, messages: dict[Key, Message], root: Path) -> Iterator[Fault]:
    path = po_path(row, root)
    if not path.exists():
        yield Fault(row.slug, "absent", str(path))
        return
    catalogue = read(path)
    yield from _header(row, catalogue)
    held = {key_of(entry): entry for entry in catalogue if not entry.obsolete}
    yield from (Fault(row.slug, "unknown", key[0]) for key in sorted(held.keys() - messages.keys()))
    for key, message in messages.items():
        entry = held.get(key)
        if entry is not None and "fuzzy" in entry.flags:
            yield Fault(row.slug, "fuzzy", message.msgid)
        if entry is None or not any(forms_of(entry)):
            if needed_in(message, row.slug):
                yield Fault(row.slug, "missing", message.msgid)
            continue
        yield from _entry(row, message, forms_of(entry))


def _header(row: PortalLocale, catalogue: polib.POFile) -> Iterator[Fault]:
    for name in ("Language", "Plural-Forms"):
        if catalogue.metadata.get(name, "").rstrip("; ") != headers(row)[name].rstrip("; "):
            yield Fault(row.slug, "header", name)
    if row.slug not in NATIVE and not row.checked and UNCHECKED not in catalogue.header:
        yield Fault(row.slug, "header", UNCHECKED)


def _entry(row: PortalLocale, message: Message, forms: list[str]) -> Iterator[Fault]:
    """Faults of one translated message: each check gives (code, detail)."""
    expected = plural_count(row) if message.plural else 1
    if len(forms) != expected or not all(form.strip() for form in forms):
        yield Fault(
            row.slug, "plural" if message.plural else "missing", message.msgid, f"{expected} forms are needed"
        )
    for index, form in enumerate(forms):
        # Only the first of several forms may do as the singular does, and leave the count out.
        source = message.msgid if not message.plural or (index == 0 and expected > 1) else message.plural
        for test in TESTS:
            if form and (found_ := test(row, message, source, form)):
                yield Fault(row.slug, found_[0], message.msgid, found_[1])


Test = Callable[[PortalLocale, Message, str, str], tuple[str, str] | None]


def _placeholders(_row: PortalLocale, message: Message, source: str, form: str) -> tuple[str, str] | None:
    needed, have = set(PLACEHOLDER.findall(source)), set(PLACEHOLDER.findall(form))
    allowed = needed | set(PLACEHOLDER.findall(message.msgid + message.plural))
    wrong = sorted((needed - have) | (have - allowed))
    return ("placeholder", ", ".join(wrong)) if wrong else None


def _percent(_row: PortalLocale, message: Message, _source: str, form: str) -> tuple[str, str] | None:
    formatted = "%(" in message.msgid or any(file.endswith(".html") for file in message.files)
    return ("percent", form) if formatted and PERCENT.search(form) else None


def _tags(_row: PortalLocale, _message: Message, source: str, form: str) -> tuple[str, str] | None:
    changed = (Counter(TAG.findall(form)) - Counter(TAG.findall(source))) | (
        Counter(TAG.findall(source)) - Counter(TAG.findall(form))
    )
    return ("html", " ".join(changed)) if changed else None


def _furigana(row: PortalLocale, _message: Message, _source: str, form: str) -> tuple[str, str] | None:
    """`{漢字|かんじ}` in easy Japanese only; the reading in kana, and no kanji without one."""
    if row.slug != "ja-easy":
        return ("furigana", form) if RUBY.search(form) else None
    for base, reading in RUBY.findall(form):
        if not KANJI.search(base) or not KANA.fullmatch(reading):
            return "furigana", f"{{{base}|{reading}}}"
    rest = RUBY.sub("", form)
    if "{" in rest or "}" in rest or "|" in rest:
        return "furigana", form
    bare = KANJI.search(rest)
    return ("no reading", bare[0]) if bare else None


def _edges(_row: PortalLocale, _message: Message, source: str, form: str) -> tuple[str, str] | None:
    """A blank or a line's end at either end is there in both or in neither."""
    same = source[:1].isspace() == form[:1].isspace() and source[-1:].isspace() == form[-1:].isspace()
    return None if same else ("edges", form)


def _copied(row: PortalLocale, _message: Message, source: str, form: str) -> tuple[str, str] | None:
    plain = PLACEHOLDER.sub("", TAG.sub("", source))
    left = row.slug != "en" and form == source and len(WORD.findall(plain)) >= COPIED
    return ("copied", "still English") if left else None


TESTS: tuple[Test, ...] = (_placeholders, _percent, _tags, _furigana, _edges, _copied)
