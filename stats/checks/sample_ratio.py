"""Do the observed shares contradict the plan, and where does that come from?

Pearson's chi-squared against the planned shares, over the variants that have one. A broken split
means that something besides the offer decides who is counted, so no other number can be trusted.
The same test on every day of first exposure and every segment value, corrected, says where to look.
Source: Fabijan et al. (2019), KDD; the level of 0.001 is meant for daily looks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stats.aggregation.aggregates import Aggregates, UnitCount
from stats.checks.finding import Evidence, EvidenceValue, Finding, FindingCode, Severity
from stats.checks.shares import SMALLEST_EXPECTED, ShareTest, expected_units, share_test
from stats.inference.multiplicity import adjust
from stats.plan import AnalysisPlan
from stats.sentence import said, with_commas

NEGLIGIBLE_SHARE = 0.001
"""A misplaced share below this only warns: it is real, but too small to move a result."""
MOST_NAMED = 3
"""Slices named in the sentence; the evidence has them all."""
WHAT_TO_DO = said(
    "Do not decide by these results. Look for redirects, bots, crashes, late "
    "logging or filters that differ between variants, repair the cause, and "
    "start a new phase."
)


@dataclass(frozen=True, slots=True)
class Slice:
    """Units of one day or one segment value that contradict the plan, with the corrected p."""

    name: str
    p_value: float


@dataclass(frozen=True, slots=True)
class Slices:
    """How many slices were tested, and those that contradict the plan, the worst first."""

    tested: int
    off: tuple[Slice, ...]

    @property
    def evidence(self) -> dict[str, EvidenceValue | Mapping[str, EvidenceValue]]:
        """What programs read: the number, and the corrected p-values of those that are off."""
        return {
            "slices_tested": self.tested,
            "slices_off": {slice_.name: slice_.p_value for slice_ in self.off},
        }

    @property
    def names(self) -> str:
        """The worst slices by name."""
        named = with_commas(
            said("{name} (p = {p_value})", name=slice_.name, p_value=f"{slice_.p_value:.2g}")
            for slice_ in self.off[:MOST_NAMED]
        )
        rest = len(self.off) - MOST_NAMED
        return said("{named} and {rest} more", named=named, rest=rest) if rest > 0 else named


def check_sample_ratio(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare counted units per variant with the planned shares."""
    shares = {
        variant.key: float(variant.planned_share)
        for variant in plan.variants
        if variant.planned_share
    }
    units = {row.variant: row.units for row in aggregates.variants}
    observed: Evidence = {"observed": {key: units.get(key, 0) for key in shares}}
    if len(shares) < 2:  # noqa: PLR2004 - a ratio takes two
        return _not_run(said("Fewer than two variants have a planned share."), observed)
    test = share_test(units, shares)
    if test is None:
        expected = expected_units({key: units.get(key, 0) for key in shares}, shares)
        detail = said(
            "The plan lets {values} units be expected in the smallest variant; at "
            "least {smallest_expected} are needed for the test.",
            values=f"{min(expected.values()):.1f}",
            smallest_expected=SMALLEST_EXPECTED,
        )
        return _not_run(detail, {**observed, "expected": expected})
    slices = _slices(plan, aggregates, shares)
    return _judged(plan, shares, test, slices)


def _judged(
    plan: AnalysisPlan, shares: Mapping[str, float], test: ShareTest, slices: Slices
) -> Finding:
    evidence: Evidence = {
        "observed": test.observed,
        "expected": test.expected,
        "chi2": test.chi2,
        "df": test.df,
        "p_value": test.p_value,
        "alpha": plan.sample_ratio_alpha,
        "misplaced_share": test.misplaced,
        **slices.evidence,
    }
    numbers = said(
        "{observed}; planned {planned}; p = {p_value}.",
        observed=", ".join((f"{key} {count}" for key, count in test.observed.items())),
        planned=", ".join((f"{key} {share:.2%}" for key, share in shares.items())),
        p_value=f"{test.p_value:.2g}",
    )
    if test.p_value >= plan.sample_ratio_alpha:
        if slices.off:
            return Finding(
                FindingCode.SAMPLE_RATIO,
                Severity.WARNING,
                said("Sample ratio off in places"),
                said(
                    "All units together agree with the planned shares, but not those of "
                    "{names}. Together: {numbers}",
                    names=slices.names,
                    numbers=numbers,
                ),
                said("Find out what was different there, and read results without it."),
                evidence,
            )
        return Finding(
            FindingCode.SAMPLE_RATIO,
            Severity.PASSED,
            said("Sample ratio as planned"),
            said("Units per variant agree with the planned shares: {numbers}", numbers=numbers),
            "",
            evidence,
        )
    if test.misplaced < NEGLIGIBLE_SHARE:
        return Finding(
            FindingCode.SAMPLE_RATIO,
            Severity.WARNING,
            said("Sample ratio slightly off"),
            said(
                "The shares differ from the plan by {misplaced} of units, too little to "
                "move a result but too much for chance: {numbers}{whence}",
                misplaced=f"{test.misplaced:.3%}",
                numbers=numbers,
                whence=_whence(slices),
            ),
            said("Look for the cause; it may grow."),
            evidence,
        )
    return Finding(
        FindingCode.SAMPLE_RATIO,
        Severity.FAILURE,
        said("Sample ratio mismatch"),
        said(
            "Units per variant contradict the planned shares: {numbers}{whence}",
            numbers=numbers,
            whence=_whence(slices),
        ),
        WHAT_TO_DO,
        evidence,
    )


def _whence(slices: Slices) -> str:
    if slices.off:
        return said(" It comes from {names}.", names=slices.names)
    if slices.tested > 1:
        return said(" No day and no segment value stands out, so the cause works everywhere alike.")
    return ""


def _slices(plan: AnalysisPlan, aggregates: Aggregates, shares: Mapping[str, float]) -> Slices:
    tests = dict(_slice_tests(plan, aggregates, shares))
    adjusted = adjust([t.p_value for t in tests.values()], alpha=plan.sample_ratio_alpha)
    off = [
        Slice(name, test.p_value)
        for name, test in zip(tests, adjusted, strict=True)
        if test.significant
    ]
    return Slices(len(tests), tuple(sorted(off, key=lambda slice_: slice_.p_value)))


def _slice_tests(
    plan: AnalysisPlan, aggregates: Aggregates, shares: Mapping[str, float]
) -> Iterator[tuple[str, ShareTest]]:
    names = {segment.key: segment.name or segment.key for segment in plan.segments}
    by_slice: dict[str, dict[str, int]] = {}
    for row in (*aggregates.units_by_day, *aggregates.units_by_segment):
        counts = by_slice.setdefault(_slice_name(row, names), {})
        counts[row.variant] = counts.get(row.variant, 0) + row.units
    for name, counts in by_slice.items():
        test = share_test(counts, shares)
        if test is not None:
            yield name, test


def _slice_name(row: UnitCount, names: Mapping[str, str]) -> str:
    if row.segment is None:
        return said("day {day}", day=row.day)
    name = names.get(row.segment, row.segment)
    if row.value is None:
        return said("{segment} = unknown", segment=name)
    return f"{name} = {row.value}"


def _not_run(detail: str, evidence: Evidence) -> Finding:
    return Finding.not_checked(
        FindingCode.SAMPLE_RATIO,
        said("Sample ratio"),
        detail,
        what_to_do=said("Compare the units per variant with what was intended."),
        evidence=evidence,
    )
