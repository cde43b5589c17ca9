"""Do events whose amount is summed carry one?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.metric import Aggregate
from stats.plan import AnalysisPlan
from stats.sentence import said


def check_amount_missing(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count events without an amount among those whose amount a metric sums."""
    summed = {
        event
        for metric in plan.metrics
        for term in metric.definition.terms
        if term.aggregate is Aggregate.AMOUNT and term.amount_if_missing is None
        for event in term.events
    }
    without = {
        row.event: row.without_amount
        for row in aggregates.events
        if row.event in summed and row.without_amount
    }
    if not without:
        return Finding(
            FindingCode.AMOUNT_MISSING,
            Severity.PASSED,
            said("Every amount present"),
            said("Every event whose amount is summed carries one."),
            "",
            {"events": {}},
        )
    parts = ", ".join(f"{event} {count}" for event, count in without.items())
    return Finding(
        FindingCode.AMOUNT_MISSING,
        Severity.WARNING,
        said("Amounts missing"),
        said("Events without an amount, which add nothing to sums of money: {parts}.", parts=parts),
        said("Send the amount with these events."),
        {"events": without},
    )
