"""Were exposures logged for variants without a planned share?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said


def check_unplanned_variant(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count exposures in variants that the plan gives no share."""
    planned = {variant.key for variant in plan.variants if variant.planned_share}
    observed = {
        row.variant: row.units
        for row in aggregates.variants
        if row.variant not in planned and (row.units or row.exposures)
    }
    if not observed:
        return Finding(
            FindingCode.UNPLANNED_VARIANT,
            Severity.PASSED,
            said("Only planned variants"),
            said("Exposures were logged only for variants with a planned share."),
            "",
            {"observed": {}},
        )
    known = {variant.key for variant in plan.variants}
    unknown = sorted(observed.keys() - known)
    fate = (
        said(" Not in the plan at all, so not compared: {unknown}.", unknown=", ".join(unknown))
        if unknown
        else ""
    )
    return Finding(
        FindingCode.UNPLANNED_VARIANT,
        Severity.WARNING,
        said("Variants without a planned share"),
        said(
            "Exposures were logged for {sorted}, which the plan gives no share; the "
            "sample-ratio check leaves them out.{fate}",
            sorted=", ".join(sorted(observed)),
            fate=fate,
        ),
        said("Find out who logged them; if the split was made elsewhere, declare its shares."),
        {"observed": observed},
    )
