"""Times to an event, quantiles, days between steps, and what goes with the outcome."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from app.report.compose import page_of
from app.report.curve_drawing import draw_curves
from app.report.formatting import Formats
from app.report.survival_blocks import survival_blocks
from app.report.svg import KEPT
from app.report.timeline_drawing import NARROW_FRAME, WIDE_FRAME, Frame
from app.report.totals import TotalUnits
from stats.errors import UndefinedStatus
from stats.inference.driver_table import Drivers
from stats.inference.outcome import Rate, Undefined
from stats.inference.survival import LogRank, MedianTime
from stats.plan import RandomizationUnit
from tests.app.report.scorecards import CAST
from tests.app.report.test_blocks import block_of, section_of, table_of
from tests.app.report.trees import rendered, texts_of

if TYPE_CHECKING:
    from app.report.block import Block
    from stats.scorecard import MetricResult
    from stats.scorecard.curves import SurvivalResult

REASON = "Nobody was watched for long enough."
NONE = Undefined(UndefinedStatus.NOT_IDENTIFIED, REASON)


def metric_of(key: str) -> MetricResult:
    """Give a metric of the report with times."""
    return next(m for m in CAST["times"]().scorecard.metrics if m.key == key)


def survival_of() -> SurvivalResult:
    """Give the curves of that report."""
    found = metric_of("repurchase_interval").survival
    assert found is not None
    return found


def blocks_with(found: SurvivalResult) -> tuple[Block, ...]:
    """Compose the blocks of other curves."""
    view = CAST["times"]()
    metric = metric_of("repurchase_interval")
    changed = dataclasses.replace(metric, survival=found)
    metrics = tuple(changed if m.key == metric.key else m for m in view.scorecard.metrics)
    view = dataclasses.replace(view, scorecard=dataclasses.replace(view.scorecard, metrics=metrics))
    return survival_blocks(view, changed, Formats.of(view.scorecard))


def test_times_to_an_event_have_events_medians_and_hazard_ratios() -> None:
    """The open table has each variant's events and each treatment's ratio, as in the scorecard."""
    block, found = block_of("times", "repurchase_interval", "Time to the event"), survival_of()
    assert block.fold == ""
    lines = table_of(block).groups[0].lines
    events = [line.cells[0].number for line in lines]
    assert [number and number.value for number in events] == [c.events for c in found.curves]
    assert isinstance(found.hazard_ratios, tuple)
    for line, ratio in zip(lines[1:], found.hazard_ratios, strict=True):
        _, _, shown, p_value = line.cells
        assert shown.shown is not None
        assert shown.shown.estimate is not None
        assert shown.shown.low is not None
        assert p_value.number is not None
        assert shown.shown.estimate.value == ratio.estimate
        assert shown.shown.low.value == ratio.ci_low
        assert p_value.number.value == ratio.p_value
    assert lines[0].cells[2].shown is None  # the control is what the others are compared with


def test_a_median_that_was_not_reached_is_a_sentence() -> None:
    """Where fewer than half had the event, the reason stands in the median's place."""
    block = block_of("times", "repurchase_interval", "Time to the event")
    for line, curve in zip(table_of(block).groups[0].lines, survival_of().curves, strict=True):
        shown = line.cells[1].shown
        assert isinstance(curve.median, Undefined)
        assert shown is not None
        assert (shown.estimate, shown.sentence) == (None, curve.median.sentence)


def test_a_median_whose_interval_has_no_end_says_where_it_begins() -> None:
    """No upper end is made up for an interval that the watched days do not close."""
    found = survival_of()
    curves = (
        dataclasses.replace(found.curves[0], median=MedianTime(21.0, 18.0, None, 0.05)),
        dataclasses.replace(found.curves[1], median=MedianTime(20.0, 17.0, 26.0, 0.05)),
    )
    block = blocks_with(dataclasses.replace(found, curves=curves))[0]
    without, closed = (line.cells[1].shown for line in table_of(block).groups[0].lines)
    assert without is not None
    assert closed is not None
    assert (without.low, without.high) == (None, None)
    assert "begins at 18" in without.sentence
    assert closed.high is not None
    assert closed.high.text == "26.0 days"


