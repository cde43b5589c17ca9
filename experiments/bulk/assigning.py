"""Assigns all members in a campaign, remembers what is new, and writes who gets what."""

from __future__ import annotations

import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import pyarrow as pa

from experiments.assignment import Reason
from experiments.bulk import literals
from experiments.bulk.deciding import (
    DECIDED,
    Decision,
    decide,
    outcome_of,
    reason_of,
    refused_for_everyone,
)
from experiments.bulk.delivering import TOLD, Channel, Delivery, FileFormat, Who, write_file
from experiments.bulk.member_files import members_of_file
from experiments.bulk.member_relations import FIELD, members_of_store
from experiments.bulk.remembering import CHUNK_UNITS, Configured, NewAssignment, remember_chunk
from experiments.campaign import UnitKind
from experiments.catalogue import compile_catalogue
from experiments.errors import InvalidValues, NobodyAssigned, Problem, UnknownCampaign
from experiments.store.campaigns import RecordedMove, read_campaigns, record_move
from experiments.store.catalogue_state import read_revision
from experiments.store.engine import reading, writing
from experiments.store.enrolments import WHOLE
from experiments.store.places import read_room
from experiments.store.programme import read_programme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.catalogue import CompiledCampaign

ASSIGN: Final = "assign"
"""What stands in the campaign's history."""

MEMORY_LIMIT: Final = "512MB"
"""What DuckDB may use; beyond it, it spills to a temporary directory."""

_HASHES_AT_ONCE: Final = 8_000_000
"""Of 8 bytes each."""

_STANDING: Final = "standing"
_ALL: Final = 2**62
"""More units than there are."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be assigned and written.

    Attributes:
        campaign: Key of the campaign.
        path: The file to write; whoever names it sees that it is not there before it is whole.
        channel: How the members are told.
        members: A Parquet or CSV file of members; None is the members of the store.
        remembers: Whether new assignments are remembered; without, the file is a rehearsal.
        actor: Who asked for it, for the campaign's history.
    """

    campaign: str
    path: Path
    format: FileFormat
    channel: Channel = Channel.EMAIL
    who: Who = Who.TREATED
    members: Path | None = None
    remembers: bool = True
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done.

    Attributes:
        phase: Of the campaign.
        members: How many were decided.
        written: Rows of the file.
        remembered: Units whose assignment is new in the store.
        variants: Members by variant, the ones without any included.
        reasons: Members by the reason for which they are not assigned.
        seconds: How long it took.
    """

    campaign: str
    phase: int
    members: int
    written: int
    remembered: int
    variants: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[Reason, int] = field(default_factory=dict)
    seconds: float = 0.0


def assign_all(
    engine: Engine,
    order: Order,
    *,
    now: datetime,
    on_progress: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Decide for every member, remember what is new, and write the file.

    The file shows what stands: an assignment that was remembered earlier, by whomever, or that was
    remembered before it was written. Interrupted, it can be repeated with the same result.

    Args:
        engine: The store.
        order: What is wanted.
        now: Aware UTC.
        on_progress: Told now and then how many assignments are remembered.

    Raises:
        UnknownCampaign: There is none with this key.
        NobodyAssigned: It is not running, and not everyone is wanted with the reason.
        StaleCampaign: It was changed meanwhile; what was remembered before stands.
        InvalidValues: The file of members cannot be used.
        OSError: A file cannot be read or written.
    """
    began = time.perf_counter()
    configured, campaign = _configured(engine, order.campaign)
    reason = refused_for_everyone(campaign, now)
    if reason is not None and order.who is not Who.EVERYONE:
        raise NobodyAssigned(order.campaign, reason)
    decision = Decision(campaign, now, TOLD, with_attributes=order.remembers)
    with opened() as connection, _file_faults_told(order.members):
        relation = (
            members_of_store(engine, connection)
            if order.members is None
            else members_of_file(engine, connection, order.members)
        )
        if order.members is not None and order.remembers:
            relation.check_all()
        told = decide(engine, connection, relation, decision)
        _refuse_repeated(connection, order)
        if order.remembers:
            remembered = _remember(engine, connection, configured, decision, on_progress)
        else:
            remembered = 0
            _rehearse_cap(engine, connection, decision)
        _settle(connection, decision)
        delivery = Delivery(
            campaign, configured.programme, order.path, order.format, order.channel, order.who
        )
        written = write_file(connection, delivery, told)
        counts = dict(
            connection.execute(f"SELECT outcome, count(*) FROM {DECIDED} GROUP BY ALL").fetchall()  # noqa: S608  # our own name
        )
    summary = Summary(
        campaign=campaign.key,
        phase=campaign.phase,
        members=sum(counts.values()),
        written=written,
        remembered=remembered,
        variants={one.key: counts.get(place, 0) for place, one in enumerate(campaign.variants)},
        reasons={
            reason_of(outcome): count for outcome, count in sorted(counts.items()) if outcome < 0
        },
        seconds=time.perf_counter() - began,
    )
    _log(engine, configured, order, summary, now)
    return summary


