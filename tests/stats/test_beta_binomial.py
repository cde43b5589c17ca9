"""Beta-binomial comparison of rates."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from scipy.special import betaln

from stats.errors import InvalidSizing, InvalidSummary, TooFewUnits
from stats.inference.beta_binomial import BetaPrior, compare_rates, rate_posterior
from stats.metric import Direction


def miller(a: int, b: int, c: int, d: int) -> float:
    """P(Beta(c, d) > Beta(a, b)) as Miller's finite sum over whole shapes."""
    terms = [
        math.exp(betaln(a + i, b + d) - math.log(d + i) - betaln(1 + i, d) - betaln(a, b))
        for i in range(c)
    ]
    return math.fsum(terms)


@pytest.mark.parametrize(
    ("control", "treatment"),
    [((15, 52), (7, 50)), ((0, 10), (3, 10)), ((100, 10_000), (130, 10_000)), ((20, 20), (19, 20))],
)
def test_chance_to_beat_control_equals_the_closed_sum(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    """The chance is Miller's closed form, in either direction."""
    left, right = rate_posterior(*control), rate_posterior(*treatment)

    up = compare_rates(left, right)
    down = compare_rates(left, right, direction=Direction.LOWER)

    expected = miller(
        1 + control[0], 1 + control[1] - control[0],
        1 + treatment[0], 1 + treatment[1] - treatment[0],
    )  # fmt: skip
    assert up.chance_to_beat_control == pytest.approx(expected, rel=1e-9)
    assert down.chance_to_beat_control == pytest.approx(1 - expected, rel=1e-8)


@pytest.mark.parametrize(
    ("control", "treatment"), [((15, 52), (7, 50)), ((3, 1000), (9, 1200)), ((0, 5), (5, 5))]
)
def test_expected_loss_equals_the_closed_form(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    """E[max(B - A, 0)] is E[B] P(B' > A) - E[A] P(B > A'), primes with one more success."""
    left, right = rate_posterior(*control), rate_posterior(*treatment)

    got = compare_rates(left, right)

    a, b = int(left.successes), int(left.failures)
    c, d = int(right.successes), int(right.failures)
    gain = c / (c + d) * miller(a, b, c + 1, d) - a / (a + b) * miller(a + 1, b, c, d)
    assert got.loss_if_kept == pytest.approx(gain, rel=1e-8)
    assert got.loss_if_kept - got.loss_if_shipped == pytest.approx(got.difference, rel=1e-9)


def test_comparison_equals_draws() -> None:
    """A million seeded draws agree with chance and losses within three standard errors."""
    left = rate_posterior(40, 900, prior=BetaPrior(0.5, 0.5))
    right = rate_posterior(50, 880, prior=BetaPrior(0.5, 0.5))
    rng, draws = np.random.default_rng(8), 1_000_000
    gap = rng.beta(right.successes, right.failures, draws) - rng.beta(
        left.successes, left.failures, draws
    )

    got = compare_rates(left, right)

    root = math.sqrt(draws)
    chance = got.chance_to_beat_control
    assert (gap > 0).mean() == pytest.approx(
        chance, abs=3 * math.sqrt(chance * (1 - chance)) / root
    )
    for loss, sign in ((got.loss_if_kept, 1), (got.loss_if_shipped, -1)):
        drawn = np.maximum(sign * gap, 0)
        assert drawn.mean() == pytest.approx(loss, abs=3 * drawn.std() / root)


@given(
    st.tuples(st.integers(0, 400), st.integers(0, 400)).filter(any),
    st.tuples(st.integers(0, 400), st.integers(0, 400)).filter(any),
    st.sampled_from([BetaPrior(), BetaPrior(0.5, 0.5), BetaPrior(2, 30)]),
)
@settings(max_examples=60, deadline=None)
def test_chances_and_losses_are_consistent(
    control: tuple[int, int], treatment: tuple[int, int], prior: BetaPrior
) -> None:
    """Chances of both directions add up to 1, and losses differ by the expected difference."""
    left = rate_posterior(control[0], sum(control), prior=prior)
    right = rate_posterior(treatment[0], sum(treatment), prior=prior)

    up = compare_rates(left, right)
    down = compare_rates(left, right, direction=Direction.LOWER)

    both = up.chance_to_beat_control + down.chance_to_beat_control
    assert both == pytest.approx(1, abs=1e-9)
    assert up.loss_if_kept - up.loss_if_shipped == pytest.approx(up.difference, abs=1e-9)
    assert (down.loss_if_kept, down.loss_if_shipped) == (up.loss_if_shipped, up.loss_if_kept)


def test_millions_of_units_keep_their_digits() -> None:
    """With two million units the chance is the normal one, to the skewness that is left."""
    left, right = rate_posterior(10_000, 1_000_000), rate_posterior(10_200, 1_000_000)

    got = compare_rates(left, right)

    error = math.hypot(*(scipy_stats.beta(p.successes, p.failures).std() for p in (left, right)))
    expected = scipy_stats.norm.cdf(got.difference / error)
    assert got.chance_to_beat_control == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("successes", "n"), [(0, 12), (5, 12), (12, 12), (3, 100_000)])
def test_credible_interval_equals_scipy(successes: int, n: int) -> None:
    """The central interval is that of SciPy's beta distribution."""
    got = rate_posterior(successes, n)

    expected = scipy_stats.beta(1 + successes, 1 + n - successes)
    assert got.interval(0.05) == pytest.approx(expected.interval(0.95), rel=1e-9)
    assert got.mean == pytest.approx(expected.mean())


def test_counts_and_priors_that_cannot_be_are_refused() -> None:
    """No unit is a status; more successes than units, and a prior without mass, are faults."""
    with pytest.raises(TooFewUnits):
        rate_posterior(0, 0)
    for successes in (-1, 11):
        with pytest.raises(InvalidSummary):
            rate_posterior(successes, 10)
    for shape in (0.0, 0.4, math.inf, math.nan):
        with pytest.raises(InvalidSizing, match="prior"):
            BetaPrior(shape, 1.0)
