"""Says which campaigns Harbour Club has, when they take place, and what they truly do.

Three of them take place, so they have members, exposures and effects; the others only have a state.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from app.demonstration import texts
from app.demonstration.programme import BANNER, CURRENCY
from experiments.analysis import (
    Analysis,
    Cap,
    Covariate,
    LookKind,
    Looks,
    MoneyTerms,
    PowerGoal,
    SegmentBy,
    VariantCost,
)
from experiments.audience import Audience, Condition, Operator, Rule
from experiments.campaign import CampaignDesign, Goal, MetricInUse, Role
from experiments.layer import LayerUse
from experiments.offer import (
    Benefit,
    Discount,
    EarlyAccess,
    Gift,
    Lottery,
    PointsMultiplier,
    UpgradeTrial,
)
from experiments.variant import Variant
from stats.simulation import NO_EFFECT, Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOW: Final = timedelta(days=30)
FUNNEL: Final = ("viewed", "clicked", "claimed", "upgraded", "retained")

SEGMENTS: Final = (SegmentBy(key="tier", name="Tier"), SegmentBy(key="channel", name="Channel"))

FINISHED: Final = "gold-trial"
RUNNING: Final = "tier-up"
BROKEN: Final = "early-sale"
SCHEDULED: Final = "welcome-back"
DRAFT: Final = "birthday-cake"
ARCHIVED: Final = "flight-raffle"


@dataclass(frozen=True, slots=True)
class PlantedCampaign:
    """A campaign that takes place, with its truth.

    Attributes:
        design: As its document would have it.
        launched_at: When it started.
        until: The moment after the last exposure.
        effects: What each variant truly does, by key.
        lost_exposures: Share of a variant's exposures that the logging loses, by key.
    """

    design: CampaignDesign
    launched_at: datetime
    until: datetime
    effects: Mapping[str, Effect]
    lost_exposures: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> str:
        """The campaign's key."""
        return self.design.key


def finished(end: datetime) -> PlantedCampaign:
    """Give the campaign that was decided: a trial of gold for silver members."""
    launched = end - timedelta(days=150)
    until = launched + timedelta(days=21)
    design = _design(
        key=FINISHED,
        name="Try gold for 30 days",
        owner="Membership",
        hypothesis="Silver members who have felt the privileges of gold climb to it more often.",
        goal=Goal(
            metric="upgrade_conversion",
            baseline=Decimal("0.08"),
            target=Decimal("0.10"),
            deadline=launched + timedelta(days=60),
        ),
        ends_at=until,
        analysis=Analysis(
            segments=SEGMENTS,
            money=MoneyTerms(
                window_days=90,
                costs=(
                    VariantCost(
                        variant="trial", fixed_cost_minor=4_500_000, contact_cost_minor=120
                    ),
                ),
                audience=8_000,
                runs_per_year=Decimal(3),
                season_factor=Decimal("0.9"),
            ),
        ),
        layer=LayerUse(key=BANNER, share=Decimal("100.00")),
        audience=_one_of("tier", "silver"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="trial",
                name="Gold for 30 days",
                planned_share=Decimal("50.00"),
                offer=UpgradeTrial(
                    kind="upgrade_trial",
                    target_tier="gold",
                    duration_days=30,
                    unit_cost_minor=8_000,
                    currency=CURRENCY,
                    benefit=Benefit.IDENTITY,
                    texts=texts.GOLD_TRIAL,
                ),
            ),
        ),
        metrics=_upgrade_metrics({"target_tiers": ["gold", "diamond"]}),
    )
    trial = Effect(
        upgrade=1.6,
        order_rate=1.12,
        offer_view=0.85,
        offer_click=0.38,
        offer_claim=0.6,
        reward_cost_minor=8_000,
    )
    return PlantedCampaign(design, launched, until, _effects(trial=trial))


