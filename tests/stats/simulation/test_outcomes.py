"""What a campaign does to a simulated world, and what it must leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import pytest
from scipy import stats
from statsmodels.stats.proportion import test_proportions_2indep as compare_proportions
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from stats.errors import InvalidSimulation
from stats.simulation import (
    NO_EFFECT,
    Assignments,
    Effect,
    TrueValues,
    World,
    WorldPlan,
    assign_members,
    drop_exposures,
    simulate_outcomes,
    simulate_world,
    true_effects,
)
from tests.stats.simulation.worlds import (
    CAMPAIGN_START,
    OFFERED,
    WINDOW,
    campaign,
    per_member,
    settled,
)

_FAR = 4.0  # standard errors: a correct simulator is further off for one seed in 16,000


@pytest.fixture(scope="module")
def world() -> World:
    """A programme before any campaign."""
    return simulate_world(WorldPlan(members=20_000, seed=21))


@pytest.fixture(scope="module")
def assigned(world: World) -> Assignments:
    """A split in halves."""
    return assign_members(world, campaign(NO_EFFECT))


def _happened(world: World, assigned: Assignments, effect: Effect, seed: int = 1) -> pd.DataFrame:
    outcomes = simulate_outcomes(
        world, assigned, {"control": NO_EFFECT, "trial": effect}, window=WINDOW, seed=seed
    )
    return outcomes.conversions.to_pandas().merge(assigned.table.to_pandas(), on="member_id")


def _truth(world: World, assigned: Assignments, effect: Effect) -> tuple[TrueValues, TrueValues]:
    control, trial = true_effects(
        world, assigned, {"control": NO_EFFECT, "trial": effect}, window=WINDOW
    )
    return control, trial


def _values(
    assigned: Assignments, happened: pd.DataFrame, variant: str, event: str, column: str = ""
) -> np.ndarray:
    table = assigned.table.to_pandas()
    members = table[table["variant"] == variant]["member_id"]
    rows = happened[happened["event"] == event].groupby("member_id")
    values = rows[column].sum() if column else rows.size()
    return values.reindex(members, fill_value=0).to_numpy(dtype=float)


def test_a_control_fares_as_without_the_campaign(world: World, assigned: Assignments) -> None:
    """Orders, refunds and visits of the control are those of the world, id by id."""
    happened = _happened(world, assigned, OFFERED)
    before = world.conversions().to_pandas().merge(assigned.table.to_pandas(), on="member_id")
    inside = (before["occurred_at"] >= before["exposed_at"]) & (
        before["occurred_at"] < before["exposed_at"] + WINDOW
    )
    expected = before[inside & (before["variant"] == "control")]
    control = happened[(happened["variant"] == "control") & (happened["event"] != "tier_change")]

    assert set(control["conversion_id"]) == set(expected["conversion_id"])
    assert control["amount_minor"].sum() == expected["amount_minor"].sum()


def test_a_variant_does_not_depend_on_the_effects_of_others(
    world: World, assigned: Assignments
) -> None:
    """Common random numbers: changing the trial's effect changes nothing in the control."""
    one = _happened(world, assigned, OFFERED).query("variant == 'control'")
    other = _happened(world, assigned, Effect(order_rate=0.3, upgrade=9)).query(
        "variant == 'control'"
    )

    pd.testing.assert_frame_equal(
        one.sort_values("conversion_id", ignore_index=True),
        other.sort_values("conversion_id", ignore_index=True),
    )


@pytest.mark.parametrize("rate", [0.6, 1.2, 2.5])
def test_planted_order_rate_is_found_by_welch(
    world: World, assigned: Assignments, rate: float
) -> None:
    """The true ratio is the multiplier, and statsmodels' difference is within 4 errors of it."""
    effect = Effect(order_rate=rate)
    happened = _happened(world, assigned, effect)
    control, trial = _truth(world, assigned, effect)
    compared = CompareMeans(
        DescrStatsW(_values(assigned, happened, "trial", "order")),
        DescrStatsW(_values(assigned, happened, "control", "order")),
    )
    difference = compared.d1.mean - compared.d2.mean

    assert trial.orders_per_member / control.orders_per_member == pytest.approx(rate)
    assert difference == pytest.approx(
        trial.orders_per_member - control.orders_per_member,
        abs=_FAR * compared.std_meandiff_separatevar,
    )


