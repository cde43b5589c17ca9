"""Gives what is held about a member, and takes the identity out of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import JSON, json_answer
from app.api.context import actor, trace_id, wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from experiments.archive.place import open_place
from experiments.errors import ArchiveError, UnknownMember
from experiments.lifecycle import Act, find_programme
from experiments.privacy import erasing, opting, telling
from experiments.privacy.auditing import handed_out

if TYPE_CHECKING:
    from experiments.archive.place import Place

blueprint = APIBlueprint("member_data", __name__, tag="Privacy")


class HeldData(BaseModel):
    """Everything that is held about a member; rows are those of the tables, as they are."""

    model_config = ConfigDict(extra="allow")

    member_id: str
    told_at: datetime
    member: Annotated[dict[str, Any] | None, Field(description="Attributes, said and computed.")]
    household_id: str | None
    household_members: Annotated[int, Field(description="Others in it; who, is not said.")]
    assignments: list[dict[str, Any]]
    exposures: list[dict[str, Any]]
    conversions: list[dict[str, Any]]
    grants: list[dict[str, Any]]
    opt_outs: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]


class ConsentChange(BaseModel):
    """One change of a member's consent."""

    opted_out: bool
    at: datetime
    source: Annotated[str, Field(description="Who told it.")]


class ConsentHistory(BaseModel):
    """The changes of a member's consent, the oldest first."""

    changes: list[ConsentChange]


class EraseOrder(BaseModel):
    """Why a member is erased."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str | None, Field(max_length=erasing.MAX_REASON, description="Kept; name nobody in it.")
    ] = None


class FileHandedOut(BaseModel):
    """A file with members in it that left this system."""

    at: datetime
    by: str
    campaign: str | None
    detail: dict[str, Any]


class ErasureAnswer(BaseModel):
    """What was erased; a second request is answered the same."""

    number: Annotated[int, Field(description="Of the erasure, in the audit.")]
    erased_at: datetime
    repeated: Annotated[bool, Field(description="Whether it was all erased before.")]
    complete: Annotated[
        bool, Field(description="False while an archive waits to be rewritten by its next run.")
    ]
    rows: Annotated[dict[str, int], Field(description="Changed or removed, by table.")]
    late_events_until: Annotated[
        datetime | None, Field(description="Until then, events that arrive late are discarded.")
    ]
    handed_out: Annotated[
        list[FileHandedOut], Field(description="Files that somebody has to ask back.")
    ]


class ReadmitAnswer(BaseModel):
    """Whether events of a member are taken again."""

    readmitted: Annotated[bool, Field(description="False where nothing was held back.")]


@blueprint.get("/v1/members/<path:member_id>/export")
@operation(scope=Scope.MEMBERS_EXPORT, answer=HeldData, problems=(UnknownMember, ArchiveError))
def export_member(member_id: str) -> Response:
    """Give everything that is held about a member: all tables, the quarantine and the archive.

    The answer is streamed. What only the archive has stands under `…_in_archive_alone`. Who asked
    is written into the access log.
    """
    parts = wiring()
    pieces = telling.tell_all(parts.engine, member_id, _act(), place=_place())
    return Response(pieces, mimetype=JSON)


@blueprint.get("/v1/members/<path:member_id>/opt-outs")
@operation(scope=Scope.MEMBERS_EXPORT, answer=ConsentHistory)
def read_consent_history(member_id: str) -> Response:
    """Give when a member opted out and in again, and who told it."""
    told = opting.history(wiring().engine, member_id)
    changes = [{"opted_out": one.opted_out, "at": one.at, "source": one.source} for one in told]
    return json_answer({"changes": changes})


@blueprint.post("/v1/members/<path:member_id>/erase")
@operation(
    scope=Scope.PRIVACY_WRITE,
    body=EraseOrder,
    answer=ErasureAnswer,
    problems=(UnknownMember,),
    example={"reason": "Asked by letter on 3 March."},
)
def erase_member(member_id: str) -> Response:
    """Take the identity out of everything that is held about a member, for good.

    Aggregates stay what they were: all rows of the member get one pseudonym that leads to nobody.
    An archive is rewritten by its next run, or by `tierlift privacy finish`. Events that arrive
    late are discarded and counted.
    """
    order, parts = body_as(EraseOrder), wiring()
    programme = find_programme(parts.engine)
    (done,) = erasing.erase_members(
        parts.engine,
        [member_id],
        _act(order.reason),
        suppress_for=erasing.suppressed_for(programme),
    )
    return json_answer(_shown(done))


@blueprint.post("/v1/members/<path:member_id>/readmit")
@operation(scope=Scope.PRIVACY_WRITE, answer=ReadmitAnswer)
def readmit_member(member_id: str) -> Response:
    """Take events of an erased member again, as those of somebody new who has the same id."""
    done = erasing.take_again(wiring().engine, member_id, _act())
    return json_answer({"readmitted": done})


def _act(reason: str | None = None) -> Act:
    return Act(wiring().clock(), actor(), reason, trace_id=trace_id())


def _place() -> Place | None:
    url = wiring().settings.archive_url
    return open_place(url) if url else None


def _shown(done: erasing.Erased) -> dict[str, object]:
    """Give the fields as `ErasureAnswer` documents them."""
    erasure = done.erasure
    files = handed_out(wiring().engine, [campaign for campaign, _ in erasure.phases])
    return {
        "number": erasure.number,
        "erased_at": erasure.erased_at,
        "repeated": done.repeated,
        "complete": done.is_complete,
        "rows": dict(erasure.counts),
        "late_events_until": erasure.suppressed_until,
        "handed_out": [
            {"at": one.at, "by": one.actor, "campaign": one.campaign, "detail": dict(one.detail)}
            for one in files
        ],
    }
