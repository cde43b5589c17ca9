"""Counts whom a campaign would take, whom not and why, and whom it shares with those that run.

A campaign that would take nobody is not launched. A store without any member says nothing about
that: then whoever asks for an offer says what is to be known of the member.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.analysis.enrolment import ask_as_if_running, ask_design_as_if_running, counted
from experiments.assignment import Assignment, assign
from experiments.campaign import AssignedBy, State
from experiments.errors import Problem
from experiments.store.engine import reading
from experiments.store.members import some_members

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from app.analysis.enrolment import AskedAsIfRunning
    from experiments.campaign import Campaign, CampaignDesign
    from stats.scorecard import Enrolment

TRIED_FIRST: Final = 1_000
"""Members of whom one is found eligible sooner than all are counted."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Another campaign that runs, is scheduled or paused.

    Attributes:
        campaign: Its key.
        name: What people read; the key where it has no name.
        state: Its state.
        same_layer: Whether both are in one layer, in which they exclude one another.
        members: Eligible members of the campaign asked about whom this one takes, too; None where
            another system makes its split.
        share: Of the eligible members, 0 to 1; None likewise, and where nobody is eligible.
    """

    campaign: str
    name: str
    state: State
    same_layer: bool
    members: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """Whom a campaign would take if it ran now.

    Attributes:
        campaign: Its key.
        state: Its state.
        counted_at: The moment; everything is as it was then.
        in_audience: Members whom the audience's rules admit, whatever else stands against them.
        enrolment: All members: eligible, by tier, and what keeps the others.
        shared: The others that run, the largest overlap first.
    """

    campaign: str
    state: State
    counted_at: datetime
    in_audience: int
    enrolment: Enrolment
    shared: tuple[Shared, ...]


def count_audience(engine: Engine, key: str, now: datetime) -> AudienceCount:
    """Count the audience of a campaign in any state, as if it ran now.

    A draft takes the slots of its layer that a launch would take.

    Args:
        engine: The store.
        key: Of the campaign.
        now: Aware UTC.

    Raises:
        UnknownCampaign: No campaign has this key.
        DatabaseMissing: The database is absent or does not answer.
    """
    return _count(engine, ask_as_if_running(engine, key, now), now)


def count_design(engine: Engine, design: CampaignDesign, now: datetime) -> AudienceCount:
    """Count the audience of a design that nobody has kept yet, likewise.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    return _count(engine, ask_design_as_if_running(engine, design, now), now)


def _count(engine: Engine, asked: AskedAsIfRunning, now: datetime) -> AudienceCount:
    # DuckDB takes a while to load; whoever only serves offers never pays for it.
    from experiments.bulk.assigning import opened  # noqa: PLC0415
    from experiments.bulk.counting import MemberCounter, copy_standing  # noqa: PLC0415
    from experiments.bulk.deciding import Decision  # noqa: PLC0415
    from experiments.bulk.member_relations import members_of_store  # noqa: PLC0415

    phase = asked.campaign.phase
    with opened() as connection:
        counter = MemberCounter(connection, members_of_store(engine, connection))
        if phase is not None:
            copy_standing(engine, connection, asked.campaign.key, phase.number)
        groups = counter.count(
            Decision(asked.compiled, now),
            tiers=asked.tiers,
            enrolment_open=asked.enrolment_open,
            has_standing=phase is not None,
        )
        enrolment = counted(groups, asked.programme)
        shared = [
            _shared(
                asked,
                other,
                None if _is_external(other) else counter.shared(Decision(compiled, now)),
                enrolment.eligible,
                now,
            )
            for other, compiled in asked.others
        ]
    return AudienceCount(
        campaign=asked.campaign.key,
        state=asked.campaign.state_at(now),
        counted_at=now,
        in_audience=sum(one.members for one in groups if one.admitted),
        enrolment=enrolment,
        shared=tuple(sorted(shared, key=lambda one: (-(one.members or 0), one.campaign))),
    )


def audience_problems(engine: Engine, key: str, now: datetime) -> tuple[Problem, ...]:
    """Say whether a draft would take nobody of the members that are kept, and what keeps most.

    A campaign that another system assigns is not asked, and neither is a store without members.

    Raises:
        UnknownCampaign: No campaign has this key.
        DatabaseMissing: The database is absent or does not answer.
    """
    asked = ask_as_if_running(engine, key, now)
    if asked.campaign.state is not State.DRAFT or _is_external(asked.campaign):
        return ()
    with reading(engine) as connection:
        first = some_members(connection, TRIED_FIRST)
    if not first or any(isinstance(assign(asked.compiled, one, now), Assignment) for one in first):
        return ()
    enrolment = count_audience(engine, key, now).enrolment
    if enrolment.eligible:
        return ()
    most = max(enrolment.kept, key=lambda one: one.members)
    because = f"{most.reason}{f' ({most.detail})' if most.detail else ''}"
    return (
        Problem(
            "audience",
            asked.campaign.design.audience.model_dump(mode="json")["any_of"],
            f"takes none of {enrolment.members} members; most of them, {most.members}, because "
            f"of: {because}",
            "Change the audience, or import the members whom it is for; see them counted with "
            f"tierlift campaign audience {key}. To launch nevertheless, say "
            "allow_empty_audience: true (--allow-empty-audience).",
        ),
    )


def _is_external(campaign: Campaign) -> bool:
    return campaign.design.assigned_by is AssignedBy.EXTERNAL


def _shared(
    asked: AskedAsIfRunning,
    other: Campaign,
    members: int | None,
    eligible: int,
    now: datetime,
) -> Shared:
    layer, own = other.design.layer, asked.campaign.design.layer
    return Shared(
        campaign=other.key,
        name=other.design.name or other.key,
        state=other.state_at(now),
        same_layer=layer is not None and own is not None and layer.key == own.key,
        members=members,
        share=None if members is None or not eligible else members / eligible,
    )


def audience_fields(count: AudienceCount) -> dict[str, object]:
    """Give a count as it is answered, by the API and the command line alike."""
    enrolment = count.enrolment
    return {
        "campaign": count.campaign,
        "state": count.state,
        "counted_at": count.counted_at,
        "members": enrolment.members,
        "in_audience": count.in_audience,
        "eligible": enrolment.eligible,
        "assigned": enrolment.assigned,
        "kept": enrolment.kept,
        "by_tier": enrolment.by_tier,
        "overlaps": count.shared,
    }
