"""Exact tests of two proportions, for small campaigns: right at any size, whatever the share.

A t or z test leans on large numbers. Below about a thousand units in all, and for rare outcomes,
an exact test stands beside it, under its own name: it never moves the interval.

Boschloo's is the default: it orders tables by Fisher's p-value, but asks how likely so small a one
is at the worst common share, and so finds whatever Fisher's finds and more.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from stats.errors import NoVariance, TooFewUnits, TooManyUnits
from stats.inference.proportion import Proportion
from stats.sentence import said

EXACT_BELOW = 1000
"""Units of both variants together, from which on the large-sample test is as good."""

TIE = 1 + 1e-7
"""Two tables this close count as equally extreme: their sums of logarithms are rounded apart."""

GRID = 400
"""Common shares tried at first: steps of a quarter standard error at a thousand units."""

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


class ExactTest(StrEnum):
    """Which tables count as more extreme than the one observed."""

    BOSCHLOO = "boschloo"  # by Fisher's one-sided p-value, at the worst common share; doubled
    BARNARD = "barnard"  # by the pooled z statistic, at the worst common share
    FISHER = "fisher"  # given the total of successes


@dataclass(frozen=True, slots=True)
class Exact:
    """The p-value of an exact test, beside that of the difference.

    Attributes:
        p_value: Two-sided, of equal proportions.
        test: Which test.
        units: Units of both variants together.
        sentence: Where it disagrees with the test of the difference, what to go by.
        status: Always `exact`.
    """

    p_value: float
    test: ExactTest
    units: int
    sentence: str = ""
    status: Literal["exact"] = "exact"


class _Region(NamedTuple):
    """Tables as extreme as the observed one, by successes x1 of the control.

    Attributes:
        below: How many of the fewest successes of the treatment are in it: 0 to below - 1.
        above: From which number of successes of the treatment on it goes up again.
    """

    below: Integers
    above: Integers


def exact_test(
    control: Proportion, treatment: Proportion, *, test: ExactTest = ExactTest.BOSCHLOO
) -> Exact:
    """Test whether two proportions are equal, without leaning on large numbers.

    The cost grows with the square of the units: 0.02 s at a thousand.

    Args:
        control: Successes and units of the control.
        treatment: The same, of the treatment.
        test: Which tables count as more extreme.

    Raises:
        TooFewUnits: A variant has no unit.
        TooManyUnits: Together `EXACT_BELOW` units or more.
        NoVariance: Nobody had the outcome, or everybody.

    Source: Boschloo (1970), Statistica Neerlandica 24; Barnard (1947), Biometrika 34; Fisher
    (1935), JRSS 98. Equal scipy.stats.boschloo_exact and fisher_exact, and barnard_exact where
    that does not lose the mirrored table, which is exactly as extreme, to rounding.
    """
    units = control.n + treatment.n
    if 0 in (control.n, treatment.n):
        raise TooFewUnits(0, 1)
    if units >= EXACT_BELOW:
        raise TooManyUnits(units, EXACT_BELOW)
    if control.successes + treatment.successes in (0, units):
        message = said(
            "Nobody had the outcome, or everybody: there is nothing to judge a difference by."
        )
        raise NoVariance(message)
    match test:
        case ExactTest.BOSCHLOO:
            p_value = _boschloo(control, treatment)
        case ExactTest.BARNARD:
            p_value = _largest(control.n, treatment.n, _barnard_region(control, treatment))
        case ExactTest.FISHER:
            p_value = _fisher(control, treatment)
    return Exact(min(p_value, 1.0), test, units)


def _log_choose(n: int) -> Floats:
    """Logarithms of n over k, for k from 0 to n."""
    k = np.arange(n + 1)
    chosen: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return chosen


def _tables(control: Proportion, treatment: Proportion) -> Floats:
    """Give the chance of each table given its total: a row a total, a column treated successes."""
    n, m = control.n, treatment.n
    totals = np.arange(n + m + 1)[:, None]
    treated = np.arange(m + 1)[None, :]
    others = totals - treated
    possible = (others >= 0) & (others <= n)
    log_chance = (
        _log_choose(n)[np.clip(others, 0, n)] + _log_choose(m)[treated] - _log_choose(n + m)[totals]
    )
    return np.where(possible, np.exp(log_chance), 0.0)


def _fisher(control: Proportion, treatment: Proportion) -> float:
    given = _tables(control, treatment)[control.successes + treatment.successes]
    return float(given[given <= given[treatment.successes] * TIE].sum())


def _boschloo(control: Proportion, treatment: Proportion) -> float:
    n, m = control.n, treatment.n
    chances = _tables(control, treatment)
    total = control.successes + treatment.successes
    controls, treated = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    none = np.zeros(n + 1, dtype=np.int64)
    fewer = np.cumsum(chances, axis=1)
    more = np.cumsum(chances[:, ::-1], axis=1)[:, ::-1]
    # for each x1 the p-value of fewer rises with x2, that of more falls: a region is a run
    in_lower = (fewer <= fewer[total, treatment.successes] * TIE)[controls + treated, treated]
    in_upper = (more <= more[total, treatment.successes] * TIE)[controls + treated, treated]
    lower = _Region(in_lower.sum(axis=1), none + m + 1)
    upper = _Region(none, m + 1 - in_upper.sum(axis=1))
    return 2 * min(_largest(n, m, lower), _largest(n, m, upper))


def _barnard_region(control: Proportion, treatment: Proportion) -> _Region:
    n, m = control.n, treatment.n
    controls, treated = np.arange(n + 1)[:, None], np.arange(m + 1)[None, :]
    pooled = (controls + treated) / (n + m)
    variance = pooled * (1 - pooled) * (1 / n + 1 / m)
    gap = treated / m - controls / n
    z = np.divide(gap, np.sqrt(variance), out=np.zeros_like(gap), where=variance > 0)
    observed = abs(float(z[control.successes, treatment.successes])) / TIE
    if observed == 0:  # every table is as extreme
        everything = np.full(n + 1, m + 1)
        return _Region(everything, everything)
    return _Region((z <= -observed).sum(axis=1), m + 1 - (z >= observed).sum(axis=1))


def _largest(n: int, m: int, region: _Region) -> float:
    """Give the largest chance of the region over all common shares."""
    of_control, of_treatment = _log_choose(n), _log_choose(m)

    def chances(angles: Floats) -> Floats:
        shares = np.sin(angles)[:, None] ** 2
        log_yes, log_no = np.log(shares), np.log1p(-shares)
        x, y = np.arange(n + 1), np.arange(m + 1)
        controls = np.exp(of_control + x * log_yes + (n - x) * log_no)
        treated = np.exp(of_treatment + y * log_yes + (m - y) * log_no)
        nothing = np.zeros((len(angles), 1))
        below = np.hstack([nothing, np.cumsum(treated, axis=1)])[:, region.below]
        above = np.hstack([np.cumsum(treated[:, ::-1], axis=1)[:, ::-1], nothing])[:, region.above]
        both: Floats = (controls * (below + above)).sum(axis=1)
        return both

    # equal steps of the angle are equal shares of a standard error
    step = np.pi / 2 / (GRID + 1)
    angles: Floats = step * np.arange(1, GRID + 1, dtype=np.float64)
    found = chances(angles)
    best = 0.0
    beside = np.pad(found, 1)
    peaks = np.flatnonzero((found >= beside[:-2]) & (found >= beside[2:]))
    for start in peaks[np.argsort(found[peaks])[-3:]]:
        centre, width = float(angles[start]), step
        for _ in range(6):
            near: Floats = np.clip(
                np.linspace(centre - width, centre + width, 21), 1e-6, np.pi / 2 - 1e-6
            )
            values = chances(near)
            centre, width = float(near[values.argmax()]), width / 8
            best = max(best, float(values.max()))
    return best
