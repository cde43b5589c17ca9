"""The page on which people sign in, and the address at which they sign out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from flask import Blueprint, redirect, request, session, url_for

from app.auth import people
from app.console.access import TOKEN, open_to_all, own_address
from app.console.context import signed_in, wiring, words
from app.console.rendering import show
from app.errors import SignInRefused

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("signin", __name__)


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form; what was typed is kept, but for the password.

    Attributes:
        email: As it was typed.
        back: Where to go afterwards.
        refused: Why nobody was signed in; empty at first.
        is_empty: Whether nobody can sign in yet, since there is no user.
    """

    template: ClassVar[str] = "console/signin.html"
    title: str
    email: str
    back: str
    refused: str
    is_empty: bool


@blueprint.get("/sign-in")
@open_to_all
def sign_in() -> tuple[str, int] | Response:
    """Show the form, or go on where somebody is signed in."""
    if signed_in() is not None:
        return redirect(own_address(request.args.get("back")) or url_for("console.home.home"))
    return show(_page("", request.args.get("back", ""), ""))


@blueprint.post("/sign-in")
@open_to_all
def check() -> tuple[str, int] | Response:
    """Sign in, or say that it was wrong."""
    email, back = request.form.get("email", ""), request.form.get("back", "")
    try:
        token = people.sign_in(
            wiring().engine, email, request.form.get("password", ""), wiring().clock()
        )
    except SignInRefused:
        # the same words whatever was wrong, so that nobody learns who is there
        why = words().say(
            "The address or the password is wrong. Too many wrong ones lock an address for a "
            "quarter of an hour."
        )
        return show(_page(email, back, why), 401)
    return begin(token, back)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """Sign out in this browser."""
    token = session.pop(TOKEN, None)
    if token:
        people.sign_out(wiring().engine, token)
    session.clear()
    return redirect(url_for("console.signin.sign_in"))


def begin(token: str, back: str | None) -> Response:
    """Put a sign-in into the place of whatever this browser had before, and go on."""
    before = session.get(TOKEN)
    if before:
        people.sign_out(wiring().engine, before)
    session.clear()  # nothing of whoever sat here before
    session[TOKEN] = token
    return redirect(own_address(back) or url_for("console.home.home"))


def _page(email: str, back: str, refused: str) -> SignInPage:
    is_empty = not people.list_users(wiring().engine)
    return SignInPage(words().say("Sign in"), email, back, refused, is_empty)
