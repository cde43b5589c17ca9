"""Were events left out because of what their properties say?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, with_semicolons

MOST_LEFT_OUT = 0.01
"""Share of the events that the OEC may leave out and still decide."""


def check_property_unusable(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count events that a metric leaves out: a property is missing, no number, or out of range."""
    left_out = {
        f"{', '.join(row.events)}: {' or '.join(row.properties)}": row.left_out
        for row in aggregates.unusable
    }
    if not left_out:
        return Finding(
            FindingCode.PROPERTY_UNUSABLE,
            Severity.PASSED,
            said("Properties usable"),
            said("Every event whose properties are counted says what is counted."),
            "",
            {"events": {}},
        )
    metrics = sorted({key for row in aggregates.unusable for key in row.metrics})
    parts = with_semicolons(
        said("{count} of {where}", count=count, where=where) for where, count in left_out.items()
    )
    margin = any("cost_minor" in row.properties for row in aggregates.unusable)
    rate = (
        said(
            " Where orders never say their margin or cost, set the programme's "
            "gross_margin_rate and start a new phase."
        )
        if margin
        else ""
    )
    severity = Severity.FAILURE if _is_decisive(plan, aggregates) else Severity.WARNING
    return Finding(
        FindingCode.PROPERTY_UNUSABLE,
        severity,
        said("Events left out for their properties"),
        said(
            "A property is missing, is no number, or is out of range, so that these "
            "events are left out of {metrics}: {parts}.",
            metrics=", ".join(metrics),
            parts=parts,
        ),
        said("Send these properties as numbers within their range.{rate}", rate=rate),
        {"events": left_out},
    )


def _is_decisive(plan: AnalysisPlan, aggregates: Aggregates) -> bool:
    """Whether the OEC leaves out so many of its events that it says something else."""
    seen = {row.event: row.seen for row in aggregates.events}
    return any(
        row.left_out > MOST_LEFT_OUT * sum(seen.get(event, 0) for event in row.events)
        for row in aggregates.unusable
        if plan.oec is not None and plan.oec.key in row.metrics
    )
