"""Exposures and conversions come one by one or many at once, and a repeat changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from tests.app.resources.service import Service

ORDER = {
    "conversion_id": "c-1",
    "member_id": "m-1",
    "event": "order",
    "amount_minor": 1230,
    "currency": "TWD",
}
EXPOSURE = {"exposure_id": "e-1", "campaign": "gold-q3", "variant": "gift", "member_id": "m-1"}


def rows(service: Service, table: str) -> int:
    """Count the rows of a table."""
    with service.engine.connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608  # names of the tests


@pytest.mark.parametrize(("kind", "item"), [("exposures", EXPOSURE), ("conversions", ORDER)])
def test_a_repeat_is_a_success_that_changes_nothing(
    service: Service, kind: str, item: dict[str, Any]
) -> None:
    """An item without a time of its own is the same fact when it is sent again later."""
    service.launch()
    assert service.send(kind, item).get_json()["accepted"] == 1
    service.clock.forward(timedelta(hours=1))
    again = service.send(kind, item)
    assert (again.status_code, again.get_json()["duplicates"]) == (200, 1)
    assert rows(service, kind) == 1


def test_other_content_under_a_known_id_is_refused(service: Service) -> None:
    """The first fact stands; a correction needs an id of its own."""
    service.send("conversions", ORDER)
    other = service.send("conversions", {**ORDER, "amount_minor": 9})
    assert other.status_code == 422
    assert other.get_json()["errors"][0]["field"] == "conversion_id"
    assert rows(service, "quarantine") == 0


def test_of_a_list_the_good_items_are_kept_and_the_bad_ones_quarantined(service: Service) -> None:
    """Each item has its result, in order, and nothing is dropped."""
    items: list[object] = [
        ORDER,
        {**ORDER, "conversion_id": "c-2", "amount_minor": -1},
        {**ORDER, "conversion_id": "c-3", "currency": "ZZZ"},
        {**ORDER, "conversion_id": "c-4", "occurred_at": "2099-01-01T00:00:00Z"},
        {**ORDER, "conversion_id": "x" * 300},
        "not an object",
        {**ORDER, "conversion_id": "c-7"},
        ORDER,
    ]
    answer = service.send("conversions", items)
    assert answer.status_code == 207
    body = answer.get_json()
    assert (body["accepted"], body["duplicates"], body["quarantined"]) == (2, 1, 5)
    outcomes = [result["outcome"] for result in body["results"]]
    assert outcomes == ["accepted", *["quarantined"] * 5, "accepted", "duplicate"]
    fields = [result["errors"][0]["field"] for result in body["results"][1:6]]
    assert fields == ["amount_minor", "currency", "occurred_at", "conversion_id", "(item)"]
    assert all(error["way_out"] for r in body["results"] for error in r["errors"])
    assert (rows(service, "conversions"), rows(service, "quarantine")) == (2, 5)


def test_sending_bad_items_again_quarantines_them_once(service: Service) -> None:
    """A sender that retries a batch does not fill the quarantine."""
    items = [ORDER, {**ORDER, "conversion_id": "c-2", "amount_minor": -1}]
    for _ in range(3):
        assert service.send("conversions", items).get_json()["quarantined"] == 1
    assert rows(service, "quarantine") == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"campaign": "nope"}, "campaign"),
        ({"variant": "nope"}, "variant"),
        ({"member_id": None}, "member_id"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
    ],
)
def test_one_bad_exposure_is_refused_and_nothing_is_stored(
    service: Service, changes: dict[str, object], field: str
) -> None:
    """One object alone is kept or refused, with the field, the value and the way out."""
    service.launch()
    answer = service.send("exposures", {**EXPOSURE, **changes})
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["field"] == field
    assert error["value"] == changes[field]
    assert error["way_out"]
    assert rows(service, "exposures") == rows(service, "quarantine") == 0


def test_a_past_time_is_taken_from_a_server_key(service: Service) -> None:
    """History can be sent afterwards, long before the launch."""
    service.launch()
    sent = service.send("exposures", {**EXPOSURE, "occurred_at": "2011-06-01T00:00:00Z"})
    assert sent.status_code == 200
    card = service.scorecard().get_json()
    assert card["facts"]["first_exposed_at"] == "2011-06-01T00:00:00Z"


def test_the_quarantine_keeps_the_item_as_it_came(service: Service) -> None:
    """What was refused can be read, mended and sent again."""
    service.send("conversions", [{**ORDER, "currency": "會"}])
    with service.engine.connect() as connection:
        row = connection.execute(text("SELECT kind, item_id, payload FROM quarantine")).one()
    assert (row.kind, row.item_id) == ("conversion", "c-1")
    assert '"currency":"會"' in row.payload


@pytest.mark.parametrize("body", [[], 7, "text"])
def test_a_body_that_is_no_item_and_no_list_is_refused(service: Service, body: object) -> None:
    """The whole request is refused, with what would be accepted."""
    answer = service.send("conversions", body)
    assert answer.status_code == 422
    assert rows(service, "quarantine") == 0


def test_the_first_exposure_counts_however_often_it_is_sent(service: Service) -> None:
    """A member who saw the offer many times is one member."""
    service.launch()
    for i in range(5):
        service.send("exposures", {**EXPOSURE, "exposure_id": f"e-{i}"})
    row = next(v for v in service.scorecard().get_json()["variants"] if v["key"] == "gift")
    assert (row["units"], row["exposures"]) == (1, 5)
