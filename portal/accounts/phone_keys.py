"""Names under which a phone keeps things: `card` for pages and typing, `group` for what waits to be sent,
`term` for what was counted day by day.

A new card of the same group sends what waited under the old one, but is shown none of its pages. What was
counted is a commissioner's own and not the area's. These names are not secrets, but no numbers of ours
either: they lie on phones.
"""

from __future__ import annotations

import hashlib

from portal.accounts.models import Card
from portal.organisations.models import Organisation


def of_card(card: Card) -> str:
    return _opaque(f"card:{card.organisation.public_id}:{card.id}")


def of_group(group: Organisation) -> str:
    return _opaque(f"group:{group.public_id}")


def of_groups(card: Card) -> list[str]:
    """All that this card may send for, its own group first."""
    return [of_group(group) for group in card.groups]


def of_term(card: Card, group: Organisation) -> str:
    """Of one of the card's groups, and whoever the card was made for."""
    return _opaque(f"term:{group.public_id}:{card.contact_id or ''}")


def of_terms(card: Card) -> list[str]:
    """All whose counting this card may send, its own group's first."""
    return [of_term(card, group) for group in card.groups]


def of_everything(card: Card) -> list[str]:
    """Whatever waits on a phone under this card's names."""
    return [*of_groups(card), *of_terms(card)]


def _opaque(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
