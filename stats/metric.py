"""What a metric is, as data, and the built-in metrics of upgrade campaigns.

A definition says which events of a unit count, how, and in which window after its first exposure.
It knows no campaign and no engine: `stats.aggregation` turns it into SQL, a campaign refers to it
by key, and a campaign document may carry its own as JSON (`MetricDefinition.from_json`).
"""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidMetric, UnknownMetric

KEY = re.compile(r"[a-z][a-z0-9_]{0,127}")
LONGEST_WINDOW_DAYS = 3660


class MetricKind(StrEnum):
    """How a unit's events become the metric."""

    PROPORTION = "proportion"  # 1 if the unit's numerator is above 0, else 0; mean over units
    MEAN = "mean"  # the unit's numerator; mean over units
    RATIO = "ratio"  # total of numerators over total of denominators


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

    A day is 24 hours from the unit's own first exposure, not a calendar day.
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


def _share(
    key: str,
    name: str,
    description: str,
    events: tuple[str, ...],
    direction: Direction,
    window: Window,
    where: tuple[Condition, ...] = (),
    *,
    absence: bool = False,
) -> MetricDefinition:
    """A share of units with at least one such event, or with none."""
    return MetricDefinition(
        key=key,
        name=name,
        description=description,
        kind=MetricKind.PROPORTION,
        numerator=(Term(events, where=where),),
        unit=MetricUnit.SHARE,
        direction=direction,
        window=window,
        absence=absence,
    )


UP, DOWN = Direction.HIGHER, Direction.LOWER
NET_REVENUE = (Term(("order",), Aggregate.AMOUNT), Term(("refund",), Aggregate.AMOUNT, sign=-1))
ALIVE = ("activity", "order")

# key, name, what the unit did, its events, direction, window
_SHARES: tuple[tuple[str, str, str, tuple[str, ...], Direction, Window], ...] = (
    ("offer_click_through", "Offer click-through", "clicked the offer", ("offer_click",), UP,
     Window(7)),
    ("offer_claim", "Offer claim", "claimed the offer", ("offer_claim",), UP, Window(30)),
    ("repurchase_rate", "Repurchase rate", "ordered again", ("order",), UP, Window(30)),
    ("retention_d30", "Retention D30", "ordered or were active from day 30 until day 36", ALIVE,
     UP, Window(36, 30)),
    ("retention_d90", "Retention D90", "ordered or were active from day 90 until day 96", ALIVE,
     UP, Window(96, 90)),
    ("unsubscribe", "Unsubscribe", "opted out of contact", ("opt_out",), DOWN, Window(30)),
    ("service_contact", "Service contact", "complained or contacted service",
     ("service_contact",), DOWN, Window(30)),
    ("referral", "Referral", "referred at least one person", ("referral",), UP, Window(30)),
)  # fmt: skip


def _fixed() -> tuple[MetricDefinition, ...]:
    """The built-in metrics that take no parameters."""
    per_order, money = MetricUnit.MONEY_PER_ORDER, MetricUnit.MONEY
    mean, ratio = MetricKind.MEAN, MetricKind.RATIO
    return (
        *(
            _share(key, name, f"Share of exposed units that {did}.", events, direction, window)
            for key, name, did, events, direction, window in _SHARES
        ),
        _share("churn", "Churn", "Share of exposed units without an order or activity.",
               ALIVE, DOWN, Window(90), absence=True),
        MetricDefinition("purchase_frequency", "Orders per member", "Orders per exposed unit.",
                         mean, (Term(("order",)),), MetricUnit.COUNT, UP, Window(30)),
        MetricDefinition("average_order_value", "Average order value",
                         "Revenue net of refunds, per order.", ratio, NET_REVENUE, per_order, UP,
                         Window(30), denominator=(Term(("order",)),)),
        MetricDefinition("spend_per_member", "Spend per member",
                         "Revenue net of refunds, per exposed unit (ARPU).", mean, NET_REVENUE,
                         money, UP, Window(30)),
        MetricDefinition("activity", "Active days",
                         "Days with an order or activity, per exposed unit.", mean,
                         (Term(ALIVE, Aggregate.ACTIVE_DAYS),), MetricUnit.DAYS, UP, Window(30)),
        MetricDefinition("refund_rate", "Refund rate", "Refunded share of gross revenue.", ratio,
                         (Term(("refund",), Aggregate.AMOUNT),), MetricUnit.SHARE, DOWN,
                         Window(30), denominator=(Term(("order",), Aggregate.AMOUNT),)),
        MetricDefinition("reward_cost_per_member", "Reward cost per member",
                         "Cost of redeemed rewards, per exposed unit.", mean,
                         (Term(("reward_redeem",), Aggregate.AMOUNT),), money, DOWN, Window(90)),
    )  # fmt: skip


def upgrade_conversion(target_tiers: Sequence[str]) -> MetricDefinition:
    """Share of exposed units that reached one of these tiers."""
    reached = (Condition("to", tuple(target_tiers)),)
    description = "Share of exposed units that reached a target tier."
    return _share("upgrade_conversion", "Upgrade conversion", description, ("tier_change",), UP,
                  Window(30), reached)  # fmt: skip


def downgrade(lower_tiers: Sequence[str]) -> MetricDefinition:
    """Share of exposed units that fell to one of these tiers, those below the target."""
    fell = (Condition("to", tuple(lower_tiers)),)
    description = "Share of exposed units that fell below the target tier."
    return _share("downgrade", "Downgrade", description, ("tier_change",), DOWN, Window(180),
                  fell)  # fmt: skip


FIXED: dict[str, MetricDefinition] = {definition.key: definition for definition in _fixed()}
PARAMETRISED: dict[str, tuple[str, Callable[[Sequence[str]], MetricDefinition]]] = {
    "upgrade_conversion": ("target_tiers", upgrade_conversion),
    "downgrade": ("lower_tiers", downgrade),
}
BUILTIN_KEYS: tuple[str, ...] = (*PARAMETRISED, *FIXED)


def builtin(key: str, **parameters: Sequence[str]) -> MetricDefinition:
    """Look up a built-in metric.

    Args:
        key: One of `BUILTIN_KEYS`.
        parameters: `target_tiers` of `upgrade_conversion`, `lower_tiers` of `downgrade`; the
            others take none.

    Raises:
        UnknownMetric: No built-in metric has that key; the message names the near ones.
        InvalidMetric: A parameter is missing or not the metric's own.
    """
    if key not in BUILTIN_KEYS:
        raise UnknownMetric(key, difflib.get_close_matches(key, BUILTIN_KEYS, n=3), BUILTIN_KEYS)
    expected = {PARAMETRISED[key][0]} if key in PARAMETRISED else set()
    if parameters.keys() != expected:
        came = ", ".join(sorted(parameters)) or "nothing"
        way_out = f"give {', '.join(expected)}" if expected else "give none"
        raise InvalidMetric(came, field=f"{key}.parameters", expected=way_out)
    if key in FIXED:
        return FIXED[key]
    name, make = PARAMETRISED[key]
    values = parameters[name]
    if isinstance(values, str) or not values:
        raise InvalidMetric(
            values, field=f"{key}.{name}", expected="give a list of at least one tier"
        )
    return make(values)
