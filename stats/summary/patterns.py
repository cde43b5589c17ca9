"""Units counted by what was known of them beforehand, their variant and one outcome."""

from dataclasses import dataclass

from stats.errors import InvalidSummary

MISSING = "(missing)"
"""The level of a unit of which an attribute is not known."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The units that are alike in every factor.

    Attributes:
        levels: Their level of each factor.
        units: How many.
        successes: Those of them with the outcome.
    """

    levels: tuple[str, ...]
    units: int
    successes: int

    def __post_init__(self) -> None:
        """Refuse what no data can have."""
        if not 0 <= self.successes <= self.units:
            message = f"{self.successes} of {self.units} units with the outcome"
            raise InvalidSummary(message)


@dataclass(frozen=True, slots=True)
class DriverPatterns:
    """All that a regression on factors needs of the units.

    Attributes:
        outcome: Key of the metric.
        factors: Names of the factors, in the order of every pattern's levels.
        patterns: One per distinct combination of levels.
    """

    outcome: str
    factors: tuple[str, ...]
    patterns: tuple[Pattern, ...]

    def __post_init__(self) -> None:
        """Refuse patterns that do not fit the factors, and two of one kind."""
        if any(len(pattern.levels) != len(self.factors) for pattern in self.patterns):
            message = f"every pattern needs a level of {', '.join(self.factors)}"
            raise InvalidSummary(message)
        levels = [pattern.levels for pattern in self.patterns]
        if len(set(levels)) < len(levels):
            message = "two patterns have the same levels; add them up"
            raise InvalidSummary(message)

    @property
    def units(self) -> int:
        """Units in all."""
        return sum(pattern.units for pattern in self.patterns)

    @property
    def successes(self) -> int:
        """Units with the outcome."""
        return sum(pattern.successes for pattern in self.patterns)
