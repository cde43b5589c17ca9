"""Terms and conditions of metric definitions as Ibis expressions over a unit's conversions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import assert_never

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.metric import Aggregate, Condition, Term, Window


@dataclass(frozen=True, slots=True)
class Period:
    """A time about a unit's clock start: start ≤ elapsed < end, in days of 24 hours.

    Attributes:
        start_days: Its begin; below 0 before the clock start.
        end_days: Its end.
    """

    start_days: int
    end_days: int

    @classmethod
    def of(cls, window: Window) -> "Period":
        """Give a metric's window."""
        return cls(window.start_days, window.end_days)

    @classmethod
    def before(cls, days: int) -> "Period":
        """Give the pre-period of some days that ends at the clock start."""
        return cls(-days, 0)

    @classmethod
    def spanning(cls, periods: Iterable["Period"]) -> "Period":
        """Give the shortest period that holds all of these, and the clock start."""
        bounds = [(period.start_days, period.end_days) for period in periods]
        return cls(min((b[0] for b in bounds), default=0), max((b[1] for b in bounds), default=0))

    def holds(self, conversions: ir.Table, within: "Period | None" = None) -> ir.BooleanValue:
        """Whether an event lies in a unit's period.

        Args:
            conversions: With `first_exposed_at` and `occurred_at`.
            within: A period in which all of them lie anyway; its bounds are not asked again.
        """
        first, at = conversions.first_exposed_at, conversions.occurred_at
        bounds = []
        if within is None or within.start_days != self.start_days:
            bounds.append(at >= _after(first, self.start_days))
        if within is None or within.end_days != self.end_days:
            bounds.append(at < _after(first, self.end_days))
        return ibis.and_(*bounds)

    def may_hold(
        self, conversions: ir.Table, first: ir.TimestampScalar, last: ir.TimestampScalar
    ) -> ir.BooleanValue:
        """Whether an event lies in the period of any unit whose clock starts from first to last.

        Args:
            conversions: With `occurred_at`, of units yet unknown.
            first: The first clock start.
            last: The last.
        """
        at = conversions.occurred_at
        return (at >= _after(first, self.start_days)) & (at < _after(last, self.end_days))


def _after(first: ir.TimestampValue, days: int) -> ir.TimestampValue:
    if days == 0:
        return first
    step = ibis.interval(hours=24 * abs(days))
    return first + step if days > 0 else first - step


def in_window(conversions: ir.Table, window: Window) -> ir.BooleanValue:
    """Whether an event lies in a unit's window: start ≤ elapsed < end."""
    return Period.of(window).holds(conversions)


def matches(
    conversions: ir.Table,
    events: tuple[str, ...],
    where: tuple[Condition, ...],
    functions: EngineFunctions,
) -> ir.BooleanValue:
    """Whether an event is one of these and meets every condition."""
    named = conversions.event.isin(sorted(set(events)))
    # parsed only where the name fits: a CASE keeps the engine from reading other events' JSON
    properties = ibis.cases((named, conversions.properties), else_=None)
    met = [
        functions.property_text(properties, condition.property)
        .isin(sorted(set(condition.values)))
        .fill_null(False)
        for condition in where
    ]
    return reduce(and_, met, named)


@dataclass(frozen=True, slots=True)
class UnitTotal:
    """What a term adds up per unit within a period, without its sign."""

    events: tuple[str, ...]
    where: tuple[Condition, ...]
    aggregate: Aggregate
    period: Period

    @classmethod
    def of(cls, term: Term, period: Period) -> "UnitTotal":
        """Forget the sign, so that terms which differ by it alone share a column."""
        return cls(tuple(sorted(set(term.events))), term.where, term.aggregate, period)

    def expression(
        self, conversions: ir.Table, functions: EngineFunctions, within: Period | None = None
    ) -> ir.IntegerScalar:
        """Give the total as an aggregate over one unit's conversions.

        Args:
            conversions: `unit_conversions`.
            functions: The engine's own.
            within: The period in which all of them lie.
        """
        named = matches(conversions, self.events, self.where, functions)
        counted = named & self.period.holds(conversions, within)
        match self.aggregate:
            case Aggregate.COUNT:
                return conversions.count(where=counted)
            case Aggregate.AMOUNT:
                # the engine sums in more bits; "!" makes Ibis write the cast back
                return conversions.amount_minor.sum(where=counted).cast("!int64")
            case Aggregate.ACTIVE_DAYS:
                return functions.local_day(conversions.occurred_at).nunique(where=counted)
            case _:
                assert_never(self.aggregate)
