"""Tidy rows of the funnel: the way to the assignment, every step, and every step by tier."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.report.tidy_row import Row, comparison_rows, filled
from stats.scorecard import NotCounted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import (
        Enrolment,
        FunnelResult,
        FunnelStepVariant,
        FunnelTier,
        Scorecard,
    )
    from stats.scorecard.comparison import Comparison

TIER: Final = "tier"
MEMBER: Final = "member"
KEPT_BY: Final = "kept_by"


def funnel_rows(scorecard: Scorecard) -> Iterator[Row]:
    """Give the rows of the funnel, and of who came as far as the assignment."""
    found = scorecard.enrolment
    if isinstance(found, NotCounted):
        yield Row(record="enrolment", quantity="state", status="undefined", sentence=found.sentence)
    elif found is not None:
        yield from _enrolment(scorecard, found)
    if scorecard.funnel is not None:
        yield from _funnel(scorecard, scorecard.funnel)


def _enrolment(scorecard: Scorecard, found: Enrolment) -> Iterator[Row]:
    base = Row(record="enrolment", unit=MEMBER, status="exact")
    for key, members in (
        ("all", found.members),
        ("eligible", found.eligible),
        ("not_asked", found.not_asked),
        ("assigned", found.assigned),
    ):
        yield replace(base, key=key, quantity="members", estimate=members)
    for one in found.kept:
        # several rules, layers or campaigns may keep members for the same reason
        kept_by = KEPT_BY if one.detail else ""
        row = replace(
            base,
            key=one.reason.value,
            name=one.detail,
            segment=kept_by,
            segment_value=one.detail,
        )
        yield replace(row, quantity="members", estimate=one.members)
        yield replace(row, quantity="in_audience", estimate=one.in_audience)
    for tier in found.by_tier:
        row = replace(base, name=tier.name, segment=TIER, segment_value=tier.tier or "")
        yield replace(row, key="all", quantity="members", estimate=tier.members)
        yield replace(row, key="eligible", quantity="members", estimate=tier.eligible)
    counted = scorecard.plan.randomization_unit.value
    for left in found.unseen:
        yield replace(base, key=left.reason.value, variant=left.variant, unit=counted,
                      quantity="not_exposed", estimate=left.units)  # fmt: skip


def _funnel(scorecard: Scorecard, funnel: FunnelResult) -> Iterator[Row]:
    counted = scorecard.plan.randomization_unit.value
    base = Row(
        record="funnel",
        window_start_days=funnel.window.start_days,
        window_end_days=funnel.window.end_days,
    )
    if funnel.sentence:
        yield replace(base, quantity="state", status=funnel.state.value, sentence=funnel.sentence)
    for variant, units in funnel.immature_units.items():
        yield replace(base, variant=variant, quantity="immature_units", estimate=units,
                      unit=counted, status="exact")  # fmt: skip
    for step in funnel.steps:
        named = replace(base, key=step.key, name=step.name, unit="share")
        if step.closes_after_days is not None:
            named = replace(named, window_end_days=step.closes_after_days)
        yield from _step(named, step.variants, step.comparisons, counted)
        for treatment, p_value in step.corrected_p_values.items():
            if p_value is not None:
                yield replace(named, unit="", variant=treatment, quantity="corrected_p_value",
                              p_value=p_value, alpha=scorecard.alpha, status="exploratory",
                              method="benjamini_hochberg")  # fmt: skip
    for tier in funnel.by_tier:
        yield from _tier(base, tier, counted)


def _tier(base: Row, tier: FunnelTier, counted: str) -> Iterator[Row]:
    row = replace(base, segment=TIER, segment_value=tier.tier or "")
    for variant, units in tier.units.items():
        yield replace(row, key="assigned", variant=variant, quantity="assigned_units",
                      estimate=units, unit=counted, status="exact")  # fmt: skip
    for step in tier.steps:
        named = replace(row, key=step.key, unit="share")
        yield from _step(named, step.variants, step.comparisons, counted)


def _step(
    named: Row,
    variants: tuple[FunnelStepVariant, ...],
    comparisons: tuple[Comparison, ...],
    counted: str,
) -> Iterator[Row]:
    for result in variants:
        row = replace(named, variant=result.variant, n=result.n)
        yield replace(row, quantity="units", estimate=result.units, unit=counted, status="exact")
        yield filled(replace(row, quantity="share"), result.share)
        if result.share_of_previous is not None:
            yield replace(row, quantity="share_of_previous",
                          estimate=result.share_of_previous, status="descriptive")  # fmt: skip
        for quantity, days in (
            ("median_days", result.median_days),
            ("mean_days", result.mean_days),
        ):
            if days is not None:
                yield replace(row, quantity=quantity, estimate=days, unit="day",
                              status="descriptive")  # fmt: skip
    counts = {result.variant: result.n for result in variants}
    for comparison in comparisons:
        both = counts[comparison.treatment] + counts[comparison.control]
        yield from comparison_rows(replace(named, n=both), comparison)
