"""Removes what is older than the programme keeps it, unless a campaign that is alive reads it.

A campaign is alive until it is decided and its last conversion window has closed. Of a campaign
that is not, whole phases go: half of the exposures of a phase would give a result that is wrong.
What is removed from the database is removed from the archive, by whole UTC days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from experiments.archive.erasing import remove_older
from experiments.campaign import State
from experiments.lifecycle import list_campaigns
from experiments.privacy.erasing import MOST_TOGETHER, erase_members
from experiments.store.access_log import Access, AccessAction, forget_accesses, log_access
from experiments.store.arrivals import FactKind
from experiments.store.campaigns import RecordedMove, record_move
from experiments.store.engine import reading, writing
from experiments.store.erasures import forget_digests
from experiments.store.programme import read_programme
from experiments.store.retained import (
    count_conversions,
    count_phase,
    count_quarantined,
    first_exposed_at,
    has_scorecard_since,
    inactive_members,
    remove_conversions,
    remove_phase,
    remove_quarantined,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Engine

    from experiments.archive.manifest import Partition
    from experiments.archive.place import Place
    from experiments.campaign import Campaign, Phase
    from experiments.lifecycle import Act
    from experiments.retention import Retention

    Goes = Callable[[FactKind, Partition], bool]

RETENTION: Final = "retention"
"""What stands in the history of a campaign of which a phase was removed."""

_WINDOWS: Final = frozenset({"end_days", "horizon_days"})
_PRE_PERIODS: Final = frozenset({"days", "covariate_days"})
_OVER: Final = frozenset({State.DECIDED, State.ARCHIVED})


class Kept(StrEnum):
    """What the programme may keep for a time."""

    EXPOSURES = "exposures"
    CONVERSIONS = "conversions"
    QUARANTINE = "quarantine"
    INACTIVE_MEMBERS = "inactive_members"
    ACCESS_LOG = "access_log"


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of one kind.

    Attributes:
        before: What is older was to go; None where the programme keeps it for ever.
        rows: What was removed, or would be.
        withheld: Campaigns that read some of it still, which therefore stays, and why.
    """

    kind: Kept
    before: datetime | None
    rows: int = 0
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    """What a phase reads: conversions from `since` on, until nothing more can count at `until`."""

    campaign: str
    phase: int
    since: datetime
    until: datetime | None

    def is_live(self, now: datetime) -> bool:
        return self.until is None or self.until > now


def apply_retention(
    engine: Engine, act: Act, *, place: Place | None = None, dry_run: bool = False
) -> tuple[Removed, ...]:
    """Remove what is older than the programme keeps it; safe to run again, and every day.

    Args:
        engine: The store.
        act: Who does it, and when.
        place: The archive, where there is one.
        dry_run: Only say what would be removed.

    Raises:
        ArchiveError: The archive cannot be rewritten; what is gone from the database goes from it
            at the next run.
    """
    with reading(engine) as connection:
        programme = read_programme(connection)
    if programme is None:
        return tuple(Removed(kind, None) for kind in Kept)
    spans = _spans(engine)
    run = _Run(engine, programme.retention, act, place, spans, dry_run=dry_run)
    done = (
        run.exposures(), run.conversions(), run.quarantine(), run.members(), run.access_log(),
    )  # fmt: skip
    if not dry_run:
        with writing(engine) as connection:
            rows = {str(one.kind): one.rows for one in done if one.rows}
            log_access(connection, Access(act.now, act.actor, AccessAction.RETENTION, detail=rows))
    return done


def is_removed(moves: Iterable[RecordedMove], phase: int) -> bool:
    """Say whether the history of a campaign tells that the facts of a phase were removed."""
    return any(
        move.move == RETENTION and (move.detail or {}).get("phase") == phase for move in moves
    )


