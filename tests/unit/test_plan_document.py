"""The plan as data: 朝霞市's file says what the printed plan says, and a faulty file is told where."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from portal.domain import indicators as domain
from portal.plan import checks, document, projection
from portal.plan.document import PlanDocument, check, parse, standard_form
from portal.plan.yaml_lines import PlanFaults, read

ROOT = Path(__file__).parents[2]
ASAKA = (ROOT / "portal/plan/cities/asaka.yaml").read_text("utf-8")
MINATO = (ROOT / "tests/data/plans/minato.yaml").read_text("utf-8")
SLUGS = {"ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"}

PRINTED = (ROOT / "tests/data/plans/asaka_printed.txt").read_text("utf-8")
LINES = [line.split("|") for line in PRINTED.splitlines() if not line.startswith("#")]


def expected_codes() -> list[tuple[str, str]]:
    """(direction, code) of each printed row, by the rule: a repeated row takes no number."""
    codes: dict[str, str] = {}
    counted: Counter[str] = Counter()
    found = []
    for direction, side, name, *_figures in LINES:
        if name not in codes:
            prefix = f"{direction}-{'c' if side == 'city' else 's'}"
            counted[prefix] += 1
            codes[name] = f"{prefix}{counted[prefix]}"
        found.append((direction, codes[name]))
    return found


@cache
def asaka() -> PlanDocument:
    return parse(ASAKA)


@cache
def rows(kind: str) -> dict[str, dict[str, Any]]:
    return {key: row for (of, key), row in projection.rows(asaka()).items() if of == kind}


def indicator(code: str) -> dict[str, Any]:
    return rows("indicator")[code]


# --- what the plan prints ---------------------------------------------------------------------------


def test_the_plan_counts_what_is_printed() -> None:
    own = {code: row for code, row in rows("indicator").items() if not row["participation"]}
    placements = [place for row in own.values() for place in row["placements"]]
    programmes = list(rows("programme").values())
    assert (len(rows("goal")), len(rows("direction"))) == (4, 12)
    assert (len(placements), len(own)) == (40, 38)
    assert Counter(row["side"] for row in programmes) == {"city": 52, "shakyo": 28}
    assert sum(row["repeated"] for row in programmes) == 5
    assert len({row["names"]["ja"] for row in programmes}) == 75
    assert len(asaka().data["departments"]) == len({*asaka().data["departments"]}) == 17
    named = {name for row in programmes for name in row["departments"]}
    assert named == {*asaka().data["departments"]}
    assert all(bool(row["departments"]) == (row["side"] == "city") for row in programmes)
    assert Counter(row["side"] for row in own.values()) == {"city": 12, "shakyo": 26}
    assert len(rows("district")) == 6


def test_each_direction_has_one_city_indicator_and_the_council_none_in_the_last() -> None:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows("indicator").values():
        if not row["participation"]:
            found.update((direction, row["side"]) for direction, _position in row["placements"])
    council = {"1-1": 3, "1-2": 3, "1-3": 5, "2-1": 3, "2-2": 3, "2-3": 2, "3-1": 3, "3-2": 2, "3-3": 1}
    council |= {"4-1": 2, "4-2": 1}
    assert found == {**{(code, "city"): 1 for code in rows("direction")}, **{
        (code, "shakyo"): count for code, count in council.items()
    }}  # fmt: skip


def test_indicators_stand_in_printed_order_under_their_codes() -> None:
    found = [
        (f"{goal['number']}-{direction['number']}", code)
        for goal in asaka().data["goals"]
        for direction in goal["directions"]
        for code in direction["indicators"]
    ]
    assert found == expected_codes()


@pytest.mark.parametrize("number", range(len(LINES)), ids=lambda n: LINES[n][2][:12])
def test_each_indicator_says_what_is_printed(number: int) -> None:
    """Code, name, owner's side, figures; the print as it is, but for a repeated row's own spacing."""
    direction, side, name, base, target = LINES[number]
    _direction, code = expected_codes()[number]
    row = indicator(code)
    assert (row["names"]["ja"], row["side"]) == (name, side)
    assert direction in [place for place, _position in row["placements"]]
    repeated = [line[2] for line in LINES[:number]].count(name)
    for figure, printed in ((row["base"], base), (row["target"], target)):
        assert figure["printed"].replace(" ", "" if repeated else " ") == (
            printed.replace(" ", "") if repeated else printed
        )
        digits = re.sub(r"[^\d.]", "", printed)
        if digits:
            assert figure["value"] == float(digits)
            assert isinstance(figure["value"], float) == ("." in digits)
            assert printed.endswith(row["units"]["ja"])
        else:
            assert figure["value"] is None  # “-” and stages are not 0


def test_stages_have_names_and_no_numbers() -> None:
    for code, target in (("1-1-c1", "整備"), ("2-2-c1", "設置")):
        row = indicator(code)
        assert (row["kind"], row["target_kind"], row["units"]) == ("stage", "milestone", None)
        assert [stage["code"] for stage in row["stages"]] == ["検討", target]  # none added in between
        assert row["base"] == {"value": None, "printed": "検討", "stage": "検討"}
        assert row["target"] == {"value": None, "printed": target, "stage": target}


def test_what_did_not_exist_is_null_and_not_zero() -> None:
    missing = [code for code, row in rows("indicator").items() if row["base"]["printed"] == "-"]
    assert missing == ["1-1-s3", "2-2-s2"]
    assert all(indicator(code)["base"]["value"] is None for code in missing)


def test_target_kinds_are_written_and_not_inferred() -> None:
    kinds: dict[str, list[str]] = {}
    for code, row in rows("indicator").items():
        if not row["participation"]:
            kinds.setdefault(row["target_kind"], []).append(code)
    assert kinds["maintain"] == ["1-1-s2", "1-3-s3", "1-3-s4", "2-3-c1"]  # 6→6, 8→8, 1→1, 82→80
    assert kinds["monitor"] == ["3-2-c1"]  # 1.34→1.36 is neither good nor bad
    assert kinds["milestone"] == ["1-1-c1", "2-2-c1"]
    assert len(kinds["reach"]) == 31
    assert "at_most" not in kinds
    neither = [code for code, row in rows("indicator").items() if row["better"] == "neither"]
    assert [code for code in neither if "p" not in code] == ["3-2-c1"]


def test_totals_of_times_keep_their_word() -> None:
    """延べ: the same person counts each time. It is printed for two indicators and stays in their notes."""
    printed = [code for code, row in rows("indicator").items() if "延べ" in (row["target"]["printed"] or "")]
    assert printed == ["1-3-s1", "2-3-s1"]
    assert all("延べ" in indicator(code)["base"]["printed"] for code in printed)
    assert all("延べ" in indicator(code)["note"]["ja"] for code in printed)


def test_names_and_units_that_disagree_stay_as_printed() -> None:
    row = indicator("1-1-s1")
    assert (row["names"]["ja"], row["units"]["ja"]) == ("連携会議への参加回数", "件")


def test_programme_rows_are_cells() -> None:
    """A cell naming several programmes is one row; 更生保護支援's merged cell is four."""
    names = [row["names"]["ja"] for row in rows("programme").values()]
    for name in (
        "児童虐待の防止 児童相談所との連携",
        "防犯情報の発信 防犯活動の推進",
        "社会を明るくする運動 再犯防止に関する広報の推進 更生保護活動支援事業",
    ):
        assert names.count(name) == 1
    merged = [row for row in rows("programme").values() if row["heading"]["ja"] == "更生保護支援"]
    assert [row["departments"] for row in merged] == [["福祉相談課"]] * 4
    repeated = [row["names"]["ja"] for row in rows("programme").values() if row["repeated"]]
    assert Counter(repeated) == {
        "生活支援体制整備事業": 1,
        "包括的な相談支援体制の充実": 1,
        "高齢者安心見守り支援事業": 1,
        "地域の支え合い活動の推進": 2,
    }
    owners = [row["departments"] for row in rows("programme").values() if row["names"]["ja"] == repeated[0]]
    assert owners == [
        ["福祉相談課"],
        ["長寿はつらつ課"],
    ]  # the print differs, and is not put right in silence


