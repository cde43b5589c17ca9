"""Reads and sets the programme, computes its members, and previews other rules."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.answers import json_answer
from app.api.context import actor, present_key, wiring
from app.api.operation import operation
from app.api.requests import DOCUMENT_TYPES, body_as, document_as, query_as
from app.auth import Scope
from app.programme import facts_of, preview_values, run_values
from experiments.document import Moment
from experiments.errors import RecomputeBusy, UnknownProgramme
from experiments.lifecycle import find_programme, set_programme
from experiments.programme import Programme
from experiments.programme_run.previewing import NEAR_PERCENT, TierChange, preview
from experiments.programme_run.recomputing import recompute
from experiments.programme_run.scheduling import runs

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("programme", __name__, tag="Programme")

AsOf = Annotated[
    Moment | None,
    Field(description="Facts count that occurred before this moment; now where it is left out."),
]


class RecomputeOrder(BaseModel):
    """Up to when."""

    model_config = ConfigDict(extra="forbid")

    as_of: AsOf = None


class RunAnswer(BaseModel):
    """One computation of all members."""

    number: int
    version: Annotated[str, Field(description="Of the rules; members carry it in `computed_by`.")]
    as_of: datetime
    started_at: datetime
    computed_at: Annotated[
        datetime | None, Field(description="Null while it runs, and where it was interrupted.")
    ]
    actor: str
    counts: Annotated[
        dict[str, int],
        Field(
            description="`members`, `changed`, `moved_up`, `moved_down`, `progress`, `tier.<key>`."
        ),
    ]


class RunsQuery(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=1_000, description="At most so many.")] = 100


class RunsAnswer(BaseModel):
    """Computations, the latest first."""

    runs: list[RunAnswer]


class PreviewOrder(BaseModel):
    """What is to be other: a whole programme, or thresholds of tiers."""

    model_config = ConfigDict(extra="forbid")

    programme: Annotated[
        Programme | None, Field(description="In place of the one that is set.")
    ] = None
    tiers: Annotated[
        list[TierChange], Field(description="Other thresholds, in place of a programme.")
    ] = []
    near_percent: Annotated[
        Decimal,
        Field(ge=0, le=100, description="How much of the way may be missing to be near a tier."),
    ] = NEAR_PERCENT
    as_of: AsOf = None

    @model_validator(mode="after")
    def _one_of_both(self) -> PreviewOrder:
        if (self.programme is None) is (not self.tiers):
            message = "give either a programme or tiers with other thresholds"
            raise ValueError(message)
        return self


class TierPreviewAnswer(BaseModel):
    """What becomes of a tier."""

    key: str
    now: Annotated[int, Field(description="Members that today's rules give it.")]
    then: Annotated[int, Field(description="Members that the other rules give it.")]
    settled: Annotated[
        int, Field(description="The same, once tiers kept for their validity have run out.")
    ]
    near_now: Annotated[int, Field(description="Members near it, whose next tier it is.")]
    near_then: Annotated[int, Field(description="The same by the other rules.")]
    benefit_cost_minor: int | None
    cost_minor: Annotated[
        int | None, Field(description="What the difference costs a year; null where unknown.")
    ]


class TierMoveAnswer(BaseModel):
    """Members who would have another tier."""

    before: str | None
    after: str | None
    members: int


class PreviewAnswer(BaseModel):
    """What other rules would make of the members."""

    as_of: datetime
    members: int
    imported: Annotated[int, Field(description="Members whose tier the business imports; it wins.")]
    without_tier_now: int
    without_tier_then: int
    tiers: list[TierPreviewAnswer]
    moves: list[TierMoveAnswer]
    moved_up: int
    moved_down: int
    cost_minor: Annotated[
        int | None, Field(description="What benefits cost more a year; null where unknown.")
    ]
    currency: str
    unknown_cost: Annotated[
        list[str], Field(description="Tiers that gain or lose members and state no cost.")
    ]


@blueprint.get("/v1/programme")
@operation(scope=Scope.CAMPAIGNS_READ, answer=Programme, problems=(UnknownProgramme,))
def read_programme() -> Response:
    """Give the programme."""
    programme = find_programme(wiring().engine)
    if programme is None:
        raise UnknownProgramme
    return json_answer(programme)


@blueprint.put("/v1/programme")
@operation(
    scope=Scope.PROGRAMME_WRITE,
    body=Programme,
    media_types=DOCUMENT_TYPES,
    answer=Programme,
    example={
        "time_zone": "Asia/Taipei",
        "currency": "TWD",
        "locales": ["zh-Hant-TW", "en"],
        "tiers": [{"key": "silver"}, {"key": "gold"}],
    },
)
def replace_programme() -> Response:
    """Set the programme, in place of what was known.

    Plans of phases that were launched before keep their currency and zone.
    """
    parts = wiring()
    return json_answer(set_programme(parts.engine, document_as(Programme), parts.clock(), actor()))


@blueprint.post("/v1/programme/recompute")
@operation(
    scope=Scope.PROGRAMME_WRITE,
    body=RecomputeOrder,
    answer=RunAnswer,
    problems=(UnknownProgramme, RecomputeBusy),
    example={"as_of": "2026-07-01T00:00:00+08:00"},
)
def recompute_members() -> Response:
    """Compute score, tier, RFM, lifecycle stage and value of every member from the facts.

    Answers when it is done. Millions of members take minutes: compute those with
    `tierlift programme recompute`, beside the server.
    """
    order, parts = body_as(RecomputeOrder), wiring()
    run = recompute(
        parts.engine,
        facts_of(parts.settings),
        now=parts.clock(),
        as_of=order.as_of,
        actor=present_key().key_id,
    )
    return json_answer(run_values(run))


@blueprint.get("/v1/programme/runs")
@operation(scope=Scope.CAMPAIGNS_READ, query=RunsQuery, answer=RunsAnswer)
def list_runs() -> Response:
    """Give the latest computations, the latest first."""
    found = runs(wiring().engine, query_as(RunsQuery).limit)
    return json_answer({"runs": [run_values(run) for run in found]})


@blueprint.post("/v1/programme/preview")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=PreviewOrder,
    answer=PreviewAnswer,
    problems=(UnknownProgramme,),
    example={"tiers": [{"key": "gold", "entry_threshold_minor": 800_000}], "near_percent": 20},
)
def preview_programme() -> Response:
    """Tell what other thresholds, or another programme, would make of the members.

    Nothing is changed.
    """
    order, parts = body_as(PreviewOrder), wiring()
    found = preview(
        parts.engine,
        facts_of(parts.settings),
        tuple(order.tiers) if order.programme is None else order.programme,
        now=parts.clock(),
        as_of=order.as_of,
        near_percent=order.near_percent,
    )
    return json_answer(preview_values(found))
