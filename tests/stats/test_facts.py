"""The relations are checked at the door."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stats.aggregation.aggregate import aggregate
from stats.aggregation.duckdb_engine import DuckDBSettings
from stats.aggregation.fact_files import FactFiles
from stats.aggregation.facts import FactTables
from stats.aggregation.statements import compiled
from stats.errors import (
    InvalidFacts,
    MemberInTwoUnits,
    MissingColumn,
    MissingRelation,
    NullInColumn,
    UnitTwice,
    WrongColumnType,
)
from stats.plan import Basis, RandomizationUnit, SegmentBy
from stats.summary import MeanSummary
from tests.stats.facts import (
    ALL_METRICS,
    FUNNEL,
    START,
    assignments_table,
    conversions_table,
    exposures_table,
    fact_tables,
    facts,
    in_use,
    order,
    plan,
    random_facts,
    random_segments,
)

EXPOSURES = exposures_table([("m", "control", START)])
CONVERSIONS = conversions_table([order("m", START, 1)])


def test_missing_column_is_named() -> None:
    """A relation without a column is refused with the column's name."""
    with pytest.raises(MissingColumn, match="'exposed_at'"):
        FactTables(EXPOSURES.drop_columns(["exposed_at"]), CONVERSIONS)


def test_time_without_zone_is_refused() -> None:
    """A time without a zone is refused, never taken for UTC."""
    naive = EXPOSURES.set_column(
        3,
        "exposed_at",
        pa.array([datetime(2026, 1, 1)], pa.timestamp("us")),  # noqa: DTZ001 - the fault under test
    )
    with pytest.raises(WrongColumnType, match=r"exposures\.exposed_at"):
        FactTables(naive, CONVERSIONS)


def test_fraction_of_a_minor_unit_is_refused() -> None:
    """An amount that is no whole number of minor units is refused, never rounded."""
    fractions = CONVERSIONS.set_column(3, "amount_minor", pa.array([1.5]))
    with pytest.raises(WrongColumnType, match="amount_minor"):
        FactTables(EXPOSURES, fractions)


def test_not_a_number_is_refused() -> None:
    """NaN as an amount is refused."""
    broken = CONVERSIONS.set_column(3, "amount_minor", pa.array([float("nan")]))
    with pytest.raises(WrongColumnType, match="amount_minor"):
        FactTables(EXPOSURES, broken)


def test_null_member_is_refused() -> None:
    """A conversion of nobody is refused."""
    nobody = CONVERSIONS.set_column(0, "member_id", pa.array([None], pa.string()))
    with pytest.raises(NullInColumn, match=r"conversions\.member_id has 1"):
        FactTables(EXPOSURES, nobody)


def test_unit_of_an_exposure_may_be_unknown() -> None:
    """An exposure without a unit is a fact; it is aggregation that leaves it out."""
    unknown = EXPOSURES.set_column(1, "unit_id", pa.array([None], pa.string()))

    assert FactTables(unknown, CONVERSIONS).exposures.column("unit_id").null_count == 1


def test_member_of_two_units_is_refused() -> None:
    """A member of two units would be counted twice, so the facts are refused."""
    twice = pa.table({"member_id": ["m", "m"], "unit_id": ["h", "i"]})
    with pytest.raises(MemberInTwoUnits, match="'m'"):
        FactTables(EXPOSURES, CONVERSIONS, twice)


def test_times_of_other_resolution_are_converted_without_loss() -> None:
    """Whole seconds convert; nanoseconds that microseconds cannot hold are refused."""
    seconds = EXPOSURES.set_column(
        3, "exposed_at", pa.array([START], pa.timestamp("s", "Asia/Taipei"))
    )
    assert FactTables(seconds, CONVERSIONS).exposures.column("exposed_at")[0].as_py() == START
    nanoseconds = EXPOSURES.set_column(3, "exposed_at", pa.array([1], pa.timestamp("ns", "UTC")))
    with pytest.raises(WrongColumnType, match="exposed_at"):
        FactTables(nanoseconds, CONVERSIONS)


def test_assignments_and_units_are_checked_like_the_others() -> None:
    """Their columns are required, converted and refused as those of exposures are."""
    with pytest.raises(MissingColumn, match="'assigned_at'"):
        FactTables(
            EXPOSURES, CONVERSIONS, assignments=pa.table({"unit_id": ["m"], "variant": ["B"]})
        )
    with pytest.raises(NullInColumn, match=r"assignments\.unit_id has 1"):
        FactTables(
            EXPOSURES,
            CONVERSIONS,
            assignments=assignments_table([("m", "B", START)]).set_column(
                0, "unit_id", pa.array([None], pa.string())
            ),
        )
    with pytest.raises(WrongColumnType, match=r"units\.tier"):
        FactTables(EXPOSURES, CONVERSIONS, units=pa.table({"unit_id": ["m"], "tier": [b"\xff"]}))


def test_unit_with_two_rows_of_segments_is_refused() -> None:
    """A unit that has two rows would count in two segments, so the facts are refused."""
    twice = pa.table({"unit_id": ["m", "m"], "tier": ["gold", "gold"]})
    with pytest.raises(UnitTwice, match="'m'"):
        FactTables(EXPOSURES, CONVERSIONS, units=twice)


