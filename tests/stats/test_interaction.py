"""Effects by cell, the test that they differ, and its correction for having looked at many."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from stats.errors import InvalidPValue, InvalidSummary, TooFewCells, UndefinedStatus
from stats.inference.cell_effect import CellEffect, EffectScale, cell_effects
from stats.inference.difference import welch_difference
from stats.inference.interaction import explore, interaction
from stats.inference.lift import lift
from stats.inference.outcome import Certain, Estimate, Method, UnboundedLift, Undefined
from stats.inference.point import mean_point
from stats.inference.ratio import ratio_difference
from stats.plan.metrics import LiftMethod
from stats.summary import MeanSummary
from tests.stats.unit_rows import mean_summary, ratio_summary, skewed

ALPHA = 0.05
Cells = list[tuple[str, MeanSummary, str | None]]


def world(seed: int, *values: str, units: int = 400) -> Cells:
    """Skewed revenue by segment value and variant."""
    rng = np.random.default_rng(seed)
    return [
        (variant, mean_summary(skewed(rng, units)[0] * (1 + 0.1 * i) + i), value)
        for i, value in enumerate(values)
        for variant in "AB"
    ]


def effects(
    cells: Cells, *, minimum_units: int = 2, scale: EffectScale = EffectScale.DIFFERENCE
) -> tuple[CellEffect[str | None], ...]:
    """The effect of B against A."""
    return cell_effects(
        cells, control="A", treatment="B", alpha=ALPHA, minimum_units=minimum_units, scale=scale
    )


def effect(estimate: float, std_error: float, cell: str = "x") -> CellEffect[str]:
    """One effect as it might come."""
    outcome = Estimate(estimate, std_error, -1, 1, 0.5, 98, ALPHA, Method.WELCH)
    return CellEffect(cell, 50, 50, outcome)


def test_effect_of_a_cell_is_the_comparison_within_it() -> None:
    """Each cell shows Welch's difference or the lift of its own units, in the order given."""
    cells = world(1, "new", "old", "none")
    found, lifts = effects(cells), effects(cells, scale=EffectScale.LIFT)

    assert [one.cell for one in found] == ["new", "old", "none"]
    for i, one in enumerate(found):
        a, b = cells[2 * i][1], cells[2 * i + 1][1]
        assert one.effect == welch_difference(a, b, alpha=ALPHA)
        assert lifts[i].effect == lift(mean_point(a), mean_point(b), alpha=ALPHA)
        assert (one.control_units, one.treatment_units) == (400, 400)


def test_ratio_has_an_effect_in_each_cell() -> None:
    """Cells of a ratio metric are compared by the delta method."""
    rng = np.random.default_rng(2)
    a, b = (ratio_summary(*skewed(rng, 300)) for _ in "AB")

    (got,) = cell_effects([("A", a, "x"), ("B", b, "x")], control="A", treatment="B", alpha=ALPHA)

    assert got.effect == ratio_difference(a, b, alpha=ALPHA)


def test_cells_of_the_same_value_are_added_up() -> None:
    """Cells by segment and day give the same effects as cells by segment."""
    cells = world(3, "x", "x", "y")
    merged = [
        ("A", cells[0][1] + cells[2][1], "x"), ("B", cells[1][1] + cells[3][1], "x"), *cells[4:],
    ]  # fmt: skip

    assert effects(cells) == effects(merged)


def test_small_cell_is_listed_and_not_estimated() -> None:
    """A value with too few units in any variant has a status, in all comparisons alike."""
    cells = [
        *world(4, "big", units=200), *world(5, "small", units=99),
        ("A", mean_summary(np.arange(500.0)), "control only"),
        ("C", mean_summary(np.ones(150)), "big"),
    ]  # fmt: skip
    big, small, lonely = effects(cells, minimum_units=100)

    assert isinstance(big.effect, Estimate)
    for one, status in (
        (small, UndefinedStatus.NO_UNITS),  # variant C has none there
        (lonely, UndefinedStatus.NO_UNITS),
    ):
        assert isinstance(one.effect, Undefined)
        assert one.effect.status is status
    assert (lonely.control_units, lonely.treatment_units) == (500, 0)
    (only,) = effects(world(5, "small", units=99), minimum_units=100)
    assert isinstance(only.effect, Undefined)
    assert only.effect.status is UndefinedStatus.TOO_FEW_UNITS
    assert "99 units; at least 100" in only.effect.sentence


