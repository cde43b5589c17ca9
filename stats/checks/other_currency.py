"""Were events left out because of their currency?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan


def check_other_currency(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count events whose amount is in another currency than the plan's."""
    left_out = {row.currency or "none": row.events for row in aggregates.other_currencies}
    if not left_out:
        return Finding(
            FindingCode.OTHER_CURRENCY, Severity.PASSED, "One currency",
            f"Every amount is in {plan.currency}.", "", {"events": {}},
        )  # fmt: skip
    parts = ", ".join(f"{count} in {currency}" for currency, count in left_out.items())
    return Finding(
        FindingCode.OTHER_CURRENCY, Severity.WARNING, "Events in other currencies left out",
        f"Money is counted in {plan.currency}; left out of every metric: {parts}.",
        f"Convert these amounts to {plan.currency} before they are sent, or read the results as "
        f"{plan.currency} only.",
        {"events": left_out},
    )  # fmt: skip
