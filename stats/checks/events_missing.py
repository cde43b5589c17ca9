"""Has every event that the plan reads been seen?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.metric import MetricDefinition, Term
from stats.plan import AnalysisPlan
from stats.sentence import said


def is_events_missing(definition: MetricDefinition, aggregates: Aggregates) -> bool:
    """Whether a metric cannot be told from a broken feed.

    True when none of the events that its numerator adds, or none of those that its denominator
    adds, was ever seen. Events that are only subtracted may be missing: an order without a refund
    is worth its amount.
    """
    seen = {row.event for row in aggregates.events if row.ever_seen}

    def unseen(terms: tuple[Term, ...]) -> bool:
        added = {event for term in terms if term.sign > 0 for event in term.events}
        return not added & seen

    return unseen(definition.numerator) or bool(
        definition.denominator and unseen(definition.denominator)
    )


def check_events_missing(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Name the events never seen, and fail when a metric rests on them."""
    counts = {row.event: row.seen for row in aggregates.events}
    apart = plan.money_events
    never = [row.event for row in aggregates.events if not row.ever_seen and row.event not in apart]
    stuck = [m.key for m in plan.metrics if is_events_missing(m.definition, aggregates)]
    evidence: Evidence = {"seen": counts, "metrics": ", ".join(stuck)}
    what_to_do = said(
        "Check the sender of these events; if none has happened yet, wait for the first."
    )
    if not never:
        return Finding(
            FindingCode.EVENTS_MISSING,
            Severity.PASSED,
            said("All events seen"),
            said("Every event that the plan's metrics read has been seen."),
            "",
            evidence,
        )
    detail = said("Never seen: {never}.", never=", ".join(never))
    if not stuck:
        return Finding(
            FindingCode.EVENTS_MISSING,
            Severity.NOTICE,
            said("Some events never seen"),
            said("{detail} Every metric can still be computed.", detail=detail),
            what_to_do,
            evidence,
        )
    decides = plan.oec is not None and plan.oec.key in stuck
    return Finding(
        FindingCode.EVENTS_MISSING,
        Severity.FAILURE if decides else Severity.WARNING,
        said("Events missing"),
        said(
            "{detail} Not computed for want of them: {stuck}.",
            detail=detail,
            stuck=", ".join(stuck),
        ),
        what_to_do,
        evidence,
    )