def test_cells_without_an_error_are_left_out_of_the_test() -> None:
    """Constant cells and lifts without bounds are shown as such, counted, and not weighed."""
    flat, six, zero = (MeanSummary.from_sums(10, 10 * v, 10 * v * v) for v in (5, 6, 0))
    wild = MeanSummary.from_sums(4, 0, 4)
    cells = [
        *world(6, "x", "y"), ("A", flat, "same"), ("B", flat, "same"), ("A", flat, "apart"),
        ("B", six, "apart"), ("A", zero, "zero"), ("B", wild, "zero"),
    ]  # fmt: skip
    differences, lifts = effects(cells), effects(cells, scale=EffectScale.LIFT)

    assert isinstance(differences[2].effect, Undefined)
    assert differences[2].effect.status is UndefinedStatus.NO_VARIANCE
    assert isinstance(differences[3].effect, Certain)
    assert isinstance(differences[4].effect, Estimate)
    assert isinstance(lifts[4].effect, Undefined)
    assert lifts[4].effect.status is UndefinedStatus.ZERO_BASELINE
    assert (interaction(differences).cells, interaction(differences).left_out) == (3, 2)
    assert (interaction(lifts).cells, interaction(lifts).left_out) == (2, 3)


def test_lift_without_bounds_does_not_enter_the_test() -> None:
    """A cell whose baseline cannot be told from 0 has a lift in words, which is not weighed."""
    near_zero = [(v, mean_summary(np.arange(-9.0, 11.0)), "near zero") for v in "AB"]
    lifts = effects([*world(8, "x", "y"), *near_zero], scale=EffectScale.LIFT)

    assert isinstance(lifts[2].effect, UnboundedLift)
    assert interaction(lifts).left_out == 1


@pytest.mark.parametrize("scale", EffectScale)
def test_interaction_equals_statsmodels(scale: EffectScale) -> None:
    """Q, its p-value, I² and the pooled effect are those of statsmodels' fixed-effect combination.

    On the scale of lift the errors are those of the delta method.
    """
    cells = world(9, *"abcde")
    found = effects(cells, scale=scale)
    got = interaction(found)

    if scale is EffectScale.LIFT:
        outcomes = [
            lift(mean_point(cells[i][1]), mean_point(cells[i + 1][1]), alpha=ALPHA,
                 method=LiftMethod.DELTA)
            for i in range(0, 10, 2)
        ]  # fmt: skip
    else:
        outcomes = [one.effect for one in found]  # type: ignore[misc]  # all are estimates
    want = combine_effects(
        np.array([one.estimate for one in outcomes]),
        np.array([one.std_error**2 for one in outcomes]),  # type: ignore[union-attr]
    )
    homogeneity = want.test_homogeneity()
    assert got.q == pytest.approx(want.q, rel=1e-9)
    assert (got.df, got.cells, got.left_out) == (4, 5, 0)
    assert got.p_value == pytest.approx(homogeneity.pvalue, rel=1e-9)
    assert got.i_squared == pytest.approx(max(0, want.i2), rel=1e-9)
    assert got.pooled == pytest.approx(want.mean_effect_fe, rel=1e-9)
    assert got.pooled_std_error == pytest.approx(want.sd_eff_w_fe, rel=1e-9)
    assert got.scale is scale


def test_interaction_of_two_cells_is_the_z_test_of_their_difference() -> None:
    """With two cells Q is the square of z, and p its two-sided normal tail."""
    got = interaction([effect(1.0, 0.3), effect(2.5, 0.4)])

    z = 1.5 / 0.5
    assert got.q == pytest.approx(z * z, rel=1e-12)
    assert got.p_value == pytest.approx(2 * scipy_stats.norm.sf(z), rel=1e-9)
    assert got.i_squared == pytest.approx(1 - 1 / 9, rel=1e-12)


def test_tiny_p_value_does_not_underflow() -> None:
    """Effects 37 errors apart keep a p-value of their own, where 1 - cdf would give 0."""
    got = interaction([effect(0, 1), effect(37 * math.sqrt(2), 1)])

    assert got.p_value == pytest.approx(2 * scipy_stats.norm.sf(37), rel=1e-9)
    assert got.p_value > 0


