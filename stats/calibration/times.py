"""Type-I error of the methods for times to an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.judges import ALPHA, rejecting
from stats.calibration.study import Judge, Study, study
from stats.inference.cox import Ties, hazard_ratios
from stats.inference.restricted_mean import restricted_mean_difference
from stats.inference.survival import log_rank
from stats.simulation.trials import LIFETIMES
from stats.summary import SurvivalSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from stats.inference.outcome import Certain, Estimate
    from stats.simulation.trials import LifetimesBatch

HORIZON = 30
"""Days up to which the restricted mean counts: all units are watched for as long."""

Times = list[tuple[SurvivalSummary, SurvivalSummary]]
"""Control and treatment, run by run."""


def summaries(batch: LifetimesBatch) -> list[SurvivalSummary]:
    """Give every run of life tables as a summary, a step a day."""
    days = tuple(range(1, batch.lapsed.shape[1] + 1))
    return [
        SurvivalSummary(1, days, tuple(lapsed), tuple(left))
        for lapsed, left in zip(batch.lapsed.tolist(), batch.left.tolist(), strict=True)
    ]


def _drawing(control: int, treatment: int) -> Callable[[np.random.Generator, int], Times]:
    def draw(rng: np.random.Generator, runs: int) -> Times:
        return list(
            zip(
                summaries(LIFETIMES.batch(rng, runs=runs, units=control)),
                summaries(LIFETIMES.batch(rng, runs=runs, units=treatment)),
                strict=True,
            )
        )

    return draw


def _log_rank(runs: Times) -> Iterator[bool]:
    for control, treatment in runs:
        yield log_rank({"control": control, "treatment": treatment}).p_value < ALPHA


def _restricted_mean(pair: tuple[SurvivalSummary, SurvivalSummary]) -> Estimate | Certain:
    return restricted_mean_difference(*pair, until_day=HORIZON, alpha=ALPHA)


def _cox(name: str, ties: Ties) -> Judge[Times]:
    def decide(runs: Times) -> Iterator[bool]:
        for control, treatment in runs:
            (ratio,) = hazard_ratios(control, {"treatment": treatment}, alpha=ALPHA, ties=ties)
            yield ratio.p_value < ALPHA

    return Judge(f"hazard ratio, Cox ({name} ties)", decide)


JUDGES: tuple[Judge[Times], ...] = (
    Judge("log-rank", _log_rank),
    Judge(f"restricted mean until day {HORIZON}", lambda runs: rejecting(runs, _restricted_mean)),
)


def _study(key: str, words: str, units: tuple[int, int], cox: Judge[Times]) -> Study:
    title = f"{words}; {units[0]:,} units against {units[1]:,}"
    return study(f"times/{key}", title, _drawing(*units), (*JUDGES, cox))


STUDIES = (
    _study(
        "even", "Days until a member lapses", (5_000, 5_000), _cox("Efron", Ties.EFRON)
    ),
    _study(
        "20-1", "20:1 split, days until a member lapses", (100_000, 5_000),
        _cox("Breslow", Ties.BRESLOW),
    ),
)  # fmt: skip
"""A split each."""
