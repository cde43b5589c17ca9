"""What people choose for themselves: password, where they are signed in, language, brightness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.auth import people
from app.auth.own_sign_ins import end_others, sign_ins_of
from app.console.access import open_to, open_to_all, own_address
from app.console.context import LANGUAGE_COOKIE, formats, person, signed_in, wiring, words
from app.console.refusals import sentence
from app.console.rendering import show
from app.console.shell import THEME_COOKIE, Theme
from app.errors import SignInRefused
from app.language import Language
from experiments.errors import InvalidValues

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

blueprint = Blueprint("account", __name__)

A_YEAR_S: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class ShownSignIn:
    """A browser in which somebody is signed in."""

    began: str
    seen: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The form for another password, and where somebody is signed in.

    Attributes:
        email: Whose password it is.
        must: Whether nothing else can be done before.
        has_one: Whether there is a password at all; none where the identity provider lets them in.
        sign_ins: Where they are signed in, the browser used last first.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/password.html"
    title: str
    email: str
    must: bool
    has_one: bool
    sign_ins: tuple[ShownSignIn, ...]
    errors: dict[str, str]


@blueprint.get("/account/password")
@open_to()
def password() -> tuple[str, int]:
    """Show the form."""
    return show(_page({}))


@blueprint.post("/account/password")
@open_to()
def change() -> tuple[str, int] | Response:
    """Change the password of whoever is signed in, and end their other sign-ins."""
    say, here, engine = words().say, person(), wiring().engine
    new = request.form.get("password", "")
    errors = {}
    try:
        people.check_password(engine, here.user, request.form.get("present", ""), wiring().clock())
    except SignInRefused as refused:
        errors["present"] = (
            say("This is not your present password.")
            if refused.until is None
            else say("Too many wrong passwords. Try again in a quarter of an hour.")
        )
    if new != request.form.get("again", ""):
        errors["again"] = say("The two are not the same. Type the new password twice.")
    if not errors:
        try:
            people.change_password(
                engine, here.user.user_id, new, wiring().clock(), keep=here.token_hash
            )
        except InvalidValues as refused:
            errors["password"] = " ".join(sentence(one, words()) for one in refused.problems)
    if errors:
        return show(_page(errors), 422)
    flash(say("Your password is changed. You are signed out everywhere else."), "success")
    return redirect(url_for("console.home.home"))


@blueprint.post("/account/sign-ins")
@open_to()
def end_sign_ins() -> Response:
    """Sign whoever asks out in every other browser."""
    ended = end_others(wiring().engine, person(), wiring().clock())
    told = words().say_many(
        "You are signed out in one other browser.", "You are signed out in {count} other browsers.",
        ended, count=formats().count(ended).text,
    )  # fmt: skip
    flash(told, "success")
    return redirect(url_for(".password"))


@blueprint.post("/account/language")
@open_to_all
def language() -> Response:
    """Keep the language that somebody chose: for the person, or else in the browser."""
    chosen = request.form.get("language", "")
    answer = _back()
    if chosen in set(Language):
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=A_YEAR_S, path="/console",
                          httponly=True, samesite="Lax", secure=request.is_secure)  # fmt: skip
        here = signed_in()
        if here is not None:
            people.choose_language(wiring().engine, here.user, chosen)
    return answer


@blueprint.post("/account/theme")
@open_to_all
def theme() -> Response:
    """Keep in the browser whether pages are light or dark."""
    chosen = request.form.get("theme", "")
    answer = _back()
    if chosen in set(Theme):
        answer.set_cookie(THEME_COOKIE, chosen, max_age=A_YEAR_S, path="/console",
                          httponly=False, samesite="Lax", secure=request.is_secure)  # fmt: skip
    return answer


def _back() -> Response:
    return redirect(own_address(request.form.get("back")) or url_for("console.home.home"))


def _page(errors: dict[str, str]) -> PasswordPage:
    here, parts = person(), wiring()
    shown = tuple(
        ShownSignIn(
            formats().moment(one.created_at).local,
            formats().moment(one.seen_at).local,
            one.token_hash == here.token_hash,
        )
        for one in sign_ins_of(parts.engine, here, parts.clock())
    )
    user = here.user
    return PasswordPage(
        words().say("Your password and sign-ins"), user.email, user.must_change_password,
        user.password_hash is not None, shown, errors,
    )  # fmt: skip
