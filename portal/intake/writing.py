"""Carrying an import out and taking it back: each in one unit of work, by the services that pages use too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.accounts.models import Card
from portal.datasets import queries as datasets
from portal.datasets import services as assigning
from portal.datasets.models import Assignment
from portal.domain.errors import Conflict
from portal.domain.permissions import Actor, Permission, may, require
from portal.extensions import db
from portal.ground.audit import record
from portal.intake import counts, groups
from portal.intake.fates import Tell, silent
from portal.intake.group_cells import Entry
from portal.intake.models import Intake, IntakeItem
from portal.organisations import queries as organisations
from portal.organisations import services
from portal.organisations.models import Contact, Organisation, OrganisationKind, Registration
from portal.organisations.services import Details, Person
from portal.reporting import services as reporting
from portal.reporting.answers import Written
from portal.reporting.models import Draft, Submission
from portal.reporting.services import Sending
from portal.review import services as review
from portal.review.taking_back import take_back

LEAVE = "leave"


def to_write(item: IntakeItem) -> bool:
    """Is there anything to do? What needs a decision and has none is left as it is."""
    return item.fate in ("new", "change") or (item.fate == "decide" and item.decision not in ("", LEAVE))


@dataclass
class Writer:
    """Writes the items of one import as the person who brought it in."""

    actor: Actor
    intake: Intake

    def write(self, items: list[IntakeItem], tell: Tell = silent) -> dict[str, int]:
        """Everything that is to be written; flush. How many of what. Whatever raises undoes it all."""
        one = self._group if self.intake.kind == "groups" else self._report()
        done: Counter[str] = Counter()
        wanted = [item for item in items if to_write(item)]
        for number, item in enumerate(wanted):
            tell(number, len(wanted))
            item.effect = one(item)
            done.update(item.effect["did"])
        db.session.flush()
        return dict(done)

    # --- groups -----------------------------------------------------------------------------------

    def _group(self, item: IntakeItem) -> dict[str, Any]:
        entry = groups.entry_of(item.data)
        target = item.data["target"]
        if item.question == "same_name":
            target = item.decision
        if target == groups.NEW:
            made = self._new_group(entry, item.data.get("form", ""))
            effect: dict[str, Any] = {"created": True, "did": ["created"]}
        else:
            made = organisations.by_public_id(self.actor, target, Permission.ORGANISATIONS_WRITE)
            effect = self._changed_group(entry, made) | {"did": ["changed"]}
        return effect | {"organisation": made.id, "seq": groups.last_events([made.id]).get(made.id, 0)}

    def _new_group(self, entry: Entry, form: str) -> Organisation:
        made = services.create(
            self.actor,
            Details(
                name=entry.name,
                district=organisations.district(entry.district),
                kinds=tuple(entry.kinds),
                phone=entry.phone,
                opened_on=entry.opened_on,
                kana=entry.kana,
                names={"en": entry.name_en},
            ),
        )
        if entry.contact:
            services.begin_contact(self.actor, made, groups.LEADER, Person(**_person(entry)))
        for register, years in entry.registers.items():
            services.set_registrations(self.actor, made, register, years)
        data_set = datasets.data_set(form) if form else None
        if data_set is not None:
            assigning.assign(self.actor, made, data_set, data_set.cadence, made.opened_on)
        return made

    def _changed_group(self, entry: Entry, row: Organisation) -> dict[str, Any]:
        effect: dict[str, Any] = {"before": _before(row)}
        details = Details(
            name=row.name,
            district=organisations.district(entry.district) if entry.district else row.district,
            kinds=tuple(entry.kinds or row.kind_codes),
            phone=entry.phone or row.phone,
            opened_on=entry.opened_on or row.opened_on,
            kana=entry.kana or row.kana,
            names={"en": entry.name_en} if entry.name_en else {},
        )
        services.edit(self.actor, row, details)
        if entry.contact:
            effect |= self._contact(entry, row)
        had = organisations.registrations(row)
        for register, years in entry.registers.items():
            effect.setdefault("registers", {})[register] = had.get(register, [])
            services.set_registrations(self.actor, row, register, {*had.get(register, ()), *years})
        return effect

    def _contact(self, entry: Entry, row: Organisation) -> dict[str, Any]:
        leader = organisations.present_contact(row, groups.LEADER)
        if leader is None:
            begun = services.begin_contact(self.actor, row, groups.LEADER, Person(**_person(entry)))
            return {"contact_began": begun.id}
        now = Person(leader.name, leader.phone, leader.email, leader.language)
        services.correct_contact(self.actor, row, leader, replace(now, **_person(entry)))
        return {"contact": leader.id, "contact_before": [now.name, now.phone, now.email, now.language]}

    # --- counts -----------------------------------------------------------------------------------

    def _report(self) -> Any:
        """The function that writes one report; what all of them share is read once."""
        data_set = self.intake.data_set
        assert data_set is not None  # noqa: S101 - an import of counts is of one form
        lookup = counts.Lookup(self.actor, data_set, [])

        def write(item: IntakeItem) -> dict[str, Any]:
            data = item.data["of"][item.decision] if item.question == "same_name" else item.data
            group = organisations.by_public_id(self.actor, data["target"])
            desk = lookup.desk(group, item.period)
            sending = Sending(
                key=f"import-{self.intake.public_id}-{item.position}",
                based_on=data.get("version", 0),
                written=Written(counts.raw_of(data)),
            )
            submission = reporting.send(desk, sending)
            did = ["sent"]
            if self.intake.approve and may(self.actor, Permission.REVIEW_DECIDE, review.subject(submission)):
                did.append(review.approve(self.actor, submission, submission.last_seq))
            return {"submission": submission.id, "seq": submission.last_seq, "did": did}

        return write

    # --- undo -------------------------------------------------------------------------------------

    def take_back(self, items: list[IntakeItem]) -> None:
        """Everything that was written, the last first; flush. Conflict("built_on") if anybody built on it."""
        self._require_untouched(items)
        for item in reversed(items):
            if item.effect is None:
                continue
            if "submission" in item.effect:
                self._take_report_back(item)
            elif item.effect.get("created"):
                self._remove_group(item)
            else:
                self._change_group_back(item)
        db.session.flush()

    def _take_report_back(self, item: IntakeItem) -> None:
        effect = item.effect or {}
        submission = db.session.get_one(Submission, effect["submission"])
        if submission.last_seq != effect["seq"]:
            raise Conflict("built_on", label=item.label, period=item.period)
        take_back(self.actor, submission, effect["seq"])

    def _require_untouched(self, items: list[IntakeItem]) -> None:
        """Nobody has touched a group since this import last did. Asked before anything is changed back."""
        ours = {
            effect["organisation"]: (effect["seq"], i)
            for i in items
            if "organisation" in (effect := i.effect or {})
        }
        last = groups.last_events(list(ours))
        for organisation, (seq, item) in ours.items():
            if last.get(organisation, 0) != seq:
                raise Conflict("built_on", label=item.label)

    def _untouched(self, item: IntakeItem) -> Organisation:
        row = organisations.by_id((item.effect or {})["organisation"])
        if row is None:
            raise Conflict("built_on", label=item.label)
        require(self.actor, Permission.ORGANISATIONS_WRITE, organisations.subject(row))
        return row

    def _remove_group(self, item: IntakeItem) -> None:
        """A group that nobody has touched, reported for or made a card for: as if it had been a slip."""
        row = self._untouched(item)
        for used in (Submission, Draft, Card):
            if db.session.scalar(select(used.organisation_id).where(used.organisation_id == row.id).limit(1)):
                raise Conflict("built_on", label=item.label)
        record("organisation", row.id, "removed", self.actor)
        try:
            for held in (Contact, Registration, Assignment, OrganisationKind):
                db.session.execute(delete(held).where(held.organisation_id == row.id))
            db.session.execute(delete(Organisation).where(Organisation.id == row.id))
        except IntegrityError as error:  # something else of this group's: a call, a reminder
            raise Conflict("built_on", label=item.label) from error

    def _change_group_back(self, item: IntakeItem) -> None:
        row, effect = self._untouched(item), item.effect or {}
        before = effect["before"]
        opened = date.fromisoformat(before["opened_on"])
        services.edit(
            self.actor,
            row,
            Details(
                name=before["name"],
                district=organisations.district(before["district"]),
                kinds=tuple(before["kinds"]),
                phone=before["phone"],
                opened_on=opened,
                kana=before.get("kana"),
                names={slug: before["names"].get(slug, "") for slug in {*before["names"], *row.names}},
            ),
        )
        if "contact_began" in effect:
            db.session.execute(delete(Contact).where(Contact.id == effect["contact_began"]))
        elif "contact" in effect:
            contact = db.session.get_one(Contact, effect["contact"])
            services.correct_contact(self.actor, row, contact, Person(*effect["contact_before"]))
        for register, years in effect.get("registers", {}).items():
            services.set_registrations(self.actor, row, register, years)


def _person(entry: Entry) -> dict[str, str]:
    return {name: value for name, value in entry.contact.items() if value}


def _before(row: Organisation) -> dict[str, Any]:
    return {
        "name": row.name,
        "kana": row.kana,
        "names": dict(row.names),
        "district": row.district.code if row.district else None,
        "kinds": row.kind_codes,
        "phone": row.phone,
        "opened_on": row.opened_on.isoformat(),
    }
