"""The how-to about reports cannot lie: its columns are those of the file, and its code runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from app.report.tidy import COLUMNS
from tests.app.report.scorecards import CAST, three_variants
from tests.app.report.test_csv import rows_of

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "send-a-report.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_every_column_is_documented_in_order() -> None:
    """The table of columns names those of the file, in their order, and says what each is."""
    table = TEXT.split("| column | what it is |")[1].split("\n\n")[0]
    documented = re.findall(r"^\| `(\w+)` \| \S.* \|$", table, re.MULTILINE)
    assert tuple(documented) == COLUMNS


def test_every_quantity_is_documented() -> None:
    """The quantities that occur in any report are those that the page lists for their record."""
    table = TEXT.split("| `record` | `view` | `quantity` |")[1].split("\n\n")[0]
    documented = {
        (record, view.strip("`")): set(re.findall(r"`(\w+)`", cell))
        for record, view, cell in re.findall(
            r"^\| `(\w+)` \| (\S*) ?\| (.*) \|$", table, re.MULTILINE
        )
    }
    found: dict[tuple[str, str], set[str]] = {}
    for make in CAST.values():
        for row in rows_of(make().scorecard):
            found.setdefault((row["record"], row["view"]), set()).update({row["quantity"]} - {""})
    assert found == documented


def test_the_code_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever copies the code gets the two files, and reads the lifts back."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"scorecard": three_variants()}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - the page's own code
    assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "gift" in capsys.readouterr().out
