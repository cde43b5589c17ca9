"""Campaigns of a layer hold disjoint slots."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from experiments.bucketing import TOTAL_SHARDS
from experiments.layer import SlotRange, free_ranges, take


@given(st.lists(st.integers(1, 4_000), max_size=12), st.sets(st.integers(0, 11)))
def test_slots_are_never_given_twice(wanted: list[int], stopped: set[int]) -> None:
    """Whatever campaigns come and go, the ranges held at one time are disjoint and exact."""
    held: dict[int, tuple[SlotRange, ...]] = {}
    for number, slots in enumerate(wanted):
        taken = [r for ranges in held.values() for r in ranges]
        got = take(slots, taken)
        free = sum(r.end - r.start for r in free_ranges(taken))
        assert (got is None) == (slots > free)
        if got is not None:
            assert sum(r.end - r.start for r in got) == slots
            held[number] = got
        every = [slot for ranges in held.values() for r in ranges for slot in range(r.start, r.end)]
        assert len(every) == len(set(every))
        assert all(0 <= slot < TOTAL_SHARDS for slot in every)
        if number in stopped:
            held.pop(number, None)


def test_a_gap_is_filled_before_the_end() -> None:
    """Slots that a stopped campaign gave back are taken first, in several ranges if need be."""
    taken = [SlotRange(0, 1_000), SlotRange(2_000, 3_000)]
    assert take(1_500, taken) == (SlotRange(1_000, 2_000), SlotRange(3_000, 3_500))


def test_a_full_layer_has_no_slots() -> None:
    """More than is free is not given in part."""
    assert take(1, [SlotRange(0, TOTAL_SHARDS)]) is None
