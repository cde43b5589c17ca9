"""The rules of keeping refused items, API keys and scorecards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from experiments.errors import Problem
from experiments.store.api_keys import (
    ApiKey,
    add_api_key,
    find_api_key,
    read_api_keys,
    revoke_api_key,
)
from experiments.store.engine import reading, writing
from experiments.store.quarantine import (
    Kind,
    Quarantined,
    Which,
    count_quarantine,
    quarantine_items,
    read_quarantine,
)
from experiments.store.scorecards import (
    StoredScorecard,
    keep_scorecard,
    latest_scorecard,
    read_scorecards,
)
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from sqlalchemy import Engine

LATE = Problem("occurred_at", "2031-01-01", "lies in the future", "Send a past time.")
REFUSED = Quarantined(Kind.CONVERSION, "c1", '{"conversion_id": "c1"}', (LATE,), NOW, "key-1")
KEY = ApiKey("k1", "shop", frozenset({"offers:read", "events:write"}), "hash", NOW)
SCORECARD = StoredScorecard("gold-q3", 1, "a" * 64, NOW, '{"b": 1,  "a": 0.10, "名": "好禮"}')


def test_a_refused_item_comes_back_with_its_reasons(engine: Engine) -> None:
    """Nothing that was sent is lost: payload, id, sender and every problem are kept."""
    several = replace(REFUSED, problems=(LATE, Problem("amount", -1, "is negative")))
    with writing(engine) as connection:
        quarantine_items(connection, [several])
    with reading(engine) as connection:
        (found,) = read_quarantine(connection)
    assert found.number is not None
    assert replace(found, number=None) == several


def test_refused_items_are_listed_newest_first_in_pages(engine: Engine) -> None:
    """A page begins where the one before ended, and may show one kind only."""
    items = [
        replace(
            REFUSED,
            item_id=str(n),
            payload=str(n),
            kind=Kind.EXPOSURE if n % 2 else Kind.CONVERSION,
        )
        for n in range(6)
    ]
    with writing(engine) as connection:
        quarantine_items(connection, items)
        quarantine_items(connection, [])
    with reading(engine) as connection:
        page = read_quarantine(connection, limit=4)
        rest = read_quarantine(connection, before=page[-1].number)
        exposures = read_quarantine(connection, Which(kind=Kind.EXPOSURE))
        assert count_quarantine(connection) == {Kind.EXPOSURE: 3, Kind.CONVERSION: 3}
    assert [one.item_id for one in page] == ["5", "4", "3", "2"]
    assert [one.item_id for one in rest] == ["1", "0"]
    assert [one.item_id for one in exposures] == ["5", "3", "1"]


def test_a_refused_item_sent_again_is_put_aside_once(engine: Engine) -> None:
    """A sender that retries a batch, its bad items with it, does not fill the quarantine."""
    again = replace(REFUSED, received_at=NOW + timedelta(days=1), sender="key-2")
    other_kind = replace(REFUSED, kind=Kind.EXPOSURE)
    with writing(engine) as connection:
        quarantine_items(connection, [REFUSED, REFUSED])
        quarantine_items(connection, [again, other_kind])
    with reading(engine) as connection:
        assert count_quarantine(connection) == {Kind.EXPOSURE: 1, Kind.CONVERSION: 1}
        (found,) = read_quarantine(connection, Which(kind=Kind.CONVERSION))
    assert replace(found, number=None) == REFUSED


def test_the_same_refused_item_is_kept_once(engine: Engine) -> None:
    """A batch that is sent again, its bad items with it, does not fill the quarantine."""
    with writing(engine) as connection:
        quarantine_items(connection, [REFUSED, REFUSED])
        quarantine_items(connection, [REFUSED])
    with reading(engine) as connection:
        assert len(read_quarantine(connection)) == 1


def test_an_empty_quarantine_counts_nothing_of_each_kind(engine: Engine) -> None:
    """Each kind is listed, so that a page can say zero."""
    with reading(engine) as connection:
        assert count_quarantine(connection) == {Kind.EXPOSURE: 0, Kind.CONVERSION: 0}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "a\\x00b"),
        ("\ud800", "\\ud800"),
        (10**40, repr(10**40)),
        (float("nan"), "nan"),
        ([1, 2], "[1, 2]"),
        (None, None),
        (2.5, 2.5),
    ],
)
def test_the_worst_input_can_be_put_aside(engine: Engine, sent: object, kept: object) -> None:
    """What no database can keep as it is, is kept as an escape: bad input is never dropped."""
    hostile = sent if isinstance(sent, str) else "c1"
    item = Quarantined(
        Kind.CONVERSION,
        hostile,
        f"payload {hostile}",
        (Problem(f"properties.{hostile}", sent, "is unusable"),),
        NOW,
    )
    with writing(engine) as connection:
        quarantine_items(connection, [item])
    with reading(engine) as connection:
        (found,) = read_quarantine(connection)
    assert found.problems[0].value == kept
    if isinstance(sent, str):
        assert (found.item_id, found.payload) == (kept, f"payload {kept}")


def test_a_key_comes_back_as_it_was_added(engine: Engine) -> None:
    """Scopes are a set; an unknown key is None."""
    with writing(engine) as connection:
        add_api_key(connection, KEY)
    with reading(engine) as connection:
        assert find_api_key(connection, "k1") == KEY
        assert find_api_key(connection, "k2") is None


def test_a_key_id_is_given_once(engine: Engine) -> None:
    """A second key never takes the place of the first."""
    with writing(engine) as connection:
        add_api_key(connection, KEY)
    with pytest.raises(IntegrityError), writing(engine) as connection:
        add_api_key(connection, replace(KEY, name="another"))


def test_a_revoked_key_stays_listed(engine: Engine) -> None:
    """It ends once, at a time that is kept; only a valid key can be revoked."""
    later = NOW + timedelta(days=1)
    with writing(engine) as connection:
        add_api_key(connection, replace(KEY, key_id="k0", created_at=later))
        add_api_key(connection, KEY)
        assert revoke_api_key(connection, "k1", later)
        assert not revoke_api_key(connection, "k1", later + timedelta(days=1))
        assert not revoke_api_key(connection, "k2", later)
    with reading(engine) as connection:
        keys = read_api_keys(connection)
    assert [(key.key_id, key.revoked_at) for key in keys] == [("k1", later), ("k0", None)]


def test_a_scorecard_comes_back_byte_for_byte(store: Engine) -> None:
    """Its hash is published, so not even a space may change."""
    with writing(store) as connection:
        kept = keep_scorecard(connection, SCORECARD)
    with reading(store) as connection:
        assert latest_scorecard(connection, "gold-q3", 1) == kept
    assert replace(kept, number=None) == SCORECARD


def test_a_snapshot_has_one_scorecard(store: Engine) -> None:
    """Computed again from the same facts, the first one is given and stands."""
    with writing(store) as connection:
        first = keep_scorecard(connection, SCORECARD)
        again = replace(SCORECARD, computed_at=NOW + timedelta(days=1), document="{}")
        assert keep_scorecard(connection, again) == first
        assert read_scorecards(connection, "gold-q3") == (first,)


def test_scorecards_are_listed_newest_first(store: Engine) -> None:
    """A new snapshot adds one, and the old one stays."""
    with writing(store) as connection:
        first = keep_scorecard(connection, SCORECARD)
        second = keep_scorecard(connection, replace(SCORECARD, snapshot_hash="b" * 64))
        other_phase = keep_scorecard(connection, replace(SCORECARD, phase=2))
    with reading(store) as connection:
        assert read_scorecards(connection, "gold-q3") == (other_phase, second, first)
        assert read_scorecards(connection, "gold-q3", phase=1) == (second, first)
        assert latest_scorecard(connection, "gold-q3", 1) == second
        assert latest_scorecard(connection, "gold-q3", 3) is None
        assert read_scorecards(connection, "gold-q3", limit=1) == (other_phase,)


def test_of_scorecards_computed_at_once_one_stands(store: Engine) -> None:
    """Everyone who asks at the same time is given the same one."""
    barrier = Barrier(8)

    def compute(number: int) -> StoredScorecard:
        barrier.wait()
        with writing(store) as connection:
            return keep_scorecard(connection, replace(SCORECARD, document=f'{{"by": {number}}}'))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(compute, range(8)))) == 1
