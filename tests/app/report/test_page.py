"""What the page says: the right numbers, nothing that was not computed, and trouble first."""

from __future__ import annotations

import dataclasses

import pytest
from lxml import html as markup

from app.report import CampaignBrief, ReportView, render_html
from app.report.compose import page_of
from app.report.html import render_page
from app.report.page import Page, Tone
from stats.checks.finding import Severity
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import Estimate, Lift
from tests.app.report import scorecards
from tests.app.report.scorecards import CAST, HOSTILE, story
from tests.app.report.trees import classed, rendered, texts_of


def test_the_headline_says_what_the_oec_shows() -> None:
    """A sound campaign opens with the verdict and the interval that decides, per treatment."""
    view = story()
    top = page_of(view).headline
    assert (top.tone, top.label) == (Tone.SHIP, "Ship")
    assert top.sentence == (
        "Ship Gift with next order: it is better than No offer on Repurchase rate."
    )
    gift, trial = top.lines
    assert view.scorecard.oec is not None
    deciding = view.scorecard.oec.treatments[0]
    lift = deciding.lift
    assert isinstance(lift, Lift)
    assert gift.quantity == "lift"
    assert gift.shown.estimate is not None
    assert gift.shown.estimate.value == lift.estimate
    assert gift.level == "97.5%"  # Holm's first step of two treatments
    assert (gift.label, trial.label) == ("Ship", "Inconclusive")
    assert gift.reading == "The whole interval is better than No offer."
    assert trial.reading.startswith("The interval includes 0")
    units = {row.variant: row.n for row in view.scorecard.metrics[0].variants}
    assert gift.members == f"{units['control'] + units['gift']:,} members"
    assert [note.term for note in top.notes] == ["Rule", "Guardrails", "Looks"]
    assert "unresolved for Unsubscribe and Refund rate" in top.notes[1].text
    assert top.notes[2].text.startswith("Fixed horizon, at its end.")


def test_a_failed_check_stands_before_every_result_and_takes_the_headline() -> None:
    """With a broken split no effect is quoted on top, and each section repeats the warning."""
    view = CAST["broken_split"]()
    assert {f.code.value for f in view.scorecard.findings if f.severity is Severity.FAILURE} == {
        "sample_ratio"
    }
    top = page_of(view).headline
    assert (top.tone, top.lines) == (Tone.BROKEN, ())
    assert top.sentence == "Do not decide by these results: sample ratio mismatch."
    tree = rendered("broken_split")
    assert not list(classed(tree, "headline")[0].iter("data"))
    sections = tree.get_element_by_id("results").findall("section")
    assert sections
    for section in sections:
        warning = classed(section, "distrust")[0]
        assert all(warning in data.xpath("preceding::p") for data in section.iter("data"))


def test_what_needs_attention_comes_first_and_what_passed_is_folded() -> None:
    """Findings are ordered worst first; passed checks wait in a closed fold."""
    order = [Severity.FAILURE, Severity.WARNING, Severity.NOTICE]
    for name in CAST:
        health = page_of(CAST[name]()).health
        ranks = [order.index(line.severity) for line in health.open]
        assert ranks == sorted(ranks)
    fold = rendered("story").find(".//details")
    assert fold.get("open") is None
    passed = [f for f in story().scorecard.findings if f.severity is Severity.PASSED]
    assert len(list(fold.iter("li"))) == len(passed) > 9


@pytest.mark.parametrize(
    ("name", "label", "sentence"),
    [
        ("empty", "No exposures yet", "There is no result yet: nobody has been exposed."),
        (
            "events_missing",
            "Events missing",
            "There is no result: the events behind Repurchase rate have never been seen.",
        ),
        (
            "immature",
            "Too early",
            "It is too early for results on Repurchase rate: the first ones come on",
        ),
    ],
)
def test_each_state_has_a_label_and_a_sentence_of_its_own(
    name: str, label: str, sentence: str
) -> None:
    """Nobody exposed, a broken feed and open windows are told apart, and show no result."""
    top = page_of(CAST[name]()).headline
    assert (top.tone, top.label) == (Tone.WAITING, label)
    assert top.sentence.startswith(sentence)
    assert not top.lines
    assert not list(classed(rendered(name), "headline")[0].iter("data"))


def test_an_immature_report_says_when_results_come() -> None:
    """The date of the first results stands in the programme's zone beside UTC."""
    view = CAST["immature"]()
    when = view.scorecard.metrics[0].first_results_at
    assert when is not None
    text = texts_of(rendered("immature"))
    assert f"{when:%H:%M} UTC" in text
    assert "Asia/Taipei" in text


def test_members_whose_window_is_open_are_shown_apart() -> None:
    """A preliminary report says how many are left out of each metric, per variant."""
    view = CAST["preliminary"]()
    looks = page_of(view).headline.notes[-1].text
    assert looks.startswith("Fixed horizon, and windows are still open.")
    metric = view.scorecard.metrics[0]
    left_out = sum(row.immature_units for row in metric.variants)
    assert left_out
    pending = texts_of(classed(rendered("preliminary"), "pending")[0])
    assert pending.startswith(f"{left_out:,} members are still in their window")


