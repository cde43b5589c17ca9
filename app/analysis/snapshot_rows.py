"""Opens the units behind a stored scorecard once more: the same facts, as of the same moment.

The store keeps facts, not the rows that were made of them. They are made again by the same plan and
compared with what was stored; facts that arrived since, and members who were erased, are a reason
to refuse: rows that do not add up to the report would be worse than none.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Final

import orjson

from app.analysis.facts import FactSource, facts_of
from app.errors import RowsElsewhere, SnapshotOutdated, UnknownSnapshot
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading
from experiments.store.scorecards import read_document, read_snapshots
from stats.errors import InvalidFacts
from stats.scorecard import assemble_scorecard, scorecard_from_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

    from stats.aggregation.aggregates import Aggregates
    from stats.aggregation.duckdb_engine import DuckDBEngine
    from stats.aggregation.unit_row_columns import UnitRowColumns
    from stats.aggregation.unit_rows import RowOptions
    from stats.scorecard import Scorecard

DEFAULT_CELL: Final = 100
"""The smallest group that is shown apart, where the plan has no segments to say another."""

COMPARED: Final = ("metrics", "funnel", "money", "drivers")
"""Parts of a scorecard that rows alone decide."""


@dataclass(frozen=True, slots=True)
class SnapshotRows:
    """The units behind a stored scorecard, held by the embedded engine.

    Attributes:
        scorecard: As it was stored.
        document: The same, byte for byte.
        aggregates: What the units add up to.
        engine: Holds the facts; closed with the snapshot.
    """

    scorecard: Scorecard
    document: bytes
    aggregates: Aggregates
    engine: DuckDBEngine

    @property
    def smallest_cell(self) -> int:
        """Give the fewest units that are shown apart, by the plan."""
        sizes = [segment.minimum_units for segment in self.scorecard.plan.segments]
        return max(sizes, default=DEFAULT_CELL)

    def write(self, folder: Path, options: RowOptions) -> UnitRowColumns:
        """Write the units to files in a folder; see `stats.aggregation.unit_rows`."""
        from stats.aggregation.unit_rows import write_unit_rows  # noqa: PLC0415 - loads Ibis

        plan, as_of = self.scorecard.plan, self.scorecard.as_of
        return write_unit_rows(self.engine, plan, as_of, folder, options)

    def columns(self) -> UnitRowColumns:
        """Say which columns the files would have."""
        from stats.aggregation.unit_rows import unit_row_columns  # noqa: PLC0415 - as above

        return unit_row_columns(self.scorecard.plan)


@contextmanager
def opened_snapshot(
    engine: Engine,
    campaign: str,
    snapshot: str | None,
    *,
    now: datetime,
    source: FactSource,
) -> Iterator[SnapshotRows]:
    """Open the units behind a stored scorecard.

    Args:
        engine: The store.
        campaign: Key of the campaign.
        snapshot: Hash of the scorecard, or its begin; None for the latest one.
        now: Aware UTC.
        source: Where the facts are.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownSnapshot: It has no such scorecard, or none yet.
        SnapshotOutdated: The facts are not those that it was computed from any more.
        RowsElsewhere: The facts lie in tables of another system.
        ArchiveError: The archive cannot be extended or read.
    """
    # Ibis and DuckDB take half a second to load; whoever only serves offers never pays for it.
    from stats.aggregation.aggregate import aggregate_on  # noqa: PLC0415
    from stats.aggregation.declared_relations import DeclaredRelations  # noqa: PLC0415
    from stats.aggregation.duckdb_engine import DuckDBEngine, DuckDBSettings  # noqa: PLC0415

    with reading(engine) as connection:
        found = read_campaign(connection, campaign)
        known = [one.snapshot_hash for one in read_snapshots(connection, campaign)]
        named = _named(campaign, snapshot, known)
        document = read_document(connection, campaign, named)
    if document is None:
        raise UnknownSnapshot(campaign, named)
    stored = scorecard_from_json(orjson.loads(document))
    phase = next((one for one in found.phases if one.number == stored.phase), None)
    if phase is None:
        raise UnknownSnapshot(campaign, named)
    plan, as_of = stored.plan, stored.as_of
    facts = facts_of(engine, campaign, phase, plan, source=source, now=now, as_of=as_of)
    if isinstance(facts, DeclaredRelations):
        raise RowsElsewhere(campaign)
    with DuckDBEngine.over(facts, DuckDBSettings(memory_limit=source.memory_limit)) as opened:
        try:
            aggregates = aggregate_on(opened, plan, as_of)
        except InvalidFacts as error:
            raise SnapshotOutdated(campaign, named) from error
        again = assemble_scorecard(plan, aggregates, computed_at=stored.computed_at)
        if not _same(stored, again):
            raise SnapshotOutdated(campaign, named)
        yield SnapshotRows(stored, document.encode(), aggregates, opened)


def _named(campaign: str, snapshot: str | None, known: list[str]) -> str:
    if snapshot is None:
        if not known:
            raise UnknownSnapshot(campaign, None)
        return known[0]
    fitting = [one for one in known if one.startswith(snapshot)]
    # of more scorecards than are listed, one is found by its whole hash
    return fitting[0] if len(fitting) == 1 else snapshot


def _same(stored: Scorecard, again: Scorecard) -> bool:
    units = [{row.key: row.units for row in card.variants} for card in (stored, again)]
    return units[0] == units[1] and all(
        _alike(getattr(stored, part), getattr(again, part)) for part in COMPARED
    )


def _alike(left: object, right: object) -> bool:
    """Whether two results are the same; texts are not compared, another language may say them."""
    if isinstance(left, str) and isinstance(right, str):
        return True
    if is_dataclass(left) and not isinstance(left, type):
        return type(left) is type(right) and all(
            _alike(getattr(left, one.name), getattr(right, one.name)) for one in fields(left)
        )
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(_alike, left, right))
    return left == right
