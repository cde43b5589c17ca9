"""What was refused is sorted by reason, corrected, replayed and discarded in the console."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth.roles import Role
from app.console.quarantine import Rest
from experiments.arrival import Arrival
from experiments.quarantining import Kind, QuarantineState, open_items, show_quarantined
from experiments.recording import record_conversions
from tests.app.console.conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

LIST = "/console/quarantine/"
ORDER = {"conversion_id": "c-1", "member_id": "m-1", "event": "order", "currency": "TWD"}


@pytest.fixture
def refused(wiring: Wiring) -> Wiring:
    """Give an installation with two refused orders."""
    items = [{**ORDER, "conversion_id": one, "amount_minor": -1} for one in ("c-1", "c-2")]
    record_conversions(wiring.engine, items, Arrival(wiring.clock(), "a test"))
    return wiring


@pytest.mark.usefixtures("refused")
def test_open_events_are_counted_by_reason(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Both stand under one reason, and in the list."""
    assert client_of(Role.ANALYST).get(LIST).status_code == 200
    page = pages[-1]
    (reason,) = page.reasons
    assert (reason.field, reason.items, len(page.rows)) == ("amount_minor", "2", 2)


def test_nothing_refused_is_said(client_of: Callable[..., FlaskClient]) -> None:
    """The empty page says what would be here."""
    assert "Nothing waits here" in client_of(Role.ANALYST).get(LIST).text


def test_the_quarantine_needs_its_permission(client_of: Callable[..., FlaskClient]) -> None:
    """A denial names it."""
    answer = client_of(Role.MARKETER).get(LIST)
    assert answer.status_code == 403
    assert "quarantine:write" in answer.text


def test_a_correction_is_checked_and_kept(
    refused: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A wrong one is shown again as it was typed; a right one is recorded."""
    client, address = client_of(Role.ANALYST), f"{LIST}1"
    for typed in ("{", orjson.dumps({**ORDER, "amount_minor": -5}).decode()):
        answer = post(client, f"{address}/replay", page=address, payload=typed)
        assert answer.status_code == 422
        assert (pages[-1].payload, set(pages[-1].errors)) == (typed, {"payload"})
    good = orjson.dumps({**ORDER, "amount_minor": 5}).decode()
    assert post(client, f"{address}/replay", page=address, payload=good).status_code == 302
    found = show_quarantined(refused.engine, 1)
    assert found.state is QuarantineState.REPLAYED
    assert found.settlement is not None
    assert found.settlement.by.startswith("user ")


def test_a_reason_is_replayed_as_a_whole(
    refused: Wiring, client_of: Callable[..., FlaskClient]
) -> None:
    """What is refused still stays open, and that is said."""
    client = client_of(Role.ANALYST)
    fields = {"kind": "conversion", "field": "amount_minor", "message": "something else"}
    post(client, f"{LIST}replay", page=LIST, **fields)
    assert "0 were recorded; 0 are refused still" in client.get(LIST).text
    assert open_items(refused.engine)[Kind.CONVERSION] == 2


def test_a_long_replay_goes_on_where_it_stopped(
    refused: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """What one request had no time for is offered; the next one looks at those behind it alone."""
    client = client_of(Role.ANALYST)
    client.get(LIST)
    reason = pages[-1].reasons[0]
    fields = {"field": reason.field, "message": reason.message}
    client.get(LIST, query_string={"after": 1, "reason_kind": reason.kind, **fields})
    assert pages[-1].rest == Rest(1, reason.kind, reason.field, reason.message)
    post(client, f"{LIST}replay", page=LIST, kind=reason.kind, after="1", **fields)
    assert "0 were recorded; 1 are refused still" in client.get(LIST).text
    assert pages[-1].rest is None
    assert open_items(refused.engine)[Kind.CONVERSION] == 2


def test_discarding_asks_for_a_reason_and_a_confirmation(
    refused: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Neither may be missing; what was typed is kept."""
    client, address = client_of(Role.ANALYST), f"{LIST}1"
    assert post(client, f"{address}/discard", page=address, reason="A test").status_code == 422
    assert (pages[-1].reason, set(pages[-1].errors)) == ("A test", {"sure"})
    post(client, f"{address}/discard", page=address, reason="A test", sure="yes")
    assert show_quarantined(refused.engine, 1).state is QuarantineState.DISCARDED
