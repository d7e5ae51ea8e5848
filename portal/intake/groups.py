"""A list of groups and whom to call: what becomes of each row, worked out without writing anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal import clock
from portal.domain.periods import FiscalYear
from portal.domain.permissions import Actor, Permission, Subject, may
from portal.extensions import db
from portal.ground.models import AuditEvent
from portal.intake import fields
from portal.intake.fates import Fate, Tell, left_out, refused, silent
from portal.intake.group_cells import Entry, Reader
from portal.intake.headings import Mapping, columns_of, filled_down
from portal.intake.tables import Sheet, key
from portal.organisations import queries as organisations
from portal.organisations import reachability
from portal.organisations.models import Contact, Organisation, Registration

LEADER = "leader"
NEW, KEEP, CORRECT = "new", "leave", "correct"


def plan(actor: Actor, sheet: Sheet, mapping: Mapping, tell: Tell = silent) -> list[Fate]:
    """The fate of every row under the headings, in the file's order."""
    lookup = Lookup(actor)
    columns = columns_of(sheet, mapping.first, mapping.last)
    places = {code: index for index, code in enumerate(mapping.columns) if code}
    headings = {code: columns[index].heading for code, index in places.items() if index < len(columns)}
    year = mapping.fiscal_year or FiscalYear.of(clock.today()).year
    reader = Reader(organisations.districts(), headings, year)
    below = [row for row in sheet.rows if row.number > mapping.last]
    merged = {code: filled_down(below, sheet.merges, index, mapping.last) for code, index in places.items()}
    found = []
    for done, row in enumerate(below):
        tell(done, len(below))
        texts = {
            code: (row.cells[index] if index < len(row.cells) else "") or merged[code].get(row.number, "")
            for code, index in places.items()
        }
        if fields.sums(row.cells):
            found.append(left_out(row.number, " ".join(texts.get("name", "").split()), "total"))
        else:
            found.append(lookup.fate(row.number, texts, reader, mapping))
    return found


class Lookup:
    """The groups that there are, read once, and the names that the file has had so far."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._named: dict[str, list[Organisation]] = defaultdict(list)
        there = organisations.listed(actor, organisations.Filters(side="group"))
        for name, row in organisations.names_now(there):
            if row not in self._named[key(name)]:
                self._named[key(name)].append(row)
        ids = [row.id for rows in self._named.values() for row in rows]
        self._contacts = reachability.present_contacts(ids)
        self._registers: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for entry in db.session.scalars(select(Registration)):
            self._registers[entry.organisation_id][entry.register].append(entry.fiscal_year)
        self._seen: dict[tuple[str, str | None], int] = {}

    def fate(self, number: int, texts: dict[str, str], reader: Reader, mapping: Mapping) -> Fate:
        label = " ".join(texts.get("name", "").split())
        if not any(texts.values()):
            return left_out(number, label, "blank")
        entry, reasons = reader.read(texts)
        if not label:
            reasons.insert(0, {"code": "no_name"})
        elif (before := self._seen.setdefault((key(label), entry.district), number)) != number:
            reasons.append({"code": "twice_in_file", "row": before})
        if reasons:
            return refused([number], label, *reasons)
        return self._of_entry(number, entry, mapping)

    def _of_entry(self, number: int, entry: Entry, mapping: Mapping) -> Fate:
        same_name = self._named.get(key(entry.name), [])
        there = [row for row in same_name if entry.district in (None, _district(row))]
        if not same_name:
            return self._new(number, entry, mapping)
        if len(there) == 1 and there[0].closed_on is None:
            return self._existing(number, entry, there[0])
        fate = self._new(number, entry, mapping)
        if fate.fate == "refused":
            return fate
        options = [[row.public_id, row.name, self.described(row)] for row in same_name]
        fate.fate, fate.question, fate.options = "decide", "same_name", options
        return fate

    def described(self, row: Organisation) -> str:
        """How two groups of one name are told apart: district, leader, last day."""
        leader = self._leader(row)
        told = [
            row.district.names.get("ja", "") if row.district else "",
            (leader.name or "") if leader else "",
        ]
        return " ".join(part for part in (*told, f"〜{row.closed_on}" if row.closed_on else "") if part)

    def _leader(self, row: Organisation) -> Contact | None:
        return next((c for c in self._contacts.get(row.id, []) if c.role == LEADER), None)

    def _new(self, number: int, entry: Entry, mapping: Mapping) -> Fate:
        if not may(self._actor, Permission.ORGANISATIONS_WRITE, Subject(district=entry.district)):
            return refused([number], entry.name, {"code": "not_yours"})
        notes: list[dict[str, Any]] = [] if entry.opened_on else [{"code": "opened_today"}]
        changes = [[name, None, value] for name, value in _said(entry).items() if name != "name"]
        data = _payload(entry) | {"target": NEW, "form": mapping.form}
        return Fate([number], entry.name, "new", changes=changes, reasons=notes, data=data)

    def _existing(self, number: int, entry: Entry, row: Organisation) -> Fate:
        if not may(self._actor, Permission.ORGANISATIONS_WRITE, organisations.subject(row)):
            return refused([number], entry.name, {"code": "not_yours"})
        changes = self.changes(entry, row)
        data = _payload(entry) | {"target": row.public_id}
        fate = Fate([number], row.name, "change" if changes else "same", changes=changes, data=data)
        renamed = [change for change in changes if change[0] == "contact_name" and change[1]]
        if renamed:
            fate.fate, fate.question = "decide", "leader"
            fate.options = [[CORRECT, "", ""]]
        return fate

    def changes(self, entry: Entry, row: Organisation) -> list[list[Any]]:
        """[field, there now, in the file] of what the file says otherwise."""
        now = self._now(row)
        return [
            [name, now.get(name), value]
            for name, value in _said(entry).items()
            if name != "name" and not _alike(name, now.get(name), value)
        ]

    def _now(self, row: Organisation) -> dict[str, Any]:
        leader = self._leader(row)
        registers = self._registers.get(row.id, {})
        return {
            "kana": row.kana or "",
            "name_en": row.names.get("en", ""),
            "district": _district(row),
            "kinds": row.kind_codes,
            "phone": row.phone or "",
            "opened_on": row.opened_on.isoformat(),
            "contact_name": (leader.name or "") if leader else "",
            "contact_phone": (leader.phone or "") if leader else "",
            "contact_email": (leader.email or "") if leader else "",
            "contact_language": leader.language if leader else "",
            **{name: sorted(years) for name, years in registers.items()},
        }


def entry_of(data: dict[str, Any]) -> Entry:
    """The entry that an item's data keeps."""
    kept = dict(data["entry"])
    kept["opened_on"] = date.fromisoformat(kept["opened_on"]) if kept["opened_on"] else None
    return Entry(**kept)


