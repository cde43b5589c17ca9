"""Keeps campaigns with their phases and the moves that were made, under optimistic locking.

Every change bumps the catalogue's revision, so no process can go on serving the old campaign.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import Text, cast, insert, select, update

from experiments.campaign import Campaign, CampaignDesign, Phase, State
from experiments.document import MOST_KEPT, reread_text
from experiments.errors import CampaignExists, StaleCampaign, UnknownCampaign
from experiments.layer import SlotRange
from experiments.store.audit import Change, SubjectKind, differing, note_change
from experiments.store.catalogue_state import bump_revision
from experiments.store.tables import campaign_moves, campaigns, phases
from experiments.store.writes import insert_into

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping, Select, Table


def _as_text(table: Table) -> Select[Any]:
    """Select a table with its documents as text, by which their values are kept once parsed."""
    return select(
        *(
            cast(one, Text).label(one.name) if one.name in {"design", "analysis_plan"} else one
            for one in table.c
        )
    )


_CAMPAIGNS: Final = _as_text(campaigns)
_PHASES: Final = _as_text(phases)


@dataclass(frozen=True, slots=True)
class RecordedMove:
    """One change of a campaign's state, as it was made.

    Attributes:
        move: What was done: a `Move`, or another act worth remembering, such as ``update``.
        actor: Who did it: an API key's id, the command line, the clock.
        detail: What changed, as JSON values.
    """

    campaign: str
    move: str
    from_state: State
    to_state: State
    at: datetime
    actor: str
    reason: str | None = None
    detail: Mapping[str, Any] | None = None


def add_campaign(connection: Connection, campaign: Campaign) -> None:
    """Keep a new campaign.

    Raises:
        CampaignExists: The key is taken.
    """
    statement = insert_into(connection, campaigns).values(
        key=campaign.key, created_at=campaign.created_at, **_campaign_values(campaign)
    )
    added = connection.execute(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(campaigns.c.key)
    ).one_or_none()
    if added is None:
        raise CampaignExists(campaign.key)
    _put_phases(connection, campaign)
    bump_revision(connection)


def save_campaign(connection: Connection, campaign: Campaign) -> Campaign:
    """Keep a changed campaign, if nobody changed it since it was read.

    Args:
        connection: In a write transaction.
        campaign: With the version that was read.

    Returns:
        The campaign with its new version.

    Raises:
        StaleCampaign: Somebody else changed it meanwhile, or it does not exist.
    """
    saved = replace(campaign, version=campaign.version + 1)
    changed = connection.execute(
        update(campaigns)
        .where(campaigns.c.key == campaign.key, campaigns.c.version == campaign.version)
        .values(**_campaign_values(saved))
    )
    if changed.rowcount != 1:
        raise StaleCampaign(campaign.key)
    _put_phases(connection, saved)
    bump_revision(connection)
    return saved


def read_campaign(connection: Connection, key: str) -> Campaign:
    """Give the campaign with this key.

    Raises:
        UnknownCampaign: There is none; the error names those that there are.
    """
    row = connection.execute(_CAMPAIGNS.where(campaigns.c.key == key)).mappings().first()
    if row is None:
        known = connection.scalars(select(campaigns.c.key).order_by(campaigns.c.key)).all()
        raise UnknownCampaign(key, known)
    query = _PHASES.where(phases.c.campaign_key == key).order_by(phases.c.number)
    return _campaign(row, connection.execute(query).mappings())


def read_campaigns(connection: Connection) -> tuple[Campaign, ...]:
    """Give every campaign, in the order of their keys."""
    by_campaign: dict[str, list[RowMapping]] = {}
    query = _PHASES.order_by(phases.c.campaign_key, phases.c.number)
    for row in connection.execute(query).mappings():
        by_campaign.setdefault(row["campaign_key"], []).append(row)
    rows = connection.execute(_CAMPAIGNS).mappings()
    # sorted here: databases order text by their own collation
    return tuple(
        sorted(
            (_campaign(row, by_campaign.get(row["key"], ())) for row in rows),
            key=lambda campaign: campaign.key,
        )
    )


def record_move(connection: Connection, move: RecordedMove, trace_id: str | None = None) -> None:
    """Keep what was done to a campaign, by whom and why: in its history and in the audit log."""
    change = _change(move, read_campaign(connection, move.campaign).design)
    note_change(connection, change, move.at, move.actor, trace_id)
    connection.execute(
        insert(campaign_moves).values(
            campaign_key=move.campaign,
            move=str(move.move),
            from_state=str(move.from_state),
            to_state=str(move.to_state),
            at=move.at,
            actor=move.actor,
            reason=move.reason,
            detail=None if move.detail is None else dict(move.detail),
        )
    )


def _change(move: RecordedMove, design: CampaignDesign) -> Change:
    """Give a move for the audit log; a change of the document with the fields that differ."""
    action, after = str(move.move), {"state": str(move.to_state)}
    detail = dict(move.detail or {})
    if move.reason:
        after["reason"] = move.reason
    if action == "create":
        made = {**after, **design.model_dump(mode="json")}
        return Change(action, SubjectKind.CAMPAIGN, move.campaign, None, made)
    old: dict[str, Any] = {}
    new: dict[str, Any] = detail
    if isinstance(earlier := detail.get("before"), dict):
        old, new = differing(earlier, design.model_dump(mode="json"))
    before = {"state": str(move.from_state), **old}
    return Change(action, SubjectKind.CAMPAIGN, move.campaign, before, {**after, **new})


def read_moves(connection: Connection, key: str) -> tuple[RecordedMove, ...]:
    """Give what was done to a campaign, the oldest first."""
    query = (
        select(campaign_moves)
        .where(campaign_moves.c.campaign_key == key)
        .order_by(campaign_moves.c.id)
    )
    return tuple(
        RecordedMove(
            campaign=row["campaign_key"],
            move=row["move"],
            from_state=State(row["from_state"]),
            to_state=State(row["to_state"]),
            at=row["at"],
            actor=row["actor"],
            reason=row["reason"],
            detail=row["detail"],
        )
        for row in connection.execute(query).mappings()
    )


def latest_change(connection: Connection) -> datetime | None:
    """Give when any campaign was changed last, or None before the first."""
    query = select(campaign_moves.c.at).order_by(campaign_moves.c.id.desc()).limit(1)
    found: datetime | None = connection.scalar(query)
    return found


def _campaign_values(campaign: Campaign) -> dict[str, Any]:
    return {
        "state": str(campaign.state),
        "design": campaign.design.model_dump(mode="json"),
        "phase": campaign.phase.number if campaign.phase else 0,
        "updated_at": campaign.updated_at,
        "version": campaign.version,
    }


def _put_phases(connection: Connection, campaign: Campaign) -> None:
    for phase in campaign.phases:
        values = {
            "design": phase.design.model_dump(mode="json"),
            "analysis_plan": phase.analysis_plan,
            "layer_ranges": [[held.start, held.end] for held in phase.layer_ranges] or None,
            "started_at": phase.started_at,
            "ended_at": phase.ended_at,
        }
        statement = insert_into(connection, phases).values(
            campaign_key=campaign.key, number=phase.number, **values
        )
        connection.execute(
            statement.on_conflict_do_update(index_elements=["campaign_key", "number"], set_=values)
        )


def _campaign(row: RowMapping, phase_rows: Iterable[RowMapping]) -> Campaign:
    return Campaign(
        design=reread_text(CampaignDesign, row["design"], f"campaign {row['key']!r}"),
        state=State(row["state"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        phases=tuple(_phase(phase_row) for phase_row in phase_rows),
        version=row["version"],
    )


def _phase(row: RowMapping) -> Phase:
    return Phase(
        number=row["number"],
        design=reread_text(
            CampaignDesign, row["design"], f"phase of campaign {row['campaign_key']!r}"
        ),
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        layer_ranges=tuple(SlotRange(start, end) for start, end in row["layer_ranges"] or ()),
        analysis_plan=_plan(row["analysis_plan"]),
    )


@lru_cache(MOST_KEPT)
def _plan(text: str | None) -> dict[str, Any] | None:
    """Give an analysis plan from its text; it is fixed before the launch, and read only."""
    return None if text is None else dict(orjson.loads(text))
