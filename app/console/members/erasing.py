"""Hands out everything that is held about a member, and takes the identity out of it for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Response, flash, redirect, request, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import formats, programme, wiring, words
from app.console.members.place import act, blueprint
from app.console.refusals import by_field
from app.console.rendering import show
from experiments.archive.place import open_place
from experiments.errors import InvalidValues
from experiments.privacy import erasing, telling
from experiments.recording import known_member

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ErasePage:
    """What will be removed and what stays, and what was typed.

    Attributes:
        late_days: For how long late events are discarded; empty for not at all.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/members/erase.html"
    title: str
    member_id: str
    typed: str
    reason: str
    late_days: str
    errors: dict[str, str]


@blueprint.post("/<path:member_id>/export")
@open_to(Scope.MEMBERS_EXPORT)
def export(member_id: str) -> AnyResponse:
    """Give everything that is held about a member as a file; it stands in the access log."""
    parts = wiring()
    place = open_place(parts.settings.archive_url) if parts.settings.archive_url else None
    pieces = telling.tell_all(parts.engine, member_id, act(), place=place)
    answer = Response(pieces, mimetype=JSON)
    answer.headers.set("Content-Disposition", "attachment", filename="member.json")
    answer.cache_control.no_store = True
    return answer


@blueprint.get("/<path:member_id>/erase")
@open_to(Scope.PRIVACY_WRITE)
def ask_erase(member_id: str) -> tuple[str, int]:
    """Say what an erasure does, and ask for the id."""
    known_member(wiring().engine, member_id)
    return show(_page(member_id, "", "", {}))


@blueprint.post("/<path:member_id>/erase")
@open_to(Scope.PRIVACY_WRITE)
def erase(member_id: str) -> tuple[str, int] | AnyResponse:
    """Erase a member whose id was typed."""
    say = words().say
    typed, reason = request.form.get("typed", ""), request.form.get("reason", "")
    if typed.strip() != member_id:
        errors = {"typed": say("This is not the id of the member. Type it as it stands above.")}
        return show(_page(member_id, typed, reason, errors), 422)
    late = erasing.suppressed_for(programme())
    try:
        erasing.erase_members(
            wiring().engine, [member_id], act(reason.strip() or None), suppress_for=late
        )
    except InvalidValues as refused:
        return show(_page(member_id, typed, reason, by_field(refused, words())), 422)
    flash(say("The member is erased. Reports keep their numbers."), "success")
    return redirect(url_for("console.members.search"))


def _page(member_id: str, typed: str, reason: str, errors: dict[str, str]) -> ErasePage:
    late = erasing.suppressed_for(programme())
    days = "" if late is None else formats().count(late.days).text
    return ErasePage(words().say("Erase a member"), member_id, typed, reason, days, errors)
