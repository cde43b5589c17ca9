"""Shows who read, exported or erased rows of members, and what was erased."""

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
from experiments.document import MAX_INTEGER
from experiments.privacy import auditing
from experiments.privacy.auditing import AccessAction

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("privacy", __name__, tag="Privacy")

Cursor = Annotated[
    int | None, Field(ge=1, le=MAX_INTEGER, description="`next_cursor` of the page before.")
]
Limit = Annotated[int, Field(ge=1, le=1_000, description="Entries in a page.")]


class LogQuery(BaseModel):
    """Which entries."""

    model_config = ConfigDict(extra="forbid")

    member_id: Annotated[
        str | None, Field(max_length=255, description="Only about this member, erased or not.")
    ] = None
    action: Annotated[AccessAction | None, Field(description="Only this.")] = None
    cursor: Cursor = None
    limit: Limit = 100


class PageQuery(BaseModel):
    """Which page."""

    model_config = ConfigDict(extra="forbid")

    cursor: Cursor = None
    limit: Limit = 100


class AccessShown(BaseModel):
    """One entry."""

    number: int
    at: datetime
    by: str
    action: AccessAction
    member: Annotated[
        str | None, Field(description="Keyed hash of the id; null where rows of many were seen.")
    ]
    detail: dict[str, Any]


class LogPage(BaseModel):
    """Entries, the newest first."""

    entries: list[AccessShown]
    next_cursor: Annotated[int | None, Field(description="Null on the last page.")]


class ErasureShown(BaseModel):
    """One erasure; whom it was about is not known any more."""

    number: int
    erased_at: datetime
    by: str
    reason: str | None
    rows: dict[str, int]
    phases: Annotated[list[tuple[str, int]], Field(description="Campaigns that had the member.")]
    completed_at: Annotated[
        datetime | None, Field(description="Null while an archive waits to be rewritten.")
    ]
    late_events_until: datetime | None
    late_events: Annotated[int, Field(description="Events that were discarded so far.")]


class ErasurePage(BaseModel):
    """Erasures, the newest first."""

    erasures: list[ErasureShown]
    next_cursor: Annotated[int | None, Field(description="Null on the last page.")]


@blueprint.get("/v1/privacy/log")
@operation(scope=Scope.PRIVACY_WRITE, query=LogQuery, answer=LogPage)
def read_log() -> Response:
    """Give who read, exported or erased rows of single members, and who opted out or in."""
    query = query_as(LogQuery)
    found = auditing.accesses(
        wiring().engine,
        member_id=query.member_id,
        action=query.action,
        before=query.cursor,
        limit=query.limit,
    )
    entries = [
        {
            "number": one.number,
            "at": one.at,
            "by": one.actor,
            "action": one.action,
            "member": one.digest,
            "detail": dict(one.detail),
        }
        for one in found
    ]
    cursor = found[-1].number if len(found) == query.limit else None
    return json_answer({"entries": entries, "next_cursor": cursor})


@blueprint.get("/v1/privacy/erasures")
@operation(scope=Scope.PRIVACY_WRITE, query=PageQuery, answer=ErasurePage)
def list_erasures() -> Response:
    """Give what was erased, when, by whom, and how many late events were discarded since."""
    query = query_as(PageQuery)
    found = auditing.erasures(wiring().engine, before=query.cursor, limit=query.limit)
    shown = [
        {
            "number": one.number,
            "erased_at": one.erased_at,
            "by": one.actor,
            "reason": one.reason,
            "rows": dict(one.counts),
            "phases": [list(phase) for phase in one.phases],
            "completed_at": one.completed_at,
            "late_events_until": one.suppressed_until,
            "late_events": one.late_events,
        }
        for one in found
    ]
    cursor = found[-1].number if len(found) == query.limit else None
    return json_answer({"erasures": shown, "next_cursor": cursor})
