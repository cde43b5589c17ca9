"""Reports to send: files of one stored snapshot, offered in every language on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auth.roles import Role
from app.console.reports.page import ReportsPage
from app.console.results.nothing import NothingPage
from app.language import Language
from app.report import render_csv
from app.report.files import FileKind
from experiments.campaign import State
from experiments.lifecycle import set_programme
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.scorecard import scorecard_to_json
from tests.app.report.scorecards import CAST
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring
    from stats.scorecard import Scorecard

REPORTS = "/console/campaigns/gold-q3/reports"


@pytest.fixture
def stored(wiring: Wiring) -> Scorecard:
    """Keep a scorecard of the tests' campaign."""
    set_programme(wiring.engine, programme(), wiring.clock())
    scorecard = CAST["small"]().scorecard
    document = orjson.dumps(scorecard_to_json(scorecard)).decode()
    row = StoredScorecard("gold-q3", 1, scorecard.snapshot_hash, scorecard.computed_at, document)
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.RUNNING))
        keep_scorecard(connection, row)
    return scorecard


def test_every_kind_is_offered_in_every_language(
    client_of: Callable[..., FlaskClient], pages: list[Any], stored: Scorecard
) -> None:
    """A viewer finds each kind of file of the newest snapshot, in each language that it has."""
    assert client_of(Role.VIEWER).get(REPORTS).status_code == 200
    page = pages[-1]
    assert isinstance(page, ReportsPage)
    assert page.snapshot_hash == stored.snapshot_hash
    offered = {link.address for one in page.downloads for link in one.links}
    offered -= {address for address in offered if "/notebook" in address}  # a test of its own
    spoken = {
        f"{REPORTS}/{stored.snapshot_hash}.{kind}?language={language}"
        for kind in FileKind
        if kind.is_spoken
        for language in Language
    }
    assert offered == {*spoken, f"{REPORTS}/{stored.snapshot_hash}.csv"}


def test_a_file_is_of_its_snapshot_and_language(
    client_of: Callable[..., FlaskClient], stored: Scorecard
) -> None:
    """The file carries the hash, and is in the language of its address, not of the reader."""
    client = client_of(Role.VIEWER)
    html = client.get(f"{REPORTS}/{stored.snapshot_hash}.html?language=zh-Hans-CN")
    text = html.get_data(as_text=True)
    assert '<html lang="zh-Hans-CN"' in text
    assert stored.snapshot_hash in text
    name = f"{stored.campaign}-{stored.snapshot_hash[:12]}.zh-Hans-CN.html"
    assert html.headers["Content-Disposition"] == f"attachment; filename={name}"
    csv = client.get(f"{REPORTS}/{stored.snapshot_hash}.csv")
    assert csv.content_type == "text/csv; charset=utf-8"
    assert csv.get_data(as_text=True) == render_csv(stored)


def test_what_is_not_stored_is_not_found(
    client_of: Callable[..., FlaskClient], stored: Scorecard
) -> None:
    """A hash of nothing, and a form that there is not, answer 404."""
    client = client_of(Role.VIEWER)
    assert client.get(f"{REPORTS}/{'0' * 64}.html").status_code == 404
    assert client.get(f"{REPORTS}/{stored.snapshot_hash}.exe").status_code == 404


def test_a_campaign_without_results_says_what_to_do(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Before the first scorecard, the page offers to compute one."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.RUNNING))
    client_of(Role.VIEWER).get(REPORTS)
    assert isinstance(pages[-1], NothingPage)
    assert pages[-1].compute
