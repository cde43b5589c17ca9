"""What one process answers several requests at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import TYPE_CHECKING

import pytest

from experiments.assignment import Reason
from experiments.directory import Directory
from experiments.memory import Memory
from experiments.serving import Asking, OfferAnswer, Serving, offer_for
from experiments.store.assignments import prior_variants
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.enrolments import read_enrolled
from experiments.store.group_commit import GroupCommit
from experiments.watch import Watch
from tests.experiments.designs import NOW, campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Engine


@pytest.fixture
def serving(engine: Engine) -> Serving:
    """Give what answers offers of a campaign that admits one unit."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(caps={"units": 1}))
    memory = Memory()
    return Serving(engine, Watch(engine, Directory(), memory), memory, GroupCommit(engine))


def asked(serving: Serving, member_id: str) -> OfferAnswer:
    """Give the member's answer."""
    return offer_for(serving, serving.watch.listing(), "gold-q3", Asking(member_id, NOW))


def asked_together(serving: Serving, member_ids: Sequence[str]) -> list[Reason]:
    """Give the reasons of answers whose first assignments are committed together."""
    is_leading, may_go_on = Event(), Event()

    def wait(_connection: Connection) -> None:
        is_leading.set()
        assert may_go_on.wait(60)

    with ThreadPoolExecutor(len(member_ids) + 1) as threads:
        leader = threads.submit(serving.commits.run, wait)
        try:
            assert is_leading.wait(60)
            answers = [threads.submit(asked, serving, one) for one in member_ids]
            while serving.commits.waiting < len(member_ids):
                sleep(0.01)
        finally:
            may_go_on.set()
        leader.result()
        return [answer.result().reason for answer in answers]


def kept(serving: Serving, member_ids: Sequence[str]) -> tuple[set[str], int]:
    """Give who of the members has an assignment, and how many are counted."""
    with reading(serving.engine) as connection:
        known = prior_variants(connection, "gold-q3", 1, member_ids)
        return set(known), read_enrolled(connection, "gold-q3", 1)


def test_requests_of_one_member_share_one_place(serving: Serving) -> None:
    """Two first requests of a member that are kept together are one assignment."""
    assert asked_together(serving, ["ada", "ada"]) == [Reason.ASSIGNED] * 2
    assert kept(serving, ["ada"]) == ({"ada"}, 1)


def test_requests_of_one_member_are_all_refused_once_it_is_full(serving: Serving) -> None:
    """Where there was no place for the first of them, there is none for the second."""
    assert asked(serving, "ada").reason is Reason.ASSIGNED
    assert asked_together(serving, ["bo", "bo"]) == [Reason.CAPPED] * 2
    assert kept(serving, ["ada", "bo"]) == ({"ada"}, 1)


def test_only_as_many_are_admitted_as_there_are_places(serving: Serving) -> None:
    """Of different members that are kept together, as many are admitted as there are places."""
    reasons = asked_together(serving, ["ada", "bo", "cy"])
    assert sorted(reasons) == [Reason.ASSIGNED, Reason.CAPPED, Reason.CAPPED]
    members, enrolled = kept(serving, ["ada", "bo", "cy"])
    assert (len(members), enrolled) == (1, 1)
