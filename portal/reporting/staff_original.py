"""The original at the desk: files that come with the form, how they are shown, how a picture goes out."""

from __future__ import annotations

import re
import secrets
from typing import Any

from flask import Response, g, make_response, request, url_for
from werkzeug.datastructures import FileStorage

from portal.domain.errors import Invalid
from portal.reporting import originals, pictures
from portal.reporting.desk import Desk
from portal.reporting.models import Original, Submission
from portal.reporting.pictures import Picture
from portal.reporting.staff_words import PICTURES
from portal.web.csrf import token_failed
from portal.web.unit_of_work import unit_of_work

FILES, BATCH, OUT = "original", "original_batch", "original_out"  # the form's fields
ACCEPT = "image/jpeg,image/png,image/webp"  # an iPhone that reads this hands JPEG in instead of HEIC
# A browser shows a picture alone in a page of its own making, with styles; nothing else may happen in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


def take(desk: Desk) -> None:
    """Keep the pictures that came with the form, and drop those that are not wanted.

    In a unit of work of its own: the pages of a form in which a number is wrong stay, too. What can't be
    taken is told by `problem()`; nothing of that file stays.
    """
    if not originals.may_have_one(desk):
        return
    made = _readable(_chosen())
    with unit_of_work():
        originals.take_out(desk, _batch(), request.form.getlist(OUT))
        for picture in made:
            try:
                originals.add(desk, _batch(), picture)
            except Invalid as error:
                _say(error.code)


def _chosen() -> list[FileStorage]:
    """The files, without the empty part that a browser sends where none was chosen."""
    return [file for file in request.files.getlist(FILES) if file.filename]


def _readable(files: list[FileStorage]) -> list[Picture]:
    if len(files) > originals.MOST:
        _say("picture_too_many")
        return []
    found, most = [], originals.most_bytes()
    for number, file in enumerate(files, 1):
        data = file.stream.read(most + 1)
        try:
            if len(data) > most:
                raise Invalid("picture_large")
            found.append(pictures.read(data))
        except Invalid as error:
            _say(error.code, number=number, size=most // (1024 * 1024))
    return found


def _say(code: str, **values: int) -> None:
    told = str(PICTURES[code]) % {"most": originals.MOST, **values}
    g.original_problems = [*g.get("original_problems", []), told]


def problem() -> str:
    """What is wrong with the pictures of this request, in sentences; empty where nothing is."""
    if token_failed() and _chosen():
        return str(PICTURES["picture_again"])
    return " ".join(dict.fromkeys(g.get("original_problems", [])))


def attach(desk: Desk, submission: Submission) -> None:
    """The report is in: its pages belong to it."""
    if originals.may_have_one(desk):
        originals.attach(desk, _batch(), submission)


def shown(desk: Desk) -> dict[str, Any] | None:
    """What the form and the check page show; None where no picture may be added."""
    if not originals.may_have_one(desk):
        return None
    batch = _batch()
    return {
        "batch": batch,
        "accept": ACCEPT,
        "most": originals.MOST,
        "months": originals.months_kept(),
        "pages": [
            {"id": page.public_id, "url": desk.url("original", page=page.public_id), "page": page}
            for page in originals.waiting(desk, batch)
        ],
    }


def _batch() -> str:
    """Which pages belong together: as the form says, else a new one. It opens nothing by itself."""
    given = request.form.get(BATCH, "")
    if re.fullmatch(r"[0-9a-f]{32}", given):
        return given
    if "original_batch" not in g:
        g.original_batch = secrets.token_hex(16)
    return str(g.original_batch)


def of(submission: Submission) -> list[dict[str, Any]]:
    """The pages beside a report under review; `number` counts within a version."""
    found: list[dict[str, Any]] = []
    for page in originals.of(submission):
        number = 1 + sum(row["page"].version == page.version for row in found)
        url = url_for("originals.show", public_id=submission.public_id, page=page.public_id)
        found.append({"url": url, "page": page, "number": number})
    return found


def give(page: Original) -> Response:
    """The picture itself: shown and not run, never kept, under a name that tells nobody's."""
    response = make_response(page.content)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Content-Disposition"] = f'inline; filename="original-{page.period}-{page.id}.jpg"'
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
