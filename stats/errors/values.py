"""Faults of numbers that nothing can be computed from."""

from stats.errors.definitions import StatsError


class NonFiniteValue(StatsError):
    """A number is NaN or infinite."""

    def __init__(self, name: str, value: float) -> None:
        """Name the quantity and its value."""
        super().__init__(f"{name} is {value}; a finite number is needed")


class InvalidMargin(StatsError):
    """A margin is not a share above 0."""

    def __init__(self, came: object) -> None:
        """Name the margin that came and the way out."""
        super().__init__(f"margin {came!r} will not do; give a share above 0, such as 0.02")


class InvalidPValue(StatsError):
    """A p-value among several is missing or no probability, so none of them is corrected."""

    def __init__(self, came: object, place: int) -> None:
        """Name the value that came, its place from 0, and the way out."""
        super().__init__(
            f"p-value {place} is {came!r}; a number from 0 to 1 is needed. Leave out what was not "
            "tested, and count it in the size of the family."
        )


class InvalidSummary(StatsError):
    """Sufficient statistics that no data can have."""
