"""A report is given as a file, from one stored scorecard, in the language that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth import Scope
from app.report import render_csv
from stats.scorecard import scorecard_from_json
from tests.app.resources.test_scorecards import run

if TYPE_CHECKING:
    from tests.app.resources.service import Service

REPORT = "/v1/campaigns/gold-q3/report"


def test_every_form_is_of_one_snapshot(service: Service) -> None:
    """Computed now, or the stored one of a hash: page, PDF and CSV carry the same hash."""
    run(service)
    card = service.scorecard().get_json()
    snapshot = card["snapshot_hash"]
    csv = service.call("GET", f"{REPORT}?format=csv", Scope.REPORTS_READ)
    assert csv.get_data(as_text=True) == render_csv(scorecard_from_json(card))
    page = service.call(
        "GET", f"{REPORT}?language=zh-Hant-TW&snapshot={snapshot}", Scope.REPORTS_READ
    )
    assert '<html lang="zh-Hant-TW"' in page.get_data(as_text=True)
    assert snapshot in page.get_data(as_text=True)
    pdf = service.call("GET", f"{REPORT}?format=pdf&snapshot={snapshot}", Scope.REPORTS_READ)
    assert pdf.content_type == "application/pdf"
    assert snapshot.encode() in pdf.data
    name = f"gold-q3-{snapshot[:12]}.en.pdf"
    assert pdf.headers["Content-Disposition"] == f"attachment; filename={name}"


def test_a_hash_of_nothing_is_not_found(service: Service) -> None:
    """Neither is a form that there is not accepted."""
    run(service)
    missing = service.call("GET", f"{REPORT}?snapshot={'0' * 64}", Scope.REPORTS_READ)
    assert missing.status_code == 404
    assert missing.get_json()["type"].endswith("unknown-snapshot")
    assert service.call("GET", f"{REPORT}?format=docx", Scope.REPORTS_READ).status_code == 422
