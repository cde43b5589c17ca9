"""Keeps what offers were answered with: first assignments, places under a cap, and exposures.

What several requests decided at the same time is kept in one transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from experiments.exposure import Exposure
from experiments.store.assignments import RecordedAssignment, remember_all, withdraw
from experiments.store.engine import reading
from experiments.store.erasures import held_back
from experiments.store.exposures import append_exposures, has_exposure
from experiments.store.places import take_place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.assignment import Assignment
    from experiments.catalogue import CompiledCampaign
    from experiments.member import Member
    from experiments.memory import Memory
    from experiments.store.assignments import AssignmentKey
    from experiments.store.group_commit import GroupCommit

SERVER_SENDER: Final = "server"
"""Sender of the exposures that the server logs itself."""

_First: TypeAlias = "tuple[RecordedAssignment, CompiledCampaign, Exposure | None]"
"""A first assignment, its campaign, and its exposure where the server logs one."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What one request decided, to be kept, and the exposures of what was assigned earlier."""

    member_id: str
    now: datetime
    firsts: Sequence[_First]
    shown: Sequence[Exposure]


def _keep(connection: Connection, requests: Sequence[_Decided]) -> list[list[str | None]]:
    """Keep what several requests decided; give what stands for the first assignments of each."""
    asked = (each.member_id for each in requests)
    erased = held_back(connection, asked, requests[0].now)
    if erased:  # this very moment: they are answered, and nothing is kept of them
        kept = [each for each in requests if each.member_id not in erased]
        results = iter(_keep_all(connection, kept))
        return [
            [one[0].variant for one in each.firsts] if each.member_id in erased else next(results)
            for each in requests
        ]
    return _keep_all(connection, requests)


def _keep_all(connection: Connection, requests: Sequence[_Decided]) -> list[list[str | None]]:
    """Keep what requests of members decided who are not erased."""
    stands = iter(remember_all(connection, [one[0] for each in requests for one in each.firsts]))
    exposures = [exposure for each in requests for exposure in each.shown]
    withdrawn: set[AssignmentKey] = set()
    results: list[list[str | None]] = []
    for each in requests:
        standing: list[str | None] = []
        for first, campaign, exposure in each.firsts:
            stood, key = next(stands), (first.campaign, first.phase, first.unit_id)
            if stood.new and not take_place(connection, campaign, first.variant, first.assigned_at):
                withdraw(connection, key)
                withdrawn.add(key)
            # another request for the same unit is told of the same place that there was not
            standing.append(None if key in withdrawn else stood.variant)
            if exposure is not None and key not in withdrawn:
                exposures.append(replace(exposure, variant=stood.variant))
        results.append(standing)
    if exposures:
        append_exposures(connection, exposures)
    return results


@dataclass(frozen=True, slots=True)
class AnswerRecord:
    """Keeps what one request decided.

    Attributes:
        engine: The store.
        memory: What is remembered of it from now on.
        commits: Writes for several requests at once.
        member: Who asked, with what is known and what the asker said.
        now: When: aware UTC.
        is_seen: Whether the answer is about to be shown.
        revision: Of the catalogue that decided.
    """

    engine: Engine
    memory: Memory
    commits: GroupCommit
    member: Member
    now: datetime
    is_seen: bool
    revision: int

    def keep(
        self,
        firsts: Sequence[Assignment],
        campaigns: Mapping[str, CompiledCampaign],
        shown: Sequence[Assignment],
    ) -> list[str | None]:
        """Keep first assignments, and the exposures of what is shown.

        Returns:
            The variant that stands for each of `firsts`; None where the cap was reached.
        """
        if not firsts and not shown:
            return []
        decided = _Decided(
            self.member.member_id,
            self.now,
            [self._first(one, campaigns[one.campaign]) for one in firsts],
            [self._exposure(one) for one in shown],
        )
        standing = self.commits.together(_keep, decided)
        self.memory.keep_assigned(
            ((one.campaign, one.phase, one.unit_id), variant)
            for one, variant in zip(firsts, standing, strict=True)
            if variant is not None
        )
        for one, variant in zip(firsts, standing, strict=True):
            if variant is None:
                self.memory.keep_full(one.campaign, one.phase, self.revision)
        for one in shown:
            self.memory.keep_logged(self._exposure_id(one))
        return standing

    def is_logged(self, decided: Assignment) -> bool:
        """Say whether the member's exposure is kept already; households are exposed one by one."""
        exposure_id = self._exposure_id(decided)
        if self.memory.is_logged(exposure_id):
            return True
        with reading(self.engine) as connection:
            is_kept = has_exposure(connection, exposure_id)
        if is_kept:
            self.memory.keep_logged(exposure_id)
        return is_kept

    def _first(self, decided: Assignment, campaign: CompiledCampaign) -> _First:
        record = RecordedAssignment(
            campaign=decided.campaign,
            phase=decided.phase,
            unit_id=decided.unit_id,
            variant=decided.variant.key,
            member_id=self.member.member_id,
            assigned_at=self.now,
            attributes=self.member.attributes,
        )
        is_logged = self.is_seen and campaign.server_logs_exposures
        return record, campaign, self._exposure(decided) if is_logged else None

    def _exposure(self, decided: Assignment) -> Exposure:
        return Exposure(
            exposure_id=self._exposure_id(decided),
            campaign=decided.campaign,
            phase=decided.phase,
            variant=decided.variant.key,
            member_id=self.member.member_id,
            unit_id=decided.unit_id,
            exposed_at=self.now,
            received_at=self.now,
            sender=SERVER_SENDER,
        )

    def _exposure_id(self, decided: Assignment) -> str:
        """Give the one id of a member's exposure in a phase: asking again logs nothing more."""
        text = f"{decided.campaign}\n{decided.phase}\n{self.member.member_id}"
        return f"{SERVER_SENDER}-{hashlib.sha256(text.encode()).hexdigest()}"
