"""Any bytes are a table or a sentence: encodings, workbooks, and everything that is nasty about both."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzz
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from portal.datasets import definition
from portal.intake import fields, headings, reading, words
from portal.intake.fields import Measures
from portal.intake.tables import BROKEN, CELL, Unreadable
from tests.integration.intake.files import LIMITS, csv_of, limits, read, saved, xlsx
from tests.support.factories import Factories

ROWS = [["団体名", "4月", "5月"], ["髙橋サロン①", "１２人", ""], ["もみじ会", "0", "－"]]
ENCODINGS = ("cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


def refused(content: bytes, name: str = "表.xlsx", **changed: int) -> str:
    """The code of why it can't be taken: one that has a sentence."""
    with pytest.raises(Unreadable) as caught:
        reading.read(content, name, limits(**changed))
    assert caught.value.code in words.FAULTS
    return str(caught.value.code)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_every_encoding_and_delimiter_reads_the_same(encoding: str, delimiter: str) -> None:
    sheet = read(csv_of(ROWS, encoding, delimiter))
    assert [row.cells for row in sheet.rows] == [
        ["団体名", "4月", "5月"],
        ["髙橋サロン①", "１２人"],
        ["もみじ会", "0", "－"],
    ]


def test_a_workbook_reads_as_it_would_be_typed() -> None:
    sheet = read(
        xlsx([["団体名", date(2024, 10, 1)], ["あ", 12], ["い", 12.5], ["う", 0], ["え", None], ["お", True]])
    )
    assert [row.cells for row in sheet.rows] == [
        ["団体名", "2024-10-01 00:00:00"],
        ["あ", "12"],
        ["い", "12.5"],
        ["う", "0"],
        ["え"],
        ["お", "TRUE"],
    ]


def test_days_counted_from_1904_are_the_same_days() -> None:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["始", date(2024, 10, 1)])
    assert read(saved(book)).rows[0].cells == ["始", "2024-10-01 00:00:00"]


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["見える"])
    hidden = book.create_sheet("秘")
    hidden.append(["見えない"])
    hidden.sheet_state = "hidden"
    assert [sheet.rows[0].cells for sheet in reading.read(saved(book), "", LIMITS)] == [["見える"]]


def test_a_formula_without_a_result_is_no_empty_cell() -> None:
    assert read(xlsx([["団体名", "計"], ["あ", "=1+1"]])).rows[1].cells == ["あ", BROKEN]


def test_a_long_cell_is_cut_and_signs_that_no_table_shows_are_dropped() -> None:
    sheet = read(xlsx([["x" * 32_767, "a\tb", "_x0007_"]]))
    assert len(sheet.rows[0].cells[0]) == CELL + 1
    assert "\x00" not in "".join(read(csv_of([["a\x07b"]], "utf-8")).rows[0].cells)


def test_merged_headings_stand_over_all_their_columns() -> None:
    rows = [
        ["R6年度"],
        ["団体名", "4月", None, "5月", None],
        [None, "回数", "延べ", "回数", "延べ"],
        ["あ", 1, 2, 3, 4],
    ]
    for content in (
        xlsx(rows, "A2:A3", "B2:C2", "D2:E2", "A1:E1"),
        csv_of([[c or "" for c in r] for r in rows]),
    ):
        columns = headings.columns_of(read(content), 2, 3)
        assert [(c.alone, c.parts[-1]) for c in columns[1:]] == [
            (4, "回数"),
            (4, "延べ"),
            (5, "回数"),
            (5, "延べ"),
        ]


def test_columns_of_months_count_what_the_title_says(make: Factories) -> None:
    measures = Measures(definition.form(make.data_set().current.definition))
    sheet = read(
        csv_of([["令和8年度 サロン別 延べ参加者数"], ["団体名", "4月", "5月", "合計"], ["あ", "1", "2", "3"]])
    )
    found = headings.guess([sheet], measures, "")
    assert (found.columns, found.fiscal_year) == (["name", "m:attendance", "m:attendance", ""], 2026)


# --- nasty ------------------------------------------------------------------------------------------


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A workbook with one part replaced or added."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for known in source.namelist():
            if known != name:
                archive.writestr(known, source.read(known))
        archive.writestr(name, part)
    return buffer.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1:XFD1048576"/>'
    "<sheetData>%s</sheetData>%s</worksheet>"
)
PLAIN = xlsx([["団体名"], ["あ"]])


def sheet_of(rows: str, after: str = "") -> bytes:
    return with_part(PLAIN, "xl/worksheets/sheet1.xml", (SHEET % (rows, after)).encode())


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = with_part(PLAIN, "xl/media/image1.bin", b"\0" * 60 * 1024**2)
    assert len(bomb) < 200_000
    began = time.monotonic()
    assert refused(bomb) == "too_large_inside"
    assert time.monotonic() - began < 1


def test_too_many_rows_cells_bytes_and_seconds_are_four_sentences() -> None:
    assert refused(csv_of([["a"]] * 21_000), "a.csv") == "too_many_rows"
    assert refused(csv_of([["a"] * 300] * 1_500), "a.csv") == "too_many_cells"
    assert refused(b"a" * (5 * 1024**2 + 1), "a.csv") == "too_large"
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 30_000))
    assert refused(sheet_of(rows)) == "too_many_rows"
    many = "".join(f'<row r="{n}"/>' for n in range(1, 100_000))
    assert refused(sheet_of(many), seconds=1, bytes=20 * 1024**2) in ("too_slow", "empty")


