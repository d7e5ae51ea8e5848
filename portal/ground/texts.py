"""Words that staff write and others read: in which languages they stand, and in what state.

    KIND = Kind("indicators", PUBLIC, _read, _write)     declared where the words live, named in features.py
    rows_of(kind, "vi", actor)                           one row a sentence, what needs work first
    save(actor, kind, "vi", [Saved(row, "Số buổi")])     writes it back, and keeps who wrote what

The words themselves stay where they are. A state is computed, never stored: an event speaks of the
Japanese and the translation of its moment, so that it lapses by itself when either changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from hashlib import sha256

from flask import current_app
from sqlalchemy import select

from portal import clock
from portal.domain.errors import Conflict
from portal.domain.permissions import SYSTEM, Actor, Permission, Subject, may
from portal.extensions import db
from portal.ground.audit import record
from portal.ground.models import TextEvent

Words = Mapping[str, str]
Place = tuple[str, str, str]  # the row's kind, its key, the field
PUBLIC, REPORTERS = "public", "reporters"  # who reads the words


class State(IntEnum):
    """In the order in which they need somebody."""

    OUTDATED = 0  # the Japanese has changed since
    MISSING = 1
    DRAFT = 2  # nobody but its writer has read it
    CHECKED = 3  # a second person has
    NATIVE = 4  # a native speaker has


@dataclass(frozen=True, slots=True)
class Change:
    """The words of one place before and after somebody changed them."""

    at: datetime
    actor: str
    before: Words
    after: Words


@dataclass(frozen=True, slots=True)
class Text:
    """One text at its place, in the languages that it has; `changes` as far as its feature keeps them."""

    place: Place
    words: Words
    changes: tuple[Change, ...] = ()
    subject: Subject = field(default_factory=Subject)  # the plan's words are everybody's: no limited grant


@dataclass(frozen=True, slots=True)
class Kind:
    """Texts of one sort. `write` puts words back where they live. A `proper` name may stay in Japanese."""

    code: str
    readers: str
    read: Callable[[], Iterable[Text]]
    write: Callable[[Actor, Mapping[Place, Words]], None]
    proper: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a text stands in one language."""

    text: str
    state: State
    before: str = ""  # the Japanese that the translation was made from, where that is another
    changed_at: datetime | None = None
    writer: str = ""  # "" where it came with the plan file
    checker: str = ""
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence as it is translated: once, wherever it stands."""

    source: Words
    standing: Standing
    texts: tuple[Text, ...]

    @property
    def code(self) -> str:
        """The name of its fields in a form; the same as long as its first place is."""
        return code_of(self.texts[0].place)

    @property
    def seen(self) -> str:
        """What a translator has before them: another once the Japanese or the translation changes."""
        return fingerprint(self.source["ja"])[:8] + fingerprint(self.standing.text)[:8]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a translator says of a row: its text; that it `keeps` to the new Japanese; that it reads right."""

    row: Row
    text: str
    keeps: bool = False
    checks: bool = False


def fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def code_of(place: Place) -> str:
    return "t" + fingerprint("\n".join(place))[:12]


def kinds() -> tuple[Kind, ...]:
    """Every kind there is, what the public sees first (features.py has the list)."""
    return tuple(current_app.extensions["texts"])


def kind(code: str) -> Kind | None:
    return next((one for one in kinds() if one.code == code), None)


def texts_of(one: Kind, actor: Actor) -> list[Text]:
    """Those of a kind that the actor may translate, as far as there is a sentence."""
    return [
        text
        for text in one.read()
        if text.words.get("ja") and may(actor, Permission.TEXTS_TRANSLATE, text.subject)
    ]


Events = dict[tuple[Place, str], list[TextEvent]]


def events(places: Iterable[Place] | None = None) -> Events:
    """Every event by place and language, the oldest first."""
    query = select(TextEvent).order_by(TextEvent.id)
    if places is not None:
        query = query.where(TextEvent.kind.in_({place[0] for place in places}))
    found: Events = {}
    for row in db.session.scalars(query):
        found.setdefault(((row.kind, row.key, row.field), row.language), []).append(row)
    return found


def standing(text: Text, language: str, told: Iterable[TextEvent]) -> Standing:
    """The state of one text in one language, from its events and its feature's own history."""
    said, source = text.words.get(language, ""), text.words["ja"]
    if not said:
        return Standing("", State.MISSING)
    mine = [event for event in told if event.text == said]
    made_from, writer = _made_from(text, language, mine)
    if made_from != source:
        at = next((c.at for c in reversed(text.changes) if c.after.get("ja") == source), None)
        return Standing(said, State.OUTDATED, made_from, at, writer)
    checks = [e for e in mine if e.action in ("checked", "native") and e.source == source]
    if not checks:
        return Standing(said, State.DRAFT, writer=writer)
    best = next((event for event in reversed(checks) if event.action == "native"), checks[-1])
    state = State.NATIVE if best.action == "native" else State.CHECKED
    return Standing(said, state, "", None, writer, best.actor, best.at)


