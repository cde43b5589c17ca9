"""Type-I error of several tests together: treatments, segments, cohorts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from stats.calibration.bar import NO_BAR, NOMINAL, SAFE
from stats.calibration.judges import ALPHA
from stats.calibration.study import Judge, Study, study
from stats.errors import CannotEstimate
from stats.inference.cell_effect import EffectScale, cell_effects
from stats.inference.difference import welch_difference
from stats.inference.effect_over_time import effects_by_cohort, novelty_slope
from stats.inference.interaction import interaction
from stats.inference.multiplicity import Correction, adjust
from stats.inference.outcome import Estimate
from stats.simulation.trials import BINARY, NOVELTY, REVENUE
from stats.summary import MeanSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from stats.simulation.trials import TrialWorld

UNITS = 5_000
TREATMENTS = 3
SEGMENTS = 4
COHORTS = 14
FIRST_DAY = date(2026, 1, 5)

Cells = list[list[tuple[str, MeanSummary, int]]]
"""Variant, summary and number of the cell, run by run."""

CAUTIOUS = (
    "declared conservative: by the delta method the error of a lift grows with the lift, so that "
    "large lifts weigh less; the default scale is the difference"
)
SAME_WINDOW = (
    "each cohort is seen on the same day of its own, so that an effect which wears off within a "
    "unit is one effect in all cohorts"
)
ON_DAY = 3
HALVING = 0.2

CORRECTION_NAMES = {
    Correction.HOLM: "Holm",
    Correction.HOCHBERG: "Hochberg",
    Correction.BONFERRONI: "Bonferroni",
    Correction.BENJAMINI_HOCHBERG: "Benjamini-Hochberg",
    Correction.NONE: "not corrected",
}
"""Corrections in words."""


def _treatments(rng: np.random.Generator, runs: int) -> list[list[float]]:
    """Draw the p-values of three treatments against one control, run by run."""
    variants = [
        REVENUE.batch(rng, runs=runs, units=UNITS).mean_summaries() for _ in range(1 + TREATMENTS)
    ]
    control, *treatments = variants
    found = []
    for run in range(runs):
        results = [welch_difference(control[run], t[run], alpha=ALPHA) for t in treatments]
        found.append([result.p_value for result in results if isinstance(result, Estimate)])
    return found


def _corrected(correction: Correction) -> Judge[list[list[float]]]:
    def decide(runs: list[list[float]]) -> Iterator[bool]:
        for p_values in runs:
            adjusted = adjust(p_values, alpha=ALPHA, correction=correction)
            yield any(one.significant for one in adjusted)

    if correction is Correction.NONE:
        remark = "no valid use: what several treatments cost without a correction"
        return Judge(CORRECTION_NAMES[correction], decide, NO_BAR, remark)
    return Judge(CORRECTION_NAMES[correction], decide, SAFE)


def _cells(
    world: TrialWorld, cells: int, units: int
) -> Callable[[np.random.Generator, int], Cells]:
    """Give what draws cells of both variants, all under one law."""

    def draw(rng: np.random.Generator, runs: int) -> Cells:
        drawn = [
            (variant, world.batch(rng, runs=runs, units=units).mean_summaries(), cell)
            for cell in range(cells)
            for variant in ("control", "treatment")
        ]
        return [
            [(variant, summaries[run], cell) for variant, summaries, cell in drawn]
            for run in range(runs)
        ]

    return draw


def _interaction(scale: EffectScale) -> Judge[Cells]:
    def decide(runs: Cells) -> Iterator[bool | None]:
        for cells in runs:
            effects = cell_effects(
                cells, control="control", treatment="treatment", alpha=ALPHA, scale=scale
            )
            try:
                yield interaction(effects).p_value < ALPHA
            except CannotEstimate:
                yield None

    if scale is EffectScale.LIFT:
        return Judge(f"Cochran's Q, {scale}", decide, SAFE, CAUTIOUS)
    return Judge(f"Cochran's Q, {scale}", decide)


def _slope(runs: Cells) -> Iterator[bool | None]:
    for cells in runs:
        dated = [
            (variant, summary, FIRST_DAY + timedelta(days=cell)) for variant, summary, cell in cells
        ]
        effects = effects_by_cohort(dated, control="control", treatment="treatment", alpha=ALPHA)
        try:
            yield novelty_slope(effects, alpha=ALPHA).p_value < ALPHA
        except CannotEstimate:
            yield None


SLOPE: Judge[Cells] = Judge("slope of the effect over cohorts", _slope, NOMINAL)


def _wearing_off(rng: np.random.Generator, runs: int) -> Cells:
    """Draw cohorts on the same day of their membership, when part of an effect has worn off."""
    drawn = [
        (variant, batch.day(ON_DAY).mean_summaries(), cohort)
        for cohort in range(COHORTS)
        for variant, lift in (("control", 0.0), ("treatment", HALVING))
        for batch in (NOVELTY.batch(rng, runs=runs, units=UNITS, lift=lift),)
    ]
    return [[(variant, found[run], at) for variant, found, at in drawn] for run in range(runs)]


def _in_cells(world: TrialWorld, words: str) -> tuple[Study, Study]:
    by_segment = [_interaction(EffectScale.DIFFERENCE), _interaction(EffectScale.LIFT)]
    segments = study(
        f"families/segments/{world.key}",
        f"{words}; {SEGMENTS} segments of {UNITS:,} units a variant, one effect in all",
        _cells(world, SEGMENTS, UNITS),
        by_segment,
    )
    cohorts = study(
        f"families/cohorts/{world.key}",
        f"{words}; {COHORTS} daily cohorts of {UNITS:,} units a variant, one effect in all",
        _cells(world, COHORTS, UNITS),
        [SLOPE],
    )
    return segments, cohorts


STUDIES = (
    study(
        "families/treatments",
        f"Skewed revenue; {TREATMENTS} treatments and a control of {UNITS:,} units each",
        _treatments,
        [_corrected(correction) for correction in CORRECTION_NAMES],
    ),
    *_in_cells(REVENUE, "Skewed revenue"),
    *_in_cells(BINARY, "Binary, 1 %"),
    study(
        "families/cohorts/novelty",
        f"Active on day {ON_DAY}, an effect that wears off with the days of a unit; {COHORTS} "
        f"daily cohorts of {UNITS:,} units a variant",
        _wearing_off,
        [replace(SLOPE, remark=SAME_WINDOW)],
    ),
)
"""A family each."""
