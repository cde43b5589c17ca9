"""`tierlift import` tells what became of a file, in words and in JSON, and by its exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run

MEMBERS = "member_id,tier\nm-1,silver\nm-2,gold\n"
EXPOSURES = """\
exposure_id,campaign,variant,member_id,exposed_at,channel
e-1,gold-q3,control,m-1,2026-02-01T09:00:00,web
e-2,gold-q3,gift,m-2,2026-02-01T09:00:00,web
"""


def test_a_clean_file_is_told_and_ends_with_0(run_on_each: Run, documents: Path) -> None:
    """Rows, accepted, duplicates, quarantined; the zone of times; columns that are not kept."""
    run = run_on_each
    (documents / "members.csv").write_text(MEMBERS)
    (documents / "exposures.csv").write_text(EXPOSURES)
    for words in (
        ["programme", "set", "programme.yaml"],
        ["campaign", "create", "campaign.yaml"],
        ["campaign", "launch", "gold-q3", "--allow-unseen-events"],
        ["import", "members", "members.csv"],
    ):
        assert run(*words).exit_code == 0
    done = run("import", "exposures", "exposures.csv")
    assert done.exit_code == 0
    told = done.stdout.splitlines()
    assert told[0].startswith("Read 2 rows of exposures.csv in ")
    assert [line.split() for line in told[1:4]] == [
        ["accepted", "2"], ["duplicates", "0"], ["quarantined", "0"],
    ]  # fmt: skip
    assert "2 times had no offset from UTC; they were read in Asia/Taipei." in told
    assert "Not kept: the columns channel." in told
    again = run("import", "exposures", "exposures.csv", "--json")
    assert again.exit_code == 0
    summary = json.loads(again.stdout)
    assert (summary["accepted"], summary["duplicates"], summary["quarantined"]) == (0, 2, 0)
    assert summary["ignored_columns"] == ["channel"]
    assert summary["quarantine_file"] is None


def test_quarantined_rows_end_with_3(run: Run, folder: Path) -> None:
    """The rest is kept, and the summary says where the refused rows are."""
    (folder / "members.csv").write_text(MEMBERS + "m-3\n")
    done = run("import", "members", "members.csv")
    assert done.exit_code == 3
    assert "in members.csv.quarantine.csv" in done.stdout
    assert "Correct members.csv.quarantine.csv and import it" in done.stderr
    as_json = run("import", "members", "members.csv", "--json", "--quarantine", "bad.csv")
    assert as_json.exit_code == 3
    assert json.loads(as_json.stdout)["quarantine_file"] == "bad.csv"
    assert (folder / "bad.csv").is_file()


def test_names_delimiter_and_zone_can_be_told(run: Run, documents: Path) -> None:
    """A file from elsewhere is read as it is."""
    for words in (["programme", "set", "programme.yaml"], ["campaign", "create", "campaign.yaml"],
                  ["campaign", "launch", "gold-q3", "--allow-unseen-events"]):  # fmt: skip
        run(*words)
    (documents / "mail.tsv").write_text(
        "id\tcampaign\tgroup\tcustomer\tsent at\ns-1\tgold-q3\tgift\tm-1\t2026-07-01 09:00\n"
    )
    done = run(
        "import", "exposures", "mail.tsv", "--delimiter", "tab", "--map", "id=exposure_id",
        "--map", "group=variant", "--map", "customer=member_id", "--map", "sent at=exposed_at",
        "--time-zone", "Europe/London", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["time_zone"] == "Europe/London"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["absent.csv"], 2, "'absent.csv' does not exist"),
        (["."], 2, "is a directory"),
        (["members.csv", "--map", "member_id"], 2, "'member_id' is not THEIRS=OURS"),
        (["members.csv", "--map", "a=b", "--map", "a=c"], 2, "'a' is mapped twice"),
        (["members.csv", "--delimiter", "ab"], 2, "'ab' is not one character"),
        (["members.csv", "--time-zone", "UTC"], 2, "No such option '--time-zone'"),
        (["members.csv", "--map", "nr=member_id"], 1, "a column 'nr' that the file does not have"),
        (["members.csv", "--map", "member_id=id"], 1, "lack member_id"),
        (["members.csv", "--quarantine", "members.csv"], 1, "is the file that is imported"),
        (["empty.csv"], 1, "is empty"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_anything(
    run: Run, folder: Path, words: list[str], code: int, told: str
) -> None:
    """A fault of the call ends with 2, one of the file with 1; nothing is stored or written."""
    (folder / "members.csv").write_text(MEMBERS)
    (folder / "empty.csv").write_text("")
    done = run("import", "members", *words)
    assert done.exit_code == code
    assert told in " ".join(done.stderr.split())
    assert done.stdout == ""
    assert sorted(path.name for path in folder.iterdir()) == ["empty.csv", "members.csv"]


def test_a_zone_that_does_not_exist_is_refused(run: Run, folder: Path) -> None:
    """The error says what a zone looks like."""
    (folder / "exposures.csv").write_text(EXPOSURES)
    done = run("import", "exposures", "exposures.csv", "--time-zone", "Mars")
    assert done.exit_code == 2
    assert "'Mars' is not a time zone, such as Asia/Taipei" in " ".join(done.stderr.split())


def test_a_file_that_may_not_be_read_is_told(run: Run, folder: Path) -> None:
    """Without permission the error names the file."""
    path = folder / "members.csv"
    path.write_text(MEMBERS)
    path.chmod(0)
    try:
        path.read_text()
    except PermissionError:
        done = run("import", "members", "members.csv")
        assert done.exit_code in {1, 2}
        assert "members.csv" in done.stderr
    else:
        pytest.skip("this user may read everything")
