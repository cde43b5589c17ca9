"""Does the effect differ between cells? One question per segment, in place of many little tests.

Cells may be the values of a segment, weekdays, or the variants of another campaign that runs on the
same members: then an effect that differs between them is interference. Which cells there are, and
how small they may be, was decided before (`cell_effect`, `stats.plan`).
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scipy.special import chdtrc

from stats.errors import InvalidSummary, TooFewCells
from stats.inference.cell_effect import CellEffect, EffectScale
from stats.inference.multiplicity import Adjusted, Correction, adjust
from stats.inference.outcome import Estimate, Lift

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class InteractionTest:
    """Cochran's test that the effect is the same in all cells.

    Attributes:
        scale: The scale on which effects were compared. Where the cells' baselines differ, equal
            lifts are unequal differences, so an interaction on one scale may be none on the other.
        cells: How many cells were compared.
        left_out: How many were too small, had no error or no bounds.
        q: Σ((effect - pooled) / std_error)².
        df: Degrees of freedom, cells - 1.
        p_value: Of one effect in all cells, by the χ² distribution.
        i_squared: Share of the spread of the effects that chance does not explain, 0 to 1.
        pooled: Mean of the effects, weighted by 1 / std_error².
        pooled_std_error: Its standard error if there is one effect in all cells.
    """

    scale: EffectScale
    cells: int
    left_out: int
    q: float
    df: int
    p_value: float
    i_squared: float
    pooled: float
    pooled_std_error: float


def interaction(effects: Sequence[CellEffect[Key]]) -> InteractionTest:
    """Test whether cells of different units have one effect.

    Cells without an error (too small, constant, a lift without bounds) are left out and counted. A
    lift enters with its delta-method error.

    Raises:
        TooFewCells: Fewer than two cells have an effect with an error.
        InvalidSummary: Differences and lifts are mixed.

    Source: Cochran (1954), Biometrics 10; Higgins and Thompson (2002), Statistics in Medicine 21,
    for I²; equals statsmodels.stats.meta_analysis.combine_effects.
    """
    used = [one.effect for one in effects if isinstance(one.effect, Estimate | Lift)]
    used = [one for one in used if one.std_error > 0]
    if len(used) < 2:  # noqa: PLR2004 - one effect has nothing to differ from
        raise TooFewCells(len(used), 2)
    if len({type(one) for one in used}) > 1:
        message = "differences and lifts cannot be compared; estimate all cells on one scale"
        raise InvalidSummary(message)
    pooled, pooled_error = inverse_variance_mean(used)
    q = math.fsum(((one.estimate - pooled) / one.std_error) ** 2 for one in used)
    df = len(used) - 1
    return InteractionTest(
        scale=EffectScale.LIFT if isinstance(used[0], Lift) else EffectScale.DIFFERENCE,
        cells=len(used),
        left_out=len(effects) - len(used),
        q=q,
        df=df,
        # the survival function, never 1 - cdf
        p_value=float(chdtrc(df, q)),
        i_squared=max(0.0, (q - df) / q) if q > 0 else 0.0,
        pooled=pooled,
        pooled_std_error=pooled_error,
    )


def inverse_variance_mean(effects: Sequence[Estimate | Lift]) -> tuple[float, float]:
    """Give the mean weighted by 1 / std_error², and its standard error."""
    smallest = min(one.std_error for one in effects)
    # relative weights, so that squares of tiny errors cannot underflow
    weights = [(smallest / one.std_error) ** 2 for one in effects]
    total = math.fsum(weights)
    mean = math.fsum(w * one.estimate for w, one in zip(weights, effects, strict=True)) / total
    return mean, smallest / math.sqrt(total)


@dataclass(frozen=True, slots=True)
class ExploratoryTest:
    """One test among many that nobody had declared to decide: a place to look, no finding.

    Attributes:
        key: What was tested: a segment, or a value of one.
        p_value: As it is.
        adjusted: After the correction for all tests of the list. Of those called found below its
            alpha, at most that share is wrong on average.
    """

    key: str
    p_value: float
    adjusted: Adjusted


def explore(tests: Sequence[tuple[str, float]], *, alpha: float) -> tuple[ExploratoryTest, ...]:
    """Correct the p-values of all segments, or of all values of one, by Benjamini and Hochberg.

    Args:
        tests: What was tested, and its p-value.
        alpha: Share of false findings to keep to.

    Raises:
        InvalidPValue: A p-value is NaN or outside 0 to 1; then none is corrected.

    Source: Benjamini and Hochberg (1995), JRSS B 57.
    """
    adjusted = adjust(
        [p_value for _, p_value in tests], alpha=alpha, correction=Correction.BENJAMINI_HOCHBERG
    )
    return tuple(
        ExploratoryTest(key, p_value, result)
        for (key, p_value), result in zip(tests, adjusted, strict=True)
    )
