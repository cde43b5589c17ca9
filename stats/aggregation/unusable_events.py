"""Events that a metric leaves out, as a property that it counts is missing, no number, or too far.

What is left out of a sum without a word would look like nothing; it is counted here, over all
conversions of the plan, and shown beside the results.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

import ibis.expr.types as ir

from stats.aggregation.aggregates import UnusableEvents
from stats.aggregation.answers import whole
from stats.aggregation.engine import EngineFunctions, Rows
from stats.aggregation.parameters import Moment
from stats.aggregation.properties import Properties, numbers_of
from stats.aggregation.readings import unusable
from stats.aggregation.relations import conversions_until, has_plan_currency
from stats.aggregation.terms import matches
from stats.metric import Since, Term
from stats.plan import AnalysisPlan


@dataclass(frozen=True, slots=True)
class Reading:
    """A term that reads properties, and the metrics that it is a term of."""

    term: Term
    metrics: tuple[str, ...]


def readings_of(plan: AnalysisPlan) -> tuple[Reading, ...]:
    """Give every term that reads properties, each once, whatever its sign, factor and time."""
    found: dict[Term, dict[str, None]] = {}
    for metric in plan.metrics:
        own = (*metric.definition.terms, *(t for c in metric.covariates for t in c.numerator))
        for term in own:
            if numbers_of(term):
                bare = replace(
                    term,
                    events=tuple(sorted(set(term.events))),
                    sign=1,
                    factor=Decimal(1),
                    since=Since.EXPOSURE,
                    ceiling=None,
                )
                found.setdefault(bare, {})[metric.key] = None
    return tuple(Reading(term, tuple(metrics)) for term, metrics in found.items())


def events_unusable(
    plan: AnalysisPlan, as_of: Moment, functions: EngineFunctions
) -> ir.Table | None:
    """Count them per term, `u0`, `u1`, …, in one row; `None` where no term reads a property."""
    readings = readings_of(plan)
    if not readings:
        return None
    conversions = conversions_until(as_of)
    read = sorted({event for reading in readings for event in reading.term.events})
    conversions = conversions.filter(
        conversions.event.isin(read) & has_plan_currency(conversions, plan)
    )
    terms = [reading.term for reading in readings]
    properties = Properties.read_once(conversions, terms, functions)
    counts = {}
    for i, term in enumerate(terms):
        named = matches(properties, term.events, term.where)
        counts[f"u{i}"] = properties.conversions.count(where=unusable(term, properties, named))
    return properties.conversions.agg(**counts)


def read_unusable(plan: AnalysisPlan, rows: Rows) -> tuple[UnusableEvents, ...]:
    """Read `events_unusable`: what was left out, nothing where nothing was."""
    if not rows:
        return ()
    return tuple(
        UnusableEvents(reading.metrics, reading.term.events, numbers_of(reading.term), whole(count))
        for i, reading in enumerate(readings_of(plan))
        if (count := rows[0][f"u{i}"])
    )
