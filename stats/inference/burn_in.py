"""How much must have been seen before a look rests on normal statistics.

A variant without outcomes has no error to speak of, and a mean of a few is skewed. Equal variants
offset each other's skewness; in an uneven split the smaller one's is left over. With q units of the
smaller variant for one of the larger, and values of skewness s, the difference of two means of the
same distribution has the squared skewness

    s²/n · (1 - q)²/(1 + q),    n the units of the smaller variant,

which is 0 at q = 1. Where outcomes are rare, s² is one over their share, and s²/n one over the
outcomes that the smaller variant expects: so these have to grow with the split.

Decisions here take units and outcomes of both variants together, never their difference: without an
effect the two are uncorrelated, so that leaving looks out does not move the error rate.
"""

import math

from stats.errors import TooFewNonzero, TooFewUnits

BURN_IN = 100
"""Units that each variant needs before the first look: normal statistics are asymptotic."""
FEWEST_NONZERO = 20
"""Units with an outcome that the smaller variant would have without an effect. With fewer, its
error is itself a matter of chance: at 20:1 and a rate of 1 %, a sequence that starts at 100 units
is wrong in 18 % of campaigns, one that waits for these in 2 %."""
EACH_SIDE = 355
"""Units per squared skewness at which each side of a 95 % interval is right by itself, to less than
half a percentage point. Boundaries need that: what a look finds too often on one side, no other
look makes up for on the other. Source: Boos and Hughes-Oliver (2000), "How Large Does n Have to be
for Z and t Intervals?", The American Statistician 54; the number is that of Kohavi and others
(2014), "Seven Rules of Thumb for Web Site Experimenters"."""
BOTH_SIDES = 50
"""Units per squared skewness at which both sides together are right to half a percentage point: the
term in 1/n of Edgeworth's expansion of a t statistic (Hall, 1992, section 2.6)."""


def check_burn_in(
    units: tuple[int, int],
    *,
    nonzero_units: int | None,
    burn_in: int = BURN_IN,
    fewest_nonzero: int = FEWEST_NONZERO,
) -> None:
    """Refuse data too few for a normal approximation at every look.

    Args:
        units: Of the two variants.
        nonzero_units: Units of the two together whose value (a ratio's numerator) is not 0; `None`
            where that is not known or values spread about 0.
        burn_in: Units that each variant needs.
        fewest_nonzero: Of those not 0, how many the smaller variant needs in proportion.

    Raises:
        TooFewUnits: A variant has fewer units than the burn-in.
        TooFewNonzero: The smaller variant's share of those not 0 is too small.
    """
    fewest = min(units)
    if fewest < burn_in:
        raise TooFewUnits(fewest, burn_in)
    if nonzero_units is not None:
        # by the share of units, not by each count: an offer that stops all orders must be seen
        expected = nonzero_units * fewest / sum(units)
        if expected < fewest_nonzero:
            raise TooFewNonzero(expected, fewest_nonzero)


def check_planned_look(units: tuple[int, int], *, nonzero_units: int | None, final: bool) -> None:
    """Refuse a planned look at too little for its boundary to hold.

    Args:
        units: Of the two variants.
        nonzero_units: See `check_burn_in`.
        final: Whether it is the last one. If no other was taken, it is one ordinary test.

    Raises:
        TooFewUnits: A variant has fewer than 100 units.
        TooFewNonzero: The smaller variant's share of those not 0 is below `fewest_at_look`.
    """
    fewest = fewest_at_look(units, final=final)
    check_burn_in(units, nonzero_units=nonzero_units, fewest_nonzero=fewest)


def fewest_at_look(units: tuple[int, int], *, final: bool) -> int:
    """Give the outcomes that the smaller variant must expect at a planned look.

    20 in an even split; 60, 190 and 306 at 2:1, 5:1 and 20:1, and at the last look 20, 27 and 43.
    For outcomes that are there or not. Amounts are more skewed, by how much is not known here.

    Args:
        units: Of the two variants.
        final: Whether it is the last one.
    """
    larger = max(units)
    q = min(units) / larger if larger else 1.0
    unevenness = (1 - q) ** 2 / (1 + q)
    return max(FEWEST_NONZERO, math.ceil((BOTH_SIDES if final else EACH_SIDE) * unevenness))
