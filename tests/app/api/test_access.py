"""Who is admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth import Scope, create_key, list_keys, revoke_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

ADDRESS = "/v1/probe/members/m1?campaign=gold"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_key_is_admitted(scheme: str, client: FlaskClient, wiring: Wiring) -> None:
    """The name of the scheme has no case, as RFC 9110 says."""
    key = create_key(wiring.engine, "a shop", [Scope.OFFERS_READ], wiring.clock())

    answer = client.get(ADDRESS, headers={"Authorization": f"{scheme} {key.text}"})

    assert answer.status_code == 200


def test_a_key_in_its_own_header_is_admitted(client: FlaskClient, wiring: Wiring) -> None:
    """Clients that cannot set Authorization send X-API-Key."""
    key = create_key(wiring.engine, "a shop", [Scope.OFFERS_READ], wiring.clock())

    assert client.get(ADDRESS, headers={"X-API-Key": key.text}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer tl_0123456789ab_short"},
        {"Authorization": "Bearer tl_0123456789ab_" + "x" * 43},
        {"X-API-Key": "nonsense"},
    ],
)
def test_without_a_valid_key_the_way_in_is_named(
    headers: dict[str, str], client: FlaskClient
) -> None:
    """The answer says how to authenticate, in the header and in words, and repeats no secret."""
    answer = client.get(ADDRESS, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tierlift"'
    assert answer.get_json()["type"] == "urn:tierlift:problem:key-refused"
    assert "xxx" not in answer.get_data(as_text=True)


def test_a_key_without_the_scope_is_told_which(
    client: FlaskClient, bearer: Callable[..., dict[str, str]]
) -> None:
    """A denial names the missing permission."""
    answer = client.get(ADDRESS, headers=bearer(Scope.REPORTS_READ))

    assert answer.status_code == 403
    assert "lacks the scope offers:read; it has reports:read" in answer.get_json()["detail"]
    assert 'scope="offers:read"' in answer.headers["WWW-Authenticate"]


def test_a_revoked_key_is_refused(client: FlaskClient, wiring: Wiring) -> None:
    """Whoever left opens nothing."""
    key = create_key(wiring.engine, "a shop", [Scope.OFFERS_READ], wiring.clock())
    revoke_key(wiring.engine, key.key_id, wiring.clock())

    assert client.get(ADDRESS, headers={"X-API-Key": key.text}).status_code == 401


def test_the_key_is_checked_before_the_request(client: FlaskClient) -> None:
    """Whoever has no key learns nothing about what a request should look like."""
    assert client.post("/v1/probe/document", data=b"nonsense").status_code == 401


def test_a_request_is_logged_with_the_key_id_and_never_with_the_key(
    client: FlaskClient,
    wiring: Wiring,
    bearer: Callable[..., dict[str, str]],
    events: Callable[[], list[dict[str, object]]],
) -> None:
    """The log says who came, and a stolen log opens nothing."""
    headers = bearer(Scope.OFFERS_READ)

    client.get(ADDRESS + "&locale=secret", headers=headers)
    client.get(ADDRESS, headers={"X-API-Key": headers["Authorization"].split()[1] + "x"})

    logged = str(events())
    assert list_keys(wiring.engine)[0].key_id in logged
    assert headers["Authorization"].split("_", 2)[2] not in logged
    assert "secret" not in logged
