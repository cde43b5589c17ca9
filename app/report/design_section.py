"""Composes what was fixed before start, and what was changed afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.report.formatting import Scale
from app.report.look_words import looks_planned
from app.report.page import Change, Detail
from app.report.verdict_section import threshold_words
from app.report.words import Unit, defined_name, name_of, plain, window_words
from stats.metric import MetricUnit
from stats.plan import Basis, CrossoverRule, DecisionScale, EstimateUsed, Multiplicity
from stats.sentence import labelled, said, with_commas, with_semicolons

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.plan import AnalysisPlan, Cap, MetricInUse, PlannedVariant

BASES: Final = {
    Basis.EXPOSED: said(
        "everyone exposed, from the first exposure, whether or not they took the offer"
    ),
    Basis.ASSIGNED: said(
        "everyone assigned, from the assignment, whether or not they saw the offer"
    ),
}
SHARED: Final = {
    Multiplicity.HOLM: said("Holm's method"),
    Multiplicity.HOCHBERG: said("Hochberg's method"),
    Multiplicity.BONFERRONI: said("Bonferroni's method"),
    Multiplicity.NONE: said("not corrected"),
}
SCALES: Final = {
    DecisionScale.LIFT: said("lift"),
    DecisionScale.DIFFERENCE: said("difference"),
    DecisionScale.INCREMENTAL_MARGIN: said("incremental margin"),
}
ESTIMATES: Final = {
    EstimateUsed.RAW: said("raw"),
    EstimateUsed.ADJUSTED: said("adjusted by covariates"),
    EstimateUsed.CAPPED: said("capped"),
}


def design_details(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    """Compose the plan."""
    plan = view.scorecard.plan
    unit = Unit.of(plan.randomization_unit)
    excluded = plan.crossover_rule is CrossoverRule.EXCLUDE
    crossed = (
        said("left out")
        if excluded
        else said("counted in the variant that they were seen in first")
    )
    variants = with_commas(_planned(view, variant, formats) for variant in plan.variants)
    windows = with_semicolons(
        labelled(_name(metric), window_words(metric.effective_window)) for metric in plan.metrics
    )
    return (
        Detail(said("Randomised and counted"), unit.one),
        Detail(said("Who counts"), BASES[plan.basis]),
        Detail(said("Variants"), variants),
        *_rule(view, formats),
        Detail(said("Looks"), looks_planned(plan, formats)),
        Detail(said("Several treatments"), SHARED[plan.multiplicity]),
        *_power(plan, formats),
        Detail(said("Conversion windows"), windows),
        *_variance(plan, formats),
        *_segments(plan, unit, formats),
        Detail(said("{unit} seen in two variants", unit=unit.many.capitalize()), crossed),
        Detail(said("Error rate of each interval"), formats.exact_share(_exact(plan.alpha)).text),
        Detail(
            said("Error rate of the sample-ratio check"),
            formats.exact_share(_exact(plan.sample_ratio_alpha)).text,
        ),
        Detail(
            said("Money"),
            said("{currency}, net of refunds where the metric says so", currency=plan.currency),
        ),
        Detail(said("Days are cut in"), plan.time_zone),
    )


def _rule(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    plan = view.scorecard.plan
    rule = plan.decision_rule
    if plan.oec is None:
        return (Detail(said("Decision rule"), said("none: no metric decides")),)
    scale = SCALES[rule.scale]
    days = formats.count(rule.minimum_days).text
    safe = (
        said("; every guardrail must be shown to be safe") if rule.require_safe_guardrails else ""
    )
    exempt = ", ".join(rule.exempt_checks)
    return (
        Detail(
            said("Decision rule"),
            said(
                "ship where the whole interval of the {scale} of {name} ({estimates}) is "
                "better than {threshold_words}, after at least {days} days; a breached "
                "guardrail stops it{safe}",
                scale=scale,
                name=_name(plan.oec),
                estimates=ESTIMATES[rule.estimate],
                threshold_words=threshold_words(view, formats),
                days=days,
                safe=safe,
            ),
        ),
        *([Detail(said("Checks that do not stop a verdict"), exempt)] if exempt else []),
    )


def _power(plan: AnalysisPlan, formats: Formats) -> tuple[Detail, ...]:
    goal = plan.power_goal
    if goal is None:
        return ()
    power = formats.share(goal.power, 0).text
    size = said("no effect was named")
    if goal.mde_relative is not None:
        size = said(
            "for a lift of {exact_share}", exact_share=formats.exact_share(goal.mde_relative).text
        )
    elif goal.mde_absolute is not None and plan.oec is not None:
        scale = Scale.of_difference(plan.oec.definition.unit)
        size = said(
            "for {float}", float=formats.alone(float(goal.mde_absolute), scale, signed=False).text
        )
    return (Detail(said("Sized"), said("with a power of {power} {size}", power=power, size=size)),)


def _variance(plan: AnalysisPlan, formats: Formats) -> list[Detail]:
    details = []
    covariates = [
        labelled(
            _name(metric),
            with_commas(
                said("{key} ({days} days before)", key=plain(one.key), days=one.days)
                for one in metric.covariates
            ),
        )
        for metric in plan.metrics
        if metric.covariates
    ]
    if covariates:
        details.append(Detail(said("Covariates"), with_semicolons(covariates)))
    caps = [
        labelled(_name(metric), _cap(metric, metric.cap, formats))
        for metric in plan.metrics
        if metric.cap is not None
    ]
    if caps:
        details.append(Detail(said("Caps"), with_semicolons(caps)))
    return details


def _cap(metric: MetricInUse, cap: Cap, formats: Formats) -> str:
    if cap.percentile is not None:
        return said(
            "at the {exact_share} point of all values",
            exact_share=formats.exact_share(cap.percentile).text,
        )
    scale = Scale.MONEY if metric.definition.unit is MetricUnit.MONEY else Scale.COUNT
    return said("at {part}", part=formats.alone(cap.value or 0, scale, signed=False).text)


def _segments(plan: AnalysisPlan, unit: Unit, formats: Formats) -> tuple[Detail, ...]:
    if not plan.segments:
        return ()
    parts = (
        said(
            "{part}, values of at least {counted}",
            part=plain(one.name or one.key),
            counted=unit.counted(one.minimum_units, formats.count(one.minimum_units).text),
        )
        for one in plan.segments
    )
    return (Detail(said("Segments"), with_semicolons(parts)),)


def _planned(view: ReportView, variant: PlannedVariant, formats: Formats) -> str:
    name = name_of(view, variant.key).name
    shown: str = name
    if variant.is_control and name != "control":
        shown = said("{name} (control)", name=name)
    share = variant.planned_share
    if share is None:
        return said("{name} without a share", name=shown)
    return said("{name} {share}", name=shown, share=formats.exact_share(share).text)


def _name(metric: MetricInUse) -> str:
    return defined_name(metric.definition, metric.key)


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
