"""Sums of units: everything that means, ratios and shares are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


class Sums(NamedTuple):
    """Of some columns over n units: their totals, and sums of products about the means."""

    n: int
    totals: np.ndarray
    centred: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The means; not to be asked without units."""
        return self.totals / self.n


NOTHING = Sums(0, np.zeros(9), np.zeros((9, 9)))


def sums_of(frame: pd.DataFrame, columns: list[str]) -> Sums:
    """Sum up the columns of a frame, a row per unit."""
    values = frame[columns].to_numpy(dtype=float)
    if not len(values):
        k = len(columns)
        return Sums(0, np.zeros(k), np.zeros((k, k)))
    about = values - values.mean(axis=0)
    return Sums(len(values), values.sum(axis=0), about.T @ about)


def together(parts: list[Sums]) -> Sums:
    """Add up the sums of disjoint units (Chan, Golub and LeVeque)."""
    known = [one for one in parts if one.n]
    if not known:
        return parts[0] if parts else NOTHING
    total = known[0]
    for one in known[1:]:
        n = total.n + one.n
        gap = one.mean - total.mean
        spread = total.centred + one.centred + np.outer(gap, gap) * total.n * one.n / n
        total = Sums(n, total.totals + one.totals, spread)
    return total


class Counts(NamedTuple):
    """Of a metric in a variant."""

    units: int
    nonzero: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    capped_units: int | None = None


class Table(NamedTuple):
    """The sums of every metric, and what is counted beside them.

    `sums` by metric (also `money`, `<metric>/capped`, `<metric>@<days>`), slice (`all`, `day`, or a
    segment), value of the slice, and variant. `withheld` says, by `<metric>/<slice>`, how many
    values are not here, as too few members have them.
    """

    sums: dict[tuple[str, str, str | None, str], Sums]
    counts: dict[tuple[str, str], Counts]
    units: dict[str, int]
    caps: dict[str, float]
    withheld: dict[str, int]

    def of(self, metric: str, variant: str) -> Sums:
        """Give the sums of a variant."""
        return self.sums.get((metric, "all", None, variant), NOTHING)

    def slices(self, metric: str, by: str) -> dict[str | None, dict[str, Sums]]:
        """Give the sums of every value of a slice, by variant."""
        found: dict[str | None, dict[str, Sums]] = {}
        for (name, sliced, value, variant), sums in self.sums.items():
            if (name, sliced) == (metric, by) and sums.n:
                found.setdefault(value, {})[variant] = sums
        return found
