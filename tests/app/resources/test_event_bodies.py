"""Every form of a body that reports events, good and bad, through HTTP on both databases."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth import Scope
from tests.app.resources.test_events import EXPOSURE, ORDER, rows

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

LINES = "application/x-ndjson"


def post(
    service: Service,
    body: bytes,
    content_type: str = "application/json",
    *,
    kind: str = "conversions",
    encoding: str = "",
) -> TestResponse:
    """Send a body as it is."""
    headers = {"Content-Type": content_type}
    if encoding:
        headers["Content-Encoding"] = encoding
    return service.call("POST", f"/v1/{kind}", Scope.EVENTS_WRITE, data=body, headers=headers)


def orders(count: int) -> list[dict[str, Any]]:
    """Give so many different orders."""
    return [{**ORDER, "conversion_id": f"c-{number}"} for number in range(count)]


def as_lines(items: list[dict[str, Any]]) -> bytes:
    """Give one object a line."""
    return b"\n".join(map(orjson.dumps, items)) + b"\n"


@pytest.mark.parametrize("content_type", [LINES, "application/ndjson", "application/jsonl"])
@pytest.mark.parametrize("is_compressed", [False, True])
def test_lines_are_taken_like_a_list(
    service: Service,
    content_type: str,
    is_compressed: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Each line has its result, and what was sent as a list before is a duplicate."""
    service.send("conversions", orders(2))
    body = as_lines(orders(4))
    answer = post(
        service,
        gzip.compress(body, mtime=0) if is_compressed else body,
        content_type,
        encoding="gzip" if is_compressed else "",
    )
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    told = answer.get_json()
    assert (told["accepted"], told["duplicates"], told["quarantined"]) == (2, 2, 0)
    assert [one["outcome"] for one in told["results"]] == [*["duplicate"] * 2, *["accepted"] * 2]
    assert [one["id"] for one in told["results"]] == ["c-0", "c-1", "c-2", "c-3"]
    assert rows(service, "conversions") == 4


def test_exposures_come_as_lines_too(service: Service) -> None:
    """Both addresses read the same forms."""
    service.launch()
    body = as_lines([EXPOSURE, {**EXPOSURE, "exposure_id": "e-2", "variant": "nope"}])
    answer = post(service, gzip.compress(body, mtime=0), LINES, kind="exposures", encoding="gzip")
    assert answer.status_code == 207
    assert [one["outcome"] for one in answer.get_json()["results"]] == ["accepted", "quarantined"]
    assert (rows(service, "exposures"), rows(service, "quarantine")) == (1, 1)


