"""Decision memos at the command line: listed, and written as text or as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from app.settings import Settings
from app.wiring import wire
from experiments.memo import Prose
from experiments.memo_writing import Writing, write_memo
from tests.app.console.publishing import KEY, kept

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run


def test_memos_are_listed_and_shown(run: Run, tmp_path: Path) -> None:
    """The newest by default, any other by its number, in each language."""
    assert run("memo", "list", KEY).exit_code == 1
    parts = wire(Settings(database_url=f"sqlite:///{tmp_path / 'cli.db'}"))
    scorecard = kept(parts)
    assert "has no decision memo yet" in run("memo", "list", KEY).stderr
    for number, why in enumerate(("First.", "Second.")):
        prose = Prose("Gifts work.", why, "", "Mei-Ling")
        write_memo(parts.engine, KEY, Writing(prose, number), "key shop", parts.clock())
    parts.engine.dispose()

    listed = orjson.loads(run("memo", "list", KEY, "--json").stdout)
    assert [(one["version"], one["prose"]["why"]) for one in listed] == [
        (2, "Second."),
        (1, "First."),
    ]
    assert "Mei-Ling" in run("memo", "list", KEY).stdout
    newest = run("memo", "show", KEY, "--language", "zh-Hant-TW").stdout
    assert newest.startswith("# 決策備忘錄")
    assert "Second." in newest
    assert scorecard.snapshot_hash in newest
    assert "First." in run("memo", "show", KEY, "--version", "1").stdout
    wrote = run("memo", "show", KEY, "--format", "html", "--output", "memo.html")
    assert "Wrote memo.html" in wrote.stderr
    missing = run("memo", "show", KEY, "--version", "9")
    assert missing.exit_code == 1
    assert "There is no memo '1/9'" in missing.stderr
