"""`tierlift assign` writes who gets what, remembers it, and says what it did."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run


@pytest.fixture
def launched(run: Run, documents: Path) -> Path:
    """Launch the campaign of the tests for four members, one of whom opted out; give the folder."""
    (documents / "m.csv").write_text(
        "member_id,tier,personalisation_consent\n"
        + "".join(f"m-{number},silver,true\n" for number in range(30))
        + "m-out,silver,false\n"
    )
    for words in (
        ("programme", "set", "programme.yaml"),
        ("campaign", "create", "campaign.yaml"),
        ("campaign", "launch", "gold-q3", "--allow-unseen-events"),
        ("import", "members", "m.csv"),
    ):
        done = run(*words)
        assert done.exit_code == 0, done.output
    return documents


def rows_of(path: Path) -> list[dict[str, str]]:
    """Give the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_an_assignment_is_told_in_words_and_json(run: Run, launched: Path) -> None:
    """Counts by variant and reason go to standard output; a second run remembers nothing new."""
    done = run("assign", "--campaign", "gold-q3", "--out", "mail.csv")
    assert done.exit_code == 0, done.output
    assert "of 31 members to mail.csv in" in done.stdout
    assert "opted out" in done.stdout
    assert "30 assignments are new and remembered." in done.stdout
    again = run("assign", "--campaign", "gold-q3", "--out", "all.parquet", "--all", "--json")
    told = json.loads(again.stdout)
    assert (told["members"], told["written"], told["remembered"]) == (31, 31, 0)
    assert told["reasons"] == {"opted_out": 1}
    assert (told["format"], told["channel"], told["dry_run"]) == ("parquet", "email", False)
    rows = rows_of(launched / "mail.csv")
    assert len(rows) == told["variants"]["gift"]
    assert {row["variant"] for row in rows} == {"gift"}


def test_a_rehearsal_remembers_nothing(run: Run, launched: Path) -> None:
    """Its file is the same as the one of the run that follows, and a note warns of sending it."""
    rehearsed = run("assign", "--campaign", "gold-q3", "--out", "1.csv", "--dry-run")
    assert rehearsed.exit_code == 0
    assert "do not send" in rehearsed.stderr
    real = run("assign", "--campaign", "gold-q3", "--out", "2.csv")
    assert "30 assignments are new" in real.stdout
    assert (launched / "1.csv").read_bytes() == (launched / "2.csv").read_bytes()


def test_a_file_of_members_is_assigned_instead(run: Run, launched: Path) -> None:
    """A base that is kept elsewhere needs no import; the control stands there when asked."""
    (launched / "base.csv").write_text("member_id,tier\nx-1,gold\nx-2,gold\nm-out,gold\n")
    words = ("assign", "--campaign", "gold-q3", "--out", "o.csv", "--channel", "push")
    done = run(*words, "--members", "base.csv", "--include-control")
    assert done.exit_code == 0, done.output
    rows = rows_of(launched / "o.csv")
    assert [row["member_id"] for row in rows] == ["x-1", "x-2"]
    assert {row["channel"] for row in rows} == {"push"}


def test_refusals_end_with_1_and_leave_no_file(run: Run, launched: Path) -> None:
    """A campaign that is paused, one that is not there, a file that is: told with the way out."""
    unknown = run("assign", "--campaign", "silver", "--out", "o.csv")
    assert unknown.exit_code == 1
    assert "gold-q3" in unknown.stderr
    (launched / "there.csv").write_text("kept")
    there = run("assign", "--campaign", "gold-q3", "--out", "there.csv")
    assert there.exit_code == 1
    assert "--overwrite" in there.stderr
    assert (launched / "there.csv").read_text() == "kept"
    run("campaign", "pause", "gold-q3")
    paused = run("assign", "--campaign", "gold-q3", "--out", "o.csv")
    assert paused.exit_code == 1
    assert "assigns nobody now: paused" in paused.stderr
    assert not (launched / "o.csv").exists()
    assert not list(launched.glob(".*"))


def test_an_export_stands_in_the_history(run: Run, launched: Path) -> None:
    """Who took members out is told beside what was done to the campaign."""
    assert launched.is_dir()
    run("assign", "--campaign", "gold-q3", "--out", "o.csv")
    done = run("campaign", "history", "gold-q3")
    assert done.exit_code == 0
    assert "assign" in done.stdout
