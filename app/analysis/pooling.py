"""Pools the effects of campaigns that are over, by the kind of offer that they tried.

Which campaigns enter is decided here, and why others do not; how effects are averaged, in
`stats.inference.random_effects`. Read from stored scorecards only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from stats.decision.verdict import Verdict
from stats.errors import CannotEstimate
from stats.inference.log_ratio import log_ratio
from stats.inference.point import t_quantile
from stats.inference.random_effects import pool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analysis.digest import Digest
    from app.analysis.digest_points import MetricPoints
    from app.analysis.ended import Ended
    from stats.inference.random_effects import PooledEffect, Study

ALPHA: Final = 0.05
FEWEST: Final = 2
LARGEST: Final = 700.0
"""Above it, the exponential of a number is none."""


class Lacking(StrEnum):
    """Why a campaign's effect on a metric does not enter."""

    NO_RESULTS = "no_results"
    NOT_TRUSTWORTHY = "not_trustworthy"
    NO_METRIC = "no_metric"
    NOT_READY = "not_ready"
    BETTER_LOWER = "better_lower"
    NO_RATIO = "no_ratio"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A campaign that offered something and does not enter."""

    ended: Ended
    because: Lacking


@dataclass(frozen=True, slots=True)
class CampaignEffect:
    """What one campaign's offers of a kind did, as a lift.

    Attributes:
        metric: Key of the metric that was moved.
        units: Of the control and of the treatments with such an offer.
        treatments: How many variants had one; several are joined to one effect.
        study: ln(treatment / control) and its error.
        lift: The effect as a lift; 0.2 is 20 %.
        low: Lower end of its interval.
        high: Upper end.
        in_light: Its lift in the light of the other campaigns; None where there is no other.
    """

    ended: Ended
    metric: str
    units: int
    treatments: int
    study: Study
    lift: float
    low: float
    high: float
    in_light: float | None


@dataclass(frozen=True, slots=True)
class PooledKind:
    """What all campaigns with a kind of offer say together.

    Attributes:
        offer_kind: As `experiments.offer` names it.
        effects: Of every campaign that enters, the newest first.
        pooled: On the scale of the logarithm; None of one campaign, which is its own effect.
        lift: The mean as a lift; None likewise.
        low: Lower end of its interval.
        high: Upper end.
        next_low: Lower end of where the next campaign is expected; None below three.
        next_high: Upper end.
        units: Over all campaigns.
    """

    offer_kind: str
    effects: tuple[CampaignEffect, ...]
    pooled: PooledEffect | None
    lift: float | None
    low: float | None
    high: float | None
    next_low: float | None
    next_high: float | None
    units: int


@dataclass(frozen=True, slots=True)
class Pooling:
    """The pooled effects of a selection of campaigns.

    Attributes:
        metric: Key of the one metric; empty for each campaign's own OEC.
        kinds: Those that a campaign enters with, by name.
        left_out: Campaigns with an offer that enter nowhere.
    """

    metric: str
    kinds: tuple[PooledKind, ...]
    left_out: tuple[LeftOut, ...]


def pool_by_kind(ended: Sequence[Ended], *, metric: str = "", offer_kind: str = "") -> Pooling:
    """Pool the effects of campaigns that are over.

    Args:
        ended: Campaigns; those without an offer are passed over.
        metric: Key of a metric; each campaign's own OEC where empty.
        offer_kind: The only kind to pool; all where empty.
    """
    effects: dict[str, list[CampaignEffect]] = {}
    left_out: list[LeftOut] = []
    for one in ended:
        kinds = {kind for kind in one.offer_kinds.values() if offer_kind in {"", kind}}
        if not kinds:
            continue
        found = _points(one.digest, metric)
        if isinstance(found, Lacking):
            left_out.append(LeftOut(one, found))
            continue
        for kind in sorted(kinds):
            effect = _effect(one, found, kind)
            if effect is None:
                left_out.append(LeftOut(one, Lacking.NO_RATIO))
            else:
                effects.setdefault(kind, []).append(effect)
    return Pooling(
        metric,
        tuple(_pooled(kind, tuple(found)) for kind, found in sorted(effects.items())),
        tuple(left_out),
    )


def _points(digest: Digest | None, metric: str) -> MetricPoints | Lacking:
    """Give the metric of a campaign that is asked for, or why it does not enter."""
    if digest is None:
        return Lacking.NO_RESULTS
    if digest.verdict is Verdict.NOT_TRUSTWORTHY or any(one.is_failure for one in digest.flags):
        return Lacking.NOT_TRUSTWORTHY
    found = (
        digest.points.get(metric)
        if metric
        else next((one for one in digest.points.values() if one.is_oec), None)
    )
    if found is None:
        return Lacking.NO_METRIC
    if not found.is_ready:
        return Lacking.NOT_READY
    if not metric and not found.is_better_higher:
        return Lacking.BETTER_LOWER
    return found


def _effect(one: Ended, found: MetricPoints, kind: str) -> CampaignEffect | None:
    """Give the effect of a campaign's offers of a kind, or None where it has no log ratio."""
    control = found.points.get(one.campaign.design.control.key)
    variants = [variant for variant, of in one.offer_kinds.items() if of == kind]
    treatments = [found.points[variant] for variant in variants if variant in found.points]
    if control is None or not treatments:
        return None
    try:
        study = log_ratio(control, treatments)
    except CannotEstimate:
        return None
    units = control.n + sum(treatment.n for treatment in treatments)
    half = t_quantile(units - 2, ALPHA) * study.std_error
    return CampaignEffect(
        ended=one,
        metric=found.key,
        units=units,
        treatments=len(treatments),
        study=study,
        lift=math.expm1(study.estimate),
        low=_lift(study.estimate - half),
        high=_lift(study.estimate + half),
        in_light=None,
    )


def _pooled(kind: str, effects: tuple[CampaignEffect, ...]) -> PooledKind:
    units = sum(one.units for one in effects)
    if len(effects) < FEWEST:
        return PooledKind(kind, effects, None, None, None, None, None, None, units)
    found = pool([one.study for one in effects], alpha=ALPHA)
    return PooledKind(
        offer_kind=kind,
        effects=tuple(
            _in_light(one, guess) for one, guess in zip(effects, found.shrunken, strict=True)
        ),
        pooled=found,
        lift=math.expm1(found.estimate),
        low=_lift(found.ci_low),
        high=_lift(found.ci_high),
        next_low=_lift(found.prediction.low) if found.prediction else None,
        next_high=_lift(found.prediction.high) if found.prediction else None,
        units=units,
    )


def _in_light(effect: CampaignEffect, guess: float) -> CampaignEffect:
    return replace(effect, in_light=math.expm1(guess))


def _lift(ratio: float) -> float:
    """Give a lift of a log ratio; beyond what a number can hold, infinity."""
    return math.expm1(ratio) if ratio < LARGEST else math.inf