def test_planted_revenue_is_found_by_welch(world: World, assigned: Assignments) -> None:
    """Gross revenue per member is rate · amount times the control's, within 4 errors."""
    happened = _happened(world, assigned, OFFERED)
    control, trial = _truth(world, assigned, OFFERED)
    compared = CompareMeans(
        DescrStatsW(_values(assigned, happened, "trial", "order", "amount_minor")),
        DescrStatsW(_values(assigned, happened, "control", "order", "amount_minor")),
    )

    planted = trial.gross_revenue_per_member_minor - control.gross_revenue_per_member_minor
    assert planted == pytest.approx(0.32 * control.gross_revenue_per_member_minor)
    assert compared.d1.mean - compared.d2.mean == pytest.approx(
        planted, abs=_FAR * compared.std_meandiff_separatevar
    )


@pytest.mark.parametrize(
    ("event", "value"), [("tier_change", "upgrade_rate"), ("order", "repurchase_rate")]
)
def test_planted_shares_are_found_in_each_variant(
    world: World, assigned: Assignments, event: str, value: str
) -> None:
    """Upgrades and repurchases in both variants are binomially close to their true rates."""
    happened = _happened(world, assigned, OFFERED)
    for variant, truth in zip(("control", "trial"), _truth(world, assigned, OFFERED), strict=True):
        reached = _values(assigned, happened, variant, event) > 0
        rate = getattr(truth, value)

        assert reached.mean() == pytest.approx(
            rate, abs=_FAR * np.sqrt(rate * (1 - rate) / reached.size)
        )


def test_planted_upgrade_is_significant_to_statsmodels(world: World, assigned: Assignments) -> None:
    """A true lift of one half is found by an independent test of two proportions."""
    happened = _happened(world, assigned, OFFERED)
    control, trial = _truth(world, assigned, OFFERED)
    counts = {
        variant: _values(assigned, happened, variant, "tier_change")
        for variant in ("control", "trial")
    }
    found = compare_proportions(
        int(counts["trial"].sum()),
        counts["trial"].size,
        int(counts["control"].sum()),
        counts["control"].size,
    )

    assert trial.upgrade_rate / control.upgrade_rate == pytest.approx(1.5)
    assert found.pvalue < 1e-6


def test_the_funnel_runs_in_order_and_only_in_the_treatment(
    world: World, assigned: Assignments
) -> None:
    """Views, clicks and claims are nested, ascend in time, and have their planted rates."""
    happened = _happened(world, assigned, OFFERED)
    truth = _truth(world, assigned, OFFERED)[1]
    exposed = assigned.table.to_pandas().query("variant == 'trial'").set_index("member_id")
    previous = exposed["exposed_at"]
    for event in ("offer_view", "offer_click", "offer_claim"):
        rows = happened[happened["event"] == event].set_index("member_id")
        rate = getattr(truth, f"{event}_rate")

        assert rows.index.is_unique
        assert set(rows["variant"]) == {"trial"}
        assert (rows["occurred_at"] > previous.reindex(rows.index)).all()
        assert len(rows) / len(exposed) == pytest.approx(
            rate, abs=_FAR * np.sqrt(rate * (1 - rate) / len(exposed))
        )
        previous = rows["occurred_at"]


def test_each_claim_issues_its_reward(world: World, assigned: Assignments) -> None:
    """There is one reward per claim, of the planted cost, at the moment of the claim."""
    happened = _happened(world, assigned, OFFERED)
    claims = happened.query("event == 'offer_claim'").set_index("member_id")
    rewards = happened.query("event == 'reward_issue'").set_index("member_id")

    assert (rewards["occurred_at"] == claims["occurred_at"].reindex(rewards.index)).all()
    assert len(rewards) == len(claims)
    assert set(rewards["amount_minor"]) == {500}


def test_upgrades_climb_one_tier_and_name_their_cause(world: World, assigned: Assignments) -> None:
    """A tier change leads to the next rung; the offer is its cause only after a claim."""
    happened = _happened(world, assigned, OFFERED)
    keys = [rung.key for rung in world.ladder]
    changes = happened.query("event == 'tier_change'").set_index("member_id")
    claims = happened.query("event == 'offer_claim'").set_index("member_id")["occurred_at"]
    claimed_before = claims.reindex(changes.index) <= changes["occurred_at"]
    tiers = world.members_at(CAMPAIGN_START).to_pandas().set_index("member_id")["tier"]

    assert (changes["to"].map(keys.index) == changes["from"].map(keys.index) + 1).all()
    assert ((changes["cause"] == "offer") == claimed_before).all()
    # the campaign's first exposure comes minutes after its start; hardly anyone moves in between
    assert (changes["from"] == tiers.reindex(changes.index)).mean() > 0.99


