"""Terms of a metric as data: which events of a unit count, when, and what of each is added up.

What a unit's terms add up to stays a whole number: amounts are minor units, and a property, a rate
or a factor with decimals is counted in steps of 1/10,000, of which a definition knows how many make
one of its unit (`MetricDefinition.scale`). So every engine gives the same sums, to the last bit.
"""

import builtins
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar, Final, Literal

from pydantic import ConfigDict

from stats.errors import InvalidMetric

LONGEST_WINDOW_DAYS = 3660
PLACES: Final = 4
STEPS: Final = 10**PLACES
"""Steps of a fixed-point number in one."""
LARGEST: Final = Decimal(10**12)
"""Bound on the size of a property that is a number, and of an amount."""
LARGEST_FACTOR: Final = Decimal(10**6)
LARGEST_CONSTANT: Final = Decimal(10**10)
"""So that in the finest steps, 10^8 of one, they stay within 64 bits."""
NUMBER: Final = r"^-?[0-9]{1,13}(\.[0-9]{1,40})?([eE]-[0-9]{1,2})?$"
"""JSON texts that are numbers of at most 13 digits before the point, in every engine's words."""
FORBID: Final = ConfigDict(extra="forbid")


class Aggregate(StrEnum):
    """What a term adds up over a unit's events."""

    COUNT = "count"
    AMOUNT = "amount"  # money in minor units
    ACTIVE_DAYS = "active_days"  # distinct calendar days in the programme's time zone
    PROPERTY_SUM = "property_sum"  # a property that is a number
    PROPERTY_MAX = "property_max"  # its highest value; 0 without any
    MARGIN = "margin"  # margin_minor, else amount - cost_minor, else amount x rate
    UNIT = "unit"  # 1 for every unit, whatever it did

    @property
    def is_fixed_point(self) -> bool:
        """Whether it is counted in steps of 1/10,000."""
        return self in (Aggregate.PROPERTY_SUM, Aggregate.PROPERTY_MAX, Aggregate.MARGIN)


class Since(StrEnum):
    """From when on a term's events count."""

    EXPOSURE = "exposure"  # within the metric's window
    EVER = "ever"  # from the first event there is to the end of the window
    BEFORE = "before"  # from the first event there is to first exposure


def _refuse_number(value: Decimal | None, field: str, *, low: Decimal, high: Decimal) -> None:
    if value is None:
        return
    fits = value.is_finite() and low <= value <= high
    if not fits or value != value.quantize(Decimal(1).scaleb(-PLACES)):
        way_out = f"give a number from {low} to {high} with at most {PLACES} decimals"
        raise InvalidMetric(str(value), field=field, expected=way_out)


@dataclass(frozen=True, slots=True)
class Condition:
    """An event counts only if this property of it fits.

    Attributes:
        property: Name of the property.
        values: It is one of these strings; empty where it is compared as a number.
        at_least: It is a number, and not below this.
        at_most: It is a number, and not above this.
    """

    property: str
    values: tuple[str, ...] = ()
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a condition that nothing can meet."""
        if not self.property:
            raise InvalidMetric(
                self.property, field="where.property", expected="name a property of the event"
            )
        if bool(self.values) == self.is_numeric:
            way_out = "list at least one value, or give at_least or at_most instead"
            raise InvalidMetric(self.values, field="where.values", expected=way_out)
        for field, bound in (("at_least", self.at_least), ("at_most", self.at_most)):
            _refuse_number(bound, f"where.{field}", low=-LARGEST, high=LARGEST)
        low, high = self.at_least, self.at_most
        if low is not None and high is not None and low > high:
            way_out = "give an upper bound that is not below the lower one"
            raise InvalidMetric(str(high), field="where.at_most", expected=way_out)

    @builtins.property  # the field `property` hides it here
    def is_numeric(self) -> bool:
        """Whether the property is compared as a number."""
        return self.at_least is not None or self.at_most is not None


@dataclass(frozen=True, slots=True)
class Among:
    """Units count only if an attribute of theirs, as it was at assignment, fits.

    Attributes:
        attribute: Name of the attribute, and of the column in the relation `units`.
        values: It is one of these.
        except_values: Or it is none of these, or is not known.
    """

    attribute: str
    values: tuple[str, ...] = ()
    except_values: tuple[str, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse what is no column, and a condition that says nothing or two things."""
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,127}", self.attribute):
            way_out = "use a to z, 0 to 9 and _, a letter first"
            raise InvalidMetric(self.attribute, field="among.attribute", expected=way_out)
        if bool(self.values) == bool(self.except_values):
            way_out = "give either values or except_values"
            raise InvalidMetric(self.values, field="among.values", expected=way_out)


