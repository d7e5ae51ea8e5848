"""The referee itself: a good page passes, and each fault that it knows is made once and found."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.support import referee
from tests.support.client import header_faults, place_faults
from tests.support.html import Page

GOOD = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Báo cáo</title></head>
<body><main>
<h1>Xin chào</h1>
<p>Xem <span lang="ja"><ruby>社協<rp>(</rp><rt>しゃきょう</rt><rp>)</rp></ruby></span> &amp; bạn</p>
<form method="post" action="/vi/report" id="f">
<input type="hidden" name="csrf_token" value="t">
<label for="held">Số lần</label> <input id="held" name="held" value="2" aria-describedby="hint"> <span id="hint">lần</span>
<label>Lý do <select name="why"><option value="a">A</option><option value="b" selected>B</option></select></label>
<label><input type="checkbox" name="tea" value="1" checked> Trà</label>
<label><input type="radio" name="state" value="zero"> 0</label>
<label>Ghi chú <textarea name="note">
xin</textarea></label>
<button name="go" value="send">Gửi</button>
</form>
<svg viewBox="0 0 1 1" role="img" aria-label="Hình"><path d="M0 0"/></svg>
<form action="/vi/find"><label>Tìm <input type="search" name="q"></label></form>
</main></body></html>
"""  # noqa: E501 - as a template writes it


def found(old: str, new: str) -> list[str]:
    assert old in GOOD
    return referee.faults(Page(GOOD.replace(old, new, 1)))


def test_a_good_page_has_no_faults() -> None:
    assert referee.faults(Page(GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("</h1>", "", "not valid HTML"),
        ("<h1>Xin chào</h1>", "<p>Xin chào</p>", "0 h1 elements"),
        ("</h1>", "</h1><h1>Hai</h1>", "2 h1 elements"),
        ('lang="vi"', "", "html lang=None"),
        ('lang="vi"', 'lang="xx"', "html lang='xx'"),
        ("<title>Báo cáo</title>", "<title> </title>", "the title is empty"),
        ("<main>", "<main></main><main>", "exactly one main"),
        ('id="hint"', 'id="held"', "stands 2 times"),
        ('id="hint"', 'id="hints"', "refers to 'hint'"),
        ('for="held"', 'for="help"', "<input name='held'> has no label"),
        ("<label>Lý do", "<label>Lý do</label>", "has no label"),
        ("<svg", '<img src="/x.png"><svg', "has no alt"),
        ("csrf_token", "token", "has no csrf_token"),
        ('method="post"', "", "would show its csrf_token"),
        ("<h1>", '<h1 style="color: red">', "has style="),
        ("<h1>", '<h1 onclick="x()">', "has onclick="),
        ("<h1>", '<h1 hx-get="/">', "write data-hx-get"),
        ("<svg", "<script>x()</script><svg", "inline <script>"),
        ("</title>", "</title><style>p{}</style>", "inline <style>"),
        ("Xin chào", "{社協|しゃきょう}", "a reader sees '{社協|しゃきょう}'"),
        ("Xin chào", "%(name)s", "a reader sees '%(name)s'"),
        ("&amp; bạn", "&amp;amp; bạn", "a reader sees '&amp;'"),
        ('aria-label="Hình"', 'aria-label="{{ x }}"', "a reader sees '{{'"),
        ('<span lang="ja">', "<span>", "without a lang of its own"),
        ("Xin chào", "안녕", "without a lang of its own"),
        ("Xin chào", "नमस्ते", "without a lang of its own"),
        ('aria-label="Hình"', 'aria-label="図"', "without a lang of its own"),
    ],
)
def test_a_fault_is_found(old: str, new: str, fault: str) -> None:
    assert any(fault in sentence for sentence in found(old, new)), found(old, new)


def test_english_on_another_page_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referee, "_translations", lambda lang: {"Thank you"} if lang == "vi" else set())
    assert found("Xin chào", "Thank you") == ["not translated: 'Thank you'"]
    assert found("<h1>Xin chào", '<h1 lang="en">Thank you') == []


def test_a_part_is_checked_as_a_part() -> None:
    assert referee.faults(Page('<p id="a" aria-describedby="elsewhere">x</p>')) == []
    assert referee.faults(Page('<p id="a">x</p><p id="a">y</p>')) == ["id 'a' stands 2 times"]


def test_a_form_is_what_a_browser_would_send() -> None:
    form = Page(GOOD).form("#f")
    assert (form.method, form.action) == ("post", "/vi/report")
    assert form.filled() == {"csrf_token": ["t"], "held": ["2"], "why": ["b"], "tea": ["1"], "note": ["xin"]}
    sent = form.filled(held="3", tea=None, state="zero", press="Gửi")
    assert (sent["held"], sent["state"], sent["go"], "tea" in sent) == (["3"], ["zero"], ["send"], False)
    with pytest.raises(KeyError, match="no field 'hold'"):
        form.filled(hold="3")
    with pytest.raises(KeyError, match="no button"):
        form.filled(press="Xóa")


@pytest.mark.parametrize(
    ("css", "count"),
    [
        ("form", 2),
        ("#f input", 4),
        ("form input[type=hidden]", 1),
        ('a, label, [name="q"]', 7),
        ("main #f select option[selected]", 1),
        ("#f form", 0),
        ('form[action^="/vi/"]', 2),
        ('form[action$="find"] input', 1),
    ],
)
def test_selectors(css: str, count: int) -> None:
    assert len(Page(GOOD).all(css)) == count


def test_text_is_what_is_read() -> None:
    page = Page(GOOD)
    assert page.text("main p") == "Xem 社協 & bạn"
    assert page.text("h1, button") == "Xin chào Gửi"
    assert page.lang(page.one("ruby")) == "ja"


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=0",
    "Content-Type": "text/html; charset=utf-8",
}


def answer(body: str = "<p>x</p>", **changes: str | None) -> TestResponse:
    names = {name.replace("-", "_").lower(): name for name in (*HEADERS, "Set-Cookie")}
    headers = {**HEADERS, **{names[key]: value for key, value in changes.items()}}
    kept = [(name, value) for name, value in headers.items() if value is not None]
    return TestResponse([body.encode()], "200 OK", kept, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (answer(), None),
        (answer(content_security_policy=None), "policy lacks frame-ancestors"),
        (answer(content_security_policy=f"{HEADERS['Content-Security-Policy']}; x 'nonce-1'"), "nonce-"),
        (answer(referrer_policy=None), "no Referrer-Policy"),
        (answer(permissions_policy=None), "no Permissions-Policy"),
        (answer(x_content_type_options=None), "nosniff"),
        (answer(set_cookie="a=b"), "sets a cookie"),
        (answer(set_cookie="a=b", cache_control="no-store"), None),
        (answer('<input name="csrf_token">'), "csrf_token"),
        (answer("<script src=x></script>"), "<script"),
    ],
)
def test_headers(response: TestResponse, fault: str | None) -> None:
    sentences = header_faults(response)
    assert (not sentences) if fault is None else any(fault in sentence for sentence in sentences)


def test_the_language_of_the_address() -> None:
    assert place_faults("/vi/help/", Page(GOOD)) == []
    assert place_faults("/staff/", Page(GOOD)) == []
    assert place_faults("/ja/help/", Page(GOOD)) == ["html lang='vi' under /ja/"]
