"""Decides who is assigned what in a campaign of the demonstration: the real evaluator does.

Members come by over the time of the campaign, more of them when the shop is busy. Each is looked at
with the attributes of that week and the consent of that moment, as a server would have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from app.demonstration.membership import members_of
from experiments.assignment import Assignment, assign
from experiments.store.assignments import RecordedAssignment
from stats.simulation import Assignments
from stats.simulation.seasons import microseconds
from stats.simulation.streams import stream

if TYPE_CHECKING:
    from app.demonstration.campaigns import PlantedCampaign
    from app.demonstration.membership import Membership
    from experiments.catalogue import CompiledCampaign

REACH: Final = 0.9
"""Share of the members who come by while a campaign enrols."""

_WEEK: Final = timedelta(days=7)
_LAST_CALL: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """Who was assigned, in the order of time.

    Attributes:
        assignments: As the simulation reads them.
        recorded: As the store keeps them; one per row of `assignments`.
    """

    assignments: Assignments
    recorded: tuple[RecordedAssignment, ...]


def enrol(
    membership: Membership,
    compiled: CompiledCampaign,
    planted: PlantedCampaign,
    seed: int,
    *,
    reach: float = REACH,
) -> Enrolment:
    """Let members come by, a share of them, and assign those whom the campaign admits."""
    people, clock = membership.world.people, membership.world.clock
    random = stream(seed, "visits", planted.key)
    comes = random.random(people.joined.size) < reach
    first = np.full(people.joined.size, microseconds(planted.launched_at))
    last = np.full(people.joined.size, microseconds(planted.until - _LAST_CALL))
    at = clock.draw(first, last, random.random(people.joined.size))
    consented = people.consented & (people.opts_out > at)
    recorded: list[RecordedAssignment] = []
    week = planted.launched_at
    while week < planted.until:
        begins, ends = microseconds(week), microseconds(min(week + _WEEK, planted.until))
        known = np.flatnonzero(people.joined < begins)  # the rows of `known_at`
        here = comes & consented & (at >= begins) & (at < ends)
        chosen = np.flatnonzero(here[known])
        table = membership.known_at(week).take(pa.array(chosen))
        moments = at[known[chosen]].tolist()
        for member, moment in zip(members_of(table), moments, strict=True):
            now = _EPOCH + timedelta(microseconds=moment)
            answer = assign(compiled, member, now)
            if isinstance(answer, Assignment):
                recorded.append(
                    RecordedAssignment(
                        campaign=compiled.key,
                        phase=compiled.phase,
                        unit_id=answer.unit_id,
                        variant=answer.variant.key,
                        member_id=member.member_id,
                        assigned_at=now,
                        attributes=member.attributes,
                    )
                )
        week += _WEEK
    recorded.sort(key=lambda one: (one.assigned_at, one.member_id))
    assignments = Assignments.of(
        planted.key,
        [one.member_id for one in recorded],
        [one.variant for one in recorded],
        [one.assigned_at for one in recorded],
    )
    return Enrolment(assignments, tuple(recorded))
