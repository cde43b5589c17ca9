"""Joins the two halves: a campaign becomes an analysis plan, its facts become a scorecard.

The plan is made once, at launch, and stored with the phase; whatever is computed later is computed
by that plan. A scorecard is computed from one snapshot of the facts and stored as it is: the same
facts give the same snapshot, and later facts give another one beside it.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import orjson

from app.analysis.auditing import audit_rule
from app.analysis.closings import closings_of
from app.analysis.deviations import deviations_of
from app.analysis.enrolment import enrolment_of
from app.analysis.facts import DATABASE, FactSource, facts_of
from experiments.campaign import UnitKind
from experiments.errors import NotLaunched, StoreError
from experiments.privacy.auditing import members_erased_since
from experiments.privacy.retaining import is_removed
from experiments.store.analysis_marks import AnalysisMark, keep_mark, unchanged_scorecard
from experiments.store.arrivals import frontier
from experiments.store.campaigns import read_campaign, read_moves
from experiments.store.catalogue_state import read_revision
from experiments.store.engine import reading, writing
from experiments.store.exhaustions import read_exhaustions
from experiments.store.folding import fold_all, has_long_tail
from experiments.store.scorecards import StoredScorecard, keep_scorecard, latest_scorecard
from stats.plan import AnalysisPlan
from stats.scorecard import (
    SCHEMA_VERSION,
    NotCounted,
    Scorecard,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from stats.sentence import said

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.budget import Exhaustion
    from experiments.campaign import Campaign, Phase
    from stats.scorecard import Deviation, Enrolment

FOLDED_WITHIN_S: Final = 60.0
"""How long an analysis folds exposures before it reads them."""


@dataclass(frozen=True, slots=True)
class Report:
    """A stored scorecard, read back.

    Attributes:
        document: Its JSON, byte for byte as stored.
        checked_at: When the facts were last seen to give it; never before it was computed.
        erased_since: Members of the phase who were erased since it was computed.
    """

    scorecard: Scorecard
    document: bytes
    checked_at: datetime
    erased_since: int = 0


def scorecard_of(
    engine: Engine,
    campaign: str,
    *,
    now: datetime,
    phase: int | None = None,
    as_of: datetime | None = None,
    source: FactSource = DATABASE,
) -> Report:
    """Compute and store the scorecard of a campaign's phase.

    Asked again on the same day with nothing new, the stored one is the answer: nothing is read for
    it, and `checked_at` says that the facts were looked at.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        now: Aware UTC.
        phase: Its number; the latest one by default.
        as_of: The analysis time; later facts are ignored. Now by default.
        source: Where its facts are read.

    Raises:
        UnknownCampaign: No campaign has this key.
        NotLaunched: It has no such phase.
        ArchiveError: The archive cannot be extended or read.
        EngineUnavailable: The engine is not installed, or cannot be reached.
        InvalidFacts: Declared tables are not there, or not what was declared.
    """
    with reading(engine) as connection:
        found = read_campaign(connection, campaign)
        moves = read_moves(connection, campaign)
        revision = read_revision(connection)
        until = frontier(connection).number
        chosen = _phase(found, phase)
        plan = AnalysisPlan.from_json(chosen.analysis_plan)
        exhaustions = read_exhaustions(connection, [campaign])
        deviations = deviations_of(found, chosen, moves)
        asked = _Asked(found, chosen, plan, deviations, exhaustions, now)
        unchanged = None
        if as_of is None and source.relations is None and asked.may_be_answered_again:
            basis = asked.basis(revision)
            unchanged = unchanged_scorecard(connection, campaign, chosen.number, basis)
        if is_removed(moves, chosen.number):
            # of what retention has removed, the last stored scorecard is what is known
            last = latest_scorecard(connection, campaign, chosen.number)
            unchanged = unchanged if last is None else last.document
    if unchanged is not None:
        return _read_back(engine, unchanged, now)
    if not source.archive_url and source.relations is None and has_long_tail(engine):
        # once, for this report and for every later one; what is left is read as it is
        with suppress(StoreError):
            fold_all(engine, within_s=FOLDED_WITHIN_S)
    scorecard = _computed(engine, asked, as_of or now, source)
    document = orjson.dumps(scorecard_to_json(scorecard))
    with writing(engine) as connection:
        stored = keep_scorecard(
            connection,
            StoredScorecard(
                campaign=campaign,
                phase=chosen.number,
                snapshot_hash=scorecard.snapshot_hash,
                computed_at=now,
                document=document.decode(),
            ),
        )
        if as_of is None:
            mark = AnalysisMark(
                campaign, chosen.number, asked.basis(revision), until, scorecard.snapshot_hash
            )
            keep_mark(connection, mark)
    kept = stored.document.encode()
    return Report(scorecard, kept, now) if kept == document else _read_back(engine, kept, now)


def _read_back(engine: Engine, document: str | bytes, now: datetime) -> Report:
    """Give a stored scorecard, and how many were erased whom it has counted under their ids."""
    kept = document.encode() if isinstance(document, str) else document
    read = scorecard_from_json(orjson.loads(kept))
    erased = members_erased_since(engine, read.campaign, read.phase, read.computed_at)
    return Report(read, kept, now, erased)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Everything but the facts that decides a scorecard."""

    campaign: Campaign
    phase: Phase
    plan: AnalysisPlan
    deviations: tuple[Deviation, ...]
    exhaustions: tuple[Exhaustion, ...]
    now: datetime

    @property
    def may_be_answered_again(self) -> bool:
        """Whether facts are all that may change it within a day: households change beside them."""
        return self.phase.design.randomization_unit is UnitKind.MEMBER

    def basis(self, revision: int) -> str:
        """Give a digest of it: the plan, what was changed, the day, and which looks are due.

        Within a calendar day, windows that close and checks that age wait for the next fact.
        """
        decisive = [
            self.phase.analysis_plan,
            [str(deviation) for deviation in self.deviations],
            self.now.astimezone(ZoneInfo(self.plan.time_zone)).date().isoformat(),
            sum(date <= self.now for date in self.plan.looks.dates),
            str(_ended_at(self.campaign, self.phase, self.now)),
            revision,
            SCHEMA_VERSION,
        ]
        return sha256(orjson.dumps(decisive)).hexdigest()


