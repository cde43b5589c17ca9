"""Every check, in the order in which a report shows them.

A check is never left out and never stops the others: one that meets data it cannot judge gives a
finding that says so.
"""

from collections.abc import Callable
from typing import TypeAlias

from stats.aggregation.aggregates import Aggregates
from stats.checks.amount_missing import check_amount_missing
from stats.checks.crossover import check_crossover
from stats.checks.events_missing import check_events_missing
from stats.checks.finding import Finding, FindingCode
from stats.checks.immature import check_immature
from stats.checks.no_exposures import check_no_exposures
from stats.checks.other_currency import check_other_currency
from stats.checks.sample_ratio import check_sample_ratio
from stats.checks.unknown_unit import check_unknown_unit
from stats.checks.unplanned_variant import check_unplanned_variant
from stats.errors import StatsError
from stats.plan import AnalysisPlan

Check: TypeAlias = Callable[[AnalysisPlan, Aggregates], Finding]

CHECKS: dict[FindingCode, Check] = {
    FindingCode.NO_EXPOSURES: check_no_exposures,
    FindingCode.SAMPLE_RATIO: check_sample_ratio,
    FindingCode.CROSSOVER: check_crossover,
    FindingCode.UNPLANNED_VARIANT: check_unplanned_variant,
    FindingCode.UNKNOWN_UNIT: check_unknown_unit,
    FindingCode.EVENTS_MISSING: check_events_missing,
    FindingCode.IMMATURE: check_immature,
    FindingCode.OTHER_CURRENCY: check_other_currency,
    FindingCode.AMOUNT_MISSING: check_amount_missing,
}


def run_checks(plan: AnalysisPlan, aggregates: Aggregates) -> tuple[Finding, ...]:
    """Run every check; each gives one finding, whether or not something is wrong."""
    return tuple(run_check(code, check, plan, aggregates) for code, check in CHECKS.items())


def run_check(
    code: FindingCode, check: Check, plan: AnalysisPlan, aggregates: Aggregates
) -> Finding:
    """Run one check; a fault of `stats` becomes the finding that it could not run."""
    try:
        return check(plan, aggregates)
    except StatsError as error:
        subject = code.value.replace("_", " ").capitalize()
        return Finding.not_checked(
            code, subject, f"The check could not run: {error}",
            what_to_do="Report this, with the evidence; the other checks ran.",
            evidence={"fault": type(error).__name__},
        )  # fmt: skip
