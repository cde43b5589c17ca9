"""Pearson's chi-squared of units per variant against planned shares."""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

SMALLEST_EXPECTED = 5
"""Below this expected count, chi-squared is not chi-squared (Cochran, 1954)."""


@dataclass(frozen=True, slots=True)
class ShareTest:
    """Observed units beside those that planned shares let expect.

    Attributes:
        observed: Units per variant that has a share.
        expected: The same number of units, shared out as planned.
        chi2: Pearson's statistic.
        p_value: Probability of a statistic at least as large by chance alone.
    """

    observed: Mapping[str, int]
    expected: Mapping[str, float]
    chi2: float
    p_value: float

    @property
    def df(self) -> int:
        """Degrees of freedom: variants with a share, less one."""
        return len(self.expected) - 1

    @property
    def misplaced(self) -> float:
        """Share of units that would have to change the variant to be as planned."""
        gaps = sum(abs(self.observed[key] - self.expected[key]) for key in self.expected)
        return gaps / 2 / sum(self.observed.values())


def expected_units(observed: Mapping[str, int], shares: Mapping[str, float]) -> dict[str, float]:
    """Share out all units as planned; `shares` are above 0 and need not total 1."""
    units, planned = sum(observed.values()), sum(shares.values())
    return {key: units * share / planned for key, share in shares.items()}


def share_test(units: Mapping[str, int], shares: Mapping[str, float]) -> ShareTest | None:
    """Test units against shares, or give None where too few are expected in a variant.

    Args:
        units: Per variant; those without a share are left out.
        shares: Planned, of at least two variants, above 0.
    """
    observed = {key: units.get(key, 0) for key in shares}
    expected = expected_units(observed, shares)
    if min(expected.values()) < SMALLEST_EXPECTED:
        return None
    chi2 = sum((observed[key] - expected[key]) ** 2 / expected[key] for key in shares)
    return ShareTest(observed, expected, chi2, float(chdtrc(len(shares) - 1, chi2)))
