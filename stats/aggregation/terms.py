"""Terms and conditions of metric definitions as Ibis expressions over a unit's conversions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import and_
from typing import assert_never

import ibis
import ibis.expr.types as ir

from stats.aggregation.properties import Properties
from stats.aggregation.readings import event_value, is_between
from stats.metric import STEPS, Aggregate, Condition, Since, Term, Window


@dataclass(frozen=True, slots=True)
class Period:
    """A time about a unit's clock start: start ≤ elapsed < end, in days of 24 hours.

    Attributes:
        start_days: Its begin; below 0 before the clock start; `None` for the first event there is.
        end_days: Its end.
    """

    start_days: int | None
    end_days: int

    @classmethod
    def of(cls, window: Window) -> "Period":
        """Give a metric's window."""
        return cls(window.start_days, window.end_days)

    @classmethod
    def before(cls, days: int) -> "Period":
        """Give the pre-period of some days that ends at the clock start."""
        return cls(-days, 0)

    @property
    def is_unbounded(self) -> bool:
        """Whether it begins with the first event there is."""
        return self.start_days is None

    @classmethod
    def spanning(cls, periods: Iterable["Period"]) -> "Period":
        """Give the shortest period that holds all of these, and the clock start."""
        known = list(periods)
        starts = [0 if period.start_days is None else period.start_days for period in known]
        ends = [period.end_days for period in known]
        return cls(min(starts, default=0), max(ends, default=0))

    def since(self, since: Since) -> "Period":
        """Give the period in which a term's events count that takes them from then on."""
        match since:
            case Since.EXPOSURE:
                return self
            case Since.EVER:
                return Period(None, self.end_days)
            case Since.BEFORE:  # of a pre-period: before it
                return Period(None, min(0, self.start_days or 0))
            case _:
                assert_never(since)

    def holds(self, conversions: ir.Table, within: "Period | None" = None) -> ir.BooleanValue:
        """Whether an event lies in a unit's period.

        Args:
            conversions: With `first_exposed_at` and `occurred_at`.
            within: A period in which all of them lie anyway; its bounds are not asked again.
        """
        first, at = conversions.first_exposed_at, conversions.occurred_at
        bounds = []
        start = self.start_days
        if start is not None and (within is None or within.start_days != start):
            bounds.append(at >= _after(first, start))
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
        at, until = conversions.occurred_at, _after(last, self.end_days)
        if self.start_days is None:
            return at < until
        return (at >= _after(first, self.start_days)) & (at < until)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where every conversion that counts lies.

    Attributes:
        period: About the clock start.
        ever: Names of events that also count from the first there is, sorted.
    """

    period: Period
    ever: tuple[str, ...] = ()

    def holds(self, conversions: ir.Table) -> ir.BooleanValue:
        """Whether an event lies in it."""
        within = self.period.holds(conversions)
        return within | self._always(conversions) if self.ever else within

    def may_hold(
        self, conversions: ir.Table, first: ir.TimestampScalar, last: ir.TimestampScalar
    ) -> ir.BooleanValue:
        """Whether an event lies in that of any unit whose clock starts from first to last."""
        within = self.period.may_hold(conversions, first, last)
        return within | self._always(conversions) if self.ever else within

    def asked(self, events: Iterable[str]) -> Period | None:
        """Give the period that surely holds these events; `None` where none does."""
        return None if set(events) & set(self.ever) else self.period

    def _always(self, conversions: ir.Table) -> ir.BooleanValue:
        return conversions.event.isin(self.ever)


def _after(first: ir.TimestampValue, days: int) -> ir.TimestampValue:
    if days == 0:
        return first
    step = ibis.interval(hours=24 * abs(days))
    return first + step if days > 0 else first - step


def in_window(conversions: ir.Table, window: Window) -> ir.BooleanValue:
    """Whether an event lies in a unit's window: start ≤ elapsed < end."""
    return Period.of(window).holds(conversions)


def matches(
    read: Properties, events: tuple[str, ...], where: tuple[Condition, ...]
) -> ir.BooleanValue:
    """Whether an event is one of these and meets every condition."""
    named = read.conversions.event.isin(sorted(set(events)))

    def met(condition: Condition) -> ir.BooleanValue:
        if condition.is_numeric:
            number = read.number(condition.property, named)
            fits = is_between(number, condition.at_least, condition.at_most)
        else:
            text = read.text(condition.property, named)
            fits = text.isin(sorted(set(condition.values)))
        return fits.fill_null(False)

    return reduce(and_, map(met, where), named)


@dataclass(frozen=True, slots=True)
class UnitTotal:
    """What a term adds up per unit within a period, without its sign and its factor."""

    term: Term
    period: Period

    @classmethod
    def of(cls, term: Term, period: Period) -> "UnitTotal":
        """Forget sign and factor, so that terms which differ by them alone share a column."""
        events = tuple(sorted(set(term.events)))
        bare = replace(term, events=events, sign=1, factor=Decimal(1), since=Since.EXPOSURE)
        return cls(bare, period.since(term.since))

    def expression(self, read: Properties, reach: Reach | None = None) -> ir.IntegerScalar:
        """Give the total as an aggregate over one unit's conversions: whole, or in 1/10,000.

        Args:
            read: `unit_conversions`.
            reach: Where all of them lie.
        """
        term, conversions = self.term, read.conversions
        within = None if reach is None else reach.asked(term.events)
        named = matches(read, term.events, term.where)
        counted = named & self.period.holds(conversions, within)
        match term.aggregate:
            case Aggregate.COUNT if term.property is not None:
                value = event_value(term, read, named)
                return conversions.count(where=counted & value.notnull())
            case Aggregate.COUNT if term.less_share is None:
                return conversions.count(where=counted)
            case Aggregate.ACTIVE_DAYS:
                return read.functions.local_day(conversions.occurred_at).nunique(where=counted)
            case Aggregate.COUNT | Aggregate.AMOUNT | Aggregate.PROPERTY_SUM | Aggregate.MARGIN:
                value = event_value(term, read, named)
                # the engine sums in more bits; "!" makes Ibis write the cast back
                return value.sum(where=counted).cast("!int64")
            case Aggregate.PROPERTY_MAX:
                highest = event_value(term, read, named).max(where=counted)
                if term.ceiling is None:
                    return highest
                ceiling = ibis.literal(int(term.ceiling * STEPS), type="int64")
                return ibis.cases((highest > ceiling, ceiling), else_=highest)
            case Aggregate.UNIT:
                message = "a constant is no total of conversions"
                raise AssertionError(message)
            case _:
                assert_never(term.aggregate)
