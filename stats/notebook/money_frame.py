"""The money of a scorecard as a tidy frame: one row per treatment and amount."""

import pandas as pd

from stats.inference.outcome import Certain, Estimate, Undefined
from stats.inference.ratio_of_differences import RatioEstimate, UnboundedRatio
from stats.scorecard import Scorecard
from stats.scorecard.comparison import DifferenceOutcome
from stats.scorecard.money import QuotientOutcome

COLUMNS = ("treatment", "amount", "estimate", "ci_low", "ci_high", "status", "sentence")
SHARES = frozenset({"roi", "upgraded"})
AMOUNTS = (
    *("gross_margin", "reward_cost", "contact_cost", "contribution_margin", "upgraded"),
    *("incremental_margin", "adjusted_margin", "per_thousand", "per_year", "roi"),
    *("cost_per_upgrade", "break_even_reward", "affordable_per_upgrade"),
)


def money_frame(scorecard: Scorecard) -> pd.DataFrame:
    """Give one row per treatment and amount, money in major units; empty without money."""
    major = 10**scorecard.currency_exponent
    money = scorecard.money
    rows = []
    for one in () if money is None else money.treatments:
        for amount in AMOUNTS:
            outcome: DifferenceOutcome | QuotientOutcome | None = getattr(one, amount)
            if outcome is not None:
                step = 1 if amount in SHARES else major
                rows.append((one.treatment, amount, *_read(outcome, step)))
    numbers = dict.fromkeys(("estimate", "ci_low", "ci_high"), "float64")
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(numbers)


def _read(
    outcome: DifferenceOutcome | QuotientOutcome, step: int
) -> tuple[float | None, float | None, float | None, str, str]:
    match outcome:
        case Estimate() | RatioEstimate():
            ends = (outcome.ci_low / step, outcome.ci_high / step)
            return (outcome.estimate / step, *ends, outcome.status, "")
        case Certain():
            point = outcome.estimate / step
            return (point, point, point, outcome.status, outcome.sentence)
        case UnboundedRatio():
            why = "What it is divided by cannot be told from 0, which bounds nothing."
            return (outcome.estimate / step, None, None, outcome.status, why)
        case Undefined():
            return (None, None, None, outcome.status.value, outcome.sentence)
