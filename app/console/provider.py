"""The way to the identity provider and back, and the page on which one leaves it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, abort, redirect, request, session, url_for

from app.auth.identity_provider import Journey
from app.auth.provider_people import sign_in_by_provider
from app.console.access import open_to_all, own_address
from app.console.context import console, signed_in, wiring, words
from app.console.rendering import show
from app.console.signin import PROVIDED, begin, provider_name, sign_in_page
from app.errors import IdentityFault, IdentityRefused, ProviderUnavailable
from app.language import marked

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.auth.identity_provider import IdentityProvider

blueprint = Blueprint("provider", __name__)

JOURNEY: Final = "journey"
"""The name under which the session holds where somebody is on their way."""

_WHY: Final = {
    IdentityFault.EXPIRED: marked(
        "The sign-in took too long, or was begun in another browser. Begin again."
    ),
    IdentityFault.DENIED: marked("The identity provider let nobody in. Begin again."),
    IdentityFault.UNPROVEN: marked(
        "What the identity provider sent does not prove who you are, so nobody was signed in. "
        "Begin again; if that does not help, tell an administrator."
    ),
    IdentityFault.UNVERIFIED: marked(
        "The identity provider has not verified your e-mail address, so nobody was signed in. "
        "Verify it there, or ask an administrator."
    ),
    IdentityFault.UNKNOWN: marked(
        "Nobody with your e-mail address works with this console. Ask an administrator to let "
        "you in."
    ),
    IdentityFault.TAKEN: marked(
        "Your e-mail address belongs to a user who signs in with another account of the identity "
        "provider. Ask an administrator."
    ),
    IdentityFault.NO_ROLE: marked(
        "Your account at the identity provider has no role in this console. Ask an administrator."
    ),
    IdentityFault.DISABLED: marked("Your access to this console has ended. Ask an administrator."),
}


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Says that the way out leads past the identity provider.

    Attributes:
        name: What people call the provider.
        address: Where one signs out there.
    """

    template: ClassVar[str] = "console/leave.html"
    title: str
    name: str
    address: str


@blueprint.get("/sign-in/provider")
@open_to_all
def go() -> tuple[str, int] | Response:
    """Send somebody to the identity provider."""
    back = own_address(request.args.get("back")) or ""
    if signed_in() is not None:
        return redirect(back or url_for("console.home.home"))
    try:
        address, journey = _provider().begin(_way_back(), back, wiring().clock())
    except ProviderUnavailable as fault:
        return _away(fault, back)
    session[JOURNEY] = asdict(journey)
    return redirect(address)


@blueprint.get("/sign-in/provider/back")
@open_to_all
def back() -> tuple[str, int] | Response:
    """Sign in whoever comes back from there, or say why nobody was signed in."""
    provider, parts = _provider(), wiring()
    kept = session.pop(JOURNEY, None)
    journey = Journey(**kept) if isinstance(kept, dict) else None
    place = journey.back if journey is not None else ""
    try:
        identity = provider.finish(journey, request.args, _way_back(), parts.clock())
        token = sign_in_by_provider(parts.engine, identity, provider.settings, parts.clock())
    except ProviderUnavailable as fault:
        return _away(fault, place)
    except IdentityRefused as refused:
        parts.log.info("identity_refused", fault=refused.fault, reason=refused.reason)
        why = words().say(_WHY[refused.fault])
        return show(sign_in_page("", place, why), HTTPStatus.UNAUTHORIZED)
    answer = begin(token, place)
    session[PROVIDED] = True
    return answer


@blueprint.get("/sign-out/provider")
@open_to_all
def leave() -> tuple[str, int] | Response:
    """Lead whoever signed out here to where they sign out at the identity provider."""
    there = url_for("console.signin.sign_in")
    provider = console().provider
    address = None
    if signed_in() is None and provider is not None:
        address = provider.end_address(url_for("console.signin.sign_in", _external=True))
    if address is None:
        return redirect(there)
    return show(LeavePage(words().say("You are signed out here"), provider_name(), address))


def _provider() -> IdentityProvider:
    """Give the identity provider; where none is set, there is nothing at these addresses."""
    provider = console().provider
    if provider is None:
        abort(HTTPStatus.NOT_FOUND)
    return provider


def _way_back() -> str:
    return url_for("console.provider.back", _external=True)


def _away(fault: ProviderUnavailable, back: str) -> tuple[str, int]:
    wiring().log.warning("provider_unavailable", reason=fault.reason)
    why = words().say(
        "The identity provider cannot be reached at the moment. Sign in with a password, or try "
        "again in a while."
    )
    return show(sign_in_page("", back, why), HTTPStatus.SERVICE_UNAVAILABLE)
