"""Items in a straight line are read by the very rules of items one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.arrival import (
    CLOCK_SKEW,
    MAX_EVENT_LENGTH,
    MAX_PROPERTIES,
    MAX_TEXT,
    Arrival,
    conversion_from,
    exposure_from,
)
from experiments.batch import conversions_from, exposures_from
from experiments.campaign import State
from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.money import MAX_MINOR
from tests.experiments.designs import NOW, campaign

ABSENT = object()
RUNNING = campaign()
FIRST = RUNNING.phases[0]
CAMPAIGNS = {
    "gold-q3": replace(
        RUNNING, phases=(FIRST, replace(FIRST, number=2, started_at=NOW - timedelta(days=2)))
    ),
    "draft": campaign(State.DRAFT, key="draft"),
    "by-household": campaign(key="by-household", randomization_unit="household"),
}
HOUSEHOLDS = {"m-1": "h-1"}

TEXTS = st.one_of(
    st.sampled_from(["m-1", "", " ", "x" * 255, "x" * 256, "a\x00b", "a\nb", "\ud800", "a\u00a0b",
                     "名", " a", "a ", "a b", "\u200e"]),
    st.text(max_size=5),
)  # fmt: skip
ODDITIES = st.sampled_from([None, True, 0, 7, 1.5, float("nan"), 2**64, [], {}, ["gold-q3"]])
MOMENTS = st.one_of(
    st.sampled_from(["2026-02-28T10:00:00Z", " 2026-02-28T10:00:00+08:00 ", "now", "",
                     "2026-02-28T10:00:00", "0001-01-01T00:00:00+08:00", "2026-02-28",
                     "9999-12-31T23:59:59-08:00",
                     "1969-12-31T23:59:59Z", "20260228T100000,5+0000", "2026-W09-6T10:00:00Z",
                     (NOW + CLOCK_SKEW).isoformat(), (NOW + 2 * CLOCK_SKEW).isoformat(),
                     NOW - timedelta(days=3), datetime(2026, 2, 1),  # noqa: DTZ001  # as a file may
                     datetime(2026, 2, 1, tzinfo=timezone(timedelta(hours=8)))]),
    st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
)  # fmt: skip
PROPERTIES = st.one_of(
    st.dictionaries(TEXTS, TEXTS | st.integers() | st.floats() | st.booleans() | st.none(),
                    max_size=3),
    st.sampled_from([{"a": ["b", {"c": 1}]}, {"a": "x" * (MAX_TEXT + 1)}, {"x" * (MAX_TEXT + 1): 1},
                     {str(n): n for n in range(MAX_PROPERTIES + 1)}, {"a": 2**63}, {"a": 2**63 - 1},
                     {"a": "\x00"}, {"a": "line\nbreak"}, {"a": ()}]),
)  # fmt: skip
ARRIVALS = st.sampled_from(
    [Arrival(NOW, "key-1"), Arrival(NOW), Arrival(NOW, "key-1", NOW - timedelta(days=1))]
)


def items(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Give items in which every field is mostly good, sometimes odd, sometimes absent."""
    return st.fixed_dictionaries(
        {name: st.one_of(good, ODDITIES, st.just(ABSENT)) for name, good in fields.items()}
    ).map(lambda item: {name: value for name, value in item.items() if value is not ABSENT})


EXPOSURES = items(
    exposure_id=TEXTS,
    campaign=st.sampled_from([*CAMPAIGNS, "nope"]),
    variant=st.sampled_from(["control", "gift", "Gift"]),
    member_id=TEXTS,
    occurred_at=MOMENTS,
    exposed_at=MOMENTS,
    colour=st.just(ABSENT),
)
CONVERSIONS = items(
    conversion_id=TEXTS,
    member_id=TEXTS,
    event=TEXTS | st.just("x" * (MAX_EVENT_LENGTH + 1)),
    occurred_at=MOMENTS,
    amount=st.just(ABSENT) | st.sampled_from(["12.30", 1.5, "-1"]),
    amount_minor=st.sampled_from([0, 1230, -1, MAX_MINOR, MAX_MINOR + 1]),
    currency=st.sampled_from(["TWD", "GBP", "XXX", "twd"]),
    properties=PROPERTIES,
    colour=st.just(ABSENT),
)
GOOD_EXPOSURE = {"exposure_id": "e-1", "campaign": "gold-q3", "variant": "gift", "member_id": "m-1"}
GOOD_ORDER = {
    "conversion_id": "c-1",
    "member_id": "m-1",
    "event": "order",
    "occurred_at": "2026-02-03T10:00:00+08:00",
    "amount_minor": 1230,
    "currency": "TWD",
    "properties": {"shop": "北門", "n": 2, "vip": True, "share": 0.5, "note": None},
}


@settings(max_examples=400, deadline=None)
@given(drawn=EXPOSURES, arrival=ARRIVALS, kept=st.sets(st.sampled_from(sorted(GOOD_EXPOSURE))))
def test_exposures_are_read_alike(drawn: dict[str, Any], arrival: Arrival, kept: set[str]) -> None:
    """The same fact or the same problems, word for word, whatever came."""
    item = drawn | {name: GOOD_EXPOSURE[name] for name in kept}
    (read,) = exposures_from([item], CAMPAIGNS, arrival, households=HOUSEHOLDS)
    assert repr(read) == repr(exposure_from(item, CAMPAIGNS, arrival, households=HOUSEHOLDS))


@settings(max_examples=600, deadline=None)
@given(drawn=CONVERSIONS, arrival=ARRIVALS, kept=st.sets(st.sampled_from(sorted(GOOD_ORDER))))
def test_conversions_are_read_alike(
    drawn: dict[str, Any], arrival: Arrival, kept: set[str]
) -> None:
    """The same fact or the same problems, word for word, whatever came."""
    item = drawn | {name: GOOD_ORDER[name] for name in kept}
    (read,) = conversions_from([item], arrival)
    # by their words: a NaN is not equal to itself
    assert repr(read) == repr(conversion_from(item, arrival))


def test_good_items_are_facts_of_their_phase() -> None:
    """A fact belongs to the phase of its moment; the first phase has all before it."""
    days = {1: 40, 2: 1}
    sent = [
        {**GOOD_EXPOSURE, "occurred_at": (NOW - timedelta(days=ago)).isoformat()}
        for ago in days.values()
    ]
    read = exposures_from(sent, CAMPAIGNS, Arrival(NOW))
    assert [fact.phase for fact in read if isinstance(fact, Exposure)] == list(days)
    (order,) = conversions_from([GOOD_ORDER], Arrival(NOW))
    assert isinstance(order, Conversion)
    assert dict(order.properties) == GOOD_ORDER["properties"]


def test_what_is_no_object_is_no_fact() -> None:
    """Among many, too, each item is answered in its place."""
    read = exposures_from([None, GOOD_EXPOSURE, "text"], CAMPAIGNS, Arrival(NOW))
    assert [isinstance(one, Exposure) for one in read] == [False, True, False]
    assert [isinstance(one, Conversion) for one in conversions_from([7, GOOD_ORDER], Arrival(NOW))
            ] == [False, True]  # fmt: skip
