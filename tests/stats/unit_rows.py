"""Summaries of unit rows, by NumPy: what aggregation would hand over."""

import numpy as np
import numpy.typing as npt

from stats.moments import Moments
from stats.summary import MeanSummary, RatioSummary

Array = npt.NDArray[np.float64]


def moments(*columns: Array) -> Moments:
    """Moments of columns of floats, each centred first."""
    rows = np.column_stack(columns).astype(float)
    centred = rows - rows.mean(axis=0) if len(rows) else rows
    products = centred.T @ centred
    return Moments(
        len(rows),
        tuple(float(total) for total in rows.sum(axis=0)),
        tuple(tuple(float(value) for value in row) for row in products),
    )


def whole_moments(*columns: list[int]) -> Moments:
    """Moments of columns of whole numbers, exactly."""
    products = [[sum(a * b for a, b in zip(u, v, strict=True)) for v in columns] for u in columns]
    return Moments.from_sums(len(columns[0]), [sum(u) for u in columns], products)


def mean_summary(values: Array) -> MeanSummary:
    """Summary of one column."""
    return moments(values).mean_summary()


def ratio_summary(y: Array, d: Array) -> RatioSummary:
    """Summary of numerators and denominators."""
    return moments(y, d).ratio_summary()


def skewed(rng: np.random.Generator, units: int) -> tuple[Array, Array]:
    """Zero-inflated log-normal revenue, and the same of a pre-period, correlated at about 0.7.

    Both are what a member's lasting spending power makes of a purchase: a share of the members
    buys at all, and spends log-normally about the own level.
    """
    buys = rng.random(units) < 0.6
    power = rng.normal(3, 0.7, units)
    before = np.where(buys, np.exp(power + rng.normal(0, 0.49, units)), 0.0)
    after = np.where(buys, np.exp(power + rng.normal(0, 0.49, units)), 0.0)
    return after, before
