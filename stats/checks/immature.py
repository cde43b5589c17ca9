"""Are there units whose window has not closed?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, units_of


def check_immature(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count the units that each metric leaves out for now, and say until when."""
    waiting = {
        metric.key: sum(row.immature_units for row in metric.variants)
        for metric in aggregates.metrics
    }
    closes = [
        row.last_window_closes_at
        for metric in aggregates.metrics
        for row in metric.variants
        if row.immature_units and row.last_window_closes_at is not None
    ]
    if not closes:
        return Finding(
            FindingCode.IMMATURE,
            Severity.PASSED,
            said("All windows closed"),
            said("No unit is left out for an open window."),
            "",
            {"immature_units": waiting},
        )
    last = max(closes).isoformat(timespec="minutes")
    parts = ", ".join(f"{key} {units}" for key, units in waiting.items() if units)
    return Finding(
        FindingCode.IMMATURE,
        Severity.NOTICE,
        said("Windows still open"),
        said(
            "{units} left out because their window has not closed: "
            "{parts}. The last one closes at {last}.",
            units=units_of(plan.randomization_unit).capitalize(),
            parts=parts,
            last=last,
        ),
        said("Wait for it before the final decision."),
        {"immature_units": waiting, "last_window_closes_at": last},
    )
