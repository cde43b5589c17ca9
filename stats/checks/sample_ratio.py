"""Do the observed shares contradict the plan?

Pearson's chi-squared against the planned shares, over the variants that have one. A broken split
means that something besides the offer decides who is counted, so no other number can be trusted.
Source: Fabijan et al. (2019), KDD; the level of 0.001 is meant for daily looks.
"""

from scipy.special import chdtrc

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan

SMALLEST_EXPECTED = 5
"""Below this expected count, chi-squared is not chi-squared (Cochran, 1954)."""
NEGLIGIBLE_SHARE = 0.001
"""A misplaced share below this only warns: it is real, but too small to move a result."""
WHAT_TO_DO = (
    "Do not decide by these results. Look for redirects, bots, crashes, late logging or filters "
    "that differ between variants, repair the cause, and start a new phase."
)


def check_sample_ratio(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare counted units per variant with the planned shares."""
    observed = {row.variant: row.units for row in aggregates.variants}
    shares = {
        variant.key: float(variant.planned_share)
        for variant in plan.variants
        if variant.planned_share
    }
    counts = {key: observed.get(key, 0) for key in shares}
    units, planned = sum(counts.values()), sum(shares.values())
    if len(shares) < 2:  # noqa: PLR2004 - a ratio takes two
        return _not_run("Fewer than two variants have a planned share.", {"observed": counts})
    expected = {key: units * share / planned for key, share in shares.items()}
    if min(expected.values()) < SMALLEST_EXPECTED:
        detail = (
            f"The plan lets {min(expected.values()):.1f} units be expected in the smallest "
            f"variant; at least {SMALLEST_EXPECTED} are needed for the test."
        )
        return _not_run(detail, {"observed": counts, "expected": expected})
    chi2 = sum((counts[key] - expected[key]) ** 2 / expected[key] for key in shares)
    p_value = float(chdtrc(len(shares) - 1, chi2))
    misplaced = sum(abs(counts[key] - expected[key]) for key in shares) / 2 / units
    evidence: Evidence = {
        "observed": counts,
        "expected": expected,
        "chi2": chi2,
        "df": len(shares) - 1,
        "p_value": p_value,
        "alpha": plan.sample_ratio_alpha,
        "misplaced_share": misplaced,
    }
    numbers = (
        f"{', '.join(f'{key} {count}' for key, count in counts.items())}; planned "
        f"{', '.join(f'{key} {share:.2%}' for key, share in shares.items())}; p = {p_value:.2g}."
    )
    if p_value >= plan.sample_ratio_alpha:
        return Finding(
            FindingCode.SAMPLE_RATIO, Severity.PASSED, "Sample ratio as planned",
            f"Units per variant agree with the planned shares: {numbers}", "", evidence,
        )  # fmt: skip
    if misplaced < NEGLIGIBLE_SHARE:
        return Finding(
            FindingCode.SAMPLE_RATIO, Severity.WARNING, "Sample ratio slightly off",
            f"The shares differ from the plan by {misplaced:.3%} of units, too little to move a "
            f"result but too much for chance: {numbers}",
            "Look for the cause; it may grow.", evidence,
        )  # fmt: skip
    return Finding(
        FindingCode.SAMPLE_RATIO, Severity.FAILURE, "Sample ratio mismatch",
        f"Units per variant contradict the planned shares: {numbers}", WHAT_TO_DO, evidence,
    )  # fmt: skip


def _not_run(detail: str, evidence: Evidence) -> Finding:
    return Finding(
        FindingCode.SAMPLE_RATIO, Severity.NOTICE, "Sample ratio not checked",
        detail, "Compare the units per variant with what was intended.", evidence,
    )  # fmt: skip
