"""POST /v1/campaigns/{key}/assignments answers the list of all members as a file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow.parquet
import pytest

from app.auth import Scope

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

KEY = "gold-q3"


@pytest.fixture
def filled(service: Service) -> Service:
    """Give the service with a running campaign and some members."""
    service.launch()
    for number in range(12):
        assert service.put_member(f"m-{number}", tier="silver").status_code < 300
    return service


def assign(service: Service, accept: str = "*/*", **body: Any) -> TestResponse:  # noqa: ANN401  # fields of a body
    """Ask for the list."""
    path = f"/{KEY}/assignments"
    return service.campaign("POST", path, json=body, headers={"Accept": accept})


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    """Give the rows of a CSV answer."""
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_the_list_is_csv_unless_parquet_is_asked_for(filled: Service) -> None:
    """The header Accept chooses; the length is said, so that a cut answer is noticed."""
    answer = assign(filled, who="assigned")
    assert answer.mimetype == "text/csv"
    assert answer.content_length == len(answer.data)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={KEY}.csv"
    assert len(rows_of(answer)) == 12
    parquet = assign(filled, "application/vnd.apache.parquet", who="assigned", channel="sms")
    assert parquet.mimetype == "application/vnd.apache.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(parquet.data))
    assert set(table["channel"].to_pylist()) == {"sms"}
    by_member = dict(
        zip(*(table[name].to_pylist() for name in ("member_id", "variant")), strict=True)
    )
    assert by_member == {row["member_id"]: row["variant"] for row in rows_of(answer)}


def test_a_listed_member_is_offered_the_same(filled: Service) -> None:
    """What the list shows is remembered: the offer is the same, whatever the member becomes."""
    listed = {row["member_id"]: row["variant"] for row in rows_of(assign(filled, who="assigned"))}
    for member_id, variant in listed.items():
        offer = filled.offer(member_id)
        assert (offer["variant"], offer["remembered"]) == (variant, True)


def test_a_rehearsal_remembers_nothing(filled: Service) -> None:
    """The next offer is a first one."""
    rows = rows_of(assign(filled, dry_run=True, who="everyone"))
    assert {row["reason"] for row in rows} == {"assigned"}
    assert filled.offer("m-1")["remembered"] is False


def test_refusals_are_problems(filled: Service) -> None:
    """A mistyped field, an unknown campaign, a paused one, a key without the scope."""
    assert assign(filled, chanel="email").status_code == 422
    missing = filled.campaign("POST", "/silver/assignments", json={})
    assert missing.status_code == 404
    denied = filled.call("POST", f"/v1/campaigns/{KEY}/assignments", Scope.OFFERS_READ, json={})
    assert denied.status_code == 403
    filled.campaign("POST", f"/{KEY}/pause")
    paused = assign(filled)
    assert paused.status_code == 409
    assert paused.get_json()["type"] == "urn:tierlift:problem:nobody-assigned"
    everyone = rows_of(assign(filled, who="everyone"))
    assert {row["reason"] for row in everyone} == {"paused"}
