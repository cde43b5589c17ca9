"""What a single event adds: its amount, its margin, a property that is a number.

Properties are text of a JSON object. One that is a number is read as whole steps of 1/10,000,
rounded half away from zero, alike on every engine; whatever is not a number that a term can use is
null, and so left out of sums, and counted (`unusable`).
"""

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.metric import LARGEST, NUMBER, STEPS, Aggregate, Term

FIXED = "decimal(24, 4)"
MARGIN, COST = "margin_minor", "cost_minor"


def number_of(text: ir.StringValue) -> ir.IntegerValue:
    """Read a text as a number, in steps of 1/10,000; null where it is none, or beyond 10^12."""
    digits = ibis.cases((text.re_search(NUMBER), text), else_=None)
    steps = (digits.cast(FIXED) * STEPS).cast("int64")
    return is_between_or_null(steps, -LARGEST, LARGEST)


def is_between(
    steps: ir.IntegerValue, low: Decimal | None, high: Decimal | None
) -> ir.BooleanValue:
    """Whether a number lies within bounds, each of which may be missing."""
    bounds = []
    if low is not None:
        bounds.append(steps >= int(low * STEPS))
    if high is not None:
        bounds.append(steps <= int(high * STEPS))
    return ibis.and_(*bounds)


def is_between_or_null(
    steps: ir.IntegerValue, low: Decimal | None, high: Decimal | None
) -> ir.IntegerValue:
    """Give a number where it lies within bounds, and null elsewhere."""
    if low is None and high is None:
        return steps
    return ibis.cases((is_between(steps, low, high), steps), else_=None)


def event_value(
    term: Term, conversions: ir.Table, named: ir.BooleanValue, functions: EngineFunctions
) -> ir.IntegerValue:
    """Give what a term adds up of an event: whole, or in steps of 1/10,000; null where unusable.

    Args:
        term: Of an aggregate that reads values.
        conversions: With `amount_minor` and `properties`.
        named: Whether an event is the term's, so that no other event's properties are parsed.
        functions: The engine's own.
    """
    amount: ir.IntegerValue = conversions.amount_minor
    properties = ibis.cases((named, conversions.properties), else_=None)

    def text(name: str) -> ir.StringValue:
        return functions.property_text(properties, name)

    if term.property is not None:
        return is_between_or_null(number_of(text(term.property)), term.lowest, term.highest)
    if term.aggregate is Aggregate.MARGIN:
        return _margin(term, amount, text(MARGIN), text(COST))
    if term.aggregate is Aggregate.COUNT:
        amount = ibis.literal(1, type="int64")
    if term.amount_if_missing is not None:
        amount = amount.fill_null(ibis.literal(term.amount_if_missing, type="int64"))
    if term.less_share is None:
        return amount
    share = text(term.less_share)
    known = is_between_or_null(number_of(share), Decimal(0), Decimal(1))
    kept = ibis.cases((share.isnull(), ibis.literal(STEPS, type="int64")), else_=STEPS - known)
    return amount * kept


def _margin(
    term: Term, amount: ir.IntegerValue, margin: ir.StringValue, cost: ir.StringValue
) -> ir.IntegerValue:
    # whoever says a margin that is no number has said none that can be counted
    said = (margin.notnull(), number_of(margin))
    bought = (cost.notnull(), amount * STEPS - number_of(cost))
    rate = None if term.rate is None else amount * int(term.rate * STEPS)
    return ibis.cases(said, bought, else_=rate)


def properties_of(term: Term) -> tuple[str, ...]:
    """Give the properties that a term reads as numbers."""
    if term.aggregate is Aggregate.MARGIN:
        return (MARGIN, COST)
    return tuple(name for name in (term.property, term.less_share) if name)


def unusable(
    term: Term, conversions: ir.Table, named: ir.BooleanValue, functions: EngineFunctions
) -> ir.BooleanValue:
    """Whether an event is the term's and left out, as what it says cannot be counted.

    Args:
        term: One that reads properties.
        conversions: Of any units.
        named: Whether an event is the term's.
        functions: The engine's own.
    """
    lost = event_value(term, conversions, named, functions).isnull()
    if term.aggregate is Aggregate.AMOUNT and term.amount_if_missing is None:
        lost = lost & conversions.amount_minor.notnull()  # a missing amount is told apart
    return named & lost