@dataclass(frozen=True, slots=True)
class Term:
    """Events of a unit, added up with a sign.

    Attributes:
        events: Names of the events, any of them; none of a term of `unit`.
        aggregate: What is added up.
        sign: 1 adds, -1 subtracts.
        where: Conditions, all to be met.
        property: Of `property_sum` and `property_max`, the property; of `count`, one that an event
            must have as a usable number to be counted.
        lowest: A lower number is not usable.
        highest: A higher number is not usable.
        ceiling: Of `property_max`: a unit has at most so much.
        factor: What the term is multiplied by, with at most four decimals.
        less_share: Of `amount` and `count`: a property between 0 and 1 (such as breakage) by which
            each event is reduced; 0 where an event has none.
        rate: Of `margin`: the share of an amount that is margin, where an event says neither its
            margin nor its cost.
        amount_if_missing: Of `amount`: what an event without an amount adds, in minor units.
        since: From when on its events count.
    """

    events: tuple[str, ...] = ()
    aggregate: Aggregate = Aggregate.COUNT
    sign: Literal[1, -1] = 1
    where: tuple[Condition, ...] = ()
    property: str | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    ceiling: Decimal | None = None
    factor: Decimal = Decimal(1)
    less_share: str | None = None
    rate: Decimal | None = None
    amount_if_missing: int | None = None
    since: Since = Since.EXPOSURE
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a term that reads no event, and options that its aggregate does not have."""
        if self.aggregate is Aggregate.UNIT:
            if self.events or self.where:
                way_out = "a term of unit counts units, not events: name none"
                raise InvalidMetric(self.events, field="term.events", expected=way_out)
        elif not self.events or not all(self.events):
            raise InvalidMetric(
                self.events, field="term.events", expected="name at least one event"
            )
        if self.sign not in (1, -1):
            raise InvalidMetric(
                self.sign, field="term.sign", expected="use 1 to add, -1 to subtract"
            )
        self._check_property()
        self._check_options()
        largest = LARGEST_CONSTANT if self.aggregate is Aggregate.UNIT else LARGEST_FACTOR
        _refuse_number(self.factor, "term.factor", low=Decimal(0), high=largest)
        if self.factor == 0:
            way_out = "leave out a term that adds nothing"
            raise InvalidMetric(str(self.factor), field="term.factor", expected=way_out)
        _refuse_number(self.rate, "term.rate", low=Decimal(0), high=Decimal(1))

    def _check_property(self) -> None:
        reads = (Aggregate.PROPERTY_SUM, Aggregate.PROPERTY_MAX)
        named = self.property
        if self.aggregate in reads and not named:
            way_out = "name the property that is a number"
            raise InvalidMetric(named, field="term.property", expected=way_out)
        if named is not None and self.aggregate not in (*reads, Aggregate.COUNT):
            way_out = "only property_sum, property_max and count read one: leave it out"
            raise InvalidMetric(named, field="term.property", expected=way_out)
        for field, bound in (("lowest", self.lowest), ("highest", self.highest)):
            if bound is not None and named is None:
                way_out = "only a term with a property has bounds: leave it out"
                raise InvalidMetric(str(bound), field=f"term.{field}", expected=way_out)
            _refuse_number(bound, f"term.{field}", low=-LARGEST, high=LARGEST)
        if self.aggregate is Aggregate.PROPERTY_MAX and (self.lowest is None or self.lowest < 0):
            way_out = "a unit without events has 0: give a lowest of at least 0"
            raise InvalidMetric(self.lowest, field="term.lowest", expected=way_out)

    def _check_options(self) -> None:
        amount, count = Aggregate.AMOUNT, Aggregate.COUNT
        thinned = (amount, count) if self.property is None else (amount,)
        owners: dict[str, tuple[object, tuple[Aggregate, ...]]] = {
            "ceiling": (self.ceiling, (Aggregate.PROPERTY_MAX,)),
            "less_share": (self.less_share, thinned),
            "rate": (self.rate, (Aggregate.MARGIN,)),
            "amount_if_missing": (self.amount_if_missing, (amount,)),
        }
        for field, (value, having) in owners.items():
            if value is not None and self.aggregate not in having:
                way_out = f"only a term of {' or '.join(having)} has it: leave it out"
                raise InvalidMetric(str(value), field=f"term.{field}", expected=way_out)
        _refuse_number(self.ceiling, "term.ceiling", low=Decimal(0), high=LARGEST)
        if self.less_share == "":
            way_out = "name the property, or leave it out"
            raise InvalidMetric(self.less_share, field="term.less_share", expected=way_out)
        missing = self.amount_if_missing
        if missing is not None and not 0 <= missing <= LARGEST:
            way_out = f"give 0 to {LARGEST} minor units"
            raise InvalidMetric(missing, field="term.amount_if_missing", expected=way_out)
        if self.since is not Since.EXPOSURE and self.aggregate is Aggregate.UNIT:
            way_out = "a constant has no time: leave it out"
            raise InvalidMetric(self.since.value, field="term.since", expected=way_out)

    @builtins.property  # the field `property` hides it here
    def is_fixed_point(self) -> bool:
        """Whether its total is in steps of 1/10,000."""
        return self.aggregate.is_fixed_point or self.less_share is not None

    @builtins.property
    def has_decimals(self) -> bool:
        """Whether its factor has decimals."""
        return self.factor != self.factor.to_integral_value()


@dataclass(frozen=True, slots=True)
class Window:
    """The time after first exposure in which events count: start ≤ elapsed < end.

    A day is 24 hours from the unit's own first exposure, not a calendar day. The days are counted
    from 0, so that "days 30 to 36" of a retention metric is 30 ≤ elapsed < 36: day 36 is out.
    """

    end_days: int
    start_days: int = 0
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse an empty window, one before exposure, and one that never closes."""
        if self.start_days < 0:
            raise InvalidMetric(
                self.start_days, field="window.start_days", expected="use 0 or more days"
            )
        if not self.start_days < self.end_days <= LONGEST_WINDOW_DAYS:
            way_out = f"use more than {self.start_days} and at most {LONGEST_WINDOW_DAYS} days"
            raise InvalidMetric(self.end_days, field="window.end_days", expected=way_out)

    @property
    def days(self) -> int:
        """Its length."""
        return self.end_days - self.start_days