def test_slips_of_print_are_put_right_and_recorded() -> None:
    corrections = rows("plan")["asaka-2026"]["corrections"]
    assert all(set(row) == {"where", "printed", "read_as"} for row in corrections)
    read_as = {row["printed"]: row["read_as"] for row in corrections}
    assert read_as["あんしんサポートねつと"] == "あんしんサポートねっと"
    assert read_as["3, 230 回 / 3, 500 回"] == "3,230 回 / 3,500 回"
    for slip in ("ねつと", "體", "新づくり", "身边", "关", "<p>", "音声コード", "3, 230"):
        shown = [row["names"]["ja"] for kind in ("programme", "indicator") for row in rows(kind).values()]
        assert not [text for text in shown if slip in text]


def test_years_leave_the_valley_between_base_and_plan() -> None:
    facts = rows("plan")["asaka-2026"]
    assert (facts["base_year"], facts["reference_years"]) == (2024, [2025])
    assert (facts["first_year"], facts["target_year"]) == (2026, 2030)
    assert facts["vision"]["ja"] == "支え合いの心を育み、誰もが地域でつながるまち"
    assert [row["name"]["ja"] for row in facts["committees"]] == [
        "朝霞市地域福祉計画推進委員会",
        "朝霞市地域福祉活動計画推進委員会",
    ]


