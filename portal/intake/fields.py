"""What a column may hold, and by which headings it is known. Codes here; the words are in `words`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from portal.datasets.definition import Form
from portal.domain.measures import MeasureKind
from portal.intake.tables import key

MEASURE = "m:"  # in front of a measure's code
VALUE = "value"  # a count of whatever the column `item` names
ITEM = "item"
# Of a list of groups. The order is that of the choices on the page.
GROUP_FIELDS = (
    "name",
    "kana",
    "name_en",
    "district",
    "kinds",
    "phone",
    "contact_name",
    "contact_phone",
    "contact_email",
    "contact_language",
    "opened_on",
    "subsidy",
    "kayoinoba",
)
COUNT_FIELDS = ("name", "district", "month", ITEM, VALUE)
# The same words first, then the longest that a heading holds: 代表者電話番号 is not 代表者.
_HEADINGS: Mapping[str, list[str]] = {
    "kana": ["ふりがな", "フリガナ", "よみがな", "ヨミガナ", "よみ", "カナ", "かな", "読み"],
    "name_en": ["英語名", "ローマ字", "英字名", "englishname"],
    "contact_name": [
        "代表者名",
        "代表者氏名",
        "代表者",
        "代表",
        "連絡者",
        "担当者",
        "責任者",
        "世話人",
        "会長",
        "leader",
    ],
    "contact_phone": [
        "代表者電話番号",
        "代表者電話",
        "代表者連絡先",
        "連絡先電話番号",
        "携帯電話",
        "携帯番号",
        "携帯",
        "電話番号",
        "電話",
        "連絡先",
        "tel",
        "telephone",
        "phone",
    ],
    "contact_email": ["メールアドレス", "電子メール", "e-mail", "email", "eメール", "メール", "mail"],
    "contact_language": ["連絡の言語", "言語", "ことば", "使用言語", "language"],
    "phone": ["団体電話", "事務所電話", "会場電話"],
    "opened_on": [
        "設立年月日",
        "開設年月日",
        "開始年月日",
        "設立年月",
        "設立日",
        "開始年月",
        "開始日",
        "開設日",
        "発足",
        "設立",
        "opened",
    ],
    "subsidy": ["補助金", "助成金", "補助", "助成", "subsidy"],
    "kayoinoba": ["通いの場登録", "通いの場台帳", "通いの場該当"],
    "district": ["地区名", "圏域", "地区", "地域", "圏域名", "district"],
    "kinds": ["団体種別", "活動種別", "種別", "種類", "区分", "kind", "type"],
    "name": [
        "団体名称",
        "団体の名前",
        "サロンの名前",
        "会の名前",
        "サロン名称",
        "団体名",
        "サロン名",
        "グループ名",
        "活動名",
        "会の名称",
        "名称",
        "group",
        "name",
    ],
}
_COUNT_HEADINGS: Mapping[str, list[str]] = {
    "name": [*_HEADINGS["name"], "団体", "サロン", "会名"],
    "district": _HEADINGS["district"],
    "month": ["対象年月", "報告月", "実施月", "開催月", "活動月", "年月", "月", "month"],
    ITEM: ["項目名", "項目", "内訳", "指標", "item", "measure"],
    VALUE: ["値", "数値", "value"],
}
_MEASURES: Mapping[str, list[str]] = {
    "held": ["開催回数", "実施回数", "活動回数", "開いた回数", "回数"],
    "attendance": [
        "延べ参加者数",
        "延べ参加人数",
        "参加者延べ数",
        "延べ人数",
        "参加者数",
        "参加人数",
        "来た人",
        "延べ",
        "のべ",
        "人数",
    ],
    "helpers": ["手伝った人", "担い手", "スタッフ数", "スタッフ", "ボランティア数", "協力者"],
    "people": ["実参加者数", "参加実人数", "実人数", "実数"],
    "newcomers": ["新規参加者数", "新規参加者", "新規", "初参加", "初めて来た人"],
}
_DECORATION = re.compile(r"[()\[\]{}〔〕【】「」・:※*\-~]|人$|回$")
_KANJI_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
TOTALS = frozenset(
    ("計", "合計", "総計", "小計", "年計", "累計", "年度計", "年間計", "総合計", "平均", "total", "sum")
)


def place(text: str) -> str:
    """A district's name as it is compared: 第１地区, 第一地区 and 1地区 are one."""
    found = key(text).translate(_KANJI_DIGITS)
    for suffix in ("地区", "圏域", "地域"):
        found = found.removesuffix(suffix)
    return found.removeprefix("第")


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """A heading without brackets, units at its end and spaces."""
    return _DECORATION.sub("", _DECORATION.sub("", key(text)))


def is_total(text: str) -> bool:
    """合計, 小 計, 地区計 … : a sum of other cells, which nobody counts twice."""
    found = key(text)
    return found in TOTALS or (len(found) <= 8 and found.endswith(("合計", "小計", "総計", "地区計")))


def sums(cells: Sequence[str]) -> bool:
    """Does a row begin with such a word? Its number may stand before it, and the district."""
    return any(map(is_total, cells[:4]))


def group_field(heading: str) -> str:
    """The field of a list of groups that a heading names; "" for none."""
    return _best(heading, _HEADINGS)


def count_field(heading: str) -> str:
    return _best(heading, _COUNT_HEADINGS)


def _best(heading: str, table: Mapping[str, list[str]]) -> str:
    """The same words first; then the longest that the heading holds."""
    text = bare(heading)
    if not text:
        return ""
    known = [(bare(word), code) for code, words in table.items() for word in words]
    for word, code in known:
        if word == text:
            return code
    holding = [(len(word), code) for word, code in known if len(word) > 1 and word in text]
    return max(holding, key=lambda pair: pair[0])[1] if holding else ""


class Measures:
    """The counts of one form, known by their labels in every language and by what offices call them."""

    def __init__(self, form: Form) -> None:
        self.codes = [
            m.code for m in form.measures if m.spec.kind not in (MeasureKind.CHOICES, MeasureKind.STAGE)
        ]
        self._words: list[tuple[str, str]] = []
        for measure in form.measures:
            if measure.code in self.codes:
                own = [*measure.labels.values(), *measure.names.values(), measure.code]
                self._learn(measure.code, own)
        for code in self.codes:
            self._learn(code, _MEASURES.get(code, ()))

    def _learn(self, code: str, words: Iterable[str]) -> None:
        self._words.extend((bare(word), code) for word in words if bare(word))

    def find(self, text: str) -> str:
        """The code of the count that a text names; "" for none."""
        wanted = bare(text)
        if not wanted:
            return ""
        for word, code in self._words:
            if word == wanted:
                return code
        holding = [(len(word), code) for word, code in self._words if len(word) > 1 and word in wanted]
        return max(holding, key=lambda pair: pair[0])[1] if holding else ""
