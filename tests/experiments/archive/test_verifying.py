"""The rules of verifying: what differs is found, what is merely new is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from sqlalchemy import text

from experiments.archive.extending import extend
from experiments.archive.reading import open_archive
from experiments.archive.verifying import verify
from experiments.errors import ArchiveMissing
from experiments.store.arrivals import FactKind
from experiments.store.engine import writing
from tests.experiments.archive.facts import DAY, NOW, T0, keep, keep_one_of_each, order

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.archive.place import Place

HUGE = 2**63 - 1


@pytest.fixture
def kept(store: Engine, place: Place) -> Place:
    """Give an archive of one fact of each kind, and another order a day later."""
    keep_one_of_each(store, 1)
    with writing(store) as connection:
        keep(connection, orders=[order(2, occurred_at=T0 + DAY)])
    extend(store, place, now=NOW)
    return place


def test_an_archive_that_equals_its_database_is_sound(store: Engine, kept: Place) -> None:
    """Rows and money of every kind on every day are compared, and nothing differs."""
    found = verify(store, kept, now=NOW)
    assert found.is_sound
    assert found.days == 5
    assert found.rows[FactKind.CONVERSIONS] == 2
    assert set(found.newer.values()) == {0}


def test_facts_that_arrived_since_are_no_difference(store: Engine, kept: Place) -> None:
    """What the next run will add is counted apart, on a day of before too."""
    keep_one_of_each(store, 3)
    found = verify(store, kept, now=NOW)
    assert found.is_sound
    assert dict(found.newer) == dict.fromkeys(FactKind, 1)


@pytest.mark.parametrize(
    ("change", "rows", "sums"),
    [
        ("DELETE FROM conversions WHERE conversion_id = 'c1'", 0, {}),
        ("UPDATE conversions SET amount_minor = 7 WHERE conversion_id = 'c1'", 1, {"TWD": 7}),
        ("UPDATE conversions SET currency = 'USD' WHERE conversion_id = 'c1'", 1, {"USD": 501}),
    ],
)
def test_what_changed_in_the_database_is_found(
    store: Engine, kept: Place, change: str, rows: int, sums: dict[str, int]
) -> None:
    """A row that was deleted or changed behind Tierlift's back shows on its day."""
    with writing(store) as connection:
        connection.execute(text(change))
    (difference,) = verify(store, kept, now=NOW).differences
    assert (difference.archived.kind, difference.archived.day) == (
        FactKind.CONVERSIONS,
        T0.date(),
    )
    assert (difference.archived.rows, dict(difference.archived.sums)) == (1, {"TWD": 501})
    assert (difference.stored.rows, dict(difference.stored.sums)) == (rows, sums)


@pytest.mark.parametrize("content", [None, b"", b"altered"])
def test_an_altered_or_missing_file_is_found(
    store: Engine, kept: Place, content: bytes | None
) -> None:
    """A file that is not what was written is told once, and not as a difference of its day too."""
    path = open_archive(kept.root).manifest.files[0].path
    if content is None:
        kept.delete([path])
    else:
        kept.write(path, content)
    found = verify(store, kept, now=NOW)
    (fault,) = found.damage
    assert fault.file == path
    assert found.differences == ()
    assert not found.is_sound


def test_every_byte_of_a_file_counts(store: Engine, kept: Place) -> None:
    """One flipped bit anywhere is found."""
    path = open_archive(kept.root).manifest.files[1].path
    content = bytearray(kept.read(path) or b"")
    content[len(content) // 2] ^= 1
    kept.write(path, pa.py_buffer(bytes(content)))
    assert len(verify(store, kept, now=NOW).damage) == 1


def test_no_archive_cannot_be_verified(store: Engine, place: Place) -> None:
    """There being nothing to compare is not soundness."""
    with pytest.raises(ArchiveMissing, match="tierlift archive"):
        verify(store, place, now=NOW)


def test_sums_are_exact_however_large(store: Engine, place: Place) -> None:
    """Money is summed beyond 64 bits on both sides."""
    with writing(store) as connection:
        keep(connection, orders=[order(n, amount_minor=HUGE) for n in range(3)])
        keep(connection, orders=[order(9, amount_minor=None, currency=None)])
    extend(store, place, now=NOW)
    assert verify(store, place, now=NOW).is_sound
    (file,) = open_archive(place.root).manifest.files
    assert dict(file.sums) == {"TWD": 3 * HUGE}


def test_days_before_1970_are_compared(store: Engine, place: Place) -> None:
    """A moment before 1970 falls on the same day in the archive and in both databases."""
    moments = [T0.replace(year=1969), T0.replace(year=1969, month=12, day=31, hour=23)]
    with writing(store) as connection:
        keep(connection, orders=[order(n, occurred_at=at) for n, at in enumerate(moments)])
    extend(store, place, now=NOW)
    found = verify(store, place, now=NOW)
    assert (found.is_sound, found.days) == (True, 2)
