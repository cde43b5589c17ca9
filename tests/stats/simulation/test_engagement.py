"""What members do beside buying has the truth that was planted, and every metric reads it."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.errors import InvalidSimulation
from stats.inference.outcome import Estimate, Rate
from stats.metric import BUILTIN_KEYS, PARAMETRISED, Rates, builtin
from stats.plan import MetricInUse, MetricRole
from stats.scorecard import Scorecard, assemble_scorecard
from stats.simulation import (
    NO_EFFECT,
    Assignments,
    Effect,
    Engagement,
    assign_members,
    simulate_engagement,
    simulate_outcomes,
    simulate_world,
    with_json_properties,
    with_margins,
)
from tests.stats.facts import plan
from tests.stats.simulation.worlds import CAMPAIGN_END, WINDOW, campaign, settled

FAR = 4.0  # standard errors: a correct simulator is further off for one seed in 16,000
COLD = Engagement()
WARM = Engagement(
    contacts=2.0,
    contact_cost_minor=30,
    burn_chance=0.5,
    response_chance=0.4,
    nps_chances=(0.0,) * 5 + (0.05, 0.1, 0.1, 0.25, 0.25, 0.25),
    satisfaction=4.2,
    progress=0.6,
    service_chance=0.05,
    referral_chance=0.04,
)
EFFECT = Effect(
    upgrade=1.5, offer_view=0.8, offer_click=0.6, offer_claim=0.5, reward_cost_minor=400
)
VARIANTS = {"control": COLD, "trial": WARM}


def in_use(key: str) -> MetricInUse:
    """A built-in metric with tiers and rates."""
    named = {PARAMETRISED[key][0]: ["member", "gold"]} if key in PARAMETRISED else {}
    rates = Rates(Decimal("0.5"), 1_000, 25)
    return MetricInUse(builtin(key, rates=rates, **named), MetricRole.DIAGNOSTIC)


def facts_of(assigned: Assignments, conversions: pa.Table) -> FactTables:
    """The facts as the analysis reads them."""
    table = assigned.table
    return FactTables(
        pa.table(
            {
                "member_id": table["member_id"],
                "unit_id": table["member_id"],
                "variant": table["variant"],
                "exposed_at": table["exposed_at"],
            }
        ),
        conversions,
    )


@pytest.fixture(scope="module")
def card() -> Scorecard:
    """Every built-in metric on a simulated campaign with everything in it."""
    world = simulate_world(settled(5, members=4_000))
    assigned = assign_members(world, campaign(EFFECT))
    effects = {"control": NO_EFFECT, "trial": EFFECT}
    outcomes = simulate_outcomes(world, assigned, effects, window=WINDOW, seed=5)
    engagement = simulate_engagement(
        outcomes.world, assigned, VARIANTS, window=timedelta(days=20), seed=5
    )
    sold = with_margins(with_json_properties(outcomes.world.conversions()), 0.4, seed=5)
    everything = pa.concat_tables([sold, engagement.select(sold.column_names)])
    design = plan(*(in_use(key) for key in BUILTIN_KEYS), shares={"control": "0.5", "trial": "0.5"})
    as_of = CAMPAIGN_END + timedelta(days=366)
    # events after the history have not happened: windows beyond it are short of nothing planted
    got = aggregate(facts_of(assigned, _in_euros(everything)), design, as_of)
    return assemble_scorecard(design, got, computed_at=as_of)


def _in_euros(table: pa.Table) -> pa.Table:
    """Give amounts the currency of the plan."""
    place = table.schema.get_field_index("currency")
    renamed = ["TWD" if one == "EUR" else None for one in table["currency"].to_pylist()]
    return table.set_column(place, "currency", pa.array(renamed, pa.string()))


def values(card: Scorecard, key: str) -> dict[str, Rate]:
    """A metric's value in both variants."""
    metric = next(one for one in card.metrics if one.key == key)
    return {row.variant: row.value for row in metric.variants}  # type: ignore[misc] # all are estimated


@pytest.mark.parametrize(
    ("key", "control", "trial"),
    [
        ("progress_completion", COLD.progress, WARM.progress),
        ("nps_response_rate", COLD.response_chance, WARM.response_chance),
        ("satisfaction_response_rate", COLD.response_chance, WARM.response_chance),
        ("nps", COLD.nps, WARM.nps),
        ("satisfaction", COLD.satisfaction, WARM.satisfaction),
        ("contact_cost_per_member", 0.0, 60.0),
        ("service_contact", COLD.service_chance, WARM.service_chance),
        ("referral", COLD.referral_chance, WARM.referral_chance),
    ],
)
def test_a_metric_finds_what_was_planted(
    card: Scorecard, key: str, control: float, trial: float
) -> None:
    """Within four standard errors, from the interval that the scorecard shows."""
    found = values(card, key)

    for variant, truth in (("control", control), ("trial", trial)):
        value = found[variant]
        if truth == 0:
            assert value.estimate == 0
            continue
        std_error = (value.ci_high - value.ci_low) / (2 * 1.96)
        assert abs(value.estimate - truth) < FAR * std_error


def test_every_metric_can_be_tried_on_simulated_data(card: Scorecard) -> None:
    """Each has a difference with an interval, but those of what a settled world does not have."""
    # one tier, nobody leaves and no message is sent to the control: nothing varies there
    constant = {"upgrade_conversion", "time_to_upgrade", "downgrade"}
    for metric in card.metrics:
        if metric.key in constant or metric.key == "unsubscribe":
            continue
        assert isinstance(metric.comparisons[0].difference, Estimate), metric.key


def test_margins_are_about_their_share() -> None:
    """Each order's within a tenth of the share, together near it; other events say none."""
    world = simulate_world(settled(6, members=500))
    sold = with_margins(with_json_properties(world.conversions()), 0.4, seed=6)

    said = [(event, amount, json.loads(text or "{}").get("margin_minor")) for event, amount, text
            in zip(*(sold[name].to_pylist() for name in ("event", "amount_minor", "properties")),
                   strict=True)]  # fmt: skip
    orders = [(amount, margin) for event, amount, margin in said if event == "order"]
    assert all(0.3 * amount - 1 <= margin <= 0.5 * amount + 1 for amount, margin in orders)
    together = sum(margin for _, margin in orders) / sum(amount for amount, _ in orders)
    assert together == pytest.approx(0.4, abs=0.02)
    assert all(margin is None for event, _, margin in said if event != "order")


def test_what_nobody_can_do_is_refused() -> None:
    """Chances beyond 1, scores that do not total 1, and days of no length."""
    for changes in ({"burn_chance": 1.5}, {"nps_chances": (1.0,)}, {"satisfaction": 6.0}):
        with pytest.raises(InvalidSimulation):
            Engagement(**changes)
