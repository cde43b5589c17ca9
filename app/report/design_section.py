"""Composes what was fixed before start, and what was changed afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.report.formatting import Scale
from app.report.look_words import looks_planned
from app.report.page import Change, Detail
from app.report.verdict_section import threshold_words
from app.report.words import Unit, name_of, plain, window_words
from stats.metric import MetricUnit
from stats.plan import Basis, CrossoverRule, EstimateUsed, Multiplicity

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.plan import AnalysisPlan, Cap, MetricInUse, PlannedVariant

BASES: Final = {
    Basis.EXPOSED: "everyone exposed, from the first exposure, whether or not they took the offer",
    Basis.ASSIGNED: "everyone assigned, from the assignment, whether or not they saw the offer",
}
SHARED: Final = {
    Multiplicity.HOLM: "Holm's method",
    Multiplicity.HOCHBERG: "Hochberg's method",
    Multiplicity.BONFERRONI: "Bonferroni's method",
    Multiplicity.NONE: "not corrected",
}
ESTIMATES: Final = {
    EstimateUsed.RAW: "raw",
    EstimateUsed.ADJUSTED: "adjusted by covariates",
    EstimateUsed.CAPPED: "capped",
}


def design_details(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    """Compose the plan."""
    plan = view.scorecard.plan
    unit = Unit.of(plan.randomization_unit)
    excluded = plan.crossover_rule is CrossoverRule.EXCLUDE
    crossed = "left out" if excluded else "counted in the variant that they were seen in first"
    variants = ", ".join(_planned(view, variant, formats) for variant in plan.variants)
    windows = "; ".join(
        f"{_name(metric)}: {window_words(metric.effective_window)}" for metric in plan.metrics
    )
    return (
        Detail("Randomised and counted", unit.one),
        Detail("Who counts", BASES[plan.basis]),
        Detail("Variants", variants),
        *_rule(view, formats),
        Detail("Looks", looks_planned(plan, formats)),
        Detail("Several treatments", SHARED[plan.multiplicity]),
        *_power(plan, formats),
        Detail("Conversion windows", windows),
        *_variance(plan, formats),
        *_segments(plan, unit, formats),
        Detail(f"{unit.many.capitalize()} seen in two variants", crossed),
        Detail("Error rate of each interval", formats.exact_share(_exact(plan.alpha)).text),
        Detail(
            "Error rate of the sample-ratio check",
            formats.exact_share(_exact(plan.sample_ratio_alpha)).text,
        ),
        Detail("Money", f"{plan.currency}, net of refunds where the metric says so"),
        Detail("Days are cut in", plan.time_zone),
    )


def _rule(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    plan = view.scorecard.plan
    rule = plan.decision_rule
    if plan.oec is None:
        return (Detail("Decision rule", "none: no metric decides"),)
    scale = rule.scale.value.replace("_", " ")
    days = formats.count(rule.minimum_days).text
    safe = "; every guardrail must be shown to be safe" if rule.require_safe_guardrails else ""
    exempt = ", ".join(rule.exempt_checks)
    return (
        Detail(
            "Decision rule",
            f"ship where the whole interval of the {scale} of {_name(plan.oec)} "
            f"({ESTIMATES[rule.estimate]}) is better than {threshold_words(view, formats)}, after "
            f"at least {days} days; a breached guardrail stops it{safe}",
        ),
        *([Detail("Checks that do not stop a verdict", exempt)] if exempt else []),
    )


def _power(plan: AnalysisPlan, formats: Formats) -> tuple[Detail, ...]:
    goal = plan.power_goal
    if goal is None:
        return ()
    power = formats.share(goal.power, 0).text
    size = "no effect was named"
    if goal.mde_relative is not None:
        size = f"for a lift of {formats.exact_share(goal.mde_relative).text}"
    elif goal.mde_absolute is not None and plan.oec is not None:
        scale = Scale.of_difference(plan.oec.definition.unit)
        size = f"for {formats.alone(float(goal.mde_absolute), scale, signed=False).text}"
    return (Detail("Sized", f"with a power of {power} {size}"),)


def _variance(plan: AnalysisPlan, formats: Formats) -> list[Detail]:
    details = []
    covariates = [
        f"{_name(metric)}: "
        + ", ".join(f"{plain(one.key)} ({one.days} days before)" for one in metric.covariates)
        for metric in plan.metrics
        if metric.covariates
    ]
    if covariates:
        details.append(Detail("Covariates", "; ".join(covariates)))
    caps = [
        f"{_name(metric)}: {_cap(metric, metric.cap, formats)}"
        for metric in plan.metrics
        if metric.cap is not None
    ]
    if caps:
        details.append(Detail("Caps", "; ".join(caps)))
    return details


def _cap(metric: MetricInUse, cap: Cap, formats: Formats) -> str:
    if cap.percentile is not None:
        return f"at the {formats.exact_share(cap.percentile).text} point of all values"
    scale = Scale.MONEY if metric.definition.unit is MetricUnit.MONEY else Scale.COUNT
    return f"at {formats.alone(cap.value or 0, scale, signed=False).text}"


def _segments(plan: AnalysisPlan, unit: Unit, formats: Formats) -> tuple[Detail, ...]:
    if not plan.segments:
        return ()
    parts = (
        f"{plain(one.name or one.key)}, values of at least "
        f"{unit.counted(one.minimum_units, formats.count(one.minimum_units).text)}"
        for one in plan.segments
    )
    return (Detail("Segments", "; ".join(parts)),)


def _planned(view: ReportView, variant: PlannedVariant, formats: Formats) -> str:
    name = name_of(view, variant.key).name
    role = " (control)" if variant.is_control and name != "control" else ""
    share = variant.planned_share
    return f"{name}{role} {'without a share' if share is None else formats.exact_share(share).text}"


def _name(metric: MetricInUse) -> str:
    return plain(metric.definition.name or metric.key)


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def deviation_lines(view: ReportView, formats: Formats) -> tuple[Change, ...]:
    """Compose what was changed while the phase ran."""
    return tuple(
        Change(
            formats.moment(one.at),
            plain(one.actor),
            plain(one.field),
            plain(one.before),
            plain(one.after),
            plain(one.reason),
        )
        for one in view.scorecard.deviations
    )
