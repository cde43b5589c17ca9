"""Tidy rows of a metric in parts of its units: by segment, by day, by days since exposure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.report.tidy_row import Row, as_share, filled
from stats.inference.cell_effect import EffectScale
from stats.inference.outcome import Undefined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.inference.interaction import InteractionTest
    from stats.scorecard import MetricResult, Scorecard
    from stats.scorecard.slices import SegmentResult, TimeResult, TimeTests


def slice_rows(scorecard: Scorecard, metric: MetricResult, row: Row) -> Iterator[Row]:
    """Give every slice of a metric; `row` says what is common to all of them."""
    row = replace(row, compared_with=scorecard.plan.control.key)
    counted = scorecard.plan.randomization_unit.value
    for segment in metric.segments:
        own = replace(row, record="segment", segment=segment.key)
        yield from _segment(segment, own, counted)
    if metric.over_time is not None:
        yield from _over_time(metric.over_time, row, counted)


def _segment(segment: SegmentResult, row: Row, counted: str) -> Iterator[Row]:
    for one in segment.effects:
        own = replace(
            row,
            variant=one.treatment,
            segment_value=one.value or "",
            n=one.control_units + one.treatment_units,
        )
        yield from _counts(own, one.treatment_units, one.control_units, counted)
        yield filled(replace(own, quantity="difference"), one.difference)
        yield filled(replace(as_share(own), quantity="lift"), one.lift)
    for found in segment.interactions:
        own = replace(row, variant=found.treatment)
        yield _interaction(replace(own, quantity="interaction"), found.test)
        if found.adjusted_p_value is not None:
            yield replace(
                _bare(own),
                quantity="corrected_interaction",
                p_value=found.adjusted_p_value,
                method="benjamini_hochberg",
                status="estimated",
            )


def _counts(row: Row, treatment: int, control: int, counted: str) -> Iterator[Row]:
    row = replace(_bare(row), unit=counted, status="exact")
    yield replace(row, quantity="units", estimate=treatment)
    yield replace(row, quantity="control_units", estimate=control)


def _interaction(row: Row, test: InteractionTest | Undefined) -> Row:
    """Give a test of one effect everywhere: its number is the share of spread beyond chance."""
    if isinstance(test, Undefined):
        return filled(_bare(row), test)
    return replace(
        as_share(row),
        estimate=test.i_squared,
        p_value=test.p_value,
        df=test.df,
        method=f"cochran_q_{test.scale.value}",
        status="estimated",
    )


def _over_time(found: TimeResult, row: Row, counted: str) -> Iterator[Row]:
    for day in found.by_day:
        own = replace(
            row,
            record="day",
            variant=day.treatment,
            day=day.day.isoformat(),
            n=day.control_units + day.treatment_units,
        )
        yield from _counts(own, day.treatment_units, day.control_units, counted)
        yield filled(replace(own, quantity="difference"), day.difference)
    for tests in found.tests:
        yield from _tests(tests, replace(row, record="day", variant=tests.treatment))
    for horizon in found.by_horizon:
        own = replace(
            row,
            record="horizon",
            variant=horizon.treatment,
            horizon_days=horizon.days,
            quantity="difference",
        )
        yield filled(own, horizon.difference)


def _tests(tests: TimeTests, row: Row) -> Iterator[Row]:
    slope = tests.novelty
    own = replace(row, quantity="novelty_slope")
    if isinstance(slope, Undefined):
        yield filled(own, slope)
    else:
        scaled = own if slope.scale is EffectScale.DIFFERENCE else as_share(own)
        yield replace(
            scaled,
            estimate=slope.per_day,
            std_error=slope.std_error,
            ci_low=slope.ci_low,
            ci_high=slope.ci_high,
            p_value=slope.p_value,
            alpha=slope.alpha,
            status="estimated",
        )
    yield _interaction(replace(row, quantity="weekday_interaction"), tests.weekdays)


def _bare(row: Row) -> Row:
    return replace(row, unit="", currency="", currency_exponent=None)
