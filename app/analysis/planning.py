"""A campaign becomes an analysis plan, made once at launch and stored with the phase.

Whatever is computed later is computed by that plan; a change while the phase runs is a deviation
(`app.analysis.deviations`).
"""

from __future__ import annotations

import difflib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from app.analysis.planning_funnel import funnel_of
from app.analysis.planning_money import money_of
from app.analysis.traps import traps
from experiments.campaign import Role
from experiments.errors import LaunchRefused, Problem
from experiments.money import exponent
from experiments.offer import target_tier_of
from stats.errors import InvalidDefinition, InvalidMetric, UnknownMetric
from stats.metric import (
    BUILTIN_KEYS,
    FIXED,
    PARAMETRISED,
    MetricDefinition,
    Rates,
    Term,
    Window,
    builtin,
)
from stats.plan import (
    AnalysisPlan,
    Basis,
    Cap,
    Covariate,
    CrossoverRule,
    DecisionRule,
    DecisionScale,
    EstimateUsed,
    LiftMethod,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    Multiplicity,
    PlannedVariant,
    PowerGoal,
    RandomizationUnit,
    SegmentBy,
    Spending,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.analysis import Analysis
    from experiments.campaign import CampaignDesign
    from experiments.campaign import MetricInUse as MetricChoice
    from experiments.programme import Programme

KEY_LENGTH: Final = 128

LONGEST_DEFAULT_PRE_PERIOD: Final = 90
"""Days of the OEC's own pre-period where the campaign says none, at most."""

WITHOUT_COVARIATES: Final = frozenset({"quantile", "survival"})
"""Kinds of metrics whose variance a covariate cannot reduce here."""


def make_plan(design: CampaignDesign, programme: Programme, phase: int) -> dict[str, Any]:
    """Give the analysis plan of a phase as JSON values, to be stored with it.

    Raises:
        LaunchRefused: A metric is unknown or incomplete, or the plan contradicts itself.
    """
    problems: list[Problem] = []
    chosen = []
    for index, choice in enumerate(design.metrics):
        try:
            chosen.append(_metric(choice, design, programme))
        except (InvalidDefinition, UnknownMetric) as error:
            problems.append(_problem(f"metrics[{index}]", choice, error))
    problems += [] if problems else traps(chosen)
    if problems:
        raise LaunchRefused(problems)
    metrics = with_companions(chosen)
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
            basis=Basis(str(design.analysis.basis)),
            looks=_looks(design),
            power_goal=_power_goal(design.analysis),
            multiplicity=Multiplicity(str(design.analysis.multiplicity)),
            segments=tuple(
                SegmentBy(segment.key, segment.name, segment.minimum_units)
                for segment in design.analysis.segments
            ),
            decision_rule=_decision_rule(design.analysis, metrics),
            currency=programme.currency,
            currency_exponent=exponent(programme.currency),
            time_zone=programme.time_zone,
            funnel=funnel_of(design, programme),
            money=money_of(design, programme, metrics, rates_of(programme)),
            crossover_rule=CrossoverRule(str(design.crossover)),
            alpha=design.alpha,
        )
    except InvalidDefinition as error:
        problem = Problem(error.field, error.came, "cannot be analysed", error.expected)
        raise LaunchRefused([problem]) from error
    return plan.to_json()


def _metric(choice: MetricChoice, design: CampaignDesign, programme: Programme) -> MetricInUse:
    """Give the metric that a campaign chose, with the window that holds for it.

    Raises:
        InvalidDefinition: The definition or its parameters are not usable.
        UnknownMetric: There is no such metric.
    """
    if choice.definition is not None:
        definition = MetricDefinition.from_json({"key": choice.metric, **choice.definition})
    else:
        parameters = _parameters(choice, design, programme)
        definition = builtin(choice.metric, rates=rates_of(programme), **parameters)
    days = choice.window_days
    if days is None and definition.window.start_days == 0:
        days = design.conversion_window_days
    window = None if days is None else Window(days, definition.window.start_days)
    return MetricInUse(
        definition=definition,
        role=MetricRole(str(choice.role)),
        window=window,
        non_inferiority_margin=choice.margin,
        cap=None if choice.cap is None else Cap(choice.cap.percentile, choice.cap.value),
        covariates=_covariates(choice, definition, window or definition.window),
        lift_method=LiftMethod(str(choice.lift_method)),
    )