def _configured(engine: Engine, key: str) -> tuple[Configured, CompiledCampaign]:
    with reading(engine) as connection:
        revision = read_revision(connection)
        programme, campaigns = read_programme(connection), read_campaigns(connection)
    by_key = {campaign.key: campaign for campaign in campaigns}
    if key not in by_key:
        raise UnknownCampaign(key, tuple(by_key))
    catalogue = compile_catalogue(programme, campaigns, revision=revision)
    return Configured(programme, by_key[key], revision), catalogue.campaigns[key]


@contextmanager
def opened() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB of our own, which holds what does not fit into memory in a directory."""
    with tempfile.TemporaryDirectory(prefix="tierlift-assign-") as directory:
        config: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": "false",
            "TimeZone": "UTC",
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": directory,
        }
        with duckdb.connect(config=config) as connection:
            yield connection


@contextmanager
def _file_faults_told(path: Path | None) -> Iterator[None]:
    """Say of what cannot be read in a file of members that it is the file's fault."""
    try:
        yield
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        if path is None:
            raise
        reason = str(error).partition("Error: ")[2].splitlines()[0]
        problem = Problem(FIELD, str(path), f"cannot be used: {reason}", "Correct the file.")
        raise InvalidValues([problem]) from error


def _refuse_repeated(connection: duckdb.DuckDBPyConnection, order: Order) -> None:
    """Refuse a file that has a member twice: the two rows may say different things."""
    if order.members is None:
        return
    if not _may_repeat(connection):
        return
    query = f"SELECT member_id FROM {DECIDED} GROUP BY member_id HAVING count(*) > 1 LIMIT 1"  # noqa: S608  # our own name
    found = connection.execute(query).fetchone()
    if found is not None:
        message = f"has the member {found[0]!r} more than once"
        raise InvalidValues([Problem(FIELD, str(order.members), message, "Keep one row of each.")])


def _may_repeat(connection: duckdb.DuckDBPyConnection) -> bool:
    """Say whether two members have one 64-bit hash: faster by far than counting different ids."""
    rows = connection.execute(f"SELECT count(*) FROM {DECIDED}").fetchall()[0][0]  # noqa: S608  # our own name
    parts = rows // _HASHES_AT_ONCE + 1
    for part in range(parts):
        query = (
            f"SELECT hash(member_id) AS hashed FROM {DECIDED} "  # noqa: S608  # our own names
            f"WHERE hash(member_id) % {parts} = {part}"
        )
        hashed = np.sort(np.asarray(connection.execute(query).fetchnumpy()["hashed"]))
        if (hashed[1:] == hashed[:-1]).any():
            return True
    return False


def _new_units(decision: Decision, columns: str) -> str:
    """Give the query of the units that are assigned for the first time, in their order."""
    unit = decision.unit
    if decision.campaign.unit is UnitKind.MEMBER:
        return f"SELECT {unit} AS unit_id, outcome{columns} FROM {DECIDED} WHERE fresh ORDER BY 1"  # noqa: S608  # our own names
    # of a household the first member by id
    return (
        f"SELECT unit_id, outcome{columns} FROM {DECIDED} WHERE fresh "  # noqa: S608  # our own names
        "QUALIFY row_number() OVER (PARTITION BY unit_id ORDER BY member_id) = 1 ORDER BY 1"
    )


def _remember(
    engine: Engine,
    connection: duckdb.DuckDBPyConnection,
    configured: Configured,
    decision: Decision,
    on_progress: Callable[[int], None],
) -> int:
    """Remember new assignments; make the table of units for which something else stands."""
    campaign = decision.campaign
    variants = [variant.key for variant in campaign.variants]
    _make_standing(connection)
    others = connection.cursor()
    new = connection.execute(_new_units(decision, ", member_id, attributes"))
    seen = remembered = 0
    while rows := new.fetchmany(CHUNK_UNITS):
        chunk = [
            NewAssignment(unit_id, variants[outcome], member_id, attributes)
            for unit_id, outcome, member_id, attributes in rows
        ]
        done = remember_chunk(engine, configured, campaign, chunk, decision.now)
        seen += len(chunk)
        remembered += done.new
        if done.others:
            outcomes = {
                unit_id: outcome_of(Reason.CAPPED) if key is None else variants.index(key)
                for unit_id, key in done.others.items()
            }
            _add_standing(others, outcomes)
        on_progress(seen)
    return remembered


