"""`tierlift campaign` ticks the checklist and asks for approvals, as the console does."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING

import yaml

from app.cli import readying
from tests.experiments.designs import DESIGN, PROGRAMME

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.app.cli.conftest import Run

ITEM = "The gifts have arrived."


def test_a_campaign_is_made_ready(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An open item and a missing approval keep it from its launch; nobody approves their own."""
    needed = {**deepcopy(PROGRAMME), "approval_required": True}
    (folder / "programme.yaml").write_text(yaml.safe_dump(needed), "utf-8")
    (folder / "campaign.yaml").write_text(yaml.safe_dump({**DESIGN, "checklist": [ITEM]}), "utf-8")
    assert run("programme", "set", "programme.yaml").exit_code == 0
    assert run("campaign", "create", "campaign.yaml").exit_code == 0

    found = json.loads(run("campaign", "checklist", "gold-q3", "--json").stdout)
    assert found["ready"] is False
    (item,) = found["custom"]
    assert ITEM in run("campaign", "checklist", "gold-q3").stdout
    refused = run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    assert refused.exit_code == 1
    assert f"tierlift campaign tick gold-q3 {item['item']}" in refused.stderr
    assert "tierlift campaign approval ask gold-q3" in refused.stderr

    assert "ticked by" in run("campaign", "tick", "gold-q3", item["item"]).stdout
    assert "open" in run("campaign", "untick", "gold-q3", item["item"]).stdout
    run("campaign", "tick", "gold-q3", item["item"])
    assert run("campaign", "approval", "approve", "gold-q3").exit_code == 1
    assert run("campaign", "approval", "ask", "gold-q3", "--note", "Please").exit_code == 0
    assert "who made the campaign" in run("campaign", "approval", "approve", "gold-q3").stderr
    monkeypatch.setattr(readying, "actor", lambda: "command line: somebody else")
    assert run("campaign", "approval", "approve", "gold-q3").exit_code == 0
    (asked,) = json.loads(run("campaign", "approval", "list", "gold-q3", "--json").stdout)
    assert (asked["note"], asked["answer"]) == ("Please", "approved")
    assert "approved" in run("campaign", "approval", "list", "gold-q3").stdout
    assert run("campaign", "launch", "gold-q3", "--allow-unseen-events").exit_code == 0


def test_a_decision_may_be_left_open(run: Run, documents: Path) -> None:
    """One of three answers is given, and no more than one."""
    assert documents.is_dir()
    run("programme", "set", "programme.yaml")
    run("campaign", "create", "campaign.yaml")
    run("campaign", "launch", "gold-q3", "--allow-unseen-events")
    run("campaign", "stop", "gold-q3")
    words = ("campaign", "decide", "gold-q3", "--reason", "Too few members.", "--inconclusive")
    assert run(*words, "--do-not-ship").exit_code == 2
    assert run(*words).exit_code == 0
    moves = json.loads(run("campaign", "history", "gold-q3", "--json").stdout)
    assert moves[-1]["detail"]["decision"] == "inconclusive"
