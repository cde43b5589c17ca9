"""What exists, but not in a state that allows what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.errors.fault import ExperimentError
from experiments.errors.values import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence


class Conflict(ExperimentError):
    """The thing exists, but not in a state that allows this."""


class MetricInUse(Conflict):
    """A metric cannot be deleted while campaigns that are not over name it."""

    def __init__(self, key: str, campaigns: Sequence[str]) -> None:
        self.campaigns = tuple(campaigns)
        super().__init__(
            f"The metric {shortened(key)} is named by {', '.join(self.campaigns)}; take it out of "
            "these, or stop or archive them, first."
        )


class CampaignExists(Conflict):
    """A campaign with this key exists already."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"A campaign {key!r} exists already. Choose another key, or update that one."
        )


class IllegalMove(Conflict):
    """A move that the campaign's state does not allow."""

    def __init__(self, campaign: str, state: str, move: str, legal: Sequence[str]) -> None:
        self.campaign, self.state, self.move, self.legal = campaign, state, move, tuple(legal)
        allowed = ", ".join(self.legal) or "none: this state is final"
        super().__init__(
            f"Campaign {campaign!r} is {state}, so it cannot {move}. Moves it can make: {allowed}."
        )


class NotLaunched(Conflict):
    """A scorecard was asked for of a campaign, or a phase of it, that never started."""

    def __init__(self, campaign: str, phase: int | None, phases: int) -> None:
        self.campaign, self.phase = campaign, phase
        message = (
            f"Campaign {campaign!r} has no phase {phase}; it has phases 1 to {phases}."
            if phases
            else f"Campaign {campaign!r} was never launched, so there is nothing to analyse. "
            f"Launch it first: tierlift campaign launch {campaign}."
        )
        super().__init__(message)


class NobodyAssigned(Conflict):
    """All members were to be assigned in a campaign that assigns nobody at this moment."""

    def __init__(self, campaign: str, reason: str) -> None:
        self.campaign, self.reason = campaign, reason
        super().__init__(
            f"Campaign {campaign!r} assigns nobody now: {reason.replace('_', ' ')}. Nothing was "
            "written. Assign while it runs, or ask for everyone with the reason."
        )


class StaleCampaign(Conflict):
    """Somebody else changed the campaign between reading and writing it."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"Campaign {key!r} was changed by somebody else meanwhile. Read it again and retry."
        )


class AlreadySettled(Conflict):
    """A quarantined item was replayed or discarded before."""

    def __init__(self, number: int, state: str, by: str, way_out: str) -> None:
        self.number, self.state, self.by = number, state, by
        super().__init__(f"Item {number} of the quarantine was {state} by {by}. {way_out}")


class MemberErased(Conflict):
    """Something was to be kept of a member who was erased a short while ago."""

    def __init__(self, member_id: str) -> None:
        self.member_id = member_id
        super().__init__(
            f"The member {shortened(member_id)} was erased, and what arrives late is discarded for "
            "the time being. If somebody joined anew under this id, take events again with "
            "`tierlift member readmit ID`."
        )


class RecomputeBusy(Conflict):
    """Another process computes the programme of this database."""

    def __init__(self, waited_s: float) -> None:
        self.waited_s = waited_s
        waited = f" after {waited_s:g} s" if waited_s else ""
        super().__init__(
            f"Another process still computes the programme{waited}; this one changed nothing. "
            "Try again once it is done."
        )


class DraftChanged(Conflict):
    """Somebody else changed the same step of a form meanwhile."""

    def __init__(self, draft_id: str, user_id: str, version: int) -> None:
        self.draft_id, self.user_id, self.version = draft_id, user_id, version
        super().__init__(
            f"Somebody else changed this step of the form {shortened(draft_id)} meanwhile; nothing "
            "was kept. Read it again, or keep yours in place of theirs."
        )


class MemoChanged(Conflict):
    """Somebody else wrote the next version of a decision memo meanwhile."""

    def __init__(self, campaign: str, phase: int, version: int) -> None:
        self.campaign, self.phase, self.version = campaign, phase, version
        super().__init__(
            f"Somebody else wrote version {version} of this memo meanwhile; nothing was kept. Read "
            "it, and write yours on top of it."
        )
