"""The addresses of the reports of a campaign: the page that offers them, and the files."""

from __future__ import annotations

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from app.analysis.stored import stored_scorecard
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import wiring
from app.console.rendering import show
from app.console.reports.page import reports_page
from app.console.results.stored import view_of
from app.report.files import FileKind, file_of, name_of_file
from experiments.lifecycle import find_campaign

blueprint = Blueprint("reports", __name__)


@blueprint.get("/campaigns/<key>/reports")
@open_to(Scope.REPORTS_READ)
def reports(key: str) -> tuple[str, int]:
    """Show what there is to send."""
    return show(reports_page(key))


@blueprint.get("/campaigns/<key>/reports/<snapshot>.<any(html, csv):kind>")
@open_to(Scope.REPORTS_READ)
def download(key: str, snapshot: str, kind: str) -> Response:
    """Give a file of a stored snapshot, in the language that its address names."""
    campaign, form = find_campaign(wiring().engine, key), FileKind(kind)
    scorecard = stored_scorecard(wiring().engine, key, snapshot)
    if scorecard is None:
        raise NotFound
    view = view_of(campaign, scorecard)
    answer = Response(file_of(view, form), content_type=form.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name_of_file(view, form))
    return answer