def running(end: datetime) -> PlantedCampaign:
    """Give the campaign that runs: two ways to the next tier, for those below gold."""
    launched = end - timedelta(days=70)
    expiry = end + timedelta(days=60)
    terms: dict[str, Any] = {"currency": CURRENCY, "expires_at": expiry}
    design = _design(
        key=RUNNING,
        name="One step to the next tier",
        owner="Membership",
        hypothesis="A thing to hold on the day of the upgrade moves more members than points do.",
        goal=Goal(
            metric="upgrade_conversion",
            baseline=Decimal("0.08"),
            target=Decimal("0.11"),
            deadline=expiry,
        ),
        analysis=Analysis(
            looks=Looks(kind=LookKind.CONTINUOUS, planned_units=20_000),
            power_goal=PowerGoal(mde_relative=Decimal("0.20")),
            segments=SEGMENTS,
            money=MoneyTerms(
                window_days=WINDOW.days,
                costs=(
                    VariantCost(
                        variant="points", fixed_cost_minor=1_500_000, contact_cost_minor=60
                    ),
                    VariantCost(variant="gift", fixed_cost_minor=6_000_000, contact_cost_minor=60),
                ),
                runs_per_year=Decimal(4),
            ),
        ),
        layer=LayerUse(key=BANNER, share=Decimal("60.00")),
        audience=_one_of("tier", "bronze", "silver"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("34.00")),
            Variant(
                key="points",
                name="Double points",
                planned_share=Decimal("33.00"),
                offer=PointsMultiplier(
                    kind="points_multiplier",
                    multiplier=Decimal(2),
                    duration_days=30,
                    unit_cost_minor=3_000,
                    benefit=Benefit.VALUE,
                    texts=texts.DOUBLE_POINTS,
                    **terms,
                ),
            ),
            Variant(
                key="gift",
                name="Travel mug on upgrade",
                planned_share=Decimal("33.00"),
                offer=Gift(
                    kind="gift",
                    gift="Travel mug",
                    unit_cost_minor=15_000,
                    benefit=Benefit.EMOTIONAL,
                    texts=texts.UPGRADE_GIFT,
                    **terms,
                ),
            ),
        ),
        metrics=_upgrade_metrics({"target_tiers": ["silver", "gold", "diamond"]}),
    )
    points = Effect(
        upgrade=1.25,
        order_rate=1.1,
        offer_view=0.8,
        offer_click=0.3,
        offer_claim=0.55,
        reward_cost_minor=3_000,
    )
    gift = Effect(
        upgrade=1.6,
        order_rate=1.04,
        amount=1.03,
        offer_view=0.8,
        offer_click=0.42,
        offer_claim=0.5,
        reward_cost_minor=15_000,
    )
    return PlantedCampaign(design, launched, end, _effects(points=points, gift=gift))


def broken(end: datetime) -> PlantedCampaign:
    """Give the campaign whose exposures are partly lost, in one variant only."""
    launched = end - timedelta(days=55)
    design = _design(
        key=BROKEN,
        name="The anniversary sale, a day early",
        owner="E-commerce",
        hypothesis="Members who may shop a day early order more in the month that follows.",
        layer=LayerUse(key=BANNER, share=Decimal("40.00")),
        audience=_one_of("channel", "app", "web"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="early",
                name="A day early",
                planned_share=Decimal("50.00"),
                offer=EarlyAccess(
                    kind="early_access",
                    access_to="Anniversary sale",
                    unit_cost_minor=0,
                    currency=CURRENCY,
                    benefit=Benefit.IDENTITY,
                    texts=texts.EARLY_SALE,
                ),
            ),
        ),
        metrics=(
            MetricInUse(metric="purchase_frequency", role=Role.OEC),
            _guardrail("refund_rate", "0.10"),
            MetricInUse(metric="repurchase_rate", role=Role.DIAGNOSTIC),
            MetricInUse(metric="spend_per_member", role=Role.DIAGNOSTIC),
        ),
        funnel=("offer_view", "offer_click", "order"),
    )
    return PlantedCampaign(
        design,
        launched,
        end - timedelta(days=13),
        _effects(early=Effect(order_rate=1.08, offer_view=0.9, offer_click=0.35)),
        MappingProxyType({"early": 0.3}),
    )


