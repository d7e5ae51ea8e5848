"""Whom to call, with telephone and language: for the start page and the queue."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.permissions import Actor
from portal.organisations import reachability
from portal.organisations.models import Contact
from portal.reporting import calls
from portal.reporting.models import CallRequest
from portal.web.locale import LOCALES, PortalLocale


@dataclass(frozen=True, slots=True)
class Call:
    """One group that waits. `people`: its present contacts with a telephone, the leader first."""

    asked: CallRequest
    people: tuple[Contact, ...]
    language: PortalLocale


def to_make(actor: Actor) -> list[Call]:
    """The list, in the actor's scope. Two queries."""
    asked = calls.waiting(actor)
    contacts = reachability.present_contacts(row.organisation_id for row in asked)
    found = []
    for row in asked:
        people = contacts.get(row.organisation_id, [])
        language = LOCALES.get(people[0].language if people else "ja", LOCALES["ja"])
        found.append(Call(row, tuple(person for person in people if person.phone), language))
    return found
