"""What a measured share must be, and whether it is.

A share measured over a number of runs has a Monte Carlo standard error. Whether a bar is met is
decided with three of them, so a table of a thousand rows would miss some three by chance alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

SLACK = 3.0
"""Monte Carlo standard errors that a share may lie from its target."""


class Kind(StrEnum):
    """How a share relates to its target."""

    EQUAL = "equal"  # to the target, within the slack on both sides
    AT_MOST = "at_most"  # not above the target by more than the slack
    CONSERVATIVE = "conservative"  # not above the target: declared to err on the safe side
    AT_LEAST = "at_least"  # not below the target: coverage
    SHOWN = "shown"  # no bar: shown to say what happens


class Verdict(StrEnum):
    """Whether a share meets its bar."""

    MET = "met"
    MISSED = "missed"
    SHOWN = "no bar"


@dataclass(frozen=True, slots=True)
class Bar:
    """A target for a share.

    Attributes:
        kind: How the share relates to it.
        target: The share, between 0 and 1.
    """

    kind: Kind
    target: float

    def std_error(self, runs: int) -> float:
        """Give the Monte Carlo standard error of a share that equals the target."""
        return math.sqrt(self.target * (1 - self.target) / runs)

    def verdict(self, share: float, runs: int, *, slack: float | None = None) -> Verdict:
        """Tell whether a share, measured over so many runs, meets the bar.

        Args:
            share: Measured.
            runs: Over which.
            slack: Monte Carlo standard errors that are put down to chance; by default three for
                error rates that are to be the target, and none where the target is a limit.
        """
        room = (self.slack if slack is None else slack) * self.std_error(runs)
        match self.kind:
            case Kind.EQUAL:
                met = abs(share - self.target) <= room
            case Kind.AT_MOST | Kind.CONSERVATIVE:
                met = share <= self.target + room
            case Kind.AT_LEAST:
                met = share >= self.target - room
            case Kind.SHOWN:
                return Verdict.SHOWN
        return Verdict.MET if met else Verdict.MISSED

    @property
    def slack(self) -> float:
        """Monte Carlo standard errors that the bar allows."""
        return SLACK if self.kind in {Kind.EQUAL, Kind.AT_MOST} else 0.0

    @property
    def words(self) -> str:
        """Say it in a table."""
        percent = f"{100 * self.target:.4g} %"
        match self.kind:
            case Kind.EQUAL:
                return f"{percent} ± 3 SE"
            case Kind.AT_MOST:
                return f"≤ {percent} + 3 SE"
            case Kind.CONSERVATIVE:
                return f"≤ {percent} (conservative)"
            case Kind.AT_LEAST:
                return f"≥ {percent}"
            case Kind.SHOWN:
                return "none"


NOMINAL = Bar(Kind.EQUAL, 0.05)
"""A test at 5 % is wrong in 5 % of A/A runs."""

SAFE = Bar(Kind.CONSERVATIVE, 0.05)
"""A test that is declared conservative is wrong in at most 5 %."""

NEVER_ABOVE = Bar(Kind.AT_MOST, 0.05)
"""A test that may be looked at whenever one likes is wrong in at most 5 %."""

COVERS = Bar(Kind.AT_LEAST, 0.94)
"""A 95 % interval holds the truth in at least 94 %."""

NO_BAR = Bar(Kind.SHOWN, 0.05)
"""Shown for comparison."""