def in_files(tables: FactTables, folder: Path) -> FactFiles:
    """The same facts as files, those of conversions in two."""
    for name, table in tables.relations.items():
        half = table.num_rows // 2
        for i, part in enumerate((table[:half], table[half:])):
            pq.write_table(part, folder / f"{name}-{i}.parquet")
    paths = {name: folder / f"{name}-*.parquet" for name in tables.relations}
    return FactFiles(
        paths["exposures"],
        [folder / "conversions-0.parquet", str(folder / "conversions-1.parquet")],
        paths.get("unit_members"),
        tables.events_elsewhere,
        paths.get("assignments"),
        paths.get("units"),
    )


@pytest.mark.parametrize("limit", [None, "100MB"])
@pytest.mark.parametrize("basis", list(Basis))
@pytest.mark.parametrize("unit", list(RandomizationUnit))
def test_facts_in_files_give_the_same_aggregates(
    unit: RandomizationUnit, basis: Basis, limit: str | None, tmp_path: Path
) -> None:
    """Reading Parquet where it lies, with little memory, changes nothing, to the last bit."""
    exposures, conversions, units = random_facts(7, households=unit is RandomizationUnit.HOUSEHOLD)
    tables = fact_tables(
        exposures,
        conversions,
        units,
        assigned=basis is Basis.ASSIGNED,
        segments=random_segments(7, exposures),
    )
    the_plan = replace(
        plan(*ALL_METRICS, unit=unit, funnel=FUNNEL),
        basis=basis,
        segments=(SegmentBy("tier"), SegmentBy("country")),
    )
    as_of = START + timedelta(days=90)

    got = aggregate(
        in_files(tables, tmp_path),
        the_plan,
        as_of,
        settings=DuckDBSettings(memory_limit=limit, threads=1, spill_directory=tmp_path),
    )

    assert got == aggregate(tables, the_plan, as_of)


def faulty(name: str, table: pa.Table, folder: Path) -> FactFiles:
    """Sound files but for one relation."""
    files = in_files(FactTables(EXPOSURES, CONVERSIONS), folder)
    path = folder / "faulty.parquet"
    pq.write_table(table, path)
    return replace(files, **{name: path})


@pytest.mark.parametrize(
    ("name", "table", "fault", "match"),
    [
        ("exposures", EXPOSURES.drop_columns(["exposed_at"]), MissingColumn, "'exposed_at'"),
        (
            "exposures",
            EXPOSURES.set_column(3, "exposed_at", pa.array([START], pa.timestamp("us"))),
            WrongColumnType,
            r"exposures\.exposed_at",
        ),
        (
            "conversions",
            CONVERSIONS.set_column(3, "amount_minor", pa.array([1.5])),
            WrongColumnType,
            "amount_minor",
        ),
        (
            "conversions",
            CONVERSIONS.set_column(0, "member_id", pa.array([None], pa.string())),
            NullInColumn,
            r"conversions\.member_id has 1",
        ),
        (
            "unit_members",
            pa.table({"member_id": ["m", "m"], "unit_id": ["h", "i"]}),
            MemberInTwoUnits,
            "'m'",
        ),
        ("units", pa.table({"unit_id": ["m", "m"], "tier": ["a", "a"]}), UnitTwice, "'m'"),
    ],
)
def test_files_are_refused_as_tables_are(
    name: str, table: pa.Table, fault: type[InvalidFacts], match: str, tmp_path: Path
) -> None:
    """What is refused in memory is refused in a file, by the same words."""
    with pytest.raises(fault, match=match):
        aggregate(faulty(name, table, tmp_path), plan(), START)


def test_pattern_that_no_file_matches_names_the_relation(tmp_path: Path) -> None:
    """An archive that is not there is a fault of the facts, not an empty result."""
    files = replace(
        in_files(FactTables(EXPOSURES, CONVERSIONS), tmp_path),
        conversions=tmp_path / "no-*.parquet",
    )
    with pytest.raises(MissingRelation, match="conversions"):
        aggregate(files, plan(), START)


def test_nulls_are_found_in_files_without_statistics(tmp_path: Path) -> None:
    """A file that does not count its nulls is read for them."""
    nobody = CONVERSIONS.set_column(0, "member_id", pa.array([None], pa.string()))
    files = faulty("conversions", nobody, tmp_path)
    pq.write_table(nobody, tmp_path / "faulty.parquet", write_statistics=False)
    with pytest.raises(NullInColumn, match=r"conversions\.member_id has 1"):
        aggregate(files, plan(), START)


def test_amounts_whose_squares_leave_64_bits_are_summed_exactly() -> None:
    """An amount of ten billion, squared, does not fit 64 bits; its sums are exact all the same."""
    large = 10**10
    given = facts(
        [(member, "control", START) for member in "ab"],
        [order("a", START, large), order("b", START, large + 2)],
    )

    got = aggregate(given, plan(in_use("spend_per_member")), START + timedelta(days=60))

    assert got.metrics[0].variants[0].summary == MeanSummary(2, 2 * large + 2, 2.0)


def test_plan_is_compiled_once() -> None:
    """A second analysis of the same plan, at another time, compiles nothing again."""
    the_plan = plan(in_use("purchase_frequency"), in_use("average_order_value"))
    given = facts([("m", "control", START)], [order("m", START, 1)])
    aggregate(given, the_plan, START)
    before = compiled.cache_info().misses

    got = aggregate(given, the_plan, START + timedelta(days=60))

    assert compiled.cache_info().misses == before
    assert got.metrics[0].variants[0].summary.n == 1