def scheduled(end: datetime) -> CampaignDesign:
    """Give the campaign that starts in two weeks."""
    return _design(
        key=SCHEDULED,
        name="Welcome back",
        owner="CRM",
        hypothesis="NT$200 bring back members who have stayed away for half a year.",
        starts_at=end + timedelta(days=14),
        ends_at=end + timedelta(days=42),
        audience=_one_of("lifecycle", "dormant", "lost"),
        price_difference_rationale="Whoever is not drawn gets the same voucher a month later.",
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="voucher",
                name="NT$200",
                planned_share=Decimal("50.00"),
                offer=Discount(
                    kind="discount",
                    amount_minor=20_000,
                    unit_cost_minor=20_000,
                    currency=CURRENCY,
                    benefit=Benefit.VALUE,
                    texts=texts.WELCOME_BACK,
                ),
            ),
        ),
        metrics=(
            MetricInUse(metric="repurchase_rate", role=Role.OEC),
            MetricInUse(metric="spend_per_member", role=Role.DIAGNOSTIC),
            _guardrail("unsubscribe", "0.50"),
        ),
        funnel=("offer_view", "offer_click", "offer_claim", "order"),
    )


def draft() -> CampaignDesign:
    """Give the campaign that somebody is still writing."""
    return _design(
        key=DRAFT,
        name="Birthday cake",
        owner="Shops",
        audience=_one_of("tier", "bronze", "silver"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="cake",
                name="A cake",
                planned_share=Decimal("50.00"),
                offer=Gift(
                    kind="gift",
                    gift="Birthday cake",
                    unit_cost_minor=35_000,
                    currency=CURRENCY,
                    benefit=Benefit.EMOTIONAL,
                    texts=texts.BIRTHDAY,
                ),
            ),
        ),
        metrics=(MetricInUse(metric="repurchase_rate", role=Role.DIAGNOSTIC),),
    )


def archived() -> CampaignDesign:
    """Give the campaign that was given up before it began."""
    return _design(
        key=ARCHIVED,
        name="Flight raffle",
        owner="Membership",
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(
                key="raffle",
                name="A flight for two",
                planned_share=Decimal("50.00"),
                offer=Lottery(
                    kind="lottery",
                    prize="A flight for two",
                    win_probability=0.0005,
                    unit_cost_minor=1_500,
                    currency=CURRENCY,
                    texts=texts.RAFFLE,
                ),
            ),
        ),
        metrics=(MetricInUse(metric="spend_per_member", role=Role.OEC),),
    )


def _design(**fields: Any) -> CampaignDesign:  # noqa: ANN401  # the fields of a design, each of its own type
    return CampaignDesign(
        **{
            "conversion_window_days": WINDOW.days,
            "funnel": FUNNEL,
            "analysis": Analysis(segments=SEGMENTS),
            **fields,
        }
    )


def _one_of(attribute: str, *values: str) -> Audience:
    condition = Condition(attribute=attribute, operator=Operator.ONE_OF, value=values)
    return Audience(any_of=(Rule(all_of=(condition,)),))


def _effects(**treatments: Effect) -> Mapping[str, Effect]:
    return MappingProxyType({"control": NO_EFFECT, **treatments})


def _guardrail(metric: str, margin: str) -> MetricInUse:
    return MetricInUse(metric=metric, role=Role.GUARDRAIL, margin=Decimal(margin))


def _upgrade_metrics(reached: dict[str, Any]) -> tuple[MetricInUse, ...]:
    return (
        MetricInUse(metric="upgrade_conversion", role=Role.OEC, parameters=reached),
        _guardrail("refund_rate", "0.10"),
        MetricInUse(metric="time_to_upgrade", role=Role.DIAGNOSTIC, parameters=reached),
        MetricInUse(metric="repurchase_rate", role=Role.DIAGNOSTIC),
        MetricInUse(metric="purchase_frequency", role=Role.DIAGNOSTIC),
        MetricInUse(
            metric="spend_per_member",
            role=Role.DIAGNOSTIC,
            cap=Cap(percentile=Decimal("0.99")),
            covariates=(Covariate(key="earlier_spend", days=90),),
        ),
        MetricInUse(metric="average_order_value", role=Role.DIAGNOSTIC),
        MetricInUse(
            metric="reward_cost",
            role=Role.DIAGNOSTIC,
            definition={
                "name": "Reward cost per member",
                "description": "Cost of the rewards issued, per exposed unit.",
                "kind": "mean",
                "numerator": [{"events": ["reward_issue"], "aggregate": "amount"}],
                "unit": "money",
                "direction": "lower",
                "window": {"end_days": WINDOW.days},
            },
        ),
    )
