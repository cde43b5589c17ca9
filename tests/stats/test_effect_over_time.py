"""Effects by cohort and horizon, the slope of the effect, and weeks."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from stats.errors import InvalidSummary, TooFewCells, UndefinedStatus
from stats.inference.cell_effect import CellEffect, EffectScale
from stats.inference.difference import welch_difference
from stats.inference.effect_over_time import (
    complete_weeks,
    effects_by_cohort,
    effects_by_horizon,
    novelty_slope,
    weekday_effects,
)
from stats.inference.outcome import Estimate, Lift, Method, Undefined
from stats.summary import MeanSummary
from tests.stats.unit_rows import mean_summary, skewed

ALPHA = 0.05
START = date(2026, 3, 28)  # a Saturday, and the night after it the clocks change
Cohorts = list[tuple[str, MeanSummary, date]]


def day(number: int) -> date:
    """A day of the campaign, 0 for the first."""
    return START + timedelta(days=number)


def world(seed: int, days: int, units: int = 300) -> Cohorts:
    """Skewed revenue by day of exposure; the effect fades by a tenth of the mean a week."""
    rng = np.random.default_rng(seed)
    return [
        (variant, mean_summary(skewed(rng, units)[0] + (variant == "B") * (5 - 0.1 * d)), day(d))
        for d in range(days)
        for variant in "AB"
    ]


def effect(number: int, estimate: float, std_error: float) -> CellEffect[date]:
    """The effect of one day's cohort as it might come."""
    outcome = Estimate(estimate, std_error, -1, 1, 0.5, 98, ALPHA, Method.WELCH)
    return CellEffect(day(number), 50, 50, outcome)


def test_cohort_effect_is_the_comparison_within_the_day() -> None:
    """Each day shows Welch's difference of its own units, in order of days."""
    cells = world(1, 5)
    got = effects_by_cohort(reversed(cells), control="A", treatment="B", alpha=ALPHA)

    assert [one.cell for one in got] == [day(d) for d in range(5)]
    for i, one in enumerate(got):
        assert one.effect == welch_difference(cells[2 * i][1], cells[2 * i + 1][1], alpha=ALPHA)


def test_day_with_few_units_is_listed_and_not_estimated() -> None:
    """A day below the minimum has its units and a status."""
    cells = [*world(2, 2), *((v, mean_summary(np.arange(9.0)), day(2)) for v in "AB")]
    got = effects_by_cohort(cells, control="A", treatment="B", alpha=ALPHA, minimum_units=10)

    assert isinstance(got[2].effect, Undefined)
    assert got[2].effect.status is UndefinedStatus.TOO_FEW_UNITS
    assert got[2].control_units == 9


def test_horizons_are_over_the_same_units() -> None:
    """Each horizon has its effect, in order; horizons over different units are refused."""
    cells = [(v, s, d) for d in (7, 1, 28) for v, s, _ in world(3, 1)]
    got = effects_by_horizon(cells, control="A", treatment="B", alpha=ALPHA)

    assert [one.cell for one in got] == [1, 7, 28]
    more = mean_summary(np.arange(301.0))
    with pytest.raises(InvalidSummary, match=r"\[300, 301\]"):
        effects_by_horizon([*cells, ("B", more, 14)], control="A", treatment="B", alpha=ALPHA)
    with pytest.raises(InvalidSummary, match="once"):
        effects_by_horizon([*cells, cells[0]], control="A", treatment="B", alpha=ALPHA)


