"""The Bayesian view: posteriors, chances and losses, against independent integrals and draws."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from stats.errors import InvalidSizing, NoVariance
from stats.inference.bayes import FLAT, EffectPrior, effect_posterior, expected_excess
from stats.inference.best import chance_to_be_best
from stats.inference.difference import point_difference
from stats.inference.outcome import Estimate
from stats.inference.point import Point
from stats.metric import Direction

HIGHER, LOWER = Direction.HIGHER, Direction.LOWER


def difference(control: Point, treatment: Point) -> Estimate:
    """Their difference, which has an error."""
    got = point_difference(control, treatment, alpha=0.05)
    assert isinstance(got, Estimate)
    return got


def effect(mean: float, sd: float) -> Estimate:
    """An estimated difference."""
    return difference(Point(0.0, sd * 0.6, 900), Point(mean, sd * 0.8, 900))


def test_posterior_equals_the_product_of_prior_and_likelihood() -> None:
    """Mean, spread, chance and losses are those of prior times likelihood, integrated by SciPy."""
    mean, sd, prior = 1.2, 0.8, EffectPrior(0.3, 0.5)
    assert prior.sd is not None

    def weight(x: float) -> float:
        return float(norm.pdf(x, prior.mean, prior.sd) * norm.pdf(mean, x, sd))

    def integral(part: str, low: float = -8.0, high: float = 8.0) -> float:
        power = {"1": 0, "x": 1, "x2": 2}[part]
        value, _ = quad(lambda x: x**power * weight(x), low, high, epsabs=1e-14, epsrel=1e-12)
        return float(value)

    got = effect_posterior(effect(mean, sd), prior=prior)

    total = integral("1")
    expected = integral("x") / total
    assert got.mean == pytest.approx(expected, rel=1e-9)
    assert got.sd**2 == pytest.approx(integral("x2") / total - expected**2, rel=1e-9)
    assert got.chance_to_beat_control == pytest.approx(integral("1", 0) / total, rel=1e-9)
    assert got.loss_if_kept == pytest.approx(integral("x", 0) / total, rel=1e-9)
    assert got.loss_if_shipped == pytest.approx(-integral("x", -8, 0) / total, rel=1e-9)
    assert (got.ci_low, got.ci_high) == pytest.approx(norm.interval(0.95, got.mean, got.sd))


def test_flat_prior_reads_the_interval_another_way() -> None:
    """Without belief, the chance to beat control is one minus the one-sided normal p-value."""
    got = effect_posterior(effect(1.0, 0.5))

    assert (got.mean, got.sd) == pytest.approx((1.0, 0.5))
    assert got.chance_to_beat_control == pytest.approx(1 - norm.sf(2.0), rel=1e-12)


def test_a_wide_prior_approaches_the_flat_one() -> None:
    """A prior far wider than the error changes nothing that one could see."""
    wide = effect_posterior(effect(1.0, 0.5), prior=EffectPrior(0, 1e7))

    assert wide.mean == pytest.approx(1.0, rel=1e-12)
    assert wide.loss_if_shipped == pytest.approx(effect_posterior(effect(1.0, 0.5)).loss_if_shipped)


@given(mean=st.floats(-4, 4), sd=st.floats(0.05, 3), prior_sd=st.floats(0.05, 5))
def test_the_better_direction_mirrors(mean: float, sd: float, prior_sd: float) -> None:
    """A metric of which less is better has the chances and losses of its mirror image."""
    up = effect_posterior(effect(mean, sd), prior=EffectPrior(0.1, prior_sd))
    down = effect_posterior(effect(-mean, sd), prior=EffectPrior(-0.1, prior_sd), direction=LOWER)

    assert down.chance_to_beat_control == pytest.approx(up.chance_to_beat_control, rel=1e-9)
    assert down.loss_if_shipped == pytest.approx(up.loss_if_shipped, rel=1e-9)
    assert down.loss_if_kept == pytest.approx(up.loss_if_kept, rel=1e-9)
    assert down.mean == pytest.approx(-up.mean)
    assert up.loss_if_kept - up.loss_if_shipped == pytest.approx(up.mean, abs=1e-12)


@pytest.mark.parametrize("mean", [-30.0, -10.0, -1.0, 0.0, 1.0, 10.0])
def test_expected_excess_keeps_its_digits_in_the_tail(mean: float) -> None:
    """E[max(X, 0)] equals the integral of the survival function, down to 1e-200."""
    top = 40.0 + max(mean, 0)
    expected, _ = quad(lambda x: norm.sf(x, mean, 1), 0, 5, epsabs=0, epsrel=1e-12, limit=200)
    rest, _ = quad(lambda x: norm.sf(x, mean, 1), 5, top, epsabs=0, epsrel=1e-12, limit=200)

    assert expected_excess(mean, 1.0) == pytest.approx(expected + rest, rel=1e-9)


def test_expected_excess_of_the_extreme_is_the_mean_or_nothing() -> None:
    """Far from zero the loss is the whole mean on one side and underflows to 0 on the other."""
    assert expected_excess(5.0, 1e-300) == 5.0
    assert expected_excess(-5.0, 1e-300) == 0.0


def test_prior_of_a_lift_takes_the_size_of_the_baseline() -> None:
    """A prior of 2 % on a baseline of -50 is one of 1 in the metric's unit."""
    assert EffectPrior.of_lift(-50.0, mean=0.0, sd=0.02) == EffectPrior(0.0, 1.0)