def _payload(entry: Entry) -> dict[str, Any]:
    return {
        "entry": {
            "name": entry.name,
            "kana": entry.kana,
            "name_en": entry.name_en,
            "district": entry.district,
            "kinds": entry.kinds,
            "phone": entry.phone,
            "contact": entry.contact,
            "opened_on": entry.opened_on.isoformat() if entry.opened_on else None,
            "registers": entry.registers,
        }
    }


def _said(entry: Entry) -> dict[str, Any]:
    """What the file says of the group, field by field; what it leaves open is not in it."""
    said: dict[str, Any] = {
        "name": entry.name,
        "kana": entry.kana,
        "name_en": entry.name_en,
        "district": entry.district,
        "kinds": entry.kinds,
        "phone": entry.phone,
        "opened_on": entry.opened_on.isoformat() if entry.opened_on else "",
        **{f"contact_{name}": value for name, value in entry.contact.items()},
        **entry.registers,
    }
    return {name: value for name, value in said.items() if value}


def _alike(name: str, now: Any, value: Any) -> bool:
    """Registers only ever gain years; names and numbers are the same in full or half width."""
    if isinstance(value, list) and name != "kinds":
        return set(value) <= set(now or ())
    if name in ("phone", "contact_phone"):
        return _digits(str(now or "")) == _digits(str(value))
    if isinstance(value, str):
        return key(str(now or "")) == key(value)
    return bool(now == value)


def _digits(text: str) -> str:
    return "".join(sign for sign in key(text) if sign.isdigit())


def _district(row: Organisation) -> str | None:
    return row.district.code if row.district else None


def last_events(ids: Sequence[int]) -> dict[int, int]:
    """organisation id -> number of the last event of its audit trail: whether anybody touched it since."""
    rows = db.session.execute(
        select(AuditEvent.subject_id, func.max(AuditEvent.seq))
        .where(AuditEvent.subject_type == "organisation", AuditEvent.subject_id.in_([str(i) for i in ids]))
        .group_by(AuditEvent.subject_id)
    )
    return {int(subject): seq for subject, seq in rows}
