"""Faults of the facts handed over, and of the engine that reads them."""

from collections.abc import Iterable

from stats.errors.definitions import StatsError


class InvalidFacts(StatsError):
    """The facts handed over cannot be aggregated."""


class MissingRelation(InvalidFacts):
    """The plan reads a relation that was not handed over."""

    def __init__(self, relation: str, reason: str) -> None:
        """Name the relation and say what needs it."""
        self.relation = relation
        super().__init__(f"the relation {relation} is missing; {reason}")


class MissingColumn(InvalidFacts):
    """A relation lacks a column."""

    def __init__(self, relation: str, column: str, present: Iterable[str]) -> None:
        """Name the relation, the column it lacks and those it has."""
        super().__init__(
            f"the relation {relation} has no column {column!r}; it has {', '.join(present)}"
        )


class WrongColumnType(InvalidFacts):
    """A column has a type that does not convert to the documented one."""

    def __init__(self, relation: str, column: str, came: object, expected: object) -> None:
        """Name the column, its type and the type that would do."""
        super().__init__(f"{relation}.{column} is of type {came}; {expected} is needed")


class NullInColumn(InvalidFacts):
    """A column that may not be null has nulls."""

    def __init__(self, relation: str, column: str, nulls: int) -> None:
        """Name the column and count its nulls."""
        super().__init__(f"{relation}.{column} has {nulls} null values; it must have none")


class MemberInTwoUnits(InvalidFacts):
    """A member belongs to more than one randomization unit."""

    def __init__(self, members: int, example: str) -> None:
        """Count the members and name one."""
        super().__init__(
            f"{members} members belong to more than one unit, {example!r} for one; "
            "their conversions would count twice: give each member one unit"
        )


class UnitTwice(InvalidFacts):
    """A unit has two rows of attributes."""

    def __init__(self, units: int, example: str) -> None:
        """Count the units and name one."""
        super().__init__(
            f"{units} units have more than one row in the relation units, {example!r} for one; "
            "they would count in two segments: give each unit one row"
        )


class UnusableValues(InvalidFacts):
    """A column of values holds NaN, infinite or null ones."""

    def __init__(self, column: str, rows: int) -> None:
        """Name the column and count the rows."""
        super().__init__(
            f"the column {column} has {rows} rows that are NaN, infinite or null; "
            "give every unit a finite value, 0 where it did nothing"
        )


class EngineUnavailable(StatsError):
    """The engine that analyses cannot be reached, or what it needs is not installed."""

    def __init__(self, engine: str, reason: str, way_out: str) -> None:
        """Name the engine, without any password, what went wrong and the way out."""
        self.engine = engine
        super().__init__(f"the analysis engine {engine} cannot be used: {reason}; {way_out}")


class UnknownVariant(InvalidFacts):
    """No row has a variant that was named."""

    def __init__(self, variant: str, known: Iterable[str]) -> None:
        """Name the variant that came and those that the rows have."""
        self.variant = variant
        super().__init__(
            f"no unit is in the variant {variant!r}; there are {', '.join(sorted(known)) or 'none'}"
        )