def test_fewer_orders_are_a_subset_of_those_without_the_effect(
    world: World, assigned: Assignments
) -> None:
    """A rate below one drops orders and adds or changes none."""
    few = _happened(world, assigned, Effect(order_rate=0.5)).query("event == 'order'")
    all_of_them = _happened(world, assigned, NO_EFFECT).query("event == 'order'")

    merged = few.merge(all_of_them, on="conversion_id")
    assert len(merged) == len(few) < len(all_of_them)
    assert (merged["amount_minor_x"] == merged["amount_minor_y"]).all()


def test_amounts_in_the_window_are_multiplied(world: World, assigned: Assignments) -> None:
    """With a multiplier of 1.25 the trial's orders are that times the old, to the minor unit."""
    plain = _happened(world, assigned, NO_EFFECT).query("event == 'order'")
    dear = _happened(world, assigned, Effect(amount=1.25)).query("event == 'order'")

    both = dear.merge(plain, on="conversion_id").query("variant_x == 'trial'")
    assert len(both) > 1_000
    assert np.abs(both["amount_minor_x"] - 1.25 * both["amount_minor_y"]).max() <= 0.5


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_refund_probability_holds_for_the_orders_of_the_window(
    world: World, assigned: Assignments, probability: float
) -> None:
    """At 0 no order of the window is refunded, at 1 all whose refund is due before the end."""
    effects = {"control": NO_EFFECT, "trial": Effect(refund_probability=probability)}
    outcomes = simulate_outcomes(world, assigned, effects, window=WINDOW, seed=1)
    happened = outcomes.conversions.to_pandas().merge(assigned.table.to_pandas(), on="member_id")
    ordered = happened.query("event == 'order' and variant == 'trial'")["order_id"]
    refunded = set(outcomes.world.refunds()["order_id"].to_pylist())

    # refunds take nine days on average and 77 days are left: e^(-77/9) = 0.02 % come too late
    assert ordered.isin(refunded).mean() == pytest.approx(probability, abs=0.005)


def test_nothing_happens_outside_window_and_history(world: World, assigned: Assignments) -> None:
    """Outcomes lie from exposure to the end of the window, cut where the history ends."""
    effects = {"control": NO_EFFECT, "trial": OFFERED}
    outcomes = simulate_outcomes(world, assigned, effects, window=timedelta(days=900), seed=1)
    happened = outcomes.conversions.to_pandas().merge(assigned.table.to_pandas(), on="member_id")

    assert (happened["occurred_at"] >= happened["exposed_at"]).all()
    assert (happened["occurred_at"] < world.plan.end).all()
    assert (_happened(world, assigned, OFFERED).eval("occurred_at - exposed_at") < WINDOW).all()


def test_true_upgrades_shrink_with_a_window_cut_short(world: World, assigned: Assignments) -> None:
    """In a window that the end of the history cuts, upgrades still match their true rate."""
    effects = {"control": NO_EFFECT, "trial": OFFERED}
    window = timedelta(days=300)
    outcomes = simulate_outcomes(world, assigned, effects, window=window, seed=1)
    happened = outcomes.conversions.to_pandas().merge(assigned.table.to_pandas(), on="member_id")
    trial = true_effects(world, assigned, effects, window=window)[1]
    reached = _values(assigned, happened, "trial", "tier_change")

    assert reached.mean() == pytest.approx(
        trial.upgrade_rate,
        abs=_FAR * np.sqrt(trial.upgrade_rate * (1 - trial.upgrade_rate) / reached.size),
    )


def test_orders_before_predict_orders_after() -> None:
    """Before and after correlate as gamma-Poisson counts do: (ab/k) / sqrt of their variances."""
    plan = settled(31)
    world = simulate_world(plan)
    member_ids = world.people.member_id.to_pylist()
    exposed_at = datetime(2025, 10, 1, tzinfo=UTC)
    assigned = Assignments.of(
        "aa", member_ids, ["control"] * plan.members, [exposed_at] * plan.members
    )
    happened = simulate_outcomes(
        world, assigned, {"control": NO_EFFECT}, window=WINDOW, seed=1
    ).conversions.filter(pc.field("event") == "order")
    before = world.orders().filter(pc.field("occurred_at") < exposed_at)
    a = plan.orders.per_year * (exposed_at - plan.start) / timedelta(days=365.25)
    b = plan.orders.per_year * WINDOW / timedelta(days=365.25)
    k = plan.orders.dispersion
    theory = (a * b / k) / np.sqrt((a + a * a / k) * (b + b * b / k))

    correlation = np.corrcoef(
        per_member(member_ids, before["member_id"].to_pylist()),
        per_member(member_ids, happened["member_id"].to_pylist()),
    )[0, 1]

    # six normal-theory errors, since gamma-Poisson counts have longer tails
    assert correlation == pytest.approx(theory, abs=6 / plan.members**0.5)


