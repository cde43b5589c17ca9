"""`tierlift quarantine` lists what was refused, and corrects, replays and discards it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from experiments.arrival import Arrival
from experiments.recording import record_conversions
from experiments.store.engine import open_engine
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run

ORDER = {"conversion_id": "c-1", "member_id": "m-1", "event": "order"}


@pytest.fixture
def filled(run_on_each: Run, database_url: str) -> Run:
    """Run commands on a database whose quarantine has three orders, two of the future."""
    engine = open_engine(database_url)
    early = Arrival(NOW.replace(year=2020), "key-1")
    items: list[dict[str, Any]] = [
        {**ORDER, "conversion_id": "c-1", "occurred_at": NOW.isoformat()},
        {**ORDER, "conversion_id": "c-2", "occurred_at": NOW.isoformat()},
        {**ORDER, "conversion_id": "c-3", "amount_minor": -5, "currency": "TWD"},
    ]
    record_conversions(engine, items, early)
    engine.dispose()
    return run_on_each


def listed(run: Run, *words: str) -> list[dict[str, Any]]:
    """List as JSON."""
    items: list[dict[str, Any]] = json.loads(run("quarantine", "list", "--json", *words).stdout)
    return items


def number_of(run: Run, item_id: str) -> str:
    """Give the number of an open item."""
    return next(str(item["number"]) for item in listed(run) if item["item_id"] == item_id)


def test_what_waits_is_listed_with_the_first_reason(filled: Run) -> None:
    """The newest first, in words and as JSON, and a page says that there may be more."""
    table = filled("quarantine", "list").stdout
    assert "amount_minor is negative" in table
    assert "occurred_at lies in the future" in table
    items = listed(filled)
    assert [item["item_id"] for item in items] == ["c-3", "c-2", "c-1"]
    assert items[0]["payload"]["amount_minor"] == -5
    page = filled("quarantine", "list", "--limit", "2")
    assert f"--before {items[1]['number']}" in page.stderr
    rest = listed(filled, "--before", str(items[1]["number"]))
    assert [item["item_id"] for item in rest] == ["c-1"]
    assert listed(filled, "--kind", "exposure") == []


def test_an_empty_quarantine_says_so(run: Run) -> None:
    """Nothing to do is no fault."""
    done = run("quarantine", "list")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Nothing in quarantine is open." in done.stderr


def test_an_item_is_shown_corrected_and_replayed(filled: Run, folder: Path) -> None:
    """What `show` prints is what a correction starts from."""
    number = number_of(filled, "c-3")
    shown = filled("quarantine", "show", number)
    assert "is negative" in shown.stderr
    corrected = {**json.loads(shown.stdout), "amount_minor": 5}
    (folder / "fixed.json").write_text(json.dumps(corrected), "utf-8")
    done = filled("quarantine", "replay", number, "--correction", "fixed.json")
    assert (done.exit_code, done.stderr) == (0, "")
    again = filled("quarantine", "replay", number, "--correction", "fixed.json", "--json")
    assert json.loads(again.stdout)[0]["outcome"] == "duplicate"
    settled = json.loads(filled("quarantine", "show", number, "--json").stdout)
    assert settled["state"] == "replayed"
    assert settled["settled_by"].startswith("command line")
    assert settled["correction"] == corrected
    assert "replayed at" in filled("quarantine", "show", number).stderr


def test_replaying_all_tells_what_is_refused_still(filled: Run) -> None:
    """Its exit code is 3, as where an import leaves rows behind."""
    done = filled("quarantine", "replay", "--all", "--kind", "conversion")
    assert done.exit_code == 3
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["accepted", "2"],
        ["duplicate", "0"],
        ["quarantined", "1"],
        ["suppressed", "0"],
    ]
    assert "amount_minor is negative" in done.stderr
    assert [item["item_id"] for item in listed(filled)] == ["c-3"]
    assert len(listed(filled, "--state", "replayed")) == 2


def test_a_discarded_item_keeps_its_reason(filled: Run) -> None:
    """And is replayed no more."""
    number = number_of(filled, "c-3")
    done = filled("quarantine", "discard", number, "--reason", "a test order")
    assert done.stdout == f"Item {number} is discarded.\n"
    assert "a test order" in filled("quarantine", "show", number).stderr
    refused = filled("quarantine", "replay", number)
    assert refused.exit_code == 1
    assert "was discarded by command line" in refused.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["replay"], 2, "give the NUMBER of an item, or --all"),
        (["replay", "1", "--all"], 2, "give the NUMBER of an item, or --all"),
        (["replay", "1", "--kind", "exposure"], 2, "--kind goes with --all"),
        (["replay", "--all", "--correction", "-"], 2, "--correction is of one item"),
        (["replay", "99"], 1, "There is no quarantined item '99'"),
        (["show", "99"], 1, "There is no quarantined item '99'"),
        (["discard", "99", "--reason", "x"], 1, "There is no quarantined item '99'"),
        (["discard", "99", "--reason", " "], 1, "reason is missing or unusable"),
        (["discard", "1"], 2, "Missing option '--reason'"),
    ],
)
def test_what_makes_no_sense_is_refused(run: Run, words: list[str], code: int, told: str) -> None:
    """With what would do."""
    done = run("quarantine", *words)
    assert done.exit_code == code
    assert told in done.stderr
