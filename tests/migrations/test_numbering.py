"""The rules of revision 0002: facts that were there keep everything and get a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import inspect, text

from experiments.store import schema
from experiments.store.engine import open_engine, reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

KINDS: Final = ("assignments", "exposures", "conversions", "grants")

NUMBERED: Final = ("assignments", "exposures", "conversions", "grant_moves")

# as revision 0001 takes them; on both databases a moment is written in its own way
OLD_ROWS: Final = (
    "INSERT INTO campaigns VALUES ('c', 'running', '{}', 1, MOMENT, MOMENT, 1)",
    "INSERT INTO phases VALUES ('c', 1, '{}', '{}', '{}', MOMENT, NULL)",
    "INSERT INTO assignments VALUES ('c', 1, 'ada', 'gift', 'ada', MOMENT, '{}')",
    "INSERT INTO exposures VALUES ('e', 'c', 1, 'gift', 'ada', 'ada', MOMENT, MOMENT, NULL)",
    (
        "INSERT INTO conversions VALUES"
        " ('o', 'ada', 'order', MOMENT, MOMENT, 500, 'TWD', '{\"k\": 1}', 'key')"
    ),
    "INSERT INTO grants VALUES ('g', 'c', 'gift', 'ada', 'gift', 300, 'TWD', MOMENT, MOMENT, NULL)",
)


OLD_GRANT: Final = (
    *("grant_id", "campaign_key", "variant", "member_id", "offer_kind"),
    *("cost_minor", "currency", "granted_at", "received_at", "sender"),
)


@pytest.fixture
def old(empty_database_url: str, backend: str) -> Iterator[Engine]:
    """Give a database of revision 0001 with one row of each kind."""
    schema.upgrade(empty_database_url, "0001")
    moment = "1772366400123456" if backend == "sqlite" else "'2026-03-01T12:00:00.123456Z'"
    engine = open_engine(empty_database_url)
    with writing(engine) as connection:
        for statement in OLD_ROWS:
            # the driver's own, for which a colon is no parameter
            connection.exec_driver_sql(statement.replace("MOMENT", moment))
    yield engine
    engine.dispose()


def kept(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row, without its number, and of a grant what it had before it had a state."""
    rows = {}
    for table in KINDS:
        columns = [column["name"] for column in inspect(connection).get_columns(table)]
        if table == "grants":
            at = "granted_at" if "granted_at" in columns else "reserved_at"
            columns = [at if name == "granted_at" else name for name in OLD_GRANT]
        names = ", ".join(name for name in columns if name != "written_by")
        found = connection.execute(text(f"SELECT {names} FROM {table}"))  # noqa: S608  # our names
        rows[table] = [tuple(row) for row in found]
    return rows


def test_rows_survive_up_down_and_up(empty_database_url: str, old: Engine) -> None:
    """Facts of an older version are the same after the way up, down and up again, and numbered."""
    with reading(old) as connection:
        before = kept(connection)
    assert all(len(rows) == 1 for rows in before.values())
    for revision in ("head", "0001", "head"):
        move = schema.downgrade if revision == "0001" else schema.upgrade
        move(empty_database_url, revision)
        old.dispose()  # PostgreSQL's prepared statements know the columns of before
        with reading(old) as connection:
            assert kept(connection) == before
    with reading(old) as connection:
        for table in NUMBERED:
            number = connection.scalar(text(f"SELECT written_by FROM {table}"))  # noqa: S608  # our names
            assert number >= 1
