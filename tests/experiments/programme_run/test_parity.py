"""What is computed equals a computation of its own in pandas, over programmes drawn at random."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from experiments.programme_run.recomputing import Source, recompute
from experiments.store.engine import reading
from experiments.store.members import find_members
from experiments.store.tables import conversions
from tests.experiments.programme_run.in_pandas import InPandas
from tests.experiments.programme_run.worlds import BEGIN, DAYS, a_programme, facts, keep, members

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

MOMENTS = (200.0, 330.5, 331.25, 500.0, 690.0)
assert MOMENTS[-1] < DAYS


@pytest.mark.parametrize(
    ("seed", "source"), [*((seed, "store") for seed in range(7)), (7, "archive"), (8, "archive")]
)
def test_every_attribute_equals_pandas(
    engine: Engine,
    seed: int,
    source: str,
    tmp_path: Path,
) -> None:
    """Over moments, every attribute and every change of tier is what the reference page says."""
    draw = random.Random(seed)  # noqa: S311  # a test's own
    programme, said = a_programme(draw), members(draw, 45)
    known = facts(draw, programme, sorted(said), 600)
    keep(engine, programme, said, known)
    oracle = InPandas(programme, said, known)
    facts_of = Source(archive_url=f"{tmp_path}/archive" if source == "archive" else "")
    for days in MOMENTS:
        at = BEGIN + timedelta(days=days)
        recompute(engine, facts_of, now=at)
        with reading(engine) as store:
            found = find_members(store, list(said))
        expected = oracle.compute(at)
        for member in sorted(said):
            assert dict(found[member].computed) == expected[member], (member, programme)
    with reading(engine) as store:
        own = store.execute(
            select(conversions).where(
                conversions.c.event == "tier_change", conversions.c.sender == "tierlift"
            )
        ).mappings()
        recorded = {
            (row["occurred_at"], row["member_id"], row["properties"].get("from"),
             row["properties"].get("to"), row["properties"]["cause"])
            for row in own
        }  # fmt: skip
    assert recorded == {(move[0].to_pydatetime(), *move[1:]) for move in oracle.moves}
