"""A member's id is taken from the address as it stands there, whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from app.auth import Scope

if TYPE_CHECKING:
    from tests.app.resources.service import Service


@pytest.mark.parametrize("member_id", ["a//b", "/a", "a/", "a\nb", "a\n", "會員/1", "a%2Fb"])
def test_the_id_of_the_address_is_kept(service: Service, member_id: str) -> None:
    """Two slashes are not one: a redirect to one would name another member."""
    address = f"/v1/members/{quote(member_id)}"

    kept = service.call("PUT", address, Scope.MEMBERS_WRITE, json={"attributes": {"tier": "gold"}})

    assert (kept.status_code, kept.get_json().get("member_id")) in {(200, member_id), (422, None)}
    if kept.status_code == 422:
        assert kept.get_json()["errors"][0]["field"] == "member_id"


def test_a_query_beyond_ascii_is_refused(service: Service) -> None:
    """Bytes that are not percent-encoded have no certain meaning; they are no fault of ours."""
    refused = service.client.get(
        "/v1/quarantine",
        query_string="",
        headers={"Authorization": f"Bearer {service.keys[Scope.REPORTS_READ]}"},
        environ_overrides={"QUERY_STRING": "sender=\x80\xff"},
    )

    assert refused.status_code == 422
    assert "percent-encoded" in refused.get_json()["detail"]


@pytest.mark.parametrize("cursor", [2**63, 10**30])
def test_a_cursor_beyond_64_bits_is_refused(service: Service, cursor: int) -> None:
    """No database could compare it."""
    listed = service.call(
        "GET", "/v1/quarantine", Scope.REPORTS_READ, query_string={"cursor": cursor}
    )
    replayed = service.call(
        "POST", "/v1/quarantine/replay", Scope.QUARANTINE_WRITE, json={"cursor": cursor}
    )

    for refused in (listed, replayed):
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("moment", [20260701, 0.5, "1780000000", "nan", True])
def test_a_number_is_no_moment(service: Service, moment: object) -> None:
    """A day written as a number would be a day in 1970."""
    body = {"received_from": moment}
    refused = service.call("POST", "/v1/quarantine/replay", Scope.QUARANTINE_WRITE, json=body)

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "received_from"
