"""The addresses of the reports of a campaign: the page that offers them, and the files."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import wiring, words
from app.console.rendering import show
from app.console.reports.page import reports_page
from app.report.files import FileKind, name_of_file
from app.report.reading import read_snapshot
from app.report.workshop import WORKSHOP

blueprint = Blueprint("reports", __name__)


@blueprint.get("/campaigns/<key>/reports")
@open_to(Scope.REPORTS_READ)
def reports(key: str) -> tuple[str, int]:
    """Show what there is to send."""
    return show(reports_page(key))


@blueprint.get("/campaigns/<key>/reports/<snapshot>.<any(html, pdf, csv):kind>")
@open_to(Scope.REPORTS_READ)
def download(key: str, snapshot: str, kind: str) -> Response:
    """Give a file of a stored snapshot, in the language that its address names."""
    form = FileKind(kind)
    found = read_snapshot(wiring().engine, key, snapshot)
    if found is None:
        raise NotFound
    view = replace(found, words=words())
    answer = Response(WORKSHOP.file_of(view, form), content_type=form.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name_of_file(view, form))
    return answer
