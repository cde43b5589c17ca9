"""The history of a simulated programme."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
from scipy import stats

from stats.errors import InvalidSimulation
from stats.simulation import OrderPlan, SeasonPlan, World, WorldPlan, simulate_world
from tests.stats.simulation.worlds import FLAT, per_member, settled

_CHANCE = 1e-3  # a correct simulator fails each goodness-of-fit test for one seed in a thousand


@pytest.fixture(scope="module")
def world() -> World:
    """A programme with everything switched on."""
    return simulate_world(WorldPlan(members=20_000, seed=11))


def test_orders_per_member_are_negative_binomial() -> None:
    """Without tiers, churn and newcomers, orders a year follow scipy's nbinom(k, k / (k + m))."""
    plan = settled(2)
    world = simulate_world(plan)
    counts = per_member(world.people.member_id.to_pylist(), world.orders()["member_id"].to_pylist())
    mean, k = plan.orders.per_year * plan.years, plan.orders.dispersion
    law = stats.nbinom(k, k / (k + mean))
    cells = np.minimum(counts, 25)
    expected = np.append(law.pmf(np.arange(25)), law.sf(24)) * plan.members

    fit = stats.chisquare(np.bincount(cells, minlength=26), expected)

    assert fit.pvalue > _CHANCE
    assert counts.mean() == pytest.approx(mean, abs=4 * law.std() / plan.members**0.5)


def test_amounts_are_log_normal() -> None:
    """Without the heavy tail, logs of amounts are normal around the log of the median."""
    orders = OrderPlan(member_sigma=0.0, large_share=0.0, median_minor=400_000)
    world = simulate_world(settled(3, 1_000, orders))

    logs = np.log(world.orders()["amount_minor"].to_numpy())

    assert stats.kstest(logs, stats.norm(np.log(400_000), orders.order_sigma).cdf).pvalue > _CHANCE


def test_mean_amount_includes_the_pareto_tail() -> None:
    """The mean amount is median · exp(σ²/2) · (1 + share · (a/(a-1) - 1)), within 4 errors."""
    orders = OrderPlan(member_sigma=0.0, large_share=0.3, large_exponent=6.0)
    world = simulate_world(settled(4, 20_000, orders))
    amounts = world.orders()["amount_minor"].to_numpy()
    normal = stats.lognorm(orders.order_sigma, scale=orders.median_minor)
    tail = stats.pareto(6.0)
    first = 0.7 + 0.3 * tail.mean()
    second = 0.7 + 0.3 * tail.moment(2)
    mean = normal.mean() * first
    std_error = np.sqrt((normal.moment(2) * second - mean**2) / amounts.size)

    assert amounts.mean() == pytest.approx(mean, abs=4 * std_error)
    assert orders.median_minor * orders.mean_factor == pytest.approx(mean)


def test_weekdays_have_their_planned_shares_in_the_time_zone_of_the_programme() -> None:
    """Orders by local weekday are multinomial with the plan's factors times the days."""
    factors = (1.0, 1.0, 1.0, 1.5, 2.0, 3.0, 0.5)
    plan = WorldPlan(
        members=5_000,
        time_zone="Pacific/Auckland",
        start=datetime(2024, 12, 31, 11, tzinfo=UTC),  # local midnight
        end=datetime(2025, 12, 30, 11, tzinfo=UTC),  # 52 weeks on
        seasons=SeasonPlan(factors, yearly_swing=0.0, november_peak=0.0, night=1.0),
        newcomer_share=0.0,
        yearly_churn=0.0,
    )
    local = pd.DatetimeIndex(simulate_world(plan).orders()["occurred_at"].to_pandas()).tz_convert(
        plan.time_zone
    )
    counts = np.bincount(local.day_of_week, minlength=7)

    fit = stats.chisquare(counts, np.array(factors) / sum(factors) * counts.sum())

    assert fit.pvalue > _CHANCE


def test_few_order_at_night() -> None:
    """The share between local midnight and six is 6·night / (6·night + 18), within 4 errors."""
    flat = SeasonPlan((1.0,) * 7, yearly_swing=0.0, november_peak=0.0, night=0.2)
    plan = WorldPlan(members=3_000, seasons=flat, newcomer_share=0.0, yearly_churn=0.0)
    local = pd.DatetimeIndex(simulate_world(plan).orders()["occurred_at"].to_pandas()).tz_convert(
        plan.time_zone
    )
    share = 6 * 0.2 / (6 * 0.2 + 18)

    # the two changes of the clock move an hour each, far below the error
    assert np.mean(local.hour < 6) == pytest.approx(
        share, abs=4 * np.sqrt(share * (1 - share) / local.size)
    )