def test_p_values_without_an_effect_are_uniform() -> None:
    """Over 200 worlds with an A/A campaign, scipy's Welch p-values are uniform."""
    p_values = []
    for seed in range(200):
        world = simulate_world(WorldPlan(members=1_000, seed=seed, activity_per_order=0.0))
        plan = campaign(NO_EFFECT, seed=seed)
        assigned = assign_members(world, plan)
        happened = _happened(world, assigned, NO_EFFECT, seed)
        p_values.append(
            stats.ttest_ind(
                _values(assigned, happened, "control", "order"),
                _values(assigned, happened, "trial", "order"),
                equal_var=False,
            ).pvalue
        )

    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_lost_exposures_break_the_sample_ratio(assigned: Assignments) -> None:
    """Before the loss the split fits the plan; without a tenth of one variant it does not."""
    broken = drop_exposures(assigned, "trial", 0.1, seed=3)

    def p_value(some: Assignments) -> float:
        counts = some.table.to_pandas()["variant"].value_counts()
        return float(stats.chisquare(counts).pvalue)

    assert p_value(assigned) > 1e-3 > p_value(broken)
    kept = pc.sum(pc.equal(broken.table["variant"], "control")).as_py()
    assert kept == pc.sum(pc.equal(assigned.table["variant"], "control")).as_py()


def test_the_next_campaign_acts_on_the_world_of_the_last(
    world: World, assigned: Assignments
) -> None:
    """Two campaigns in a row keep ids unique, and the second keeps the events of the first."""
    effects = {"control": NO_EFFECT, "trial": OFFERED}
    first = simulate_outcomes(world, assigned, effects, window=WINDOW, seed=1).world
    later = replace(campaign(OFFERED), key="winter", starts_at=CAMPAIGN_START + timedelta(days=7))
    second = simulate_outcomes(
        first, assign_members(first, later), effects, window=WINDOW, seed=1
    ).world
    events = second.conversions()

    assert pc.count_distinct(events["conversion_id"]).as_py() == events.num_rows
    assert set(pc.unique(events["campaign"]).to_pylist()) == {None, "gold-q3", "winter"}


def test_only_members_who_consented_and_are_in_the_tiers_are_assigned(world: World) -> None:
    """The audience is taken from attributes at the start of the campaign."""
    plan = replace(campaign(NO_EFFECT), tiers=("silver", "gold"))
    members = world.members_at(plan.starts_at).to_pandas()
    expected = members[members["tier"].isin(plan.tiers) & members["personalisation_consent"]]

    entered = assign_members(world, plan).table["member_id"].to_pylist()

    assert set(entered) == set(expected["member_id"])


def test_assignments_that_do_not_fit_are_refused(world: World) -> None:
    """Strangers, members assigned twice, unknown variants and wrong times are named."""
    known = world.people.member_id[0].as_py()
    effects = {"control": NO_EFFECT}
    wrong = {
        "members of the world": ([known, "nobody"], ["control"] * 2, [CAMPAIGN_START] * 2),
        "without an effect": ([known], ["trial"], [CAMPAIGN_START]),
        "outside the history": ([known], ["control"], [datetime(2031, 1, 1, tzinfo=UTC)]),
    }
    for message, columns in wrong.items():
        with pytest.raises(InvalidSimulation, match=message):
            simulate_outcomes(
                world, Assignments.of("gold", *columns), effects, window=WINDOW, seed=1
            )
    with pytest.raises(InvalidSimulation, match="assigned twice"):
        Assignments.of("gold", [known, known], ["control"] * 2, [CAMPAIGN_START] * 2)
    with pytest.raises(InvalidSimulation, match="one of control"):
        drop_exposures(
            Assignments.of("gold", [known], ["control"], [CAMPAIGN_START]), "trial", 0.5, seed=1
        )
