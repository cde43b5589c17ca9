"""What a campaign takes is what the statistics say, and what is out of reach says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.analysis.planning_size import SizeQuestion, size_of
from stats.errors import InvalidSizing
from stats.inference.inflation import looks_cost
from stats.inference.power import Baseline, PlannedTest, Sizes, power
from stats.inference.sample_size import campaign_size
from stats.plan import Spending

QUESTION = SizeQuestion(
    baseline=0.10,
    sd=None,
    effect=0.02,
    power=0.8,
    alpha=0.05,
    control_share=50,
    treatment_shares=(50,),
    units_per_day=200,
    window_days=30,
    first_day=date(2026, 7, 1),
)


def test_members_are_those_of_the_sample_size() -> None:
    """The page's number is `stats.inference`'s number; R's power.prop.test has 3841 a group."""
    expected = campaign_size(
        Baseline.rate(0.10), 0.02, PlannedTest(0.05), goal=0.8, control_share=1,
        treatment_shares=(1,),
    )  # fmt: skip

    answer = size_of(QUESTION)

    assert (answer.control, answer.treatments) == (expected.control, expected.treatments)
    assert answer.control == pytest.approx(3841, abs=2)


def test_days_are_members_over_traffic_and_then_the_window() -> None:
    """7,680 members at 200 a day take 39 days, and 30 more until the last outcome is known."""
    answer = size_of(QUESTION)

    assert answer.enrolment_days == -(-answer.total // 200)
    assert answer.days == (answer.enrolment_days or 0) + 30
    assert answer.is_possible


@pytest.mark.parametrize("limits", [{"audience": 3000}, {"days": 15}])
def test_an_impossible_plan_says_what_would_be_possible(limits: dict[str, int]) -> None:
    """The effect that is named is found with the power that was asked for, with whom there is."""
    answer = size_of(replace(QUESTION, **limits))

    assert not answer.is_possible
    assert answer.available == 3000
    assert answer.smallest is not None
    found = power(Baseline.rate(0.10), answer.smallest, Sizes(1500, 1500), PlannedTest(0.05))
    assert found == pytest.approx(0.8, abs=1e-6)


def test_traffic_that_takes_over_two_years_is_out_of_reach() -> None:
    """One member a day never gets there; two years of them find a larger effect."""
    answer = size_of(replace(QUESTION, units_per_day=1))

    assert (answer.days, answer.available, answer.is_possible) == (None, 730, False)
    assert answer.smallest is not None


def test_planned_looks_take_more_members() -> None:
    """By the inflation of the boundaries, no more and no less."""
    cost = looks_cost((0.5, 1.0), alpha=0.05, spending=Spending.POCOCK, goal=0.8)

    once = size_of(QUESTION)
    twice = size_of(replace(QUESTION, looks=2, spending=Spending.POCOCK))

    assert twice.control == pytest.approx(once.control * cost.inflation, abs=1)


def test_more_treatments_share_the_error_rate() -> None:
    """The smallest treatment decides, at alpha over their number."""
    answer = size_of(replace(QUESTION, control_share=50, treatment_shares=(30, 20)))
    fewest = min(answer.treatments)

    found = power(
        Baseline.rate(0.10), 0.02, Sizes(answer.control, fewest), PlannedTest(0.05, comparisons=2)
    )
    assert found == pytest.approx(0.8, abs=1e-3)


def test_a_plan_that_cannot_be_is_refused() -> None:
    """A share beyond 1 names its field."""
    with pytest.raises(InvalidSizing):
        size_of(replace(QUESTION, baseline=0.99, effect=0.02))


def test_the_curve_rises_to_the_power_at_the_effect() -> None:
    """Without an effect it is the error rate; the planned effect is found as planned."""
    curve = size_of(QUESTION).curve
    nearest = min(curve, key=lambda one: abs(one.effect - 0.02))

    assert curve[0].power == pytest.approx(0.05, abs=1e-6)
    assert [one.power for one in curve] == sorted(one.power for one in curve)
    assert nearest.power == pytest.approx(0.8, abs=0.1)
