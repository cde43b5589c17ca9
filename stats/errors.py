"""The tree of faults of `stats`.

::

    StatsError
    ├── InvalidDefinition      a metric or a plan that contradicts itself or cannot be read
    │   ├── InvalidMetric
    │   ├── InvalidPlan
    │   ├── InvalidScorecard
    │   ├── InvalidBucketing
    │   └── InvalidDeclaration
    ├── InvalidLooks           information fractions that no campaign can have
    ├── InvalidSizing          a power, effect or size that no campaign can have
    ├── UnknownMetric          no built-in metric of that key
    ├── InvalidSimulation      a simulated world or campaign that cannot be made
    ├── InvalidFacts           the facts handed over cannot be aggregated
    │   ├── MissingRelation
    │   ├── MissingColumn
    │   ├── WrongColumnType
    │   ├── NullInColumn
    │   ├── MemberInTwoUnits
    │   ├── UnitTwice
    │   ├── UnusableValues
    │   └── UnknownVariant
    ├── EngineUnavailable      the engine that analyses cannot be reached, or is not installed
    ├── InvalidMargin          a margin that is not a share above 0
    ├── InvalidPValue          several p-values that cannot be corrected together
    ├── NonFiniteValue         NaN or infinity where a number is needed
    ├── InvalidSummary         sufficient statistics that no data can have
    └── CannotEstimate         the data are sound, the estimate does not exist; carries a status
        ├── TooFewUnits
        ├── TooFewNonzero
        ├── TooManyUnits
        ├── NoVariance
        ├── ZeroBaseline
        ├── BaselineNearZero
        ├── NotPositive
        ├── ZeroDenominator
        ├── FullLeverage
        ├── SmallStratum
        ├── TooFewCells
        ├── QuantileOnTie
        ├── NoEvents
        ├── MedianNotReached
        ├── FollowUpTooShort
        └── NotIdentified

What was wrong, what came and what would do stand in the message.
"""

from collections.abc import Iterable
from enum import StrEnum


class StatsError(Exception):
    """Any fault that `stats` raises on purpose."""


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


class UndefinedStatus(StrEnum):
    """Why an estimate does not exist."""

    NO_UNITS = "no_units"
    TOO_FEW_UNITS = "too_few_units"
    TOO_MANY_UNITS = "too_many_units"
    NO_VARIANCE = "no_variance"
    ZERO_BASELINE = "zero_baseline"
    BASELINE_NEAR_ZERO = "baseline_near_zero"
    NOT_POSITIVE = "not_positive"
    ZERO_DENOMINATOR = "zero_denominator"
    FULL_LEVERAGE = "full_leverage"
    SMALL_STRATUM = "small_stratum"
    TOO_FEW_CELLS = "too_few_cells"
    QUANTILE_ON_TIE = "quantile_on_tie"
    NO_EVENTS = "no_events"
    MEDIAN_NOT_REACHED = "median_not_reached"
    FOLLOW_UP_TOO_SHORT = "follow_up_too_short"
    NOT_IDENTIFIED = "not_identified"


class CannotEstimate(StatsError):
    """The data are sound, but the estimate does not exist."""

    status: UndefinedStatus


class TooFewUnits(CannotEstimate):
    """A variant has too few units for the estimate."""

    def __init__(self, units: int, needed: int) -> None:
        """Say how many units there are and how many are needed."""
        self.status = UndefinedStatus.NO_UNITS if units == 0 else UndefinedStatus.TOO_FEW_UNITS
        noun = "unit" if units == 1 else "units"
        super().__init__(f"A variant has {units} {noun}; at least {needed} are needed.")


class TooFewNonzero(CannotEstimate):
    """Too few units have a value other than 0 for a normal error to mean anything."""

    status = UndefinedStatus.TOO_FEW_UNITS

    def __init__(self, expected: float, needed: int) -> None:
        """Say how many there are and how many are needed."""
        super().__init__(
            "In proportion, the smaller variant has "
            f"{expected:.1f} of the units whose value is not 0; at least {needed} are needed."
        )


class TooManyUnits(CannotEstimate):
    """There are too many units for an exact computation."""

    status = UndefinedStatus.TOO_MANY_UNITS

    def __init__(self, units: int, limit: int) -> None:
        """Say how many units there are and where the limit is."""
        super().__init__(
            f"{units} units together; an exact test is made below {limit}, beyond which the test "
            "of the difference is as good."
        )


