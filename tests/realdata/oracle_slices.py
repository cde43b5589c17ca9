"""Segments, horizons, caps, guardrails and corrections by pandas, SciPy and statsmodels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from tests.realdata.oracle import (
    ALPHA,
    VARIANTS,
    Comparison,
    Estimated,
    lift_by_fieller,
    mean_interval,
    welch_by_scipy,
    welch_df,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.realdata.oracle import Interval, Truth

TREATMENTS: Final = VARIANTS[1:]
SEGMENTS: Final = ("market", "tier")
SMALLEST: Final = 50
"""Members of every variant that a segment's value needs for an effect."""
CAP: Final = 0.99
MARGIN: Final = 0.1


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """Cochran's test over the values of a segment."""

    cells: int
    q: float
    df: int
    p_value: float
    i_squared: float
    pooled: float
    std_error: float


@dataclass(frozen=True, slots=True)
class Held:
    """A guardrail for which lower is better, held against its margin."""

    p_value: float
    p_harm: float
    worst: float


def values_of(truth: Truth, segment: str) -> Mapping[str, Truth]:
    """Give the members of each value of a segment."""
    column = truth.units[segment]
    return {value: truth.part(column == value) for value in column.unique()}


def large_enough(truth: Truth) -> bool:
    """Whether every variant has enough members for an effect."""
    return min(truth.members().values()) >= SMALLEST


def effect(truth: Truth, metric: str, treatment: str) -> Comparison:
    """Compare within these members."""
    return welch_by_scipy(truth.values(metric, "control"), truth.values(metric, treatment))


def heterogeneity(truth: Truth, metric: str, segment: str, treatment: str) -> Heterogeneity:
    """Test whether the effect is the same in all values of a segment, by statsmodels."""
    parts = [part for part in values_of(truth, segment).values() if large_enough(part)]
    effects = [effect(part, metric, treatment) for part in parts]
    combined = combine_effects(
        np.array([one.difference for one in effects]),
        np.array([one.std_error**2 for one in effects]),
        method_re="iterated",
    )
    test = combined.test_homogeneity()
    return Heterogeneity(
        len(parts),
        float(test.statistic),
        int(test.df),
        float(test.pvalue),
        max(0.0, float(combined.i2)),
        float(combined.mean_effect_fe),
        float(combined.sd_eff_w_fe),
    )


def corrected(p_values: Sequence[float], method: str) -> list[float]:
    """Correct p-values, by statsmodels."""
    return [float(p) for p in multipletests(p_values, alpha=ALPHA, method=method)[1]]


def capped(truth: Truth) -> tuple[int, Truth]:
    """Give the cap on spend, a value that occurs, and the members with their spend held there."""
    cap = int(np.quantile(truth.units["net"], CAP, method="inverted_cdf"))
    held = truth.units.assign(net=truth.units["net"].clip(upper=cap))
    return cap, type(truth)(held, truth.variants, truth.later)


def capped_mean(truth: Truth, variant: str) -> Interval:
    """Give the mean of the capped spend."""
    return mean_interval(truth.column("net", variant))


def non_inferiority(truth: Truth, metric: str, treatment: str) -> Held:
    """Hold a ratio that should be low against the margin: t tests of treatment - 1.1 control."""
    control = Estimated.of(truth.values(metric, "control"))
    treated = Estimated.of(truth.values(metric, treatment))
    df = welch_df(control, treated)

    def t(ratio: float) -> float:
        error = math.sqrt(treated.variance + ratio**2 * control.variance)
        return (treated.value - ratio * control.value) / error

    return Held(
        float(stats.t.cdf(t(1 + MARGIN), df)),
        float(stats.t.sf(t(1.0), df)),
        lift_by_fieller(control, treated).ci_high,
    )
