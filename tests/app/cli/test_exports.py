"""`tierlift export` says what it wrote, what would not come back, and why it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run


def test_an_export_is_told_in_words_and_json(run: Run, folder: Path) -> None:
    """Rows and speed go to standard output; an ending may be overruled by --format."""
    (folder / "m.csv").write_text("member_id,tier\nm-1,silver\nm-2,gold\n")
    assert run("import", "members", "m.csv").exit_code == 0
    done = run("export", "members", "out.csv")
    assert done.exit_code == 0
    assert done.stdout.startswith("Wrote 2 members to out.csv in ")
    assert done.stderr == ""
    as_json = run("export", "members", "out.txt", "--format", "parquet", "--json")
    summary = json.loads(as_json.stdout)
    assert (summary["rows"], summary["format"], summary["changed"]) == (2, "parquet", {})
    assert summary["columns"] == ["member_id", "personalisation_consent", "tier"]


def test_values_that_would_not_come_back_are_noted(run: Run, folder: Path) -> None:
    """A note on standard error names the column, the number of values and the reason."""
    (folder / "c.csv").write_text(
        "conversion_id,member_id,event,occurred_at,x\n"
        "c-1,m-1,order,2026-02-01T09:00:00Z,1\nc-2,m-1,order,2026-02-01T09:00:00Z,one\n"
    )
    run("import", "conversions", "c.csv")
    done = run("export", "conversions", "c.parquet")
    assert done.exit_code == 0
    assert "Column x: an import would read 1 of its values as others." in done.stderr


def test_refusals_end_with_1(run: Run, folder: Path) -> None:
    """A file that is there, and a campaign that is not, are told with the way out."""
    (folder / "out.csv").write_text("kept")
    refused = run("export", "members", "out.csv")
    assert refused.exit_code == 1
    assert "exists already" in refused.stderr
    assert "--overwrite" in refused.stderr
    assert "Nothing was written." in refused.stderr
    unknown = run("export", "exposures", "new.csv", "--campaign", "nothing")
    assert unknown.exit_code == 1
    assert "nothing" in unknown.stderr
    assert not (folder / "new.csv").exists()


def test_the_data_of_a_report_need_a_report(run: Run, folder: Path) -> None:
    """An unknown campaign leaves no file, and says so."""
    for command in ("notebook", "rows"):
        refused = run("export", command, "nothing", "out.csv")
        assert refused.exit_code == 1
        assert "nothing" in refused.stderr
    assert not (folder / "out.csv").exists()
