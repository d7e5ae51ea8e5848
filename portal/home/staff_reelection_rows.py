"""What was chosen on the pages of the general re-election: read from a form, carried on, told in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.accounts.reelection import CHANGE, COVER, OPEN, STAY, TAKE_BACK, VACANT, AreaRow, Decision
from portal.web.filters import day
from portal.web.i18n import _, tr_plain

MOST = 200  # areas of one page: its form stays within the limit of fields
LONGEST = 100  # of a name, as on the organisation's own page


@dataclass
class Chosen:
    """A whole page's choices. They travel in one field: two hundred rows are still a small form."""

    rows: list[AreaRow]
    choices: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    covers: dict[str, str] = field(default_factory=dict)

    def of(self, row: AreaRow) -> str:
        choice = self.choices.get(row.area.public_id, "")
        return choice if choice in row.choices else OPEN

    @property
    def packed(self) -> str:
        """ "public id:choice:what stood there", for each row."""
        return ",".join(f"{row.area.public_id}:{self.of(row)}:{self.stood(row)}" for row in self.rows)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Names and covering areas as fields, for the way back to the table."""
        found = [(f"name-{key}", name) for key, name in self.names.items()]
        return [pair for pair in [*found, *((f"by-{key}", by) for key, by in self.covers.items())] if pair[1]]

    def forget_changed(self) -> None:
        """Where somebody was faster, that row is decided anew; every other one stays as it was chosen."""
        for row in self.rows:
            if self.stood(row) != row.seen:
                self.choices.pop(row.area.public_id, None)
                self.seen.pop(row.area.public_id, None)

    def stood(self, row: AreaRow) -> str:
        return self.seen.get(row.area.public_id, row.seen)

    def decisions(self) -> list[Decision]:
        """Of the rows that were on the page; one that has come since then is nobody's decision. A choice that
        is none any more stays what it was: that the row has changed is for the service to say.
        """
        known = {row.area.public_id: row for row in self.rows}
        return [
            Decision(
                row,
                self.choices.get(key) or OPEN,
                self.names.get(key, "")[:LONGEST],
                known.get(self.covers.get(key, "")) if self.of(row) == COVER else None,
            )
            for key, row in known.items()
            if key in self.seen
        ]

    def rest_stays(self) -> None:
        """One press for the many who go on."""
        for row in self.rows:
            if self.of(row) == OPEN and STAY in row.choices:
                self.choices[row.area.public_id] = STAY

    def named(self, choice: str) -> list[AreaRow]:
        return [row for row in self.rows if self.of(row) == choice]


def read(rows: list[AreaRow], posted: MultiDict[str, str]) -> Chosen:
    """What came with a form of either page."""
    packed = [item.split(":") for item in posted.get("rows", "").split(",") if item.count(":") == 2]
    chosen = Chosen(
        rows, {key: choice for key, choice, _seen in packed}, {key: seen for key, _c, seen in packed}
    )
    for row in rows:
        key = row.area.public_id
        chosen.choices[key] = posted.get(f"c-{key}", chosen.choices.get(key, ""))
        chosen.names[key] = posted.get(f"name-{key}", "")
        chosen.covers[key] = posted.get(f"by-{key}", "")
    return chosen


def cover_options(chosen: Chosen, row: AreaRow) -> list[tuple[str, str]]:
    """The areas that somebody holds afterwards, whose person could take this one on too."""
    held = [other for other in chosen.rows if other is not row and _is_held(chosen, other)]
    near = sorted(held, key=lambda other: other.area.district_id != row.area.district_id)
    return [(other.area.public_id, label(other)) for other in near]


def _is_held(chosen: Chosen, row: AreaRow) -> bool:
    choice = chosen.of(row)
    return choice in (STAY, CHANGE) or (choice == OPEN and row.goes_on is not None)


def label(row: AreaRow) -> str:
    name = tr_plain(row.area.names) or row.area.name
    holder = row.coming or row.present
    return f"{name}({holder.name})" if holder and holder.name else name


def what_happens(row: AreaRow, choice: str, ends: date) -> list[str]:
    """In sentences, exactly what will be done to this area."""
    last, first = day(ends), day(ends + timedelta(days=1))
    if choice == VACANT:
        return [
            _("The term ends on %(day)s. The card stays good for the months up to then.", day=last),
            _("From %(day)s on nobody owes the record of this area.", day=first),
        ]
    if choice == TAKE_BACK:
        return [_("The term that was to begin is taken back; its card stops working at once.")]
    if choice not in (CHANGE, COVER):
        return []
    said = [_("A new term begins on %(day)s, with a new card, printed now.", day=first)]
    if row.present is not None:
        said.insert(
            0, _("The term ends on %(day)s. The card stays good for the months up to then.", day=last)
        )
        said.append(_("The record up to %(day)s still comes from the person who goes.", day=last))
    return said


def counts(chosen: Chosen) -> dict[str, Any]:
    found = {choice: len(chosen.named(choice)) for choice in (OPEN, STAY, CHANGE, COVER, VACANT, TAKE_BACK)}
    return found | {"cards": found[CHANGE] + found[COVER], "touched": len(chosen.rows) - found[OPEN]}
