"""A clock that is set back while a process answers, as time servers and hypervisors do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.api import build
from app.wiring import utc_now, wire
from tests.faults.shop import LOGGED, OFFERED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from flask.testing import FlaskClient

    from tests.faults.shop import Shop


class SettableClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """Begin at the present moment."""
        self.now = utc_now()

    def __call__(self) -> datetime:
        """Give the moment that it was set to."""
        return self.now


@pytest.fixture
def clock() -> SettableClock:
    """Give the clock of the process."""
    return SettableClock()


@pytest.fixture
def client(shop: Shop, clock: SettableClock) -> Iterator[FlaskClient]:
    """Give a client of an application with that clock."""
    parts = replace(wire(shop.settings), clock=clock)
    client = build(parts).test_client()
    client.environ_base.update(HTTP_AUTHORIZATION=shop.headers["Authorization"])
    yield client
    parts.engine.dispose()


@pytest.mark.parametrize(
    ("back", "repeated"),
    [(timedelta(seconds=1), "duplicate"), (timedelta(minutes=20), "lies in the future")],
)
def test_nobody_moves_and_events_of_the_moment_are_accepted(
    client: FlaskClient, clock: SettableClock, shop: Shop, back: timedelta, repeated: str
) -> None:
    """Members keep their variant and new ones get one.

    An event of the time that is to come again is told apart only where the clock went back far.
    """
    clock.now += timedelta(hours=1)
    before = {member: _offer(client, member) for member in ("ada", "bob", "cyd")}
    assert _report(client, "e-1", clock.now) == "accepted"
    clock.now -= back
    assert {member: _offer(client, member) for member in before} == before
    assert _offer(client, "new")["reason"] == "assigned"
    assert _report(client, "e-2", clock.now) == "accepted"
    assert repeated in _report(client, "e-1", clock.now + back)
    assert [one[0] for one in shop.exposure_senders() if one[1] == OFFERED] == [
        "e-1",
        "e-2",
    ]
    assert len(shop.assigned()) == 2 * (len(before) + 1)
    logged = [one for one in shop.exposure_senders() if one[1] == LOGGED]
    assert len(logged) == len(before) + 1


def test_a_campaign_waits_for_its_launch_again(client: FlaskClient, clock: SettableClock) -> None:
    """Where the clock is set to before the launch, a known member is told so, and moves nowhere."""
    first = _offer(client, "ada")
    launched = clock.now
    clock.now = launched - timedelta(days=2)
    answer = client.get("/v1/members/ada/offer", query_string={"campaign": OFFERED})
    assert answer.status_code == 200
    clock.now = launched
    assert _offer(client, "ada") == first


def test_each_answer_has_a_trace_of_its_own(client: FlaskClient, clock: SettableClock) -> None:
    """Ids of requests do not come from the clock."""
    traces = set()
    for _ in range(20):
        clock.now -= timedelta(seconds=1)
        path = f"/v1/members/ada/offer?campaign={OFFERED}"
        answer = client.get(path)
        trace = answer.headers["X-Request-Id"]
        assert re.fullmatch("[0-9a-f]{32}", trace)
        traces.add(trace)
    assert len(traces) == 20


def _offer(client: FlaskClient, member_id: str) -> dict[str, str]:
    """Give reason and variants of a member in both campaigns."""
    shown = [
        client.get(f"/v1/members/{member_id}/offer", query_string={"campaign": campaign}).get_json()
        for campaign in (OFFERED, LOGGED)
    ]
    assert {one["reason"] for one in shown} == {"assigned"}, shown
    return {"reason": "assigned"} | {one["campaign"]: one["variant"] for one in shown}


def _report(client: FlaskClient, exposure_id: str, at: datetime) -> str:
    """Report an exposure alone, and give its outcome, or why it is refused."""
    sent = {
        "exposure_id": exposure_id,
        "campaign": OFFERED,
        "variant": "gift",
        "member_id": "ada",
        "occurred_at": at.isoformat(),
    }
    answer = client.post("/v1/exposures", json=sent)
    if answer.status_code == 422:
        return str(answer.get_json()["detail"])
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["results"][0]["outcome"])