def rates_of(programme: Programme) -> Rates:
    """Give what the programme says of money, where events say nothing."""
    return Rates(
        programme.gross_margin_rate,
        programme.acquisition_cost_minor,
        programme.contact_cost_minor,
    )


def with_companions(chosen: Sequence[MetricInUse]) -> list[MetricInUse]:
    """Add the built-in metrics without which a chosen one cannot be read, in its own window."""
    metrics = list(chosen)
    for metric in chosen:
        for key in metric.definition.companions:
            if key in FIXED and all(one.key != key for one in metrics):
                definition = FIXED[key]
                role, window = MetricRole.DIAGNOSTIC, metric.effective_window
                metrics.append(MetricInUse(definition, role, window))
    return metrics


def _covariates(
    choice: MetricChoice, definition: MetricDefinition, window: Window
) -> tuple[Covariate, ...]:
    """Give the covariates that were written; the OEC has its own past where none were."""
    if choice.covariates is not None:
        return tuple(
            Covariate(covariate.key, covariate.days, _terms(covariate.numerator))
            for covariate in choice.covariates
        )
    if choice.role is not Role.OEC or definition.kind.value in WITHOUT_COVARIATES:
        return ()
    days = min(window.end_days - window.start_days, LONGEST_DEFAULT_PRE_PERIOD)
    return (Covariate(f"earlier_{definition.key}"[:KEY_LENGTH], days),)


def _terms(numerator: Sequence[dict[str, Any]]) -> tuple[Term, ...]:
    """Read the terms of a covariate, which look as in a metric's definition.

    Raises:
        InvalidMetric: They cannot be read.
    """
    if not numerator:
        return ()
    read = MetricDefinition.from_json(
        {
            "key": "covariate",
            "name": "",
            "description": "a covariate",
            "kind": "mean",
            "numerator": list(numerator),
            "unit": "count",
            "direction": "higher",
            "window": {"end_days": 1},
        }
    )
    return read.numerator


def _looks(design: CampaignDesign) -> Looks:
    looks = design.analysis.looks
    return Looks(
        kind=LookKind(str(looks.kind)),
        dates=looks.dates,
        spending=Spending(str(looks.spending)),
        planned_end=design.ends_at,
        planned_units=looks.planned_units,
    )


def _power_goal(analysis: Analysis) -> PowerGoal | None:
    goal = analysis.power_goal
    return None if goal is None else PowerGoal(goal.power, goal.mde_relative, goal.mde_absolute)


def _decision_rule(analysis: Analysis, metrics: Sequence[MetricInUse]) -> DecisionRule:
    rule = analysis.decision_rule
    oec = next((metric for metric in metrics if metric.role is MetricRole.OEC), None)
    if rule.estimate is not None:
        estimate = EstimateUsed(str(rule.estimate))
    else:
        adjustable = oec is not None and oec.covariates
        estimate = EstimateUsed.ADJUSTED if adjustable else EstimateUsed.RAW
    return DecisionRule(
        scale=DecisionScale(str(rule.scale)),
        threshold=rule.threshold,
        estimate=estimate,
        minimum_days=rule.minimum_days,
        exempt_checks=rule.exempt_checks,
        require_safe_guardrails=rule.require_safe_guardrails,
    )


def _parameters(
    choice: MetricChoice, design: CampaignDesign, programme: Programme
) -> dict[str, Sequence[str]]:
    """Give the parameters that were written, or what the offers and the ladder say instead.

    Raises:
        InvalidMetric: One is not the metric's own.
    """
    known = {PARAMETRISED[choice.metric][0]} if choice.metric in PARAMETRISED else set()
    unknown = sorted(choice.parameters.keys() - known)
    if unknown:  # "rates", say, which a campaign has no say in
        way_out = f"give {', '.join(known)}" if known else "give none"
        field = f"{choice.metric}.parameters"
        raise InvalidMetric(", ".join(unknown), field=field, expected=way_out)
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
