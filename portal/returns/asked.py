"""What a form asks, over all its editions: a table of a year holds reports on several."""

from __future__ import annotations

from typing import Any

from portal.datasets.models import DataSet

Asked = dict[str, dict[str, Any]]


def asked(data_set: DataSet) -> Asked:
    """{measure's code: its definition}, in the newest edition's order; what was asked earlier comes last."""
    found: Asked = {}
    for edition in reversed(data_set.versions):
        for row in edition.definition["measures"]:
            found.setdefault(row["code"], {**row, "labels": row.get("labels") or row["names"]})
    return found
