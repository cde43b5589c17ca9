"""Writes decision memos, and gives every version of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field

from app.api.answers import json_answer
from app.api.context import actor, wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from experiments.errors import MemoChanged, UnknownCampaign
from experiments.memo import LONGEST_OWNER, LONGEST_TEXT, Prose
from experiments.memo_writing import Writing, memos_of, write_memo

if TYPE_CHECKING:
    from flask import Response

    from experiments.memo import Decided, Memo

blueprint = APIBlueprint("memos", __name__, tag="Reports")

_Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
_EXAMPLE = {
    "learned": "Members who felt the privileges climb more often.",
    "why": "The margin of one more purchase a month pays the trial within a quarter.",
    "next_steps": "Repeat it for bronze members in December.",
    "owner": "Mei-Ling Chen",
    "based_on": 0,
}


class MemoSent(BaseModel):
    """What people write; numbers, design and deviations come from the snapshot."""

    model_config = ConfigDict(extra="forbid")

    learned: Annotated[_Text, Field(description="What was learned.")]
    why: Annotated[_Text, Field(description="Why it was, or should be, decided so.")]
    next_steps: Annotated[_Text, Field(description="What comes next.")] = ""
    owner: Annotated[str, Field(max_length=LONGEST_OWNER, description="Who answers for it.")]
    based_on: Annotated[
        int, Field(ge=0, strict=True, description="The newest version that was seen; 0 for none.")
    ]
    snapshot_hash: Annotated[
        str | None,
        Field(
            max_length=128,
            description="Of the stored scorecard that it is about; by default the one that the "
            "decision was made by, or else the newest.",
        ),
    ] = None


class DecidedShown(BaseModel):
    """What was decided on the campaign when the version was written."""

    decision: str
    treatment: str | None
    reason: str
    rule_verdict: str | None
    against_rule: bool | None
    by: str
    at: datetime


class MemoShown(BaseModel):
    """One version of a memo; it never changes."""

    phase: int
    version: int
    snapshot_hash: Annotated[str, Field(description="Names the scorecard with its numbers.")]
    hypothesis: str
    learned: str
    why: str
    next_steps: str
    owner: str
    decided: DecidedShown | None
    author: str
    written_at: datetime


class MemosShown(BaseModel):
    """Every version: of the latest phase first, the newest first in it."""

    memos: list[MemoShown]


@blueprint.get("/v1/campaigns/<key>/memos")
@operation(scope=Scope.REPORTS_READ, answer=MemosShown, problems=(UnknownCampaign,))
def list_memos(key: str) -> Response:
    """Give every version of a campaign's decision memos, the newest first."""
    found = memos_of(wiring().engine, key)
    return json_answer({"memos": [_values(one) for one in found]})


@blueprint.post("/v1/campaigns/<key>/memos")
@operation(
    scope=Scope.REPORTS_WRITE,
    body=MemoSent,
    answer=MemoShown,
    status=201,
    problems=(UnknownCampaign, MemoChanged),
    example=_EXAMPLE,
)
def add_memo(key: str) -> Response:
    """Keep the next version of a campaign's decision memo.

    A version never changes. Where somebody else wrote one since the one that `based_on` names,
    nothing is kept: read theirs, and send again.
    """
    sent, parts = body_as(MemoSent), wiring()
    prose = Prose(sent.learned, sent.why, sent.next_steps, sent.owner)
    wanted = Writing(prose, sent.based_on, sent.snapshot_hash)
    return json_answer(_values(write_memo(parts.engine, key, wanted, actor(), parts.clock())), 201)


def _values(memo: Memo) -> dict[str, object]:
    prose = memo.prose
    return {
        "phase": memo.phase,
        "version": memo.version,
        "snapshot_hash": memo.snapshot_hash,
        "hypothesis": memo.subject.hypothesis,
        "learned": prose.learned,
        "why": prose.why,
        "next_steps": prose.next_steps,
        "owner": prose.owner,
        "decided": None if memo.decided is None else _decided(memo.decided),
        "author": memo.author,
        "written_at": memo.written_at,
    }


def _decided(decided: Decided) -> dict[str, object]:
    return {
        "decision": decided.choice,
        "treatment": decided.treatment,
        "reason": decided.reason,
        "rule_verdict": decided.rule_verdict,
        "against_rule": decided.against_rule,
        "by": decided.by,
        "at": decided.at,
    }
