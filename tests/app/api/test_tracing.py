"""What every answer carries and every request leaves behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import pytest

from app.api import build
from app.auth import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_request_is_one_event(
    client: FlaskClient, events: Callable[[], list[dict[str, object]]]
) -> None:
    """The event names method, route, status, time and trace, and neither path nor query."""
    answer = client.get("/v1/probe/faults/unknown-member?email=someone")

    (event,) = events()
    assert {name: event[name] for name in ("event", "level", "method", "route", "status")} == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/v1/probe/faults/<name>",
        "status": 404,
    }
    assert event["trace_id"] == answer.headers["X-Request-Id"]
    assert isinstance(event["ms"], float)
    assert "someone" not in str(event)


@pytest.mark.parametrize(
    ("headers", "trace_id"),
    [
        ({"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, TRACE),
        ({"X-Request-Id": "checkout-42.a_b"}, "checkout-42.a_b"),
        (
            {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "checkout-42"},
            TRACE,
        ),
    ],
)
def test_the_callers_id_is_kept(
    headers: dict[str, str], trace_id: str, client: FlaskClient
) -> None:
    """Both logs can be read together; a trace of W3C comes before an id of one's own."""
    assert client.get("/healthz", headers=headers).headers["X-Request-Id"] == trace_id


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Request-Id": ""},
        {"X-Request-Id": "x" * 65},
        {"X-Request-Id": "a b"},
        {"X-Request-Id": "<script>"},
        {"traceparent": f"ff-{TRACE}-00f067aa0ba902b7-01"},
        {"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"},
        {"traceparent": "nonsense"},
    ],
)
def test_an_id_that_is_none_is_replaced(headers: dict[str, str], client: FlaskClient) -> None:
    """Nobody writes into our log through a header."""
    trace_id = client.get("/healthz", headers=headers).headers["X-Request-Id"]

    assert re.fullmatch(r"[0-9a-f]{32}", trace_id)
    assert trace_id != "0" * 32


def test_every_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    """Two requests are told apart."""
    seen = {client.get("/healthz").headers["X-Request-Id"] for _ in range(50)}

    assert len(seen) == 50


@pytest.mark.parametrize("address", ["/healthz", "/v1/nothing", "/openapi.json", "/docs"])
def test_every_answer_is_guarded(address: str, client: FlaskClient) -> None:
    """No answer is sniffed, kept by accident, or leaks its address to another site."""
    headers = client.get(address).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


def test_a_page_allows_no_foreign_script(client: FlaskClient) -> None:
    """A page runs our own files only, and stands in nobody's frame."""
    policy = client.get("/docs").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


def test_lines_of_the_front_and_of_flask_have_one_form(
    wiring: Wiring,
    events: Callable[[], list[dict[str, object]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever reads the log need not know who answered; a fault's line has the answer's trace."""
    client = build(wiring).test_client()
    client.get("/healthz", headers={"X-Request-Id": "of-flask"})
    parent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    offer = client.get("/v1/members/m-1/offer", headers=parent)
    front = client.application.wsgi_app
    front._log.flush()  # noqa: SLF001  # rather than waiting a tenth of a second

    (of_flask,) = [event for event in events() if event["event"] == "request"]
    (of_front,) = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert set(of_flask) == set(of_front)
    assert of_front["trace_id"] == TRACE == offer.headers["X-Request-Id"]
    assert str(of_front["timestamp"]).endswith("Z")
    assert str(of_flask["timestamp"]).endswith("Z")


def test_a_fault_of_the_front_is_logged_with_its_trace_and_no_values(
    wiring: Wiring,
    events: Callable[[], list[dict[str, object]]],
    bearer: Callable[..., dict[str, str]],
) -> None:
    """The line has the id that the answer carries; variables, keys among them, are not written."""
    key = bearer(Scope.OFFERS_READ)
    with wiring.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE programme")

    answer = (
        build(wiring).test_client().get("/v1/members/member-77/offer?campaign=gold", headers=key)
    )

    (event,) = [event for event in events() if event["level"] == "error"]
    assert event["trace_id"] == answer.headers["X-Request-Id"]
    assert answer.get_json()["trace_id"] == event["trace_id"]
    assert "member-77" not in str(event)
    assert key["Authorization"].split("_", 2)[2] not in str(event)