# --- where figures come from ------------------------------------------------------------------------


def test_sources_are_mostly_the_offices_own_counts() -> None:
    own = [row for row in rows("indicator").values() if not row["participation"]]
    assert Counter(row["source"] for row in own) == {"computed": 25, "entered": 11, "survey": 2}
    fed = {source["data_set"] for row in own for source in row["sources"] if source["data_set"]}
    assert fed == {"salon", "office", "annual", "shakyo_annual"}


def test_salons_feed_one_indicator_of_the_plan_and_only_by_having_met() -> None:
    """What residents report moves participation indicators, and of the 38 only 1-2-c1 (by its activity)."""
    fed = {
        code: [source["role"] for source in row["sources"] if source["data_set"] == "salon"]
        for code, row in rows("indicator").items()
        if any(source["data_set"] == "salon" for source in row["sources"])
    }
    assert fed.pop("1-2-c1") == ["activity"]
    assert list(fed) == ["1-2-p1", "1-3-p1", "2-3-p1", "2-3-p2", "2-3-p3"]
    sources = [source for code in fed for source in indicator(code)["sources"]]
    measures = [source["measure"] for source in sources if source["data_set"] == "salon"]
    assert measures == ["held", "helpers", "held", "attendance", "newcomers"]


def test_the_office_form_asks_each_thing_once() -> None:
    form = rows("data_set")["office"]["definition"]
    assert len(form["measures"]) == 24
    assert Counter(measure["section"] for measure in form["measures"]) == {
        "community": 8, "volunteer": 8, "rights": 3, "advice": 5,
    }  # fmt: skip
    drawn = [
        source["measure"]
        for row in rows("indicator").values()
        for source in row["sources"]
        if source["data_set"] == "office"
    ]
    assert sorted(drawn) == sorted(measure["code"] for measure in form["measures"])
    assert rows("data_set")["office"]["second_person"] is True
    assert [one["code"] for one in form["measures"][1]["options"]] == ["d1", "d2", "d3", "d4", "d5", "d6"]


def test_stocks_are_never_summed() -> None:
    for row in rows("indicator").values():
        if row["kind"] == "stock":
            assert row["aggregation"] in ("last", "value", "parts")
    last = [code for code, row in rows("indicator").items() if row["aggregation"] == "last"]
    assert last == ["1-3-s2", "1-3-s5", "2-2-s2", "2-2-s3"]
    kinds = {one["code"]: one["kind"] for one in rows("data_set")["office"]["definition"]["measures"]}
    assert {kinds[indicator(code)["sources"][0]["measure"]] for code in last} == {"stock"}


def test_ratios_keep_numerator_and_denominator() -> None:
    ratios = {code: row for code, row in rows("indicator").items() if row["kind"] == "ratio"}
    assert list(ratios) == ["2-1-s2", "3-2-c1", "4-2-c1"]
    for row in ratios.values():
        roles = [source["role"] for source in row["sources"]]
        assert roles[:2] == ["numerator", "denominator"]
    assert [source["role"] for source in ratios["3-2-c1"]["sources"]] == ["numerator", "denominator", "rate"]


def test_sums_of_three_sections_are_asked_in_three_parts() -> None:
    for code, sections in (
        ("3-3-c1", ["生活援護課", "障害福祉課", "長寿はつらつ課"]),
        ("4-1-c1", ["長寿はつらつ課", "障害福祉課", "city"]),  # city: the section that gathers
    ):
        row = indicator(code)
        assert (row["aggregation"], row["department"]) == ("parts", None)
        codes = [source["measure"] for source in row["sources"]]
        asked = {one["code"]: one["asked"] for one in rows("data_set")["annual"]["definition"]["measures"]}
        assert [asked[part] for part in codes] == sections
    assert domain.parts([1, None, 3]) is None  # a part that is missing is not 0


