"""What was refused can be looked at, corrected, replayed and discarded, through HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from app.auth import Scope, create_key
from tests.app.resources.test_events import EXPOSURE, ORDER, rows

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

NEGATIVE = {**ORDER, "amount_minor": -1}


@pytest.fixture
def fixer(service: Service) -> dict[str, str]:
    """Give the header of a key that reads reports and works on the quarantine."""
    scopes = [Scope.REPORTS_READ, Scope.QUARANTINE_WRITE]
    key = create_key(service.engine, "fixer", scopes, service.clock())
    return {"Authorization": f"Bearer {key.text}"}


def listed(service: Service, headers: dict[str, str], **query: object) -> list[dict[str, Any]]:
    """List the quarantine."""
    answer = service.client.get("/v1/quarantine", query_string=query, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.get_json()["items"]
    return items


def post(service: Service, headers: dict[str, str], path: str, body: object) -> TestResponse:
    """Post to an address under the quarantine."""
    return service.client.post(f"/v1/quarantine/{path}", json=body, headers=headers)


def quarantined(service: Service, headers: dict[str, str], *items: object) -> list[int]:
    """Send conversions that are all refused, and give their numbers in order."""
    told = service.send("conversions", list(items)).get_json()
    assert told["quarantined"] == len(items)
    return [item["number"] for item in reversed(listed(service, headers))][-len(items) :]


def test_an_item_is_shown_as_it_came_with_every_reason(
    service: Service, fixer: dict[str, str]
) -> None:
    """Whoever corrects it sees what came, when, from whom, and what was wrong."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    item = service.client.get(f"/v1/quarantine/{number}", headers=fixer).get_json()
    assert orjson.loads(item["payload"]) == NEGATIVE
    assert (item["kind"], item["state"], item["item_id"]) == ("conversion", "open", "c-1")
    assert (item["errors"][0]["field"], item["errors"][0]["value"]) == ("amount_minor", -1)
    assert item["received_at"].startswith(service.clock().strftime("%Y-%m-%dT%H:%M:%S"))
    assert item["sender"]
    assert item["settled_at"] is None


def test_a_reader_of_reports_does_not_see_what_an_item_holds(
    service: Service, fixer: dict[str, str]
) -> None:
    """Reasons are no secret; members, amounts and ids of others are."""
    (number,) = quarantined(service, fixer, {**NEGATIVE, "member_id": "secret-member"})
    for path in ("/v1/quarantine", f"/v1/quarantine/{number}"):
        answer = service.call("GET", path, Scope.REPORTS_READ)
        assert answer.status_code == 200
        assert "amount_minor" in answer.text
        assert "secret-member" not in answer.text
        assert ": -1" not in answer.text.replace(":-1", ": -1")


