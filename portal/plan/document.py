"""A city's plan file, read: plain data, with every name in every language. Pure; no database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from portal.plan import checks
from portal.plan.yaml_lines import Fault, Node, PlanFaults, plain, read

STANDARD = Path(__file__).resolve().parents[1] / "datasets" / "standard"
Names = dict[str, str]
Data = dict[str, Any]


def standard_form(code: str) -> str | None:
    """The text of a standard form that a plan may `use`; None for an unknown one."""
    file = STANDARD / f"{code}.yaml"
    return file.read_text("utf-8") if code.isidentifier() and file.is_file() else None


@dataclass(frozen=True)
class PlanDocument:
    """A plan file that has passed its checks. `data` is its content, `translations` {slug: {ja: text}}."""

    text: str
    data: Data
    translations: Mapping[str, Mapping[str, str]]
    forms: tuple[Data, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def names(self, ja: str | None) -> Names:
        """A Japanese string in every language that the file has it in; {} for None."""
        if not ja:
            return {}
        found = {"ja": ja}
        for slug, table in self.translations.items():
            if table.get(ja):
                found[slug] = table[ja]
        return found

    def office_name(self, code: str) -> str:
        return next(str(row["name"]) for row in self.data["offices"] if row["code"] == code)

    def section_code(self, name: str) -> str:
        """The code of an office or section by its name: an office's own, else the name itself."""
        return next((str(row["code"]) for row in self.data["offices"] if row["name"] == name), name)


def check(text: str, standard: Callable[[str], str | None] = standard_form) -> list[Fault]:
    """Every fault of a plan file with its line; empty for a good one."""
    try:
        parse(text, standard)
    except PlanFaults as error:
        return error.faults
    return []


@lru_cache(maxsize=4)
def parse(text: str, standard: Callable[[str], str | None] = standard_form) -> PlanDocument:
    """Read a plan file. Raises PlanFaults naming the line of each fault."""
    tree = read(text)
    standards: dict[str, Node] = {}
    for item in tree.items("data_sets"):
        used = str(item.get("use"))
        if "use" in item and (found := standard(used)):
            standards[used] = read(found)
    faults = checks.faults(tree, standards)
    if faults:
        raise PlanFaults(faults)
    return assemble(text, tree, standards)


def assemble(text: str, tree: Node, standards: Mapping[str, Node]) -> PlanDocument:
    """The document of a file that has passed its checks. A city's own words win over a standard form's."""
    data = plain(tree.value)
    forms = tuple(plain(standards[row["use"]].value) if "use" in row else row for row in data["data_sets"])
    translations: dict[str, Names] = {}
    for words in [*(form.get("translations") or {} for form in forms), data["translations"]]:
        for slug, table in words.items():
            translations.setdefault(slug, {}).update(table)
    return PlanDocument(text, data, translations, forms)
