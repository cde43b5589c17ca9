"""The files of a simulated campaign, and their reproducibility."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from stats.simulation import (
    PROPERTIES,
    FileFormat,
    SimulatedCampaign,
    WorldPlan,
    simulate_campaign,
    simulate_world,
    with_decimal_amounts,
    with_json_properties,
    write_world,
)
from tests.stats.simulation.worlds import OFFERED, campaign

if TYPE_CHECKING:
    from pathlib import Path


def _simulated(seed: int = 1, campaign_seed: int = 1) -> SimulatedCampaign:
    world = simulate_world(WorldPlan(members=1_500, seed=seed))
    return simulate_campaign(world, campaign(OFFERED, seed=campaign_seed, lost=0.2))


@pytest.fixture(scope="module")
def simulated() -> SimulatedCampaign:
    """A campaign with a planted effect and lost exposures."""
    return _simulated()


def _bytes(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


@pytest.mark.parametrize("file_format", FileFormat)
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, file_format: FileFormat) -> None:
    """Two runs of the same plans write identical files."""
    write_world(tmp_path / "one", _simulated(), file_format)
    write_world(tmp_path / "two", _simulated(), file_format)

    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    """The seed of the world changes every file; that of the campaign leaves the members alone."""
    for name, seeds in {"base": (1, 1), "world": (2, 1), "campaign": (1, 2)}.items():
        write_world(tmp_path / name, _simulated(*seeds), FileFormat.CSV)
    base, world, other = (_bytes(tmp_path / name) for name in ("base", "world", "campaign"))

    assert all(base[name] != world[name] for name in base)
    assert other["members.csv"] == base["members.csv"]
    assert other["exposures.csv"] != base["exposures.csv"]


def test_files_have_the_columns_of_the_bulk_import(
    tmp_path: Path, simulated: SimulatedCampaign
) -> None:
    """Fixed columns come first; what follows becomes attributes and properties."""
    write_world(tmp_path, simulated, FileFormat.CSV)
    write_world(tmp_path, simulated, FileFormat.PARQUET)
    fixed = {
        "members": ["member_id"],
        "exposures": ["exposure_id", "campaign", "variant", "member_id", "exposed_at"],
        "conversions": [
            "conversion_id",
            "member_id",
            "event",
            "occurred_at",
            "amount",
            "currency",
        ],
    }
    for name, columns in fixed.items():
        text = pd.read_csv(tmp_path / f"{name}.csv", dtype=str)
        table = pq.read_table(tmp_path / f"{name}.parquet")

        assert list(text.columns)[: len(columns)] == columns
        assert table.column_names == list(text.columns)
        assert table.num_rows == len(text)


def test_both_formats_hold_the_same_exact_amounts(
    tmp_path: Path, simulated: SimulatedCampaign
) -> None:
    """Amounts in files are decimals of the currency that give the minor units back exactly."""
    write_world(tmp_path, simulated, FileFormat.CSV)
    write_world(tmp_path, simulated, FileFormat.PARQUET)
    minor = simulated.world.conversions()["amount_minor"].drop_null().to_pylist()
    text = pd.read_csv(tmp_path / "conversions.csv", dtype=str)["amount"].dropna()
    exact = pq.read_table(tmp_path / "conversions.parquet")["amount"].drop_null().to_pylist()

    assert [int(Decimal(one).scaleb(2)) for one in text] == minor
    assert [int(one.scaleb(2)) for one in exact] == minor


@pytest.mark.parametrize(
    ("exponent", "expected"), [(0, ["5", "1234"]), (2, ["0.05", "12.34"]), (3, ["0.005", "1.234"])]
)
def test_amounts_have_the_decimals_of_the_currency(
    simulated: SimulatedCampaign, exponent: int, expected: list[str]
) -> None:
    """5 and 1234 minor units are written with as many decimals as the currency has."""
    two = simulated.world.orders().slice(0, 2)
    column = two.column_names.index("amount_minor")
    given = two.set_column(column, "amount_minor", pa.array([5, 1234]))

    assert [str(one) for one in with_decimal_amounts(given, exponent)["amount"].to_pylist()] == (
        expected
    )


def test_properties_are_valid_json(simulated: SimulatedCampaign) -> None:
    """The relation's properties hold what the columns held, and are null where none is."""
    table = simulated.world.conversions()
    relation = with_json_properties(table)
    rows = table.select(list(PROPERTIES)).to_pylist()
    written = relation["properties"].to_pylist()

    expected = [{name: one for name, one in row.items() if one is not None} for row in rows]
    assert [json.loads(one or "{}") for one in written] == expected
    assert [one is None for one in written] == [not row for row in expected]
    assert relation.num_rows == table.num_rows


def test_truth_states_seed_plan_and_true_values(
    tmp_path: Path, simulated: SimulatedCampaign
) -> None:
    """``truth.json`` is strict JSON that says what was planted and what to expect."""
    write_world(tmp_path, simulated, FileFormat.CSV)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    control, trial = truth["true_values"]

    assert truth["seed"] == truth["world"]["seed"] == 1
    assert truth["campaign"]["variants"][1]["effect"]["order_rate"] == 1.2
    assert trial["orders_per_member"] / control["orders_per_member"] == pytest.approx(1.2)
    assert [rung["key"] for rung in truth["ladder"]] == ["bronze", "silver", "gold", "diamond"]


def test_lost_exposures_are_missing_from_the_file(
    tmp_path: Path, simulated: SimulatedCampaign
) -> None:
    """The trial loses about a fifth of its exposures; the members and outcomes stay."""
    write_world(tmp_path, simulated, FileFormat.PARQUET)
    exposures = pq.read_table(tmp_path / "exposures.parquet").to_pandas()
    conversions = pq.read_table(tmp_path / "conversions.parquet").to_pandas()
    share = (exposures["variant"] == "trial").mean()
    viewers = set(conversions[conversions["event"] == "offer_view"]["member_id"])

    # 0.4 / 0.9 of the logged are in the trial; 4 errors
    assert share == pytest.approx(4 / 9, abs=4 * (4 / 9 * 5 / 9 / len(exposures)) ** 0.5)
    assert viewers - set(exposures["member_id"])
