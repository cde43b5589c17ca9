"""Keeps the forms that are being filled in, each as one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from experiments.form_draft import Edit, FormDraft
from experiments.store.tables import form_drafts

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping


def add_draft(connection: Connection, draft: FormDraft) -> None:
    """Keep a new form."""
    connection.execute(
        insert(form_drafts).values(
            draft_id=draft.draft_id,
            user_id=draft.user_id,
            created_at=draft.created_at,
            **_changing(draft),
        )
    )


def read_draft(connection: Connection, draft_id: str, *, is_held: bool = False) -> FormDraft | None:
    """Give a form, or None.

    Args:
        connection: In any transaction.
        draft_id: Of the form.
        is_held: Whether nobody may change it before a write transaction ends.
    """
    query = select(form_drafts).where(form_drafts.c.draft_id == draft_id)
    held = query.with_for_update() if is_held else query
    row = connection.execute(held).mappings().first()
    return None if row is None else _draft(row)


def read_drafts(connection: Connection) -> tuple[FormDraft, ...]:
    """Give every form, the one that was changed last first."""
    query = select(form_drafts).order_by(form_drafts.c.updated_at.desc(), form_drafts.c.draft_id)
    return tuple(_draft(row) for row in connection.execute(query).mappings())


def save_draft(connection: Connection, draft: FormDraft) -> None:
    """Write a form as it is now."""
    statement = update(form_drafts).where(form_drafts.c.draft_id == draft.draft_id)
    connection.execute(statement.values(**_changing(draft)))


def remove_draft(connection: Connection, draft_id: str) -> None:
    """Forget a form."""
    connection.execute(delete(form_drafts).where(form_drafts.c.draft_id == draft_id))


def _changing(draft: FormDraft) -> dict[str, object]:
    edits = {step: [edit.user_id, edit.version] for step, edit in draft.edits.items()}
    return {
        "campaign_key": draft.campaign_key,
        "fields": {"typed": dict(draft.fields), "base": dict(draft.base), "edits": edits},
        "version": draft.version,
        "updated_at": draft.updated_at,
    }


def _draft(row: RowMapping) -> FormDraft:
    kept = row["fields"]
    return FormDraft(
        draft_id=row["draft_id"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        fields=kept["typed"],
        base=kept["base"],
        edits={step: Edit(user, version) for step, (user, version) in kept["edits"].items()},
        campaign_key=row["campaign_key"],
        version=row["version"],
    )
