"""The plan as data: 朝霞市's file says what the printed plan says, and a faulty file is told where."""

from __future__ import annotations

import copy
import random
import re
from collections import Counter
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from portal.domain import indicators as domain
from portal.plan import projection
from portal.plan.document import PlanDocument, check, parse, standard_form
from portal.plan.yaml_lines import PlanFaults

ROOT = Path(__file__).parents[2]
ASAKA = (ROOT / "portal/plan/cities/asaka.yaml").read_text("utf-8")
MINATO = (ROOT / "tests/data/plans/minato.yaml").read_text("utf-8")
SLUGS = {"ja", "ja-easy", "en", "zh-hans", "vi", "ko", "fil", "ne"}

# Typed from the printed plan (chapter 4, 指標と目標, in printed order), not from the file under test:
# direction, side, name, 現状 令和6年度, 目標 令和12年度. Slips of print put right: 3, 230 -> 3,230.
PRINTED = """
1-1 city|重層的支援体制整備事業の構築|検討|整備
1-1 shakyo|連携会議への参加回数|87件|100件
1-1 shakyo|地域アセスメントの実施|6地区|6地区
1-1 shakyo|コミュニティソーシャルワーカー(CSW) が対応した相談件数|-|120件
1-2 city|地域福祉活動への参加団体数（地域保健福祉活動振興事業費補助金交付団体および住民主体の通いの場の活動団体数）|150 団体|210 団体
1-2 shakyo|福祉活動団体等からの相談件数|231 件|300 件
1-2 shakyo|福祉活動団体間の交流事業の実施回数|1 回|2 回
1-2 shakyo|募金実績額|10,004,000 円|10,500,000 円
1-3 city|認知症サポーター数|8,190人|9,900人
1-3 shakyo|ボランティア相談件数|延べ 175 件|延べ 200 件
1-3 shakyo|ボランティア活動受入施設・団体数|36 か所|45 か所
1-3 shakyo|ボランティアに関する講座・講習会の開催回数|8 回|8 回
1-3 shakyo|災害ボランティアに関する講座・訓練の開催回数|1 回|1 回
1-3 shakyo|“住民参加型”在宅福祉サービスの活動登録者数|77 人|80 人
2-1 city|地域福祉講演会参加者数|48人|170人
2-1 shakyo|福祉教育実践回数|145回|150回
2-1 shakyo|研修会の満足度|80%|90%
2-1 shakyo|出前講座実施回数|17回|24回
2-2 city|中核機関の設置|検討|設置
2-2 shakyo|成年後見制度に関する周知・啓発回数|16回|29回
2-2 shakyo|受任件数|-|7件
2-2 shakyo|福祉サービス利用援助事業の利用人数|10人|12人
2-3 city|障害に関する啓発・広報活動件数|82件|80件
2-3 shakyo|住民主体の活動に関する相談支援件数|延べ125件|延べ150件
2-3 shakyo|地域住民の交流事業の実施回数|24回|30回
3-1 city|福祉の総合相談件数|1,006 件|1,200 件
3-1 shakyo|総合相談窓口の相談件数|39 件|50 件
3-1 shakyo|相談会実施回数|14 回|20 回
3-1 shakyo|福祉情報の提供回数|3,230 回|3,500 回
3-2 city|生活保護受給率|1.34%|1.36%
3-2 shakyo|生活困窮に関する相談支援件数|279 件|300 件
3-2 shakyo|生活困窮者等への支援件数|69 件|80 件
3-3 city|新規就労者数（生活保護受給者、障害者、シルバー入会者の合計）|296人|359人
3-3 shakyo|総合相談窓口の相談件数|39件|50件
4-1 city|市が実施する見守りサービス利用者数 (高齢者・障害者・その他)|792人|962人
4-1 shakyo|見守り活動の周知・啓発回数|16回|20回
4-1 shakyo|“住民参加型”在宅福祉サービスの利用件数|118件|140件
4-2 city|居住支援相談の満足度|98%|100%
4-2 shakyo|“住民参加型”在宅福祉サービスの利用件数|118 件|140 件
4-3 city|朝霞支部の保護司人数|16 人|27 人
"""
LINES = [tuple(line.replace(" ", "|", 1).split("|")) for line in PRINTED.strip().splitlines()]


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
    measures = [source["measure"] for code in fed for source in indicator(code)["sources"]]
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


def test_names_give_the_languages_that_there_are() -> None:
    document = asaka()
    assert set(document.names("朝霞市")) == SLUGS
    assert document.names("ない言葉") == {"ja": "ない言葉"}
    assert document.names(None) == document.names("") == {}


# --- another city -----------------------------------------------------------------------------------


