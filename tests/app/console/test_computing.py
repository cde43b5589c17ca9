"""What takes long is computed beside the requests, once, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from app.console.computing import PATIENCE, Asking, Computations
from experiments.member import checked_member
from experiments.recording import import_members
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from app.wiring import Wiring

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AT_SIGHT, PATIENTLY = Asking(NOW), Asking(NOW, None)


def test_a_page_is_there_before_the_answer() -> None:
    """Whoever has no patience is told nothing; one computation answers all who ask later."""
    asked, may_end = [], Event()

    def compute() -> int:
        asked.append(1)
        may_end.wait(60)
        return 7

    computations = Computations()
    assert computations.ask("how many", compute, AT_SIGHT) is None
    assert computations.ask("how many", compute, AT_SIGHT) is None
    may_end.set()
    found = computations.ask("how many", compute, PATIENTLY)
    assert found is not None
    assert (found.answer, found.at) == (7, NOW)
    assert computations.ask("how many", compute, AT_SIGHT) == found
    assert len(asked) == 1


def test_who_wants_a_new_answer_gets_one() -> None:
    """An answer that is older than asked for is computed anew; another question is its own."""
    numbers = iter(range(9))
    computations, anew = Computations(), Asking(NOW, None, newest_s=-1)
    found = [
        computations.ask(question, lambda: next(numbers), asking)
        for question, asking in (("a", PATIENTLY), ("a", PATIENTLY), ("a", anew), ("b", PATIENTLY))
    ]
    assert [one and one.answer for one in found] == [0, 0, 1, 2]


def test_a_fault_is_told_and_forgotten() -> None:
    """Whoever asks gets the fault; the next one has it computed again."""
    computations = Computations()

    def fail() -> int:
        message = "the disk is full"
        raise OSError(message)

    with pytest.raises(OSError, match="the disk is full"):
        computations.ask("a", fail, PATIENTLY)
    found = computations.ask("a", lambda: 1, PATIENTLY)
    assert found is not None
    assert found.answer == 1


def test_the_overlap_says_that_it_is_being_counted(
    app: APIFlask, wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A page that is not there yet asks for its part by itself, and has a link for who must."""
    members = [checked_member("m-1", {"tier": "silver"}, personalisation_consent=True)]
    import_members(wiring.engine, members, wiring.clock(), with_consent=True)
    launched(wiring, "gold-q3")
    client, address = client_of(Role.MARKETER), "/console/campaigns/gold-q3/setup/overlap"
    client.get(address)
    app.config[PATIENCE] = None
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert not pages[-1].is_coming
    assert "of 1 members are eligible now" in part
    assert f'hx-get="{address}"' not in part
    assert client.get(address).status_code == 200
    assert not pages[-1].is_coming
