"""Gives everything that is held about a member, as JSON, however much it is.

One snapshot of the database, then whatever an archive has beyond it. Who asked is written down
before anything is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson
import pyarrow.compute as pc
from sqlalchemy import select

from experiments.archive.files import read_file
from experiments.archive.publishing import read_state
from experiments.errors import ArchiveMissing, InvalidValues, UnknownMember
from experiments.member import id_problem
from experiments.store.access_log import Access, AccessAction, log_access
from experiments.store.engine import reading, writing
from experiments.store.erasures import digest_of, make_digest_key
from experiments.store.holdings import HOLDINGS, quarantined_about, rows_about
from experiments.store.tables import members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    import pyarrow as pa
    from sqlalchemy import Connection, Engine

    from experiments.archive.place import Place
    from experiments.lifecycle import Act

ROWS_TOGETHER: Final = 200
"""Rows in one piece of the text."""

_JSON: Final = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE


@dataclass(slots=True)
class Told:
    """How much was given so far.

    Attributes:
        rows: By what they are.
    """

    rows: dict[str, int] = field(default_factory=dict)


def tell_all(
    engine: Engine,
    member_id: str,
    act: Act,
    *,
    place: Place | None = None,
    told: Told | None = None,
) -> Iterator[bytes]:
    """Give everything that is held about a member as the text of one JSON object, in pieces.

    Args:
        engine: The store.
        member_id: Whom it is about.
        act: Who asks, and when.
        place: The archive, where there is one: it may have what the database has no more.
        told: Is counted up with what is given.

    Raises:
        InvalidValues: The id cannot be one.
        UnknownMember: Nothing is held about anybody with this id. Raised before the first piece.
        ArchiveError: The archive cannot be read.
    """
    fault = id_problem("member_id", member_id)
    if fault is not None:
        raise InvalidValues([fault])
    with writing(engine) as connection:
        digest = digest_of(make_digest_key(connection, act.now), member_id)
        log_access(connection, Access(act.now, act.actor, AccessAction.EXPORT, digest))
    pieces = _pieces(engine, member_id, act.now, place, told or Told())
    # the first piece tells whether there is anything, before a caller has promised an answer
    first = next(pieces)
    return _after(first, pieces)


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pieces(
    engine: Engine, member_id: str, now: datetime, place: Place | None, told: Told
) -> Iterator[bytes]:
    archived = {} if place is None else _archived(place, member_id)
    with reading(engine) as connection:
        row = connection.execute(select(members).where(members.c.member_id == member_id))
        member = row.mappings().one_or_none()
        household = None if member is None else member["household_id"]
        if member is None and not archived and not _has_any(connection, member_id):
            raise UnknownMember(member_id)
        told.rows["members"] = int(member is not None)
        head = {
            "member_id": member_id,
            "told_at": now,
            "member": None if member is None else _plain(dict(member)),
            "household_id": household,
            "household_members": _others(connection, member_id, household),
        }
        yield orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1]
        for holding in HOLDINGS:
            seen: set[tuple[Any, ...]] = set()
            rows = _noting(rows_about(connection, holding, [member_id]), holding.key, seen)
            yield from _list(holding.name, rows, told)
            beyond = [
                one
                for one in archived.pop(holding.name, ())
                if tuple(one[name] for name in holding.key) not in seen
            ]
            if beyond:
                yield from _list(f"{holding.name}_in_archive_alone", iter(beyond), told)
        found = quarantined_about(connection, member_id)
        yield from _list("quarantine", map(_plain, found), told)
        yield b"}\n"


def _list(name: str, rows: Iterator[Mapping[str, Any]], told: Told) -> Iterator[bytes]:
    yield b',\n"' + name.encode() + b'":['
    count = 0
    held: list[bytes] = []
    for row in rows:
        held.append((b"," if count else b"") + orjson.dumps(_plain(row), option=_JSON))
        count += 1
        if len(held) >= ROWS_TOGETHER:
            yield b"".join(held)
            held = []
    told.rows[name] = count
    yield b"".join(held) + b"]"


def _noting(
    rows: Iterable[dict[str, Any]], key: tuple[str, ...], seen: set[tuple[Any, ...]]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        seen.add(tuple(row[name] for name in key))
        yield row


def _has_any(connection: Connection, member_id: str) -> bool:
    for holding in HOLDINGS:
        query = select(holding.table.c[holding.key[0]]).where(holding.about([member_id])).limit(1)
        if connection.execute(query).first() is not None:
            return True
    return next(quarantined_about(connection, member_id), None) is not None


def _others(connection: Connection, member_id: str, household: str | None) -> int:
    """Give how many others are in the household; who they are is theirs to ask."""
    if household is None:
        return 0
    query = select(members.c.member_id).where(
        members.c.household_id == household, members.c.member_id != member_id
    )
    return len(connection.execute(query).all())


def _archived(place: Place, member_id: str) -> dict[str, list[dict[str, Any]]]:
    """Give the rows of an archive about a member, by kind."""
    try:
        manifest = read_state(place).manifest
    except ArchiveMissing:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for file in manifest.files:
        rows = read_file(place, file)
        mine = rows.filter(_about(rows, member_id))
        if mine.num_rows:
            found.setdefault(str(file.partition.kind), []).extend(map(_read, mine.to_pylist()))
    return found


def _about(rows: pa.Table, member_id: str) -> pa.ChunkedArray:
    about = pc.equal(rows["member_id"], member_id)
    if "unit_id" in rows.column_names:
        unit = pc.fill_null(pc.equal(rows["unit_id"], member_id), False)
        about = pc.or_(about, unit)
    return about


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """Give JSON that the archive holds as text as values."""
    return {
        name: orjson.loads(value)
        if name in {"attributes", "properties"} and value is not None
        else value
        for name, value in row.items()
    }


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in row.items() if name != "written_by"}
