"""Can what is counted cross from one unit to another?"""

from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan, RandomizationUnit
from stats.sentence import said

CROSSING: Final = frozenset({"referral"})
"""Events by which one unit acts on another, who may have another variant."""


def check_spillover(plan: AnalysisPlan, _aggregates: Aggregates) -> Finding:
    """Name the metrics whose events tie members together who were randomised one by one."""
    metrics = [metric.key for metric in plan.metrics if CROSSING & set(metric.definition.events)]
    alone = plan.randomization_unit is RandomizationUnit.MEMBER
    if not metrics or not alone:
        return Finding(
            FindingCode.SPILLOVER,
            Severity.PASSED,
            said("Nothing crosses between units"),
            said("No metric counts what one unit does to another.")
            if not metrics
            else said("Units are households, within which most of it stays."),
            "",
            {"metrics": ", ".join(metrics)},
        )
    decides = plan.oec is not None and plan.oec.key in metrics
    return Finding(
        FindingCode.SPILLOVER,
        Severity.WARNING if decides else Severity.NOTICE,
        said("Members act on one another"),
        said(
            "{metrics} count what members do to others, who may have another "
            "variant: effects cross between variants, and errors are understated.",
            metrics=", ".join(metrics),
        ),
        said("Randomise by household, or read these as descriptive."),
        {"metrics": ", ".join(metrics)},
    )
