"""Type-I error of post-stratification: the strata differ, the variants do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge, Study, study
from stats.inference.difference import welch_difference
from stats.inference.post_stratification import post_stratified_difference, post_stratify
from stats.summary import MeanSummary

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from stats.inference.outcome import Certain, Estimate

SHARES = (0.5, 0.3, 0.15, 0.05)
RATES = (0.01, 0.05, 0.15, 0.4)
"""Of four tiers: share of the units, and chance of the outcome."""

Runs = list[list[tuple[str, MeanSummary, str]]]
"""Variant, summary and stratum, run by run."""


def _drawing(control: int, treatment: int) -> Callable[[np.random.Generator, int], Runs]:
    def draw(rng: np.random.Generator, runs: int) -> Runs:
        cells: Runs = [[] for _ in range(runs)]
        for variant, units in (("control", control), ("treatment", treatment)):
            counts = rng.multinomial(units, SHARES, size=runs)
            successes = rng.binomial(counts, RATES).tolist()
            for cell, n_by_stratum, y_by_stratum in zip(
                cells, counts.tolist(), successes, strict=True
            ):
                cell += [
                    (variant, MeanSummary.from_sums(n, y, y), str(at))
                    for at, (n, y) in enumerate(zip(n_by_stratum, y_by_stratum, strict=True))
                ]
        return cells

    return draw


def _stratified(cells: list[tuple[str, MeanSummary, str]]) -> Estimate | Certain:
    result = post_stratified_difference(
        post_stratify(cells), control="control", treatment="treatment", alpha=ALPHA
    )
    return result.difference


def _raw(cells: list[tuple[str, MeanSummary, str]]) -> Estimate | Certain:
    whole: dict[str, MeanSummary] = {}
    for variant, summary, _ in cells:
        whole[variant] = whole[variant] + summary if variant in whole else summary
    return welch_difference(whole["control"], whole["treatment"], alpha=ALPHA)


JUDGES: tuple[Judge[Runs], ...] = (
    Judge("post-stratification", lambda runs: rejecting(runs, _stratified)),
    Judge("Welch", lambda runs: rejecting(runs, _raw)),
)


def _study(key: str, words: str, control: int, treatment: int) -> Study:
    title = f"{words}; {control:,} units against {treatment:,}"
    return study(f"strata/{key}", title, _drawing(control, treatment), JUDGES)


STUDIES = (
    _study("even", "Binary in four tiers of 1 % to 40 %", 5_000, 5_000),
    _study("20-1", "20:1 split, binary in four tiers of 1 % to 40 %", 100_000, 5_000),
)
"""A split each."""
