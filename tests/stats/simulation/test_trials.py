"""Statistical worlds have the truth that they say they have."""

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from stats.errors import InvalidSimulation
from stats.simulation.trials import (
    BINARY,
    HOUSEHOLDS,
    LIFETIMES,
    NON_COMPLIANCE,
    NOVELTY,
    ORDERS,
    REVENUE,
    WORLDS,
    Batch,
    Lifetimes,
    OrdersWorld,
    TrialPlan,
    TrialWorld,
    accrued,
    unit_rows,
    write_trial,
)

RUNS, UNITS = 1_000, 500
ALL = pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))


def batch_of(values: np.ndarray) -> Batch:
    """Summarise one run from its units."""
    return Batch(len(values), values.sum(axis=0)[None], (values.T @ values)[None])


@ALL
@pytest.mark.parametrize("lift", [0.0, 0.1])
def test_means_are_those_of_the_law(world: TrialWorld, lift: float) -> None:
    """The average over many runs lies within four standard errors of the true mean."""
    batch = world.batch(np.random.default_rng(1), runs=RUNS, units=UNITS, lift=lift)
    error = batch.means.std(axis=0, ddof=1) / math.sqrt(RUNS)
    assert np.all(np.abs(batch.means.mean(axis=0) - world.means(lift)) <= 4 * error + 1e-12)


@ALL
def test_units_follow_the_law_of_batches(world: TrialWorld) -> None:
    """Rows and batches are two views of one law: same means and same co-moments, within chance."""
    rng = np.random.default_rng(2)
    batch = world.batch(rng, runs=400, units=UNITS)
    rows = [batch_of(world.values(rng, units=UNITS)) for _ in range(400)]
    for ours, theirs in (
        (batch.totals, np.concatenate([r.totals for r in rows])),
        (batch.products, np.concatenate([r.products for r in rows])),
    ):
        error = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / 400)
        assert np.all(np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) <= 4.5 * error + 1e-9)


@ALL
def test_a_lift_raises_the_outcome_and_no_covariate(world: TrialWorld) -> None:
    """A lift of a tenth changes the first column alone."""
    plain, raised = world.means(), world.means(0.1)
    assert raised[0] > plain[0]
    assert raised[1:] == pytest.approx(plain[1:], rel=1e-12)


@ALL
def test_the_same_seed_gives_the_same_batch(world: TrialWorld) -> None:
    """Draws depend on the generator alone."""
    one, two = (world.batch(np.random.default_rng(3), runs=5, units=100) for _ in range(2))
    assert np.array_equal(one.totals, two.totals)
    assert np.array_equal(one.products, two.products)


