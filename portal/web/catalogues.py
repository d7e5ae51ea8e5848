"""The catalogues: found words, files on disk, what is missing. Needs no database and no app.

    python -m portal.web.catalogues extract | update | compile | check
    python -m portal.web.catalogues todo vi > words.json      what vi still lacks: {msgid: "" or ["", ""]}
    python -m portal.web.catalogues fill vi words.json        put the filled file back

A message that is used by staff pages only (see `Message.staff_only`) must exist in Japanese and English;
every other one in all languages.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import polib

from config import ROOT
from portal.web.catalogue_faults import Fault, check
from portal.web.catalogue_files import (
    WIDTH,
    Key,
    Message,
    forms_of,
    found,
    header_comment,
    headers,
    key_of,
    needed_in,
    new_file,
    plural_count,
    po_path,
    pot_path,
    read,
    replace,
    set_forms,
    write,
)
from portal.web.locale import LOCALES, PortalLocale

__all__ = ["Fault", "check", "compile", "extract", "fill", "todo", "update"]


def extract(root: Path = ROOT) -> dict[Key, Message]:
    """Write translations/messages.pot from the code and the templates."""
    messages = found(root)
    template = new_file({"Content-Type": "text/plain; charset=UTF-8"}, "The words of the Tsunagari Portal.")
    for message in messages.values():
        template.append(_entry(message, 2))
    write(pot_path(root), template)
    return messages


def update(root: Path = ROOT) -> None:
    """Bring every catalogue up to messages.pot: new messages empty (in English: as they are), kept ones kept.

    A message that is gone stays as an obsolete entry, so that its words are there if it comes back.
    """
    wanted = {key_of(entry): entry for entry in polib.pofile(str(pot_path(root)), wrapwidth=WIDTH)}
    for row in LOCALES.values():
        path = po_path(row, root)
        held = {key_of(entry): entry for entry in read(path)}
        catalogue = new_file(headers(row), header_comment(row))
        for key, new in wanted.items():
            catalogue.append(_updated(new, held.get(key), row))
        for key in sorted(held.keys() - wanted.keys()):
            if any(forms_of(held[key])):
                held[key].obsolete, held[key].occurrences = True, []
                catalogue.append(held[key])
        write(path, catalogue)


def _updated(new: polib.POEntry, held: polib.POEntry | None, row: PortalLocale) -> polib.POEntry:
    message = Message(*key_of(new), tuple(file for file, _line in new.occurrences), new.comment)
    entry = _entry(message, plural_count(row))
    if held is not None:
        entry.tcomment = held.tcomment
        entry.flags += [flag for flag in held.flags if flag == "fuzzy"]
        set_forms(entry, forms_of(held))
    if row.slug == "en" and not any(forms_of(entry)):
        set_forms(entry, [entry.msgid, entry.msgid_plural or ""])
    return entry


def compile(root: Path = ROOT) -> list[Path]:
    """Make the .mo files; a message that easy Japanese lacks is taken from Japanese. Gives what changed."""
    plain = {key_of(entry): entry for entry in read(po_path(LOCALES["ja"], root)) if entry.translated()}
    changed = []
    for row in LOCALES.values():
        path = po_path(row, root)
        if not path.exists():
            continue
        catalogue = new_file(headers(row), "")
        for entry in read(path):
            stand_in = plain.get(key_of(entry)) if row.slug == "ja-easy" else None
            if not entry.obsolete and (entry.translated() or stand_in):
                catalogue.append(entry if entry.translated() else stand_in)
        made, target = catalogue.to_binary(), path.with_suffix(".mo")
        if not target.exists() or target.read_bytes() != made:
            replace(target, made)
            changed.append(target)
    return changed


def todo(slug: str, root: Path = ROOT) -> dict[str, str | list[str]]:
    """What a language still lacks: {msgid: ""}, and {msgid: ["", ...]} for one that counts."""
    row = LOCALES[slug]
    held = {key_of(e): e for e in read(po_path(row, root)) if not e.obsolete and "fuzzy" not in e.flags}
    lacking: dict[str, str | list[str]] = {}
    for key, message in found(root).items():
        filled = key in held and all(forms_of(held[key]))
        if needed_in(message, slug) and not filled:
            lacking[message.msgid] = [""] * plural_count(row) if message.plural else ""
    return lacking


def fill(slug: str, words: Mapping[str, str | list[str]], root: Path = ROOT) -> int:
    """Put words into a catalogue; KeyError names a message that it does not have. Gives how many."""
    path = po_path(LOCALES[slug], root)
    catalogue = read(path)
    entries = {entry.msgid: entry for entry in catalogue if not entry.obsolete}
    if unknown := sorted(words.keys() - entries.keys()):
        raise KeyError(f"not in {path}: {unknown[:5]}")
    for msgid, forms in words.items():
        set_forms(entries[msgid], [forms] if isinstance(forms, str) else list(forms))
        entries[msgid].flags = [flag for flag in entries[msgid].flags if flag != "fuzzy"]
    write(path, catalogue)
    return len(words)


def _entry(message: Message, plurals: int) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.msgid,
        comment=message.comment,
        occurrences=[(file, "") for file in message.files],
        flags=["python-format"] if "%(" in message.msgid + message.plural else [],
    )
    if message.plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, dict.fromkeys(range(plurals), "")
    return entry


def main(arguments: list[str]) -> int:
    """The command line above. Exit 0: done; 1: faults; 2: wrong usage."""
    match arguments:
        case ["extract"]:
            extract()
        case ["update"]:
            extract()
            update()
        case ["compile"]:
            compile()
        case ["check"]:
            faults = check()
            sys.stdout.writelines(f"{fault}\n" for fault in faults)
            return 1 if faults else 0
        case ["todo", slug] if slug in LOCALES:
            sys.stdout.write(json.dumps(todo(slug), ensure_ascii=False, indent=1) + "\n")
        case ["fill", slug, file] if slug in LOCALES:
            fill(slug, json.loads(Path(file).read_text("utf-8")))
        case _:
            sys.stderr.write(f"usage:{str(__doc__).partition(chr(10))[2]}")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
