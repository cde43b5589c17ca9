"""Were members left out because their unit is unknown?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan


def check_unknown_unit(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count exposed members of whom no exposure names a unit."""
    members = aggregates.unknown_unit_members
    unit = plan.randomization_unit.value
    if members == 0:
        return Finding(
            FindingCode.UNKNOWN_UNIT, Severity.PASSED, "Every unit known",
            f"The {unit} of every exposed member is known.", "", {"members": 0},
        )  # fmt: skip
    return Finding(
        FindingCode.UNKNOWN_UNIT, Severity.WARNING, "Members left out: unit unknown",
        f"{members} exposed members are left out because their {unit} is unknown.",
        f"Send the {unit} of these members, and check that it is missing equally in all variants.",
        {"members": members},
    )  # fmt: skip
