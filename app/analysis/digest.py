"""Says in a few values what the newest scorecard of each campaign says, for lists of many.

A scorecard is a long document that never changes; what a list needs of it is read once a process
and kept. Nothing is computed: what is not stored yet is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.analysis.digest_points import MetricPoints, points_of
from experiments.store.engine import reading
from experiments.store.scorecards import documents_of, newest_heads
from stats.checks.finding import Severity
from stats.decision.verdict import Reason, Verdict
from stats.plan import MetricRole
from stats.scorecard import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from experiments.store.scorecards import ScorecardHead

MOST_KEPT: Final = 2_000
"""Scorecards of which a process keeps what lists need; a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The lift of the metric that decides, of one treatment, with its interval; 0.2 is 20 %."""

    treatment: str
    lift: float
    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A check that did not pass.

    Attributes:
        code: Of the check.
        is_failure: Whether it takes the trust away; a warning otherwise.
        title: In English, as the scorecard has it.
    """

    code: str
    is_failure: bool
    title: str


@dataclass(frozen=True, slots=True)
class Reached:
    """Where a metric stands in one variant."""

    variant: str
    value: float


@dataclass(frozen=True, slots=True)
class Reach:
    """How many members there were when a scorecard was made, and how many the campaign took.

    Attributes:
        eligible: Members whom it would have taken then.
    """

    members: int
    eligible: int


@dataclass(frozen=True, slots=True)
class MetricDigest:
    """Where a metric stands.

    Attributes:
        unit: As `stats.metric.MetricUnit` names it.
        reached: By variant, those that have a value.
    """

    name: str
    unit: str
    reached: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What the newest scorecard of a campaign says.

    Attributes:
        state: How far the results are.
        verdict: What to do; None where no rule was applied.
        reason: Why; None likewise.
        treatment: The one that the verdict speaks of.
        effect: Of it, or else of the first treatment; None where there is none that may be quoted.
        effects: Of every treatment that has one, likewise.
        flags: Failures and warnings, failures first.
        units: How many are counted.
        metrics: By key.
        variants: Units by variant.
        points: Values with their errors, by metric; what effects are pooled from.
        reach: Whom it took; None where that was not counted.
    """

    campaign: str
    phase: int
    snapshot_hash: str
    computed_at: datetime
    as_of: datetime
    state: State
    verdict: Verdict | None
    reason: Reason | None
    treatment: str | None
    effect: Effect | None
    effects: tuple[Effect, ...]
    flags: tuple[Flag, ...]
    units: int
    metrics: Mapping[str, MetricDigest]
    variants: Mapping[str, int]
    points: Mapping[str, MetricPoints]
    reach: Reach | None


_Name = tuple[str, int, str, datetime]
_kept: dict[_Name, Digest] = {}
_lock: Final = Lock()


def newest_digests(engine: Engine) -> dict[str, Digest]:
    """Give what the newest scorecard of each campaign's latest analysed phase says, by key."""
    with reading(engine) as connection:
        heads: dict[str, ScorecardHead] = {}
        for head in sorted(newest_heads(connection), key=lambda one: one.phase):
            heads[head.campaign] = head
        lacking = [one.number for one in heads.values() if _name(one) not in _kept]
        documents = documents_of(connection, lacking) if lacking else {}
    found: dict[str, Digest] = {}
    for campaign, head in heads.items():
        kept = _kept.get(_name(head))
        found[campaign] = kept if kept is not None else _keep(head, documents[head.number])
    return found


def _name(head: ScorecardHead) -> _Name:
    return head.campaign, head.phase, head.snapshot_hash, head.computed_at


def _keep(head: ScorecardHead, document: str) -> Digest:
    digest = digest_of(head, orjson.loads(document))
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()  # rare, and read again in a moment
        _kept[_name(head)] = digest
    return digest


def digest_of(head: ScorecardHead, document: Mapping[str, Any]) -> Digest:
    """Read what a list needs from a scorecard's document.

    Args:
        head: Which scorecard.
        document: As JSON values.
    """
    decision = document.get("decision")
    verdict = Verdict(decision["verdict"]) if decision else None
    treatment = decision["treatment"] if decision else None
    flags = [
        Flag(one["code"], one["severity"] == Severity.FAILURE, one["title"])
        for one in document["findings"]
        if one["severity"] in {Severity.FAILURE, Severity.WARNING}
    ]
    variants = {one["key"]: int(one["units"]) for one in document["variants"]}
    is_quoted = verdict is not Verdict.NOT_TRUSTWORTHY
    effects = (_effects(_deciding(document), treatment) if is_quoted else []) or [None]
    reach = document.get("enrolment") or {}
    return Digest(
        campaign=head.campaign,
        phase=head.phase,
        snapshot_hash=head.snapshot_hash,
        computed_at=head.computed_at,
        as_of=datetime.fromisoformat(document["as_of"]),
        state=State(document["state"]),
        verdict=verdict,
        reason=Reason(decision["reason"]) if decision else None,
        treatment=treatment,
        effect=effects[0],
        effects=tuple(one for one in effects if one is not None),
        flags=tuple(sorted(flags, key=lambda flag: not flag.is_failure)),
        units=sum(variants.values()),
        metrics={one["key"]: _metric(one) for one in document["metrics"]},
        variants=variants,
        points=points_of(document),
        # where nobody could be counted, a scorecard has a sentence in its place
        reach=Reach(reach["members"], reach["eligible"]) if "members" in reach else None,
    )


def _deciding(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give the comparisons that decide: those of the rule, else the metric's own."""
    oec = document.get("oec")
    if oec:
        return list(oec["treatments"])
    metric = next((m for m in document["metrics"] if m["role"] == MetricRole.OEC), None)
    return list(metric["comparisons"]) if metric else []


def _effects(treatments: list[Mapping[str, Any]], first: str | None) -> list[Effect | None]:
    """Give the effect of every treatment, that of `first` first; None for one without bounds."""
    ordered = sorted(treatments, key=lambda one: one["treatment"] != first)
    return [_effect(one["treatment"], one["lift"]) for one in ordered]


def _effect(treatment: str, lift: Mapping[str, Any]) -> Effect | None:
    if any(lift.get(name) is None for name in ("estimate", "ci_low", "ci_high", "alpha")):
        return None
    return Effect(treatment, lift["estimate"], lift["ci_low"], lift["ci_high"], 1 - lift["alpha"])


def _metric(metric: Mapping[str, Any]) -> MetricDigest:
    return MetricDigest(
        metric["definition"]["name"],
        str(metric["definition"].get("unit", "")),
        tuple(
            Reached(one["variant"], value["estimate"])
            for one in metric["variants"]
            if (value := one.get("value")) and value.get("estimate") is not None
        ),
    )
