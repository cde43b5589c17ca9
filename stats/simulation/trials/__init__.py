"""Statistical worlds with known truth: what a test is calibrated in.

The rest of `stats.simulation` makes the history of one membership; here thousands of runs of a
campaign are drawn at once and only their moments are kept, or one run with a row for every unit.
Read `world` first, then the worlds of `counted` (values from a short list), `orders` (amounts of
money), `lifetimes` (days until a member lapses) and `novelty` (an effect that wears off).

    rng = np.random.default_rng(7)
    control = REVENUE.batch(rng, runs=1_000, units=5_000)
    treatment = REVENUE.batch(rng, runs=1_000, units=5_000, lift=0.02)
    summaries = control.mean_summaries(), treatment.mean_summaries()
"""

from stats.simulation.trials.batch import Batch, accrued
from stats.simulation.trials.catalogue import (
    BINARY,
    HOUSEHOLDS,
    NON_COMPLIANCE,
    ORDERS,
    RETENTION,
    REVENUE,
    WORLDS,
)
from stats.simulation.trials.counted import CountedWorld
from stats.simulation.trials.lifetimes import LIFETIMES, Lifetimes, LifetimesBatch
from stats.simulation.trials.novelty import NOVELTY, Novelty, NoveltyBatch
from stats.simulation.trials.orders import OrdersWorld
from stats.simulation.trials.rows import TrialPlan, unit_rows, write_trial
from stats.simulation.trials.world import TrialWorld

__all__ = [
    "BINARY",
    "HOUSEHOLDS",
    "LIFETIMES",
    "NON_COMPLIANCE",
    "NOVELTY",
    "ORDERS",
    "RETENTION",
    "REVENUE",
    "WORLDS",
    "Batch",
    "CountedWorld",
    "Lifetimes",
    "LifetimesBatch",
    "Novelty",
    "NoveltyBatch",
    "OrdersWorld",
    "TrialPlan",
    "TrialWorld",
    "accrued",
    "unit_rows",
    "write_trial",
]
