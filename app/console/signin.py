"""The page on which people sign in, and the address at which they sign out."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, redirect, request, session, url_for

from app.auth import people
from app.console.access import TOKEN, open_to_all, own_address
from app.console.context import console, signed_in, wiring, words
from app.console.rendering import show
from app.errors import SignInRefused
from app.front.outside import sender_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("signin", __name__)

PROVIDED: Final = "provided"
"""The name under which the session holds that somebody signed in at the identity provider."""


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form; what was typed is kept, but for the password.

    Attributes:
        email: As it was typed.
        back: Where to go afterwards.
        refused: Why nobody was signed in; empty at first.
        is_empty: Whether nobody can sign in yet, since there is no user.
        provider: What people call the identity provider that they may sign in with; empty where
            there is none.
    """

    template: ClassVar[str] = "console/signin.html"
    title: str
    email: str
    back: str
    refused: str
    is_empty: bool
    provider: str


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> tuple[str, int] | Response:
    """Show the form, or go on where somebody is signed in."""
    if signed_in() is not None:
        return redirect(own_address(request.args.get("back")) or url_for("console.home.home"))
    return show(sign_in_page("", request.args.get("back", ""), ""))


@blueprint.post("/sign-in")
@open_to_all
def check() -> tuple[str, int] | Response:
    """Sign in, or say that it was wrong."""
    email, back, parts = request.form.get("email", ""), request.form.get("back", ""), wiring()
    sender, now = sender_of(request.remote_addr, parts.settings), parts.clock()
    if console().wrong_passwords.are_too_many(sender, now):
        why = words().say(
            "Too many wrong passwords came from your network. Try again in a quarter of an hour."
        )
        return show(sign_in_page(email, back, why), HTTPStatus.TOO_MANY_REQUESTS)
    try:
        token = people.sign_in(parts.engine, email, request.form.get("password", ""), now)
    except SignInRefused:
        console().wrong_passwords.count(sender, now)
        # the same words whatever was wrong, so that nobody learns who is there
        why = words().say(
            "The address or the password is wrong. Too many wrong ones lock an address for a "
            "quarter of an hour."
        )
        return show(sign_in_page(email, back, why), HTTPStatus.UNAUTHORIZED)
    return begin(token, back)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """Sign out in this browser, and lead on to the provider where somebody came from there."""
    token, is_provided = session.pop(TOKEN, None), bool(session.get(PROVIDED))
    if token:
        people.sign_out(wiring().engine, token)
    session.clear()
    if is_provided:
        return redirect(url_for("console.provider.leave"))
    return redirect(url_for("console.signin.sign_in"))


def begin(token: str, back: str | None) -> Response:
    """Put a sign-in into the place of whatever this browser had before, and go on."""
    before = session.get(TOKEN)
    if before:
        people.sign_out(wiring().engine, before)
    session.clear()  # nothing of whoever sat here before
    session[TOKEN] = token
    return redirect(own_address(back) or url_for("console.home.home"))


def sign_in_page(email: str, back: str, refused: str) -> SignInPage:
    """Give the form."""
    is_empty = not people.list_users(wiring().engine)
    return SignInPage(words().say("Sign in"), email, back, refused, is_empty, provider_name())


def provider_name() -> str:
    """Give what people call the identity provider; empty where there is none."""
    provider = console().provider
    if provider is None:
        return ""
    return provider.settings.name or words().say("identity provider")
