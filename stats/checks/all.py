"""Every check, in the order in which a report shows them.

A check is never left out and never stops the others: one that meets data it cannot judge gives a
finding that says so.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from stats.aggregation.aggregates import Aggregates
from stats.aggregation.audit_counts import AuditCounts, NotAudited
from stats.aggregation.overlaps import Overlaps
from stats.checks.amount_missing import check_amount_missing
from stats.checks.assignment import check_assignment
from stats.checks.crossover import check_crossover
from stats.checks.enrolment_closed import Closing, check_enrolment_closed
from stats.checks.event_gaps import check_event_gaps
from stats.checks.events_missing import check_events_missing
from stats.checks.finding import Finding, FindingCode
from stats.checks.freshness import check_freshness
from stats.checks.immature import check_immature
from stats.checks.interference import check_interference
from stats.checks.no_exposures import check_no_exposures
from stats.checks.other_currency import check_other_currency
from stats.checks.outliers import check_outliers
from stats.checks.pre_period import check_pre_period
from stats.checks.property_unusable import check_property_unusable
from stats.checks.sample_ratio import check_sample_ratio
from stats.checks.spillover import check_spillover
from stats.checks.twyman import check_twyman
from stats.checks.unfinished_week import check_unfinished_week
from stats.checks.unknown_unit import check_unknown_unit
from stats.checks.unplanned_variant import check_unplanned_variant
from stats.errors import StatsError
from stats.plan import AnalysisPlan
from stats.sentence import said

Check: TypeAlias = Callable[[], Finding]


def run_checks(
    plan: AnalysisPlan,
    aggregates: Aggregates,
    *,
    audit: AuditCounts | NotAudited | None = None,
    overlaps: Overlaps | None = None,
    closings: Sequence[Closing] | None = None,
) -> tuple[Finding, ...]:
    """Run every check; each gives one finding, whether or not something is wrong.

    Args:
        plan: What was fixed before start.
        aggregates: The facts, aggregated by the same plan.
        audit: Logged exposures recomputed from the campaign's rule, or why they were not.
        overlaps: Units shared with other campaigns; `None` where nobody counted them.
        closings: When enrolment closed, and why; `None` where nobody knows.
    """
    of_facts = {code: partial(check, plan, aggregates) for code, check in _OF_FACTS.items()}
    checks: dict[FindingCode, Check] = {
        **of_facts,
        FindingCode.ASSIGNMENT: partial(check_assignment, plan, audit),
        FindingCode.ENROLMENT_CLOSED: partial(check_enrolment_closed, plan, closings),
        FindingCode.INTERFERENCE: partial(check_interference, plan, aggregates, overlaps),
    }
    return tuple(run_check(code, checks[code]) for code in FindingCode)


_OF_FACTS: dict[FindingCode, Callable[[AnalysisPlan, Aggregates], Finding]] = {
    FindingCode.NO_EXPOSURES: check_no_exposures,
    FindingCode.SAMPLE_RATIO: check_sample_ratio,
    FindingCode.CROSSOVER: check_crossover,
    FindingCode.UNPLANNED_VARIANT: check_unplanned_variant,
    FindingCode.UNKNOWN_UNIT: check_unknown_unit,
    FindingCode.PRE_PERIOD: check_pre_period,
    FindingCode.SPILLOVER: check_spillover,
    FindingCode.EVENTS_MISSING: check_events_missing,
    FindingCode.EVENT_GAPS: check_event_gaps,
    FindingCode.FRESHNESS: check_freshness,
    FindingCode.IMMATURE: check_immature,
    FindingCode.UNFINISHED_WEEK: check_unfinished_week,
    FindingCode.OTHER_CURRENCY: check_other_currency,
    FindingCode.AMOUNT_MISSING: check_amount_missing,
    FindingCode.PROPERTY_UNUSABLE: check_property_unusable,
    FindingCode.OUTLIERS: check_outliers,
    FindingCode.TWYMAN: check_twyman,
}


def run_check(code: FindingCode, check: Check) -> Finding:
    """Run one check; a fault of `stats` becomes the finding that it could not run."""
    try:
        return check()
    except StatsError as error:
        subject = code.value.replace("_", " ").capitalize()
        return Finding.not_checked(
            code,
            subject,
            said("The check could not run: {error}", error=error.sentence),
            what_to_do=said("Report this, with the evidence; the other checks ran."),
            evidence={"fault": type(error).__name__},
        )