def test_a_second_city_of_another_shape_is_read_without_a_change() -> None:
    document = parse(MINATO)
    found = projection.rows(document)
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

# (fault, what is replaced in the second city's file, by what, its code[, the text whose line is named])
BROKEN = [
    ("an unknown key", "    unit: 件\n", "    unit: 件\n    colour: blue\n", "unknown_key", "colour: blue"),
    ("an unknown key of a figure", "printed: 12回,", "print: 12回,", "unknown_key", "print: 12回"),
    ("a missing key", "    target_kind: at_most\n", "", "missing_key", "code: 1-2-s1"),
    ("a number for a text", 'code: "999997"', "code: 999997", "wrong_type", "code: 999997"),
    ("a text for a number", "base_year: 2025", "base_year: 令和7年度", "wrong_type", "令和7年度"),
    ("nothing for a list", "departments: [地域福祉課, こども課]\n", "departments:\n", "wrong_type", "departments:"),
    ("a figure that is no number", "value: 2.5,", "value: .nan,", "wrong_type", ".nan"),
    ("the wrong format", "format: 1\n", "format: 2\n", "format", "format: 2"),
    ("years out of order", "target_year: 2031", "target_year: 2026", "years", "plan:"),
    ("a reference year within the plan", "[2026]", "[2028]", "years", "[2028]"),
    ("a district twice", "code: west", "code: east", "duplicate", "西地区"),
    ("an indicator's code twice", "  - code: 1-2-s1\n", "  - code: 1-2-c1\n", "duplicate", "name: 登録者の数"),
    ("a section twice", "[地域福祉課, こども課]\ndata", "[こども課, こども課]\ndata", "duplicate", "[こども課, こども課]"),
    ("a question of a form twice", "code: members, kind", "code: advice, kind", "duplicate", "登録者(月末), unit"),
    ("a figure asked twice", "measure: children,", "measure: adults,", "duplicate", "measure: adults"),
    ("an indicator twice in one place", "[1-1-c1, 1-1-s1]", "[1-1-c1, 1-1-s1, 1-1-s1]", "duplicate", "1-1-s1, 1-1-s1"),
    ("a code out of printed order", "[1-2-c1, 1-2-s1]", "[1-2-s1]", "not_placed", "code: 1-2-c1"),
    ("a code of another direction", "1-2-s1", "1-1-s2", "code", "indicators: [1-2-c1"),
    ("a code of the other side", "1-2-s1", "1-2-c2", "code", "indicators: [1-2-c1"),
    ("a repeated row that took a number", "[2-1-c1, 1-1-s1]", "[1-1-s1, 2-1-c2]", "unknown_indicator", "2-1-c2"),
    ("an unknown indicator", "[2-1-c1, 1-1-s1]", "[2-1-c1, 9-9-s1]", "unknown_indicator", "9-9-s1"),
    ("an unknown section of a programme", "departments: [地域福祉課, こども課]}]}", "departments: [水道課]}]}", "unknown_department", "水道課"),
    ("an unknown section of an indicator", "department: こども課}", "department: 水道課}", "unknown_department", "水道課"),
    ("an unknown section that is asked", "by: 地域福祉課, name: おとな", "by: 水道課, name: おとな", "unknown_department", "by: 水道課"),
    ("an unknown kind", "    kind: stock\n", "    kind: pile\n", "unknown_kind", "kind: pile"),
    ("an unknown target kind", "target_kind: at_most", "target_kind: exceed", "unknown_target_kind", "exceed"),
    ("an unknown side", "owner: {side: city, department: null}", "owner: {side: pref, department: null}", "unknown_side", "pref"),
    ("an unknown office", "reviewing_office: city", "reviewing_office: ward", "unknown_office", "ward"),
    ("an unknown standard form", "use: salon", "use: saloon", "unknown_form", "use: saloon"),
    ("a target that reaches backwards", "target_kind: maintain", "target_kind: reach", "direction", "target: {value: 10,"),
    ("a stage without stages", "    stages: [検討, 準備, 設置]\n", "", "stages", "code: 1-1-c1"),
    ("a stage that is not among them", "stages: [検討, 準備, 設置]", "stages: [準備, 設置]", "stages", "stage: 検討"),
    ("a stage with a number", "{value: null, printed: 設置", "{value: 3, printed: 設置", "printed", "value: 3"),
    ("no base that is not printed as -", 'printed: "-"', "printed: なし", "base", "printed: なし"),
    ("a base of 0 where - is printed", 'base: {value: null, printed: "-"', 'base: {value: 0, printed: "-"', "base", "value: 0"),
    ("a value that is not the printed one", "value: 1200,", "value: 120,", "printed", "value: 120,"),
    ("a stage's target without a milestone", "target_kind: milestone", "target_kind: reach", "target_kind", "target_kind: reach"),
    ("watching that has a better way", "better: neither", "better: up", "better", ("code: 2-1-c1", 6)),
    ("a source's unknown form", "data_set: office, aggregation: sum", "data_set: desk, aggregation: sum", "unknown_data_set", "data_set: desk"),
    ("a source's unknown question", "measure: advice,", "measure: calls,", "unknown_measure", "measure: calls"),
    ("a stock that is summed", "aggregation: last", "aggregation: sum", "aggregation", "measure: members"),
    ("a flow drawn from a stock", "measure: advice,", "measure: members,", "aggregation", "aggregation: sum, measures: [{measure: members"),
    ("a ratio without a denominator", ", {measure: all, role: denominator, by: こども課, name: 全部の人, unit: 人}", "", "roles", "role: numerator"),
    ("one part only", ", {measure: children, role: part, by: こども課, name: こどもの講座}", "", "roles", "role: part"),
    ("a count of registers without a setting", "    kind: flow\n    source: {type: computed, data_set: salon, aggregation: sum, measures: [{measure: held, role: value}]}", "    kind: distinct\n    source: {type: computed, data_set: salon, aggregation: registers, registers: [subsidy], measures: [{measure: held, role: activity}]}", "registers", "registers: [subsidy]"),
    ("a setting that does nothing", "due_months_after.annual", "due_months_after.yearly", "setting", "settings:"),
    ("a participation indicator elsewhere", "direction: 1-1\n", "direction: 1-9\n", "unknown_direction", "direction: 1-9"),
    ("a participation code elsewhere", "code: 1-1-p1", "code: 1-2-p1", "code", "code: 1-2-p1"),
    ("a missing translation", '    "聞く": "Listening"\n', "", "missing_translation", "name: 聞く"),
    ("a missing translation for staff", '    "社協の月報": "Monthly report of the council"\n', "", "missing_translation", "name: 社協の月報"),
    ("a reading left open", "{集|あつ}まる", "{集|あつまる", "ruby", "{集|あつまる"),
    ("a reading in kanji", "{集|あつ}まる", "{集|集}まる", "ruby", "{集|集}"),
    ("a reading in English", '"Listening"', '"{Listening|リスニング}"', "ruby", "リスニング"),
    ("an unknown language", "  fil:\n", "  tl:\n", "unknown_language", "  tl:"),
    ("not YAML", "  name: みなと市地域福祉計画", "  name: [みなと市地域福祉計画", "not_yaml", None),
    ("a key twice", "format: 1\n", "format: 1\nformat: 1\n", "not_yaml", ("format: 1", 1)),
]  # fmt: skip


