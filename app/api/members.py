"""Takes in members: what is known of them, and whether they consent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.answers import json_answer
from app.api.context import wiring
from app.api.operation import operation
from app.api.requests import body_as
from app.auth import Scope
from experiments.member import checked_member
from experiments.recording import put_member

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
        bool, Field(description="False for a member who opted out of personalised offers.")
    ] = True


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
    example={"attributes": {"tier": "silver", "region": "north", "household_id": "h-7"}},
)
def replace_member(member_id: str) -> Response:
    """Keep a member as given, in place of what was known.

    A member who was assigned in a running campaign keeps the variant, whatever changes here.
    """
    sent, parts = body_as(MemberSent), wiring()
    member = checked_member(
        member_id, sent.attributes, personalisation_consent=sent.personalisation_consent
    )
    put_member(parts.engine, member, parts.clock())
    return json_answer(
        {
            "member_id": member.member_id,
            "attributes": dict(member.attributes),
            "personalisation_consent": member.personalisation_consent,
        }
    )
