"""Tables of unit values: the same moments as NumPy, whatever they come from."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stats.aggregation.aggregates import VariantSummary
from stats.aggregation.duckdb_engine import DuckDBSettings
from stats.aggregation.unit_tables import Source, UnitColumns, UnitMetric
from stats.aggregation.unit_values import aggregate_units
from stats.errors import MissingColumn, UnusableValues, WrongColumnType
from stats.plan import Cap
from stats.summary import MeanSummary, RatioSummary

VARIANTS = ("control", "B")
SPEND = UnitMetric("spend", "spend", covariates=("before", "age"))
COLUMNS = UnitColumns(
    VARIANTS,
    (
        SPEND,
        UnitMetric("converted", "converted"),
        UnitMetric("order_value", "spend", "orders", ("before",)),
    ),
)


def members(seed: int, units: int = 3_000) -> pd.DataFrame:
    """Units with whole and floating values, and a variant that does not count."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(0.8, units)
    return pd.DataFrame(
        {
            "variant": rng.choice(["control", "B", "rogue"], units, p=[0.5, 0.4, 0.1]),
            "tier": rng.choice(["silver", "gold", None], units),
            "day": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 5, units), "D"),
            "spend": orders * rng.integers(0, 5_000, units) - 100 * rng.integers(0, 2, units),
            "before": rng.integers(0, 9_000, units),
            "age": rng.integers(18, 90, units),
            "orders": orders,
            "converted": (orders > 0).astype("int64"),
            "weight": 1e8 + rng.normal(0, 1, units),
        }
    )