def test_items_are_listed_in_pages_by_kind_and_state(
    service: Service, fixer: dict[str, str]
) -> None:
    """The newest come first, and a page says where the next one begins."""
    numbers = quarantined(
        service, fixer, *({**NEGATIVE, "conversion_id": f"c-{i}"} for i in range(5))
    )
    service.send("exposures", [{**EXPOSURE, "campaign": "nope"}])
    post(service, fixer, f"{numbers[0]}/discard", {"reason": "a test"})
    pages = []
    cursor: int | None = None
    while True:
        query = {"kind": "conversion", "state": "open", "limit": 2}
        if cursor:
            query["cursor"] = cursor
        page = service.client.get("/v1/quarantine", query_string=query, headers=fixer).get_json()
        pages.append([item["number"] for item in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [number for page in pages for number in page] == numbers[:0:-1]
    assert [item["kind"] for item in listed(service, fixer, kind="exposure")] == ["exposure"]
    assert [item["number"] for item in listed(service, fixer, state="discarded")] == numbers[:1]
    assert len(listed(service, fixer)) == 6


def test_a_corrected_item_is_recorded_once(service: Service, fixer: dict[str, str]) -> None:
    """Who corrected it and how stays on the item; a repeat is a success that changes nothing."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    for outcome in ("accepted", "duplicate"):
        answer = post(service, fixer, f"{number}/replay", {"correction": ORDER})
        assert (answer.status_code, answer.get_json()["outcome"]) == (200, outcome)
    item = service.client.get(f"/v1/quarantine/{number}", headers=fixer).get_json()
    assert item["state"] == "replayed"
    assert item["settled_by"].startswith("key ")
    assert item["settled_at"]
    assert orjson.loads(item["correction"]) == ORDER
    assert orjson.loads(item["payload"]) == NEGATIVE
    assert rows(service, "conversions") == 1


def test_an_item_that_is_refused_still_stays_open(service: Service, fixer: dict[str, str]) -> None:
    """The answer says why; nothing is stored."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    as_it_came = post(service, fixer, f"{number}/replay", {})
    worse = post(service, fixer, f"{number}/replay", {"correction": {**ORDER, "currency": "ZZZ"}})
    assert as_it_came.status_code == worse.status_code == 422
    assert as_it_came.get_json()["errors"][0]["field"] == "amount_minor"
    assert worse.get_json()["errors"][0]["field"] == "currency"
    assert listed(service, fixer)[0]["state"] == "open"
    assert rows(service, "conversions") == 0


def test_an_unreadable_line_is_replayed_with_a_correction_only(
    service: Service, fixer: dict[str, str]
) -> None:
    """What is no JSON cannot be recorded as it came, and the answer says what would do."""
    headers = {"Content-Type": "application/x-ndjson"}
    service.call("POST", "/v1/conversions", Scope.EVENTS_WRITE, data=b'{"a', headers=headers)
    (item,) = listed(service, fixer)
    assert item["payload"] == '{"a'
    refused = post(service, fixer, f"{item['number']}/replay", {})
    assert refused.status_code == 422
    assert "correction" in refused.get_json()["errors"][0]["way_out"]
    done = post(service, fixer, f"{item['number']}/replay", {"correction": ORDER})
    assert done.get_json()["outcome"] == "accepted"


def test_an_exposure_without_a_time_keeps_that_of_its_arrival(
    service: Service, fixer: dict[str, str]
) -> None:
    """It meant now when it was sent; what launched later counts it as of then."""
    arrived = service.clock()
    service.send("exposures", [{**EXPOSURE, "exposure_id": f"e-{i}"} for i in range(3)])
    service.clock.forward(timedelta(hours=5))
    service.launch()
    numbers = sorted(item["number"] for item in listed(service, fixer))
    first = post(service, fixer, f"{numbers[0]}/replay", {})
    assert first.get_json()["outcome"] == "accepted"
    told = post(service, fixer, "replay", {"kind": "exposure"}).get_json()
    assert (told["accepted"], told["duplicates"], told["quarantined"]) == (2, 0, 0)
    facts = service.scorecard().get_json()["facts"]
    assert facts["first_exposed_at"].startswith(arrived.strftime("%Y-%m-%dT%H:%M:%S"))
    assert rows(service, "exposures") == 3


def test_an_item_of_the_future_can_be_replayed_once_it_has_happened(
    service: Service, fixer: dict[str, str]
) -> None:
    """A time of its own is judged by the clock of the replay."""
    soon = (service.clock() + timedelta(hours=1)).isoformat()
    (number,) = quarantined(service, fixer, {**ORDER, "occurred_at": soon})
    assert post(service, fixer, f"{number}/replay", {}).status_code == 422
    service.clock.forward(timedelta(hours=2))
    assert post(service, fixer, f"{number}/replay", {}).get_json()["outcome"] == "accepted"


def test_a_late_item_counts_once_somebody_replays_it(
    service: Service, fixer: dict[str, str]
) -> None:
    """Lateness is a question, and the person who replays has answered it."""
    service.set_programme(accept_events_for_days=30)
    (number,) = quarantined(service, fixer, {**ORDER, "occurred_at": "2011-06-01T00:00:00Z"})
    assert post(service, fixer, f"{number}/replay", {}).get_json()["outcome"] == "accepted"


def test_all_open_items_are_replayed_page_by_page(service: Service, fixer: dict[str, str]) -> None:
    """What is refused still stays open, and the answer says where to go on."""
    future = (service.clock() + timedelta(hours=1)).isoformat()
    items = [{**ORDER, "conversion_id": f"c-{i}", "occurred_at": future} for i in range(5)]
    numbers = quarantined(service, fixer, *items[:4], NEGATIVE)
    post(service, fixer, f"{numbers[0]}/discard", {"reason": "a test"})
    service.clock.forward(timedelta(hours=2))
    seen: list[int] = []
    cursor: int | None = 0
    while cursor is not None:
        answer = post(service, fixer, "replay", {"cursor": cursor, "limit": 2})
        assert answer.status_code == 200, answer.text
        told = answer.get_json()
        seen += [one["number"] for one in told["results"]]
        cursor = told["next_cursor"]
    assert seen == numbers[1:]
    states = {item["number"]: item["state"] for item in listed(service, fixer)}
    assert [states[number] for number in numbers] == ["discarded", *["replayed"] * 3, "open"]
    assert rows(service, "conversions") == 3
    again = post(service, fixer, "replay", {}).get_json()
    assert [one["number"] for one in again["results"]] == numbers[4:]


def test_replaying_all_may_be_narrowed(service: Service, fixer: dict[str, str]) -> None:
    """By kind, by sender and by when the items came."""
    quarantined(service, fixer, NEGATIVE)
    for wish in (
        {"kind": "exposure"},
        {"sender": "somebody else"},
        {"received_before": service.clock().isoformat()},
        {"received_from": (service.clock() + timedelta(seconds=1)).isoformat()},
    ):
        assert post(service, fixer, "replay", wish).get_json()["results"] == []
    wish = {"kind": "conversion", "received_from": service.clock().isoformat()}
    assert post(service, fixer, "replay", wish).get_json()["quarantined"] == 1


def test_a_discarded_item_stays_with_its_reason(service: Service, fixer: dict[str, str]) -> None:
    """It is never replayed, neither by itself nor with all; discarding it again changes nothing."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    assert post(service, fixer, f"{number}/discard", {"reason": " "}).status_code == 422
    assert post(service, fixer, f"{number}/discard", {}).status_code == 422
    for reason in ("a test order", "another reason"):
        item = post(service, fixer, f"{number}/discard", {"reason": reason}).get_json()
        assert (item["state"], item["reason"]) == ("discarded", "a test order")
    refused = post(service, fixer, f"{number}/replay", {"correction": ORDER})
    assert (refused.status_code, refused.get_json()["type"][-8:]) == (409, "conflict")
    assert post(service, fixer, "replay", {}).get_json()["results"] == []
    assert rows(service, "conversions") == 0
    service.send("conversions", [NEGATIVE])
    assert listed(service, fixer)[0]["state"] == "discarded"


def test_what_was_replayed_is_not_discarded_or_corrected_again(
    service: Service, fixer: dict[str, str]
) -> None:
    """Its fact is there, and facts are corrected by facts."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    post(service, fixer, f"{number}/replay", {"correction": ORDER})
    discarded = post(service, fixer, f"{number}/discard", {"reason": "a test"})
    other = post(service, fixer, f"{number}/replay", {"correction": {**ORDER, "amount_minor": 5}})
    assert discarded.status_code == other.status_code == 409
    assert rows(service, "conversions") == 1


def test_an_unknown_number_is_told(service: Service, fixer: dict[str, str]) -> None:
    """However large it is."""
    for number in (7, 10**30):
        assert service.client.get(f"/v1/quarantine/{number}", headers=fixer).status_code == 404
        assert post(service, fixer, f"{number}/replay", {}).status_code == 404
        assert post(service, fixer, f"{number}/discard", {"reason": "x"}).status_code == 404


def test_working_on_the_quarantine_needs_its_scope(service: Service, fixer: dict[str, str]) -> None:
    """Reading reports is not enough."""
    (number,) = quarantined(service, fixer, NEGATIVE)
    for path in ("replay", f"{number}/replay", f"{number}/discard"):
        answer = service.call("POST", f"/v1/quarantine/{path}", Scope.REPORTS_READ, json={})
        assert answer.status_code == 403
        assert "quarantine:write" in answer.text


def test_replays_at_once_record_one_fact(service: Service, fixer: dict[str, str]) -> None:
    """Two people may press the same button, and all of them replay everything besides."""
    numbers = quarantined(
        service, fixer, *({**NEGATIVE, "conversion_id": f"c-{i}"} for i in range(4))
    )
    start = Barrier(4)
    client_of = service.client.application.test_client

    def press(_: int) -> list[int]:
        client = client_of()
        start.wait()
        statuses = []
        for i, number in enumerate(numbers):
            body = {"correction": {**ORDER, "conversion_id": f"c-{i}"}}
            answer = client.post(f"/v1/quarantine/{number}/replay", json=body, headers=fixer)
            statuses.append(answer.status_code)
        return statuses

    with ThreadPoolExecutor(4) as pool:
        pressed = list(pool.map(press, range(4)))
    assert pressed == [[200] * 4] * 4
    assert rows(service, "conversions") == 4
    with service.engine.connect() as connection:
        states = connection.scalars(text("SELECT DISTINCT state FROM quarantine")).all()
    assert states == ["replayed"]