def _computed(engine: Engine, asked: _Asked, as_of: datetime, source: FactSource) -> Scorecard:
    # Ibis and DuckDB take half a second to load; whoever only serves offers never pays for it.
    from stats.aggregation.aggregate import aggregate_on  # noqa: PLC0415
    from stats.aggregation.duckdb_engine import DuckDBSettings  # noqa: PLC0415
    from stats.aggregation.engines import engine_for  # noqa: PLC0415

    campaign, phase, plan = asked.campaign, asked.phase, asked.plan
    facts = facts_of(engine, campaign.key, phase, plan, source=source, now=asked.now, as_of=as_of)
    settings = DuckDBSettings(memory_limit=source.memory_limit)
    audit = audit_rule(engine, campaign.key, phase.number)
    with engine_for(source.analysis_url, facts, settings=settings) as analysing:
        aggregates = aggregate_on(analysing, plan, as_of, audit=audit)
    return assemble_scorecard(
        plan,
        aggregates,
        computed_at=asked.now,
        deviations=asked.deviations,
        closings=closings_of(asked.exhaustions, phase.number, as_of),
        ended_at=_ended_at(campaign, phase, as_of),
        enrolment=_enrolment(engine, asked, as_of, source),
    )


def _enrolment(
    engine: Engine, asked: _Asked, as_of: datetime, source: FactSource
) -> Enrolment | NotCounted | None:
    if asked.plan.funnel is None:
        return None
    if source.relations is not None:
        return NotCounted(
            said("The facts are read from declared tables, and members are none of them.")
        )
    return enrolment_of(engine, asked.campaign, asked.phase, now=asked.now, as_of=as_of)


def _ended_at(campaign: Campaign, phase: Phase, as_of: datetime) -> datetime | None:
    """Give when enrolment in a phase ended: it was stopped, followed by another, or is over."""
    ends_at = campaign.design.ends_at
    if phase.ended_at is None and ends_at is not None and ends_at <= as_of:
        return ends_at
    return phase.ended_at


def _phase(campaign: Campaign, number: int | None) -> Phase:
    chosen = next(
        (
            phase
            for phase in reversed(campaign.phases)
            if phase.analysis_plan is not None and number in {None, phase.number}
        ),
        None,
    )
    if chosen is None:
        raise NotLaunched(campaign.key, number, len(campaign.phases))
    return chosen
