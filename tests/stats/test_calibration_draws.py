"""What the calibration hands to a method is what aggregation would, however it was drawn."""

import math

import numpy as np
import pytest

from stats.calibration.amounts import CAP, QUANTILE, Amounts, _winsorised
from stats.calibration.draw import drawing
from stats.calibration.edge import _draw
from stats.calibration.judges import covering, each, holds, rejecting
from stats.calibration.peeking import group_sequential_levels, peeking
from stats.calibration.power import raised
from stats.calibration.times import summaries
from stats.calibration.whole import campaigns, found, planned
from stats.errors import NoVariance
from stats.inference.difference import welch_difference
from stats.inference.outcome import Certain, Estimate, Method, UnboundedLift
from stats.inference.point import Point
from stats.inference.power import Sizes
from stats.plan.looks import Spending
from stats.simulation.trials import BINARY, LIFETIMES, ORDERS, REVENUE, Batch
from stats.summary import MeanSummary


def estimate(low: float, high: float, p_value: float) -> Estimate:
    """Give an estimate with these ends."""
    return Estimate((low + high) / 2, 1.0, low, high, p_value, 10.0, 0.05, Method.WELCH)


def test_an_interval_holds_what_lies_between_its_ends() -> None:
    """Ends belong to the interval; a certain result holds its value alone."""
    assert holds(estimate(-1.0, 1.0, 0.5), 1.0)
    assert not holds(estimate(-1.0, 1.0, 0.5), 1.1)
    assert holds(Certain(1.0, ""), 1.0)
    assert not holds(Certain(1.0, ""), 0.9)


def test_a_missing_end_is_at_infinity() -> None:
    """A lift without an upper bound holds every lift above its lower one."""
    unbounded = UnboundedLift(0.5, 0.1, None, 0.05, Method.FIELLER, "")
    assert holds(unbounded, 1e9)
    assert not holds(unbounded, 0.0)


def test_the_p_value_decides_on_a_rejection() -> None:
    """A difference is rejected by its p-value, anything else by an interval without 0."""
    cases = [estimate(-1.0, 1.0, 0.04), estimate(1.0, 2.0, 0.06)]
    assert list(rejecting(cases, lambda one: one)) == [True, False]
    assert list(rejecting([Certain(1.0, "")], lambda one: one)) == [True]


def test_a_run_without_a_result_is_none() -> None:
    """What cannot be estimated counts neither as right nor as wrong."""
    same = MeanSummary(5, 0, 0.0)

    def infer(pair: tuple[MeanSummary, MeanSummary]) -> Estimate | Certain:
        return welch_difference(*pair, alpha=0.05)

    with pytest.raises(NoVariance):
        infer((same, same))
    assert list(each([(same, same)], infer)) == [None]
    assert list(covering([(same, same)], infer, 0.0)) == [None]


def test_both_variants_of_a_draw_have_their_sizes() -> None:
    """A draw has the units that were asked for, and summaries of every run."""
    draw = drawing(BINARY, 300, 100)(np.random.default_rng(1), 7)
    assert [(c.n, t.n) for c, t in draw.means] == [(300, 100)] * 7
    assert [(c.n, t.n) for c, t in draw.moments(0, 1)] == [(300, 100)] * 7


@pytest.mark.parametrize("per", [None, 1], ids=["for each unit", "for each order"])
def test_an_added_effect_is_that_of_every_unit(per: int | None) -> None:
    """Sums with an effect added equal the sums of units to whom it was added."""
    values = ORDERS.values(np.random.default_rng(2), units=300)
    batch = Batch(300, values.sum(axis=0)[None], (values.T @ values)[None])

    after = raised(batch, 1.5, per)

    values[:, 0] += 1.5 * (1 if per is None else values[:, per])
    assert after.totals[0] == pytest.approx(values.sum(axis=0))
    assert after.products[0] == pytest.approx(values.T @ values)