def test_priors_that_are_no_distribution_are_refused() -> None:
    """A spread of 0 or infinity, and a mean that is none, are named."""
    for mean, sd in ((0.0, 0.0), (0.0, math.inf), (math.nan, 1.0)):
        with pytest.raises(InvalidSizing, match="prior"):
            EffectPrior(mean, sd)


CONTROL = Point(10.0, 0.3, 900)
TREATMENTS = (Point(10.4, 0.5, 300), Point(10.3, 0.2, 900), Point(9.8, 0.6, 300))


def test_chance_to_be_best_equals_scipy_s_integral() -> None:
    """Each chance is its density times the others' distribution functions, by quad."""
    got = chance_to_be_best(CONTROL, TREATMENTS)

    points = (CONTROL, *TREATMENTS)
    for i, chance in enumerate((got.control, *got.treatments)):

        def integrand(x: float, i: int = i) -> float:
            others = [norm.cdf(x, p.value, p.std_error) for j, p in enumerate(points) if j != i]
            return float(norm.pdf(x, points[i].value, points[i].std_error) * math.prod(others))

        expected, _ = quad(integrand, 5, 15, points=[10], epsabs=1e-13, limit=200)
        assert chance == pytest.approx(expected, rel=1e-9)


def test_chance_to_be_best_equals_draws() -> None:
    """A million seeded draws of all variants agree within three standard errors."""
    rng, draws = np.random.default_rng(17), 1_000_000
    points = (CONTROL, *TREATMENTS)
    values = np.stack([rng.normal(p.value, p.std_error, draws) for p in points])
    for direction, winners in ((HIGHER, values.argmax(axis=0)), (LOWER, values.argmin(axis=0))):
        got = chance_to_be_best(CONTROL, TREATMENTS, direction=direction)
        for i, chance in enumerate((got.control, *got.treatments)):
            error = 3 * math.sqrt(chance * (1 - chance) / draws)
            assert float((winners == i).mean()) == pytest.approx(chance, abs=error)


@pytest.mark.parametrize("prior", [FLAT, EffectPrior(0.1, 0.4)])
@pytest.mark.parametrize("direction", [HIGHER, LOWER])
def test_chance_to_be_best_of_two_is_the_chance_to_beat_control(
    prior: EffectPrior, direction: Direction
) -> None:
    """With one treatment, best of all and better than control are one question."""
    best = chance_to_be_best(CONTROL, TREATMENTS[:1], prior=prior, direction=direction)
    pair = effect_posterior(difference(CONTROL, TREATMENTS[0]), prior=prior, direction=direction)

    assert best.treatments[0] == pytest.approx(pair.chance_to_beat_control, rel=1e-9)
    assert best.control + best.treatments[0] == pytest.approx(1, abs=1e-10)


def test_chance_to_be_best_with_a_prior_equals_weighted_draws() -> None:
    """Draws of control and effects from the joint posterior, by linear algebra, agree."""
    prior_mean, prior_sd, draws = 0.1, 0.3, 400_000
    points = (CONTROL, *TREATMENTS)
    # unknowns: control's value, then each effect; observations: C, then each C + effect
    design = np.eye(4)
    design[1:, 0] = 1
    precision = design.T @ np.diag([p.std_error**-2 for p in points]) @ design
    precision += np.diag([0, *[prior_sd**-2] * 3])
    told = design.T @ np.array([p.value / p.std_error**2 for p in points])
    told += np.array([0, *[prior_mean / prior_sd**2] * 3])
    covariance = np.linalg.inv(precision)
    drawn = np.random.default_rng(4).multivariate_normal(covariance @ told, covariance, draws)
    winners = (drawn @ design.T).argmax(axis=1)

    got = chance_to_be_best(CONTROL, TREATMENTS, prior=EffectPrior(prior_mean, prior_sd))

    for i, chance in enumerate((got.control, *got.treatments)):
        error = 3 * math.sqrt(chance * (1 - chance) / draws)
        assert float((winners == i).mean()) == pytest.approx(chance, abs=error)
    assert got.control + sum(got.treatments) == pytest.approx(1, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.01, 2)), min_size=2, max_size=5))
def test_chances_add_up(rows: list[tuple[float, float]]) -> None:
    """Some variant is the best: chances add up to 1, for any values and errors, up to 200:1."""
    points = [Point(value, error, 900) for value, error in rows]

    got = chance_to_be_best(points[0], points[1:])

    assert got.control + sum(got.treatments) == pytest.approx(1, abs=1e-9)


def test_equal_variants_are_equally_likely_the_best() -> None:
    """Four variants alike have a quarter each, at any scale."""
    point = Point(1e8, 1.0, 900)

    got = chance_to_be_best(point, [point] * 3)

    assert (got.control, *got.treatments) == pytest.approx([0.25] * 4, rel=1e-9)


def test_a_variant_without_variance_has_no_chance_that_could_be_computed() -> None:
    """A constant has no posterior; the chances are undefined, not 0 or 1."""
    with pytest.raises(NoVariance):
        chance_to_be_best(CONTROL, [Point(11.0, 0.0, 900)])
