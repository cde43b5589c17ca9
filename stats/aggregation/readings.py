"""What a single event adds: its amount, its margin, a property that is a number.

Whatever is not a number that a term can use is null, and so left out of sums, and counted
(`unusable`).
"""

from decimal import Decimal

import ibis
import ibis.expr.types as ir

from stats.aggregation.properties import COST, MARGIN, Properties
from stats.metric import STEPS, Aggregate, Term


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


def event_value(term: Term, read: Properties, named: ir.BooleanValue) -> ir.IntegerValue:
    """Give what a term adds up of an event: whole, or in steps of 1/10,000; null where unusable.

    Args:
        term: Of an aggregate that reads values.
        read: Conversions with `amount_minor`.
        named: Whether an event is the term's, so that no other event's properties are parsed.
    """
    amount: ir.IntegerValue = read.conversions.amount_minor
    if term.property is not None:
        return is_between_or_null(read.number(term.property, named), term.lowest, term.highest)
    if term.aggregate is Aggregate.MARGIN:
        return _margin(term, read, named)
    if term.aggregate is Aggregate.COUNT:
        amount = ibis.literal(1, type="int64")
    if term.amount_if_missing is not None:
        amount = amount.fill_null(ibis.literal(term.amount_if_missing, type="int64"))
    if term.less_share is None:
        return amount
    known = is_between_or_null(read.number(term.less_share, named), Decimal(0), Decimal(1))
    is_missing = read.text(term.less_share, named).isnull()
    kept = ibis.cases((is_missing, ibis.literal(STEPS, type="int64")), else_=STEPS - known)
    return amount * kept


def _margin(term: Term, read: Properties, named: ir.BooleanValue) -> ir.IntegerValue:
    # whoever says a margin that is no number has said none that can be counted
    amount = read.conversions.amount_minor
    said = (read.text(MARGIN, named).notnull(), read.number(MARGIN, named))
    cost = read.number(COST, named)
    bought = (read.text(COST, named).notnull(), amount * STEPS - cost)
    rate = None if term.rate is None else amount * int(term.rate * STEPS)
    return ibis.cases(said, bought, else_=rate)


def unusable(term: Term, read: Properties, named: ir.BooleanValue) -> ir.BooleanValue:
    """Whether an event is the term's and left out, as what it says cannot be counted.

    Args:
        term: One that reads properties.
        read: Conversions of any units.
        named: Whether an event is the term's.
    """
    lost = event_value(term, read, named).isnull()
    if term.aggregate is Aggregate.AMOUNT and term.amount_if_missing is None:
        # a missing amount is told apart
        lost = lost & read.conversions.amount_minor.notnull()
    return named & lost
