"""What the reviewer looks at."""

from __future__ import annotations

from dataclasses import dataclass

TABS = ("late", "waiting", "unusual", "returned")  # the four numbers that say what needs somebody
MORE = ("resent", "approved")
STATES = {
    "waiting": ("waiting", "resent", "amended"),
    "unusual": ("waiting", "resent", "amended"),
    "resent": ("resent", "amended"),
    "returned": ("returned",),
    "approved": ("approved",),
}


@dataclass(frozen=True)
class Filters:
    """What the reviewer looks at. Empty means all. `after`, `before`: where a page begins or ends."""

    tab: str = "waiting"
    district: str = ""
    kind: str = ""
    data_set: str = ""
    period: str = ""
    q: str = ""
    sort: str = "unusual"
    after: str = ""
    before: str = ""
