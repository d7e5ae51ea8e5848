"""Names under which a phone keeps things: `card` for pages and typing, `group` for what waits to be sent.

A new card of the same group sends what waited under the old one, but is shown none of its pages. Not secrets,
but no numbers of ours either: they lie on phones.
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


def _opaque(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]
