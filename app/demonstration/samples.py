"""Writes files to practise the bulk import on: a simulated programme and a campaign with its truth.

The campaign is externally assigned: the simulator makes the split, as an e-mail tool would, and the
exposures bring it along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import yaml

from experiments.campaign import AssignedBy, CampaignDesign, MetricInUse, Role
from experiments.errors import InvalidValues, Problem
from experiments.programme import Programme
from experiments.tier import Tier
from experiments.variant import CONTROL, MAX_VARIANTS, Variant
from stats.simulation import (
    NO_EFFECT,
    CampaignPlan,
    Effect,
    SimulatedCampaign,
    VariantPlan,
    WorldPlan,
    simulate_campaign,
    simulate_world,
    write_world,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from experiments.document import Document
    from stats.simulation import FileFormat

CAMPAIGN: Final = "simulated"
WINDOW: Final = timedelta(days=30)
LONGEST_ENROLMENT: Final = timedelta(days=30)
SHORTEST_DAYS: Final = 60
TREATMENT: Final = Effect(
    upgrade=1.5,
    order_rate=1.2,
    offer_view=0.8,
    offer_click=0.4,
    offer_claim=0.5,
    reward_cost_minor=500,
)
"""What the treatment does where no effect is given."""

_HUNDREDTHS: Final = 10_000


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What to simulate; equal plans give equal files.

    Attributes:
        members: How many members ever join.
        seed: Of everything that is drawn.
        days: Length of the history in days.
        end: The moment after its last fact, aware.
        effects: What each treatment truly does, by key; the control is added.
        lost_exposures: Share of a variant's exposures that the logging loses, by key.
    """

    members: int
    seed: int
    days: int
    end: datetime
    effects: Mapping[str, Effect]
    lost_exposures: Mapping[str, float]

    def __post_init__(self) -> None:
        """Refuse a history without room for a campaign, and variants that do not fit."""
        problems = []
        if self.days < SHORTEST_DAYS:
            message = "leave no room to enrol members and to wait until their windows close"
            problems.append(
                Problem("days", self.days, message, f"Ask for {SHORTEST_DAYS} or more.")
            )
        if not 1 <= len(self.effects) < MAX_VARIANTS or CONTROL in self.effects:
            way_out = f"Give 1 to {MAX_VARIANTS - 1}; {CONTROL!r} is added, and has no effect."
            came = ", ".join(self.effects) or "none"
            problems.append(Problem("effects", came, "cannot be the treatments", way_out))
        known = (CONTROL, *self.effects)
        problems += [
            Problem("lost_exposures", key, "is no variant", f"Use one of: {', '.join(known)}.")
            for key in self.lost_exposures
            if key not in known
        ]
        if problems:
            raise InvalidValues(problems)

    def world(self) -> WorldPlan:
        """Give the programme to simulate."""
        end = self.end.astimezone(UTC)
        return WorldPlan(
            members=self.members, seed=self.seed, start=end - timedelta(days=self.days), end=end
        )

    def campaign(self) -> CampaignPlan:
        """Give the campaign to simulate; every window has closed at the end of the history."""
        until = self.end.astimezone(UTC) - WINDOW
        room = (timedelta(days=self.days) - WINDOW) / 2
        shares = equal_shares(len(self.effects) + 1)
        effects = {CONTROL: NO_EFFECT, **self.effects}
        return CampaignPlan(
            key=CAMPAIGN,
            variants=tuple(
                VariantPlan(key, float(share) / 100, effect, self.lost_exposures.get(key, 0.0))
                for (key, effect), share in zip(effects.items(), shares, strict=True)
            ),
            starts_at=until - min(room, LONGEST_ENROLMENT),
            ends_at=until,
            window=WINDOW,
            seed=self.seed,
        )


def midnight_before(now: datetime) -> datetime:
    """Give the midnight that began today in the time zone of simulated programmes."""
    return midnight_of(now.astimezone(ZoneInfo(WorldPlan().time_zone)).date())


def midnight_of(day: date) -> datetime:
    """Give the first moment of a day in the time zone of simulated programmes."""
    return datetime.combine(day, time.min, ZoneInfo(WorldPlan().time_zone))


def equal_shares(variants: int) -> tuple[Decimal, ...]:
    """Give shares in per cent that are as equal as two decimals allow, and total 100 exactly."""
    each, left = divmod(_HUNDREDTHS, variants)
    return tuple(Decimal(each + (number < left)) / 100 for number in range(variants))


def write_samples(directory: Path, plan: SamplePlan, file_format: FileFormat) -> SimulatedCampaign:
    """Write members, exposures, conversions, the two documents and the truth.

    Args:
        directory: Made where it does not exist; files of the same names are replaced.
        plan: What to simulate.
        file_format: Of the three tables.

    Raises:
        InvalidSimulation: The plan is not possible.
    """
    simulated = simulate_campaign(simulate_world(plan.world()), plan.campaign())
    write_world(directory, simulated, file_format)
    _write(directory / "programme.yaml", _programme(simulated))
    _write(directory / "campaign.yaml", _design(simulated))
    return simulated


def _programme(simulated: SimulatedCampaign) -> Programme:
    world = simulated.world
    return Programme(
        name="A simulated programme",
        time_zone=world.plan.time_zone,
        currency=world.plan.currency,
        locales=("en",),
        tiers=tuple(
            Tier(key=rung.key, entry_threshold_minor=rung.entry_threshold_minor)
            for rung in world.ladder
        ),
    )


def _design(simulated: SimulatedCampaign) -> CampaignDesign:
    plan, ladder = simulated.plan, simulated.world.ladder
    shares = equal_shares(len(plan.variants))
    reached = [rung.key for rung in ladder[1:]]
    return CampaignDesign(
        key=plan.key,
        name="A simulated campaign",
        hypothesis="See truth.json, which says what the variants truly do.",
        assigned_by=AssignedBy.EXTERNAL,
        starts_at=plan.starts_at,
        variants=tuple(
            Variant(key=variant.key, planned_share=share)
            for variant, share in zip(plan.variants, shares, strict=True)
        ),
        metrics=(
            MetricInUse(metric="purchase_frequency", role=Role.OEC),
            MetricInUse(metric="refund_rate", role=Role.GUARDRAIL, margin=Decimal("0.10")),
            MetricInUse(metric="repurchase_rate", role=Role.DIAGNOSTIC),
            MetricInUse(metric="spend_per_member", role=Role.DIAGNOSTIC),
            MetricInUse(metric="average_order_value", role=Role.DIAGNOSTIC),
            MetricInUse(
                metric="upgrade_conversion",
                role=Role.DIAGNOSTIC,
                parameters={"target_tiers": reached},
            ),
        ),
        conversion_window_days=WINDOW.days,
        funnel=("offer_view", "offer_click", "offer_claim"),
    )


def _write(path: Path, document: Document) -> None:
    values = document.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")
