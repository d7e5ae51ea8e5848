"""Properties are checked without a stopwatch: two cores are shared, and a slow one is not wrong."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("domain", deadline=None, max_examples=60)
settings.load_profile("domain")
