"""Says what Harbour Club is: its members and their habits, its ladder, its layer, its holdout."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from experiments.layer import Layer
from experiments.programme import Programme
from experiments.score import Measure, Score, ScoredMeasure
from experiments.tier import Tier
from stats.simulation import OrderPlan, WorldPlan

if TYPE_CHECKING:
    from stats.simulation import Rung

TIME_ZONE: Final = "Asia/Taipei"
CURRENCY: Final = "TWD"
LOCALES: Final = ("zh-Hant-TW", "zh-Hans-CN", "en")
BANNER: Final = "home-banner"
"""The layer: the banner on the front page shows one campaign at a time."""

MEMBERS: Final = 30_000
SEED: Final = 20_260_101
HISTORY: Final = timedelta(days=365)
"""What is loaded; the simulation begins a year earlier, so that the first day has a past."""

_MEDIAN_ORDER_MINOR: Final = 120_000
_TIER_NAMES: Final = {
    "bronze": "Bronze",
    "silver": "Silver",
    "gold": "Gold",
    "diamond": "Diamond",
}


@dataclass(frozen=True, slots=True)
class DemonstrationPlan:
    """What is loaded; equal plans give equal facts.

    Attributes:
        end: The moment after the last fact, aware UTC.
        members: How many members ever join.
        seed: Of everything that is drawn.
    """

    end: datetime
    members: int = MEMBERS
    seed: int = SEED

    @classmethod
    def ending_today(
        cls, now: datetime, *, members: int = MEMBERS, seed: int = SEED
    ) -> DemonstrationPlan:
        """Give the plan whose history ends with the midnight that began today, in the club's zone.

        Args:
            now: Aware.
            members: How many members ever join.
            seed: Of everything that is drawn.
        """
        today = now.astimezone(ZoneInfo(TIME_ZONE))
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
        return cls(end=midnight.astimezone(UTC), members=members, seed=seed)

    @property
    def start(self) -> datetime:
        """The first moment that is loaded."""
        return self.end - HISTORY

    def world(self) -> WorldPlan:
        """Give the members and habits to simulate."""
        return WorldPlan(
            members=self.members,
            seed=self.seed,
            start=self.end - 2 * HISTORY,
            end=self.end,
            time_zone=TIME_ZONE,
            currency=CURRENCY,
            orders=OrderPlan(median_minor=_MEDIAN_ORDER_MINOR),
            newcomer_share=0.3,
            activity_per_order=0.5,
        )


_SCORE: Final = Score(
    version=1,
    measures=(
        ScoredMeasure(
            measure=Measure.SPEND,
            weight=Decimal(3),
            window_days=365,
            full_at=60 * _MEDIAN_ORDER_MINOR,
        ),
        ScoredMeasure(measure=Measure.FREQUENCY, weight=Decimal(1), window_days=90, full_at=10),
        ScoredMeasure(measure=Measure.ENGAGEMENT, weight=Decimal(1), window_days=30, full_at=15),
        ScoredMeasure(measure=Measure.TENURE, weight=Decimal("0.5"), full_at=730),
    ),
)


def harbour_club(ladder: tuple[Rung, ...]) -> Programme:
    """Give the programme with the ladder that its members' spend has led to."""
    return Programme(
        name="Harbour Club",
        time_zone=TIME_ZONE,
        currency=CURRENCY,
        locales=LOCALES,
        tiers=tuple(
            Tier(
                key=rung.key,
                name=_TIER_NAMES[rung.key],
                entry_threshold_minor=rung.entry_threshold_minor,
            )
            for rung in ladder
        ),
        layers=(Layer(key=BANNER, name="Banner on the front page", holdout_share=Decimal("3.00")),),
        holdout_share=Decimal("2.00"),
        score=_SCORE,
        gross_margin_rate=Decimal("0.42"),
        contact_cost_minor=60,
        acquisition_cost_minor=25_000,
    )