def test_a_line_that_is_no_json_is_quarantined_with_its_number(service: Service) -> None:
    """The lines around it are kept; its text waits as it came, once however often it is sent."""
    good = as_lines(orders(2))
    body = good + b'{"conversion_id": "c-9"\n\xff\xfe\n' + as_lines(orders(3)[2:]) + b"[1]\n"
    for _ in range(2):
        answer = post(service, body, LINES)
        assert answer.status_code == 207
    told = answer.get_json()
    assert [one["index"] for one in told["results"]] == list(range(6))
    assert [one["outcome"] for one in told["results"]] == [
        *["duplicate"] * 2,
        *["quarantined"] * 2,
        "duplicate",
        "quarantined",
    ]
    fields = [one["errors"][0]["field"] for one in told["results"] if one["errors"]]
    assert fields == ["(line 3)", "(line 4)", "(item)"]
    page = service.call("GET", "/v1/quarantine", Scope.REPORTS_READ).get_json()
    assert len(page["items"]) == rows(service, "quarantine") == 3
    assert rows(service, "conversions") == 3


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "status", "part"),
    [
        (b'{"conversion_id": "\xff"}', "application/json", "", 400, "not UTF-8"),
        (b'[{"a": 1}, {"b": ]', "application/json", "", 400, "line 1, column 18"),
        (b'{"properties": ' * 3_000, "application/json", "", 400, "254 deep"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", "", 400, "254 deep"),
        (b'{"a": ' + b"[" * 300 + b"]" * 300 + b"}", "application/json", "", 400, "254 deep"),
        (b"", LINES, "", 422, "number of items"),
        (b"{}", "text/plain", "", 415, "application/x-ndjson"),
        (b"{}", "application/json; charset=utf-16", "", 415, "utf-16"),
        (b"{}", "application/json", "br", 415, "Content-Encoding"),
        (b"{}", "application/json", "gzip", 400, "not valid gzip"),
        (gzip.compress(b"{}", mtime=0)[:-4], "application/json", "gzip", 400, "cut off"),
        (gzip.compress(b"\0" * 50_000_000, mtime=0), LINES, "gzip", 413, "decompressed"),
        (b"[" + b"0," * 5_000_000 + b"0]", "application/json", "", 413, "5000000 bytes"),
        (b"[" + b"{}," * 99_999 + b"{}]", "application/json", "", 422, "100000"),
        (b"{}\n" * 100_000, LINES, "", 422, "100000"),
    ],
    ids=[
        "invalid UTF-8",
        "malformed",
        "open depths",
        "deep lists",
        "deep in an item",
        "no line",
        "text",
        "UTF-16",
        "brotli",
        "no gzip",
        "gzip cut off",
        "bomb",
        "10 MB",
        "100,000 items",
        "100,000 lines",
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_as_a_whole(  # what is tried
    service: Service, body: bytes, content_type: str, encoding: str, status: int, part: str
) -> None:
    """The answer says why and what would do, and nothing is stored or quarantined."""
    answer = post(service, body, content_type, encoding=encoding)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert part in answer.text
    assert rows(service, "conversions") == rows(service, "quarantine") == 0


@pytest.mark.parametrize(
    "body", [b"[" + b"{}," * 10_000 + b"{}]", b"{}\n" * 10_001], ids=["list", "lines"]
)
def test_a_batch_that_is_too_long_names_the_limit_and_the_way_out(
    service: Service, body: bytes
) -> None:
    """10,000 items are one transaction; whoever has more splits."""
    content_type = "application/json" if body.startswith(b"[") else LINES
    (error,) = post(service, body, content_type).get_json()["errors"]
    assert error["value"] == 10_001
    assert "1 to 10000" in error["way_out"]
    assert "split" in error["way_out"]


def test_a_nul_character_spoils_its_item_only(service: Service) -> None:
    """No database keeps one, and the items around it are not to blame."""
    items = [ORDER, {**ORDER, "conversion_id": "c-\0"}, {**ORDER, "conversion_id": "c-3"}]
    told = service.send("conversions", items).get_json()
    assert (told["accepted"], told["quarantined"]) == (2, 1)
    assert service.send("conversions", items[1]).status_code == 422


def test_one_refused_line_is_quarantined_not_answered_with_422(service: Service) -> None:
    """Who sends lines sends batches; only an object alone is refused outright."""
    answer = post(service, orjson.dumps({**ORDER, "amount_minor": -1}), LINES)
    assert answer.status_code == 207
    assert rows(service, "quarantine") == 1


def test_an_answer_of_a_thousand_items_is_whole(service: Service) -> None:
    """Each item has its place, its id and its outcome, whatever is in the id."""
    items = [{**ORDER, "conversion_id": f'"{{\\ü會{number}'} for number in range(1_000)]
    told = service.send("conversions", items).get_json()
    assert told["accepted"] == 1_000
    assert [one["id"] for one in told["results"]] == [item["conversion_id"] for item in items]
    assert [one["index"] for one in told["results"]] == list(range(1_000))


def test_late_events_are_quarantined_where_the_programme_says_so(service: Service) -> None:
    """One alone is refused, of many it waits; without the setting any time is taken."""
    late = {**ORDER, "occurred_at": "2011-06-01T00:00:00Z"}
    assert service.send("conversions", late).get_json()["accepted"] == 1
    service.set_programme(accept_events_for_days=400)
    later = {**late, "conversion_id": "c-2"}
    refused = service.send("conversions", later)
    assert refused.status_code == 422
    assert "late" in refused.get_json()["errors"][0]["message"]
    assert service.send("conversions", [later]).get_json()["quarantined"] == 1
    timely = {**ORDER, "conversion_id": "c-3", "occurred_at": service.clock().isoformat()}
    assert service.send("conversions", [timely]).get_json()["accepted"] == 1
