"""The addresses of a campaign's results, and the button that computes them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, request

from app.analysis import FactSource, scorecard_of
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.frame import address_of_campaign
from app.console.context import wiring, words
from app.console.rendering import is_part, show, show_part
from app.console.results.effects import EffectsPage, effects_page
from app.console.results.health import health_page
from app.console.results.overview import overview_page
from app.console.results.slices import funnel_page, money_page, segments_page, time_page

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("results", __name__)


@blueprint.get("/campaigns/<key>")
@open_to(Scope.REPORTS_READ)
def overview(key: str) -> tuple[str, int]:
    """Show the verdict, why, and what to do next."""
    return show(overview_page(key))


@blueprint.get("/campaigns/<key>/health")
@open_to(Scope.REPORTS_READ)
def health(key: str) -> tuple[str, int]:
    """Show the trust checks."""
    return show(health_page(key))


@blueprint.get("/campaigns/<key>/results")
@open_to(Scope.REPORTS_READ)
def effects(key: str) -> tuple[str, int] | str:
    """Show what every metric shows."""
    page = effects_page(key)
    if is_part() and isinstance(page, EffectsPage):
        return show_part("console/results/_effects.html", page=page)
    return show(page)


@blueprint.get("/campaigns/<key>/funnel")
@open_to(Scope.REPORTS_READ)
def funnel(key: str) -> tuple[str, int]:
    """Show the funnel."""
    return show(funnel_page(key))


@blueprint.get("/campaigns/<key>/time")
@open_to(Scope.REPORTS_READ)
def over_time(key: str) -> tuple[str, int]:
    """Show the effect over time."""
    return show(time_page(key))


@blueprint.get("/campaigns/<key>/segments")
@open_to(Scope.REPORTS_READ)
def segments(key: str) -> tuple[str, int]:
    """Show the slices by segment."""
    return show(segments_page(key))


@blueprint.get("/campaigns/<key>/money")
@open_to(Scope.REPORTS_READ)
def money(key: str) -> tuple[str, int]:
    """Show what the campaign earned and cost."""
    return show(money_page(key))


@blueprint.post("/campaigns/<key>/compute")
@open_to(Scope.REPORTS_READ)
def compute(key: str) -> Response:
    """Compute and store a scorecard from what has been recorded up to now."""
    parts = wiring()
    source = FactSource.of(parts.settings)
    report = scorecard_of(parts.engine, key, now=parts.clock(), source=source)
    text = words().say("Computed: snapshot {hash}.", hash=report.scorecard.snapshot_hash[:12])
    flash(text, "success")
    back = request.form.get("tab", "")
    return redirect(address_of_campaign(key, back if back.isalpha() else ""))