def test_november_peaks() -> None:
    """With a peak of +200 %, 25 November sees three times the orders of a day in June."""
    peaked = SeasonPlan((1.0,) * 7, yearly_swing=0.0, november_peak=2.0, night=1.0)
    plan = WorldPlan(members=20_000, seasons=peaked, newcomer_share=0.0, yearly_churn=0.0)
    local = pd.DatetimeIndex(simulate_world(plan).orders()["occurred_at"].to_pandas()).tz_convert(
        plan.time_zone
    )
    june = np.sum(local.month == 6) / 30
    peak = np.sum((local.month == 11) & (local.day == 25))

    assert peak == pytest.approx(3 * june, abs=4 * np.sqrt(3 * june + 9 * june / 30))


def test_summer_is_lower_than_winter_by_the_planned_swing() -> None:
    """The yearly wave is highest on 1 December: 1 + s over 1 - s against the first of June."""
    waved = SeasonPlan((1.0,) * 7, yearly_swing=0.5, november_peak=0.0, night=1.0)
    plan = WorldPlan(members=20_000, seasons=waved, newcomer_share=0.0, yearly_churn=0.0)
    day = pd.DatetimeIndex(simulate_world(plan).orders()["occurred_at"].to_pandas()).day_of_year
    high, low = np.sum(np.abs(day - 335) <= 3), np.sum(np.abs(day - 152) <= 3)

    # var(high - 3 low) of two Poisson counts, high being 3 low
    assert high == pytest.approx(3 * low, abs=4 * np.sqrt(high + 9 * low))


def test_tiers_follow_from_spend(world: World) -> None:
    """Tiers equal the thresholds held against pandas' own sum of 365 days net of refunds."""
    members = world.members().to_pandas().set_index("member_id")
    orders, refunds = world.orders().to_pandas(), world.refunds().to_pandas()
    recent = orders[orders["occurred_at"] >= world.plan.end - pd.Timedelta(days=365)]
    returned = refunds.set_index("order_id")["amount_minor"]
    net = recent["amount_minor"] - recent["order_id"].map(returned).fillna(0).astype(int)
    spend = net.groupby(recent["member_id"]).sum().reindex(members.index, fill_value=0)
    thresholds = [rung.entry_threshold_minor for rung in world.ladder]
    keys = np.array([rung.key for rung in world.ladder])
    earned = np.digitize(spend, thresholds) - 1
    by_hand = (members["tier_source"] == "manual").to_numpy()

    assert (members["spend_12m_minor"] == spend).all()
    assert (members["tier"].to_numpy() == keys[earned + by_hand]).all()
    assert 0 < by_hand.sum() < 0.02 * len(members)


def test_distance_to_the_next_tier_is_the_spend_still_missing(world: World) -> None:
    """Spend and distance add up to the next threshold; the top tier has no distance."""
    members = world.members().to_pandas()
    following = {
        lower.key: upper.entry_threshold_minor
        for lower, upper in zip(world.ladder, world.ladder[1:], strict=False)
    }
    below = members[members["tier"] != world.ladder[-1].key]

    total = below["spend_12m_minor"] + below["distance_to_next_minor"]

    assert (total == below["tier"].map(following)).all()
    assert (below["distance_to_next_minor"] > 0).all()
    assert members.drop(below.index)["distance_to_next_minor"].isna().all()


def test_thresholds_admit_the_planned_shares(world: World) -> None:
    """Rounding to two digits moves a threshold by 5 % at most, so the share lies in between."""
    spend = np.asarray(world.members()["spend_12m_minor"])
    below = np.cumsum([tier.share for tier in world.plan.tiers])[:-1]
    for rung, share in zip(world.ladder[1:], below, strict=True):
        threshold = rung.entry_threshold_minor

        assert np.mean(spend < 0.95 * threshold) <= share <= np.mean(spend <= 1.05 * threshold)


def test_ids_are_unique_and_some_are_not_ascii(world: World) -> None:
    """Every id names one thing, and member ids in other scripts and with emoji occur."""
    member_ids = world.people.member_id.to_pylist()
    conversion_ids = world.conversions()["conversion_id"]

    assert len(set(member_ids)) == world.plan.members
    assert pc.count_distinct(conversion_ids).as_py() == len(conversion_ids)
    strange = [one for one in member_ids if not one.isascii()]
    assert {one.rsplit("-", 1)[0] for one in strange} == {"會員", "membré", "m🦊"}


def test_everything_happens_within_the_history(world: World) -> None:
    """Every event lies in [start, end), in the order of time, in whole microseconds of UTC."""
    happened = world.conversions()["occurred_at"]

    assert str(happened.type) == "timestamp[us, tz=UTC]"
    assert pc.min(happened).as_py() >= world.plan.start
    assert pc.max(happened).as_py() < world.plan.end
    assert np.all(np.diff(happened.cast("int64").to_numpy()) >= 0)


