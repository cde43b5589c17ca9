"""Money quotients: when there is none, and how often their intervals hold the truth."""

import math

import numpy as np
import pytest

from stats.errors import EffectNearZero, NoExtraCost, NoGain, UndefinedStatus
from stats.inference.money import Costs, Incremental
from stats.inference.outcome import Certain, Undefined
from stats.inference.ratio_of_differences import Pair, UnboundedRatio
from stats.moments import Moments
from tests.stats.money_read import ends


def pair(control: np.ndarray, treatment: np.ndarray) -> Pair:
    """Moments of five rows each."""
    made = []
    for columns in (control, treatment):
        n = columns.shape[1]
        sums = [float(one) for one in columns.sum(axis=1)]
        made.append(Moments.from_shifted(n, [0.0] * 5, sums, (columns @ columns.T).tolist()))
    return Pair(*made)


def test_treatment_that_saves_money_has_no_return_on_extra_spending() -> None:
    """Where the treatment costs less than the control there is no spending to have a return."""
    rng = np.random.default_rng(3)
    made = [rng.exponential(100, (5, 200)) for _ in range(2)]
    made[0][1] += 500

    result = Incremental(pair(*made), Costs(200), 0.05)

    with pytest.raises(NoExtraCost) as fault:
        result.roi()
    assert Undefined.because(fault.value).status is UndefinedStatus.NO_EXTRA_COST


def test_quotients_over_an_effect_that_may_be_zero_do_not_exist() -> None:
    """Nothing is divided by upgrades that cannot be told from 0, nor by fewer of them."""
    rng = np.random.default_rng(4)
    made = [rng.exponential(100, (5, 200)) for _ in range(2)]
    made[0][3] = made[1][3]

    with pytest.raises(EffectNearZero, match="upgrades cannot be told from 0"):
        Incremental(pair(*made), Costs(200), 0.05).cost_per_upgrade()
    made[0][3] = made[0][3] + 500
    with pytest.raises(NoGain, match="fewer upgrades"):
        Incremental(pair(*made), Costs(200), 0.05).affordable_per_upgrade()


def test_costs_that_nobody_has_are_known() -> None:
    """Without a reward in either variant its difference is 0 for certain, and no fault."""
    zeros = np.zeros((5, 10))

    outcome = Incremental(pair(zeros, zeros), Costs(10), 0.05).cost(0, 1)

    assert isinstance(outcome, Certain)
    assert outcome.estimate == 0


TRUE = {"margin": 1.2, "cost": 2.0, "upgrades": 0.15, "rewards": 0.5}
"""Per unit: net 1.2 after cost 2.0; 0.15 upgrades and 0.5 rewards more."""
RUNS, UNITS = 3000, 300


def drawn(rng: np.random.Generator) -> Pair:
    """Units of both variants: margins skewed, costs and upgrades correlated with them."""
    sides = []
    for treated in (0, 1):
        upgraded = rng.random(UNITS) < 0.2 + TRUE["upgrades"] * treated
        granted = (rng.random(UNITS) < 0.1 + TRUE["rewards"] * treated).astype(float)
        reward = granted * 4.0
        gross = rng.gamma(1.5, 6.0, UNITS) + 5.0 * (upgraded - 0.2 - TRUE["upgrades"] * treated)
        gross += treated * (TRUE["margin"] + TRUE["cost"])
        contact = np.full(UNITS, 0.5)
        sides.append(np.array([gross, reward, contact, upgraded.astype(float), granted]))
    return pair(sides[0], sides[1])


def kept(outcome: object, truth: float) -> bool:
    """Whether a set holds the truth."""
    if isinstance(outcome, UnboundedRatio):
        if outcome.at_most is None or outcome.at_least is None:
            return True
        return truth <= outcome.at_most or truth >= outcome.at_least
    _, low, high = ends(outcome)
    return low <= truth <= high


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Over 3,000 seeded draws each interval holds the truth in 95 %, within three errors."""
    rng = np.random.default_rng(20_260_731)
    costs = Costs(UNITS, fixed=0.3 * UNITS)
    held = dict.fromkeys(("margin", "roi", "cost", "break_even"), 0)
    for _ in range(RUNS):
        result = Incremental(drawn(rng), costs, 0.05)
        held["margin"] += kept(result.margin(), (TRUE["margin"] - 0.3) * UNITS)
        held["roi"] += kept(result.roi(), (TRUE["margin"] - 0.3) / (TRUE["cost"] + 0.3))
        # rarely the effect cannot be told from 0: then there is no interval to miss the truth
        try:
            held["cost"] += kept(result.cost_per_upgrade(), TRUE["cost"] / TRUE["upgrades"])
        except EffectNearZero:
            held["cost"] += 1
        reward = (TRUE["margin"] + TRUE["cost"] - 0.3) / TRUE["rewards"]
        held["break_even"] += kept(result.break_even_reward(), reward)

    slack = 3 * math.sqrt(0.95 * 0.05 / RUNS)
    for name, count in held.items():
        assert count / RUNS == pytest.approx(0.95, abs=slack), name
