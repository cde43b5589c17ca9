"""`tierlift metrics` and `tierlift campaign new`: definitions and drafts at the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from tests.app.cli.conftest import Run

GIFTS = {
    "name": "Gift orders",
    "description": "Orders of gifts per exposed unit.",
    "kind": "mean",
    "numerator": [{"events": ["order"], "where": [{"property": "gift", "values": ["yes"]}]}],
    "unit": "count",
    "direction": "higher",
    "window": {"end_days": 30},
}


def test_a_metric_is_set_shown_listed_and_deleted(run: Run, documents: Path) -> None:
    """What `show` prints is what `set` takes, and a built-in key is refused."""
    (documents / "gifts.json").write_text(json.dumps(GIFTS), "utf-8")

    assert "version 1" in run("metrics", "set", "gift_orders", "gifts.json").stdout
    shown = run("metrics", "show", "gift_orders").stdout
    assert yaml.safe_load(shown)["window"] == {"end_days": 30, "start_days": 0}
    assert "version 1" in run("metrics", "set", "gift_orders", "-", given=shown).stdout
    listed = json.loads(run("metrics", "list", "--json").stdout)
    assert listed[-1]["key"] == "gift_orders"
    assert run("metrics", "set", "churn", "gifts.json").exit_code == 1
    assert run("metrics", "delete", "gift_orders").exit_code == 0
    gone = run("metrics", "show", "gift_orders")
    assert gone.exit_code == 1
    assert "There is no metric" in gone.stderr


def test_a_draft_of_a_template_is_what_create_takes(run: Run, documents: Path) -> None:
    """Its comments name what is to be filled in; it launches as it stands."""
    assert run("programme", "set", str(documents / "programme.yaml")).exit_code == 0

    draft = run("campaign", "new", "--template", "upgrade-gift", "--key", "gifts").stdout

    assert draft.startswith("# A proposal.")
    assert "#   variants[1].offer.gift: which gift" in draft
    assert run("campaign", "create", "-", given=draft).exit_code == 0
    launched = run("campaign", "launch", "gifts", "--allow-unseen-events")
    assert launched.exit_code == 0, launched.stderr


def test_a_draft_needs_a_programme(run: Run) -> None:
    """Its ladder and currency are what the draft is made of."""
    refused = run("campaign", "new", "--template", "upgrade-gift", "--key", "gifts")

    assert refused.exit_code == 1
    assert "programme" in refused.stderr
