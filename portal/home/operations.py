"""For operators: liveness, readiness, and a few numbers for Prometheus."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from portal.accounts.models import SignedInSession
from portal.extensions import db
from portal.ledger.models import Posting
from portal.publication import queries as publication
from portal.reporting.models import Submission
from portal.server import migrations
from portal.web.access import OPERATOR, audience

bp = Blueprint("operations", __name__)


@bp.get("/healthz")
@audience(OPERATOR)
def healthz() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@audience(OPERATOR)
def readyz() -> Response:
    """The database answers, and its schema is the newest."""
    try:
        db.session.execute(text("SELECT 1"))
        ready = migrations.current() == migrations.head()
    except SQLAlchemyError:
        ready = False
    return Response("ready\n" if ready else "not ready\n", 200 if ready else 503, mimetype="text/plain")


@bp.get("/metrics")
@audience(OPERATOR)
def metrics() -> Response:
    """Counts in Prometheus's text format, for whoever has the token; a 404 for everybody else."""
    token = current_app.config["SETTINGS"].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        abort(404)
    lines = _described("portal_submissions", "Submissions by state.")
    for state, count in db.session.execute(select(Submission.state, func.count()).group_by(Submission.state)):
        lines.append(f'portal_submissions{{state="{state}"}} {count}')
    open_sessions = (
        select(func.count()).select_from(SignedInSession).where(SignedInSession.ended_at.is_(None))
    )
    lines += [
        *_described("portal_postings", "Postings in the ledger."),
        f"portal_postings {db.session.scalar(select(func.count()).select_from(Posting))}",
        *_described("portal_sessions_open", "Phones and browsers that are signed in."),
        f"portal_sessions_open {db.session.scalar(open_sessions)}",
        *_described("portal_release_number", "Number of the last release; 0 before the first."),
        f"portal_release_number {publication.head().number or 0}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; version=0.0.4")


def _described(name: str, words: str) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} gauge"]
