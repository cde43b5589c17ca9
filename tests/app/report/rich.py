"""A report in which everything occurs: covariates, caps, segments, looks, a size, deviations.

It is made by the real aggregation, as those of `scorecards` are.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from app.report import CampaignBrief, Goal, ReportView
from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.metric import Term, Window, builtin
from stats.plan import (
    AnalysisPlan,
    Cap,
    Covariate,
    DecisionRule,
    EstimateUsed,
    Funnel,
    FunnelStep,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    PowerGoal,
    RandomizationUnit,
    SegmentBy,
)
from stats.plan.rules import DEFAULT_RULE
from stats.scorecard import Deviation, Scorecard, assemble_scorecard
from stats.simulation import (
    CampaignPlan,
    Effect,
    VariantPlan,
    WorldPlan,
    simulate_campaign,
    simulate_world,
    with_json_properties,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

STARTS = datetime(2025, 9, 1, tzinfo=UTC)
ENDS = datetime(2025, 10, 13, tzinfo=UTC)
NOW = datetime(2025, 10, 6, tzinfo=UTC)
GIFT = Effect(order_rate=1.18, offer_view=0.8, offer_click=0.5, offer_claim=0.6)
TRIAL = Effect(order_rate=1.05, offer_view=0.7, offer_click=0.3, offer_claim=0.4)
TWO_WEEKS = Window(14)

METRICS = (
    MetricInUse(
        builtin("spend_per_member"),
        MetricRole.OEC,
        TWO_WEEKS,
        cap=Cap(percentile=Decimal("0.99")),
        covariates=(Covariate("before", 90),),
    ),
    MetricInUse(builtin("repurchase_rate"), MetricRole.DIAGNOSTIC, TWO_WEEKS),
    MetricInUse(builtin("unsubscribe"), MetricRole.GUARDRAIL, TWO_WEEKS, Decimal("0.25")),
    MetricInUse(
        builtin("average_order_value"),
        MetricRole.GUARDRAIL,
        TWO_WEEKS,
        Decimal("0.15"),
        covariates=(Covariate("before", 90),),
    ),
)
SEGMENTS = (SegmentBy("tier", "tier"), SegmentBy("channel", "channel", minimum_units=400))
PLANNED = Looks(
    LookKind.PLANNED,
    (datetime(2025, 9, 22, tzinfo=UTC), datetime(2025, 10, 6, tzinfo=UTC),
     datetime(2025, 10, 27, tzinfo=UTC)),
    planned_units=16_000,
)  # fmt: skip
NOBODY_HAD_CLAIMED = Covariate("claims_before", 30, (Term(("offer_claim",)),))
GOAL = PowerGoal(0.8, Decimal("0.08"))


@cache
def simulated(  # noqa: PLR0913 - a plan has as many parts
    variants: tuple[VariantPlan, ...],
    looks: Looks,
    *,
    metrics: tuple[MetricInUse, ...] = METRICS,
    segments: tuple[SegmentBy, ...] = SEGMENTS,
    goal: PowerGoal | None = GOAL,
    rule: DecisionRule = DEFAULT_RULE,
    funnel: Funnel | None = None,
    members: int = 12_000,
    now: datetime = NOW,
) -> Scorecard:
    """Simulate a campaign whose plan uses everything, and analyse it as the product does."""
    design = designed(variants, looks, metrics, segments, goal, rule, funnel)
    return assemble_scorecard(
        design,
        aggregate(facts_of(variants, members), design, now),
        computed_at=now + timedelta(minutes=1),
        deviations=_deviations(),
    )


@cache
def facts_of(variants: tuple[VariantPlan, ...], members: int = 12_000) -> FactTables:
    """Simulate what is logged of a campaign."""
    world = simulate_world(
        WorldPlan(
            members=members,
            seed=11,
            time_zone="Asia/Taipei",
            currency="TWD",
            currency_exponent=2,
            yearly_opt_out=0.3,
        )
    )
    campaign = simulate_campaign(
        world, CampaignPlan("autumn-gift", variants, STARTS, ENDS, seed=11)
    )
    exposures = campaign.assignments.table
    exposures = exposures.append_column("unit_id", exposures["member_id"])
    before = world.members_at(STARTS)
    units = before.select(["member_id", "tier", "channel"]).rename_columns(
        ["unit_id", "tier", "channel"]
    )
    return FactTables(exposures, with_json_properties(campaign.world.conversions()), units=units)


def designed(
    variants: tuple[VariantPlan, ...],
    looks: Looks,
    metrics: tuple[MetricInUse, ...] = METRICS,
    segments: tuple[SegmentBy, ...] = SEGMENTS,
    goal: PowerGoal | None = GOAL,
    rule: DecisionRule = DEFAULT_RULE,
    funnel: Funnel | None = None,
) -> AnalysisPlan:
    """Plan the analysis of such a campaign."""
    return AnalysisPlan(
        campaign="autumn-gift",
        phase=2,
        randomization_unit=RandomizationUnit.MEMBER,
        variants=tuple(
            PlannedVariant(v.key, Decimal(str(v.planned_share)), is_control=index == 0)
            for index, v in enumerate(variants)
        ),
        metrics=metrics,
        currency="TWD",
        currency_exponent=2,
        time_zone="Asia/Taipei",
        looks=looks,
        power_goal=goal,
        segments=segments,
        decision_rule=rule,
        funnel=funnel,
    )


def _deviations() -> tuple[Deviation, ...]:
    return (
        Deviation(datetime(2025, 9, 8, 3, 0, tzinfo=UTC), "mei-ling", "traffic_share", "0.5",
                  "1.0", "The offer shop could take all members after a week."),
        Deviation(datetime(2025, 9, 20, 9, 0, tzinfo=UTC), "ops", "state", '"running"',
                  '"paused"', ""),
    )  # fmt: skip


TWO = (VariantPlan("control", 0.34), VariantPlan("gift", 0.33, GIFT),
       VariantPlan("trial", 0.33, TRIAL))  # fmt: skip
ONE = (VariantPlan("control", 0.5), VariantPlan("gift", 0.5, GIFT))
NAMES = {"control": "No offer", "gift": "Gift with next order", "trial": "Gold for a month"}


def _view(scorecard: Scorecard, names: Sequence[str] = ("control", "gift", "trial")) -> ReportView:
    return ReportView(
        scorecard,
        CampaignBrief(
            name="Autumn gift",
            programme="Harbour Club",
            hypothesis="A small gift raises spend in the two weeks after it is offered.",
            owner="Mei-Ling Chen",
            goal=Goal("spend_per_member", 900.0, 1000.0, datetime(2025, 12, 31, tzinfo=UTC)),
            variant_names={key: NAMES[key] for key in names},
        ),
    )


def planned_looks() -> ReportView:
    """The second of three planned looks at two treatments, decided by the adjusted estimate."""
    rule = DecisionRule(threshold=Decimal("0.01"), estimate=EstimateUsed.ADJUSTED)
    return _view(simulated(TWO, PLANNED, rule=rule))


def continuous() -> ReportView:
    """A confidence sequence with one treatment, which is read at any time."""
    return _view(simulated(ONE, Looks(LookKind.CONTINUOUS, planned_units=16_000)))


def before_the_end() -> ReportView:
    """A fixed horizon, looked at before its planned end."""
    looks = Looks(planned_end=datetime(2025, 10, 27, tzinfo=UTC), planned_units=40_000)
    return _view(simulated(ONE, looks))


def small() -> ReportView:
    """A small campaign with exact tests beside the intervals, and a covariate that says nothing."""
    oec = dataclasses.replace(METRICS[1], role=MetricRole.OEC)
    looks = Looks(planned_end=NOW)
    scorecard = simulated(
        ONE,
        looks,
        metrics=(oec, dataclasses.replace(METRICS[2], covariates=(NOBODY_HAD_CLAIMED,))),
        segments=SEGMENTS[:1],
        members=1_000,
        goal=None,
        now=datetime(2025, 11, 3, tzinfo=UTC),
    )
    return _view(scorecard)


TIMES = (
    MetricInUse(builtin("repurchase_rate"), MetricRole.OEC, TWO_WEEKS),
    MetricInUse(builtin("repurchase_interval"), MetricRole.DIAGNOSTIC, Window(28)),
    MetricInUse(builtin("large_basket_p90"), MetricRole.DIAGNOSTIC, TWO_WEEKS),
    dataclasses.replace(METRICS[0], role=MetricRole.DIAGNOSTIC, covariates=()),
)
CLICKS = Funnel(
    (
        FunnelStep("viewed", "Saw the offer", ("offer_view",)),
        FunnelStep("clicked", "Clicked the offer", ("offer_click",)),
    ),
    TWO_WEEKS,
)


def times() -> ReportView:
    """Times to an order, a quantile of spend, days between steps, and what goes with an order."""
    return _view(
        simulated(TWO, Looks(planned_end=NOW), metrics=TIMES, funnel=CLICKS, members=3_000)
    )
