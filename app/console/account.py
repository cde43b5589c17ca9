"""What people choose for themselves: password, language, light or dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.auth import people
from app.console.access import open_to, open_to_all, own_address
from app.console.context import LANGUAGE_COOKIE, person, signed_in, wiring, words
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
class PasswordPage:
    """The form for another password.

    Attributes:
        email: Whose password it is.
        must: Whether nothing else can be done before.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/password.html"
    title: str
    email: str
    must: bool
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
        people.check_password(here.user, request.form.get("present", ""))
    except SignInRefused:
        errors["present"] = say("This is not your present password.")
    if new != request.form.get("again", ""):
        errors["again"] = say("The two are not the same. Type the new password twice.")
    if not errors:
        try:
            people.change_password(
                engine, here.user.user_id, new, wiring().clock(), keep=here.token_hash
            )
        except InvalidValues as refused:
            errors["password"] = " ".join(
                f"{say(one.message)}. {say(one.way_out)}" for one in refused.problems
            )
    if errors:
        return show(_page(errors), 422)
    flash(say("Your password is changed. You are signed out everywhere else."), "success")
    return redirect(url_for("console.home.home"))


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
    title = words().say("Change your password")
    user = person().user
    return PasswordPage(title, user.email, user.must_change_password, errors)
