"""Answers what happened per variant: the scorecard, computed now and stored as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from app.analysis import FactSource, scorecard_of
from app.api.answers import JSON
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from experiments.document import Moment
from experiments.errors import ArchiveError, InvalidValues, NotLaunched, Problem, UnknownCampaign
from stats.errors import EngineUnavailable, InvalidFacts
from stats.scorecard import Scorecard

if TYPE_CHECKING:
    from datetime import datetime

blueprint = APIBlueprint("scorecards", __name__, tag="Reports")


class ScorecardQuery(BaseModel):
    """Which scorecard of a campaign."""

    model_config = ConfigDict(extra="forbid")

    phase: Annotated[int | None, Field(ge=1, description="The latest phase by default.")] = None
    as_of: Annotated[
        Moment | None,
        Field(description="Analysis time with offset, like 2026-07-01T00:00:00Z; now by default."),
    ] = None


@blueprint.get("/v1/campaigns/<key>/scorecard")
@operation(
    scope=Scope.REPORTS_READ,
    query=ScorecardQuery,
    answer=Scorecard,
    problems=(UnknownCampaign, NotLaunched, ArchiveError, EngineUnavailable, InvalidFacts),
)
def read_scorecard(key: str) -> Response:
    """Give what happened per variant, by the plan that was fixed at launch.

    The answer is stored as it is; the same facts give the same `snapshot_hash`, which is also the
    ETag. `Erased-Since` says how many of its members were erased after it was computed.
    """
    query, parts = query_as(ScorecardQuery), wiring()
    now = parts.clock()
    refuse_future(query.as_of, now)
    report = scorecard_of(
        parts.engine,
        key,
        now=now,
        phase=query.phase,
        as_of=query.as_of,
        source=FactSource.of(parts.settings),
    )
    answer = Response(report.document, mimetype=JSON)
    answer.set_etag(report.scorecard.snapshot_hash)
    if report.erased_since:  # the document is stored as it is, and never changed
        answer.headers["Erased-Since"] = str(report.erased_since)
    return answer


def refuse_future(as_of: datetime | None, now: datetime) -> None:
    """Refuse a time at which windows that are open now would count as closed."""
    if as_of is not None and as_of > now:
        message = "lies in the future, when windows that are open now would count as closed"
        raise InvalidValues([Problem("as_of", as_of.isoformat(), message, "Leave it out for now.")])
