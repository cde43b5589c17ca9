"""A programme with a running campaign, for imports into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.analysis import make_plan
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.store.engine import reading
from experiments.store.tables import conversions, exposures, members
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Engine, Table

TABLES: dict[str, Table] = {
    "members": members,
    "exposures": exposures,
    "conversions": conversions,
}


def run_campaign(engine: Engine, now: datetime, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Set the programme of the tests and launch its campaign."""
    set_programme(engine, programme(), now)
    made = create_campaign(engine, design(**changes), Act(now, "test"))
    launch_campaign(engine, made.key, Act(now, "test"), make_plan=make_plan)


def kept(engine: Engine, kind: str) -> list[dict[str, Any]]:
    """Give everything that is kept of a kind, in the order of the ids."""
    table = TABLES[kind]
    key = next(iter(table.primary_key.columns))
    with reading(engine) as connection:
        rows = connection.execute(select(table)).mappings().all()
    return sorted((dict(row) for row in rows), key=lambda row: str(row[key.name]))
