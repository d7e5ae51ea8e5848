"""The rows of a section's sheet, worked out from its form: what is written, and what is expected back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from portal.datasets.definition import Form, FormMeasure
from portal.datasets.models import DataSet
from portal.domain.measures import MeasureKind
from portal.plan import queries as plan
from portal.plan.models import Indicator

CELLS = ("value", "numerator", "denominator")
RATIO = {"rate": "value", "numerator": "numerator", "denominator": "denominator"}
STAGE = MeasureKind.STAGE


@dataclass(frozen=True)
class Row:
    """One line of the sheet. `cells`: which question each cell answers; the others are not asked.

    `key` stays the same from year to year and whatever the words become.
    """

    key: str
    indicator: Indicator | None
    cells: Mapping[str, FormMeasure]

    @property
    def main(self) -> FormMeasure:
        """The question that names the row."""
        return next(iter(self.cells.values()))

    @property
    def part(self) -> bool:
        """Is only this section's part of an indicator asked?"""
        return self.main.spec.kind == MeasureKind.PART

    @property
    def stages(self) -> dict[str, str]:
        """code -> Japanese name, of a row that asks for a stage."""
        return {code: names.get("ja", code) for code, names in self.main.options}

    def names(self) -> dict[str, str]:
        """What the row is about: the indicator, but where it asks for a part only, the part's own words."""
        return self.main.names if self.part or self.indicator is None else self.indicator.names


class _Place(NamedTuple):
    indicator: Indicator
    role: str


def rows(form: Form, data_set: DataSet) -> list[Row]:
    """In the form's order; a rate with its two numbers is one row."""
    known = _places(data_set)
    made: dict[str, tuple[Indicator | None, dict[str, FormMeasure]]] = {}
    for measure in form.measures:
        place = known.get(measure.code)
        cell = RATIO.get(place.role) if place else None
        key = place.indicator.code if place and cell else measure.code
        _indicator, cells = made.setdefault(key, (place.indicator if place else None, {}))
        cells[cell or "value"] = measure
    return [Row(key, indicator, cells) for key, (indicator, cells) in made.items()]


def _places(data_set: DataSet) -> dict[str, _Place]:
    return {
        source.measure.code: _Place(indicator, source.role)
        for indicator in plan.indicators()
        for source in indicator.sources
        if source.measure is not None and source.measure.data_set_id == data_set.id
    }
