"""Numbers, dates, months and years in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from flask import Flask

from portal import clock
from portal.domain.periods import FiscalYear, Month, fiscal_year_era
from portal.web.i18n import _, in_language
from portal.web.locale import current_locale

NOTHING = "–"


@lru_cache(maxsize=4096)
def _formatted(value: Decimal, catalogue: str) -> str:
    return str(format_decimal(value, locale=catalogue))


def number(value: int | float | Decimal | str | None) -> str:
    """A number with this language's grouping; a missing one is a dash, never 0."""
    if value is None or value == "":
        return NOTHING
    return _formatted(Decimal(str(value)), current_locale().catalogue)


def day(value: date | datetime | str) -> str:
    """A day in words: 2026年11月20日, 20 tháng 11, 2026."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return str(format_date(value, "long", locale=current_locale().catalogue))


def short_day(value: date | datetime) -> str:
    """Month, day and weekday, without the year: 11月10日(火)."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return str(format_skeleton("MMMEd", value, locale=current_locale().catalogue))


def moment(value: datetime) -> str:
    """Day and time on the city's wall clock."""
    local = clock.local(value)
    return f"{short_day(local.date())} {local:%H:%M}"


def clock_time(value: datetime) -> str:
    """Such as 14:05, by the city's clock."""
    return f"{clock.local(value):%H:%M}"


def month(value: Month | str) -> str:
    """A month by itself, as on a report: 10月, October, tháng 10."""
    value = Month.parse(value) if isinstance(value, str) else value
    return str(current_locale().babel.months["format"]["wide"][value.month])


def month_of_year(value: Month | str) -> str:
    """A month with its year: 2026年10月, October 2026."""
    value = Month.parse(value) if isinstance(value, str) else value
    return str(format_skeleton("yMMMM", value.first_day, locale=current_locale().catalogue))


def fiscal_year(year: int) -> str:
    """A Japanese fiscal year: 令和8年度(2026年度); elsewhere with the months that it spans."""
    era, number_ = fiscal_year_era(year)
    if current_locale().slug == "ja":
        names = {"reiwa": "令和", "heisei": "平成", "showa": "昭和"}
        first = "元" if number_ == 1 else str(number_)
        return f"{names[era]}{first}年度({year}年度)"
    return _("April %(year)s to March %(next)s", year=year, next=year + 1)


def short_year(year: int) -> str:
    """For chart axes and narrow columns: R8 in Japanese, 2026 elsewhere."""
    era, number_ = fiscal_year_era(year)
    if current_locale().slug == "ja":
        return f"{ {'reiwa': 'R', 'heisei': 'H', 'showa': 'S'}[era] }{number_}"
    return str(year)


def amount(value: int | float | Decimal | str | None, units: dict[str, str] | None) -> str:
    """A figure with its unit as plain text; a dash where there is none."""
    return NOTHING if value is None or value == "" else with_unit(number(value), units)


def with_unit(figure: str, units: dict[str, str] | None) -> str:
    """A formatted figure with its unit, in this language's manner."""
    unit, _fallback = in_language(units, current_locale().slug)
    if not unit:
        return figure
    glue = "" if current_locale().slug in ("ja", "zh-hans", "ko") or unit == "%" else " "
    return f"{figure}{glue}{unit}"


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        number=number,
        day=day,
        short_day=short_day,
        moment=moment,
        clock_time=clock_time,
        month=month,
        month_of_year=month_of_year,
        fiscal_year=fiscal_year,
        short_year=short_year,
        amount=amount,
    )
    app.jinja_env.globals.update(FiscalYear=FiscalYear)
