"""What `portal plan load` says: the file's changes, the portal's edits, and where the two meet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from portal.plan.merging import Clash, Merge, leaves
from portal.plan.overlay import Place

LONGEST = 120  # letters of one value; a whole form on one line tells nobody anything


def show(merged: Merge) -> None:
    difference = merged.difference
    for sign, keys in (("+", difference.added), ("~", difference.changed), ("-", difference.removed)):
        for kind, key in keys:
            click.echo(f"{sign} {kind} {key}")
    for place in merged.kept:
        click.echo(f"= {_name(place)}: edited in the portal, stays")
    for place in merged.settled:
        click.echo(f"= {_name(place)}: edited in the portal, and the file decides it now")
    for clash in merged.dropped:
        for line in _sides(clash):
            click.echo(f"! {line}: dropped, the file wins")


def refuse(merged: Merge) -> None:
    """Each field that both sides changed, with both values."""
    for clash in merged.clashes:
        for line in _sides(clash):
            click.echo(f"conflict: {line}", err=True)
    click.echo(
        f"{len(merged.clashes)} changed both in the portal and in the file; nothing was written. Put the "
        "portal's value into the file (portal plan export), or load with --replace: the file wins, and "
        "every edit made in the portal is dropped.",
        err=True,
    )


def done(merged: Merge) -> None:
    if merged.empty:
        click.echo("The plan in force says the same already.")
        return
    added, changed, removed = map(len, merged.difference)
    told = f"Loaded: {added} added, {changed} changed, {removed} removed."
    if merged.kept or merged.dropped:
        told += f" Edits of the portal: {len(merged.kept)} kept, {len(merged.dropped)} dropped."
    click.echo(told)


def _sides(clash: Clash) -> Iterator[str]:
    if clash.gone:
        yield f"{_name(clash.place)}: portal {_short(clash.ours)}, and the file has no such row"
        return
    for path, ours, theirs in leaves(clash.ours, clash.theirs):
        name = ".".join(part for part in (_name(clash.place), path) if part)
        yield f"{name}: portal {_short(ours)}, file {_short(theirs)}"


def _name(place: Place) -> str:
    return f"{place[0]} {place[1]} {place[2]}"


def _short(value: Any) -> str:
    said = json.dumps(value, ensure_ascii=False)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
