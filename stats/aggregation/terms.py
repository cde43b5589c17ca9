"""Terms and conditions of metric definitions as Ibis expressions over a unit's conversions."""

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Protocol, assert_never

import ibis
import ibis.expr.types as ir

from stats.metric import Aggregate, Condition, Term, Window


class EngineFunctions(Protocol):
    """The two functions that every engine has under a name or a meaning of its own."""

    def local_day(self, at: ir.TimestampValue) -> ir.DateValue:
        """Give the calendar day of a UTC time in the programme's time zone."""

    def property_text(self, properties: ir.StringValue, name: str) -> ir.StringValue:
        """Give a property of a JSON object: a string as it is, another value as its JSON text.

        Null where the object has no such property, or has null.
        """


def in_window(conversions: ir.Table, window: Window) -> ir.BooleanValue:
    """Whether an event lies in a unit's window: start ≤ elapsed < end."""
    first, at = conversions.first_exposed_at, conversions.occurred_at
    before_end = at < first + ibis.interval(hours=24 * window.end_days)
    if window.start_days == 0:  # unit_conversions begin at first exposure
        return before_end
    return (at >= first + ibis.interval(hours=24 * window.start_days)) & before_end


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
    """What a term adds up per unit within a window, without its sign."""

    events: tuple[str, ...]
    where: tuple[Condition, ...]
    aggregate: Aggregate
    window: Window

    @classmethod
    def of(cls, term: Term, window: Window) -> "UnitTotal":
        """Forget the sign, so that terms which differ by it alone share a column."""
        return cls(tuple(sorted(set(term.events))), term.where, term.aggregate, window)

    def expression(self, conversions: ir.Table, functions: EngineFunctions) -> ir.IntegerScalar:
        """Give the total as an aggregate over one unit's conversions."""
        counted = matches(conversions, self.events, self.where, functions) & in_window(
            conversions, self.window
        )
        match self.aggregate:
            case Aggregate.COUNT:
                return conversions.count(where=counted)
            case Aggregate.AMOUNT:
                return conversions.amount_minor.sum(where=counted).cast("int64")
            case Aggregate.ACTIVE_DAYS:
                return functions.local_day(conversions.occurred_at).nunique(where=counted)
            case _:
                assert_never(self.aggregate)