@dataclass(frozen=True)
class _Run:
    """One run, over all kinds."""

    engine: Engine
    retention: Retention
    act: Act
    place: Place | None
    spans: Sequence[_Span]
    dry_run: bool

    def exposures(self) -> Removed:
        before = self._before(self.retention.exposures_days)
        if before is None:
            return Removed(Kept.EXPOSURES, None)
        rows = 0
        withheld = []
        for span in self.spans:
            if span.until is None or span.until >= before:
                continue
            with reading(self.engine) as connection:
                held = count_phase(connection, span.campaign, span.phase)
                told = has_scorecard_since(connection, span.campaign, span.phase, span.until)
            if held and not told:
                withheld.append(
                    f"{span.campaign}: no report was made since phase {span.phase} ended"
                )
                continue
            rows += held
            if held and not self.dry_run:
                self._note(span, held)
                remove_phase(self.engine, span.campaign, span.phase)
            self._remove_archived(_of_phase(span))
        return Removed(Kept.EXPOSURES, before, rows, tuple(withheld))

    def conversions(self) -> Removed:
        before = self._before(self.retention.conversions_days)
        if before is None:
            return Removed(Kept.CONVERSIONS, None)
        live = [span for span in self.spans if span.is_live(self.act.now)]
        needed = [span for span in live if span.since < before]
        allowed = _midnight(min([before, *(span.since for span in needed)]))
        with reading(self.engine) as connection:
            rows = count_conversions(connection, allowed)
        if not self.dry_run:
            remove_conversions(self.engine, allowed)
            day = allowed.date()
            self._remove_archived(
                lambda kind, partition: kind is FactKind.CONVERSIONS and partition.day < day
            )
        withheld = sorted(
            {f"{span.campaign}: reads from {span.since:%Y-%m-%d} on" for span in needed}
        )
        return Removed(Kept.CONVERSIONS, before, rows, tuple(withheld))

    def quarantine(self) -> Removed:
        before = self._before(self.retention.quarantine_days)
        if before is None:
            return Removed(Kept.QUARANTINE, None)
        with reading(self.engine) as connection:
            rows = count_quarantined(connection, before)
        if not self.dry_run:
            rows = remove_quarantined(self.engine, before)
        return Removed(Kept.QUARANTINE, before, rows)

    def members(self) -> Removed:
        before = self._before(self.retention.inactive_members_days)
        if before is None:
            return Removed(Kept.INACTIVE_MEMBERS, None)
        live = {(one.campaign, one.phase) for one in self.spans if one.is_live(self.act.now)}
        with reading(self.engine) as connection:
            found = inactive_members(connection, before, live)
        if not self.dry_run:
            for start in range(0, len(found), MOST_TOGETHER):
                some = found[start : start + MOST_TOGETHER]
                # nobody asked to be forgotten: whoever comes back is taken as somebody new
                erase_members(self.engine, some, self.act, suppress_for=None)
        return Removed(Kept.INACTIVE_MEMBERS, before, len(found))

    def access_log(self) -> Removed:
        before = self._before(self.retention.access_log_days)
        if before is None or self.dry_run:
            return Removed(Kept.ACCESS_LOG, before)
        with writing(self.engine) as connection:
            rows = forget_accesses(connection, before) + forget_digests(connection, before)
        return Removed(Kept.ACCESS_LOG, before, rows)

    def _before(self, days: int | None) -> datetime | None:
        return None if days is None else self.act.now - timedelta(days=days)

    def _note(self, span: _Span, rows: int) -> None:
        """Write into the campaign's history, first, that its facts are removed."""
        campaign = next(one for one in list_campaigns(self.engine) if one.key == span.campaign)
        detail = {"phase": span.phase, "rows": rows}
        state = campaign.state
        with writing(self.engine) as connection:
            record_move(
                connection,
                RecordedMove(
                    span.campaign, RETENTION, state, state, self.act.now, self.act.actor,
                    detail=detail,
                ),
            )  # fmt: skip

    def _remove_archived(self, goes: Goes) -> None:
        if self.place is not None and not self.dry_run:
            remove_older(self.engine, self.place, goes, now=self.act.now)


def _of_phase(span: _Span) -> Goes:
    """Give what says which files of an archive are of a phase."""

    def goes(kind: FactKind, partition: Partition) -> bool:
        is_of_phase = (partition.campaign, partition.phase) == (span.campaign, span.phase)
        return is_of_phase and kind in {FactKind.EXPOSURES, FactKind.ASSIGNMENTS}

    return goes


def _spans(engine: Engine) -> list[_Span]:
    """Give what each phase reads, and until when something may still count."""
    return [
        _span(engine, campaign, phase)
        for campaign in list_campaigns(engine)
        for phase in campaign.phases
    ]


def _span(engine: Engine, campaign: Campaign, phase: Phase) -> _Span:
    plan = phase.analysis_plan or {}
    with reading(engine) as connection:
        first = first_exposed_at(connection, campaign.key, phase.number)
    earliest = min(one for one in (first, phase.started_at) if one is not None)
    since = earliest - timedelta(days=_longest(plan, _PRE_PERIODS))
    ended = phase.ended_at
    if phase is campaign.phase and campaign.state not in _OVER:
        ended = None  # somebody has yet to decide by it
    elif ended is None:
        ended = campaign.updated_at
    window = timedelta(days=_longest(plan, _WINDOWS))
    return _Span(campaign.key, phase.number, since, None if ended is None else ended + window)


def _longest(plan: object, names: frozenset[str]) -> int:
    """Give the most days that stand under one of these names anywhere in a stored plan."""
    match plan:
        case dict():
            own = [
                value
                for name, value in plan.items()
                if name in names and isinstance(value, int) and not isinstance(value, bool)
            ]
            return max([0, *own, *(_longest(one, names) for one in plan.values())])
        case list():
            return max([0, *(_longest(one, names) for one in plan)])
        case _:
            return 0


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
