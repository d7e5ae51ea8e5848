"""Volunteer groups and commissioners of the demo as rows, with what they sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.datasets.models import Assignment, DataSet
from portal.demo import commissioners as made
from portal.demo import contacts
from portal.demo.city import reading
from portal.demo.rows import Story
from portal.domain.periods import FiscalYear, Month
from portal.domain.workflow import Action
from portal.extensions import db
from portal.organisations.models import Contact, District, Organisation, OrganisationKind

CITY_REVIEWER = "staff:6"  # whom the city has entrusted with the commissioners' records


def stories(as_of: date) -> Iterator[Story]:
    """What they sent; nothing for a plan that does not use their forms."""
    districts = list(db.session.scalars(select(District).order_by(District.position)))
    opened = FiscalYear.of(as_of).previous().first.first_day
    volunteer, minsei = _form("volunteer"), _form("minsei")
    if volunteer is not None:
        for group in made.volunteers():
            row = _organisation(group.public_id, group.name, group.kind, "group", opened)
            row.district = districts[group.district % len(districts)]
            _assign(row, volunteer, opened)
            contacts.of_volunteer(group, row, as_of)
            for month in made.months(as_of):
                for sent in made.sent_at(group.number, month, as_of):
                    answers = made.activity(group, month)
                    yield _story(row, volunteer, month, answers, sent, as_of, "staff:1")
    if minsei is not None:
        for post in made.posts():
            row = _organisation(post.public_id, post.name, post.kind, "commissioner", opened)
            row.district = districts[post.district % len(districts)]
            _assign(row, minsei, opened)
            _terms(row, post, opened)
            for month in made.months(as_of) if post.since else []:
                for sent in made.sent_at(post.number, month, as_of):
                    answers = made.record(post, month)
                    yield _story(row, minsei, month, answers, sent, as_of, CITY_REVIEWER)


def _form(code: str) -> DataSet | None:
    return db.session.scalars(select(DataSet).where(DataSet.code == code)).one_or_none()


def _organisation(public_id: str, name: str, kind: str, side: str, opened: date) -> Organisation:
    row = Organisation(
        public_id=public_id,
        side=side,
        name=name,
        kana=reading(name),
        names={"ja": name},
        opened_on=opened,
    )
    row.kinds = [OrganisationKind(kind=kind)]
    db.session.add(row)
    db.session.flush()
    return row


def _assign(row: Organisation, data_set: DataSet, opened: date) -> None:
    db.session.add(
        Assignment(organisation_id=row.id, data_set_id=data_set.id, cadence="monthly", starts_on=opened)
    )


def _terms(row: Organisation, post: made.DemoPost, opened: date) -> None:
    """The term before the last change of all commissioners, and the present one; nobody is named."""
    before = made.TERM - timedelta(days=1)
    if opened < made.TERM:
        db.session.add(_contact(row, opened, before))
    if post.since is not None:
        db.session.add(_contact(row, max(post.since, opened), None))


def _contact(row: Organisation, starts_on: date, ends_on: date | None) -> Contact:
    return Contact(
        organisation_id=row.id, role="commissioner", language="ja", starts_on=starts_on, ends_on=ends_on
    )


def _story(
    row: Organisation,
    data_set: DataSet,
    month: Month,
    answers: dict[str, dict[str, object]],
    sent: datetime,
    as_of: date,
    reviewer: str,
) -> Story:
    """Sent, and approved the day after; a third of the newest month still waits."""
    card = f"card:{row.id}"
    story = Story(row, data_set, data_set.current, month)
    story.versions.append((answers, card))
    story.steps.append((Action.SEND, card, sent, {}))
    newest = month == Month.of(as_of).previous()
    decided = sent + timedelta(days=1)
    if decided.date() < as_of and not (newest and row.id % 3 == 0):
        story.steps.append((Action.APPROVE, reviewer, decided, {}))
    return story