def test_the_log_rank_test_is_read_in_words() -> None:
    """The test of all variants has its p-value and says whether the curves differ."""
    found = survival_of()
    assert isinstance(found.log_rank, LogRank)
    reading = block_of("times", "repurchase_interval", "Time to the event").readings[0]
    assert f"the curves are not shown to differ (p = {found.log_rank.p_value:.3f})" in reading
    sure = dataclasses.replace(found, log_rank=dataclasses.replace(found.log_rank, p_value=1e-5))
    assert "the curves differ (p < 0.001)" in blocks_with(sure)[0].readings[0]


def test_tests_that_cannot_be_made_say_why() -> None:
    """Without events there is no log-rank test and no hazard ratio, but a sentence for each."""
    found = dataclasses.replace(survival_of(), log_rank=NONE, hazard_ratios=NONE)
    block = blocks_with(found)[0]
    assert [reading.count(REASON) for reading in block.readings] == [1, 1]
    cells = [line.cells[2] for line in table_of(block).groups[0].lines]
    assert all(cell.shown is None for cell in cells)


def test_numbers_at_risk_wait_in_a_fold() -> None:
    """A few days of every variant stand there, the first and the last among them."""
    block, found = block_of("times", "repurchase_interval", "At risk"), survival_of()
    assert block.fold
    for group, curve in zip(table_of(block).groups, found.curves, strict=True):
        points = {f"day {point.day:g}": point for point in curve.points}
        assert len(group.lines) <= 8
        assert group.lines[0].label == "day 0"
        assert group.lines[-1].label == f"day {curve.points[-1].day:g}"
        for line in group.lines:
            at_risk, share = line.cells
            point = points[line.label]
            assert at_risk.number is not None
            assert at_risk.number.value == point.at_risk
            shown = share.number if share.shown is None else share.shown.estimate
            assert shown is not None
            assert shown.value == point.survival


def test_units_of_an_open_window_are_not_called_left_out() -> None:
    """Times to an event count them as far as they were watched, and the page says so."""
    section = section_of("times", "repurchase_interval")
    assert section.has_immature
    assert (section.total_title, section.over) == ("Had the event", "of")
    assert section.waiting_title == "Still watched"
    assert "left out" not in section.pending
    assert "each counts for as long as watched" in section.pending
    assert "value: mean days without the event, up to day 28" in section.facts


def test_the_total_of_a_survival_metric_is_units_and_not_days() -> None:
    """What is counted are units with the event, of all units."""
    metric = metric_of("repurchase_interval")
    totals = TotalUnits.of(metric.definition, RandomizationUnit.MEMBER)
    assert (totals.numerator, totals.denominator) == ("member", "member")
    lines = section_of("times", "repurchase_interval").lines
    for line, curve in zip(lines, survival_of().curves, strict=True):
        assert line.numerator_total.value == curve.events
        assert "day" not in line.numerator_total.text
        assert line.value.estimate is not None
        assert line.value.estimate.text.endswith("days")


def test_a_quantile_says_which_and_has_its_interval() -> None:
    """A quantile is not taken for a mean: its share stands among the facts."""
    section, metric = section_of("times", "large_basket_p90"), metric_of("large_basket_p90")
    assert "value: what 90% of values do not exceed" in section.facts
    for line, row in zip(section.lines, metric.variants, strict=True):
        assert isinstance(row.value, Rate)
        assert line.value.low is not None
        assert line.value.low.value == row.value.ci_low


