"""Reads the properties of conversions: text of a JSON object, and what of it is a number.

One that is a number is read as whole steps of 1/10,000, rounded half away from zero, alike on every
engine; whatever is no number is null. Where many terms read the same ones, `Properties.read_once`
makes columns of them in a query below, so that the text of an event is parsed once for all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.metric import LARGEST, NUMBER, STEPS, Aggregate, Term

FIXED = "decimal(24, 4)"
MARGIN, COST = "margin_minor", "cost_minor"
_FURTHEST = int(LARGEST * STEPS)


@dataclass(frozen=True, slots=True)
class Properties:
    """Conversions of which properties can be read.

    Attributes:
        conversions: With `event` and `properties`.
        functions: The engine's own.
        columns: Names of properties that are columns already: `p0` and `n0` of the first, ….
    """

    conversions: ir.Table
    functions: EngineFunctions
    columns: tuple[str, ...] = ()

    @classmethod
    def read_once(
        cls, conversions: ir.Table, terms: Iterable[Term], functions: EngineFunctions
    ) -> Self:
        """Give conversions with what these terms read as columns.

        Args:
            conversions: With `event` and `properties`.
            terms: Those that will be computed.
            functions: The engine's own.
        """
        events: dict[str, set[str]] = {}
        numbers: set[str] = set()
        for term in terms:
            numbers.update(numbers_of(term))
            numbers.update(one.property for one in term.where if one.is_numeric)
            for name in (*numbers_of(term), *(one.property for one in term.where)):
                events.setdefault(name, set()).update(term.events)
        columns: dict[str, ir.Value] = {}
        parsed = cls(conversions, functions)
        for i, (name, named) in enumerate(sorted(events.items())):
            text = parsed.text(name, conversions.event.isin(sorted(named)))
            columns[f"p{i}"] = text
            if name in numbers:
                columns[f"n{i}"] = number_of(text)
        return cls(conversions.mutate(**columns), functions, tuple(sorted(events)))

    def text(self, name: str, named: ir.BooleanValue) -> ir.StringValue:
        """Give a property's text; null where there is none.

        Args:
            name: Of the property.
            named: Whether the event is one that is asked about.
        """
        if name in self.columns:
            return self.conversions[f"p{self.columns.index(name)}"]
        # parsed only where the name fits: a CASE keeps the engine from reading other events' JSON
        properties = ibis.cases((named, self.conversions.properties), else_=None)
        return self.functions.property_text(properties, name)

    def number(self, name: str, named: ir.BooleanValue) -> ir.IntegerValue:
        """Give a property as a number; see `number_of` and `text`."""
        if name in self.columns:
            return self.conversions[f"n{self.columns.index(name)}"]
        return number_of(self.text(name, named))


def number_of(text: ir.StringValue) -> ir.IntegerValue:
    """Read a text as a number, in steps of 1/10,000; null where it is none, or beyond 10^12."""
    digits = ibis.cases((text.re_search(NUMBER), text), else_=None)
    steps = (digits.cast(FIXED) * STEPS).cast("int64")
    return ibis.cases((steps.between(-_FURTHEST, _FURTHEST), steps), else_=None)


def numbers_of(term: Term) -> tuple[str, ...]:
    """Give the properties that a term reads as numbers."""
    if term.aggregate is Aggregate.MARGIN:
        return (MARGIN, COST)
    return tuple(name for name in (term.property, term.less_share) if name)
