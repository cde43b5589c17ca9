"""Several tests that share one error rate equal statsmodels, and agree with their intervals."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from stats.errors import InvalidPValue
from stats.inference.difference import point_difference
from stats.inference.lift import lift
from stats.inference.multiplicity import Correction, adjust
from stats.inference.outcome import Estimate, Lift
from stats.inference.point import Point
from stats.plan import Multiplicity

IN_STATSMODELS = {
    Correction.HOLM: "holm",
    Correction.HOCHBERG: "simes-hochberg",
    Correction.BONFERRONI: "bonferroni",
    Correction.BENJAMINI_HOCHBERG: "fdr_bh",
}

P_VALUES = st.lists(
    st.one_of(st.floats(0, 1), st.floats(0, 0.06), st.sampled_from([0.0, 0.01, 0.025, 0.05, 1.0])),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize("correction", IN_STATSMODELS)
@given(p_values=P_VALUES)
def test_adjusted_p_values_equal_statsmodels(correction: Correction, p_values: list[float]) -> None:
    """Each correction gives the adjusted p-values of statsmodels' multipletests, in order."""
    got = adjust(p_values, alpha=0.05, correction=correction)

    want = multipletests(p_values, 0.05, method=IN_STATSMODELS[correction])[1]
    assert [one.p_value for one in got] == pytest.approx(list(want), rel=1e-12, abs=1e-300)


def test_holm_and_hochberg_equal_r() -> None:
    """R 4.2: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"), "hochberg", "BH"."""
    p_values = (0.01, 0.04, 0.03, 0.005)

    def adjusted(correction: Correction) -> list[float]:
        return [one.p_value for one in adjust(p_values, alpha=0.05, correction=correction)]

    assert adjusted(Correction.HOLM) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjusted(Correction.HOCHBERG) == pytest.approx([0.03, 0.04, 0.04, 0.02])
    assert adjusted(Correction.BENJAMINI_HOCHBERG) == pytest.approx([0.02, 0.04, 0.04, 0.02])


@given(
    P_VALUES, st.sampled_from(Correction), st.sampled_from([0.01, 0.05, 0.2]), st.integers(0, 15)
)
def test_level_agrees_with_the_decision(
    p_values: list[float], correction: Correction, alpha: float, family: int
) -> None:
    """A test counts exactly when its own p-value is below its level, which never exceeds alpha."""
    got = adjust(p_values, alpha=alpha, correction=correction, family=family)

    for one, p_value in zip(got, p_values, strict=True):
        assert one.significant == (one.p_value < alpha)
        assert one.significant == (p_value < one.level)
        assert one.level <= max(alpha, p_value) * (1 + 1e-12)
        assert one.family == max(len(p_values), family)
    for a, p in zip(got, p_values, strict=True):  # no smaller p-value comes out above a larger one
        for b, q in zip(got, p_values, strict=True):
            assert p > q or a.p_value <= b.p_value


@given(
    st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 10), st.integers(3, 10**5)), min_size=2,
             max_size=5),
    st.sampled_from(Correction),
)  # fmt: skip
def test_interval_at_its_level_agrees_with_the_adjusted_decision(
    treatments: list[tuple[float, float, int]], correction: Correction
) -> None:
    """Difference and lift at a test's own level leave out 0 exactly when the test counts."""
    control = Point(100.0, 1.0, 5000)
    points = [Point(100 + z * math.hypot(1, s), s, n) for z, s, n in treatments]
    raw = [point_difference(control, p, alpha=0.05) for p in points]
    p_values = [one.p_value for one in raw if isinstance(one, Estimate)]

    got = adjust(p_values, alpha=0.05, correction=correction)

    for one, treatment in zip(got, points, strict=True):
        difference = point_difference(control, treatment, alpha=one.level)
        relative = lift(control, treatment, alpha=one.level)
        assert isinstance(difference, Estimate)
        assert isinstance(relative, Lift)
        assert one.significant == (not difference.ci_low <= 0 <= difference.ci_high)
        assert one.significant == (not relative.ci_low <= 0 <= relative.ci_high)


def test_levels_are_those_of_the_steps() -> None:
    """Holm: 0.05/3 for the smallest of three, 0.05/2 for the next, which is not found, and on."""
    holm = adjust((0.04, 0.03, 0.001), alpha=0.05)
    bonferroni = adjust((0.04, 0.03, 0.001), alpha=0.05, correction=Correction.BONFERRONI)
    hochberg = adjust((0.04, 0.03, 0.001), alpha=0.05, correction=Correction.HOCHBERG)

    assert [one.level for one in holm] == pytest.approx([0.025, 0.025, 0.05 / 3])
    assert [one.significant for one in holm] == [False, False, True]
    assert [one.level for one in bonferroni] == pytest.approx([0.05 / 3] * 3)
    assert [one.level for one in hochberg] == pytest.approx([0.05] * 3)
    assert all(one.significant for one in hochberg)


def test_planned_tests_that_were_not_made_count() -> None:
    """A treatment without a result still takes its share of the error rate."""
    alone = adjust((0.03,), alpha=0.05)
    of_two = adjust((0.03,), alpha=0.05, family=2)

    assert alone[0].p_value == 0.03
    assert of_two[0].p_value == 0.06
    assert not of_two[0].significant


@pytest.mark.parametrize("wrong", [math.nan, None, -0.1, 1.1, math.inf])
@pytest.mark.parametrize("correction", Correction)
def test_p_value_that_is_none_is_refused(wrong: float | None, correction: Correction) -> None:
    """One missing p-value among several: none of them is adjusted, and its place is named."""
    with pytest.raises(InvalidPValue, match="p-value 1 is"):
        adjust((0.01, wrong, 0.5), alpha=0.05, correction=correction)


def test_no_tests_have_no_results() -> None:
    """Nothing to correct is corrected to nothing."""
    assert adjust((), alpha=0.05) == ()


@pytest.mark.parametrize("multiplicity", Multiplicity)
def test_every_choice_of_a_plan_is_a_correction(multiplicity: Multiplicity) -> None:
    """What a plan may choose can be done."""
    assert Correction.of(multiplicity).value == multiplicity.value
