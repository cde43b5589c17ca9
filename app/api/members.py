"""Takes in members and shows them: what the business says, what is computed, and which wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.answers import json_answer
from app.api.context import present_key, wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from experiments.errors import MemberErased, UnknownMember
from experiments.lifecycle import Act
from experiments.member import checked_member
from experiments.privacy.auditing import AccessAction, note_access
from experiments.recording import known_member, put_member

if TYPE_CHECKING:
    from flask import Response

blueprint = APIBlueprint("members", __name__, tag="Members")


class MemberSent(BaseModel):
    """What is known of a member."""

    model_config = ConfigDict(extra="forbid", strict=True)

    attributes: Annotated[
        dict[str, JsonValue],
        Field(
            default_factory=dict,
            description="Text, numbers, booleans by name; `tier` and `household_id` among them.",
        ),
    ]
    personalisation_consent: Annotated[
        bool | None,
        Field(
            description="False for a member who opted out of personalised offers. Without it, what "
            "is known stays; a new member is taken to consent."
        ),
    ] = None


class MemberShown(BaseModel):
    """A member as rules, offers and reports read one, and what that is made of."""

    member_id: str
    attributes: Annotated[
        dict[str, JsonValue],
        Field(description="What counts: computed attributes, with the imported ones over them."),
    ]
    imported: Annotated[dict[str, JsonValue], Field(description="What the business says; it wins.")]
    computed: Annotated[
        dict[str, JsonValue],
        Field(description="What the programme's rules computed from the facts."),
    ]
    computed_by: Annotated[
        str | None, Field(description="Version of the rules; null where nothing is computed.")
    ]
    overridden: Annotated[
        list[str],
        Field(description="Computed attributes over which the business says something of its own."),
    ]
    personalisation_consent: bool


class MemberKept(BaseModel):
    """A member as kept."""

    member_id: str
    attributes: dict[str, JsonValue]
    personalisation_consent: bool


@blueprint.put("/v1/members/<path:member_id>")
@operation(
    scope=Scope.MEMBERS_WRITE,
    body=MemberSent,
    answer=MemberKept,
    problems=(MemberErased,),
    example={"attributes": {"tier": "silver", "region": "north", "household_id": "h-7"}},
)
def replace_member(member_id: str) -> Response:
    """Keep a member as given, in place of what was known.

    A member who was assigned in a running campaign keeps the variant, whatever changes here.
    """
    sent, parts = body_as(MemberSent), wiring()
    consents = sent.personalisation_consent
    member = checked_member(
        member_id, sent.attributes, personalisation_consent=consents is not False
    )
    member = put_member(
        parts.engine,
        member,
        parts.clock(),
        with_consent=consents is not None,
        source=f"key {present_key().key_id}",
    )
    return json_answer(
        {
            "member_id": member.member_id,
            "attributes": dict(member.attributes),
            "personalisation_consent": member.personalisation_consent,
        }
    )


@blueprint.get("/v1/members/<path:member_id>")
@operation(
    scope=Scope.MEMBERS_READ,
    answer=MemberShown,
    problems=(UnknownMember,),
    browsers=False,
)
def show_member(member_id: str) -> Response:
    """Give a member: what counts, what the business says, and what is computed.

    An attribute that the business says wins over a computed one of the same name.
    """
    parts = wiring()
    member = known_member(parts.engine, member_id)
    act = Act(parts.clock(), f"key {present_key().key_id}")
    note_access(parts.engine, AccessAction.READ, act, member_id=member_id)
    return json_answer(
        {
            "member_id": member.member_id,
            "attributes": dict(member.attributes),
            "imported": dict(member.imported),
            "computed": dict(member.computed),
            "computed_by": member.computed_by,
            "overridden": sorted(member.computed.keys() & member.imported.keys()),
            "personalisation_consent": member.personalisation_consent,
        }
    )
