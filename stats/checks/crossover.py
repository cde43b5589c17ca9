"""Were units seen in more than one variant?"""

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Finding, FindingCode, Severity
from stats.plan import AnalysisPlan, CrossoverRule


def check_crossover(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count units seen in two or more variants, and say what became of them."""
    crossed = sum(row.units for row in aggregates.crossovers)
    evidence = {
        "units": crossed,
        "rule": plan.crossover_rule.value,
        "by_variants": {" + ".join(row.variants): row.units for row in aggregates.crossovers},
    }
    if crossed == 0:
        return Finding(
            FindingCode.CROSSOVER, Severity.PASSED, "No unit in two variants",
            "Every unit was seen in one variant only.", "", evidence,
        )  # fmt: skip
    excluded = plan.crossover_rule is CrossoverRule.EXCLUDE
    fate = "left out" if excluded else "counted in the variant that they were seen in first"
    return Finding(
        FindingCode.CROSSOVER, Severity.WARNING, "Units seen in two variants",
        f"{crossed} {plan.randomization_unit.value}s were exposed to more than one variant; by "
        f"the plan's rule they are {fate}.",
        "Check that every channel asks for the assignment and none makes its own, and that ids "
        "are not shared.",
        evidence,
    )  # fmt: skip
