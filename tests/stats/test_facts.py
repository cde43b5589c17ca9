"""The relations are checked at the door."""

from datetime import datetime

import pyarrow as pa
import pytest

from stats.aggregation.facts import FactTables
from stats.errors import MemberInTwoUnits, MissingColumn, NullInColumn, WrongColumnType
from tests.stats.facts import START, conversions_table, exposures_table, order

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
