"""Compares an archive with its database: rows and money of every kind on every UTC day.

The files themselves are read, not what the manifest says of them. Facts that arrived since the last
run are counted apart: they are no difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from experiments.archive.files import read_file
from experiments.archive.partitions import sums_of
from experiments.archive.publishing import current_state
from experiments.errors import ArchiveDamaged, ArchiveMissing
from experiments.store.archives import archiving
from experiments.store.arrivals import (
    SHAPES,
    DayTotal,
    FactKind,
    count_arrivals,
    day_totals,
    unhurried,
)
from experiments.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from sqlalchemy import Engine

    from experiments.archive.manifest import ArchivedFile, Manifest
    from experiments.archive.place import Place


@dataclass(frozen=True, slots=True)
class Difference:
    """A day on which archive and database disagree.

    Attributes:
        archived: What the archive has; zero rows where it has none.
        stored: What the database has of it.
    """

    archived: DayTotal
    stored: DayTotal


@dataclass(frozen=True, slots=True)
class Verification:
    """What a comparison found.

    Attributes:
        rows: Facts in the archive, by kind.
        days: How many days of one kind were compared.
        differences: Where archive and database disagree.
        damage: Files that are missing or altered, and what is wrong with each.
        newer: Facts that arrived since the last run, by kind; the next one adds them.
    """

    rows: Mapping[FactKind, int]
    days: int
    differences: tuple[Difference, ...]
    damage: tuple[ArchiveDamaged, ...]
    newer: Mapping[FactKind, int]

    @property
    def is_sound(self) -> bool:
        """Whether the archive is what it should be."""
        return not self.differences and not self.damage


def verify(engine: Engine, place: Place, *, now: datetime, wait_s: float = 0.0) -> Verification:
    """Compare the whole archive with the whole database.

    Raises:
        ArchiveMissing: There is no archive to compare.
        ArchiveError: As for `extending.extend`.
    """
    with archiving(engine, wait_s=wait_s):
        state = current_state(engine, place, now)
        if state.name is None:
            raise ArchiveMissing(place.shown, "Make it with `tierlift archive`.")
        manifest = state.manifest
        damage: list[ArchiveDamaged] = []
        archived = _archived(place, manifest, damage)
        with reading(engine) as connection:
            unhurried(connection)
            stored = {
                (total.kind, total.day): total
                for kind in FactKind
                for total in day_totals(connection, kind, manifest.until)
            }
            newer = {
                kind: sum(count_arrivals(connection, kind, manifest.until, manifest.until))
                for kind in FactKind
            }
    keys = sorted(archived.keys() | stored.keys())
    pairs = [
        Difference(
            archived.get(key) or DayTotal(*key, 0, {}), stored.get(key) or DayTotal(*key, 0, {})
        )
        for key in keys
    ]
    return Verification(
        rows={
            kind: sum(total.rows for total in archived.values() if total.kind is kind)
            for kind in FactKind
        },
        days=len(keys),
        differences=tuple(
            pair
            for pair in pairs
            if (pair.archived.rows, pair.archived.sums) != (pair.stored.rows, pair.stored.sums)
        ),
        damage=tuple(damage),
        newer=newer,
    )


def _archived(
    place: Place, manifest: Manifest, damage: list[ArchiveDamaged]
) -> dict[tuple[FactKind, date], DayTotal]:
    """Give rows and money by kind and day; of a damaged file, what it had when it was written."""
    found: dict[tuple[FactKind, date], DayTotal] = {}
    for file in manifest.files:
        try:
            totals = list(_totals(place, file))
        except ArchiveDamaged as fault:
            damage.append(fault)
            totals = [DayTotal(file.partition.kind, file.partition.day, file.rows, file.sums)]
        for total in totals:
            key = (total.kind, total.day)
            before = found.get(key) or DayTotal(*key, 0, {})
            sums = {
                currency: before.sums.get(currency, 0) + total.sums.get(currency, 0)
                for currency in sorted({*before.sums, *total.sums})
            }
            found[key] = DayTotal(*key, before.rows + total.rows, sums)
    return found


def _totals(place: Place, file: ArchivedFile) -> Iterator[DayTotal]:
    """Give what a file has, by the days on which its facts say that they happened."""
    kind = file.partition.kind
    shape = SHAPES[kind]
    columns = [shape.happened_at, *(["currency", shape.amount] if shape.amount else [])]
    rows = read_file(place, file, columns)
    days = rows[shape.happened_at].cast(pa.date32())
    for day in pc.unique(days).to_pylist():
        some = rows.filter(pc.equal(days, pa.scalar(day, pa.date32())))
        yield DayTotal(kind, day, some.num_rows, sums_of(kind, some))