def _make_standing(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"CREATE TABLE {_STANDING} (unit_id VARCHAR, outcome TINYINT)")


def _add_standing(connection: duckdb.DuckDBPyConnection, outcomes: Mapping[str, int]) -> None:
    rows = pa.table(
        {
            "unit_id": pa.array(outcomes.keys(), pa.string()),
            "outcome": pa.array(outcomes.values(), pa.int8()),
        }
    )
    connection.register("rows", rows)
    connection.execute(f"INSERT INTO {_STANDING} FROM rows")
    connection.unregister("rows")


def _rehearse_cap(
    engine: Engine, connection: duckdb.DuckDBPyConnection, decision: Decision
) -> None:
    """Refuse, as remembering would, the units for which the cap leaves no room."""
    campaign = decision.campaign
    _make_standing(connection)
    if not campaign.is_capped:
        return
    with reading(engine) as store:
        room = read_room(store, campaign)
    # the last place of any cap is the last one of all
    last = [f"place >= {room[WHOLE]}"] if WHOLE in room else []
    last += [
        f"(outcome = {place} AND own_place >= {room[variant.key]})"
        for place, variant in enumerate(campaign.variants)
        if variant.key in room
    ]
    if not last:
        return
    numbered = (
        "SELECT unit_id, outcome, row_number() OVER (ORDER BY unit_id) AS place, "  # noqa: S608  # our own names
        "row_number() OVER (PARTITION BY outcome ORDER BY unit_id) AS own_place "
        f"FROM ({_new_units(decision, '')})"
    )
    admitted = (
        "0"
        if 0 in room.values()
        else f"(SELECT COALESCE(min(place), {_ALL}) FROM numbered WHERE {' OR '.join(last)})"  # noqa: S608  # our own names
    )
    first_refused = connection.execute(
        f"WITH numbered AS ({numbered}) SELECT unit_id FROM numbered "  # noqa: S608  # our own names
        f"WHERE place > {admitted} ORDER BY place LIMIT 1"
    ).fetchone()
    if first_refused is not None:
        connection.execute(
            f"INSERT INTO {_STANDING} SELECT DISTINCT {decision.unit}, "  # noqa: S608  # literals are quoted
            f"{outcome_of(Reason.CAPPED)} FROM {DECIDED} "
            f"WHERE fresh AND {decision.unit} >= {literals.text(first_refused[0])}"
        )


def _settle(connection: duckdb.DuckDBPyConnection, decision: Decision) -> None:
    """Put what stands into `DECIDED`; a household has entered once one of its members has."""
    unit = decision.unit
    if decision.campaign.unit is UnitKind.MEMBER:
        connection.execute(
            f"UPDATE {DECIDED} SET outcome = s.outcome FROM {_STANDING} s "  # noqa: S608  # our own names
            f"WHERE fresh AND s.unit_id = {DECIDED}.{unit}"
        )
        return
    entered = (
        "SELECT n.unit_id, COALESCE(s.outcome, n.outcome) AS outcome "  # noqa: S608  # our own names
        f"FROM (SELECT DISTINCT unit_id, outcome FROM {DECIDED} WHERE fresh) n "
        f"LEFT JOIN {_STANDING} s ON s.unit_id = n.unit_id"
    )
    connection.execute(
        f"UPDATE {DECIDED} SET outcome = e.outcome FROM ({entered}) e "  # noqa: S608  # as above
        f"WHERE e.unit_id = {DECIDED}.unit_id AND {DECIDED}.outcome <> "
        f"{outcome_of(Reason.OPTED_OUT)} AND (fresh OR e.outcome >= 0)"
    )


def _log(
    engine: Engine, configured: Configured, order: Order, summary: Summary, now: datetime
) -> None:
    """Write into the campaign's history who took out what; nothing is given out once it changed."""
    with writing(engine) as connection:
        configured.check(connection)
        state = configured.campaign.state
        detail = {
            "channel": order.channel,
            "who": order.who,
            "members": summary.members,
            "written": summary.written,
            "remembered": summary.remembered,
            "rehearsal": not order.remembers,
        }
        record_move(
            connection,
            RecordedMove(order.campaign, ASSIGN, state, state, now, order.actor, detail=detail),
        )
