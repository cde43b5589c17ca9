"""How often a key may be used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth import RateLimiter
from app.auth.rate_limit import BUCKETS_LIMIT
from app.errors import RateLimited


def test_a_key_may_be_used_as_often_as_its_rate_says() -> None:
    """A second's worth at once, then one whenever there is room again."""
    limiter = RateLimiter()

    first = [limiter.take("a", 10, 0.0).allowed for _ in range(11)]
    later = [limiter.take("a", 10, 0.5).allowed for _ in range(6)]

    assert first == [True] * 10 + [False]
    assert later == [True] * 5 + [False]


def test_an_answer_says_what_is_left() -> None:
    """A client can slow down before it is refused, and knows when to come back."""
    limiter = RateLimiter()

    allowances = [limiter.take("a", 2, 0.0) for _ in range(3)]

    assert [allowance.headers for allowance in allowances] == [
        (("RateLimit-Limit", "2"), ("RateLimit-Remaining", "1"), ("RateLimit-Reset", "1")),
        (("RateLimit-Limit", "2"), ("RateLimit-Remaining", "0"), ("RateLimit-Reset", "1")),
        (
            ("RateLimit-Limit", "2"),
            ("RateLimit-Remaining", "0"),
            ("RateLimit-Reset", "1"),
            ("Retry-After", "1"),
        ),
    ]


def test_one_request_too_many_is_refused_with_the_way_out() -> None:
    """The fault names the rate, when to try again, and how to get a higher rate."""
    limiter = RateLimiter()
    limiter.take("a", 1, 0.0).require()

    with pytest.raises(RateLimited, match=r"1 a second.*after 1 s.*--rate") as refused:
        limiter.take("a", 1, 0.0).require()

    assert ("Retry-After", "1") in refused.value.headers


def test_a_refused_request_costs_nothing() -> None:
    """A client that keeps trying is let in as soon as one that waited."""
    limiter = RateLimiter()
    for step in range(100):
        limiter.take("a", 1, step / 100)

    assert limiter.take("a", 1, 1.0).allowed


def test_any_number_is_allowed_without_a_rate() -> None:
    """Then nothing is counted and nothing is said."""
    limiter = RateLimiter()

    allowances = [limiter.take("a", 0, 0.0) for _ in range(10_000)]

    assert all(allowance.allowed and allowance.headers == () for allowance in allowances)


def test_keys_do_not_spend_each_others_rate() -> None:
    """One busy key leaves the others theirs."""
    limiter = RateLimiter()
    for _ in range(5):
        limiter.take("busy", 5, 0.0)

    assert not limiter.take("busy", 5, 0.0).allowed
    assert limiter.take("calm", 5, 0.0).remaining == 4


def test_processes_share_the_rate() -> None:
    """Each of four processes lets a quarter through, and never none at all."""
    limiter = RateLimiter(processes=4)

    assert sum(limiter.take("a", 100, 0.0).allowed for _ in range(100)) == 25
    slow = [limiter.take("b", 1, 0.0), limiter.take("b", 1, 3.9), limiter.take("b", 1, 4.0)]
    assert [allowance.allowed for allowance in slow] == [True, False, True]
    assert slow[1].retry_after_s == 1


def test_time_that_stands_or_steps_back_lets_nobody_in_twice() -> None:
    """A clock that goes wrong does not fill a bucket."""
    limiter = RateLimiter()
    for _ in range(3):
        limiter.take("a", 3, 100.0)

    assert [limiter.take("a", 3, at).allowed for at in (99.0, 50.0, 100.0)] == [False] * 3


def test_threads_share_a_bucket() -> None:
    """However many ask at once, as many are let in as the rate says."""
    limiter = RateLimiter()

    with ThreadPoolExecutor(8) as pool:
        allowed = pool.map(lambda _: limiter.take("a", 500, 0.0).allowed, range(4_000))

    assert sum(allowed) == 500


def test_buckets_are_bounded_and_the_oldest_goes() -> None:
    """Many keys do not fill the memory, and a busy one keeps its bucket."""
    limiter = RateLimiter()
    limiter.take("idle", 1, 0.0)
    limiter.take("busy", 1, 0.0)
    for number in range(BUCKETS_LIMIT - 1):
        limiter.take("busy", 1, 0.0)
        limiter.take(f"key {number}", 1, 0.0)

    assert not limiter.take("busy", 1, 0.0).allowed
    assert limiter.take("idle", 1, 0.0).allowed
    assert len(limiter._buckets) == BUCKETS_LIMIT  # noqa: SLF001  # the memory is the rule


@given(
    st.lists(st.floats(0, 2), min_size=1, max_size=200),
    st.integers(1, 50),
    st.integers(1, 4),
)
def test_no_stretch_of_time_lets_more_in(gaps: list[float], rate: int, processes: int) -> None:
    """From the first request on, at most a bucket and what flowed in since are let through."""
    limiter = RateLimiter(processes)
    elapsed, allowed = 0.0, 0

    for gap in gaps:
        elapsed += gap
        allowance = limiter.take("a", rate, elapsed)
        allowed += allowance.allowed
        assert allowed <= allowance.limit + floor(elapsed * rate / processes + 1e-6)
        assert 0 <= allowance.remaining < allowance.limit + 1
        assert allowance.allowed or allowance.retry_after_s >= 1
