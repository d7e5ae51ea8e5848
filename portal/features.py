"""The list of features: the only place that names them all, so that the factory stays short."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from portal import models  # noqa: F401 - every table is known before the first query
from portal.accounts import sign_in
from portal.accounts import views as accounts
from portal.evaluation import views as evaluation
from portal.home import (
    operations,
    staff_audit,
    staff_card_groups,
    staff_cards,
    staff_export_views,
    staff_forms,
    staff_merge,
    staff_organisations,
    staff_periods,
    staff_reelection,
    staff_texts,
    staff_users,
)
from portal.home import views as home
from portal.indicators import staff_statements
from portal.indicators import views as indicators
from portal.intake import views as intake
from portal.intake import work as intake_work
from portal.organisations import reachability
from portal.organisations import texts as group_texts
from portal.plan import texts as plan_texts
from portal.plan import views as plan
from portal.publication import api, current, revisions
from portal.publication import staff_views as releases
from portal.publication import views as publication
from portal.reminders import staff_reminding
from portal.reminders import staff_views as letters
from portal.reminders import views as reminders
from portal.reporting import (
    day_views,
    days,
    entry_views,
    grid,
    offline,
    originals,
    practice,
    staff_grid,
    staff_paper,
    staff_subsidies,
    year_views,
)
from portal.reporting import views as reporting
from portal.returns import views as returns
from portal.review import (
    bulk_views,
    call_views,
    completeness_views,
    event_views,
    exception_views,
    original_views,
)
from portal.review import views as review
from portal.sections import staff_views as sections

BLUEPRINTS = (
    accounts.bp,
    home.bp,
    operations.bp,
    reporting.bp,
    offline.bp,
    day_views.bp,
    practice.bp,
    entry_views.bp,
    staff_paper.bp,
    staff_grid.bp,
    year_views.bp,
    staff_subsidies.bp,
    review.bp,
    bulk_views.bp,
    call_views.bp,
    original_views.bp,
    completeness_views.bp,
    exception_views.bp,
    sections.bp,
    event_views.bp,
    reminders.bp,
    letters.bp,
    staff_reminding.bp,
    staff_organisations.bp,
    staff_merge.bp,
    staff_cards.bp,
    staff_card_groups.bp,
    staff_reelection.bp,
    staff_users.bp,
    staff_audit.bp,
    staff_texts.bp,
    intake.bp,
    staff_export_views.bp,
    returns.bp,
    indicators.bp,
    staff_statements.bp,
    evaluation.bp,
    staff_periods.bp,
    staff_forms.bp,
    plan.bp,
    publication.bp,
    releases.bp,
    api.bp,
)


def init_app(app: Flask) -> None:
    app.extensions["actor_loader"] = sign_in.load_actor
    app.extensions["city_facts"] = current.city_facts
    app.extensions["is_demo"] = current.is_demo
    app.extensions["long_work"] = (intake_work,)
    app.extensions["final_figures"] = revisions.finals
    app.extensions["mail_bounced"] = reachability.note_refused
    app.extensions["tidying"] = [originals.tidy, grid.tidy, days.tidy]
    app.extensions["texts"] = (*plan_texts.KINDS, *group_texts.KINDS)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def generation(app: Flask) -> Callable[[], object]:
    """What the page cache asks: changes whenever a public page may."""

    def ask() -> object:
        with app.app_context():
            return current.generation()

    return ask
