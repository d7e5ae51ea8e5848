from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.domain.canonical import canonical_json, decimal_text
from portal.domain.errors import Conflict, DomainError, Invalid, PeriodLocked, StaleVersion
from portal.domain.measures import Severity


def test_an_error_is_a_code_with_figures() -> None:
    error = Invalid("too_large", limit=9)
    assert (error.code, error.params, str(error)) == ("too_large", {"limit": 9}, "too_large (limit=9)")
    assert str(Invalid("month")) == "month"
    assert isinstance(error, DomainError)


def test_what_comes_of_timing_is_a_conflict() -> None:
    assert issubclass(StaleVersion, Conflict)
    assert issubclass(PeriodLocked, Conflict)


def test_canonical_json_is_one_text_for_one_content() -> None:

    one = {"b": Decimal("1.340"), "a": [date(2026, 4, 1), "市", Severity.ASK]}
    assert canonical_json(one) == '{"a":["2026-04-01","市","ask"],"b":"1.34"}'
    assert [decimal_text(Decimal(text)) for text in ("1E+3", "0.00", "10", "-1.50")] == [
        "1000",
        "0",
        "10",
        "-1.5",
    ]
    with pytest.raises(TypeError, match="float"):
        canonical_json({"a": [{"b": 1.5}]})
    with pytest.raises(TypeError, match="object"):
        canonical_json({"a": object()})
