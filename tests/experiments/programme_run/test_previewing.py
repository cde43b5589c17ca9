"""A preview tells what a computation by other rules would find, and changes nothing."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from experiments.errors import InvalidValues
from experiments.programme import Programme
from experiments.programme_run.previewing import TierChange, preview
from experiments.programme_run.recomputing import Source, recompute
from experiments.store.engine import reading, writing
from experiments.store.members import find_members
from experiments.store.programme import put_programme
from experiments.store.tables import conversions, programme_runs
from experiments.store.tables import members as member_rows
from tests.experiments.programme_run.test_recomputing import LADDER, NOW, club, order
from tests.experiments.programme_run.worlds import BEGIN, a_programme, facts, keep, members

if TYPE_CHECKING:
    from sqlalchemy import Engine

AT = BEGIN + timedelta(days=650)


def everything(engine: Engine) -> list[Any]:
    """Give all that a computation might write."""
    with reading(engine) as store:
        return [
            store.execute(select(table)).all()
            for table in (member_rows, conversions, programme_runs)
        ]


@pytest.mark.parametrize("seed", range(4))
def test_a_preview_equals_the_computation_that_follows(engine: Engine, seed: int) -> None:
    """Counts, near members and moves are those found once the other programme is set."""
    draw = random.Random(seed)  # noqa: S311  # a test's own
    programme, other, said = a_programme(draw), a_programme(draw), members(draw, 40)
    for values in said.values():
        values.pop("tier", None)
    keep(engine, programme, said, facts(draw, programme, sorted(said), 500))
    recompute(engine, Source(), now=BEGIN + timedelta(days=400))
    before = everything(engine)
    found = preview(engine, Source(), other, now=AT, near_percent=Decimal(30))
    assert everything(engine) == before

    with reading(engine) as store:
        old = find_members(store, list(said))
    assert old
    with writing(engine) as store:
        put_programme(store, other, AT)
    recompute(engine, Source(), now=AT)
    with reading(engine) as store:
        new = find_members(store, list(said)).values()
    tiers = Counter(one.computed.get("tier") for one in new)
    ladder = other.ladder.keys()
    assert {tier.key: tier.then for tier in found.tiers if tier.key in ladder} == {
        key: tiers[key] for key in ladder
    }
    assert found.without_tier_then == tiers[None]
    near = Counter(
        one.computed["next_tier"]
        for one in new
        if "next_tier" in one.computed and float(one.computed["tier_progress"]) >= 0.7
    )
    assert {tier.key: tier.near_then for tier in found.tiers if tier.near_then} == dict(near)


def test_a_lower_threshold_moves_members_up_at_a_cost(engine: Engine) -> None:
    """If gold began at 800: who moves, and what their benefits cost a year."""
    club(engine, ada={}, bob={}, cy={}, dan={"tier": "silver"})
    for name, amount in {"ada": 1_200, "bob": 850, "cy": 700, "dan": 900}.items():
        order(engine, name, amount, NOW)
    priced = {
        **LADDER,
        "tiers": [
            {"key": "silver", "benefit_cost_minor": 10},
            {"key": "gold", "entry_threshold_minor": 1_000, "benefit_cost_minor": 110},
        ],
    }
    with writing(engine) as store:
        put_programme(store, Programme.model_validate(priced), NOW)
    changed = [TierChange(key="gold", entry_threshold_minor=800)]
    found = preview(engine, Source(), changed, now=NOW + timedelta(days=1))
    silver, gold = found.tiers
    assert (silver.now, silver.then, gold.now, gold.then) == (3, 1, 1, 3)
    # bob 0.85 and dan 0.9 of 1,000 are near now; cy is at 0.875 of 800 then
    assert (gold.near_now, gold.near_then) == (2, 1)
    assert (found.moved_up, found.moved_down, found.imported) == (2, 0, 1)
    assert (found.cost_minor, found.currency) == (2 * 110 - 2 * 10, "TWD")


def test_a_cost_that_nobody_states_is_unknown(engine: Engine) -> None:
    """Not 0: the tiers that do not say are named."""
    club(engine, ada={})
    order(engine, "ada", 900, NOW)
    changed = [TierChange(key="gold", entry_threshold_minor=800)]
    found = preview(engine, Source(), changed, now=NOW + timedelta(days=1))
    assert (found.cost_minor, found.unknown_cost) == (None, ("silver", "gold"))


def test_a_tier_that_is_not_on_the_ladder_is_refused(engine: Engine) -> None:
    """The tiers that there are stand in the way out."""
    club(engine, ada={})
    with pytest.raises(InvalidValues, match=r"tiers\[0\].key: .*silver, gold, honorary"):
        preview(engine, Source(), [TierChange(key="golden", entry_threshold_minor=1)], now=NOW)