def line_of(text: str, mark: str | tuple[str, int]) -> int:
    """The line (from 1) of the first occurrence of a text, or some lines below it."""
    needle, below = (mark, 0) if isinstance(mark, str) else mark
    return text[: text.index(needle)].count("\n") + 1 + below


@pytest.mark.parametrize(
    ("old", "new", "code", "mark"), [row[1:] for row in BROKEN], ids=[r[0] for r in BROKEN]
)
def test_a_fault_is_named_with_its_line(old: str, new: str, code: str, mark: Any) -> None:
    assert old in MINATO
    text = MINATO.replace(old, new)
    found = check(text)
    assert code in {fault.code for fault in found}, found
    if mark is not None:
        assert line_of(text, mark) in {fault.line for fault in found if fault.code == code}, found
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


def _everywhere(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every node but the translations of single texts."""
    found = [path] if path else []
    if isinstance(tree, dict):
        for key, value in tree.items():
            if path[:1] != ("translations",) or len(path) < 2:
                found += _everywhere(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            found += _everywhere(value, (*path, index))
    return found


def test_no_slip_however_odd_makes_the_check_itself_fail() -> None:
    """Every node in turn is dropped or becomes something else: a fault, or a plan that can be projected."""
    yaml = YAML(typ="safe")
    tree = yaml.load(MINATO)
    dump = YAML()
    dump.allow_unicode = True
    odd = random.Random(20260401)  # noqa: S311 - a fixed choice of slips, no secret
    for path in _everywhere(tree):
        for slip in odd.sample([None, "", "語", 7, -1.5, True, [], ["語"], {}, {"語": None}, "drop"], 3):
            mutated = copy.deepcopy(tree)
            parent = mutated
            for step in path[:-1]:
                parent = parent[step]
            if slip == "drop":
                del parent[path[-1]]
            else:
                parent[path[-1]] = slip
            stream = StringIO()
            dump.dump(mutated, stream)
            text = stream.getvalue()
            if not check(text):
                assert projection.rows(parse(text)), path
