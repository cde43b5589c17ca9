"""The funnel on the page says what the scorecard says, from all members to those who stayed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from app.report import ReportView, render_html
from app.report.compose import page_of
from app.report.enrolment_part import LOST, UNSEEN, EnrolmentPart, ReachKind
from stats.inference.outcome import Estimate
from stats.scorecard import Enrolment, Kept, StepKind, Unseen
from tests.app.report.funnels import ENROLMENT, funnel, funnel_early, hostile_enrolment
from tests.app.report.scorecards import HOSTILE
from tests.app.report.test_csv import found, rows_of

if TYPE_CHECKING:
    from app.report.page import FunnelSection


def section_of(view: ReportView) -> FunnelSection:
    """The funnel of a page."""
    section = page_of(view).funnel
    assert section is not None
    return section


def part_of(view: ReportView) -> EnrolmentPart:
    """The way to the assignment on a page."""
    part = section_of(view).enrolment
    assert part is not None
    return part


def test_the_way_begins_with_all_members_and_ends_with_the_assigned() -> None:
    """Each reason has its row with its number, and what is left adds up."""
    lines = part_of(funnel()).lines

    left = [(line.label, line.members.value) for line in lines if line.kind is ReachKind.LEFT]
    assert left == [("All members", 52_340), ("Eligible", 8_113), ("Assigned", 7_204)]
    lost = [line for line in lines if line.kind is ReachKind.LOST]
    assert [line.members.value for line in lost] == [
        *(one.members for one in ENROLMENT.kept),
        8_113 - 7_204,
    ]
    assert lost[3].note == "Staff and family"
    assert lost[4].aside == "1,400 of them in the audience"


def test_every_reason_has_words() -> None:
    """No reason is shown as its code."""
    assert set(LOST) == set(Kept)
    assert set(UNSEEN) == set(Unseen)


def test_assigned_but_never_exposed_is_said_per_variant() -> None:
    """With the reasons, as far as they are known."""
    assert part_of(funnel()).unseen[0] == (
        "control: 12 members opted out after the assignment and 240 not seen since the assignment."
    )


def test_steps_show_the_numbers_of_the_scorecard() -> None:
    """Counts, corrected p-values and whom a step compares are those of the scorecard."""
    view = funnel()
    result = view.scorecard.funnel
    assert result is not None
    shown = [step for step in result.steps if step.kind is not StepKind.ASSIGNED]
    for section, step in zip(section_of(view).steps, shown, strict=True):
        assert [line.units.value for line in section.lines] == [v.units for v in step.variants]
        assert [line.n.value for line in section.lines] == [v.n for v in step.variants]
        corrected = [line.corrected.value for line in section.lines if line.corrected]
        assert corrected == [p for p in step.corrected_p_values.values() if p is not None]
        compared = {one.treatment: one.control for one in step.comparisons}
        for line in section.lines:
            assert (line.difference is not None) == (line.variant.key in compared)
            offered = step.kind is StepKind.OFFER and line.variant.key == "trial"
            assert line.versus == ("against 禮物" if offered else "")


def test_control_without_an_offer_has_no_part_in_its_steps() -> None:
    """The page says that it shows none, and gives no 0 %."""
    text = render_html(funnel())

    assert text.count("shows no offer, so it has no part in this step") == 3


def test_tiers_stand_below_with_few_ones_only_counted() -> None:
    """A tier too small to be shown apart has its count and no shares."""
    (block,) = section_of(funnel()).blocks
    assert block.table is not None
    headings = [group.heading for group in block.table.groups]

    assert [heading.split(":")[0] for heading in headings] == [
        "Bronze", "銀卡", "gold", "Tier unknown or not on the ladder",
    ]  # fmt: skip
    assert headings[2].endswith("too few to be shown apart")
    assert not block.table.groups[2].lines
    assert [line.label for line in block.table.groups[0].lines] == [
        "Exposed", "Viewed the offer", "Clicked the offer", "Claimed the offer", "Upgraded",
        "Retained a month later",
    ]  # fmt: skip


def test_a_step_that_nobody_is_mature_for_says_when_it_counts() -> None:
    """Retention is asked for later; until then it has no number, and the members before, why."""
    view = funnel_early()
    section = section_of(view)

    assert section.steps[-1].note == "counted once 66 days have passed"
    assert all(line.share.estimate is None for line in section.steps[-1].lines)
    assert part_of(view).sentence.startswith("The split was made elsewhere")


def test_words_of_rules_and_tiers_do_no_harm() -> None:
    """What somebody wrote into a rule or a tier's name is text on the page, and in the CSV."""
    view = funnel()
    harmful = dataclasses.replace(view.scorecard, enrolment=hostile_enrolment(HOSTILE))

    text = render_html(dataclasses.replace(view, scorecard=harmful))

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    harmful = dataclasses.replace(view.scorecard, enrolment=hostile_enrolment("=1+1"))
    assert any(row["name"] == "'=1+1" for row in rows_of(harmful))


@pytest.mark.parametrize("key", ["upgraded", "retained"])
def test_the_csv_has_the_way_and_the_tiers(key: str) -> None:
    """Every number of the funnel is in the tidy file."""
    scorecard = funnel().scorecard
    rows = rows_of(scorecard)
    result = scorecard.funnel
    assert result is not None
    assert isinstance(scorecard.enrolment, Enrolment)

    whole = found(rows, record="enrolment", key="all", quantity="members", segment="")
    assert whole["estimate"] == "52340"
    staff = found(rows, record="enrolment", key="manual_tier", quantity="members")
    assert (staff["name"], staff["estimate"]) == ("staff", "61")
    bronze = next(tier for tier in result.by_tier if tier.tier == "bronze")
    step = next(step for step in bronze.steps if step.key == key)
    row = found(
        rows, record="funnel", key=key, segment_value="bronze", variant="gift", quantity="units"
    )
    assert row["estimate"] == str(step.variants[1].units)
    difference = step.comparisons[0].difference
    if isinstance(difference, Estimate):
        row = found(
            rows,
            record="funnel",
            key=key,
            segment_value="bronze",
            variant="gift",
            quantity="difference",
        )
        assert row["ci_low"] == repr(difference.ci_low)
