"""What every statistical world offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from stats.simulation.trials.batch import Batch, Floats


class TrialWorld(Protocol):
    """A law from which the units of a variant are drawn, independently of each other.

    A lift is relative: 0.1 raises the mean of the outcome (column 0) by a tenth. It never touches
    a covariate.
    """

    @property
    def key(self) -> str:
        """Its name in tables and files."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """What the values of a unit mean; the outcome first."""
        ...

    def means(self, lift: float = 0.0) -> tuple[float, ...]:
        """Give the true mean of every column."""
        ...

    def std_dev(self, lift: float = 0.0) -> float:
        """Give the true standard deviation of the outcome."""
        ...

    def batch(self, rng: np.random.Generator, *, runs: int, units: int, lift: float = 0.0) -> Batch:
        """Draw many runs of one variant, and keep their sums."""
        ...

    def values(self, rng: np.random.Generator, *, units: int, lift: float = 0.0) -> Floats:
        """Draw one run of one variant, units by columns."""
        ...