def test_a_lift_over_0_is_replaced_by_the_difference() -> None:
    """Where the control does nothing, headline and plot fall back on the difference."""
    page = page_of(CAST["zero_baseline"]())
    assert page.headline.lines[0].quantity == "difference"
    plot = page.groups[0].metrics[0].plot
    assert plot is not None
    assert plot.title.startswith("Difference of Offer click-through")


def test_money_is_given_per_thousand_members() -> None:
    """A difference in spend is also given per 1,000 members, with its interval."""
    view = CAST["story"]()
    spend = next(m for m in view.scorecard.metrics if m.key == "spend_per_member")
    section = next(m for group in page_of(view).groups for m in group.metrics if m.key == spend.key)
    difference = spend.comparisons[0].difference
    assert isinstance(difference, Estimate)
    shown = section.lines[1].per_thousand
    assert shown is not None
    assert shown.estimate is not None
    assert shown.low is not None
    assert shown.estimate.value == difference.estimate * 1000
    assert shown.low.value == difference.ci_low * 1000


def test_a_guardrail_shows_its_margin_and_where_the_interval_lies() -> None:
    """The margin stands in words and in the plot; the verdict on it is said in a word."""
    view = CAST["story"]()
    section = next(
        m for group in page_of(view).groups for m in group.metrics if m.key == "refund_rate"
    )
    assert "margin: at most 10% worse than control" in section.facts
    assert section.plot is not None
    assert section.plot.margin == 0.1  # lower is better, so worse is above
    held = next(block for block in section.blocks if block.title == "Held against its margin")
    assert held.table is not None
    results = next(m for m in view.scorecard.metrics if m.key == "refund_rate").comparisons
    for line, comparison in zip(held.table.groups[0].lines, results, strict=True):
        found = comparison.non_inferiority
        assert isinstance(found, NonInferiority)
        assert line.cells[0].words.lower().startswith(f"{found.verdict.value}:")
        assert line.cells[1].number is not None
        assert line.cells[1].number.value == found.worst


def test_a_scorecard_of_an_earlier_version_still_renders_and_says_that_it_has_no_verdict() -> None:
    """Where intervals lie is said of it, and that no rule was applied; nothing is made up."""
    view = story()
    old = dataclasses.replace(
        view.scorecard,
        oec=None,
        outlook=None,
        decision=None,
        metrics=tuple(
            dataclasses.replace(
                metric,
                adjusted=None,
                capped=None,
                segments=(),
                over_time=None,
                comparisons=tuple(
                    dataclasses.replace(one, exact=None, non_inferiority=None)
                    for one in metric.comparisons
                ),
            )
            for metric in view.scorecard.metrics
        ),
    )
    view = dataclasses.replace(view, scorecard=old)
    page = page_of(view)
    assert page.headline.tone is Tone.RESULT
    assert page.headline.sentence == (
        "Repurchase rate: Gift with next order is above No offer; "
        "Gold for a month cannot be told from No offer."
    )
    assert "not a verdict" in page.headline.notes[0].text
    assert not [block for group in page.groups for m in group.metrics for block in m.blocks]
    lines = [line for group in page.groups for m in group.metrics for line in m.lines]
    assert any("reaches beyond the margin" in line.margin_reading for line in lines)
    assert render_html(view).startswith("<!doctype html>")


def test_hostile_text_stays_text() -> None:
    """Markup, template syntax and direction marks in names are shown, not obeyed."""
    tree = rendered("hostile")
    assert not list(tree.iter("script", "img"))
    assert "{{7*7}}" in texts_of(tree.find(".//h1"))
    source = render_html(CAST["hostile"]())
    assert "\u202e" in HOSTILE
    assert not {"\u202e", "\x00", "\x1b"} & set(source)


def test_a_report_without_a_brief_falls_back_on_keys() -> None:
    """The key stands in for a missing name; nothing is left blank."""
    tree = markup.document_fromstring(render_html(ReportView(scorecards.same_variants())))
    assert texts_of(tree.find(".//h1")) == "gift-or-trial"
    assert not classed(tree, "purpose")


def test_goal_hypothesis_and_owner_stand_beside_the_result() -> None:
    """What was wanted is read together with what came."""
    purpose = texts_of(classed(rendered("story"), "purpose")[0])
    assert "Repurchase rate from 31% to 36% by 31 Dec 2025, 23:59" in purpose
    assert "Mei-Ling Chen" in purpose
    assert "A small gift with the next order" in purpose


def test_households_are_called_households() -> None:
    """The page counts what was randomised."""
    text = texts_of(rendered("households"))
    assert "households compared" in text
    page = page_of(CAST["households"]())
    assert page.unit == "households"
    assert any(not line.in_plan for line in page.variants)


def test_a_page_is_rendered_from_its_value_alone() -> None:
    """The same value gives the same bytes: no clock, no state."""
    page: Page = page_of(ReportView(scorecards.refunds(), CampaignBrief(name="Refunds")))
    assert render_page(page) == render_page(page)
