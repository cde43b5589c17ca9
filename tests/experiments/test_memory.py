"""A process remembers members and assignments with a bound, and nothing that is no longer true."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from experiments.member import Member
from experiments.memory import Bounded, Memory

KEY = ("gold-q3", 1)


@given(st.lists(st.integers(0, 50), max_size=300), st.integers(1, 20))
def test_no_more_is_kept_than_the_bound(keys: list[int], limit: int) -> None:
    """However many come, at most the limit stay, and what stays is right."""
    kept: Bounded[int, str] = Bounded(limit)
    for key in keys:
        if (found := kept.get(key)) is not None:
            assert found == str(key)
        kept.put(key, str(key))
        assert kept.get(key) == str(key)
        assert len(kept) <= max(limit, 2)


def test_what_is_asked_for_again_stays() -> None:
    """A member who comes on every page is not pushed out by those who come once."""
    kept: Bounded[str, int] = Bounded(10)
    kept.put("often", 1)
    for number in range(1_000):
        kept.put(f"once-{number}", number)
        assert kept.get("often") == 1


def test_a_change_is_forgotten_and_read_anew() -> None:
    """A member whose attributes changed is not served from memory."""
    memory = Memory()
    memory.keep_member(Member("ada"), memory.ticket)
    memory.keep_member(Member("bo"), memory.ticket)
    memory.apply(["ada"], [])
    assert memory.member("ada") is None
    assert memory.member("bo") is not None


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    """Reading takes a ticket; once changes were applied, what it brings is too old to keep."""
    memory = Memory()
    ticket = memory.ticket
    memory.apply([], [])
    memory.keep_member(Member("ada"), ticket)
    memory.keep_variants("ada", {KEY: None}, ticket)
    assert memory.member("ada") is None
    assert not memory.variants("ada")


def test_an_assignment_made_elsewhere_replaces_that_there_was_none() -> None:
    """Another process was first: what was known of the unit is corrected, not dropped."""
    memory = Memory()
    memory.keep_variants("ada", {KEY: None, ("other", 2): "b"}, memory.ticket)
    memory.apply([], [(("gold-q3", 1, "ada"), "gift"), (("gold-q3", 1, "bo"), "gift")])
    assert memory.variants("ada") == {KEY: "gift", ("other", 2): "b"}
    assert not memory.variants("bo")


def test_too_many_changes_forget_all() -> None:
    """An import of members or of assignments is not followed one by one."""
    memory = Memory()
    memory.keep_member(Member("ada"), memory.ticket)
    memory.keep_assigned([(("gold-q3", 1, "ada"), "gift")])
    memory.apply(None, None)
    assert memory.member("ada") is None
    assert not memory.variants("ada")


def test_a_cap_is_known_to_be_reached_until_the_campaign_changes() -> None:
    """At another revision the cap may be another."""
    memory = Memory()
    memory.keep_full("gold-q3", 1, revision=7)
    assert memory.is_full("gold-q3", 1, 7)
    assert not memory.is_full("gold-q3", 1, 8)
    assert not memory.is_full("gold-q3", 2, 7)
