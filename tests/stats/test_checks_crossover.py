"""Units in two variants matter by how many they are, and by which pairs they cross."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.aggregation.aggregates import Aggregates, CrossoverCount, FactsRange, VariantUnits
from stats.checks.crossover import ALPHA, check_crossover
from stats.checks.finding import Severity
from stats.plan import CrossoverRule
from tests.stats.facts import START, plan

THREE: dict[str, str | None] = {"control": "0.5", "B": "0.25", "C": "0.25"}


def crossed(crossings: dict[tuple[str, ...], int], **units: int) -> Aggregates:
    """Aggregates of units per variant and units in several."""
    rows = tuple(VariantUnits(key, n, n, START, START) for key, n in units.items())
    pairs = tuple(CrossoverCount(variants, n) for variants, n in crossings.items())
    return Aggregates(
        START, FactsRange(0, None, None, 0, None, None), rows, pairs, 0, (), (), ()
    )  # fmt: skip


@pytest.mark.parametrize(
    ("units", "severity"),
    [
        (0, Severity.PASSED),
        (9, Severity.NOTICE),  # 0.09 %
        (40, Severity.WARNING),  # 0.4 %
        (520, Severity.WARNING),  # 4.9 %: not beyond 5 % for sure
        (800, Severity.FAILURE),  # 7.4 %
    ],
)
def test_severity_grows_with_the_share(units: int, severity: Severity) -> None:
    """A share below 0.1 % is a notice, more a warning, and beyond 5 % a failure."""
    got = check_crossover(plan(), crossed({("B", "control"): units}, control=5000, B=5000))

    assert got.severity is severity
    assert got.evidence["share"] == pytest.approx(units / (10_000 + units))


def test_a_few_units_are_never_many() -> None:
    """One unit of two crossed over is half of all and says nothing about the share: a warning."""
    got = check_crossover(plan(), crossed({("B", "control"): 1}, control=0, B=1))

    assert got.severity is Severity.WARNING


def test_kept_units_are_counted_once_in_the_share() -> None:
    """Where crossed units stay in their first variant, they are among the counted ones already."""
    the_plan = plan(rule=CrossoverRule.KEEP_FIRST)

    got = check_crossover(the_plan, crossed({("B", "control"): 40}, control=5000, B=5000))

    assert got.evidence["share"] == pytest.approx(0.004)
    assert "seen in first" in got.detail


def test_pairs_crossed_unevenly_are_a_failure() -> None:
    """Pairs must be crossed in proportion to the product of their shares, by Pearson's test."""
    even = {("B", "control"): 40, ("C", "control"): 38, ("B", "C"): 21}
    uneven = {("B", "control"): 80, ("C", "control"): 10, ("B", "C"): 5}
    units = {"control": 5000, "B": 2500, "C": 2500}

    good = check_crossover(plan(shares=THREE), crossed(even, **units))
    bad = check_crossover(plan(shares=THREE), crossed(uneven, **units))

    assert good.severity is Severity.WARNING
    assert bad.severity is Severity.FAILURE
    assert "B + control was crossed by 80" in bad.detail
    expected = [95 * share / (0.125 + 0.125 + 0.0625) for share in (0.125, 0.125, 0.0625)]
    want = scipy_stats.chisquare([80, 10, 5], expected).pvalue
    assert bad.evidence["pairs_p_value"] == pytest.approx(want, rel=1e-9)


def test_even_crossing_is_rarely_called_uneven() -> None:
    """Crossing over that has nothing to do with the variant fails the test of pairs at its rate."""
    runs = 20_000
    rng = np.random.default_rng(20260303)
    draws = rng.multinomial(300, [0.4, 0.4, 0.2], runs)
    wrong = 0
    for left, right, both in draws:
        pairs = {("B", "control"): left, ("C", "control"): right, ("B", "C"): both}
        aggregates = crossed(
            {key: int(n) for key, n in pairs.items()}, control=5000, B=2500, C=2500
        )
        wrong += check_crossover(plan(shares=THREE), aggregates).severity is Severity.FAILURE

    assert wrong / runs <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)
