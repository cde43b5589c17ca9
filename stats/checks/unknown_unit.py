"""Were members left out because their unit is unknown?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan
from stats.sentence import said, unit_of


def check_unknown_unit(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count exposed members of whom no exposure names a unit."""
    members = aggregates.unknown_unit_members
    unit = unit_of(plan.randomization_unit)
    if members == 0:
        return Finding(
            FindingCode.UNKNOWN_UNIT,
            Severity.PASSED,
            said("Every unit known"),
            said("The {unit} of every exposed member is known.", unit=unit),
            "",
            {"members": 0},
        )
    return Finding(
        FindingCode.UNKNOWN_UNIT,
        Severity.WARNING,
        said("Members left out: unit unknown"),
        said(
            "{members} exposed members are left out because their {unit} is unknown.",
            members=members,
            unit=unit,
        ),
        said(
            "Send the {unit} of these members, and check that it is missing equally "
            "in all variants.",
            unit=unit,
        ),
        {"members": members},
    )
