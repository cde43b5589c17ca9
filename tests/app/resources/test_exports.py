"""The data behind a report: who gets rows, what is logged, and when an export is refused."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pyarrow.parquet as pq
import pytest

from app.auth import Scope, create_key
from experiments.auditing import AuditQuery, find_entries
from tests.app.resources.test_scorecards import order, run

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

NOTEBOOK, ROWS = "/v1/campaigns/gold-q3/notebook", "/v1/campaigns/gold-q3/rows"


@pytest.fixture
def measured(service: Service) -> dict[str, Any]:
    """Give the scorecard of a campaign that is over."""
    run(service)
    card: dict[str, Any] = service.scorecard().get_json()
    service.clock.forward(timedelta(hours=1))
    return card


def _as_analyst(service: Service, path: str, **query: str) -> TestResponse:
    scopes = [Scope.REPORTS_READ, Scope.ROWS_READ]
    key = create_key(service.engine, "analyst", scopes, service.clock()).text
    return service.client.get(path, headers={"X-API-Key": key}, query_string=query)


def _files(answer: TestResponse) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    with ZipFile(io.BytesIO(answer.data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def _logged(service: Service) -> list[dict[str, Any]]:
    entries = find_entries(service.engine, AuditQuery(subject_kind="export"), limit=10)
    return [dict(one.change.after or {}) for one in entries]


def test_a_notebook_has_the_rows_that_its_reader_may_have(
    service: Service, measured: dict[str, Any]
) -> None:
    """Without the permission it holds sums alone, and asking for rows is refused."""
    sums = _files(service.call("GET", NOTEBOOK, Scope.REPORTS_READ))
    assert "data/sums.json" in sums
    assert "data/units.csv" not in sums
    assert _logged(service) == []
    refused = service.call("GET", NOTEBOOK, Scope.REPORTS_READ, query_string={"data": "rows"})
    assert refused.status_code == 403
    assert "rows:read" in refused.get_json()["detail"]

    rows = _files(_as_analyst(service, NOTEBOOK, language="zh-Hant-TW"))
    assert json.loads(rows["scorecard.json"])["snapshot_hash"] == measured["snapshot_hash"]
    lines = list(csv.DictReader(io.StringIO(rows["data/units.csv"].decode())))
    assert len(lines) == sum(one["units"] for one in measured["variants"])
    spend = sum(int(one["spend_per_member.value"]) for one in lines)
    assert spend == sum(one["numerator_total"] for one in measured["metrics"][1]["variants"])
    assert not {f"m-{i}" for i in range(80)} & {one["unit"] for one in lines}
    (entry,) = _logged(service)
    assert (entry["campaign"], entry["rows"]) == ("gold-q3", 80)
    assert entry["snapshot"] == measured["snapshot_hash"]


def test_rows_take_their_permission_and_are_logged(
    service: Service, measured: dict[str, Any]
) -> None:
    """One row a member, as CSV or Parquet; nobody gets them without the permission."""
    assert service.call("GET", ROWS, Scope.REPORTS_READ).status_code == 403
    answer = _as_analyst(service, ROWS, snapshot=measured["snapshot_hash"][:12])
    assert answer.content_type == "text/csv; charset=utf-8"
    assert len(list(csv.reader(io.StringIO(answer.get_data(as_text=True))))) == 81
    parquet = _as_analyst(service, ROWS, format="parquet")
    assert pq.read_table(io.BytesIO(parquet.data)).num_rows == 80
    assert [one["rows"] for one in _logged(service)] == [80, 80]
    assert f"{measured['snapshot_hash'][:12]}-rows.csv" in answer.headers["Content-Disposition"]


def test_facts_that_came_late_are_a_reason_to_refuse(
    service: Service, measured: dict[str, Any]
) -> None:
    """The rows of an old snapshot are not those of today; a new scorecard has them."""
    at = (service.clock() - timedelta(days=8)).isoformat()
    service.send("conversions", {**order("m-1", 1), "occurred_at": at})
    refused = _as_analyst(service, ROWS)
    assert refused.status_code == 409
    assert refused.get_json()["type"].endswith("snapshot-outdated")
    assert _logged(service) == []
    newer = service.scorecard().get_json()["snapshot_hash"]
    assert newer != measured["snapshot_hash"]
    assert _as_analyst(service, ROWS, snapshot=newer).status_code == 200


def test_what_was_never_computed_is_not_found(service: Service) -> None:
    """Before the first scorecard, and by a hash of nothing."""
    run(service)
    assert _as_analyst(service, ROWS).status_code == 404
    service.scorecard()
    assert _as_analyst(service, NOTEBOOK, snapshot="0" * 64).status_code == 404
