"""The other views of a metric: what stands beside the raw result, and how it is to be taken."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from app.report.compose import page_of
from app.report.look_words import look_note
from app.report.page import Tone
from stats.checks.finding import Severity
from stats.decision.verdict import Reason, Verdict
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import Estimate, Undefined
from stats.plan import DecisionRule, DecisionScale
from tests.app.report.scorecards import CAST
from tests.app.report.test_formatting import POUNDS
from tests.app.report.trees import classed, rendered, texts_of

if TYPE_CHECKING:
    from app.report.block import Block, Table
    from app.report.page import MetricSection


def section_of(name: str, key: str) -> MetricSection:
    """Give the card of a metric in a report of the cast."""
    page = page_of(CAST[name]())
    return next(m for group in page.groups for m in group.metrics if m.key == key)


def block_of(name: str, key: str, title: str) -> Block:
    """Give a block of a card by its title."""
    return next(block for block in section_of(name, key).blocks if block.title == title)


def table_of(block: Block) -> Table:
    """Give the table that a block has."""
    assert block.table is not None
    return block.table


def words_of(table: Table) -> list[str]:
    """Give the words of all cells."""
    return [cell.words for group in table.groups for line in group.lines for cell in line.cells]


def test_a_look_that_saw_too_little_is_said_to_spend_nothing() -> None:
    """A bound of 8 standard errors is how a refused look is kept, and no news for a reader."""
    scorecard = CAST["planned_looks"]().scorecard
    assert scorecard.oec is not None
    assert scorecard.oec.look is not None
    refused = dataclasses.replace(scorecard.oec.look, boundary=8.0)
    oec = dataclasses.replace(scorecard.oec, look=refused)
    scorecard = dataclasses.replace(scorecard, oec=oec)
    words = look_note(scorecard, POUNDS)
    assert "too little to decide anything" in words
    assert "standard errors" not in words


def test_the_deciding_interval_has_its_level_its_look_and_its_corrected_p() -> None:
    """Whoever reads the verdict finds the numbers that it rests on, and by which method."""
    block = block_of("planned_looks", "spend_per_member", "The interval that decides")
    scorecard = CAST["planned_looks"]().scorecard
    assert scorecard.oec is not None
    look, first = scorecard.oec.look, scorecard.oec.treatments[0]
    assert look is not None
    assert "adjusted by its covariates" in block.notes[0]
    assert "Holm" in block.notes[0]
    assert block.notes[1].startswith(f"This is look {look.number} of {look.planned}")
    difference, _, level, p_value, corrected = table_of(block).groups[0].lines[0].cells
    assert isinstance(first.difference, Estimate)
    assert difference.shown is not None
    assert difference.shown.low is not None
    assert difference.shown.low.value == first.difference.ci_low
    assert level.words.endswith("%")
    assert p_value.number is not None
    assert p_value.number.value == first.p_value
    assert corrected.number is not None
    assert (corrected.number.value, corrected.words) == (first.adjusted_p_value, "does not count")


def test_the_bayesian_view_says_that_it_does_not_decide() -> None:
    """Chances and losses are labelled as a view, each variant with its chance to be best."""
    block = block_of("planned_looks", "spend_per_member", "A Bayesian view")
    assert block.tag == "a view, not the rule"
    assert "does not decide" in block.notes[0]
    scorecard = CAST["planned_looks"]().scorecard
    assert scorecard.oec is not None
    best = [line.cells[2].number for line in table_of(block).groups[0].lines]
    assert [number.value for number in best if number] == list(
        scorecard.oec.chance_to_be_best.values()
    )


def test_power_now_says_what_is_still_missing() -> None:
    """Smallest effect, power for the planned one, members needed, and the days at this traffic."""
    block = block_of("planned_looks", "spend_per_member", "What it can find now")
    scorecard = CAST["planned_looks"]().scorecard
    assert scorecard.outlook is not None
    first, missing = scorecard.outlook.treatments[0], scorecard.outlook.remaining
    numbers = [cell.number for cell in table_of(block).groups[0].lines[0].cells]
    assert [number and number.value for number in numbers] == [
        first.smallest_effect,
        first.smallest_lift,
        first.planned_effect,
        first.achieved_power,
        first.units_needed,
    ]
    assert missing is not None
    assert f"{missing.units:,} members more" in block.readings[0]
    assert f"{missing.days} days" in block.readings[0]


def test_the_adjusted_result_stands_beside_the_raw_one_with_what_it_bought() -> None:
    """Raw and adjusted difference share a row, and the share of variance removed stands in it."""
    block = block_of("planned_looks", "spend_per_member", "Adjusted by covariates (CUPED)")
    metric = CAST["planned_looks"]().scorecard.metrics[0]
    assert metric.adjusted is not None
    _, raw, adjusted, _, _, removed = table_of(block).groups[0].lines[1].cells
    of_raw, of_adjusted = (
        metric.comparisons[0].difference,
        metric.adjusted.comparisons[0].difference,
    )
    assert isinstance(of_raw, Estimate)
    assert isinstance(of_adjusted, Estimate)
    assert raw.shown is not None
    assert raw.shown.estimate is not None
    assert adjusted.shown is not None
    assert adjusted.shown.estimate is not None
    assert raw.shown.estimate.value == of_raw.estimate
    assert adjusted.shown.estimate.value == of_adjusted.estimate
    assert removed.number is not None
    assert removed.number.value == metric.adjusted.reductions[0].share


def test_a_covariate_that_could_not_be_used_is_named_with_the_reason() -> None:
    """What was planned and had to be left out is said, not silently dropped."""
    block = block_of("small", "unsubscribe", "Adjusted by covariates (CUPED)")
    metric = next(m for m in CAST["small"]().scorecard.metrics if m.key == "unsubscribe")
    assert metric.adjusted is not None
    assert metric.adjusted.dropped
    assert set(metric.adjusted.dropped) <= set(block.notes)


def test_an_exact_test_is_labelled_and_never_moves_the_interval() -> None:
    """A small proportion has the exact p-value beside the interval, under the test's name."""
    block = block_of("small", "repurchase_rate", "Exact test")
    exact = CAST["small"]().scorecard.metrics[0].comparisons[0].exact
    assert exact is not None
    assert not isinstance(exact, Undefined)
    cells = table_of(block).groups[0].lines[0].cells
    assert cells[1].number is not None
    assert cells[1].number.value == exact.p_value
    assert "Boschloo" in cells[2].words or exact.sentence in cells[2].words
    assert "never moves the interval" in block.notes[0]


