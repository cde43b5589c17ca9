"""Plays the campaigns of Harbour Club of the year before: over, decided, and in the archive.

They took place before the year that is loaded otherwise, beside it: of what members then did, only
what these campaigns count is kept, and nothing of the later year is moved by it. One of them truly
did nothing, as happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from app.analysis import Choice, decide_campaign, make_plan, scorecard_of
from app.demonstration import texts
from app.demonstration.campaigns import PlantedCampaign
from app.demonstration.design import WINDOW, club_design, guardrail, one_of
from app.demonstration.enrolment import enrol
from app.demonstration.programme import CURRENCY
from experiments import lifecycle
from experiments.analysis import Analysis
from experiments.campaign import MetricInUse, Move, Role
from experiments.directory import Directory
from experiments.lifecycle import Act
from experiments.offer import Benefit, Gift
from experiments.store.engine import reading
from experiments.variant import Variant
from stats.decision.verdict import Verdict
from stats.simulation import NO_EFFECT, Effect, simulate_outcomes

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from app.demonstration.enrolment import Enrolment
    from app.demonstration.membership import Membership
    from app.demonstration.programme import DemonstrationPlan

LASTED: Final = timedelta(days=14)
REACHED: Final = 0.5
"""Share of the members who came by: fewer than later, which is enough for a clear result."""
WRITERS: Final = ("marketing@harbour.example", "analysis@harbour.example")
_TIER_CHANGE: Final = "tier_change"
_OPT_OUT: Final = "opt_out"


@dataclass(frozen=True, slots=True)
class EarlierCampaign:
    """A campaign of the year before.

    Attributes:
        days_before: Of the end of the history, at its launch.
        order_rate: What its treatment truly does to the rate of orders.
        learned: What the analyst wrote when it was decided.
    """

    key: str
    name: str
    hypothesis: str
    days_before: int
    order_rate: float
    learned: str


@dataclass(frozen=True, slots=True, eq=False)
class PlayedEarlier:
    """What took place.

    Attributes:
        enrolment: Who was assigned, and exposed at once.
        conversions: What those did from a window before the launch to the close of the last one.
    """

    enrolment: Enrolment
    planted: PlantedCampaign
    conversions: pa.Table


def _gift(gift: str) -> Gift:
    return Gift(
        kind="gift", gift=gift, unit_cost_minor=9_000, currency=CURRENCY,
        benefit=Benefit.EMOTIONAL, texts=texts.SECOND_ORDER_GIFT,
    )  # fmt: skip


EARLIER: Final = (
    EarlierCampaign(
        "tea-tin", "A tin of tea", "A small thing to hold brings members back within the month.",
        600, 1.3, "A gift under NT$100 is enough to bring members back.",
    ),
    EarlierCampaign(
        "coffee-bags", "Two coffee bags", "What is used up brings members back as well as a tin.",
        560, 1.2, "What is used up works, too, and is cheaper to send.",
    ),
    EarlierCampaign(
        "canvas-bag", "A canvas bag", "A bag that is carried about brings members back.",
        520, 1.25, "Bags ran short in the second week: order more of them.",
    ),
    EarlierCampaign(
        "fridge-magnet", "A magnet for the fridge", "Anything free brings members back.",
        480, 1.0, "Not anything free: nobody came back for a magnet.",
    ),
)  # fmt: skip
"""In the order of their launch; no two of them overlap, windows included."""


def planted(one: EarlierCampaign, end: datetime) -> PlantedCampaign:
    """Give a campaign of the year before as it took place."""
    launched = end - timedelta(days=one.days_before)
    design = club_design(
        key=one.key,
        name=one.name,
        owner="CRM",
        hypothesis=one.hypothesis,
        ends_at=launched + LASTED,
        analysis=Analysis(),
        audience=one_of("tier", "silver"),
        variants=(
            Variant(key="control", name="As usual", planned_share=Decimal("50.00")),
            Variant(key="treatment", name=one.name, planned_share=Decimal("50.00"),
                    offer=_gift(one.name)),
        ),
        metrics=(
            MetricInUse(metric="repurchase_rate", role=Role.OEC),
            MetricInUse(metric="spend_per_member", role=Role.DIAGNOSTIC),
            guardrail("refund_rate", "0.50"),
        ),
        funnel=("offer_view", "offer_click", "offer_claim", "order"),
    )  # fmt: skip
    treatment = Effect(
        order_rate=one.order_rate, offer_view=0.85, offer_click=0.35, offer_claim=0.5
    )
    effects = {"control": NO_EFFECT, "treatment": treatment}
    return PlantedCampaign(design, launched, launched + LASTED, effects)


def play_earlier(
    engine: Engine, plan: DemonstrationPlan, membership: Membership, one: EarlierCampaign
) -> PlayedEarlier:
    """Let a campaign of the year before take place, up to its stop."""
    here = planted(one, plan.end)
    marketer, closed = WRITERS[0], here.until + WINDOW
    lifecycle.create_campaign(
        engine, here.design, Act(here.launched_at - timedelta(days=6), marketer)
    )
    lifecycle.launch_campaign(
        engine, here.key, Act(here.launched_at, marketer), make_plan=make_plan
    )
    with reading(engine) as connection:
        compiled = Directory().current(connection).compiled(here.key)
    enrolment = enrol(membership, compiled, here, plan.seed, reach=REACHED)
    outcomes = simulate_outcomes(
        membership.world, enrolment.assignments, here.effects, window=WINDOW, seed=plan.seed
    )
    stop = Act(closed + timedelta(days=1), marketer, "Every window has closed.")
    lifecycle.move_campaign(engine, here.key, Move.STOP, stop)
    happened = membership.after(outcomes.world).conversions(here.launched_at - WINDOW)
    at = happened["occurred_at"]
    # who opted out later, but before the year that is loaded, would seem never to have consented
    left = pc.and_(pc.equal(happened["event"], _OPT_OUT), pc.less(at, pa.scalar(plan.start)))
    kept = pc.and_(
        pc.or_(pc.less(at, pa.scalar(closed)), left),
        pc.is_in(happened["member_id"], enrolment.assignments.table["member_id"].combine_chunks()),
    )
    # tiers of the later year are its own
    kept = pc.and_(kept, pc.not_equal(happened["event"], _TIER_CHANGE))
    return PlayedEarlier(enrolment, here, happened.filter(kept))


def decide_earlier(engine: Engine, one: EarlierCampaign, played: PlayedEarlier) -> None:
    """Decide it as its rule says, by its scorecard of the day after it was stopped."""
    at = played.planted.until + WINDOW + timedelta(days=2)
    verdict = scorecard_of(engine, one.key, now=at).scorecard.decision
    act = Act(at, WRITERS[1], one.learned)
    match verdict.verdict if verdict else None:
        case Verdict.SHIP:
            decide_campaign(engine, one.key, Choice.SHIP, "treatment", act)
        case Verdict.DO_NOT_SHIP:
            decide_campaign(engine, one.key, Choice.DO_NOT_SHIP, None, act)
        case _:
            decide_campaign(engine, one.key, Choice.INCONCLUSIVE, None, act)