def test_nobody_orders_before_joining_or_after_leaving(world: World) -> None:
    """Orders lie between the moment a member joins and the moment the member leaves for good."""
    bought, people = world.purchases, world.people

    assert np.all(bought.at >= people.joined[bought.member])
    assert np.all(bought.at < people.leaves[bought.member])


def test_amounts_are_positive_integers(world: World) -> None:
    """Orders and refunds carry int64 minor units of at least one, in the plan's currency."""
    for table in (world.orders(), world.refunds()):
        assert str(table["amount_minor"].type) == "int64"
        assert pc.min(table["amount_minor"]).as_py() >= 1
        assert pc.unique(table["currency"]).to_pylist() == ["EUR"]


def test_refunds_follow_their_order_and_never_exceed_it(world: World) -> None:
    """A refund names an order of the same member, comes later, and returns at most its amount."""
    both = world.refunds().to_pandas().merge(world.orders().to_pandas(), on="order_id")

    assert len(both) == world.refunds().num_rows
    assert (both["member_id_x"] == both["member_id_y"]).all()
    assert (both["occurred_at_x"] > both["occurred_at_y"]).all()
    assert (both["amount_minor_x"] <= both["amount_minor_y"]).all()


def test_the_planned_share_of_orders_is_refunded() -> None:
    """Of the orders early enough to be refunded, the planned share is, within 4 errors."""
    world = simulate_world(settled(5, 20_000, OrderPlan(refund_share=0.1, refund_days=1.0)))
    orders, refunds = world.orders().to_pandas(), world.refunds().to_pandas()
    early = orders[orders["occurred_at"] < world.plan.end - pd.Timedelta(days=40)]

    share = early["order_id"].isin(refunds["order_id"]).mean()

    assert share == pytest.approx(0.1, abs=4 * np.sqrt(0.1 * 0.9 / len(early)))


def test_members_are_shown_as_they_were(world: World) -> None:
    """At an earlier moment only those who had joined exist, and later opt-outs still consent."""
    moment = datetime(2025, 6, 1, tzinfo=UTC)
    then, now = world.members_at(moment).to_pandas(), world.members().to_pandas()
    joined = now[now["joined_at"] < moment]
    opted_out = world.conversions().filter(pc.field("event") == "opt_out").to_pandas()
    later = opted_out[opted_out["occurred_at"] >= moment]["member_id"]
    earlier = opted_out[opted_out["occurred_at"] < moment]["member_id"]
    consent = then.set_index("member_id")["personalisation_consent"]

    assert set(then["member_id"]) == set(joined["member_id"])
    assert consent.reindex(later).dropna().any()
    assert not consent.reindex(earlier).any()
    assert not now.set_index("member_id")["personalisation_consent"].reindex(later).any()


def test_households_have_at_most_four_members(world: World) -> None:
    """The planned share lives together, two to four to a household (the last may be cut short)."""
    sizes = world.members().to_pandas().groupby("household_id").size()

    assert sizes.max() <= 4
    assert (sizes < 2).sum() <= 1
    assert sizes.sum() == int(world.plan.members * world.plan.household_share)


def test_churn_and_newcomers_lower_the_orders() -> None:
    """Churn at rate c leaves (1 - e^-c) / c of the orders of a year, within 4 errors."""
    plan = WorldPlan(
        members=20_000,
        tiers=settled(1).tiers,
        seasons=FLAT,
        newcomer_share=0.0,
        yearly_churn=0.8,
    )
    counts = per_member(
        (world := simulate_world(plan)).people.member_id.to_pylist(),
        world.orders()["member_id"].to_pylist(),
    )
    expected = plan.orders.per_year * (1 - np.exp(-0.8 * plan.years)) / 0.8

    assert counts.mean() == pytest.approx(expected, abs=4 * counts.std() / plan.members**0.5)


def test_a_moment_outside_the_history_is_refused(world: World) -> None:
    """Attributes exist only within the history, and only for times with a time zone."""
    with pytest.raises(InvalidSimulation, match="a time from"):
        world.members_at(datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidSimulation, match="time zone"):
        world.members_at(datetime(2025, 6, 1))  # noqa: DTZ001 -- the naive time is what is refused


@pytest.mark.parametrize("members", [1, 2])
def test_the_smallest_programmes_work(members: int) -> None:
    """One member suffices, and a ladder on nothing spent still ascends."""
    world = simulate_world(WorldPlan(members=members, orders=OrderPlan(per_year=1e-9)))
    thresholds = [rung.entry_threshold_minor for rung in world.ladder]

    assert world.orders().num_rows == 0
    assert world.members().num_rows == members
    assert thresholds == sorted(set(thresholds))