def test_how_groups_in_two_registers_count_is_a_setting() -> None:
    row = indicator("1-2-c1")
    assert (row["kind"], row["aggregation"]) == ("distinct", "registers")
    assert [source["register"] for source in row["sources"]] == [None, "subsidy", "kayoinoba"]
    assert asaka().data["settings"]["counting.1-2-c1"] == "distinct"
    questions = [one["question"] for one in rows("question").values() if one["indicator_code"] == "1-2-c1"]
    assert any("両方" in question for question in questions)


def test_what_the_plan_leaves_open_has_a_default() -> None:
    questions = list(rows("question").values())
    assert len(questions) >= 30
    assert all(row["question"] and row["default"] for row in questions)
    open_ = {row["indicator_code"] for row in questions}
    assert {None, "1-1-s2", "1-2-c1", "2-1-s2", "2-2-s2", "2-3-c1", "3-2-c1", "4-1-c1"} <= open_


def test_participation_has_no_target_and_no_verdict() -> None:
    nothing = {"value": None, "printed": None, "stage": None}
    for code, row in rows("indicator").items():
        if row["participation"]:
            assert code.split("-")[2].startswith("p")
            assert (row["base"], row["target"]) == (nothing, nothing)
            assert (row["target_kind"], row["better"]) == ("monitor", "neither")
            assert [direction for direction, _position in row["placements"]] == [code[:3]]


# --- words ------------------------------------------------------------------------------------------


def test_everything_public_speaks_every_language() -> None:
    for kind in ("goal", "direction", "programme", "indicator", "district", "organisation"):
        for key, row in rows(kind).items():
            assert set(row["names"]) == SLUGS, (kind, key)
    for row in rows("indicator").values():
        assert row["units"] is None or set(row["units"]) == SLUGS
        assert row["note"] is None or set(row["note"]) == SLUGS
    salon = rows("data_set")["salon"]
    for measure in salon["definition"]["measures"]:
        assert set(measure["names"]) == set(measure["labels"]) == SLUGS
        assert all(set(option["names"]) == SLUGS for option in measure["options"])


def test_easy_japanese_has_a_reading_for_each_kanji() -> None:
    without = []
    for table in (asaka().translations["ja-easy"],):
        for text in table.values():
            if re.search(r"[㐀-鿿]", re.sub(r"\{[^{}|]+\|[^{}|]+\}", "", text)):
                without.append(text)
    assert without == []


KANA, CJK = "[ぁ-ゖァ-ヺ]", "[ぁ-ゖァ-ヺ㐀-鿿]"


@pytest.mark.parametrize(
    ("slug", "foreign"),
    [
        ("en", CJK),
        ("zh-hans", KANA),
        ("vi", CJK),
        ("ko", CJK),
        ("fil", CJK),
        ("ne", CJK),
    ],
)
def test_no_language_is_left_in_japanese(slug: str, foreign: str) -> None:
    """The salon's words included. A language that shares characters with Japanese has no kana at least."""
    assert [text for text in asaka().translations[slug].values() if re.search(foreign, text)] == []


def test_names_give_the_languages_that_there_are() -> None:
    assert set(asaka().names("朝霞市")) == SLUGS
    assert asaka().names("ない言葉") == {"ja": "ない言葉"}
    assert asaka().names(None) == asaka().names("") == {}


# --- another city -----------------------------------------------------------------------------------


def test_a_second_city_of_another_shape_is_read_without_a_change() -> None:
    found = projection.rows(parse(MINATO))
    codes = [key for kind, key in found if kind == "indicator"]
    assert codes == ["1-1-c1", "1-1-s1", "1-2-c1", "1-2-s1", "2-1-c1", "1-1-p1"]
    assert found["indicator", "1-1-s1"]["placements"] == [("1-1", 1), ("2-1", 1)]
    assert found["indicator", "1-2-s1"]["target_kind"] == "at_most"
    assert [key for kind, key in found if kind == "district"] == ["east", "west", "port"]
    annual = found["data_set", "annual"]["definition"]["measures"]
    assert [one["code"] for one in annual] == ["place", "adults", "children", "users", "all"]
    assert [one["asked"] for one in annual] == ["city", "city", "こども課", "こども課", "こども課"]
    assert [option["code"] for option in annual[0]["options"]] == ["検討", "準備", "設置"]


