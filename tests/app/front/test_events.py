"""What the front refuses of events: other members than the token's, and too much at once."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import orjson
import pytest
from sqlalchemy import text

from app.api import build
from app.auth import BROWSER_SCOPES, KeyKind, Scope, create_key
from app.gate import Gate
from app.settings import LogFormat, Settings
from app.wiring import wire
from tests.app.auth.signing import SECRET, claims, signed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from flask.testing import FlaskClient

    from app.wiring import Wiring

CLICK = {"conversion_id": "c-1", "member_id": "member-1", "event": "offer_click"}
"""What a page may report."""


@pytest.fixture
def parts(tmp_path: Path, sqlite_template: Path, now: datetime) -> Iterator[Wiring]:
    """Give the parts of an application that shares a secret with its business."""
    path = tmp_path / "front.db"
    shutil.copyfile(sqlite_template, path)
    settings = Settings(
        database_url=f"sqlite:///{path}",
        log_format=LogFormat.JSON,
        member_token_secret=SECRET,
        max_body_bytes=10_000,
    )
    wired = replace(wire(settings), clock=lambda: now, events_gate=Gate(10_000))
    yield wired
    wired.engine.dispose()


@pytest.fixture
def client(parts: Wiring) -> FlaskClient:
    """Give a client, without a key."""
    return build(parts).test_client()


@pytest.fixture
def page(parts: Wiring, now: datetime) -> dict[str, str]:
    """Give the headers of a page that is shown to member-1."""
    key = create_key(parts.engine, "page", BROWSER_SCOPES, now, kind=KeyKind.BROWSER)
    return {"Authorization": f"Bearer {key.text}", "X-Tierlift-Member": signed(claims(now))}


@pytest.fixture
def server(parts: Wiring, now: datetime) -> dict[str, str]:
    """Give the header of a backend."""
    key = create_key(parts.engine, "backend", [Scope.EVENTS_WRITE], now)
    return {"Authorization": f"Bearer {key.text}"}


def rows(parts: Wiring, table: str) -> int:
    """Count the rows of a table."""
    with parts.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608  # names of the tests


def test_a_page_reports_what_its_member_did(
    client: FlaskClient, parts: Wiring, page: dict[str, str]
) -> None:
    """One event, and several."""
    sent: list[object] = [CLICK, [{**CLICK, "conversion_id": "c-2"}, CLICK]]
    for body in sent:
        answer = client.post("/v1/conversions", json=body, headers=page)
        assert answer.status_code == 200, answer.text
    assert rows(parts, "conversions") == 2


@pytest.mark.parametrize(
    "body",
    [
        {**CLICK, "member_id": "member-2"},
        [CLICK, {**CLICK, "conversion_id": "c-2", "member_id": "member-2"}],
        [CLICK, {"conversion_id": "c-2", "event": "offer_click"}],
        [CLICK, {**CLICK, "member_id": ["member-1"]}],
        [CLICK, "member-1"],
    ],
)
@pytest.mark.parametrize("kind", ["exposures", "conversions"])
def test_a_page_that_speaks_of_somebody_else_is_refused_whole(
    client: FlaskClient, parts: Wiring, page: dict[str, str], kind: str, body: object
) -> None:
    """Nothing is stored, and nothing of others is left in the quarantine."""
    answer = client.post(f"/v1/{kind}", json=body, headers=page)
    assert answer.status_code == 403
    assert answer.get_json()["type"] == "urn:tierlift:problem:member-mismatch"
    assert rows(parts, kind) == rows(parts, "quarantine") == 0


def test_a_line_of_a_page_that_cannot_be_read_may_speak_of_anybody(
    client: FlaskClient, parts: Wiring, page: dict[str, str]
) -> None:
    """So it is refused like one that does."""
    body = orjson.dumps(CLICK) + b'\n{"member_id": "member-1'
    headers = {**page, "Content-Type": "application/x-ndjson"}
    assert client.post("/v1/conversions", data=body, headers=headers).status_code == 403
    assert rows(parts, "conversions") == rows(parts, "quarantine") == 0


def test_too_much_at_once_is_refused_with_when_to_come_again(
    client: FlaskClient, parts: Wiring, server: dict[str, str]
) -> None:
    """503 and Retry-After, nothing stored; what was in work goes on, and then there is room."""
    with parts.events_gate.passing(9_990):
        refused = client.post("/v1/conversions", json=CLICK, headers=server)
        other = client.get("/readyz")
    taken = client.post("/v1/conversions", json=CLICK, headers=server)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.get_json()["type"] == "urn:tierlift:problem:overloaded"
    assert other.status_code == 200
    assert taken.get_json()["accepted"] == 1
    assert parts.events_gate.inside_bytes == 0


def test_a_body_that_is_cut_off_is_refused(
    client: FlaskClient, parts: Wiring, server: dict[str, str]
) -> None:
    """The lines that came are not taken for all there were."""
    line = orjson.dumps(CLICK) + b"\n"
    answer = client.post(
        "/v1/conversions",
        input_stream=BytesIO(line),
        headers={**server, "Content-Type": "application/x-ndjson"},
        environ_overrides={"CONTENT_LENGTH": "500"},
    )
    assert answer.status_code == 400
    assert rows(parts, "conversions") == 0


def test_a_body_that_came_slowly_counts_from_its_end(
    parts: Wiring, server: dict[str, str], now: datetime
) -> None:
    """What happened while it was sent does not lie in the future."""
    times = [now, now + timedelta(minutes=5)]
    slow = replace(parts, clock=lambda: times.pop(0) if len(times) > 1 else times[0])
    at = (now + timedelta(minutes=4)).isoformat()
    body = {**CLICK, "occurred_at": at}
    answer = build(slow).test_client().post("/v1/conversions", json=body, headers=server)
    assert answer.status_code == 200, answer.text
