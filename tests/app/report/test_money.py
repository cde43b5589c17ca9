"""The money on the page: plain words, every amount with its interval, what it rests on."""

from __future__ import annotations

import re

import pytest

from app.report import render_html
from app.report.compose import page_of
from app.report.formatting import Formats, Scale
from app.report.money_shown import show_quotient
from app.report.page import MoneySection, Tone
from stats.inference.outcome import Certain
from stats.inference.ratio_of_differences import RatioEstimate, UnboundedRatio
from tests.app.report import moneys
from tests.app.report.scorecards import CAST, story


def section(name: str) -> MoneySection:
    """The money of a report."""
    found = page_of(CAST[name]()).money
    assert found is not None
    return found


def test_a_plan_without_money_has_no_such_section() -> None:
    """Scorecards of earlier plans say nothing of money."""
    assert page_of(story()).money is None
    assert 'id="money"' not in render_html(story())


def test_every_amount_of_every_treatment_is_listed() -> None:
    """All treatments have the same amounts, each with an interval or the reason for none."""
    table = section("money").parts[0].table
    labels = [
        "Incremental margin",
        "Per 1,000 members",
        "Per year",
        "Incremental ROI",
        "Cost per incremental upgrade",
        "Break-even reward",
        "Affordable reward cost per incremental upgrade",
        "Incremental margin, adjusted",
    ]
    assert [group.heading for group in table.groups] == ["Travel mug on upgrade", "Double points"]
    for group in table.groups:
        assert [line.label for line in group.lines] == labels
        for line in group.lines:
            shown = line.cells[0].shown
            assert shown is not None
            assert (shown.low is not None and shown.high is not None) or shown.sentence


def test_variants_and_differences_stand_in_one_table() -> None:
    """Each variant has its own row, each treatment one of differences."""
    table = section("money").parts[1].table

    assert [group.heading for group in table.groups] == [
        "Per member",
        "Difference to As usual, per member",
    ]
    assert [len(group.lines) for group in table.groups] == [3, 2]
    assert table.groups[0].lines[0].cells[4].number is not None  # fixed costs of the control


def test_tiers_are_exploratory_and_drawn() -> None:
    """Money by tier has a plot, a test and its label."""
    tiers = section("money").parts[2]

    assert tiers.tag == "exploratory"
    assert tiers.plots
    assert len(tiers.readings) == 2
    assert {group.heading for group in tiers.table.groups} == {"bronze", "silver", "gold"}


def test_what_is_assumed_is_listed() -> None:
    """Rate, costs, open windows and the year are said in sentences."""
    lines = " ".join(section("money").assumptions)

    for words in (
        "35% of its amount",
        "NT$200 for As usual",
        "still open",
        "100,000 members, as planned, 4 times a year, each run earning 80%",
        "assumed and not measured",
    ):
        assert words in lines


def test_who_planned_no_audience_is_told_whose_year_it_is() -> None:
    """Without a planned audience the year is that of the members reached."""
    lines = " ".join(section("money_pays").assumptions)

    assert "that the campaign has reached so far, once a year" in lines
    assert "No fixed costs were named" in lines


@pytest.mark.parametrize(
    ("name", "tone", "sentence"),
    [
        ("money_pays", Tone.SHIP, "it pays. Its incremental margin is above 0."),
        ("money_does_not_pay", Tone.STOP, "it does not pay. Its incremental margin is below NT$20"),
    ],
)
def test_a_verdict_in_money_speaks_of_money(name: str, tone: Tone, sentence: str) -> None:
    """The headline names the incremental margin, quotes it, and states the rule in money."""
    top = page_of(CAST[name]()).headline

    assert top.tone is tone
    assert sentence in top.sentence
    (line,) = top.lines
    assert line.quantity == "incremental margin"
    assert line.shown.estimate is not None
    assert line.shown.low is not None
    assert "NT$" in line.shown.estimate.text
    assert any("less fixed costs" in note.text for note in top.notes)


def test_sequential_looks_are_told_from_the_intervals_of_the_section() -> None:
    """Where the verdict allows for looks, the section says that its intervals do not."""
    assert any("for one look" in line for line in section("money_does_not_pay").assumptions)
    assert not any("for one look" in line for line in section("money_pays").assumptions)


@pytest.mark.parametrize(
    ("name", "title", "words"),
    [
        ("money_unknown", "Margin unknown", "gross_margin_rate"),
        ("money_early", "Too early", "No window has closed yet"),
    ],
)
def test_money_that_is_not_there_is_a_state(name: str, title: str, words: str) -> None:
    """A state has a title and a sentence, and no amount."""
    found = section(name)

    assert found.state_title == title
    assert words in found.sentence
    assert not any(part.anchor == "money-added" for part in found.parts)


def test_quotients_without_bounds_say_so() -> None:
    """A set that is no interval is told in words; what is certain needs none."""
    formats = Formats.of(moneys.money().scorecard)

    gap = show_quotient(UnboundedRatio(1.0, -2.0, 0.5, 0.05), formats, Scale.LIFT)
    anything = show_quotient(UnboundedRatio(1.0, None, None, 0.05), formats, Scale.LIFT)
    certain = show_quotient(Certain(0.25, "x"), formats, Scale.LIFT)
    found = show_quotient(RatioEstimate(0.25, 0.1, 0.4, 9.0, 0.05), formats, Scale.LIFT)

    assert gap.estimate is None
    assert "at most \N{MINUS SIGN}200% or at least +50.0%" in gap.sentence
    assert "no number can be ruled out" in anything.sentence
    assert certain.estimate is not None
    assert certain.estimate.text == "+25.0%"
    assert found.low is not None


def test_the_section_stands_on_the_page_once() -> None:
    """The page has one section of money, after the metric that decides."""
    html = render_html(CAST["money"]())

    assert html.count('<h2 id="money">') == 1
    assert html.index('id="oec"') < html.index('id="money"')
    assert len(re.findall(r"<h3 id=\"money-", html)) == 4