def test_a_million_empty_rows_and_sixteen_thousand_columns_are_a_small_table() -> None:
    first = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1"><v>2</v></c></row>'
    last = '<row r="1048576"><c r="A1048576"><v>3</v></c></row>'
    sheet = read(sheet_of(first + last), "a.xlsx")
    assert [(row.number, len(row.cells)) for row in sheet.rows] == [(1, 16_384), (1_048_576, 1)]
    assert len(headings.columns_of(sheet, 1, 1)) == 16_384


def test_merges_everywhere_are_bearable() -> None:
    merges = "".join(f'<mergeCell ref="A{n}:XFD{n}"/>' for n in range(1, 9_000))
    after = f"<mergeCells>{merges}</mergeCells>"
    sheet = read(
        sheet_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>', after)
    )
    began = time.monotonic()
    headings.columns_of(sheet, 1, 2)
    headings.guess([sheet], None, "")
    assert time.monotonic() - began < 2


def test_what_is_not_a_workbook_says_so() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert refused(ole, "台帳.xls") == "old_excel"
    assert refused(ole + "EncryptedPackage".encode("utf-16-le"), "台帳.xlsx") == "password"
    assert refused(PLAIN[: len(PLAIN) // 2]) == "broken_workbook"
    assert refused(zipped(hello=b"world")) == "not_a_workbook"
    assert (
        refused(zipped(xl__workbook_xml=b"x").replace(b"workbook_xml", b"workbook.xml")) == "broken_workbook"
    )
    assert refused(b"hello", "a.xlsx") == "broken_workbook"
    assert refused(b"", "a.csv") == "empty"
    assert refused(b" \r\n", "a.csv") == "empty"
    assert refused(b",,,\n,,\n", "a.csv") == "empty"
    assert refused(b"a,b\x00c\n" * 5, "a.csv") == "not_a_table"
    assert refused("団体名,数\n".encode() + "もみじ会,1\n".encode("cp932"), "a.csv") == "mixed_encoding"
    assert refused(b'a,"' + b"x" * 200_000 + b"\n", "a.csv") == "broken_csv"


def test_entities_are_not_expanded() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    )
    assert refused(with_part(PLAIN, "xl/worksheets/sheet1.xml", laughs)) == "broken_workbook"


def test_links_and_macros_are_left_alone() -> None:
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    content = with_part(PLAIN, "xl/externalLinks/externalLink1.xml", link)
    content = with_part(content, "xl/vbaProject.bin", struct.pack("<I", 1))
    assert read(content, "台帳.xlsm").rows[1].cells == ["あ"]


def test_an_encrypted_zip_is_a_sentence() -> None:
    content = bytearray(PLAIN)
    content[6] |= 1  # the flag of the first part, in its own header
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refused(bytes(content)) == "broken_workbook"


# --- random -----------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.text(max_size=12),
    st.integers(-5, 10**9).map(str),
    st.sampled_from(
        [
            "団体名",
            "4月",
            "R6.10",
            "合計",
            "=1+1",
            "+81",
            "@x",
            "－",
            "１２人",
            "#REF!",
            "12:00",
            "",
            "令和6年度",
        ]
    ),
)
TABLES = st.lists(st.lists(CELLS, max_size=8), max_size=12)
patient = fuzz(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))


def looked_at(content: bytes, name: str) -> None:
    """Read, guess: a table or a sentence, nothing else."""
    try:
        sheets = reading.read(content, name, LIMITS)
    except Unreadable as error:
        words.FAULTS[error.code]  # a sentence that is missing fails the test
        return
    found = headings.guess(sheets, None, name)
    assert len(headings.columns_of(sheets[found.sheet], found.first, found.last)) == len(found.columns)


@patient
@given(st.binary(max_size=600), st.sampled_from(["a.csv", "a.xlsx", ""]))
def test_any_bytes(content: bytes, name: str) -> None:
    looked_at(content, name)


@patient
@given(TABLES, st.sampled_from(ENCODINGS), st.sampled_from([",", "\t", ";"]))
def test_any_table_in_any_encoding(rows: list[list[str]], encoding: str, delimiter: str) -> None:
    try:
        content = csv_of(rows, encoding, delimiter)
    except UnicodeEncodeError:
        return
    looked_at(content, "a.csv")


@patient
@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255), st.integers(0, len(PLAIN)))
def test_a_damaged_workbook(place: int, byte: int, length: int) -> None:
    content = bytearray(PLAIN)
    content[place] = byte
    looked_at(bytes(content[:length]) if length % 3 == 0 else bytes(content), "a.xlsx")


@pytest.mark.parametrize("heading", ["団体名", "団体の名前", "サロンの名前", "会の名前(正式)", "グループ名"])
def test_a_column_of_names_is_known_by_its_heading(heading: str) -> None:
    assert fields.group_field(heading) == "name"