def test_equal_effects_do_not_interact() -> None:
    """Cells of one and the same effect have Q = 0, p = 1 and no I²."""
    got = interaction([effect(0.5, 0.1), effect(0.5, 0.4), effect(0.5, 0.2)])

    assert (got.q, got.p_value, got.i_squared) == (0, 1, 0)


@pytest.mark.parametrize("cells", [[], [effect(1, 0.1)]])
def test_one_cell_has_nothing_to_differ_from(cells: list[CellEffect[str]]) -> None:
    """With no cell or one there is no test, but a status."""
    with pytest.raises(TooFewCells) as fault:
        interaction(cells)
    assert fault.value.status is UndefinedStatus.TOO_FEW_CELLS


def test_kinds_and_scales_are_not_mixed() -> None:
    """Differences beside lifts, and means beside ratios, are refused."""
    cells = world(10, "x", "y")
    mixed = [effects(cells)[0], effects(cells, scale=EffectScale.LIFT)[1]]
    with pytest.raises(InvalidSummary, match="one scale"):
        interaction(mixed)
    rng = np.random.default_rng(1)
    with pytest.raises(InvalidSummary, match="one metric"):
        cell_effects(
            [("A", cells[0][1], "x"), ("A", ratio_summary(*skewed(rng, 9)), "x")],
            control="A", treatment="B", alpha=ALPHA,
        )  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3)), min_size=2, max_size=8),
    st.floats(0.001, 1000),
)
def test_unit_of_the_metric_does_not_matter(found: list[tuple[float, float]], scale: float) -> None:
    """Cents in place of euros, and the order of the cells, leave Q as it is."""
    one = interaction([effect(a, b) for a, b in found])
    two = interaction([effect(scale * a, scale * b) for a, b in reversed(found)])

    assert two.q == pytest.approx(one.q, rel=1e-6, abs=1e-6)


def test_interaction_keeps_its_error_rate() -> None:
    """With one effect in four segments, among them one of 20:1, Q is wrong in 5 % of runs."""
    runs = 5_000
    rng = np.random.default_rng(20260105)
    sizes = [("young", 4000, 4000), ("old", 2000, 2000), ("new", 1000, 1000), ("rare", 20000, 1000)]
    rates = {"young": 0.1, "old": 0.3, "new": 0.2, "rare": 0.15}
    draws = {
        (variant, value): rng.binomial(units, rates[value] + 0.03 * (variant == "B"), runs)
        for value, *both in sizes
        for variant, units in zip("AB", both, strict=True)
    }

    wrong = 0
    for run in range(runs):
        cells = [
            (variant, MeanSummary.from_sums(units, k := int(draws[variant, value][run]), k), value)
            for value, *both in sizes
            for variant, units in zip("AB", both, strict=True)
        ]
        found = cell_effects(cells, control="A", treatment="B", alpha=ALPHA)
        wrong += interaction(found).p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))


def test_skewed_revenue_keeps_the_error_rate_of_the_interaction() -> None:
    """With revenue, one effect and four cells of 1,000 units a variant, Q is wrong in 5 %."""
    runs = 1_000
    rng = np.random.default_rng(20260106)
    wrong = 0
    for _ in range(runs):
        cells = [(v, mean_summary(skewed(rng, 1000)[0]), s) for s in "wxyz" for v in "AB"]
        wrong += interaction(effects(cells)).p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))


@given(st.lists(st.floats(0, 1), max_size=12))
def test_exploratory_correction_equals_statsmodels(p_values: list[float]) -> None:
    """Corrected p-values are Benjamini and Hochberg's, in the order given."""
    got = explore([(str(i), p) for i, p in enumerate(p_values)], alpha=ALPHA)

    assert [one.p_value for one in got] == p_values
    if p_values:
        want = multipletests(p_values, method="fdr_bh")[1]
        assert [one.adjusted.p_value for one in got] == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("wrong", [math.nan, 1.2])
def test_p_value_that_is_none_is_refused(wrong: float) -> None:
    """A NaN among several p-values is refused, not adjusted around."""
    with pytest.raises(InvalidPValue):
        explore([("a", 0.01), ("b", wrong), ("c", 0.2)], alpha=ALPHA)
