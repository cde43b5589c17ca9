"""Faults of what people write: metrics, plans, looks, sizes, declarations."""

from collections.abc import Iterable


class StatsError(Exception):
    """Any fault that `stats` raises on purpose."""

    @property
    def sentence(self) -> str:
        """What was wrong, as it was said."""
        first = self.args[0] if self.args else ""
        return first if isinstance(first, str) else str(self)


class InvalidDefinition(StatsError):
    """A definition contradicts itself or cannot be read."""

    def __init__(self, came: object, *, field: str, expected: str) -> None:
        """Name the value that came, the field and the way out."""
        self.field = field
        self.came = came
        self.expected = expected
        super().__init__(f"{field}: {came!r} will not do; {expected}")


class InvalidMetric(InvalidDefinition):
    """A metric definition contradicts itself or cannot be read."""


class InvalidPlan(InvalidDefinition):
    """An analysis plan contradicts itself or cannot be read."""


class InvalidScorecard(InvalidDefinition):
    """A stored scorecard cannot be read."""


class InvalidLooks(StatsError):
    """The looks of a campaign contradict themselves."""

    def __init__(self, came: object, *, expected: str) -> None:
        """Name the information fractions that came and the way out."""
        super().__init__(f"looks at the information fractions {came!r} will not do; {expected}")


class InvalidSizing(StatsError):
    """A power, an effect or a size that no campaign can have."""

    def __init__(self, came: object, *, field: str, expected: str) -> None:
        """Name the quantity, the value that came and the way out."""
        self.field = field
        super().__init__(f"{field}: {came!r} will not do; {expected}")


class InvalidBucketing(InvalidDefinition):
    """A rule of slots gives a unit no variant, or two."""


class InvalidDeclaration(InvalidDefinition):
    """A declaration of relations contradicts itself or cannot be read."""


class UnknownMetric(StatsError):
    """No built-in metric has that key."""

    def __init__(self, key: str, near: Iterable[str], known: Iterable[str]) -> None:
        """Name the key that came and the nearest known ones."""
        self.key = key
        self.near = tuple(near)
        self.known = tuple(known)
        hint = f"did you mean {' or '.join(self.near)}?" if self.near else "it resembles none."
        super().__init__(
            f"no built-in metric is called {key!r}; {hint} Known: {', '.join(self.known)}"
        )


class InvalidSimulation(StatsError):
    """A simulated world or campaign contradicts itself."""

    def __init__(self, field: str, *, came: object, wanted: str) -> None:
        """Name the field, the value that came and the one that would do."""
        super().__init__(f"{field}: {came!r} will not do; {wanted}")
