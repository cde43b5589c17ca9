"""A number of the scorecard beside that of the oracle."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

TOLERANCE: Final = 1e-9
"""Relative; counts and money must be equal."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One number of the scorecard and what the oracle says."""

    name: str
    scorecard: float
    oracle: float

    @property
    def off(self) -> float:
        """The relative difference; of whole numbers, infinite unless they are equal."""
        if isinstance(self.oracle, int):
            return 0.0 if self.scorecard == self.oracle else math.inf
        if self.oracle == 0:
            return 0.0 if self.scorecard == 0 else math.inf
        return abs(self.scorecard - self.oracle) / abs(self.oracle)

    @property
    def agrees(self) -> bool:
        """Whether the two are the same number."""
        return self.off <= TOLERANCE
