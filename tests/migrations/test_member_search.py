"""The rules of revision 0015: a search of members by prefix reads few of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import event, inspect, text

from experiments.store import schema
from experiments.store.engine import reading, writing
from experiments.store.member_record import members_from

if TYPE_CHECKING:
    from sqlalchemy import Engine

INDEX: Final = "ix_members_member_id_characters"
MEMBERS: Final = (
    "INSERT INTO members (member_id, attributes, personalisation_consent, created_at, updated_at) "
    "SELECT 'm-' || number, '{}', true, now(), now() FROM generate_series(1, 20000) AS number"
)


@pytest.fixture
def backend() -> str:
    """Run on PostgreSQL alone; SQLite orders ids by their characters anyway."""
    return "postgresql"


def test_a_search_by_prefix_uses_the_index(engine: Engine) -> None:
    """What the search asks is explained by PostgreSQL as a scan of the index."""
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:  # noqa: ANN401  # the driver's
        asked.append((statement, parameters))

    with writing(engine) as connection:
        connection.exec_driver_sql(MEMBERS)
    with reading(engine) as connection:
        connection.execute(text("ANALYZE members"))
        asked.clear()
        found = members_from(connection, "m-19", limit=5)
        statement, parameters = asked[0]
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()

    assert [one.member_id for one in found] == ["m-19", "m-190", "m-1900", "m-19000", "m-19001"]
    assert INDEX in "\n".join(plan)
    assert "Seq Scan" not in "\n".join(plan)


def test_the_way_down_removes_the_index(database_url: str, engine: Engine) -> None:
    """And the way up makes it again."""
    for revision, is_there in (("0014", False), ("head", True)):
        move = schema.upgrade if is_there else schema.downgrade
        move(database_url, revision)
        with reading(engine) as connection:
            names = {one["name"] for one in inspect(connection).get_indexes("members")}
        assert (INDEX in names) is is_there
