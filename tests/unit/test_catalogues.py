"""The catalogues' tool on a small house of its own: each fault is made once and found."""

from __future__ import annotations

import gettext
import shutil
from collections.abc import Callable
from pathlib import Path

import polib
import pytest

from config import ROOT
from portal.web import catalogues
from portal.web.catalogue_files import Message, po_path, pot_path, read
from portal.web.locale import LOCALES

PAGE = """\
<h1>{{ _("Hello") }}</h1>
<p>{% trans trimmed %}
  Ask <strong>us</strong>
{% endtrans %}</p>
<p>{{ ngettext("One group", "%(num)s groups", count) }}</p>
<p>{{ _("%(name)s has sent it", name=name) }}</p>
"""
STAFF_PAGE = '<h1>{{ _("Review queue") }}</h1><p>{{ _("Hello") }}</p>'
CODE = "from x import _l, N_\nWORDS = {1: _l('Wrong number')}\nCODES = N_('A code')\n"
STAFF_CODE = "from x import _\nWORD = _('Approve')\n"

WORDS: dict[str, str | list[str]] = {
    "Hello": "XX",
    "Ask <strong>us</strong>": "X <strong>Y</strong>",
    "One group": ["X %(num)s", "Y %(num)s"],
    "%(name)s has sent it": "X %(name)s",
    "Wrong number": "Y",
    "A code": "Z",
}
STAFF_WORDS: dict[str, str | list[str]] = {"Review queue": "Q", "Approve": "A"}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house with complete catalogues."""
    shutil.copy(ROOT / "babel.cfg", tmp_path)
    for name, text in {
        "portal/reporting/templates/reporting/form.html": PAGE,
        "portal/reporting/templates/reporting/staff/queue.html": STAFF_PAGE,
        "portal/reporting/words.py": CODE,
        "portal/reporting/staff_words.py": STAFF_CODE,
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    catalogues.extract(tmp_path)
    catalogues.update(tmp_path)
    for slug, row in LOCALES.items():
        if slug == "en":
            continue
        words = {**WORDS, **(STAFF_WORDS if slug == "ja" else {})}
        plurals = len(read_entry(tmp_path, slug, "One group").msgstr_plural)
        words["One group"] = list(WORDS["One group"])[-plurals:]
        catalogues.fill(slug, words, tmp_path)
        assert po_path(row, tmp_path).exists()
    return tmp_path


def read_entry(house: Path, slug: str, msgid: str) -> polib.POEntry:
    return next(entry for entry in read(po_path(LOCALES[slug], house)) if entry.msgid == msgid)


def change(house: Path, slug: str, msgid: str, edit: Callable[[polib.POEntry], None]) -> None:
    catalogue = read(po_path(LOCALES[slug], house))
    edit(next(entry for entry in catalogue if entry.msgid == msgid))
    catalogue.save()


def say(text: str) -> Callable[[polib.POEntry], None]:
    return lambda entry: setattr(entry, "msgstr", text)


def faults(house: Path) -> list[tuple[str, str, str]]:
    return [(fault.where, fault.code, fault.msgid) for fault in catalogues.check(house)]


class TestWhatIsFound:
    def test_a_whole_house_has_no_faults(self, house: Path) -> None:
        assert catalogues.check(house) == []

    @pytest.mark.parametrize(
        ("slug", "msgid", "text", "code"),
        [
            ("vi", "Hello", "", "missing"),
            ("ja", "Approve", "", "missing"),
            ("vi", "%(name)s has sent it", "X", "placeholder"),
            ("vi", "%(name)s has sent it", "X %(nmae)s %(name)s", "placeholder"),
            ("vi", "%(name)s has sent it", "100% %(name)s", "percent"),
            ("vi", "Hello", "100%", "percent"),
            ("vi", "Hello", "<b>X</b>", "html"),
            ("vi", "Ask <strong>us</strong>", "X Y", "html"),
            ("ja", "Hello", "{時間|じかん}", "furigana"),
            ("ja-easy", "Hello", "{時間|time}", "furigana"),
            ("ja-easy", "Hello", "{じかん|じかん}", "furigana"),
            ("ja-easy", "Hello", "{時間|じかん", "furigana"),
            ("ja-easy", "Hello", "{時間|}", "furigana"),
            ("ja-easy", "Hello", "{時間|じかん} 前", "no reading"),
            ("ko", "Hello", "X ", "edges"),
            ("fil", "%(name)s has sent it", "%(name)s has sent it", None),
        ],
    )
    def test_a_fault_in_one_message(
        self, house: Path, slug: str, msgid: str, text: str, code: str | None
    ) -> None:
        change(house, slug, msgid, say(text))
        assert faults(house) == ([(slug, code, msgid)] if code else [])

    def test_good_furigana(self, house: Path) -> None:
        change(house, "ja-easy", "Hello", say("{時間|じかん}を まちがえました。{第1|だいいち}"))
        assert faults(house) == []

    def test_a_fuzzy_message(self, house: Path) -> None:
        change(house, "ne", "Hello", lambda entry: entry.flags.append("fuzzy"))
        assert faults(house) == [("ne", "fuzzy", "Hello")]

    def test_an_empty_plural(self, house: Path) -> None:
        change(house, "fil", "One group", lambda entry: entry.msgstr_plural.update({1: ""}))
        assert faults(house) == [("fil", "plural", "One group")]

    def test_the_only_form_must_count(self, house: Path) -> None:
        change(house, "ja", "One group", lambda entry: entry.msgstr_plural.update({0: "X"}))
        assert faults(house) == [("ja", "placeholder", "One group")]

    def test_the_first_of_two_forms_may_leave_the_count_out(self, house: Path) -> None:
        change(house, "ne", "One group", lambda entry: entry.msgstr_plural.update({0: "X"}))
        assert faults(house) == []

    def test_english_left_standing(self, house: Path) -> None:
        page = house / "portal/reporting/templates/reporting/form.html"
        page.write_text(PAGE + '{{ _("This was sent too late") }}', "utf-8")
        catalogues.extract(house)
        catalogues.update(house)
        catalogues.fill("ja", {"This was sent too late": "This was sent too late"}, house)
        assert ("ja", "copied", "This was sent too late") in faults(house)

    def test_words_that_were_not_extracted(self, house: Path) -> None:
        page = house / "portal/reporting/templates/reporting/form.html"
        page.write_text(PAGE.replace("Hello", "Good day"), "utf-8")
        found = faults(house)
        assert ("", "stale", "Good day") in found
        assert ("vi", "missing", "Good day") in found

    def test_a_message_that_is_gone_from_the_code(self, house: Path) -> None:
        (house / "portal/reporting/words.py").write_text("", "utf-8")
        assert ("", "stale", "Wrong number") in faults(house)
        assert ("vi", "unknown", "Wrong number") in faults(house)

    def test_a_bare_percent_in_a_template(self, house: Path) -> None:
        page = house / "portal/reporting/templates/reporting/form.html"
        page.write_text(PAGE + '{{ _("50% done") }}', "utf-8")
        assert ("", "percent", "50% done") in faults(house)

    def test_one_message_in_two_shapes(self, house: Path) -> None:
        page = house / "portal/reporting/templates/reporting/form.html"
        page.write_text(PAGE + '{{ _("One group") }}', "utf-8")
        assert ("", "two shapes", "One group") in faults(house)

    def test_a_missing_catalogue(self, house: Path) -> None:
        po_path(LOCALES["ko"], house).unlink()
        assert [fault[:2] for fault in faults(house)] == [("ko", "absent")]

    @pytest.mark.parametrize(
        ("old", "new", "what"),
        [
            ("Language: vi", "Language: en", "Language"),
            ("nplurals=1", "nplurals=2", "Plural-Forms"),
            ("# Not yet checked by a native speaker.\n", "", "Not yet checked by a native speaker."),
        ],
    )
    def test_a_header_that_does_not_hold(self, house: Path, old: str, new: str, what: str) -> None:
        path = po_path(LOCALES["vi"], house)
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
        assert faults(house) == [("vi", "header", what)]

    def test_a_template_that_does_not_parse_stops_the_extraction(self, house: Path) -> None:
        page = house / "portal/reporting/templates/reporting/form.html"
        page.write_text("{% if %}", "utf-8")
        with pytest.raises(Exception, match="Expected an expression"):
            catalogues.check(house)


class TestStaffOnly:
    @pytest.mark.parametrize(
        ("files", "expected"),
        [
            (("portal/review/words.py",), True),
            (("portal/evaluation/views.py",), True),
            (("portal/home/staff_users.py",), True),
            (("portal/home/templates/home/staff/users/show.html",), True),
            (("portal/web/templates/layouts/staff/frame.html",), True),
            (("portal/home/templates/home/staff.html",), False),
            (("portal/staff/views.py",), False),
            (("portal/review/words.py", "portal/reporting/words.py"), False),
        ],
    )
    def test_who_reads_it(self, files: tuple[str, ...], expected: bool) -> None:
        assert Message("x", "", files).staff_only is expected

    def test_staff_words_are_needed_in_japanese_and_english_only(self, house: Path) -> None:
        assert read_entry(house, "vi", "Approve").msgstr == ""
        assert read_entry(house, "en", "Approve").msgstr == "Approve"
        assert catalogues.check(house) == []


class TestUpdating:
    def test_nothing_to_do_changes_nothing(self, house: Path) -> None:
        before = {path: path.read_bytes() for path in house.glob("translations/**/*.po*")}
        catalogues.extract(house)
        catalogues.update(house)
        assert {path: path.read_bytes() for path in house.glob("translations/**/*.po*")} == before
        assert len(before) == len(LOCALES) + 1

    def test_files_are_sorted_and_name_no_lines(self, house: Path) -> None:
        template = read(pot_path(house))
        assert [e.msgid for e in template] == sorted(e.msgid for e in template)
        assert {line for e in template for _file, line in e.occurrences} == {""}

    def test_words_of_a_message_that_went_and_came_back(self, house: Path) -> None:
        code = house / "portal/reporting/words.py"
        code.write_text("", "utf-8")
        catalogues.extract(house)
        catalogues.update(house)
        assert read_entry(house, "vi", "Wrong number").obsolete
        assert catalogues.check(house) == []
        code.write_text(CODE, "utf-8")
        catalogues.extract(house)
        catalogues.update(house)
        assert read_entry(house, "vi", "Wrong number").msgstr == "Y"
        assert catalogues.check(house) == []

    def test_todo_and_fill(self, house: Path) -> None:
        change(house, "fil", "Hello", say(""))
        change(house, "fil", "One group", lambda entry: entry.msgstr_plural.update({1: ""}))
        assert catalogues.todo("fil", house) == {"Hello": "", "One group": ["", ""]}
        catalogues.fill("fil", {"Hello": "XX", "One group": ["X", "%(num)s Y"]}, house)
        assert catalogues.todo("fil", house) == {}
        assert catalogues.check(house) == []

    def test_filling_what_is_not_there(self, house: Path) -> None:
        with pytest.raises(KeyError, match="Helo"):
            catalogues.fill("vi", {"Helo": "X"}, house)


class TestCompiling:
    def words(self, house: Path, catalogue: str) -> gettext.NullTranslations:
        return gettext.translation("messages", house / "translations", [catalogue])

    def test_the_words_are_there(self, house: Path) -> None:
        catalogues.compile(house)
        assert self.words(house, "vi").gettext("Wrong number") == "Y"
        assert self.words(house, "ne").ngettext("One group", "%(num)s groups", 1) == "X %(num)s"
        assert self.words(house, "ne").ngettext("One group", "%(num)s groups", 2) == "Y %(num)s"
        assert self.words(house, "ko").ngettext("One group", "%(num)s groups", 1) == "Y %(num)s"

    def test_easy_japanese_falls_back_to_japanese(self, house: Path) -> None:
        change(house, "ja-easy", "Hello", say(""))
        catalogues.compile(house)
        easy = self.words(house, "ja@easy")
        assert easy.gettext("Hello") == "XX"
        assert easy.gettext("Approve") == "A"
        assert self.words(house, "vi").gettext("Approve") == "Approve"

    def test_a_fuzzy_message_is_left_out(self, house: Path) -> None:
        change(house, "vi", "Hello", lambda entry: entry.flags.append("fuzzy"))
        catalogues.compile(house)
        assert self.words(house, "vi").gettext("Hello") == "Hello"

    def test_a_second_time_writes_nothing(self, house: Path) -> None:
        assert len(catalogues.compile(house)) == len(LOCALES)
        assert catalogues.compile(house) == []
