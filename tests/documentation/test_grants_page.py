"""The page about grants names every word that an answer may have."""

from __future__ import annotations

from pathlib import Path

from app.api.grants import GrantOrdered, LeftShown
from experiments.budget import Resource
from experiments.grant import Action, GrantState, RefusalCode, Step
from experiments.granting import EVENTS, GrantOutcome

PAGE = Path(__file__).parents[2] / "docs/reference/grants.md"


def test_every_word_of_the_ledger_is_documented() -> None:
    """States, steps, codes, outcomes, events, resources and fields stand on the page."""
    page = PAGE.read_text("utf-8")
    closed = (Action, GrantState, Step, RefusalCode, GrantOutcome, Resource)
    words = [str(word) for choices in closed for word in choices]
    words += [*EVENTS.values(), *GrantOrdered.model_fields, *LeftShown.model_fields]
    assert not [word for word in words if f"`{word}`" not in page]
