"""The catalogues as files, and the messages that they must hold. Other modules here build on this one.

Files are sorted by message and carry file names without line numbers, so that two people's changes merge.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polib
from babel import Locale
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.plurals import get_plural

from config import ROOT
from portal.web.locale import STAFF_SLUGS, PortalLocale

KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "_l": None,
    "N_": None,
}
COMMENT = "Translators:"
STAFF_FOLDERS = ("portal/review/", "portal/returns/", "portal/evaluation/", "portal/intake/")
NATIVE = ("ja", "en")  # written by people who speak them
UNCHECKED = "Not yet checked by a native speaker."
WIDTH = 100
Key = tuple[str, str]  # (msgid, msgid_plural or "")


@dataclass(frozen=True)
class Message:
    """One message of the interface: its words, the files that use it, what translators are told."""

    msgid: str
    plural: str
    files: tuple[str, ...]
    comment: str = ""

    @property
    def key(self) -> Key:
        return self.msgid, self.plural

    @property
    def staff_only(self) -> bool:
        """Does nobody but staff ever read it? Then Japanese and English are enough."""
        return all(_is_for_staff(file) for file in self.files)


def _is_for_staff(file: str) -> bool:
    path = PurePosixPath(file)
    in_templates = "templates" in path.parts and "staff" in path.parts[path.parts.index("templates") :]
    return in_templates or path.name.startswith("staff_") or file.startswith(STAFF_FOLDERS)


def needed_in(message: Message, slug: str) -> bool:
    """Must this language have it?"""
    return slug in STAFF_SLUGS or not message.staff_only


def found(root: Path = ROOT) -> dict[Key, Message]:
    """All messages in code and templates, sorted; ValueError names a template that can't be read."""
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    files: dict[Key, set[str]] = {}
    comments: dict[Key, list[str]] = {}
    for name, _line, words, notes, _context in extract_from_dir(
        root, methods, options, keywords=KEYWORDS, comment_tags=(COMMENT,), strip_comment_tags=True
    ):
        key: Key = (words, "") if isinstance(words, str) else (words[0], words[1])
        files.setdefault(key, set()).add(PurePosixPath(name).as_posix())
        comments.setdefault(key, []).extend(notes)
    return {
        key: Message(*key, tuple(sorted(files[key])), " ".join(dict.fromkeys(comments[key])))
        for key in sorted(files)
    }


def po_path(row: PortalLocale, root: Path = ROOT) -> Path:
    return root / "translations" / row.catalogue / "LC_MESSAGES" / "messages.po"


def pot_path(root: Path = ROOT) -> Path:
    return root / "translations" / "messages.pot"


def key_of(entry: polib.POEntry) -> Key:
    return entry.msgid, entry.msgid_plural or ""


def forms_of(entry: polib.POEntry) -> list[str]:
    """Its translations: one, or one for each plural form."""
    if entry.msgid_plural:
        return [entry.msgstr_plural[index] for index in sorted(entry.msgstr_plural)]
    return [entry.msgstr]


def plural_count(row: PortalLocale) -> int:
    return int(get_plural(row.babel).num_plurals)


def set_forms(entry: polib.POEntry, forms: list[str]) -> None:
    """Give an entry its words, one for each form that its language has."""
    if entry.msgid_plural:
        for index in entry.msgstr_plural:
            entry.msgstr_plural[index] = forms[index] if index < len(forms) else ""
    else:
        entry.msgstr = forms[0]


def headers(row: PortalLocale) -> dict[str, str]:
    return {
        "Language": row.catalogue,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": get_plural(row.babel).plural_forms,
    }


def header_comment(row: PortalLocale) -> str:
    name = Locale.parse(row.catalogue.partition("@")[0]).english_name
    easy = "Easy " if row.slug == "ja-easy" else ""
    said = f"{easy}{name}: the words of the Tsunagari Portal."
    return said if row.slug in NATIVE or row.checked else f"{said}\n{UNCHECKED}"


def new_file(metadata: dict[str, str], comment: str) -> polib.POFile:
    made = polib.POFile(wrapwidth=WIDTH)
    made.metadata, made.header = metadata, comment
    return made


def read(path: Path) -> polib.POFile:
    return polib.pofile(str(path), wrapwidth=WIDTH) if path.exists() else polib.POFile(wrapwidth=WIDTH)


def write(path: Path, catalogue: polib.POFile) -> None:
    replace(path, f"{str(catalogue).rstrip()}\n".encode())


def replace(path: Path, data: bytes) -> None:
    """Whole or not at all, and untouched where nothing changed."""
    if path.exists() and path.read_bytes() == data:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)
