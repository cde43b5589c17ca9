"""How a request is read."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from app.auth import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

JSON = {"Content-Type": "application/json"}


def test_a_model_is_read_and_given_back(client: FlaskClient) -> None:
    """What is right is accepted, with moments in any offset."""
    sent = {"name": "gold", "parts": [{"key": "A", "share": 33.33}]}

    answer = client.post("/v1/probe/model", json={**sent, "starts_at": "2026-07-01T00:00:00+08:00"})

    assert answer.status_code == 200
    assert answer.get_json() == {**sent, "starts_at": "2026-07-01T00:00:00+08:00"}


def test_every_wrong_value_is_named_with_its_path(client: FlaskClient) -> None:
    """The sender finds each field, the value that came, and what would do."""
    answer = client.post(
        "/v1/probe/model",
        json={"parts": [{"key": "A"}, {"key": 7, "share": 100.01}], "colour": "red"},
    )

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["type"] == "urn:tierlift:problem:invalid-values"
    by_field = {error["field"]: error for error in body["errors"]}
    assert set(by_field) == {"name", "parts[1].key", "parts[1].share", "colour"}
    assert by_field["parts[1].key"]["value"] == 7
    assert by_field["parts[1].share"]["value"] == 100.01
    assert by_field["colour"]["way_out"]


@pytest.mark.parametrize(
    ("content_type", "named"),
    [
        (None, "came without one"),
        ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("text/plain", "text/plain"),
        ("application/yaml", "application/yaml"),
        ("application/json; charset=latin-1", "latin-1"),
    ],
)
def test_another_content_type_is_refused_by_name(
    content_type: str | None, named: str, client: FlaskClient
) -> None:
    """Whoever forgot the header, as curl does, is told which to send."""
    answer = client.post("/v1/probe/json", data=b"{}", content_type=content_type)

    assert answer.status_code == 415
    assert named in answer.get_json()["detail"]
    assert "Send application/json" in answer.get_json()["detail"]


def test_a_compressed_body_is_refused_by_name(client: FlaskClient) -> None:
    """A body that is not read is not mistaken for a malformed one."""
    answer = client.post("/v1/probe/json", data=b"{}", headers={**JSON, "Content-Encoding": "gzip"})

    assert answer.status_code == 415
    assert "Content-Encoding" in answer.get_json()["detail"]


def test_a_body_over_the_limit_is_not_read(client: FlaskClient) -> None:
    """The answer names the limit and who can raise it."""
    answer = client.post("/v1/probe/json", data=b'"' + b"x" * 100_000 + b'"', headers=JSON)

    assert answer.status_code == 413
    assert "100000 bytes" in answer.get_json()["detail"]
    assert "TIERLIFT_MAX_BODY_BYTES" in answer.get_json()["detail"]


@pytest.mark.parametrize(("length", "status"), [(99_998, 201), (100_001, 413)])
def test_a_body_without_a_length_is_never_cut(
    length: int, status: int, client: FlaskClient, writer: dict[str, str]
) -> None:
    """Half of a YAML document could be a document, so one that is too long is refused whole."""
    text = b"name: gold\n#"

    answer = client.post(
        "/v1/probe/document",
        input_stream=BytesIO(text + b"x" * (length - len(text))),
        headers={**writer, "Content-Type": "application/yaml", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "empty"),
        (b'{"a": 1,}', "line 1, column 8"),
        (b'{"a": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "d"),
    ],
)
def test_a_malformed_body_is_answered_with_its_place(
    body: bytes, part: str, client: FlaskClient
) -> None:
    """A fault in the syntax is the sender's, and is never a failure of the server."""
    answer = client.post("/v1/probe/json", data=body, headers=JSON)

    assert answer.status_code == 400
    assert answer.get_json()["type"] == "urn:tierlift:problem:malformed-body"
    assert part in answer.get_json()["detail"]


def test_a_deep_value_that_is_refused_is_still_shown(client: FlaskClient) -> None:
    """Showing what came never fails, however it is nested."""
    deep = b"[" * 250 + b"]" * 250

    answer = client.post("/v1/probe/model", data=b'{"name": ' + deep + b"}", headers=JSON)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["value"].startswith("[[[[")


@pytest.mark.parametrize(
    "media_type", ["application/yaml", "application/x-yaml", "text/yaml; charset=utf-8"]
)
def test_a_document_may_be_yaml(
    media_type: str, client: FlaskClient, writer: dict[str, str]
) -> None:
    """The same document is the same value in both forms."""
    text = "name: gold\nparts:\n  - {key: no, share: 33.33}\nstarts_at: 2026-07-01T00:00:00+08:00\n"

    answer = client.post(
        "/v1/probe/document",
        data=text.encode(),
        headers={**writer, "Content-Type": media_type},
    )

    assert answer.status_code == 201
    assert answer.get_json() == {
        "name": "gold",
        "parts": [{"key": "no", "share": 33.33}],
        "starts_at": "2026-07-01T00:00:00+08:00",
    }


def test_a_document_names_a_field_once(client: FlaskClient, writer: dict[str, str]) -> None:
    """Of two values for one field, neither is silently dropped."""
    answer = client.post(
        "/v1/probe/document", data=b'{"name": "a", "name": "b"}', headers={**writer, **JSON}
    )

    assert answer.status_code == 400
    assert "'name' twice" in answer.get_json()["detail"]


@pytest.fixture
def reader(bearer: Callable[..., dict[str, str]]) -> dict[str, str]:
    """Give the header of a key that may read offers."""
    return bearer(Scope.OFFERS_READ)


def test_a_query_is_read(client: FlaskClient, reader: dict[str, str]) -> None:
    """A member id and a query come as they were sent, percent-encoding undone."""
    answer = client.get("/v1/probe/members/m%C3%A9%F0%9F%8E%81?campaign=gold", headers=reader)

    assert answer.get_json() == {"member_id": "mé🎁", "campaign": "gold", "locale": None}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "campaign"),
        ("campaign=gold&campagne=gold", "campagne"),
        ("campaign=gold&campaign=silver", "campaign"),
    ],
)
def test_a_query_that_is_not_understood_is_refused_by_name(
    query: str, field: str, client: FlaskClient, reader: dict[str, str]
) -> None:
    """A missing, unknown or repeated parameter is named."""
    answer = client.get(f"/v1/probe/members/m1?{query}", headers=reader)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


@pytest.mark.parametrize("address", ["/v1/probe/members/m%00?campaign=x", "/healthz?x=%00"])
def test_an_address_with_a_nul_character_is_refused(address: str, client: FlaskClient) -> None:
    """No database keeps one, so none gets further than the door."""
    answer = client.get(address)

    assert answer.status_code == 422
    assert "NUL" in answer.get_json()["detail"]
