"""Remembers what the newest scorecard of a phase was computed from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from experiments.store.arrivals import FactKind, has_arrivals
from experiments.store.tables import analysis_marks, scorecards
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from sqlalchemy import Connection

READ_BY_ANALYSIS: Final = (FactKind.EXPOSURES, FactKind.CONVERSIONS, FactKind.ASSIGNMENTS)


@dataclass(frozen=True, slots=True)
class AnalysisMark:
    """What a scorecard was computed from.

    Attributes:
        campaign: Key of the campaign.
        phase: Number of its phase.
        basis: Digest of everything but the facts: plan, deviations, day, whatever else decides.
        facts_until: Facts of transactions with lower numbers were all there.
        snapshot_hash: Names the scorecard.
    """

    campaign: str
    phase: int
    basis: str
    facts_until: int
    snapshot_hash: str


def keep_mark(connection: Connection, mark: AnalysisMark) -> None:
    """Keep the mark of a phase in place of the one before."""
    values = {
        "basis": mark.basis,
        "facts_until": mark.facts_until,
        "snapshot_hash": mark.snapshot_hash,
    }
    statement = insert_into(connection, analysis_marks).values(
        campaign_key=mark.campaign, phase=mark.phase, **values
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["campaign_key", "phase"], set_=values)
    )


def unchanged_scorecard(
    connection: Connection, campaign: str, phase: int, basis: str
) -> str | None:
    """Give the stored document that a new analysis would give again; None where it would not.

    Costs a few index look-ups. A fact that was visible to the analysis already may count as new, if
    an older transaction was open at the time: then the analysis is made again, for nothing.
    """
    query = select(analysis_marks).where(
        analysis_marks.c.campaign_key == campaign, analysis_marks.c.phase == phase
    )
    mark = connection.execute(query).mappings().one_or_none()
    if mark is None or mark["basis"] != basis:
        return None
    for kind in READ_BY_ANALYSIS:
        if has_arrivals(connection, kind, mark["facts_until"]):
            return None
    found: str | None = connection.scalar(
        select(scorecards.c.document).where(
            scorecards.c.campaign_key == campaign,
            scorecards.c.phase == phase,
            scorecards.c.snapshot_hash == mark["snapshot_hash"],
        )
    )
    return found