def moments_of(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Centred sums of products, by NumPy."""
    values = frame[names].to_numpy(dtype=np.float64)
    centred = values - values.mean(axis=0)
    return np.asarray(centred.T @ centred)


def assert_moments(row: VariantSummary, frame: pd.DataFrame, names: list[str]) -> None:
    """The moments of a variant are NumPy's."""
    assert row.moments is not None
    assert row.moments.n == len(frame)
    assert row.moments.totals == tuple(int(frame[name].sum()) for name in names)
    assert np.allclose(np.array(row.moments.centred), moments_of(frame, names), rtol=1e-11)


def in_parquet(frame: pd.DataFrame, folder: Path) -> list[str]:
    """Two files of a table, named by a pattern."""
    half = len(frame) // 2
    for i, part in enumerate((frame[:half], frame[half:])):
        part.to_parquet(folder / f"part-{i}.parquet", index=False)
    return [str(folder / "part-*.parquet")]


SOURCES: dict[str, Callable[[pd.DataFrame, Path], Source]] = {
    "parquet": in_parquet,
    "arrow": lambda frame, _: pa.Table.from_pandas(frame, preserve_index=False),
    "pandas": lambda frame, _: frame,
    "ibis": lambda frame, _: ibis.memtable(pa.Table.from_pandas(frame, preserve_index=False)),
}


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_gives_the_moments_of_numpy(source: str, tmp_path: Path) -> None:
    """Parquet, Arrow, pandas and Ibis tables give the same moments: those of NumPy."""
    frame = members(1)

    got = aggregate_units(SOURCES[source](frame, tmp_path), COLUMNS)

    spend, converted, ratio = got.metrics
    for i, variant in enumerate(VARIANTS):
        mine = frame[frame["variant"] == variant]
        assert_moments(spend.variants[i], mine, ["spend", "before", "age"])
        assert_moments(ratio.variants[i], mine, ["spend", "orders", "before"])
        assert isinstance(ratio.variants[i].summary, RatioSummary)
        shares = converted.variants[i]
        assert shares.summary == MeanSummary.from_sums(
            len(mine), int(mine["converted"].sum()), int(mine["converted"].sum())
        )
        assert (shares.minimum, shares.maximum) == (0, 1)
        assert spend.variants[i].nonzero_units == int((mine["spend"] != 0).sum())
        assert got.units[i].units == len(mine)


def test_days_and_segments_are_those_of_group_by(tmp_path: Path) -> None:
    """Cells per day and per segment value are those of a pandas group-by."""
    frame = members(2)
    columns = replace(COLUMNS, segments=("tier",), day="day")

    got = aggregate_units(in_parquet(frame, tmp_path), columns)

    mine = frame[frame["variant"].isin(VARIANTS)]
    days = mine.groupby(["variant", mine["day"].dt.date])["spend"].agg(["size", "sum"])
    for cell in got.metrics[0].by_day:
        assert [cell.summary.n, cell.moments and cell.moments.totals[0]] == list(
            days.loc[(cell.variant, cell.day)]
        )
    assert len(got.metrics[0].by_day) == len(days) == len(got.units_by_day)
    tiers = mine.assign(tier=mine["tier"].fillna("-")).groupby(["variant", "tier"])["spend"]
    for cell in got.metrics[0].by_segment:
        assert cell.moments is not None
        assert cell.moments.totals[0] == tiers.sum().loc[(cell.variant, cell.value or "-")]
    assert len(got.metrics[0].by_segment) == len(tiers) == len(got.units_by_segment)


@pytest.mark.parametrize("first", [None, -1e12])
def test_mean_of_1e8_with_deviation_1_keeps_its_variance(
    first: float | None, tmp_path: Path
) -> None:
    """A shifted sum keeps 9 digits of the variance, even where the first rows mislead the pilot."""
    frame = members(3, 30_000)[["variant", "weight", "before"]]
    if first is not None:  # another variant's rows come first, far from all others
        far = pd.DataFrame({"variant": "rogue", "weight": [first] * 10_000, "before": 0})
        frame = pd.concat([far, frame], ignore_index=True)
    columns = UnitColumns(VARIANTS, (UnitMetric("weight", "weight", covariates=("before",)),))

    got = aggregate_units(in_parquet(frame, tmp_path), columns)

    for i, variant in enumerate(VARIANTS):
        mine = frame[frame["variant"] == variant]
        row = got.metrics[0].variants[i]
        assert isinstance(row.summary, MeanSummary)
        assert row.moments is not None
        # np.var works about the mean of the very values: no sum of large squares
        variance = row.summary.centred_squares / (row.summary.n - 1)
        assert variance == pytest.approx(np.var(mine["weight"], ddof=1), rel=1e-9)
        assert row.summary.mean == pytest.approx(mine["weight"].mean(), rel=1e-14)
        want = moments_of(mine, ["weight", "before"])
        scale = float(np.sqrt(want[0, 0] * want[1, 1]))
        assert row.moments.centred[0][1] == pytest.approx(want[0, 1], abs=1e-9 * scale)


def test_constant_floating_value_has_no_variance() -> None:
    """A constant that no float holds exactly has variance 0, not a rounding error."""
    table = pa.table({"variant": ["control", "B"] * 700, "y": [0.1] * 1_400})

    got = aggregate_units(table, UnitColumns(VARIANTS, (UnitMetric("y", "y"),)))

    assert [row.summary.centred_squares for row in got.metrics[0].variants] == [0, 0]  # type: ignore[union-attr] # a mean


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf"), None])
@pytest.mark.parametrize("column", ["y", "x"])
def test_value_that_is_no_number_is_refused_at_the_door(bad: float | None, column: str) -> None:
    """NaN, infinite and null values are refused by the column's name, with their number."""
    values = {"y": [1.5] * 6, "x": [2.5] * 6}
    values[column] = [1.0, bad, 2.0, bad, 3.0, 4.0]  # type: ignore[list-item] # the fault under test
    table = pa.table({"variant": ["control", "B"] * 3, **values})
    columns = UnitColumns(VARIANTS, (UnitMetric("y", "y", covariates=("x",)),))

    with pytest.raises(UnusableValues, match=rf"column {column} has 2 rows"):
        aggregate_units(table, columns)


def test_null_whole_number_and_null_variant_are_refused() -> None:
    """A null is no 0: neither among whole numbers, nor as a variant."""
    columns = UnitColumns(VARIANTS, (UnitMetric("y", "y"),))
    with pytest.raises(UnusableValues, match="column y has 1 rows"):
        aggregate_units(pa.table({"variant": ["control", "B"], "y": [1, None]}), columns)
    with pytest.raises(UnusableValues, match="column variant has 1 rows"):
        aggregate_units(pa.table({"variant": ["control", None], "y": [1, 2]}), columns)


def test_column_that_is_missing_or_text_is_named() -> None:
    """A column that is not there, or holds no numbers, is refused by its name."""
    table = pa.table({"variant": ["control", "B"], "y": ["1", "2"]})
    with pytest.raises(MissingColumn, match="'z'"):
        aggregate_units(table, UnitColumns(VARIANTS, (UnitMetric("z", "z"),)))
    with pytest.raises(WrongColumnType, match=r"unit_values\.y"):
        aggregate_units(table, UnitColumns(VARIANTS, (UnitMetric("y", "y"),)))


@pytest.mark.parametrize("column", ["spend", "half"])
def test_caps_of_unit_values_are_numpys(column: str) -> None:
    """A percentile cap is NumPy's inverted_cdf of the pool, of whole and of floating values."""
    frame = members(4)
    frame["half"] = frame["spend"] / 2
    metric = UnitMetric("m", column, cap=Cap(percentile=Decimal("0.95")))

    got = aggregate_units(frame, UnitColumns(VARIANTS, (metric,)), shares=True).metrics[0]

    pool = frame.loc[frame["variant"].isin(VARIANTS), column]
    cap = np.quantile(pool, 0.95, method="inverted_cdf")
    assert got.cap == cap
    for row in got.variants:
        low = frame.loc[frame["variant"] == row.variant, column].clip(upper=cap)
        assert row.capped is not None
        assert row.capped.total == pytest.approx(low.sum(), rel=1e-12)
        variance = row.capped.centred_squares / (row.capped.n - 1)
        assert variance == pytest.approx(low.var(), rel=1e-11)
    if column == "spend":
        top = pool.sort_values(ascending=False).head(-(-len(pool) // 100)).sum()
        assert got.top_shares[1].share == pytest.approx(top / pool.sum(), rel=1e-12)


def test_products_beyond_64_bits_are_exact() -> None:
    """A value whose square leaves 64 bits is summed exactly: decimals take over."""
    large = 5 * 10**12
    table = pa.table({"variant": ["control"] * 3, "y": [large, large + 1, large + 2]})

    row = aggregate_units(table, UnitColumns(VARIANTS, (UnitMetric("y", "y"),))).metrics[0]

    assert row.variants[0].summary == MeanSummary(3, 3 * large + 3, 2.0)
    assert row.variants[1].summary == MeanSummary(0, 0, 0.0)


def test_order_of_rows_changes_no_bit_of_whole_numbers(tmp_path: Path) -> None:
    """The same whole numbers in another order, on another number of threads, give the same bits."""
    frame = members(5)
    shuffled = frame.sample(frac=1, random_state=1)
    columns = replace(COLUMNS, segments=("tier",), day="day")

    one = aggregate_units(frame, columns, settings=DuckDBSettings(threads=1))
    other = aggregate_units(
        in_parquet(shuffled, tmp_path), columns, settings=DuckDBSettings(memory_limit="200MB")
    )

    assert one == other


def test_names_of_columns_and_files_are_taken_as_they_are(tmp_path: Path) -> None:
    """Quotes in the name of a column or of a file mean nothing."""
    path = tmp_path / "it's.parquet"
    pq.write_table(pa.table({'va"r': ["control", "B"], "o'ne": [1, 2]}), path)
    columns = UnitColumns(VARIANTS, (UnitMetric("m", "o'ne"),), variant='va"r')

    got = aggregate_units(path, columns)

    assert [row.summary.n for row in got.metrics[0].variants] == [1, 1]


def test_files_are_read_without_what_tables_in_memory_need(tmp_path: Path) -> None:
    """A process that reads unit values from files loads neither Arrow nor NumPy nor SciPy."""
    path = tmp_path / "members.parquet"
    pq.write_table(pa.Table.from_pandas(members(1), preserve_index=False), path)
    script = f"""
import sys
from stats.aggregation.unit_tables import UnitColumns, UnitMetric
from stats.aggregation.unit_values import aggregate_units
metrics = (UnitMetric("spend", "spend", covariates=("before",)),)
columns = UnitColumns(("control", "B"), metrics, segments=("tier",), day="day")
aggregate_units({str(path)!r}, columns)
print(*({{"numpy", "pyarrow", "scipy", "pandas"}} & set(sys.modules)))
"""

    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert done.stdout.split() == []
