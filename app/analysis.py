"""Joins the two halves: a campaign becomes an analysis plan, its facts become a scorecard.

The plan is made once, at launch, and stored with the phase; whatever is computed later is computed
by that plan. A scorecard is computed from one snapshot of the facts and stored as it is: the same
facts give the same snapshot, and later facts give another one beside it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import orjson

from experiments.errors import LaunchRefused, NotLaunched, Problem
from experiments.money import exponent
from experiments.offer import target_tier_of
from experiments.store.campaigns import read_campaign
from experiments.store.conversions import events_seen
from experiments.store.engine import reading, writing
from experiments.store.facts import read_facts
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.errors import InvalidDefinition, UnknownMetric
from stats.metric import (
    BUILTIN_KEYS,
    PARAMETRISED,
    MetricDefinition,
    Window,
    builtin,
)
from stats.plan import (
    AnalysisPlan,
    CrossoverRule,
    Funnel,
    FunnelStep,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
)
from stats.scorecard import Scorecard, assemble_scorecard, scorecard_from_json, scorecard_to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.campaign import Campaign, CampaignDesign, Phase
    from experiments.campaign import MetricInUse as MetricChoice
    from experiments.programme import Programme

FUNNEL_WINDOW: Final = Window(30)
"""Window of the funnel where the campaign says none."""


@dataclass(frozen=True, slots=True)
class Report:
    """A stored scorecard, read back.

    Attributes:
        document: Its JSON, byte for byte as stored.
        checked_at: When the facts were last seen to give it; never before it was computed.
    """

    scorecard: Scorecard
    document: bytes
    checked_at: datetime


def make_plan(design: CampaignDesign, programme: Programme, phase: int) -> dict[str, Any]:
    """Give the analysis plan of a phase as JSON values, to be stored with it.

    Raises:
        LaunchRefused: A metric is unknown or incomplete, or the plan contradicts itself.
    """
    problems: list[Problem] = []
    metrics = []
    for index, choice in enumerate(design.metrics):
        try:
            metrics.append(_metric(choice, design, programme))
        except (InvalidDefinition, UnknownMetric) as error:
            problems.append(_problem(f"metrics[{index}]", choice, error))
    if problems:
        raise LaunchRefused(problems)
    try:
        plan = AnalysisPlan(
            campaign=design.key,
            phase=phase,
            randomization_unit=RandomizationUnit(str(design.randomization_unit)),
            variants=tuple(
                PlannedVariant(
                    key=variant.key,
                    planned_share=variant.planned_share / Decimal(100),
                    is_control=variant is design.control,
                )
                for variant in design.variants
            ),
            metrics=tuple(metrics),
            currency=programme.currency,
            currency_exponent=exponent(programme.currency),
            time_zone=programme.time_zone,
            funnel=_funnel(design),
            crossover_rule=CrossoverRule(str(design.crossover)),
            alpha=design.alpha,
        )
    except InvalidDefinition as error:
        problem = Problem(error.field, error.came, "cannot be analysed", error.expected)
        raise LaunchRefused([problem]) from error
    return plan.to_json()


def scorecard_of(
    engine: Engine,
    campaign: str,
    *,
    now: datetime,
    phase: int | None = None,
    as_of: datetime | None = None,
) -> Report:
    """Compute and store the scorecard of a campaign's phase.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        now: Aware UTC.
        phase: Its number; the latest one by default.
        as_of: The analysis time; later facts are ignored. Now by default.

    Raises:
        UnknownCampaign: No campaign has this key.
        NotLaunched: It has no such phase.
    """
    # Ibis and DuckDB take half a second to load; whoever only serves offers never pays for it.
    from stats.aggregation.aggregate import aggregate  # noqa: PLC0415
    from stats.aggregation.facts import FactTables  # noqa: PLC0415

    with reading(engine) as connection:
        found = read_campaign(connection, campaign)
    chosen = _phase(found, phase)
    plan = AnalysisPlan.from_json(chosen.analysis_plan)
    as_of = as_of or now
    with reading(engine) as connection:
        elsewhere = events_seen(connection, plan.events, as_of)
    facts = read_facts(
        engine,
        campaign,
        chosen.number,
        unit=chosen.design.randomization_unit,
        events=plan.events,
    )
    tables = FactTables(facts.exposures, facts.conversions, facts.unit_members, elsewhere)
    aggregates = aggregate(tables, plan, as_of)
    scorecard = assemble_scorecard(plan, aggregates, computed_at=now)
    document = orjson.dumps(scorecard_to_json(scorecard))
    with writing(engine) as connection:
        stored = keep_scorecard(
            connection,
            StoredScorecard(
                campaign=campaign,
                phase=chosen.number,
                snapshot_hash=scorecard.snapshot_hash,
                computed_at=now,
                document=document.decode(),
            ),
        )
    kept = stored.document.encode()
    read = scorecard if kept == document else scorecard_from_json(orjson.loads(kept))
    return Report(read, kept, now)


def _phase(campaign: Campaign, number: int | None) -> Phase:
    chosen = next(
        (
            phase
            for phase in reversed(campaign.phases)
            if phase.analysis_plan is not None and number in {None, phase.number}
        ),
        None,
    )
    if chosen is None:
        raise NotLaunched(campaign.key, number, len(campaign.phases))
    return chosen


def _metric(choice: MetricChoice, design: CampaignDesign, programme: Programme) -> MetricInUse:
    """Give the metric that a campaign chose, with the window that holds for it.

    Raises:
        InvalidDefinition: The definition or its parameters are not usable.
        UnknownMetric: There is no such metric.
    """
    if choice.definition is not None:
        definition = MetricDefinition.from_json({"key": choice.metric, **choice.definition})
    else:
        definition = builtin(choice.metric, **_parameters(choice, design, programme))
    days = choice.window_days
    if days is None and definition.window.start_days == 0:
        days = design.conversion_window_days
    window = None if days is None else Window(days, definition.window.start_days)
    return MetricInUse(
        definition=definition,
        role=MetricRole(str(choice.role)),
        window=window,
        non_inferiority_margin=choice.margin,
    )


def _parameters(
    choice: MetricChoice, design: CampaignDesign, programme: Programme
) -> dict[str, Sequence[str]]:
    """Give the parameters that were written, or what the offers and the ladder say instead."""
    if choice.parameters or choice.metric not in PARAMETRISED:
        return dict(choice.parameters)
    tiers = programme.ladder.keys()
    targets = [
        tiers.index(target)
        for variant in design.variants
        if (target := target_tier_of(variant.offer)) in tiers
    ]
    if not targets:
        return {}
    lowest = min(targets)
    name, _ = PARAMETRISED[choice.metric]
    return {name: tiers[lowest:] if name == "target_tiers" else tiers[:lowest]}


def _funnel(design: CampaignDesign) -> Funnel | None:
    if not design.funnel:
        return None
    days = design.conversion_window_days
    return Funnel(
        steps=tuple(FunnelStep(key=event, name=event, events=(event,)) for event in design.funnel),
        window=FUNNEL_WINDOW if days is None else Window(days),
    )


def _problem(field: str, choice: MetricChoice, error: InvalidDefinition | UnknownMetric) -> Problem:
    if isinstance(error, UnknownMetric):
        near = difflib.get_close_matches(choice.metric, BUILTIN_KEYS, n=3) or BUILTIN_KEYS
        way_out = f"Use one of: {', '.join(near)}; or give a definition."
        return Problem(f"{field}.metric", choice.metric, "is not a built-in metric", way_out)
    if choice.definition is not None:
        way_out = f"{error.expected[:1].upper()}{error.expected[1:]}."
        return Problem(f"{field}.definition.{error.field}", error.came, "will not do", way_out)
    return Problem(
        f"{field}.parameters",
        choice.parameters,
        f"do not say what {choice.metric} needs",
        f"In parameters, {error.expected}; without any, the target_tier of the offers counts, "
        "where the programme's ladder has it.",
    )
