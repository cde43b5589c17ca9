"""Lets a member opt out and in again, after it was said in words what that means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import flash, redirect, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import wiring, words
from app.console.members.place import act, blueprint
from app.console.rendering import show
from experiments.privacy import opting
from experiments.recording import known_member

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """What will happen.

    Attributes:
        opts_out: Whether the member is to opt out; else in again.
    """

    template: ClassVar[str] = "console/members/consent.html"
    title: str
    member_id: str
    opts_out: bool


@blueprint.get("/<path:member_id>/consent")
@open_to(Scope.CONSENT_WRITE)
def consent(member_id: str) -> tuple[str, int]:
    """Ask whether the member's consent is to change."""
    opts_out = known_member(wiring().engine, member_id).personalisation_consent
    say = words().say
    title = say("Opt a member out") if opts_out else say("Let a member take part again")
    return show(ConsentPage(title, member_id, opts_out))


@blueprint.post("/<path:member_id>/opt-out")
@open_to(Scope.CONSENT_WRITE)
def opt_out(member_id: str) -> Response:
    """Serve the member the default offer from now on."""
    opting.opt_out(wiring().engine, member_id, act())
    flash(words().say("The member has opted out. Offers follow within a second."), "success")
    return redirect(url_for("console.members.show_member", member_id=member_id))


@blueprint.post("/<path:member_id>/opt-in")
@open_to(Scope.CONSENT_WRITE)
def opt_in(member_id: str) -> Response:
    """Let the member take part again."""
    opting.opt_in(wiring().engine, member_id, act())
    flash(words().say("The member takes part again."), "success")
    return redirect(url_for("console.members.show_member", member_id=member_id))
