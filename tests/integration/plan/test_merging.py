"""A new file meets what was edited in the portal: nothing is lost without a word."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from portal.domain.permissions import SYSTEM
from portal.extensions import db
from portal.plan import edits, overlay, projection, readback, services, yaml_lines
from portal.plan.cli import plan
from portal.plan.document import parse
from portal.plan.models import PlanDocument
from portal.web.unit_of_work import PortalFlask

ROOT = Path(__file__).parents[3]
MINATO = (ROOT / "tests/data/plans/minato.yaml").read_text("utf-8")
NAMED = "うみかぜ"


def indicator() -> str:
    return next(key for kind, key in projection.rows(parse(MINATO)) if kind == "indicator")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(plan, [str(word) for word in words])


@pytest.fixture
def minato(app: PortalFlask) -> PortalFlask:
    services.load(MINATO, SYSTEM)
    db.session.commit()
    return app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new.yaml"


def due(code: str = "salon") -> Any:
    return readback.rows()["data_set", code]["due_day"]


def with_due(day: int) -> str:
    """The file with another due day for every form that it writes out itself."""
    before = projection.rows(parse(MINATO))
    own = next(row for (kind, _key), row in before.items() if kind == "data_set" and not used(_key))
    return MINATO.replace(f"due_day: {own['due_day']}", f"due_day: {day}")


def used(code: str) -> bool:
    return f"use: {code}" in MINATO


def own_form() -> str:
    return next(key for kind, key in projection.rows(parse(MINATO)) if kind == "data_set" and not used(key))


def test_an_edit_that_the_file_does_not_touch_stays_on_top(minato: PortalFlask, file: Path) -> None:
    edits.put("indicator", indicator(), {"note": {"ja": "覚え書き"}}, SYSTEM)
    db.session.commit()
    file.write_text(with_due(13), "utf-8")
    done = run("load", file, "--yes")
    assert done.exit_code == 0, done.output
    assert f"= indicator {indicator()} note: edited in the portal, stays" in done.stdout
    assert "1 kept, 0 dropped" in done.stdout
    assert readback.rows()["indicator", indicator()]["note"] == {"ja": "覚え書き"}
    assert due(own_form()) == 13
    assert services.verify()[1] is None


@pytest.mark.parametrize("words", [(), ("--yes",)])
def test_what_both_changed_is_named_and_nothing_is_written(
    minato: PortalFlask, file: Path, words: tuple[str, ...]
) -> None:
    edits.put("data_set", own_form(), {"due_day": 12}, SYSTEM)
    db.session.commit()
    before = readback.rows()
    file.write_text(with_due(13), "utf-8")
    done = run("load", file, *words)
    assert done.exit_code == 1
    assert f"conflict: data_set {own_form()} due_day: portal 12, file 13" in done.stderr
    assert "nothing was written" in done.stderr
    assert readback.rows() == before
    assert services.export() != file.read_text("utf-8")


def test_replace_drops_every_edit_and_says_which(minato: PortalFlask, file: Path) -> None:
    edits.put("data_set", own_form(), {"due_day": 12}, SYSTEM)
    edits.put("indicator", indicator(), {"note": {"ja": "覚え書き"}}, SYSTEM)
    db.session.commit()
    file.write_text(with_due(13), "utf-8")
    done = run("load", file, "--yes", "--replace")
    assert done.exit_code == 0, done.output
    assert f"! data_set {own_form()} due_day: portal 12, file 13: dropped, the file wins" in done.stdout
    assert f"! indicator {indicator()} note" in done.stdout
    assert readback.rows() == projection.rows(parse(file.read_text("utf-8")))
    assert edits.standing() == {}
    assert len(edits.history()) == 4
    assert services.verify()[1] is None


def test_the_same_file_again_drops_nothing(minato: PortalFlask, file: Path) -> None:
    edits.put("data_set", own_form(), {"due_day": 12}, SYSTEM)
    db.session.commit()
    file.write_text(MINATO, "utf-8")
    done = run("load", file)
    assert done.exit_code == 0
    assert "says the same already" in done.stdout
    assert due(own_form()) == 12
    assert run("load", file, "--replace", "--yes").exit_code == 0
    assert services.export() == MINATO


def test_a_row_that_the_file_takes_away_is_a_conflict(minato: PortalFlask, file: Path) -> None:
    key = next(key for kind, key in projection.rows(parse(MINATO)) if kind == "question")
    answer = {"text": "そうします", "on": "2026-10-01", "by": "福祉課"}
    edits.put("question", key, {"answer": answer}, SYSTEM)
    db.session.commit()
    question = readback.rows()["question", key]["question"]
    file.write_text(MINATO.replace(question, f"{question} ほんとうに"), "utf-8")
    done = run("load", file, "--yes")
    assert done.exit_code == 1
    assert "the file has no such row" in done.stderr


def test_an_edit_that_no_longer_fits_the_file_stops_it(minato: PortalFlask, file: Path) -> None:
    offices = [key for kind, key in projection.rows(parse(MINATO)) if kind == "organisation"]
    own = readback.rows()["data_set", own_form()]["reviewing_office"]
    other = next(one["code"] for one in parse(MINATO).data["offices"] if one["code"] != own)
    assert other in offices
    edits.put("data_set", own_form(), {"reviewing_office": other}, SYSTEM)
    db.session.commit()
    line = next(line for line in MINATO.splitlines() if f"code: {other}" in line and "side:" in line)
    gone = MINATO.replace(line + "\n", "").replace(f"reviewing_office: {other}", f"reviewing_office: {own}")
    gone = gone.replace(f"controller: {other}", f"controller: {own}")
    file.write_text(gone, "utf-8")
    done = run("load", file, "--yes")
    assert done.exit_code == 1
    assert "kept_edit" in done.stderr


def test_the_export_carries_the_edits_and_the_comments(minato: PortalFlask, file: Path) -> None:
    form = copy.deepcopy(readback.rows()["data_set", "salon"]["definition"])
    form["measures"][0]["names"]["vi"] = "Bao nhiêu người?"
    edits.put("data_set", "salon", {"definition": form}, SYSTEM)
    edits.put("indicator", indicator(), {"note": None}, SYSTEM)
    edits.put("indicator", indicator(), {"note": {"ja": '- [x]: #\n"y"', "en": " yes\t"}}, SYSTEM)
    db.session.commit()
    assert run("export", file).exit_code == 0
    text = file.read_bytes().decode()
    assert text.startswith(MINATO)
    assert run("check", file).exit_code == 0
    ours = readback.rows()
    done = run("load", file, "--yes")  # into the same portal: nothing is another
    assert "says the same already" in done.stdout, done.output
    assert edits.standing() == {}
    assert services.export() == text
    edits.put("indicator", indicator(), {"note": {"ja": "また"}}, SYSTEM)
    assert services.export().count("\nedits:") == 1
    assert projection.rows(parse(text)) == ours


def test_a_file_with_edits_makes_an_empty_portal_the_same(app: PortalFlask) -> None:
    text = overlay.written(MINATO, {("data_set", own_form(), "due_day"): 17})
    services.load(text, SYSTEM)
    assert due(own_form()) == 17
    assert services.verify()[1] is None
    assert services.export() == text


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("data_set", "nothing", "due_day"), 3),
        (("data_set", "salon", "sha256"), "x"),
        (("data_set", "salon", "due_day"), 40),
        (("garden", "x", "y"), 1),
    ],
)
def test_faults_of_a_file_s_edits_are_named(app: PortalFlask, file: Path, place: Any, value: Any) -> None:
    file.write_text(overlay.written(MINATO, {place: value}), "utf-8")
    for command in ("check", "load"):
        done = run(command, file)
        assert done.exit_code == 1, done.output
        assert "edits" in done.output
    assert services.in_force() is None


def carried(text: str) -> Any:
    """What a file says again of one value that it carries; the rest of the plan is left out."""
    read = yaml_lines.read(overlay.written("a: 1\n", {("plan", "x", "name"): {"ja": text}}))
    return overlay.of_file(yaml_lines.plain(read.value))["plan", "x", "name"]


@pytest.mark.parametrize(
    "text", ["0\x85", "a\u2028b", "\ufeffx", "- [x]: #", "yes", "~", " a\n\n b ", "1_0", "\x7f"]
)
def test_a_file_says_every_word_again_as_it_was(text: str) -> None:
    assert carried(text) == {"ja": text}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=200))
def test_and_any_word(text: str) -> None:
    assert carried(text) == {"ja": text}


WORDS = st.text(
    alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="{|}\x00"),
    min_size=1,
    max_size=12,
).filter(lambda text: bool(text.strip()))
FIELDS = ("due_day", "second_person", "note", "answer", "names")


@st.composite
def changes(draw: st.DrawFn) -> dict[overlay.Place, Any]:
    rows = projection.rows(parse(MINATO))
    found: dict[overlay.Place, Any] = {}
    for _one in range(draw(st.integers(0, 4))):
        field = draw(st.sampled_from(FIELDS))
        kinds = {
            "due_day": "data_set",
            "second_person": "data_set",
            "note": "indicator",
            "answer": "question",
        }
        kind = kinds.get(field, "direction")
        key = draw(st.sampled_from([key for one, key in rows if one == kind][:3]))
        text = draw(WORDS)
        found[kind, key, field] = {
            "due_day": draw(st.integers(1, 3)),
            "second_person": draw(st.booleans()),
            "note": {"ja": text},
            "answer": {"text": text, "on": "2026-10-01", "by": "市"},
            "names": rows[kind, key].get("names", {}) | {"en": text},
        }[field]
    return found


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ours=changes(), theirs=changes(), replace=st.booleans())
def test_nothing_is_lost_silently(
    minato: PortalFlask, ours: dict[overlay.Place, Any], theirs: dict[overlay.Place, Any], replace: bool
) -> None:
    """Any edits x any new file: afterwards the tables say what document and edits say, and of every edited
    field the portal's value holds, or the file's does and that was told.
    """
    base = projection.rows(parse(MINATO))
    try:
        for (kind, key, field), value in ours.items():
            edits.put(kind, key, {field: value}, SYSTEM)
        text = overlay.written(MINATO, theirs)
        before = readback.rows()
        try:
            merged = services.load(text, SYSTEM, replace=replace)
        except services.PlanConflicts as error:
            clashing = {clash.place for clash in error.merged.clashes}
            assert clashing == {
                place
                for place, value in ours.items()
                if place in theirs and len({repr(v) for v in (value, theirs[place], _of(base, place))}) == 3
            }
            assert readback.rows() == before
        else:
            after = readback.rows()
            assert after == merged.rows
            for place, value in ours.items():
                told = place in {clash.place for clash in merged.dropped} or place in merged.settled
                assert _of(after, place) == value or told
        assert services.verify()[1] is None
        exported = services.export()
        assert projection.rows(parse(exported)) == readback.rows()
    finally:
        db.session.rollback()


def _of(rows: overlay.Rows, place: overlay.Place) -> Any:
    return rows[place[:2]][place[2]]


def test_documents_are_not_lost_by_the_test_above(minato: PortalFlask) -> None:
    assert services.export() == MINATO
    db.session.execute(delete(PlanDocument))
    assert services.in_force() is None