def with_zeros(seed: int, units: int) -> tuple[Amounts, np.ndarray]:
    """Draw amounts of a fifth of the units, with all units' values beside."""
    spent = np.sort(np.random.default_rng(seed).lognormal(3, 1, units // 5))
    return Amounts(units, spent), np.concatenate([np.zeros(units - len(spent)), spent])


def test_a_quantile_counts_those_who_spent_nothing() -> None:
    """The 90th percentile of all units is numpy's, though only spenders are kept."""
    amounts, values = with_zeros(3, 1_000)
    summary = amounts.quantile()
    assert summary.centre is not None
    expected = np.quantile(values, float(QUANTILE), method="inverted_cdf")
    assert summary.centre.value == expected
    assert amounts.at_rank(1).value == 0
    assert amounts.at_rank(1).at_most == 800


def test_both_variants_are_capped_alike() -> None:
    """The cap is the percentile of all units of both variants; values above it count as it."""
    (one, left), (two, right) = with_zeros(4, 1_000), with_zeros(5, 500)
    cap = np.quantile(np.concatenate([left, right]), float(CAP), method="inverted_cdf")
    expected = np.minimum(right, cap).mean() - np.minimum(left, cap).mean()

    result = _winsorised((one, two))

    assert isinstance(result, Estimate)
    assert result.estimate == pytest.approx(expected)
    spread = np.minimum(left, cap).var(ddof=1) / 1_000 + np.minimum(right, cap).var(ddof=1) / 500
    assert result.std_error == pytest.approx(math.sqrt(spread))


def test_every_treatment_at_the_edge_has_its_own_effect() -> None:
    """The same, 5 % less, 5 % more, and the effect that was planned for, against one control."""
    for world, effect in ((BINARY, 0.004), (REVENUE, 1.5)):
        edge = _draw(world, Sizes(4_000, 2_000), effect)(np.random.default_rng(9), 2_000)
        draws = (edge.same, edge.margins.lower, edge.margins.higher, edge.planned)
        true = world.means()[0]
        for draw, mean in zip(draws, (true, 0.95 * true, 1.05 * true, true + effect), strict=True):
            assert draw.control is edge.same.control
            means = draw.treatment.means[:, 0]
            assert abs(means.mean() - mean) < 4 * means.std() / math.sqrt(2_000)


def test_a_look_without_a_small_p_value_needs_no_scorecard() -> None:
    """A scorecard finds nothing at looks where no treatment is significant by itself."""
    drawn = campaigns(BINARY, 3_000)(np.random.default_rng(10), 12)
    plan = planned(Spending.POCOCK, drawn[0][-1].units)
    idle = [
        found(campaign, plan, number)
        for campaign in drawn
        for number, seen in enumerate(campaign, start=1)
        if not seen.worth_a_look
    ]
    assert len(idle) > 30
    assert not any(idle)


def test_a_clear_effect_is_found_the_whole_way() -> None:
    """What is counted are the treatments that the scorecard calls significant."""
    (campaign, *_) = campaigns(REVENUE, 3_000)(np.random.default_rng(11), 1)
    last = campaign[-1]
    last.points["second"] = Point(9.0, 0.1, last.points["second"].n)
    plan = planned(Spending.OBRIEN_FLEMING, last.units)
    assert last.worth_a_look
    assert found(campaign, plan, len(campaign))


def test_life_tables_keep_every_unit() -> None:
    """A summary of times has as many units, and as many lapses, as the life table."""
    batch = LIFETIMES.batch(np.random.default_rng(6), runs=3, units=500)
    found = summaries(batch)
    assert [one.n for one in found] == [500] * 3
    assert [one.total_events for one in found] == batch.lapsed.sum(axis=1).tolist()


def test_a_look_sees_all_units_so_far() -> None:
    """Units grow by a day's worth with each look, in both variants."""
    drawn = peeking(BINARY, 4_000, 3_000, looks=3)(np.random.default_rng(7), 2)
    (run, _) = drawn.runs
    units = [(look.control.n, look.treatment.n) for look in run.looks]
    assert units == [(4_000 * day, 3_000 * day) for day in (1, 2, 3)]
    assert run.fractions == pytest.approx((1 / 3, 2 / 3, 1))


def test_a_look_at_too_few_outcomes_is_none() -> None:
    """Looks before the smaller variant expects 20 outcomes are left out, with their information."""
    drawn = peeking(BINARY, 20_000, 500, looks=8)(np.random.default_rng(8), 20)
    for run in drawn.runs:
        assert all((look.nonzero or 0) / 41 >= 20 for look in run.looks)
        assert len(run.looks) == len(run.fractions) == len(run.p_values)
        assert run.fractions[0] > 1 / 8
        assert run.fractions[-1] == 1
    levels = group_sequential_levels(drawn.runs[0].fractions, Spending.POCOCK)
    assert levels[0] > group_sequential_levels((1 / 8, 1.0), Spending.POCOCK)[0]
