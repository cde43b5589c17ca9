"""A sample-ratio test that may be read after every single unit.

The planned shares are weighed against a Dirichlet mixture of all shares. Without a mismatch the
Bayes factor reaches 1/alpha with probability alpha at most, however often it is read, so it suits a
live guard that stops a broken campaign within hours.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import gammaln

from stats.errors import InvalidSizing, TooFewUnits

DEFAULT_CONCENTRATION = 10_000.0
"""Weight of the planned shares within the mixture: mismatches are expected to be small."""


@dataclass(frozen=True, slots=True)
class SequentialSampleRatio:
    """The evidence against the planned shares so far.

    Attributes:
        log_bayes_factor: Natural logarithm of the evidence for other shares over the planned ones.
        p_value: Valid at every reading: 1 over the largest Bayes factor so far, at most 1.
        units: Units counted.
    """

    log_bayes_factor: float
    p_value: float
    units: int

    def found(self, alpha: float) -> bool:
        """Whether the shares contradict the plan at this error rate over all readings."""
        return self.p_value < alpha


def sequential_sample_ratio(
    units: Sequence[int],
    planned_shares: Sequence[float],
    *,
    concentration: float = DEFAULT_CONCENTRATION,
    earlier: SequentialSampleRatio | None = None,
) -> SequentialSampleRatio:
    """Weigh the units per variant against the planned shares.

    Args:
        units: Units of each variant that has a planned share, so far, from the first on.
        planned_shares: Their planned shares, above 0, in any scale.
        concentration: Sum of the Dirichlet's parameters, spread as planned. Larger finds smaller
            mismatches later; a uniform mixture over two variants has 2.
        earlier: The last reading of the same campaign, so that evidence once found stays found.

    Raises:
        TooFewUnits: There is no unit yet.
        InvalidSizing: Fewer than two variants, a share or a concentration that is not above 0, or
            units that are negative. Units in a variant without a share are a finding of their own.

    Source: Lindon and Malek (2022), NeurIPS, "Anytime-valid inference for multinomial count data";
    the Bayes factor is scipy.stats.dirichlet_multinomial over scipy.stats.multinomial.
    """
    if len(units) != len(planned_shares) or len(units) < 2:  # noqa: PLR2004 - a split takes two
        raise InvalidSizing(units, field="units", expected="give two or more variants, each once")
    if min(planned_shares) <= 0 or not math.isfinite(sum(planned_shares)):
        raise InvalidSizing(
            planned_shares, field="planned_shares", expected="leave out variants without a share"
        )
    if not (concentration > 0 and math.isfinite(concentration)):
        raise InvalidSizing(concentration, field="concentration", expected="give a number above 0")
    if min(units) < 0:
        raise InvalidSizing(units, field="units", expected="give counts of 0 or more")
    seen, total = sum(units), math.fsum(planned_shares)
    if seen == 0:
        raise TooFewUnits(0, 1)
    log_factor = _log_rising(concentration, seen) * -1
    for count, share in zip(units, planned_shares, strict=True):
        planned = share / total
        log_factor += _log_rising(concentration * planned, count) - count * math.log(planned)
    p_value = math.exp(min(0.0, -log_factor))
    if earlier is not None:
        p_value = min(p_value, earlier.p_value)
    return SequentialSampleRatio(log_factor, p_value, seen)


def _log_rising(start: float, count: int) -> float:
    """Give ln(start (start + 1) ... (start + count - 1))."""
    return float(gammaln(start + count) - gammaln(start))
