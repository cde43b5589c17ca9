"""Shows who changed what."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import query_as
from app.auth import Scope
from app.exporting.audit_file import entry_values
from experiments import auditing
from experiments.auditing import ActorKind, AuditQuery, SubjectKind
from experiments.document import MAX_INTEGER, Moment

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("audit", __name__, tag="Audit")


class EntriesQuery(BaseModel):
    """Which entries."""

    model_config = ConfigDict(extra="forbid")

    actor: Annotated[
        str | None, Field(max_length=255, description="Id of the user or the key who did it.")
    ] = None
    action: Annotated[str | None, Field(max_length=128, description="Only this.")] = None
    subject_kind: Annotated[SubjectKind | None, Field(description="Only of these.")] = None
    subject: Annotated[str | None, Field(max_length=255, description="Only of this key.")] = None
    since: Annotated[Moment | None, Field(description="At or after it.")] = None
    until: Annotated[Moment | None, Field(description="Before it.")] = None
    text: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Stands anywhere in it.")
    ] = None
    cursor: Annotated[
        int | None, Field(ge=1, le=MAX_INTEGER, description="`next_cursor` of the page before.")
    ] = None
    limit: Annotated[int, Field(ge=1, le=1_000, description="Entries in a page.")] = 100


class EntryShown(BaseModel):
    """One change, and who made it."""

    number: int
    at: datetime
    actor_kind: ActorKind
    actor: Annotated[str, Field(description="Id of the user or the key, or the command line's.")]
    action: str
    subject_kind: SubjectKind
    subject: Annotated[
        str, Field(description="Its key; of a member, the number of the entry in the access log.")
    ]
    before: Annotated[
        dict[str, Any] | None, Field(description="The fields that differ; null of what is new.")
    ]
    after: Annotated[
        dict[str, Any] | None, Field(description="The fields that differ; null of what is gone.")
    ]
    trace_id: Annotated[str | None, Field(description="Of the request, where one is known.")]


class EntriesPage(BaseModel):
    """Entries, the newest first."""

    entries: list[EntryShown]
    next_cursor: Annotated[int | None, Field(description="Null on the last page.")]


@blueprint.get("/v1/audit")
@operation(scope=Scope.AUDIT_READ, query=EntriesQuery, answer=EntriesPage)
def list_entries() -> Response:
    """List who changed what, the newest first, with before and after.

    Nothing can be changed or removed here. Whom an entry about a member is about is not said; the
    access log (`/v1/privacy/log`) knows, for as long as it is kept.
    """
    asked = query_as(EntriesQuery)
    wanted = AuditQuery(
        actors=None if asked.actor is None else (asked.actor,),
        action=asked.action,
        subject_kind=asked.subject_kind,
        subject=asked.subject,
        since=asked.since,
        until=asked.until,
        text=asked.text,
    )
    found = auditing.find_entries(wiring().engine, wanted, before=asked.cursor, limit=asked.limit)
    cursor = found[-1].number if len(found) == asked.limit else None
    return json_answer({"entries": [entry_values(one) for one in found], "next_cursor": cursor})
