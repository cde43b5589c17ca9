"""Answers which campaigns are over, what was learnt, and what offers of a kind do on average."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.analysis.ended import ArchiveSearch, ended_campaigns, matching
from app.analysis.pooling import ALPHA, Lacking, pool_by_kind
from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from experiments.campaign import State
from experiments.lifecycle import find_programme
from stats.decision.verdict import Verdict

if TYPE_CHECKING:
    from flask import Response

    from app.analysis.ended import Ended
    from app.analysis.pooling import CampaignEffect, LeftOut, PooledKind

blueprint = APIBlueprint("archive", __name__, tag="Reports")

Text = Annotated[str, Field(max_length=200)]


class ArchiveQuery(BaseModel):
    """Which campaigns; what is left out looks for all."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        Text, Field(description="Words of name, key, hypothesis, owner or of what was learnt.")
    ] = ""
    tier: Annotated[
        Text, Field(description="Whose members it took, or to which its offers led.")
    ] = ""
    offer_kind: Annotated[Text, Field(description="Such as `gift`.")] = ""
    metric: Annotated[
        Text,
        Field(description="Key of the metric to pool; each campaign's own OEC by default."),
    ] = ""
    verdict: Annotated[
        Verdict | Literal["none"] | None, Field(description="Of its newest scorecard.")
    ] = None
    year: Annotated[
        int | None, Field(ge=1970, le=9999, description="Of its start, in the programme's zone.")
    ] = None
    quarter: Annotated[int | None, Field(ge=1, le=4, description="Likewise, of any year.")] = None


class EndedShown(BaseModel):
    """A campaign that is over."""

    campaign: str
    name: str
    hypothesis: str
    state: State
    started_at: datetime | None
    ended_at: datetime | None
    offer_kinds: dict[str, str]
    verdict: Verdict | None
    decision: str | None
    treatment: str | None
    reason: str
    learned: str
    snapshot_hash: str | None


class EffectShown(BaseModel):
    """What one campaign's offers of a kind did.

    `log_ratio` is ln(treatment / control), `std_error` its error; the others are lifts.
    """

    campaign: str
    metric: str
    units: int
    log_ratio: float
    std_error: float
    lift: float
    low: float
    high: float
    in_light_of_others: float | None


class MeanShown(BaseModel):
    """The mean of several campaigns' effects, as a lift, and how far they differ.

    `tau` is the standard deviation of the true log ratios; `next_low` and `next_high` are where the
    next campaign is expected.
    """

    lift: float
    low: float
    high: float
    next_low: float | None
    next_high: float | None
    q: float
    df: int
    p_value: float
    i_squared: float
    tau: float
    tau_low: float | None
    tau_high: float | None
    alpha: float


class KindShown(BaseModel):
    """What the campaigns with one kind of offer say together; no mean of one campaign."""

    offer_kind: str
    campaigns: int
    units: int
    mean: MeanShown | None
    effects: list[EffectShown]


class LeftOutShown(BaseModel):
    """A campaign that enters no mean."""

    campaign: str
    because: Lacking


class ArchiveShown(BaseModel):
    """The archive."""

    campaigns: list[EndedShown]
    pooled: list[KindShown]
    left_out: list[LeftOutShown]


@blueprint.get("/v1/archive")
@operation(scope=Scope.REPORTS_READ, query=ArchiveQuery, answer=ArchiveShown)
def search_archive() -> Response:
    """Search the campaigns that are over, and pool their effects by the kind of offer.

    Null results are among them. Read from stored scorecards; nothing is computed anew. Effects are
    pooled as `docs/explanation/pooled-effects.md` says.
    """
    query, parts = query_as(ArchiveQuery), wiring()
    programme = find_programme(parts.engine)
    zone = ZoneInfo(programme.time_zone if programme else "UTC")
    search = ArchiveSearch(
        query.q, query.tier, query.offer_kind, query.metric, str(query.verdict or ""),
        query.year, query.quarter,
    )  # fmt: skip
    now = parts.clock()
    found = matching(ended_campaigns(parts.engine, now), search, zone)
    pooling = pool_by_kind(found, metric=query.metric, offer_kind=query.offer_kind)
    return json_answer(
        ArchiveShown(
            campaigns=[_ended(one, now) for one in found],
            pooled=[_kind(one) for one in pooling.kinds],
            left_out=[_left_out(one) for one in pooling.left_out],
        )
    )


def _ended(one: Ended, now: datetime) -> EndedShown:
    campaign, learning, phase = one.campaign, one.learning, one.campaign.phase
    return EndedShown(
        campaign=campaign.key,
        name=campaign.design.name,
        hypothesis=campaign.design.hypothesis,
        state=campaign.state_at(now),
        started_at=one.started_at,
        ended_at=phase.ended_at if phase else None,
        offer_kinds=one.offer_kinds,
        verdict=one.digest.verdict if one.digest else None,
        decision=learning.choice,
        treatment=learning.treatment,
        reason=learning.reason,
        learned=learning.learned,
        snapshot_hash=one.digest.snapshot_hash if one.digest else None,
    )


def _kind(kind: PooledKind) -> KindShown:
    return KindShown(
        offer_kind=kind.offer_kind,
        campaigns=len(kind.effects),
        units=kind.units,
        mean=_mean(kind),
        effects=[_effect(one) for one in kind.effects],
    )


def _mean(kind: PooledKind) -> MeanShown | None:
    if kind.pooled is None or kind.lift is None or kind.low is None or kind.high is None:
        return None
    spread = kind.pooled.heterogeneity
    return MeanShown(
        lift=kind.lift,
        low=kind.low,
        high=kind.high,
        next_low=kind.next_low,
        next_high=kind.next_high,
        q=spread.q,
        df=spread.df,
        p_value=spread.p_value,
        i_squared=spread.i_squared,
        tau=spread.tau,
        tau_low=spread.tau_low,
        tau_high=spread.tau_high,
        alpha=ALPHA,
    )


def _effect(one: CampaignEffect) -> EffectShown:
    return EffectShown(
        campaign=one.ended.campaign.key,
        metric=one.metric,
        units=one.units,
        log_ratio=one.study.estimate,
        std_error=one.study.std_error,
        lift=one.lift,
        low=one.low,
        high=one.high,
        in_light_of_others=one.in_light,
    )


def _left_out(one: LeftOut) -> LeftOutShown:
    return LeftOutShown(campaign=one.ended.campaign.key, because=one.because)
