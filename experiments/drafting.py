"""Keeps what is typed into the form of a campaign, step by step, until it is a campaign.

Any marketer may go on where another stopped. Two who change the same step at once do not overwrite
one another: the second is told, and decides.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.errors import DraftChanged, UnknownDraft
from experiments.form_draft import Edit, FormDraft
from experiments.store.engine import reading, writing
from experiments.store.form_drafts import (
    add_draft,
    read_draft,
    read_drafts,
    remove_draft,
    save_draft,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Engine

_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes a form, and what of it they have seen.

    Attributes:
        version: Of the form that they saw.
    """

    user_id: str
    version: int


def start_draft(
    engine: Engine,
    user_id: str,
    fields: Mapping[str, str],
    base: Mapping[str, Any],
    now: datetime,
    *,
    campaign_key: str | None = None,
) -> FormDraft:
    """Begin a form with what it proposes."""
    draft = FormDraft(
        secrets.token_hex(_ID_BYTES), user_id, now, now, fields, base, campaign_key=campaign_key
    )
    with writing(engine) as connection:
        add_draft(connection, draft)
    return draft


def find_draft(engine: Engine, draft_id: str) -> FormDraft:
    """Give a form.

    Raises:
        UnknownDraft: There is none with this id, or none any more.
    """
    with reading(engine) as connection:
        return _found(connection, draft_id)


def list_drafts(engine: Engine) -> tuple[FormDraft, ...]:
    """Give every form, the one that was changed last first."""
    with reading(engine) as connection:
        return read_drafts(connection)


def save_step(
    engine: Engine,
    draft_id: str,
    step: str,
    fields: Mapping[str, str],
    editor: Editor,
    now: datetime,
) -> FormDraft:
    """Keep what was typed in one step in place of what it had, right or wrong.

    Args:
        engine: The store.
        draft_id: Of the form.
        step: Key of the step; names of its fields begin with it and a full stop.
        fields: All of the step's fields.
        editor: Who, and what they saw.
        now: Aware UTC.

    Raises:
        UnknownDraft: There is no such form.
        DraftChanged: Somebody else changed this step since; nothing was kept.
    """
    with writing(engine) as connection:
        draft = _found(connection, draft_id, is_held=True)
        last = draft.edits.get(step)
        theirs = last is not None and last.user_id != editor.user_id
        if last is not None and theirs and last.version > editor.version:
            raise DraftChanged(draft_id, last.user_id, draft.version)
        others = {k: v for k, v in draft.fields.items() if not k.startswith(f"{step}.")}
        version = draft.version + 1
        edits = {**draft.edits, step: Edit(editor.user_id, version)}
        saved = replace(
            draft, fields={**others, **fields}, edits=edits, version=version, updated_at=now
        )
        save_draft(connection, saved)
    return saved


def tie_draft(
    engine: Engine, draft_id: str, campaign_key: str, base: Mapping[str, Any], now: datetime
) -> FormDraft:
    """Note which campaign a form became, and the document that it has now.

    Raises:
        UnknownDraft: There is no such form.
    """
    with writing(engine) as connection:
        draft = _found(connection, draft_id, is_held=True)
        tied = replace(
            draft,
            campaign_key=campaign_key,
            base=base,
            version=draft.version + 1,
            updated_at=now,
        )
        save_draft(connection, tied)
    return tied


def discard_draft(engine: Engine, draft_id: str) -> None:
    """Forget a form; the campaign that it may have become stays."""
    with writing(engine) as connection:
        remove_draft(connection, draft_id)


def _found(connection: Connection, draft_id: str, *, is_held: bool = False) -> FormDraft:
    draft = read_draft(connection, draft_id, is_held=is_held)
    if draft is None:
        raise UnknownDraft(draft_id)
    return draft
