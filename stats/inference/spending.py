"""How much of the error rate may be spent by a share of the planned information.

Decides nothing about boundaries: `stats.inference.boundary` turns spending into them.
"""

import math
from typing import assert_never

from scipy.special import ndtr, ndtri

from stats.plan.looks import Spending


def spent_by(fraction: float, *, alpha: float, spending: Spending) -> float:
    """Give the error rate that may be spent, in total and on both sides, by a share of the plan.

    Args:
        fraction: Information so far over the information planned, above 0. From 1 on, all is spent.
        alpha: Two-sided error rate of the whole campaign; each side spends one half of it.
        spending: The spending function.

    Source: Lan and DeMets (1983), Biometrika 70; the two functions as in R's ldbounds (type 1 and
    2 at alpha/2 per side) and gsDesign (sfLDOF and sfLDPocock).
    """
    if fraction >= 1:
        return alpha
    match spending:
        case Spending.OBRIEN_FLEMING:
            # a side spends 2(1 - Phi(z/sqrt(t))) of its alpha/2, z the 1 - alpha/4 quantile
            return 4 * float(ndtr(ndtri(alpha / 4) / math.sqrt(fraction)))
        case Spending.POCOCK:
            return alpha * math.log1p((math.e - 1) * fraction)
        case _:
            assert_never(spending)