def _made_from(text: Text, language: str, mine: list[TextEvent]) -> tuple[str, str]:
    """(the Japanese that this translation was made from, who wrote it; "" where it came with the file)."""
    said = text.words[language]
    writer = next((event.actor for event in reversed(mine) if event.action == "written"), "")
    last = next((event for event in reversed(mine) if event.action in ("written", "kept")), None)
    written = [c for c in text.changes if c.after.get(language) == said != c.before.get(language)]
    writer = writer or (written[-1].actor if written else "")
    if last is not None:
        return last.source, writer
    if written:
        return written[-1].after.get("ja", ""), writer
    of_japanese = [c for c in text.changes if c.before.get("ja") and c.before.get("ja") != c.after.get("ja")]
    if of_japanese and of_japanese[0].before.get(language) == said:
        return of_japanese[0].before["ja"], writer
    return text.words["ja"], writer


def rows_of(one: Kind, language: str, actor: Actor, told: Events | None = None) -> list[Row]:
    """One row for each sentence: outdated first, then missing, in the order in which they stand."""
    found = texts_of(one, actor)
    told = events(text.place for text in found) if told is None else told
    grouped: dict[tuple[str, str, State], list[tuple[Text, Standing]]] = {}
    for text in found:
        how = standing(text, language, told.get((text.place, language), ()))
        grouped.setdefault((text.words["ja"], how.text, how.state), []).append((text, how))
    rows = [Row(same[0][0].words, same[0][1], tuple(text for text, _ in same)) for same in grouped.values()]
    return sorted(rows, key=lambda row: row.standing.state)


def writers(row: Row, language: str, told: Events) -> set[str]:
    """Who has written the row, at any of its places: none of them reads it back."""
    return {standing(text, language, told.get((text.place, language), ())).writer for text in row.texts}


def save(actor: Actor, one: Kind, language: str, saved: Iterable[Saved], native: bool = False) -> int:
    """Write back what was typed and keep who did; gives how many sentences changed or were read back.

    Conflict("own_text", field=…) where somebody would read back what they wrote themselves.
    """
    told = events()
    words: dict[Place, Words] = {}
    acts: list[tuple[Saved, str]] = []
    for item in saved:
        act = _act(item, actor, language, told, native)
        if act:
            acts.append((item, act))
        if act == "written":
            for text in item.row.texts:
                words[text.place] = _with(text.words, language, item.text)
    if words:
        one.write(actor, words)
    for item, act in acts:
        for text in item.row.texts:
            _add(text, language, act, item.text, actor)
    db.session.flush()
    for step, name in ((("written", "kept"), "written"), (("checked", "native"), "read_back")):
        count = sum(act in step for _item, act in acts)
        if count:
            record("text", language, name, actor, kind=one.code, sentences=count)
    return len(acts)


def _act(item: Saved, actor: Actor, language: str, told: Events, native: bool) -> str:
    """What saving a row comes to; "" for a row that was left as it is."""
    standing_now = item.row.standing
    if item.text != standing_now.text:
        return "written"
    if not item.text:
        return ""
    if item.keeps and standing_now.state is State.OUTDATED:
        return "kept"
    if item.checks and standing_now.state is not State.OUTDATED:
        if actor.key in writers(item.row, language, told):
            raise Conflict("own_text", field=item.row.code)
        return "native" if native else "checked"
    return ""


def _with(words: Words, language: str, text: str) -> Words:
    rest = {slug: said for slug, said in words.items() if slug != language}
    return rest | {language: text} if text else rest


def _add(text: Text, language: str, action: str, said: str, actor: Actor) -> None:
    kind_, key, field_ = text.place
    db.session.add(
        TextEvent(
            kind=kind_,
            key=key,
            field=field_,
            language=language,
            action=action,
            source=text.words["ja"],
            fingerprint=fingerprint(text.words["ja"]),
            text=said,
            actor=actor.key,
            at=clock.now(),
        )
    )


def noted(place: Place, before: Words, after: Words, actor: Actor) -> None:
    """Words changed on a page of their own, whose feature keeps no history: from what was each made?

    A translation that stays while the Japanese changes was made from the Japanese before.
    """
    text, old = Text(place, after), Text(place, before)
    told = events([place])
    for language in sorted(set(after) - {"ja"}):
        if after[language] != before.get(language):
            _add(text, language, "written", after[language], actor)
        elif after["ja"] != before.get("ja") and not told.get((place, language)):
            _add(old, language, "written", after[language], SYSTEM)
    db.session.flush()
