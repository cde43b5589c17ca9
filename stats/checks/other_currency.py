"""Were events left out because of their currency?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, with_commas


def check_other_currency(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count events whose amount is in another currency than the plan's."""
    left_out = {row.currency or "none": row.events for row in aggregates.other_currencies}
    if not left_out:
        return Finding(
            FindingCode.OTHER_CURRENCY,
            Severity.PASSED,
            said("One currency"),
            said("Every amount is in {currency}.", currency=plan.currency),
            "",
            {"events": {}},
        )
    parts = with_commas(
        said("{count} in {currency}", count=count, currency=currency)
        for currency, count in left_out.items()
    )
    return Finding(
        FindingCode.OTHER_CURRENCY,
        Severity.WARNING,
        said("Events in other currencies left out"),
        said(
            "Money is counted in {currency}; left out of every metric: {parts}.",
            currency=plan.currency,
            parts=parts,
        ),
        said(
            "Convert these amounts to {currency} before they are sent, or read the "
            "results as {currency} only.",
            currency=plan.currency,
        ),
        {"events": left_out},
    )
