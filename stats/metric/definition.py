"""What a metric is, as data.

A definition says which events of a unit count, how, and in which window after its first exposure.
It knows no campaign and no engine: `stats.aggregation` turns it into SQL, a campaign refers to it
by key, and a campaign document may carry its own as JSON (`MetricDefinition.from_json`).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import ClassVar, Literal, Self, assert_never

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidMetric

KEY = re.compile(r"[a-z][a-z0-9_]{0,127}")
LONGEST_WINDOW_DAYS = 3660


class MetricKind(StrEnum):
    """How a unit's events become the metric."""

    PROPORTION = "proportion"  # 1 if the unit's numerator is above 0, else 0; mean over units
    MEAN = "mean"  # the unit's numerator; mean over units
    RATIO = "ratio"  # total of numerators over total of denominators
    QUANTILE = "quantile"  # the value that this share of the numerators does not exceed
    SURVIVAL = "survival"  # days to the first of the numerator's events, censored

    @property
    def is_summed(self) -> bool:
        """Whether sums over units are all that its inference needs."""
        match self:
            case MetricKind.PROPORTION | MetricKind.MEAN | MetricKind.RATIO:
                return True
            case MetricKind.QUANTILE | MetricKind.SURVIVAL:
                return False
            case _:
                assert_never(self)


class Aggregate(StrEnum):
    """What a term adds up over a unit's events."""

    COUNT = "count"
    AMOUNT = "amount"  # money in minor units
    ACTIVE_DAYS = "active_days"  # distinct calendar days in the programme's time zone


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"


class MetricUnit(StrEnum):
    """What one unit of the metric's value is."""

    SHARE = "share"
    COUNT = "count"
    MONEY = "money"  # minor units per randomization unit
    MONEY_PER_ORDER = "money_per_order"  # minor units per order
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Condition:
    """An event counts only if this property of it is one of these strings."""

    property: str
    values: tuple[str, ...]
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse a condition that nothing can meet."""
        if not self.property:
            raise InvalidMetric(
                self.property, field="where.property", expected="name a property of the event"
            )
        if not self.values:
            raise InvalidMetric(
                self.values, field="where.values", expected="list at least one value"
            )


@dataclass(frozen=True, slots=True)
class Term:
    """Events of a unit, added up with a sign."""

    events: tuple[str, ...]
    aggregate: Aggregate = Aggregate.COUNT
    sign: Literal[1, -1] = 1
    where: tuple[Condition, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse a term that reads no event."""
        if not self.events or not all(self.events):
            raise InvalidMetric(
                self.events, field="term.events", expected="name at least one event"
            )
        if self.sign not in (1, -1):
            raise InvalidMetric(
                self.sign, field="term.sign", expected="use 1 to add, -1 to subtract"
            )


