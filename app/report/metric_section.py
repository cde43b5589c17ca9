"""Composes the section of one metric: a line per variant, a plot, and what is left out for now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.report.alternative_blocks import alternative_blocks
from app.report.driver_blocks import driver_blocks
from app.report.formatting import Scale
from app.report.guardrail_blocks import guardrail_blocks
from app.report.metric_plot import metric_plot
from app.report.oec_blocks import oec_blocks
from app.report.outcomes import (
    margin_reading,
    reading_of,
    show_difference,
    show_lift,
    show_per_thousand,
    show_value,
)
from app.report.page import MetricLine, MetricSection
from app.report.segment_blocks import segment_blocks
from app.report.survival_blocks import survival_blocks
from app.report.time_blocks import time_blocks
from app.report.totals import MONEY, TotalUnits
from app.report.words import (
    Unit,
    description_of,
    direction_words,
    metric_name,
    name_of,
    plain,
    role_label,
    state_title,
    window_words,
)
from stats.inference.outcome import Estimate
from stats.metric import MetricKind, MetricUnit
from stats.plan import MetricRole
from stats.scorecard import State
from stats.sentence import said, said_many, with_commas

if TYPE_CHECKING:
    from app.report.block import Block
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import Comparison, MetricResult, VariantResult


COUNTED: Final = frozenset({MetricKind.PROPORTION, MetricKind.SURVIVAL})
"""Kinds whose totals are units with the outcome, of all units."""


def metric_section(view: ReportView, metric: MetricResult, formats: Formats) -> MetricSection:
    """Compose the section of a metric."""
    is_survival = metric.definition.kind is MetricKind.SURVIVAL
    compared = {comparison.treatment: comparison for comparison in metric.comparisons}
    return MetricSection(
        key=plain(metric.key),
        name=metric_name(metric),
        role=role_label(metric.role),
        facts=_facts(metric, formats),
        description=description_of(metric.definition),
        state=metric.state,
        state_title=state_title(metric.state),
        sentence=state_sentence(metric, formats),
        pending=_pending(view, metric, formats),
        over=said("of") if metric.definition.kind in COUNTED else said("over"),
        lines=tuple(
            _line(view, metric, variant, compared.get(variant.variant), formats)
            for variant in metric.variants
        )
        if any(variant.n for variant in metric.variants)
        else (),
        plot=metric_plot(view, metric, formats),
        blocks=blocks_of(view, metric, formats),
        total_title=said("Had the event") if is_survival else said("Total"),
        waiting_title=said("Still watched") if is_survival else said("Left out for now"),
    )


def blocks_of(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose every view of a metric besides the raw one, those that decide first."""
    return (
        *oec_blocks(view, metric, formats),
        *guardrail_blocks(view, metric, formats),
        *survival_blocks(view, metric, formats),
        *alternative_blocks(view, metric, formats),
        *segment_blocks(view, metric, formats),
        *time_blocks(view, metric, formats),
        *driver_blocks(view, metric, formats),
    )


def state_sentence(metric: MetricResult, formats: Formats) -> str:
    """Say what the state of a metric means here; empty when ready."""
    if metric.state is State.IMMATURE and metric.first_results_at is not None:
        when = formats.moment(metric.first_results_at).text
        days = window_words(metric.window)
        return said(
            "Every window is still open ({days}). The first results come on {when}.",
            days=days,
            when=when,
        )
    return plain(formats.with_moments(metric.sentence))


def _facts(metric: MetricResult, formats: Formats) -> tuple[str, ...]:
    facts = [direction_words(metric.definition.direction), window_words(metric.window)]
    if metric.definition.quantile is not None:
        share = formats.exact_share(metric.definition.quantile).text
        facts.append(said("value: what {share} of values do not exceed", share=share))
    if metric.survival is not None:
        until = formats.day_number(metric.survival.until_day)
        facts.append(said("value: mean days without the event, up to day {until}", until=until))
    if metric.forecast_share:
        share = formats.share(metric.forecast_share, 0).text
        facts.append(
            said("a forecast: {share} of the days it speaks of lie beyond the window", share=share)
        )
    if metric.definition.among is not None:
        facts.append(
            said(
                "among units by {attribute} at assignment",
                attribute=plain(metric.definition.among.attribute),
            )
        )
    if metric.non_inferiority_margin is not None:
        share = formats.exact_share(metric.non_inferiority_margin).text
        facts.append(said("margin: at most {share} worse than control", share=share))
    elif metric.role is MetricRole.GUARDRAIL:
        facts.append(said("no margin declared"))
    return tuple(facts)


def _pending(view: ReportView, metric: MetricResult, formats: Formats) -> str:
    waiting = [row for row in metric.variants if row.immature_units]
    if not waiting:
        return ""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    total = sum(row.immature_units for row in waiting)
    parts = with_commas(
        f"{name_of(view, row.variant).name} {formats.count(row.immature_units).text}"
        for row in waiting
    )
    until = ""
    if metric.complete_at is not None:
        until = said(
            " The last window closes on {moment}.", moment=formats.moment(metric.complete_at).text
        )
    counted = unit.counted(total, formats.count(total).text)
    if metric.definition.kind is MetricKind.SURVIVAL:
        return said_many(
            "{counted} is still in their window and may yet have the event: each "
            "counts for as long as watched ({parts}).{until}",
            "{counted} are still in their window and may yet have the event: each "
            "counts for as long as watched ({parts}).{until}",
            total,
            counted=counted,
            parts=parts,
            until=until,
        )
    return said_many(
        "{counted} is still in their window and left out of every number here ({parts}).{until}",
        "{counted} are still in their window and left out of every number here ({parts}).{until}",
        total,
        counted=counted,
        parts=parts,
        until=until,
    )


def _line(
    view: ReportView,
    metric: MetricResult,
    row: VariantResult,
    comparison: Comparison | None,
    formats: Formats,
) -> MetricLine:
    unit = metric.definition.unit
    totals = TotalUnits.of(metric.definition, view.scorecard.plan.randomization_unit)
    line = MetricLine(
        variant=name_of(view, row.variant),
        n=formats.count(row.n),
        immature_units=formats.count(row.immature_units),
        numerator_total=formats.total(row.numerator_total, is_money=totals.numerator == MONEY),
        denominator_total=formats.total(
            row.denominator_total, is_money=totals.denominator == MONEY
        ),
        value=show_value(row.value, formats, Scale.of_value(unit)),
    )
    if comparison is None:
        return line
    difference = comparison.difference
    return replace(
        line,
        difference=show_difference(difference, formats, Scale.of_difference(unit)),
        per_thousand=show_per_thousand(difference, formats) if unit is MetricUnit.MONEY else None,
        lift=show_lift(comparison.lift, formats),
        p_value=formats.p_value(difference.p_value, difference.alpha)
        if isinstance(difference, Estimate)
        else None,
        reading=reading_of(comparison, metric.definition.direction),
        margin_reading=margin_reading(
            comparison.lift, metric.non_inferiority_margin, metric.definition.direction, formats
        )
        if metric.non_inferiority_margin is not None and comparison.non_inferiority is None
        else "",
    )
