"""Boundaries of planned looks: alpha spent over looks, by integrating over all paths."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, stats

if TYPE_CHECKING:
    from collections.abc import Sequence

CEILING = 8.0  # no boundary is higher
SMALLEST_STEP = 1e-4  # a look that adds less information tests nothing


def spent(fraction: float, alpha: float, spending: str) -> float:
    """Give how much of alpha is spent by a share of the information (Lan and DeMets)."""
    if fraction >= 1:
        return alpha
    if spending == "obrien_fleming":
        return 4 * float(stats.norm.sf(stats.norm.isf(alpha / 4) / math.sqrt(fraction)))
    return alpha * math.log1p((math.e - 1) * fraction)


def boundaries(
    fractions: Sequence[float], alpha: float, spending: str, *, final: bool
) -> list[float]:
    """Give the z that an effect must reach at every look.

    The density of the paths that have crossed no boundary yet is carried from look to look on a
    grid (Armitage, McPherson and Rowe, 1969); at each look z is where what is to be spent crosses.
    """
    grid, density, time, used, found = np.zeros(1), np.ones(1), 0.0, 0.0, []
    for place, fraction in enumerate(fractions):
        last = final and place == len(fractions) - 1
        step = fraction - time
        if step < SMALLEST_STEP and place and not last:
            found.append(CEILING)
            continue
        goal = (alpha if last else spent(fraction, alpha, spending)) - used
        z = _crossing(grid, density, math.sqrt(fraction), math.sqrt(step), goal)
        used += _tails(z, grid, density, math.sqrt(fraction), math.sqrt(step))
        found.append(z)
        if place + 1 < len(fractions):
            ahead = math.sqrt(max(fractions[place + 1] - fraction, 1e-6))
            grid, density = _carried(grid, density, z * math.sqrt(fraction), math.sqrt(step), ahead)
            time = fraction
    return found


def _tails(z: float, grid: np.ndarray, density: np.ndarray, root: float, sd: float) -> float:
    """Give the chance to cross z on either side, for the first time."""
    edge = z * root
    both = stats.norm.sf((edge - grid) / sd) + stats.norm.cdf((-edge - grid) / sd)
    return float(density @ both)


def _crossing(grid: np.ndarray, density: np.ndarray, root: float, sd: float, goal: float) -> float:
    if goal <= max(_tails(CEILING, grid, density, root, sd), 1e-14):
        return CEILING

    def gap(z: float) -> float:
        return math.log(_tails(z, grid, density, root, sd) / goal)

    return CEILING if gap(0.0) <= 0 else float(optimize.brentq(gap, 0.0, CEILING, xtol=1e-13))


def _carried(
    grid: np.ndarray, density: np.ndarray, edge: float, sd: float, ahead: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give the paths that stay within the edges, as weights on a new grid."""
    panels = max(8, math.ceil(2 * edge / min(sd, ahead)))
    nodes, weights = np.polynomial.legendre.leggauss(20)
    ends = np.linspace(-edge, edge, panels + 1)
    half = np.diff(ends)[:, None] / 2
    points = (ends[:-1, None] + half * (1 + nodes)).ravel()
    kernel = stats.norm.pdf((points[:, None] - grid) / sd) / sd
    return points, (kernel @ density) * (half * weights).ravel()
