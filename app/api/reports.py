"""Gives a report as a file to send: a page, a PDF or tidy CSV, in the language of its readers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import ConfigDict, Field

from app.analysis import FactSource
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.api.scorecards import ScorecardQuery, refuse_future
from app.auth import Scope
from app.errors import UnknownSnapshot
from app.language import Language, Words
from app.report.files import FileKind, name_of_file
from app.report.reading import read_report, read_snapshot
from app.report.workshop import WORKSHOP
from experiments.errors import ArchiveError, NotLaunched, Overloaded, UnknownCampaign
from stats.errors import EngineUnavailable, InvalidFacts

if TYPE_CHECKING:
    from app.report.view import ReportView

blueprint = APIBlueprint("reports", __name__, tag="Reports")


class ReportQuery(ScorecardQuery):
    """Which report, and as what."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[
        FileKind, Field(description="html: one page; pdf: to print or file; csv: tidy rows.")
    ] = FileKind.HTML
    language: Annotated[
        Language, Field(description="Of the page and the PDF; CSV is the same in every one.")
    ] = Language.ENGLISH
    snapshot: Annotated[
        str | None,
        Field(
            description="The `snapshot_hash` of a stored scorecard; one is computed now by default."
        ),
    ] = None


@blueprint.get("/v1/campaigns/<key>/report")
@operation(
    scope=Scope.REPORTS_READ,
    query=ReportQuery,
    answer=None,
    files=tuple(kind.media_type for kind in FileKind),
    problems=(
        UnknownCampaign,
        UnknownSnapshot,
        NotLaunched,
        ArchiveError,
        EngineUnavailable,
        InvalidFacts,
        Overloaded,
    ),
)
def read_file(key: str) -> Response:
    """Give a report as a file to send.

    Every form is made from one stored scorecard and carries its `snapshot_hash`, which is also in
    the file's name. A page or a PDF takes a few seconds; a server makes one at a time.
    """
    query = query_as(ReportQuery)
    view = replace(_view(key, query), words=Words(query.language))
    answer = Response(WORKSHOP.file_of(view, query.format), content_type=query.format.media_type)
    name = name_of_file(view, query.format)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _view(key: str, query: ReportQuery) -> ReportView:
    parts = wiring()
    if query.snapshot is not None:
        found = read_snapshot(parts.engine, key, query.snapshot)
        if found is None:
            raise UnknownSnapshot(key, query.snapshot)
        return found
    now = parts.clock()
    refuse_future(query.as_of, now)
    source = FactSource.of(parts.settings)
    return read_report(
        parts.engine, key, now=now, phase=query.phase, as_of=query.as_of, source=source
    ).view
