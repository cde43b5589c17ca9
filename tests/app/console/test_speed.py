"""Lists stay fast however many campaigns there are: what they read does not grow with them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from app.auth.roles import Role
from app.console.warming import WarmingThread, warm
from experiments.campaign import Move
from experiments.member import checked_member
from experiments.recording import import_members
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from sqlalchemy import Engine

    from app.wiring import Wiring

OK = 200


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """Give the statements that a database is sent meanwhile."""
    sent: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "address", ["/console/", "/console/campaigns", "/console/campaigns?state=all",
                "/console/metrics/", "/console/members/m-1"]
)  # fmt: skip
def test_the_statements_of_a_list_do_not_grow_with_the_campaigns(
    address: str, wiring: Wiring, client_of: Callable[..., FlaskClient]
) -> None:
    """Ten campaigns more, running and paused, cost a page no statement more."""
    known = [checked_member("m-1", {"tier": "silver"}, personalisation_consent=True)]
    import_members(wiring.engine, known, wiring.clock(), with_consent=True)
    launched(wiring, "first")
    launched(wiring, "second", move=Move.PAUSE)
    client = client_of(Role.ADMIN)
    client.get(address)

    def count() -> int:
        with statements_of(wiring.engine) as sent:
            assert client.get(address).status_code == OK
        return len(sent)

    few = count()
    for number in range(10):
        launched(wiring, f"more-{number}", move=Move.PAUSE if number % 2 else None)
    client.get(address)
    assert count() == few


def test_a_warmed_process_has_every_template(app: APIFlask, wiring: Wiring) -> None:
    """Nobody waits for a template at the first look at a page."""
    warm(app, wiring)
    known = {name for _, name in app.jinja_env.cache or ()}
    every = {one for one in app.jinja_env.list_templates() if one.startswith("console/")}
    assert every <= known


def test_warming_ends_when_it_is_told_to(app: APIFlask, wiring: Wiring) -> None:
    """A process that stops does not wait for what nobody will look at."""
    thread = WarmingThread(app, wiring)
    thread.begin()
    thread.stop()
    assert not app.jinja_env.cache