def test_segments_are_exploratory_and_small_values_are_listed() -> None:
    """Every value stands in the table, with its effect or the reason for none."""
    block = block_of("planned_looks", "spend_per_member", "By channel")
    segment = CAST["planned_looks"]().scorecard.metrics[0].segments[1]
    assert block.tag == "exploratory"
    values = {group.heading for group in table_of(block).groups}
    assert values == {effect.value for effect in segment.effects}
    small = [one for one in segment.effects if isinstance(one.difference, Undefined)]
    assert small
    text = texts_of(rendered("planned_looks"))
    assert all(one.difference.sentence in text for one in small
               if isinstance(one.difference, Undefined))  # fmt: skip
    assert all("interaction test on the scale of the difference" in r for r in block.readings)
    assert all("corrected over the metric's segments" in reading for reading in block.readings)


def test_the_effect_over_time_is_drawn_and_tabled() -> None:
    """Days have a trend and a weekday test, horizons are descriptive; tables wait in folds."""
    found = CAST["planned_looks"]().scorecard.metrics[0].over_time
    assert found is not None
    days = block_of("planned_looks", "spend_per_member", "By day of first exposure")
    horizons = block_of("planned_looks", "spend_per_member", "By days since first exposure")
    assert horizons.tag == "descriptive"
    assert len(days.timelines) == len(horizons.timelines) == 2
    assert sum(len(group.lines) for group in table_of(days).groups) == len(found.by_day)
    assert sum(len(group.lines) for group in table_of(horizons).groups) == len(found.by_horizon)
    trend, weekdays = days.readings[:2]
    assert "trend: the effect is not shown to change" in trend
    assert "a day (95% interval" in trend
    assert "weekdays: the effects are not shown to differ" in weekdays
    folds = classed(rendered("planned_looks"), "numbers")
    assert folds
    assert all(fold.get("open") is None for fold in folds)


def test_at_a_glance_each_treatment_meets_what_decides_guards_and_pays() -> None:
    """The matrix has an interval and a word in every cell, and a verdict per treatment."""
    glance = page_of(CAST["story"]()).glance
    assert glance is not None
    titles = [column.title for column in glance.columns]
    assert titles == ["Repurchase rate", "Unsubscribe", "Refund rate", "Spend per member"]
    assert [line.tag for line in glance.groups[0].lines] == ["Ship", "Inconclusive"]
    for line in glance.groups[0].lines:
        for cell in line.cells:
            assert cell.words
            assert cell.shown is not None
            assert cell.shown.low is not None
    assert "better than control (97.5% interval)" in words_of(glance)
    assert "unresolved" in words_of(glance)


