"""What a table can be of: the running fiscal year and the one before, and their months that are over."""

from __future__ import annotations

from portal import clock
from portal.domain.periods import FiscalYear
from portal.web.filters import fiscal_year, month_of_year


def periods() -> list[tuple[str, str]]:
    """The fiscal years and months to choose from, the newest first."""
    today = clock.today()
    running = FiscalYear.of(today)
    both = (running, running.previous())
    months = sorted((month for year in both for month in year.months_ended(today)), reverse=True)
    years = [(year.key, fiscal_year(year.year)) for year in both]
    return [*years, *((month.key, month_of_year(month)) for month in months)]
