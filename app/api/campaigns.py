"""Creates, changes and moves campaigns, by the same document that the command line reads."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app import analysis
from app.analysis import Choice, FactSource, make_plan
from app.api.answers import json_answer
from app.api.context import actor, trace_id, wiring
from app.api.operation import operation
from app.api.requests import DOCUMENT_TYPES, body_as, body_or_default, document_as, query_as
from app.auth import Scope
from experiments import lifecycle
from experiments.campaign import CampaignDesign, Move, State
from experiments.errors import (
    CampaignExists,
    IllegalMove,
    LaunchRefused,
    StaleCampaign,
    UnknownCampaign,
    UnsafeChange,
)
from experiments.wording import missing_texts

if TYPE_CHECKING:
    from flask import Response

    from experiments.campaign import Campaign

blueprint = APIBlueprint("campaigns", __name__, tag="Campaigns")


_MOVE_EXAMPLE = {"reason": "The gifts have arrived."}
_EXAMPLE = {
    "key": "gold-q3",
    "name": "Gold before the summer",
    "variants": [
        {"key": "control", "planned_share": 50},
        {
            "key": "gift",
            "planned_share": 50,
            "offer": {
                "kind": "gift",
                "gift": "A tea set",
                "unit_cost_minor": 30000,
                "currency": "TWD",
                "texts": {"en": {"title": "A gift awaits"}},
            },
        },
    ],
    "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
}


class PhaseShown(BaseModel):
    """A stretch of a campaign under one design."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    layer_ranges: Annotated[list[list[int]], Field(description="Slots of the layer, [from, to).")]


class MissingTextsShown(BaseModel):
    """An offer that readers of one of the programme's locales get in another."""

    field: Annotated[str, Field(description="Where the texts stand in the document.")]
    locale: Annotated[str, Field(description="The one that is missing.")]
    served: Annotated[str, Field(description="The one that its readers get.")]


class CampaignShown(BaseModel):
    """A campaign with its state."""

    key: str
    state: State
    version: Annotated[int, Field(description="Counts changes.")]
    created_at: datetime
    updated_at: datetime
    phases: list[PhaseShown]
    missing_texts: list[MissingTextsShown]
    document: CampaignDesign


class CampaignsShown(BaseModel):
    """All campaigns, by key."""

    campaigns: list[CampaignShown]


class MoveShown(BaseModel):
    """Something that was done to a campaign."""

    move: str
    from_state: State
    to_state: State
    at: datetime
    actor: str
    reason: str | None
    detail: dict[str, Any] | None


class HistoryShown(BaseModel):
    """What was done to a campaign, the oldest first."""

    moves: list[MoveShown]


class UpdateQuery(BaseModel):
    """How a change takes effect."""

    model_config = ConfigDict(extra="forbid")

    new_phase: Annotated[
        bool, Field(description="End the running phase and start a new one, randomised anew.")
    ] = False
    reason: Annotated[
        str | None,
        Field(
            max_length=5_000,
            description="Why; required where the analysis of a running phase changes, which is a "
            "deviation that its scorecards show.",
        ),
    ] = None


