"""Says which campaigns of Harbour Club have members, when they take place, and what they truly do.

The others only have a state; see `app.demonstration.unplayed`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from app.demonstration import texts
from app.demonstration.design import SEGMENTS, WINDOW, club_design, guardrail, one_of
from app.demonstration.programme import BANNER, CURRENCY
from experiments.analysis import (
    Analysis,
    Cap,
    Covariate,
    LookKind,
    Looks,
    MoneyTerms,
    PowerGoal,
    VariantCost,
)
from experiments.campaign import CampaignDesign, Goal, MetricInUse, Role
from experiments.layer import LayerUse
from experiments.offer import (
    Benefit,
    EarlyAccess,
    Gift,
    PointsMultiplier,
    UpgradeTrial,
)
from experiments.variant import Variant
from stats.simulation import NO_EFFECT, Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

FINISHED: Final = "gold-trial"
RUNNING: Final = "tier-up"
BROKEN: Final = "early-sale"


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
    design = club_design(
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
        audience=one_of("tier", "silver"),
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
    design = club_design(
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
        audience=one_of("tier", "bronze", "silver"),
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
    design = club_design(
        key=BROKEN,
        name="The anniversary sale, a day early",
        owner="E-commerce",
        hypothesis="Members who may shop a day early order more in the month that follows.",
        layer=LayerUse(key=BANNER, share=Decimal("40.00")),
        audience=one_of("channel", "app", "web"),
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
            guardrail("refund_rate", "0.10"),
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


def _effects(**treatments: Effect) -> Mapping[str, Effect]:
    return MappingProxyType({"control": NO_EFFECT, **treatments})


def _upgrade_metrics(reached: dict[str, Any]) -> tuple[MetricInUse, ...]:
    return (
        MetricInUse(metric="upgrade_conversion", role=Role.OEC, parameters=reached),
        guardrail("refund_rate", "0.10"),
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
