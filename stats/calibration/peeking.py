"""Peeking: how often a test is ever significant when one looks every day, under A/A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.bar import NO_BAR
from stats.calibration.judges import ALPHA
from stats.calibration.study import Judge, Study, study
from stats.inference.difference import welch_difference
from stats.inference.outcome import Estimate
from stats.simulation.trials import REVENUE, accrued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from stats.simulation.trials import TrialWorld

DAILY = 500
"""Units that enter each variant between two looks."""

Looks = list[list[Estimate]]
"""The fixed-horizon estimate at each look, run by run."""


def looking(world: TrialWorld, looks: int) -> Callable[[np.random.Generator, int], Looks]:
    """Give what draws runs that are looked at again and again."""

    def draw(rng: np.random.Generator, runs: int) -> Looks:
        control, treatment = (
            [
                batch.mean_summaries()
                for batch in accrued(
                    [world.batch(rng, runs=runs, units=DAILY) for _ in range(looks)]
                )
            ]
            for _ in range(2)
        )
        return [
            [
                estimate
                for c, t in zip(control, treatment, strict=True)
                if isinstance(estimate := welch_difference(c[run], t[run], alpha=ALPHA), Estimate)
            ]
            for run in range(runs)
        ]

    return draw


def _ever(runs: Looks) -> Iterator[bool]:
    for looks in runs:
        yield any(estimate.p_value < ALPHA for estimate in looks)


def _last(runs: Looks) -> Iterator[bool]:
    for looks in runs:
        yield looks[-1].p_value < ALPHA


def _peeking(looks: int) -> Study:
    judges: list[Judge[Looks]] = [
        Judge("Welch at the planned end alone", _last),
        Judge("Welch at every look", _ever, NO_BAR, "not a valid use: shown for what it costs"),
    ]
    title = f"{looks} looks, {DAILY:,} further units a variant before each; skewed revenue"
    return study(f"peeking/{looks}", title, looking(REVENUE, looks), judges, chunk=500)


STUDIES = tuple(_peeking(looks) for looks in (14, 28))
"""A number of looks each."""
