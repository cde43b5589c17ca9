"""Plays the campaigns of the demonstration: launched in the past, met by members, then moved on.

Every state is reached by the use cases that a person would call, with a clock that stands in the
past; what members then do is simulated with the planted effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from app.analysis import make_plan
from app.demonstration import campaigns, unplayed
from app.demonstration.design import WINDOW
from app.demonstration.enrolment import Enrolment, enrol
from app.demonstration.membership import REVIEW_BEFORE_END, Membership
from app.demonstration.programme import harbour_club
from experiments import lifecycle
from experiments.campaign import Move
from experiments.directory import Directory
from experiments.lifecycle import Act
from experiments.store.engine import reading
from stats.simulation import (
    Assignments,
    drop_exposures,
    simulate_outcomes,
    simulate_world,
    true_effects,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.demonstration.campaigns import PlantedCampaign
    from app.demonstration.programme import DemonstrationPlan
    from experiments.campaign import CampaignDesign
    from stats.simulation import TrueValues, World

    Progress = Callable[[str, int, int], None]
    """Told what is being done, how much of it is done, and how much there is."""

MARKETER: Final = "marketing@harbour.example"
ANALYST: Final = "analysis@harbour.example"
_OPENING: Final = "Harbour Club opens"
_CAMPAIGNS: Final = "Campaigns take place"
STOPPED_BEFORE_END: Final = timedelta(days=96)


@dataclass(frozen=True, slots=True, eq=False)
class PlayedCampaign:
    """A campaign that took place.

    Attributes:
        planted: What was planned, and its truth.
        enrolment: Who was assigned.
        logged: The exposures that were logged, without those that got lost.
        truth: True values of every variant, over the members whose window has closed.
    """

    planted: PlantedCampaign
    enrolment: Enrolment
    logged: Assignments
    truth: tuple[TrueValues, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """All that took place.

    Attributes:
        membership: The members after all campaigns.
        campaigns: Those that took place, in the order of their launch.
    """

    membership: Membership
    campaigns: tuple[PlayedCampaign, ...]


def play(engine: Engine, plan: DemonstrationPlan, progress: Progress) -> Played:
    """Set the programme, let its campaigns take place, and leave each in its state."""
    end = plan.end
    progress(_OPENING, 0, 1)
    world = simulate_world(plan.world())
    progress(_OPENING, 1, 1)
    membership = Membership.reviewed_at(world, end - REVIEW_BEFORE_END)
    lifecycle.set_programme(engine, harbour_club(world.ladder), end - REVIEW_BEFORE_END)
    played: list[PlayedCampaign] = []
    for planted in _in_order(end):
        progress(_CAMPAIGNS, len(played), 3)
        _launch(engine, planted.design, planted.launched_at)
        one, world = _take_place(engine, plan, membership, planted)
        membership = membership.after(world)
        played.append(one)
        if planted.key == campaigns.FINISHED:
            # gives its part of the layer back before the next ones ask for theirs
            act = Act(end - STOPPED_BEFORE_END, MARKETER, "Every window has closed.")
            lifecycle.move_campaign(engine, planted.key, Move.STOP, act)
        if planted.key == campaigns.BROKEN:
            reason = "The sample-ratio check fails: exposures of one variant are missing."
            act = Act(planted.until, ANALYST, reason)
            lifecycle.move_campaign(engine, planted.key, Move.PAUSE, act)
    _set_others(engine, end)
    progress(_CAMPAIGNS, 3, 3)
    return Played(membership, tuple(played))


def _in_order(end: datetime) -> tuple[PlantedCampaign, ...]:
    return campaigns.finished(end), campaigns.running(end), campaigns.broken(end)


def _launch(engine: Engine, design: CampaignDesign, at: datetime) -> None:
    lifecycle.create_campaign(engine, design, Act(at - timedelta(days=6), MARKETER))
    lifecycle.launch_campaign(engine, design.key, Act(at, MARKETER), make_plan=make_plan)


def _take_place(
    engine: Engine, plan: DemonstrationPlan, membership: Membership, planted: PlantedCampaign
) -> tuple[PlayedCampaign, World]:
    with reading(engine) as connection:
        compiled = Directory().current(connection).compiled(planted.key)
    enrolment = enrol(membership, compiled, planted, plan.seed)
    before, assigned = membership.world, enrolment.assignments
    outcomes = simulate_outcomes(before, assigned, planted.effects, window=WINDOW, seed=plan.seed)
    logged = assigned
    for variant, share in planted.lost_exposures.items():
        logged = drop_exposures(logged, variant, share, seed=plan.seed)
    closed = pc.less_equal(assigned.table["exposed_at"], plan.end - WINDOW)
    mature = Assignments(planted.key, assigned.table.filter(closed))
    truth = true_effects(before, mature, planted.effects, window=WINDOW)
    return PlayedCampaign(planted, enrolment, logged, truth), outcomes.world


def _set_others(engine: Engine, end: datetime) -> None:
    """Leave a campaign in each of the other states."""
    yesterday = end - timedelta(hours=9)
    _launch_ahead(engine, unplayed.scheduled(end), yesterday)
    lifecycle.create_campaign(engine, unplayed.draft(), Act(yesterday, MARKETER))
    given_up = unplayed.archived()
    lifecycle.create_campaign(engine, given_up, Act(end - timedelta(days=80), MARKETER))
    reason = "Given up: a raffle among members needs a permit that we did not get."
    act = Act(end - timedelta(days=75), MARKETER, reason)
    lifecycle.move_campaign(engine, given_up.key, Move.ARCHIVE, act)


def _launch_ahead(engine: Engine, design: CampaignDesign, at: datetime) -> None:
    lifecycle.create_campaign(engine, design, Act(at - timedelta(days=2), MARKETER))
    lifecycle.launch_campaign(engine, design.key, Act(at, MARKETER), make_plan=make_plan)
