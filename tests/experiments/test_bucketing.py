"""The bucket is a published contract: other languages and warehouses compute it, too."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy import stats as scipy_stats
from sqlalchemy import Engine, text

from experiments.bucketing import TOTAL_SHARDS, shard

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bucketing.md"
VECTORS = [
    (salt, unit, int(slot))
    for salt, unit, slot in re.findall(
        r"^\| `([^`]+)` \| `([^`]+)` \| `[0-9a-f]{8}` \| (\d+) \|$",
        PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
]


def test_there_are_published_vectors_beyond_ascii() -> None:
    """The page publishes vectors with Chinese ids and an emoji."""
    assert len(VECTORS) == 12
    assert sum(not unit.isascii() for _, unit, _ in VECTORS) == 4


@pytest.mark.parametrize(("salt", "unit", "slot"), VECTORS)
def test_published_vectors_hold(salt: str, unit: str, slot: int) -> None:
    """Each published vector is what the product computes."""
    assert shard(salt, unit) == slot


def test_duckdb_computes_the_same_slot() -> None:
    """The documented DuckDB expression gives every vector's slot."""
    sql = "SELECT ('0x' || substr(md5(? || '-' || ?), 1, 8))::BIGINT % 10000"
    connection = duckdb.connect()
    for salt, unit, slot in VECTORS:
        assert connection.execute(sql, [salt, unit]).fetchone() == (slot,)


def test_postgresql_computes_the_same_slot(engine: Engine) -> None:
    """The documented PostgreSQL expression gives every vector's slot."""
    if engine.dialect.name != "postgresql":
        pytest.skip("this expression is PostgreSQL's")
    sql = text("SELECT ('x' || substr(md5(:salt || '-' || :unit), 1, 8))::bit(32)::bigint % 10000")
    with engine.connect() as connection:
        for salt, unit, slot in VECTORS:
            assert connection.execute(sql, {"salt": salt, "unit": unit}).scalar_one() == slot


def test_slots_are_uniform_over_a_million_sequential_ids() -> None:
    """Sequential ids, the worst case of a weak hash, fill the slots evenly."""
    slots = np.fromiter((shard("a:1:split", str(i)) for i in range(1_000_000)), np.int64)
    counts = np.bincount(slots, minlength=TOTAL_SHARDS)
    assert len(counts) == TOTAL_SHARDS
    assert scipy_stats.chisquare(counts).pvalue > 1e-3


def test_slots_of_two_salts_are_independent() -> None:
    """Who is admitted by the traffic salt says nothing of the variant."""
    ids = [str(i) for i in range(200_000)]
    rows = np.fromiter((shard("a:1:traffic", i) // 1_000 for i in ids), np.int64)
    columns = np.fromiter((shard("a:1:split", i) // 1_000 for i in ids), np.int64)
    table = np.zeros((10, 10))
    np.add.at(table, (rows, columns), 1)
    assert scipy_stats.chi2_contingency(table).pvalue > 1e-3
