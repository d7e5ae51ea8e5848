"""A page as a browser reads it: parsed strictly, asked with small CSS selectors, its forms ready to send.

    page = Page(response.text)
    page.text("main h1")                       # the words, without furigana readings
    page.form('form[action="/ja/report"]').filled(held="3")

What is wrong with a page is the business of tests/support/referee.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib

UNSEEN = {"script", "style", "template", "rt", "rp", "noscript"}
_COMPOUND = re.compile(r"(?P<tag>[\w-]+|\*)?(?P<rest>(?:[#.][\w-]+|\[[^\]]+\])*)$")
_PART = re.compile(
    r"#(?P<id>[\w-]+)|\.(?P<cls>[\w-]+)|\[(?P<attr>[\w:-]+)(?:(?P<op>[\^$*]?=)\"?(?P<value>[^\]\"]*)\"?)?\]"
)


@dataclass
class Form:
    """One form: where it goes and what a browser would send if nothing were changed (buttons apart)."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, words

    def filled(
        self,
        values: Mapping[str, str | list[str] | None] | None = None,
        *,
        press: str | None = None,
        **more: str | list[str] | None,
    ) -> dict[str, list[str]]:
        """The fields with these changed (None takes one away) and a button pressed (by its value or words).

        KeyError for a field or button that is not on the page: nobody could have filled it in.
        """  # fmt: skip
        sent = {name: list(held) for name, held in self.fields.items()}
        for name, value in {**(values or {}), **more}.items():
            if name not in sent:
                raise KeyError(f"no field {name!r} in this form; there are {sorted(sent)}")
            sent[name] = [] if value is None else [value] if isinstance(value, str) else list(value)
        if press is not None:
            button = next((button for button in self.buttons if press in button[1:]), None)
            if button is None:
                raise KeyError(f"no button {press!r}; there are {[b[1:] for b in self.buttons]}")
            if button[0]:
                sent[button[0]] = [button[1]]
        return {name: held for name, held in sent.items() if held}


def _in_table(part: str) -> str:
    """A row that is put in place of another, and what comes with it: as the browser's <template> takes it."""
    if not part.lstrip().startswith("<tr"):
        return part
    row, end, more = part.partition("</tr>")
    return f"<table><tbody>{row}{end}</tbody></table>{more}"


class Page:
    """A whole document, or (where it has no doctype) the part of one that htmx swaps in."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.whole = html.lstrip()[:9].lower() == "<!doctype"
        parser = html5lib.HTMLParser(
            html5lib.treebuilders.getTreeBuilder("etree"), namespaceHTMLElements=False
        )
        root = parser.parse(html) if self.whole else parser.parseFragment(_in_table(html), container="div")
        self.root: Element = root
        self.errors = [f"{code} at line {line}" for (line, _column), code, _data in parser.errors]
        for element in root.iter():
            if isinstance(element.tag, str):  # comments have a function for a tag
                element.tag = element.tag.rpartition("}")[2]
        self.parents = {child: parent for parent in root.iter() for child in parent}

    # -- asking -----------------------------------------------------------------------------------------
    def all(self, css: str) -> list[Element]:
        """Elements that match: tag, #id, .class, [attr], [attr="v"] (also ^= $= *=), descendants, commas."""
        chains = [[_compound(word) for word in _words(choice)] for choice in _split(css)]
        return [e for e in self.elements if any(self._matches(e, chain) for chain in chains)]

    def one(self, css: str) -> Element:
        """The only element that matches; AssertionError for none or several."""
        found = self.all(css)
        assert len(found) == 1, f"{len(found)} elements match {css!r}"
        return found[0]

    def text(self, css: str = "body") -> str:
        """The words of everything that matches, white space folded, readings left out."""
        found = self.all(css) if self.whole or css != "body" else [self.root]
        return " ".join(fold("".join(seen(element))) for element in found)

    def form(self, css: str = "form") -> Form:
        """The form that matches (the first, where the selector is left out), hidden fields included."""
        element = self.one(css) if css != "form" else self.all("form")[0]
        form = Form(element.get("action", ""), element.get("method", "get").lower())
        name = element.get("id")
        for control in self.elements:
            if control.get("form") == name if control.get("form") else element in self.ancestors(control):
                _add_control(form, control)
        return form

    @cached_property
    def elements(self) -> list[Element]:
        return [element for element in self.root.iter() if isinstance(element.tag, str)]

    def ancestors(self, element: Element) -> Iterator[Element]:
        """The element's parents, nearest first."""
        while (above := self.parents.get(element)) is not None:
            yield above
            element = above

    def lang(self, element: Element) -> str:
        """The language in force at an element; empty where nothing says it (a fragment)."""
        for holder in (element, *self.ancestors(element)):
            if holder.get("lang"):
                return str(holder.get("lang"))
        return ""

    def _matches(self, element: Element, chain: list[tuple[str | None, list[re.Match[str]]]]) -> bool:
        if not _is(element, chain[-1]):
            return False
        rest = chain[:-1]
        for above in self.ancestors(element):
            if rest and _is(above, rest[-1]):
                rest = rest[:-1]
        return not rest


def fold(text: str) -> str:
    return " ".join(text.split())


def seen(element: Element) -> Iterator[str]:
    """The text that a reader sees in an element, in order."""
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    yield element.text or ""
    for child in element:
        yield from seen(child)
        yield child.tail or ""


def _split(css: str) -> list[str]:
    return [choice.strip() for choice in re.split(r",(?![^\[]*\])", css)]


def _words(choice: str) -> list[str]:
    return re.split(r"\s+(?![^\[]*\])", choice)


def _compound(word: str) -> tuple[str | None, list[re.Match[str]]]:
    found = _COMPOUND.match(word)
    assert found, f"this selector is beyond us: {word!r}"
    tag = found["tag"]
    return (None if tag in (None, "*") else tag), list(_PART.finditer(found["rest"]))


def _is(element: Element, compound: tuple[str | None, list[re.Match[str]]]) -> bool:
    tag, parts = compound
    return (tag is None or element.tag == tag) and all(_has(element, part) for part in parts)


def _has(element: Element, part: re.Match[str]) -> bool:
    if part["id"]:
        return element.get("id") == part["id"]
    if part["cls"]:
        return part["cls"] in element.get("class", "").split()
    held = element.get(part["attr"])
    if held is None or part["op"] is None:
        return held is not None
    value = part["value"]
    match part["op"]:
        case "^=":
            return held.startswith(value)
        case "$=":
            return held.endswith(value)
        case "*=":
            return value in held
        case _:
            return bool(held == value)


def _add_control(form: Form, control: Element) -> None:
    """What a browser would send for one control; an unticked box is known but sends nothing."""
    name, kind = control.get("name", ""), control.get("type", "text" if control.tag == "input" else "submit")
    if control.get("disabled") is not None:
        return
    if control.tag == "button" or (control.tag == "input" and kind in ("submit", "image")):
        if kind in ("submit", "image"):
            form.buttons.append((name, control.get("value", ""), fold("".join(seen(control)))))
    elif control.tag == "input" and name:
        held = form.fields.setdefault(name, [])
        if kind not in ("checkbox", "radio") or control.get("checked") is not None:
            held.append(control.get("value", "on" if kind in ("checkbox", "radio") else ""))
    elif control.tag == "textarea" and name:
        form.fields.setdefault(name, []).append((control.text or "").removeprefix("\n"))
    elif control.tag == "select" and name:
        options = list(control.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None]
        if not chosen and control.get("multiple") is None:
            chosen = options[:1]
        form.fields.setdefault(name, []).extend(o.get("value", fold("".join(seen(o)))) for o in chosen)
