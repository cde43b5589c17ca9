"""How faults are answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.errors import ANSWERS, INTERNAL
from tests.app.api.conftest import domain_faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

STATUS = {answer.name: answer.status for answer in [*ANSWERS.values(), INTERNAL]}


@pytest.mark.parametrize("name", list(domain_faults()))
def test_a_fault_of_the_domain_is_answered_by_its_type(name: str, client: FlaskClient) -> None:
    """Every fault has the members of RFC 9457, and the id of its request."""
    answer = client.get(f"/v1/probe/faults/{name}")
    body = answer.get_json()

    assert answer.mimetype == "application/problem+json"
    assert answer.status_code == body["status"] == STATUS[name]
    assert body["type"] == f"urn:tierlift:problem:{name}"
    assert body["title"].endswith(".")
    assert body["instance"] == f"/v1/probe/faults/{name}"
    assert body["trace_id"] == answer.headers["X-Request-Id"]
    assert len(body["detail"]) > 20


def test_a_refused_value_comes_back_with_its_way_out(client: FlaskClient) -> None:
    """The sender reads field, value, message and way out."""
    body = client.get("/v1/probe/faults/launch-refused").get_json()

    assert body["errors"] == [
        {
            "field": "variants[1].key",
            "value": "A",
            "message": "stands twice",
            "way_out": "Choose another.",
        }
    ]


@pytest.mark.parametrize("name", ["database-locked", "database-missing", "query-timed-out"])
def test_a_busy_database_says_when_to_try_again(name: str, client: FlaskClient) -> None:
    """A client waits whole seconds, and is not told where the database stands."""
    answer = client.get(f"/v1/probe/faults/{name}")

    assert int(answer.headers["Retry-After"]) >= 1
    assert "db.internal" not in answer.get_data(as_text=True)


def test_a_failure_is_logged_under_the_id_that_is_answered(
    client: FlaskClient, events: Callable[[], list[dict[str, object]]]
) -> None:
    """The operator finds the traceback; the caller learns nothing of it."""
    answer = client.get("/v1/probe/faults/internal")

    assert "hunter2" not in answer.get_data(as_text=True)
    failed, request = events()
    assert failed["event"] == "request_failed"
    assert failed["trace_id"] == request["trace_id"] == answer.headers["X-Request-Id"]
    assert "hunter2" in str(failed["exception"])


def test_a_failing_database_is_logged_with_its_address(
    client: FlaskClient, events: Callable[[], list[dict[str, object]]]
) -> None:
    """What the caller is not told stands in the log."""
    client.get("/v1/probe/faults/database-missing")

    assert "db.internal" in str(events()[0]["reason"])


def test_an_unknown_address_is_a_problem(client: FlaskClient) -> None:
    """Even a mistyped address is answered as JSON that says where to look."""
    answer = client.get("/v1/nothing")

    assert answer.status_code == 404
    assert answer.get_json()["type"] == "urn:tierlift:problem:not-found"
    assert "/openapi.json" in answer.get_json()["detail"]


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    """The header Allow and the sentence agree."""
    answer = client.get("/v1/probe/json")

    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert "Use OPTIONS, POST." in answer.get_json()["detail"]


def test_a_very_long_address_is_shortened(client: FlaskClient) -> None:
    """What is echoed is bounded."""
    answer = client.get("/" + "x" * 10_000)

    assert len(answer.get_data()) < 1_000


def test_a_real_missing_database_is_answered(client: FlaskClient, wiring: Wiring) -> None:
    """A database that is gone while the server runs costs a 503, not a traceback."""
    wiring.engine.dispose()
    Path(str(wiring.engine.url.database)).unlink()

    answer = client.get(
        "/v1/probe/members/m1", headers={"X-API-Key": "tl_0123456789ab_" + "x" * 43}
    )

    assert answer.status_code == 503
    assert answer.get_json()["type"] == "urn:tierlift:problem:database-missing"