def test_units_above_the_cap_are_counted() -> None:
    """Beside what a cap took stands how many units it touched."""
    capped = metric_of("spend_per_member").capped
    assert capped is not None
    lines = table_of(block_of("times", "spend_per_member", "Outliers capped")).groups[0].lines
    numbers = [line.cells[0].number for line in lines]
    assert [number and number.value for number in numbers] == [
        value.capped_units for value in capped.variants
    ]
    assert any(value.capped_units for value in capped.variants)


def test_the_funnel_says_how_long_steps_took() -> None:
    """Median and mean days since the step before stand beside the share, as description."""
    view = CAST["times"]()
    funnel, found = page_of(view).funnel, view.scorecard.funnel
    assert funnel is not None
    assert found is not None
    assert funnel.has_days
    for section, step in zip(funnel.steps, found.steps, strict=True):
        for line, row in zip(section.lines, step.variants, strict=True):
            assert (line.median_days and line.median_days.value) == row.median_days
            assert (line.mean_days and line.mean_days.value) == row.mean_days
    assert "Days since the step before median; descriptive only" in texts_of(rendered("times"))


def test_drivers_are_labelled_as_association() -> None:
    """The table stands on the deciding metric's card, with the sentence that it is no effect."""
    block = block_of("times", "repurchase_rate", "What goes with it")
    found = CAST["times"]().scorecard.drivers
    assert isinstance(found, Drivers)
    assert block.tag == "association"
    assert block.notes[0] == found.sentence
    lines = [line for group in table_of(block).groups for line in group.lines]
    units = sorted(line.cells[0].number.value for line in lines if line.cells[0].number)
    columns = [one.column for one in found.coefficients]
    columns += [one.column for one in found.undefined]
    assert units == sorted(column.units for column in columns)
    first, one = lines[0].cells, found.coefficients[0]
    assert first[2].shown is not None
    assert first[2].shown.estimate is not None
    assert one.odds_ratio is not None
    assert first[2].shown.estimate.value == one.odds_ratio.estimate
    assert first[4].number is not None
    assert first[4].number.value == one.p_adjusted


def test_drivers_that_cannot_be_had_say_why() -> None:
    """Where the regression has no answer its sentence stands in the table's place."""
    view = CAST["times"]()
    view = dataclasses.replace(view, scorecard=dataclasses.replace(view.scorecard, drivers=NONE))
    section = page_of(view).groups[0].metrics[0]
    block = next(block for block in section.blocks if block.title == "What goes with it")
    assert (block.notes, block.table) == ((REASON,), None)


@pytest.mark.parametrize("frame", [WIDE_FRAME, NARROW_FRAME], ids=["wide", "narrow"])
def test_curves_are_drawn_as_named_steps(frame: Frame) -> None:
    """A drawing holds shapes and texts only, and names the control and the treatment."""
    for plot in block_of("times", "repurchase_interval", "Time to the event").curves:
        root = ET.fromstring(draw_curves(plot, frame))  # noqa: S314 - our own drawing
        assert {element.tag for element in root.iter()} <= KEPT
        texts = {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {curve.label for curve in plot.curves} <= texts
        assert {tick.text for tick in plot.shares} <= texts
        lines = [
            e.get("class", "") for e in root.iter("{http://www.w3.org/2000/svg}path")
            if e.get("stroke-width") == "2" and e.get("d", "").count("L") > 2
        ]  # fmt: skip
        assert lines == ["line-control", "line-treatment"]


def test_a_curve_falls_as_the_scorecard_says() -> None:
    """Each curve keeps every day on which it falls, from day 0 to the end of follow-up."""
    plots = block_of("times", "repurchase_interval", "Time to the event").curves
    found = survival_of()
    assert len(plots) == len(found.curves) - 1
    for plot, result in zip(plots, found.curves[1:], strict=True):
        steps = dict(plot.curves[1].steps)
        assert max(steps) == found.until_day
        at = {point.day: point.survival for point in result.points}
        assert min(steps) == 0
        assert all(at[day] == share for day, share in steps.items())
        assert set(at.values()) == set(steps.values())
