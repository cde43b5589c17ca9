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
from stats.plan import AnalysisPlan, CrossoverRule, RandomizationUnit
from stats.sentence import Sentence, said, said_many

FEW: Final = 0.001
"""Below this share of units only a notice: too few to move a result."""
MANY: Final = 0.05
"""Beyond this share the assignment does not stick: a failure."""
ALPHA: Final = 0.001
"""Error rate of the test that the share is beyond `MANY`, and of the test of the pairs."""
WHAT_TO_DO = said(
    "Check that every channel asks for the assignment and none makes its "
    "own, and that ids are not shared."
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
            FindingCode.CROSSOVER,
            Severity.PASSED,
            said("No unit in two variants"),
            said("Every unit was seen in one variant only."),
            "",
            evidence,
        )
    fate = (
        said("left out")
        if excluded
        else said("counted in the variant that they were seen in first")
    )
    detail = _exposed_twice(plan, crossed, share=f"{share:.2%}", fate=fate)
    if pairs is not None and pairs.p_value < ALPHA and share >= FEW:
        worst = max(pairs.observed, key=lambda pair: pairs.observed[pair] / pairs.expected[pair])
        return Finding(
            FindingCode.CROSSOVER,
            Severity.FAILURE,
            said("Crossing over depends on the variant"),
            said(
                "{detail} {worst} was crossed by {observed}, where the shares of the "
                "variants let {expected} be expected (p = {p_value}).",
                detail=detail,
                worst=worst,
                observed=pairs.observed[worst],
                expected=f"{pairs.expected[worst]:.0f}",
                p_value=f"{pairs.p_value:.2g}",
            ),
            said("Do not decide by these results. {what_to_do}", what_to_do=WHAT_TO_DO),
            evidence,
        )
    if crossed and float(bdtrc(crossed - 1, units, MANY)) < ALPHA:
        return Finding(
            FindingCode.CROSSOVER,
            Severity.FAILURE,
            said("Many units seen in two variants"),
            said(
                "{detail} That is more than {many}: the assignment does not stick.",
                detail=detail,
                many=f"{MANY:.0%}",
            ),
            said("Do not decide by these results. {what_to_do}", what_to_do=WHAT_TO_DO),
            evidence,
        )
    if share < FEW:
        return Finding(
            FindingCode.CROSSOVER,
            Severity.NOTICE,
            said("A few units seen in two variants"),
            said("{detail} Less than {few} cannot move a result.", detail=detail, few=f"{FEW:.1%}"),
            WHAT_TO_DO,
            evidence,
        )
    return Finding(
        FindingCode.CROSSOVER,
        Severity.WARNING,
        said("Units seen in two variants"),
        detail,
        WHAT_TO_DO,
        evidence,
    )


def _exposed_twice(plan: AnalysisPlan, crossed: int, *, share: str, fate: str) -> Sentence:
    if plan.randomization_unit is RandomizationUnit.HOUSEHOLD:
        return said_many(
            "{crossed} household ({share} of all) was exposed to more than one variant; by the "
            "plan's rule they are {fate}.",
            "{crossed} households ({share} of all) were exposed to more than one variant; by the "
            "plan's rule they are {fate}.",
            crossed,
            crossed=crossed,
            share=share,
            fate=fate,
        )
    return said_many(
        "{crossed} member ({share} of all) was exposed to more than one variant; by the plan's "
        "rule they are {fate}.",
        "{crossed} members ({share} of all) were exposed to more than one variant; by the plan's "
        "rule they are {fate}.",
        crossed,
        crossed=crossed,
        share=share,
        fate=fate,
    )


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