class NoVariance(CannotEstimate):
    """Every unit has the same value, so no error can be estimated."""

    status = UndefinedStatus.NO_VARIANCE


class ZeroBaseline(CannotEstimate):
    """The control's value is zero, so nothing can be divided by it."""

    status = UndefinedStatus.ZERO_BASELINE

    def __init__(self) -> None:
        """State it."""
        super().__init__("The control's value is 0, so a lift over it is undefined.")


class BaselineNearZero(CannotEstimate):
    """The control's interval includes zero, so the lift is unbounded."""

    status = UndefinedStatus.BASELINE_NEAR_ZERO

    def __init__(self) -> None:
        """State it."""
        super().__init__(
            "The control's value cannot be told from 0, so a lift over it has no bounds."
        )


class NotPositive(CannotEstimate):
    """A value has no logarithm, so a lift has no interval by the log method."""

    status = UndefinedStatus.NOT_POSITIVE

    def __init__(self, value: float) -> None:
        """Name the value and the way out."""
        super().__init__(
            f"A variant's value is {value:g}; the log method needs values that are clearly above "
            "0. Fieller's method needs no such thing."
        )


class ZeroDenominator(CannotEstimate):
    """The denominator of a ratio metric totals zero."""

    status = UndefinedStatus.ZERO_DENOMINATOR

    def __init__(self) -> None:
        """State it."""
        super().__init__("The denominator totals 0 in a variant, so its ratio is undefined.")


class FullLeverage(CannotEstimate):
    """One unit alone decides a regression weight, so its own error cannot be seen."""

    status = UndefinedStatus.FULL_LEVERAGE

    def __init__(self) -> None:
        """State it."""
        super().__init__(
            "One unit alone decides the weight of a covariate, so its residual is 0 whatever it "
            "did, and HC2 has no error for it."
        )


class SmallStratum(CannotEstimate):
    """A stratum has too few units of a variant to compare the variants within it."""

    status = UndefinedStatus.SMALL_STRATUM

    def __init__(self, stratum: str, variant: str, units: int, needed: int) -> None:
        """Name the stratum, the variant and what it has."""
        super().__init__(
            f"The stratum {stratum} has {units} units of variant {variant}; at least {needed} are "
            "needed in every variant: merge small strata, or leave the strata out."
        )


class TooFewCells(CannotEstimate):
    """Too few cells have an effect that could be compared with the others."""

    status = UndefinedStatus.TOO_FEW_CELLS

    def __init__(self, cells: int, needed: int) -> None:
        """Say how many there are and how many are needed."""
        super().__init__(
            f"The effect could be estimated in {cells} of the cells; at least {needed} are needed "
            "to compare effects with one another."
        )


class QuantileOnTie(CannotEstimate):
    """A quantile sits on a value that many share, so its error cannot be told from spacings."""

    status = UndefinedStatus.QUANTILE_ON_TIE

    def __init__(self, value: float, share: float) -> None:
        """Name the value and the share of values that equal it."""
        super().__init__(
            f"The quantile sits on the value {value:g}, which {share:.0%} of the values share: "
            "there is no spacing around it to judge a difference by. Compare the shares of units "
            "above a threshold, or take a higher quantile."
        )


class NoEvents(CannotEstimate):
    """A variant has no event, so its hazard cannot be compared."""

    status = UndefinedStatus.NO_EVENTS

    def __init__(self, where: str) -> None:
        """Say where there is none."""
        super().__init__(f"No unit {where} has had the event yet, so there is nothing to compare.")


class MedianNotReached(CannotEstimate):
    """Fewer than half of the units are estimated to have had the event."""

    status = UndefinedStatus.MEDIAN_NOT_REACHED

    def __init__(self, day: float, survival: float) -> None:
        """Say how far the curve came down, and by when."""
        super().__init__(
            f"The median is beyond day {day:g}: {survival:.1%} are still without the event then."
        )


class FollowUpTooShort(CannotEstimate):
    """No unit has been watched for as long as the estimate reaches."""

    status = UndefinedStatus.FOLLOW_UP_TOO_SHORT

    def __init__(self, needed: float, watched: float) -> None:
        """Give the days needed and the days watched."""
        super().__init__(
            f"A variant has been watched for {watched:.4g} days at most; the mean up to day "
            f"{needed:g} needs a unit watched until then."
        )


class NotIdentified(CannotEstimate):
    """The data cannot tell a coefficient: columns that repeat each other, or a perfect forecast."""

    status = UndefinedStatus.NOT_IDENTIFIED
