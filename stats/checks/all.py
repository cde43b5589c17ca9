"""Every check, in the order in which a report shows them."""

from collections.abc import Callable

from stats.aggregation.aggregates import Aggregates
from stats.checks.amount_missing import check_amount_missing
from stats.checks.crossover import check_crossover
from stats.checks.events_missing import check_events_missing
from stats.checks.finding import Finding
from stats.checks.immature import check_immature
from stats.checks.no_exposures import check_no_exposures
from stats.checks.other_currency import check_other_currency
from stats.checks.sample_ratio import check_sample_ratio
from stats.checks.unknown_unit import check_unknown_unit
from stats.checks.unplanned_variant import check_unplanned_variant
from stats.plan import AnalysisPlan

CHECKS: tuple[Callable[[AnalysisPlan, Aggregates], Finding], ...] = (
    check_no_exposures,
    check_sample_ratio,
    check_crossover,
    check_unplanned_variant,
    check_unknown_unit,
    check_events_missing,
    check_immature,
    check_other_currency,
    check_amount_missing,
)


def run_checks(plan: AnalysisPlan, aggregates: Aggregates) -> tuple[Finding, ...]:
    """Run every check; each gives one finding, whether or not something is wrong."""
    return tuple(check(plan, aggregates) for check in CHECKS)
