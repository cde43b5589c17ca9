"""Were units seen in more than one variant, how many, and more in some pairs than in others?

A unit that crossed over has had two treatments, so it belongs to neither. A few do no harm: at most
their share of a result can be wrong. Many mean that the assignment does not stick. Where some pairs
of variants are crossed more often than their shares let expect, crossing over depends on the
variant, and leaving these units out changes who is compared.
"""

from itertools import combinations
from typing import Final

from scipy.special import bdtrc

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.checks.shares import ShareTest, share_test
from stats.plan import AnalysisPlan, CrossoverRule

FEW: Final = 0.001
"""Below this share of units only a notice: too few to move a result."""
MANY: Final = 0.05
"""Beyond this share the assignment does not stick: a failure."""
ALPHA: Final = 0.001
"""Error rate of the test that the share is beyond `MANY`, and of the test of the pairs."""
WHAT_TO_DO = (
    "Check that every channel asks for the assignment and none makes its own, and that ids "
    "are not shared."
)


def check_crossover(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Count units seen in two or more variants, and say what became of them."""
    crossed = sum(row.units for row in aggregates.crossovers)
    excluded = plan.crossover_rule is CrossoverRule.EXCLUDE
    counted = sum(row.units for row in aggregates.variants)
    units = counted + crossed if excluded else max(counted, crossed)
    share = crossed / units if units else 0.0
    pairs = _pairs(plan, aggregates)
    evidence: Evidence = {
        "units": crossed,
        "share": share,
        "rule": plan.crossover_rule.value,
        "by_variants": {" + ".join(row.variants): row.units for row in aggregates.crossovers},
        "pairs_p_value": None if pairs is None else pairs.p_value,
    }
    if crossed == 0:
        return Finding(
            FindingCode.CROSSOVER, Severity.PASSED, "No unit in two variants",
            "Every unit was seen in one variant only.", "", evidence,
        )  # fmt: skip
    fate = "left out" if excluded else "counted in the variant that they were seen in first"
    noun = plan.randomization_unit.value
    detail = (
        f"{crossed} {noun}{'' if crossed == 1 else 's'} ({share:.2%} of all) "
        f"{'was' if crossed == 1 else 'were'} exposed to more than one variant; by the plan's rule "
        f"they are {fate}."
    )
    if pairs is not None and pairs.p_value < ALPHA and share >= FEW:
        worst = max(pairs.observed, key=lambda pair: pairs.observed[pair] / pairs.expected[pair])
        return Finding(
            FindingCode.CROSSOVER, Severity.FAILURE, "Crossing over depends on the variant",
            f"{detail} {worst} was crossed by {pairs.observed[worst]}, where the shares of the "
            f"variants let {pairs.expected[worst]:.0f} be expected (p = {pairs.p_value:.2g}).",
            f"Do not decide by these results. {WHAT_TO_DO}", evidence,
        )  # fmt: skip
    if crossed and float(bdtrc(crossed - 1, units, MANY)) < ALPHA:
        return Finding(
            FindingCode.CROSSOVER, Severity.FAILURE, "Many units seen in two variants",
            f"{detail} That is more than {MANY:.0%}: the assignment does not stick.",
            f"Do not decide by these results. {WHAT_TO_DO}", evidence,
        )  # fmt: skip
    if share < FEW:
        return Finding(
            FindingCode.CROSSOVER, Severity.NOTICE, "A few units seen in two variants",
            f"{detail} Less than {FEW:.1%} cannot move a result.", WHAT_TO_DO, evidence,
        )  # fmt: skip
    return Finding(
        FindingCode.CROSSOVER, Severity.WARNING, "Units seen in two variants", detail, WHAT_TO_DO,
        evidence,
    )  # fmt: skip


def _pairs(plan: AnalysisPlan, aggregates: Aggregates) -> ShareTest | None:
    """Test units per pair of variants against the product of the planned shares."""
    planned = {v.key: float(v.planned_share) for v in plan.variants if v.planned_share}
    chances = {
        " + ".join(sorted(pair)): planned[pair[0]] * planned[pair[1]]
        for pair in combinations(planned, 2)
    }
    if len(chances) < 2:  # noqa: PLR2004 - one pair has nothing to differ from
        return None
    crossed = {" + ".join(sorted(row.variants)): row.units for row in aggregates.crossovers}
    return share_test(crossed, chances)
