"""Type-I error of the method that needs every unit: Lin's regression with HC2 errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge, Study, study
from stats.inference.adjustment import adjusted_difference
from stats.inference.regression_adjustment import UnitRows, lin_hc2
from stats.simulation.trials import REVENUE

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from stats.inference.outcome import Certain, Estimate

Runs = list[tuple[UnitRows, UnitRows]]
"""Control and treatment, run by run."""


def _drawing(control: int, treatment: int) -> Callable[[np.random.Generator, int], Runs]:
    def rows(rng: np.random.Generator, units: int) -> UnitRows:
        values = REVENUE.values(rng, units=units)
        return UnitRows(values[:, 0], values[:, 1:])

    def draw(rng: np.random.Generator, runs: int) -> Runs:
        return [(rows(rng, control), rows(rng, treatment)) for _ in range(runs)]

    return draw


def _lin(pair: tuple[UnitRows, UnitRows]) -> Estimate | Certain:
    variants = [("control", pair[0]), ("treatment", pair[1])]
    adjustment = lin_hc2(variants, covariates=["revenue before"])
    return adjusted_difference(adjustment, control="control", treatment="treatment", alpha=ALPHA)


JUDGES: tuple[Judge[Runs], ...] = (
    Judge("Lin, HC2 from unit rows", lambda runs: rejecting(runs, _lin)),
)


def _study(key: str, words: str, control: int, treatment: int, runs: int) -> Study:
    title = f"{words}, unit by unit; {control:,} units against {treatment:,}"
    draw = _drawing(control, treatment)
    return study(f"unit-rows/{key}", title, draw, JUDGES, runs=runs, chunk=125)


STUDIES = (_study("revenue", "Skewed revenue", 5_000, 5_000, 20_000),)
"""One alone: rows are slow to draw."""

FEWER_RUNS = (_study("20-1", "20:1 split, skewed revenue", 100_000, 5_000, 500),)
"""So slow that runs are few."""
