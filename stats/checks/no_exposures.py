"""Is there anything to analyse?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said


def check_no_exposures(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Name the variants of the plan in which no unit counts."""
    observed = {row.variant: row.units for row in aggregates.variants}
    units = {variant.key: observed.get(variant.key, 0) for variant in plan.variants}
    empty = [key for key, count in units.items() if count == 0]
    what_to_do = said(
        "Check that the campaign runs, and that whoever shows the offer logs exposures."
    )
    if len(empty) == len(units):
        return Finding(
            FindingCode.NO_EXPOSURES,
            Severity.FAILURE,
            said("No exposures"),
            said("No unit of any planned variant has been exposed yet."),
            what_to_do,
            {"units": units},
        )
    if empty:
        return Finding(
            FindingCode.NO_EXPOSURES,
            Severity.FAILURE,
            said("Variants without exposures"),
            said("No unit has been exposed to {empty}.", empty=", ".join(empty)),
            what_to_do,
            {"units": units},
        )
    return Finding(
        FindingCode.NO_EXPOSURES,
        Severity.PASSED,
        said("Exposures in every variant"),
        said("{values} units are counted.", values=sum(units.values())),
        "",
        {"units": units},
    )