class MoveSent(BaseModel):
    """Why a campaign is moved."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str | None, Field(max_length=5_000)] = None


class LaunchSent(MoveSent):
    """Why a campaign is launched, and what is taken into account."""

    allow_empty_audience: Annotated[
        bool, Field(strict=True, description="Launch although no member that is kept is eligible.")
    ] = False
    allow_unseen_events: Annotated[
        bool,
        Field(
            strict=True,
            description="Launch although the events that the OEC needs have never been seen.",
        ),
    ] = False


class DecisionSent(MoveSent):
    """What was decided, and why."""

    decision: Annotated[Choice, Field(description="What becomes of the campaign.")]
    treatment: Annotated[
        str | None, Field(max_length=128, description="Key of the variant that ships.")
    ] = None


@blueprint.post("/v1/campaigns")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=CampaignDesign,
    media_types=DOCUMENT_TYPES,
    answer=CampaignShown,
    status=201,
    problems=(CampaignExists,),
    example=_EXAMPLE,
)
def create_campaign() -> Response:
    """Keep a campaign document as a draft, in JSON or YAML."""
    design = document_as(CampaignDesign)
    return _shown(lifecycle.create_campaign(wiring().engine, design, _act()), 201)


@blueprint.get("/v1/campaigns")
@operation(scope=Scope.CAMPAIGNS_READ, answer=CampaignsShown)
def list_campaigns() -> Response:
    """Give all campaigns, by key."""
    now = wiring().clock()
    found, locales = lifecycle.list_campaigns(wiring().engine), _locales()
    return json_answer({"campaigns": [_fields(campaign, now, locales) for campaign in found]})


@blueprint.get("/v1/campaigns/<key>")
@operation(scope=Scope.CAMPAIGNS_READ, answer=CampaignShown, problems=(UnknownCampaign,))
def read_campaign(key: str) -> Response:
    """Give a campaign with its state; its `document` can be changed and put back."""
    return _shown(lifecycle.find_campaign(wiring().engine, key))


@blueprint.put("/v1/campaigns/<key>")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=CampaignDesign,
    media_types=DOCUMENT_TYPES,
    query=UpdateQuery,
    answer=CampaignShown,
    problems=(UnknownCampaign, UnsafeChange, IllegalMove, LaunchRefused, StaleCampaign),
    example=_EXAMPLE,
)
def update_campaign(key: str) -> Response:
    """Change a campaign: a draft freely, a running one where no member is moved by it.

    Safe while running are a higher traffic share, a later end, more stock, higher caps and budgets,
    texts, and words for people. A change of the analysis is a deviation: it needs a `reason`, and
    every scorecard shows it. Anything else needs `new_phase=true`.
    """
    query, design = query_as(UpdateQuery), document_as(CampaignDesign)
    changed = lifecycle.update_campaign(
        wiring().engine,
        key,
        design,
        _act(query.reason),
        make_plan=make_plan,
        new_phase=query.new_phase,
    )
    return _shown(changed)


@blueprint.get("/v1/campaigns/<key>/history")
@operation(scope=Scope.CAMPAIGNS_READ, answer=HistoryShown, problems=(UnknownCampaign,))
def read_history(key: str) -> Response:
    """Give what was done to a campaign, by whom and why, the oldest first."""
    moves = lifecycle.history_of(wiring().engine, key)
    shown = [
        {
            "move": move.move,
            "from_state": move.from_state,
            "to_state": move.to_state,
            "at": move.at,
            "actor": move.actor,
            "reason": move.reason,
            "detail": None if move.detail is None else dict(move.detail),
        }
        for move in moves
    ]
    return json_answer({"moves": shown})


@blueprint.post("/v1/campaigns/<key>/launch")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=LaunchSent,
    may_lack_body=True,
    answer=CampaignShown,
    problems=(UnknownCampaign, IllegalMove, LaunchRefused, StaleCampaign),
    example=_MOVE_EXAMPLE,
)
def launch_campaign(key: str) -> Response:
    """Start a draft: now, or at its `starts_at` where that lies ahead.

    The analysis plan is fixed here: metrics, windows, margins and rules do not change any more.
    Where members are kept here and none of them is eligible, or where the events that the OEC needs
    have never been seen, nothing is launched.
    """
    sent, parts = body_or_default(LaunchSent), wiring()
    launched = analysis.launch_campaign(
        parts.engine,
        key,
        _act(sent.reason),
        source=FactSource.of(parts.settings),
        allow_empty_audience=sent.allow_empty_audience,
        allow_unseen_events=sent.allow_unseen_events,
    )
    return _shown(launched)


@blueprint.post("/v1/campaigns/<key>/decide")
@operation(
    scope=Scope.CAMPAIGNS_WRITE,
    body=DecisionSent,
    answer=CampaignShown,
    problems=(UnknownCampaign, IllegalMove, StaleCampaign),
    example={
        "decision": "ship",
        "treatment": "gift",
        "reason": "More members climb, and the margin holds.",
    },
)
def decide_campaign(key: str) -> Response:
    """Write down what was decided about a stopped campaign, and why.

    What the plan's rule says at that moment is kept beside it, and whether the two agree.
    """
    sent = body_as(DecisionSent)
    act = _act(sent.reason)
    parts = wiring()
    source = FactSource.of(parts.settings)
    return _shown(
        analysis.decide_campaign(
            parts.engine, key, sent.decision, sent.treatment, act, source=source
        )
    )


_MOVES = {
    Move.PAUSE: "Serve the default offer to everyone, until resumed.",
    Move.RESUME: "Serve a paused campaign again.",
    Move.STOP: "End a campaign; members get the default offer from now on.",
    Move.UNSCHEDULE: "Make a scheduled campaign a draft again.",
    Move.ARCHIVE: "Put a decided campaign, or a draft, away.",
}


def _add_move(move: Move, summary: str) -> None:
    def view(key: str) -> Response:
        act = _act(body_or_default(MoveSent).reason)
        return _shown(lifecycle.move_campaign(wiring().engine, key, move, act))

    view.__name__, view.__doc__ = f"{move}_campaign", summary
    documented = operation(
        scope=Scope.CAMPAIGNS_WRITE,
        body=MoveSent,
        may_lack_body=True,
        answer=CampaignShown,
        problems=(UnknownCampaign, IllegalMove, StaleCampaign),
        example=_MOVE_EXAMPLE,
    )(view)
    blueprint.post(f"/v1/campaigns/<key>/{move}")(documented)


for _move, _summary in _MOVES.items():
    _add_move(_move, _summary)


def _act(reason: str | None = None) -> lifecycle.Act:
    return lifecycle.Act(wiring().clock(), actor(), reason, trace_id=trace_id())


def _shown(campaign: Campaign, status: int = 200) -> Response:
    return json_answer(_fields(campaign, wiring().clock(), _locales()), status)


def _locales() -> tuple[str, ...]:
    programme = lifecycle.find_programme(wiring().engine)
    return programme.locales if programme is not None else ()


def _fields(campaign: Campaign, now: datetime, locales: tuple[str, ...]) -> dict[str, object]:
    return {
        "key": campaign.key,
        "state": campaign.state_at(now),
        "version": campaign.version,
        "created_at": campaign.created_at,
        "updated_at": campaign.updated_at,
        "phases": [
            {
                "number": phase.number,
                "started_at": phase.started_at,
                "ended_at": phase.ended_at,
                "layer_ranges": [[held.start, held.end] for held in phase.layer_ranges],
            }
            for phase in campaign.phases
        ],
        "missing_texts": missing_texts(campaign.design, locales),
        "document": campaign.design,
    }
