"""What is typed into a form is kept, and nobody overwrites somebody else's step unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth.people import create_user
from app.auth.roles import Role
from experiments.drafting import (
    Editor,
    discard_draft,
    find_draft,
    list_drafts,
    save_step,
    start_draft,
    tie_draft,
)
from experiments.errors import DraftChanged, UnknownDraft

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

PASSWORD = "four words are enough"  # noqa: S105  # of somebody in a test


@pytest.fixture
def user(engine: Engine, now: datetime) -> str:
    """Give the id of somebody who fills in forms."""
    return create_user(engine, "ada@example.com", "Ada", Role.MARKETER, PASSWORD, now).user_id


def test_a_form_is_kept_step_by_step(engine: Engine, now: datetime, user: str) -> None:
    """A step's fields are replaced, those of others stay; a discarded form is gone."""
    typed = {"goal.name": "Tea", "audience.traffic": "100"}
    draft = start_draft(engine, user, typed, {"key": "tea"}, now)
    save_step(engine, draft.draft_id, "goal", {"goal.key": "tea"}, Editor(user, 1), now)
    tie_draft(engine, draft.draft_id, "tea", {"key": "tea", "name": "Tea"}, now)
    found = find_draft(engine, draft.draft_id)
    assert found.fields == {"goal.key": "tea", "audience.traffic": "100"}
    assert (found.campaign_key, found.base["name"], found.version) == ("tea", "Tea", 3)
    assert list_drafts(engine) == (found,)
    discard_draft(engine, draft.draft_id)
    with pytest.raises(UnknownDraft):
        find_draft(engine, draft.draft_id)


def test_only_the_same_step_of_somebody_else_is_a_conflict(
    engine: Engine, now: datetime, user: str
) -> None:
    """One's own tabs, and other steps, are none."""
    draft_id = start_draft(engine, user, {}, {}, now).draft_id
    save_step(engine, draft_id, "goal", {"goal.name": "Theirs"}, Editor("other", 1), now)
    save_step(engine, draft_id, "audience", {}, Editor(user, 1), now)
    save_step(engine, draft_id, "audience", {}, Editor(user, 1), now)
    with pytest.raises(DraftChanged):
        save_step(engine, draft_id, "goal", {"goal.name": "Mine"}, Editor(user, 1), now)
    assert find_draft(engine, draft_id).fields["goal.name"] == "Theirs"
