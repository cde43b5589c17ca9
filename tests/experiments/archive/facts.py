"""The facts of the tests, and what a database and an archive have of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.grant import Grant, GrantMove, Step
from experiments.store.arrivals import SHAPES, FactKind, stream_arrivals
from experiments.store.assignments import RecordedAssignment, remember_all
from experiments.store.conversions import append_conversions
from experiments.store.engine import writing
from experiments.store.exposures import append_exposures
from experiments.store.grants import keep_moves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

    from experiments.archive.place import Place
    from experiments.archive.reading import ArchivedFacts

T0 = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 20, 8, tzinfo=UTC)

Row = tuple[Any, ...]


def exposure(number: int, **changes: Any) -> Exposure:  # noqa: ANN401  # fields of a fact
    """Give an exposure in the campaign of the tests."""
    values: dict[str, Any] = {
        "exposure_id": f"e{number}",
        "campaign": "gold-q3",
        "phase": 1,
        "variant": "control",
        "member_id": f"m{number}",
        "unit_id": f"m{number}",
        "exposed_at": T0,
        "received_at": T0,
    }
    return Exposure(**{**values, **changes})


def order(number: int, **changes: Any) -> Conversion:  # noqa: ANN401  # fields of a fact
    """Give a conversion."""
    values: dict[str, Any] = {
        "conversion_id": f"c{number}",
        "member_id": f"m{number}",
        "event": "order",
        "occurred_at": T0,
        "received_at": T0,
        "amount_minor": 500 + number,
        "currency": "TWD",
        "properties": {"n": number},
    }
    return Conversion(**{**values, **changes})


def grant(number: int) -> GrantMove:
    """Give the first move of a grant."""
    made = Grant(
        grant_id=f"g{number}",
        campaign="gold-q3",
        phase=1,
        variant="gift",
        member_id=f"m{number}",
        offer_id="gold-q3.gift",
        offer_kind="gift",
        cost_minor=300,
        currency="TWD",
        breakage=Decimal(0),
        reserved_at=T0,
        received_at=T0,
        sender="key-1",
    )
    return GrantMove(made, Step.RESERVE, T0, T0, "key-1")


def assignment(number: int) -> RecordedAssignment:
    """Give an assignment."""
    unit = f"m{number}"
    return RecordedAssignment("gold-q3", 1, unit, "gift", unit, T0, {"tier": "silver"})


def keep(
    connection: Connection,
    *,
    exposures: Iterable[Exposure] = (),
    orders: Iterable[Conversion] = (),
    grants: Iterable[GrantMove] = (),
    assignments: Iterable[RecordedAssignment] = (),
) -> None:
    """Keep facts within a transaction."""
    append_exposures(connection, list(exposures))
    append_conversions(connection, list(orders))
    keep_moves(connection, list(grants))
    remember_all(connection, list(assignments))


def keep_one_of_each(store: Engine, number: int) -> None:
    """Keep one fact of each kind, in one transaction."""
    with writing(store) as connection:
        keep(
            connection,
            exposures=[exposure(number)],
            orders=[order(number)],
            grants=[grant(number)],
            assignments=[assignment(number)],
        )


def stored(store: Engine) -> dict[FactKind, list[Row]]:
    """Give every fact of a database."""
    return {
        kind: rows_of(
            pa.Table.from_batches(stream_arrivals(store, kind, 0, 2**62), SHAPES[kind].schema)
        )
        for kind in FactKind
    }


def archived(facts: ArchivedFacts) -> dict[FactKind, list[Row]]:
    """Give every fact of an archive; one that is there twice comes twice."""
    found: dict[FactKind, list[Row]] = {kind: [] for kind in FactKind}
    for file in facts.manifest.files:
        table = read(facts.place, file.path)
        kind = file.partition.kind
        assert table.schema.equals(SHAPES[kind].schema)
        assert table.num_rows == file.rows
        days = set(table[SHAPES[kind].happened_at].cast(pa.date32()).to_pylist())
        assert days == {file.partition.day}
        found[kind] += rows_of(table)
    return {kind: sorted(rows, key=repr) for kind, rows in found.items()}


def read(place: Place, path: str) -> pa.Table:
    """Give the rows of one file."""
    return pq.ParquetFile(place.address(path)).read()


def rows_of(table: pa.Table) -> list[Row]:
    """Give rows in a fixed order."""
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)