def test_a_city_may_word_a_standard_form_in_its_own_way() -> None:
    own = MINATO.replace("  en:\n", '  en:\n    "何回開きましたか": "How many meetings?"\n', 1)
    measures = projection.rows(parse(own))["data_set", "salon"]["definition"]["measures"]
    assert measures[0]["names"]["en"] == "How many meetings?"


# --- faults, each named with its line ---------------------------------------------------------------

SLIPS = YAML(typ="safe").load((ROOT / "tests/data/plans/slips.yaml").read_text("utf-8"))


def line_of(text: str, needle: str) -> int:
    """The line (from 1) on which a text first occurs."""
    return text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["slip"])
def test_a_fault_is_named_with_its_line(slip: dict[str, Any]) -> None:
    assert slip["old"] in MINATO
    text = MINATO.replace(slip["old"], slip["new"])
    found = check(text)
    lines = {fault.line for fault in found if fault.code == slip["code"]}
    assert lines, found
    if "at" in slip:
        assert line_of(text, slip["at"]) + slip.get("below", 0) in lines, found
    assert found == sorted(found)
    with pytest.raises(PlanFaults) as raised:
        parse(text)
    assert raised.value.faults == found


def test_a_good_file_has_no_faults() -> None:
    assert check(MINATO) == []
    assert check(ASAKA) == []


@pytest.mark.parametrize("text", ["", "[]", "just words", "a: *nowhere", "a: \x00", "- {", "? [a]\n: b\n"])
def test_what_is_no_plan_at_all_is_said_kindly(text: str) -> None:
    assert check(text)


def test_a_faulty_standard_form_is_told_where_it_is_used() -> None:
    salon = standard_form("salon")
    assert salon is not None
    broken = salon.replace("left: people", "left: persons").replace('    "体操": ', '    "体燥": ')
    found = check(MINATO, lambda code: broken if code == "salon" else None)
    assert {fault.line for fault in found} == {line_of(MINATO, "use: salon")}
    assert {fault.code for fault in found} == {"unknown_measure", "missing_translation"}
    assert any("salon.yaml, line" in fault.message and "persons" in fault.message for fault in found)


def _everywhere(tree: Any) -> Iterator[tuple[Any, Any]]:
    """(parent, key) of every node, but for the single texts of the translations."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree))
    for key in keys:
        yield tree, key
        if key == "translations":
            yield from ((tree[key], slug) for slug in list(tree[key]))
        elif isinstance(tree[key], dict | list):
            yield from _everywhere(tree[key])


def test_no_slip_however_odd_makes_the_check_itself_fail() -> None:
    """Every node in turn becomes something else or goes: a fault is named, or the plan can be projected."""
    tree = read(MINATO)
    salon = standard_form("salon")
    assert salon is not None
    standards = {"salon": read(salon)}
    odd = [read(f"odd: {text}").get("odd") for text in ("null", "''", "語", "7", "-1.5", "true")]
    odd += [read(f"odd: {text}").get("odd") for text in ("[]", "[語]", "{}", "{語: null}", "[{}]")]
    survivors = 0
    for parent, key in list(_everywhere(tree.value)):
        kept = parent[key]
        for value in odd:
            parent[key] = value
            if not checks.faults(tree, standards):
                survivors += 1
                assert projection.rows(document.assemble(MINATO, tree, standards))
        parent[key] = kept
        if isinstance(parent, dict):
            place = list(parent).index(key)
            del parent[key]
            if not checks.faults(tree, standards):
                survivors += 1
                assert projection.rows(document.assemble(MINATO, tree, standards))
            parent.insert(place, key, kept)
    assert survivors > 20  # most slips are refused; the rest are other plans, not broken ones


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("{register: nothing, data_set: salon, measure: held, at_least: 6}", "setting"),
        ("{register: subsidy, data_set: nothing, measure: held, at_least: 6}", "setting"),
        ("{register: subsidy, data_set: salon, measure: held}", "missing_key"),
        ("{register: subsidy, data_set: salon, measure: held, at_least: six}", "wrong_type"),
    ],
)
def test_a_subsidy_s_condition_is_checked(rule: str, code: str) -> None:
    text = ASAKA
    good = "{register: subsidy, data_set: salon, measure: held, at_least: 6, sample: true}"
    assert good in text
    assert code in {fault.code for fault in check(text.replace(good, rule))}