@dataclass(frozen=True, slots=True)
class Window:
    """The time after first exposure in which events count: start ≤ elapsed < end.

    A day is 24 hours from the unit's own first exposure, not a calendar day. The days are counted
    from 0, so that "days 30 to 36" of a retention metric is 30 ≤ elapsed < 36: day 36 is out.
    """

    end_days: int
    start_days: int = 0
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse an empty window, one before exposure, and one that never closes."""
        if self.start_days < 0:
            raise InvalidMetric(
                self.start_days, field="window.start_days", expected="use 0 or more days"
            )
        if not self.start_days < self.end_days <= LONGEST_WINDOW_DAYS:
            way_out = f"use more than {self.start_days} and at most {LONGEST_WINDOW_DAYS} days"
            raise InvalidMetric(self.end_days, field="window.end_days", expected=way_out)


@dataclass(frozen=True, slots=True)
class MetricDefinition:
    """One metric.

    Attributes:
        key: Its name in plans and scorecards.
        name: Its name for readers, in English.
        description: One sentence that says what it is.
        kind: How a unit's events become the metric.
        numerator: Signed terms, added up per unit.
        denominator: The same, of a ratio metric; empty for other kinds.
        unit: What one unit of its value is.
        direction: Which way is better.
        window: The default window, which a plan may replace.
        absence: A proportion that counts the units whose numerator is *not* above 0 (churn).
        quantile: Of a quantile metric: the share of values that lie at or below it, such as 0.9.
    """

    key: str
    name: str
    description: str
    kind: MetricKind
    numerator: tuple[Term, ...]
    unit: MetricUnit
    direction: Direction
    window: Window
    denominator: tuple[Term, ...] = ()
    absence: bool = False
    quantile: Decimal | None = None
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    def __post_init__(self) -> None:
        """Refuse a definition that contradicts itself."""
        if not KEY.fullmatch(self.key):
            raise InvalidMetric(
                self.key,
                field="key",
                expected="use a to z, 0 to 9 and _, a letter first, at most 128 long",
            )
        if not self.description:
            raise InvalidMetric(
                self.description, field="description", expected="say in one sentence what it is"
            )
        if not self.numerator:
            raise InvalidMetric(
                self.numerator, field="numerator", expected="give at least one term"
            )
        signs = [term.sign for term in self.numerator]
        if 1 not in signs:
            raise InvalidMetric(signs, field="numerator.sign", expected="give a term with sign 1")
        if (self.kind is MetricKind.RATIO) != bool(self.denominator):
            way_out = "give one to a ratio metric, and to no other kind"
            raise InvalidMetric(self.denominator, field="denominator", expected=way_out)
        if self.absence and self.kind is not MetricKind.PROPORTION:
            raise InvalidMetric(
                self.absence, field="absence", expected="only a proportion can count absence"
            )
        if (self.unit is MetricUnit.SHARE) != self._is_share():
            way_out = "a proportion, or a ratio of like to like, is a share; nothing else is"
            raise InvalidMetric(self.unit.value, field="unit", expected=way_out)
        self._check_quantile()
        if self.kind is MetricKind.SURVIVAL:
            self._check_survival()

    def _check_quantile(self) -> None:
        share = self.quantile
        if (self.kind is MetricKind.QUANTILE) != (share is not None):
            way_out = "give one to a quantile metric, and to no other kind"
            raise InvalidMetric(share, field="quantile", expected=way_out)
        if share is not None and not (share.is_finite() and 0 < share < 1):
            way_out = "give a share strictly between 0 and 1, such as 0.9"
            raise InvalidMetric(share, field="quantile", expected=way_out)
        aggregates = [term.aggregate for term in self.numerator]
        if self.is_per_event and aggregates != [Aggregate.AMOUNT]:
            way_out = "a quantile over orders reads the amounts of one term"
            raise InvalidMetric(aggregates, field="numerator", expected=way_out)

    def _check_survival(self) -> None:
        if self.unit is not MetricUnit.DAYS:
            way_out = "a survival metric is in days"
            raise InvalidMetric(self.unit.value, field="unit", expected=way_out)
        if self.window.start_days != 0:
            way_out = "the clock of a survival metric starts at first exposure: use 0"
            raise InvalidMetric(self.window.start_days, field="window.start_days", expected=way_out)
        if any(t.sign < 0 or t.aggregate is not Aggregate.COUNT for t in self.numerator):
            way_out = "a survival metric names events: use aggregate count and sign 1"
            raise InvalidMetric(
                [(t.aggregate.value, t.sign) for t in self.numerator],
                field="numerator",
                expected=way_out,
            )

    def _is_share(self) -> bool:
        if self.kind is not MetricKind.RATIO:
            return self.kind is MetricKind.PROPORTION
        return {term.aggregate for term in self.numerator} == {
            term.aggregate for term in self.denominator
        }

    @property
    def terms(self) -> tuple[Term, ...]:
        """Numerator terms, then denominator terms."""
        return self.numerator + self.denominator

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events it reads, sorted."""
        return tuple(sorted({event for term in self.terms for event in term.events}))

    @property
    def is_per_event(self) -> bool:
        """Whether the values are those of single events (orders), several of one unit."""
        return self.kind is MetricKind.QUANTILE and self.unit is MetricUnit.MONEY_PER_ORDER

    @property
    def is_money(self) -> bool:
        """Whether its value is in minor units of the currency."""
        return self.unit in (MetricUnit.MONEY, MetricUnit.MONEY_PER_ORDER)

    @classmethod
    def from_json(cls, document: JsonValue) -> Self:
        """Read a definition from the JSON that `to_json` writes.

        Raises:
            InvalidMetric: Names the field, the value that came and the way out.
        """
        try:
            return _adapter().validate_python(document, strict=False)  # type: ignore[return-value] # the adapter is of this very class
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "metric"
            raise InvalidMetric(first["input"], field=field, expected=first["msg"]) from error

    def to_json(self) -> dict[str, JsonValue]:
        """Write the definition as a JSON object, keys in the order of the fields."""
        document: dict[str, JsonValue] = _adapter().dump_python(self, mode="json")
        return document


@cache
def _adapter() -> TypeAdapter[MetricDefinition]:
    return TypeAdapter(MetricDefinition)