@pytest.mark.parametrize("scale", EffectScale)
def test_slope_equals_statsmodels(scale: EffectScale) -> None:
    """Slope, error, interval and p-value are those of WLS with the scale fixed at 1."""
    cells = world(4, 28)
    found = effects_by_cohort(cells, control="A", treatment="B", alpha=ALPHA, scale=scale)
    got = novelty_slope(found, alpha=ALPHA)

    outcomes = [one.effect for one in found if isinstance(one.effect, Estimate | Lift)]
    y = np.array([one.estimate for one in outcomes])
    weights = np.array([one.std_error**-2 for one in outcomes])
    want = sm.WLS(y, sm.add_constant(np.arange(28.0)), weights).fit(cov_type="fixed scale")
    assert got.per_day == pytest.approx(want.params[1], rel=1e-9)
    assert got.std_error == pytest.approx(want.bse[1], rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx(tuple(want.conf_int()[1]), rel=1e-9)
    assert got.p_value == pytest.approx(want.pvalues[1], rel=1e-9)
    assert (got.cohorts, got.left_out, got.scale) == (28, 0, scale)


def test_slope_leaves_out_days_without_an_error() -> None:
    """A day without an estimate is counted as left out, and its gap in time is kept."""
    nothing = CellEffect(day(1), 0, 0, Undefined(UndefinedStatus.NO_UNITS, "None."))
    got = novelty_slope([effect(0, 1, 0.1), nothing, effect(4, 3, 0.1)], alpha=ALPHA)

    assert got.per_day == pytest.approx(0.5, rel=1e-12)
    assert got.std_error == pytest.approx(0.1 * math.sqrt(2) / 4, rel=1e-12)
    assert (got.cohorts, got.left_out) == (2, 1)


@pytest.mark.parametrize("found", [[], [effect(0, 1, 0.1)], [effect(0, 1, 0.1), effect(0, 2, 0.1)]])
def test_slope_takes_two_days(found: list[CellEffect[date]]) -> None:
    """With effects on fewer than two days there is no slope, but a status."""
    with pytest.raises(TooFewCells):
        novelty_slope(found, alpha=ALPHA)


def test_slope_does_not_mix_scales() -> None:
    """Differences beside lifts are refused."""
    cells = world(5, 2)
    one, two = (
        effects_by_cohort(cells, control="A", treatment="B", alpha=ALPHA, scale=scale)
        for scale in EffectScale
    )
    with pytest.raises(InvalidSummary, match="one scale"):
        novelty_slope([one[0], two[1]], alpha=ALPHA)


@given(
    st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 10)), min_size=2, max_size=30),
    st.integers(0, 1000),
    st.sampled_from([0.01, 0.05, 0.2]),
)
def test_slope_is_free_of_its_origin_and_agrees_with_its_interval(
    found: list[tuple[float, float]], later: int, alpha: float
) -> None:
    """A later start changes nothing, and the interval leaves out 0 exactly when p < alpha."""
    one = novelty_slope([effect(i, *e) for i, e in enumerate(found)], alpha=alpha)
    two = novelty_slope([effect(i + later, *e) for i, e in enumerate(found)], alpha=alpha)

    assert two.per_day == pytest.approx(one.per_day, rel=1e-9, abs=1e-9)
    assert two.std_error == pytest.approx(one.std_error, rel=1e-9)
    assert one.ci_low <= one.per_day <= one.ci_high
    if abs(one.p_value - alpha) > 1e-9:
        assert (one.p_value < alpha) == (not one.ci_low <= 0 <= one.ci_high)


def test_slope_keeps_its_error_rate() -> None:
    """With one effect on every day of four weeks, a slope is found in 5 % of runs."""
    runs, days, units = 4_000, 28, 1_000
    rng = np.random.default_rng(20260107)
    draws = {v: rng.binomial(units, p, (runs, days)) for v, p in (("A", 0.1), ("B", 0.13))}

    wrong = 0
    for run in range(runs):
        cells = [
            (v, MeanSummary.from_sums(units, k := int(draws[v][run, d]), k), day(d))
            for d in range(days)
            for v in "AB"
        ]
        found = effects_by_cohort(cells, control="A", treatment="B", alpha=ALPHA)
        wrong += novelty_slope(found, alpha=ALPHA).p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))


def test_weekdays_are_added_up_over_weeks_and_compared() -> None:
    """Weekdays from Monday on hold their cohorts of all weeks, and Q compares the seven."""
    cells = world(6, 21)
    got = weekday_effects(cells, control="A", treatment="B", alpha=ALPHA)

    assert [one.cell for one in got.effects] == [1, 2, 3, 4, 5, 6, 7]
    saturdays = [0, 7, 14]  # the campaign starts on one
    a, b = (
        sum((cells[2 * d + i][1] for d in saturdays[1:]), cells[2 * saturdays[0] + i][1])
        for i in (0, 1)
    )
    assert got.effects[5].effect == welch_difference(a, b, alpha=ALPHA)
    outcomes = [one.effect for one in got.effects if isinstance(one.effect, Estimate)]
    want = combine_effects(
        np.array([one.estimate for one in outcomes]),
        np.array([one.std_error**2 for one in outcomes]),
    )
    assert got.test.q == pytest.approx(want.q, rel=1e-9)
    assert got.test.df == 6


def test_one_weekday_is_not_compared() -> None:
    """A campaign of one day has no weekdays to compare."""
    with pytest.raises(TooFewCells):
        weekday_effects(world(7, 1), control="A", treatment="B", alpha=ALPHA)


@pytest.mark.parametrize(
    ("days", "weeks", "over", "missing"), [(1, 0, 1, 6), (7, 1, 0, 0), (17, 2, 3, 4), (28, 4, 0, 0)]
)
def test_weeks_count_from_the_first_day(days: int, weeks: int, over: int, missing: int) -> None:
    """Weeks are counted from the first day, whatever its weekday, and say what is missing."""
    got = complete_weeks(START, day(days - 1))

    assert (got.weeks, got.days_over, got.days_missing) == (weeks, over, missing)
    assert sum(got.holds(day(d)) for d in range(-3, days + 3)) == 7 * weeks


def test_days_out_of_order_are_refused() -> None:
    """A last day before the first is refused."""
    with pytest.raises(InvalidSummary, match="before the first"):
        complete_weeks(day(1), day(0))
