"""What a metric is, as data.

A definition says which events of a unit count, how, and in which window after its first exposure.
It knows no campaign and no engine: `stats.aggregation` turns it into SQL, a campaign refers to it
by key, and a campaign document may carry its own as JSON (`MetricDefinition.from_json`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import ClassVar, Self, assert_never

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidMetric
from stats.metric.term import (
    FORBID,
    LONGEST_WINDOW_DAYS,
    PLACES,
    STEPS,
    Aggregate,
    Among,
    Term,
    Window,
)

KEY = re.compile(r"[a-z][a-z0-9_]{0,127}")


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
    POINTS = "points"  # of a scale from -100 to 100, such as NPS
    SCORE = "score"  # of the scale on which people answered

    @property
    def is_money(self) -> bool:
        """Whether it is in minor units of the currency."""
        return self in (MetricUnit.MONEY, MetricUnit.MONEY_PER_ORDER)


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
        among: Which units count at all; `None` for all.
        horizon_days: The days that the value speaks of, where they may be more than the window:
            what the window saw is then taken to go on at the same rate (CLV over six months). Terms
            of `unit` are added once.
        shows_lift: Whether a lift says anything: not where a part of the value is the same in all
            variants and cancels in the difference alone (CLV), nor where zero is a point of a scale
            (NPS).
        companions: Keys of metrics that are shown beside it, as it cannot be read without them.
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
    among: Among | None = None
    horizon_days: int | None = None
    shows_lift: bool = True
    companions: tuple[str, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a definition that contradicts itself."""
        if not KEY.fullmatch(self.key):
            raise InvalidMetric(
                self.key,
                field="key",
                expected="use a to z, 0 to 9 and _, a letter first, at most 128 long",
            )
        self._check_terms()
        if self.absence and self.kind is not MetricKind.PROPORTION:
            raise InvalidMetric(
                self.absence, field="absence", expected="only a proportion can count absence"
            )
        must, may = self._is_share()
        if must if self.unit is not MetricUnit.SHARE else not may:
            way_out = "a proportion, or a ratio of like to like, is a share; nothing else is"
            raise InvalidMetric(self.unit.value, field="unit", expected=way_out)
        self._check_quantile()
        if self.kind is MetricKind.SURVIVAL:
            self._check_survival()
        self._check_among()
        self._check_horizon()
        for key in self.companions:
            if not KEY.fullmatch(key) or key == self.key:
                way_out = "give the key of another metric"
                raise InvalidMetric(key, field="companions", expected=way_out)

    def _check_terms(self) -> None:
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
        if not self.events:
            way_out = "read at least one event: a constant is no metric"
            raise InvalidMetric(self.events, field="numerator", expected=way_out)

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

    def _check_among(self) -> None:
        if self.among is None:
            return
        if self.kind is MetricKind.SURVIVAL or self.is_per_event:
            way_out = "times and single events are counted over all units: leave it out"
            raise InvalidMetric(self.among.attribute, field="among", expected=way_out)

    def _check_horizon(self) -> None:
        days = self.horizon_days
        if days is None:
            return
        if self.kind is not MetricKind.MEAN:
            way_out = "only a mean is projected: leave it out"
            raise InvalidMetric(days, field="horizon_days", expected=way_out)
        if not 0 < days <= LONGEST_WINDOW_DAYS:
            way_out = f"give 1 to {LONGEST_WINDOW_DAYS} days"
            raise InvalidMetric(days, field="horizon_days", expected=way_out)
        rates = (Aggregate.COUNT, Aggregate.AMOUNT, Aggregate.PROPERTY_SUM, Aggregate.MARGIN)
        for term in self.numerator:
            if term.aggregate is Aggregate.UNIT:
                continue
            if term.aggregate not in rates or term.has_decimals:
                way_out = "project sums of events, with factors without decimals"
                raise InvalidMetric(term.aggregate.value, field="horizon_days", expected=way_out)

    def _is_share(self) -> tuple[bool, bool]:
        """Say whether the unit must be a share, and whether it may be."""
        if self.kind is MetricKind.PROPORTION:
            return True, True
        if self.kind is MetricKind.MEAN:
            ceilings = [term.ceiling for term in self.numerator]
            return False, len(ceilings) == 1 and ceilings[0] == 1
        if self.kind is not MetricKind.RATIO:
            return False, False
        kinds = [{term.aggregate for term in terms} for terms in (self.numerator, self.denominator)]
        alike = kinds[0] == kinds[1]
        return alike and all(term.factor == 1 for term in self.terms), alike

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
        return self.unit.is_money

    @property
    def is_forecast(self) -> bool:
        """Whether a part of its value may lie ahead of what was seen."""
        return self.horizon_days is not None

    def forecast_share(self, window: Window) -> Decimal:
        """Give the share of the days spoken of that such a window does not see, 0 to 1."""
        if self.horizon_days is None or window.days >= self.horizon_days:
            return Decimal(0)
        return 1 - Decimal(window.days) / self.horizon_days

    @property
    def scale(self) -> int:
        """How many steps of its units' values make one of its unit; 1 where all are whole."""
        if self.kind in (MetricKind.PROPORTION, MetricKind.SURVIVAL):
            return 1
        return scale_of(self.terms, projected=self.is_forecast)

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


def scale_of(terms: Iterable[Term], *, projected: bool = False) -> int:
    """Give how many steps of a signed sum of terms make one, so that every term is whole.

    Args:
        terms: What is added up.
        projected: Whether what the window saw is multiplied by a number with decimals.
    """
    places = [
        PLACES * term.is_fixed_point
        + PLACES * (term.has_decimals or (projected and term.aggregate is not Aggregate.UNIT))
        for term in terms
    ]
    return int(10 ** max(places, default=0))


def weights_of(
    terms: Iterable[Term], *, scale: int, days: int, horizon_days: int | None = None
) -> tuple[int, ...]:
    """Give by how much each term's total is multiplied, so that the sum is in steps of a scale.

    Args:
        terms: What is added up; totals in fixed point are in steps of 1/10,000.
        scale: Of `scale_of`.
        days: Length of the period in which events are counted.
        horizon_days: The days that they stand for; `None` for the period itself.
    """
    ahead = STEPS if horizon_days is None else round(Decimal(STEPS * horizon_days) / days)
    weights = []
    for term in terms:
        projected = STEPS if term.aggregate is Aggregate.UNIT else ahead
        steps = term.factor * projected * scale / STEPS / (STEPS if term.is_fixed_point else 1)
        weights.append(term.sign * int(steps))
    return tuple(weights)


@cache
def _adapter() -> TypeAdapter[MetricDefinition]:
    return TypeAdapter(MetricDefinition)