@ALL
def test_summaries_are_those_of_the_units(world: TrialWorld) -> None:
    """`Moments` of a batch equal numpy's of the units."""
    values = world.values(np.random.default_rng(4), units=UNITS, lift=0.0)
    (moments,) = batch_of(values).moments()
    assert moments.totals == pytest.approx(values.sum(axis=0))
    centred = np.cov(values.T) * (UNITS - 1)
    assert np.array(moments.centred) == pytest.approx(centred, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("world", [REVENUE, ORDERS], ids=["revenue", "orders"])
def test_single_amounts_follow_the_law_of_batches(world: OrdersWorld) -> None:
    """Those who spend are as many as the law says, and spend its moments, lift included."""
    runs = list(world.revenues(np.random.default_rng(5), runs=400, units=UNITS, lift=0.2))
    assert len(runs) == 400
    units = 400 * UNITS
    idle = world.order_shares[0]
    error = math.sqrt(idle * (1 - idle) / units)
    assert abs(sum(map(len, runs)) / units - (1 - idle)) < 4 * error
    for power in (1, 2):
        sums = np.array([(part**power).sum() for part in runs]) / UNITS
        truth = 1.2**power * world.moment(power)
        assert abs(sums.mean() - truth) < 4 * sums.std() / math.sqrt(400)


def test_the_true_moments_are_those_of_many_units() -> None:
    """Spread, co-moments and correlation of the law are those that a large batch shows."""
    for world in (REVENUE, ORDERS):
        values = world.values(np.random.default_rng(15), units=1_000_000)
        before = world.columns.index("revenue_before")
        assert values[:, 0].std() == pytest.approx(world.std_dev(), rel=0.03)
        shown = np.corrcoef(values[:, 0], values[:, before])[0, 1]
        assert shown == pytest.approx(world.correlation_with_before(), abs=0.02)
    crossed = (values[:, 0] * values[:, 1]).mean()
    assert crossed == pytest.approx(ORDERS.expected(1, 1), rel=0.02)
    rate = BINARY.means()[0]
    assert BINARY.std_dev() == pytest.approx(math.sqrt(rate * (1 - rate)))


def test_a_run_in_which_nobody_orders_sums_to_nothing() -> None:
    """Runs without any active unit have sums of 0, wherever they stand in the batch."""
    rare = OrdersWorld("rare", (0.9, 0.1), level=0, spread_between=1)
    batch = rare.batch(np.random.default_rng(6), runs=200, units=3)
    idle = batch.totals.sum(axis=1) == 0
    assert 0 < idle.sum() < 200
    assert np.all(batch.products[idle] == 0)
    assert np.all(batch.products[~idle].sum(axis=(1, 2)) > 0)


def test_moments_of_revenue_are_those_of_the_log_normal_law() -> None:
    """E yᵏ = 0.2 · exp(3k + k²/2) for a fifth of buyers with log-normal(3, 1) amounts."""
    for power in (1, 2, 3):
        assert REVENUE.moment(power) == pytest.approx(0.2 * math.exp(3 * power + power**2 / 2))


def test_orders_of_a_unit_are_alike() -> None:
    """Errors from single orders would be too small: a unit's orders have something in common."""
    values = ORDERS.values(np.random.default_rng(7), units=50_000)
    several = values[values[:, 1] >= 4]
    mean_value = several[:, 0] / several[:, 1]
    within = ORDERS.spread_within**2 / 4
    assert np.log(mean_value).var() > 2 * within


def test_members_of_a_household_share_a_fate() -> None:
    """The spread of upgrades in a household is larger than that of independent members."""
    values = HOUSEHOLDS.values(np.random.default_rng(8), units=50_000)
    fours = values[values[:, 1] == 4][:, 0]
    rate = fours.mean() / 4
    assert fours.var() > 1.3 * 4 * rate * (1 - rate)


def test_the_correlation_of_a_binary_covariate_is_the_one_asked_for() -> None:
    """Outcome and period before have a correlation of 0.3."""
    (batch,) = [BINARY.batch(np.random.default_rng(9), runs=1, units=2_000_000)]
    c = batch.centred[0]
    assert c[0, 1] / math.sqrt(c[0, 0] * c[1, 1]) == pytest.approx(0.3, abs=0.01)


def test_only_those_exposed_feel_the_effect() -> None:
    """A lift of 20 % for those exposed is less for all who were assigned."""
    of_all = NON_COMPLIANCE.means(0.2)[0] / NON_COMPLIANCE.means()[0] - 1
    # exposed: 0.5·0.3 at 2 % and 0.5·0.8 at 10 %, of 6 % in all
    assert of_all == pytest.approx(0.2 * (0.15 * 0.02 + 0.4 * 0.1) / 0.06)


def test_a_lift_that_no_chance_can_have_is_refused() -> None:
    """A chance below 0 or above 1 is no law."""
    with pytest.raises(InvalidSimulation):
        BINARY.law(200.0)
    with pytest.raises(InvalidSimulation):
        Lifetimes(days=10, enrolment=11)
    with pytest.raises(InvalidSimulation):
        OrdersWorld("half", (0.5,), level=0, spread_between=1)


def test_looks_accrue() -> None:
    """Each look sees all units so far, and the sums of disjoint units add up."""
    rng = np.random.default_rng(10)
    steps = [REVENUE.batch(rng, runs=3, units=units) for units in (100, 50, 25)]
    looks = accrued(steps)
    assert [look.units for look in looks] == [100, 150, 175]
    (together,) = (steps[0].moments()[1] + steps[1].moments()[1],)
    seen = looks[1].moments()[1]
    assert seen.totals == pytest.approx(together.totals)
    assert np.array(seen.centred) == pytest.approx(np.array(together.centred))


def test_life_tables_follow_the_hazards() -> None:
    """Lapses over those at risk are the chance to lapse, each day and under any hazard ratio."""
    batch = LIFETIMES.batch(np.random.default_rng(11), runs=200, units=2_000, ratio=0.8)
    lapsed, at_risk = batch.lapsed.sum(axis=0), batch.at_risk.sum(axis=0)
    hazards = LIFETIMES.hazards(0.8)
    error = np.sqrt(hazards * (1 - hazards) / at_risk)
    assert np.all(np.abs(lapsed / at_risk - hazards) < 4.5 * error)
    assert np.all(batch.lapsed.sum(axis=1) + batch.left.sum(axis=1) == 2_000)


def test_the_restricted_mean_is_the_area_under_the_survival_curve() -> None:
    """A constant chance h to lapse gives 1 + (1-h) + … + (1-h)^(t-1) days."""
    even = Lifetimes(days=30, enrolment=10, first=0.1, last=0.1)
    assert even.restricted_mean(20) == pytest.approx((1 - 0.9**20) / 0.1)


def test_an_effect_wears_off() -> None:
    """The lift halves in a half-life, and the days of a unit are alike."""
    assert NOVELTY.lifts(0.2)[3] == pytest.approx(0.1)
    batch = NOVELTY.batch(np.random.default_rng(12), runs=2_000, units=1_000, lift=0.2)
    error = batch.active.std(axis=0) / 1_000 / math.sqrt(2_000)
    assert np.all(np.abs(batch.active.mean(axis=0) / 1_000 - NOVELTY.rates(0.2)) < 4.5 * error)
    assert np.corrcoef(batch.active[:, 0], batch.active[:, 9])[0, 1] > 0.1
    assert batch.day(1).totals[:, 0].tolist() == batch.active[:, 0].tolist()


def test_rows_come_with_their_truth(tmp_path: Path) -> None:
    """A written world has a row for each unit, and the true mean of every column and variant."""
    plan = TrialPlan(ORDERS, {"control": 400, "gift": 200}, {"gift": 0.1}, seed=7)
    write_trial(tmp_path, plan)
    rows = pq.read_table(tmp_path / "units.parquet")
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert rows.column_names == ["unit_id", "variant", *ORDERS.columns]
    assert rows.num_rows == 600
    assert len(set(rows["unit_id"].to_pylist())) == 600
    means = truth["variants"]["gift"]["true_means"]
    assert means["revenue"] == pytest.approx(1.1 * ORDERS.means()[0])


def test_a_further_variant_changes_no_row_of_the_others() -> None:
    """Every variant has random numbers of its own."""
    two = TrialPlan(BINARY, {"control": 50, "gift": 50}, {}, seed=7)
    three = TrialPlan(BINARY, {"control": 50, "mail": 10, "gift": 50}, {"mail": 0.5}, seed=7)
    kept = unit_rows(three).to_pylist()
    assert unit_rows(two).to_pylist() == [row for row in kept if row["variant"] != "mail"]


def test_a_trial_without_two_variants_is_refused() -> None:
    """There is nothing to compare with, or a lift for a variant that is not there."""
    with pytest.raises(InvalidSimulation):
        TrialPlan(BINARY, {"control": 50}, {}, seed=7)
    with pytest.raises(InvalidSimulation):
        TrialPlan(BINARY, {"control": 50, "gift": 50}, {"mail": 0.1}, seed=7)
