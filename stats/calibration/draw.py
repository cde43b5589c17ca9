"""A draw of two variants: what the judges of a comparison look at."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from stats.moments import Moments
    from stats.simulation.trials import Batch, TrialWorld
    from stats.summary import MeanSummary, RatioSummary


class Draw:
    """Many runs of a control and a treatment, as the summaries that inference takes.

    They are made once, when first needed, for all the judges of a study.
    """

    def __init__(self, control: Batch, treatment: Batch) -> None:
        """Take both variants, of equally many runs."""
        self.control = control
        self.treatment = treatment

    @cached_property
    def means(self) -> list[tuple[MeanSummary, MeanSummary]]:
        """The outcome of control and treatment, run by run."""
        pairs = zip(self.control.mean_summaries(), self.treatment.mean_summaries(), strict=True)
        return list(pairs)

    @cached_property
    def ratios(self) -> list[tuple[RatioSummary, RatioSummary]]:
        """Outcome over the second column, run by run."""
        pairs = zip(self.control.ratio_summaries(), self.treatment.ratio_summaries(), strict=True)
        return list(pairs)

    def moments(self, *columns: int) -> list[tuple[Moments, Moments]]:
        """Give some columns, run by run."""
        control, treatment = self.control.moments(*columns), self.treatment.moments(*columns)
        return list(zip(control, treatment, strict=True))


def drawing(
    world: TrialWorld, control: int, treatment: int, *, lift: float = 0.0
) -> Callable[[np.random.Generator, int], Draw]:
    """Give what draws a comparison.

    Args:
        world: From which.
        control: Units of the control.
        treatment: Units of the treatment.
        lift: True lift of the treatment.
    """

    def draw(rng: np.random.Generator, runs: int) -> Draw:
        return Draw(
            world.batch(rng, runs=runs, units=control),
            world.batch(rng, runs=runs, units=treatment, lift=lift),
        )

    return draw