def test_a_failed_check_takes_the_matrix_away() -> None:
    """Nothing is quoted before the warning of its section."""
    page = page_of(CAST["broken_split"]())
    assert page.headline.tone is Tone.BROKEN
    assert page.glance is None
    assert any(note.term == "What to do" for note in page.headline.notes)


def test_an_exempt_check_is_named_beside_the_verdict() -> None:
    """A plan may argue that a failure does not stop it; readers hear of it all the same."""
    view = CAST["story"]()
    broken = dataclasses.replace(view.scorecard.findings[1], severity=Severity.FAILURE)
    plan = dataclasses.replace(
        view.scorecard.plan, decision_rule=DecisionRule(exempt_checks=(broken.code.value,))
    )
    findings = (view.scorecard.findings[0], broken, *view.scorecard.findings[2:])
    scorecard = dataclasses.replace(view.scorecard, findings=findings, plan=plan)
    top = page_of(dataclasses.replace(view, scorecard=scorecard)).headline
    assert top.tone is Tone.SHIP
    assert "Failed and exempt" in {note.term for note in top.notes}


def test_a_breached_guardrail_overrides_the_verdict_in_words() -> None:
    """The page says which guardrail stops the treatment, in its first sentence."""
    view = CAST["preliminary"]()
    decision = view.scorecard.decision
    assert decision is not None
    assert (decision.verdict, decision.reason) == (
        Verdict.DO_NOT_SHIP,
        Reason.GUARDRAIL_BREACHED,
    )
    top = page_of(view).headline
    assert top.tone is Tone.STOP
    assert top.sentence == "Do not ship gift: it breaches a guardrail, Unsubscribe."
    held = view.scorecard.metrics[1].comparisons[0].non_inferiority
    assert isinstance(held, NonInferiority)
    words = words_of(table_of(block_of("preliminary", "unsubscribe", "Held against its margin")))
    assert words[0].startswith("Breached: shown to be worse than control")


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("before_the_end", "Fixed horizon, and this is before its planned end on 27 Oct 2025"),
        ("continuous", "A confidence sequence."),
        ("planned_looks", "Group sequential, look 2 of 3"),
        ("small", "Fixed horizon, at its end."),
    ],
)
def test_the_looks_say_what_this_one_is_worth(name: str, looks: str) -> None:
    """An early look at a fixed horizon is labelled; looks that the plan allows are named."""
    note = page_of(CAST[name]()).headline.notes[-1]
    assert note.term == "Looks"
    assert note.text.startswith(looks)


def test_what_is_still_to_come_is_counted_in_days_and_traffic() -> None:
    """Keep running says how many days more, and the note says at which traffic."""
    view = CAST["continuous"]()
    decision = view.scorecard.decision
    assert decision is not None
    assert decision.remaining is not None
    top = page_of(view).headline
    assert top.sentence.startswith(f"Keep running for {decision.remaining.days} days more")
    note = next(note.text for note in top.notes if note.term == "Still to come")
    assert f"{decision.remaining.units:,} members more" in note
    assert "208 members a day" in note


def test_the_plan_is_written_out_and_every_change_of_it() -> None:
    """Basis, rule, looks, size, covariates, caps and segments stand in the design section."""
    page = page_of(CAST["planned_looks"]())
    design = {detail.term: detail.text for detail in page.design}
    assert design["Who counts"].startswith("everyone exposed")
    assert "better than a lift of 1% for the better" in design["Decision rule"]
    assert design["Looks"].startswith("group sequential")
    assert design["Several treatments"] == "Holm's method"
    assert design["Sized"] == "with a power of 80% for a lift of 8%"
    assert "before (90 days before)" in design["Covariates"]
    assert design["Caps"] == "Spend per member: at the 99% point of all values"
    assert "channel, values of at least 400 members" in design["Segments"]
    assert [(one.field, one.reason != "") for one in page.deviations] == [
        ("traffic_share", True),
        ("state", False),
    ]
    text = texts_of(rendered("planned_looks"))
    assert "Changed while it ran" in text
    assert "No reason was recorded." in text


def test_a_threshold_is_written_on_its_scale() -> None:
    """A rule on the scale of the difference names points or money, not a lift."""
    view = CAST["story"]()
    rule = DecisionRule(DecisionScale.DIFFERENCE, Decimal("0.01"))
    plan = dataclasses.replace(view.scorecard.plan, decision_rule=rule)
    scorecard = dataclasses.replace(view.scorecard, plan=plan)
    top = page_of(dataclasses.replace(view, scorecard=scorecard)).headline
    assert "better than a difference of 1.00 pp for the better" in top.notes[0].text
    assert top.lines[0].quantity == "difference"
