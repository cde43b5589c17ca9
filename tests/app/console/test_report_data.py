"""The data behind a report in the console: a notebook for readers, rows by permission."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from app.auth.roles import Role
from app.console.reports import data
from app.console.reports.page import ReportsPage
from app.exporting.notebook.bundle import Bundle
from app.exporting.notebook.sections import Form
from tests.app.console.test_reports import REPORTS
from tests.app.console.test_reports import stored as stored  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

    from stats.scorecard import Scorecard


@pytest.mark.parametrize(("role", "has_rows"), [(Role.VIEWER, False), (Role.ANALYST, True)])
def test_rows_are_offered_to_whoever_may_have_them(
    role: Role,
    has_rows: bool,  # noqa: FBT001 - a parameter of the test
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    stored: Scorecard,
) -> None:
    """Everybody who reads reports finds the notebook; rows take their permission."""
    client = client_of(role)
    client.get(REPORTS)
    page = pages[-1]
    assert isinstance(page, ReportsPage)
    addresses = {link.address for one in page.downloads for link in one.links}
    base = f"{REPORTS}/{stored.snapshot_hash}"
    assert f"{base}/notebook?language=zh-Hant-TW" in addresses
    assert (f"{base}/rows.csv" in addresses) is has_rows
    told = [one.use for one in page.downloads if one.icon == "notebook"]
    assert ("logged" in told[0]) is has_rows
    assert client.get(f"{base}/rows.csv").status_code == (404 if has_rows else 403)


def test_the_notebook_has_the_rows_that_its_reader_may_have(
    client_of: Callable[..., FlaskClient],
    stored: Scorecard,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The form follows from the role, the language from the link."""
    asked = []

    def write(_: object, order: Any, path: Path, *__: object, **___: object) -> Bundle:  # noqa: ANN401
        asked.append((order.form, order.words.language.value))
        with ZipFile(path, "w") as packed:
            packed.writestr("report.ipynb", "{}")
        return Bundle(order.campaign, stored.snapshot_hash, order.form, 0)

    monkeypatch.setattr(data, "write_bundle", write)
    for role in (Role.VIEWER, Role.ANALYST):
        address = f"{REPORTS}/{stored.snapshot_hash}/notebook?language=zh-Hans-CN"
        answer = client_of(role, role.value).get(address)
        assert ZipFile(io.BytesIO(answer.data)).namelist() == ["report.ipynb"]
    assert asked == [(Form.SUMS, "zh-Hans-CN"), (Form.ROWS, "zh-Hans-CN")]
