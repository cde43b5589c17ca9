"""Remembers new assignments in the store, thousands in a transaction, and says which do not stand.

Another process may have decided on a unit meanwhile, or the cap may be reached: what the store says
stands. Units come in the order of their characters' numbers and the count under the cap comes last,
as everywhere, so that no two writers can block each other for good. Whoever is interrupted can
begin again: what was remembered is found as remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, text

from experiments.errors import StaleCampaign
from experiments.store.campaigns import read_campaign
from experiments.store.catalogue_state import read_revision
from experiments.store.engine import writing
from experiments.store.erasures import held_back
from experiments.store.places import count_places, lock_places
from experiments.store.programme import read_programme
from experiments.store.tables import assignments
from experiments.store.types import EPOCH, MICROSECOND
from experiments.store.writes import numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign
    from experiments.catalogue import CompiledCampaign
    from experiments.programme import Programme

CHUNK_UNITS: Final = 10_000
"""Units in a transaction, which keeps other writers waiting for a tenth of a second."""

_INSERT_SQLITE: Final = (
    "INSERT INTO assignments (campaign_key, phase, unit_id, variant, member_id, assigned_at, "
    "attributes, written_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_MAKE_SENT: Final = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS sent_assignments "
    "(unit_id text, variant text, member_id text, attributes text) ON COMMIT DELETE ROWS"
)
_COPY_SENT: Final = "COPY sent_assignments (unit_id, variant, member_id, attributes) FROM STDIN"
_INSERT_SENT: Final = text(
    "INSERT INTO assignments "
    "(campaign_key, phase, unit_id, variant, member_id, assigned_at, attributes) "
    "SELECT :campaign, :phase, unit_id, variant, member_id, :now, attributes::jsonb "
    'FROM sent_assignments ORDER BY unit_id COLLATE "C" '
    "ON CONFLICT (campaign_key, phase, unit_id) DO NOTHING RETURNING unit_id"
)
_DELETE: Final = text(
    "DELETE FROM assignments WHERE campaign_key = :campaign AND phase = :phase "
    "AND unit_id = ANY(:units)"
)
_FIND: Final = text(
    "SELECT unit_id, variant FROM assignments WHERE campaign_key = :campaign AND phase = :phase "
    "AND unit_id = ANY(:units)"
)


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """An assignment that was decided and is not remembered yet.

    Attributes:
        member_id: The member for whom it was made, of a household the first one.
        attributes: The member's attributes, as JSON.
    """

    unit_id: str
    variant: str
    member_id: str
    attributes: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of a chunk.

    Attributes:
        new: How many units were assigned now.
        others: The units for which something else stands: another variant, decided by another
            process, or None where the cap was reached before their turn.
    """

    new: int
    others: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Configured:
    """What decided: the campaign and its programme, as they were when it was decided."""

    programme: Programme | None
    campaign: Campaign
    revision: int

    def check(self, connection: Connection) -> None:
        """Refuse to go on where either was changed since.

        Raises:
            StaleCampaign: One was: paused, stopped, or with another traffic share, for example.
        """
        if read_revision(connection) == self.revision:
            return
        key = self.campaign.key
        if (
            read_campaign(connection, key) != self.campaign
            or read_programme(connection) != self.programme
        ):
            raise StaleCampaign(key)


def remember_chunk(
    engine: Engine,
    configured: Configured,
    campaign: CompiledCampaign,
    decided: Sequence[NewAssignment],
    now: datetime,
) -> Remembered:
    """Remember the assignments of units that have none.

    Args:
        engine: The store.
        configured: What decided; nothing is remembered once it has changed.
        campaign: Compiled.
        decided: Each unit once, in the order of the characters' numbers.
        now: When it was decided.

    Raises:
        StaleCampaign: The campaign or the programme was changed meanwhile.
    """
    with writing(engine) as connection:
        configured.check(connection)
        erased = held_back(connection, (one.member_id for one in decided), now)
        if erased:  # since the members were read; there is no place for them any more
            kept = [one for one in decided if one.member_id not in erased]
            gone = {one.unit_id: None for one in decided if one.member_id in erased}
            done = _remember(connection, campaign, kept, now) if kept else Remembered(0, {})
            return Remembered(done.new, {**done.others, **gone})
        return _remember(connection, campaign, decided, now)


def _remember(
    connection: Connection,
    campaign: CompiledCampaign,
    decided: Sequence[NewAssignment],
    now: datetime,
) -> Remembered:
    if connection.dialect.name == "sqlite":
        return _remember_sqlite(connection, campaign, decided, now)
    return _remember_postgresql(connection, campaign, decided, now)


def _remember_sqlite(
    connection: Connection,
    campaign: CompiledCampaign,
    decided: Sequence[NewAssignment],
    now: datetime,
) -> Remembered:
    """Insert what is missing: nobody else can write meanwhile."""
    query = select(assignments.c.unit_id, assignments.c.variant).where(
        assignments.c.campaign_key == campaign.key,
        assignments.c.phase == campaign.phase,
        assignments.c.unit_id.between(decided[0].unit_id, decided[-1].unit_id),
    )
    standing = {one.unit_id: one.variant for one in connection.execute(query)}
    new = [one for one in decided if one.unit_id not in standing]
    admitted = new[: lock_places(connection, campaign, [one.variant for one in new])]
    if admitted:
        (numbers,) = numbered(connection, [{}])
        moment = (now - EPOCH) // MICROSECOND
        rows = [
            (campaign.key, campaign.phase, one.unit_id, one.variant, one.member_id, moment,
             one.attributes, numbers["written_by"])
            for one in admitted
        ]  # fmt: skip
        connection.exec_driver_sql(_INSERT_SQLITE, rows)
        count_places(connection, campaign, [one.variant for one in admitted], now)
    refused = [one.unit_id for one in new[len(admitted) :]]
    return Remembered(len(admitted), _others(decided, standing, refused))


def _remember_postgresql(
    connection: Connection,
    campaign: CompiledCampaign,
    decided: Sequence[NewAssignment],
    now: datetime,
) -> Remembered:
    """Insert all; what others inserted first stays, and what is over the cap goes again."""
    connection.exec_driver_sql(_MAKE_SENT)
    driver = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY_SENT) as copy:  # type: ignore[union-attr]  # psycopg's
        for one in decided:
            copy.write_row((one.unit_id, one.variant, one.member_id, one.attributes))
    phase = {"campaign": campaign.key, "phase": campaign.phase}
    inserted = set(connection.scalars(_INSERT_SENT, {**phase, "now": now}))
    new = [one for one in decided if one.unit_id in inserted]
    room = lock_places(connection, campaign, [one.variant for one in new])
    refused = [one.unit_id for one in new[room:]]
    if refused:
        connection.execute(_DELETE, {**phase, "units": refused})
    if room:
        count_places(connection, campaign, [one.variant for one in new[:room]], now)
    older = [one.unit_id for one in decided if one.unit_id not in inserted]
    found = connection.execute(_FIND, {**phase, "units": older}) if older else ()
    standing = {one.unit_id: one.variant for one in found}
    return Remembered(len(new) - len(refused), _others(decided, standing, refused))


def _others(
    decided: Sequence[NewAssignment], standing: dict[str, str], refused: Sequence[str]
) -> dict[str, str | None]:
    others: dict[str, str | None] = dict.fromkeys(refused)
    for one in decided:
        found = standing.get(one.unit_id)
        if found is not None and found != one.variant:
            others[one.unit_id] = found
    return others
