"""Lets a person into a page: finds who asks, and refuses forms of others and missing permissions.

Every view says whom it is open to, by `open_to` or `open_to_all`; one that says nothing is open to
nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFError

from app.auth.keys import Scope
from app.auth.people import person_of
from app.auth.roles import roles_with
from app.console.context import console, signed_in, wiring
from app.errors import FormExpired, PermissionMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

P = ParamSpec("P")
T = TypeVar("T")

TOKEN: Final = "sign_in"  # noqa: S105  # the name under which the session holds it
_OPEN: Final = "open_to"
_EVERYBODY: Final = "everybody"
_SIGNED_IN: Final = "everybody who is signed in"
_OWN_PASSWORD: Final = frozenset({"console.account.password", "console.account.change"})


def open_to(scope: Scope | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Open a view to people whose role has `scope`; None opens it to everybody who is signed in."""

    def mark(view: Callable[P, T]) -> Callable[P, T]:
        setattr(view, _OPEN, scope if scope is not None else _SIGNED_IN)
        return view

    return mark


def open_to_all(view: Callable[P, T]) -> Callable[P, T]:
    """Open a view to everybody, signed in or not."""
    setattr(view, _OPEN, _EVERYBODY)
    return view


def opened_to(view: Callable[..., object]) -> str | None:
    """Say whom a view is open to: a scope, everybody, or nobody (None)."""
    return getattr(view, _OPEN, None)


def let_in() -> Response | None:
    """Find who asks; lead to the sign-in, or refuse.

    Raises:
        FormExpired: The form is not one of ours.
        PermissionMissing: The role does not have what the view needs.
    """
    view = current_app.view_functions[request.endpoint or ""]
    who = opened_to(view)
    if request.method not in {"GET", "HEAD", "OPTIONS"}:
        try:
            console().csrf.protect()
        except CSRFError as error:
            raise FormExpired from error
    token = session.get(TOKEN)
    g.person = person_of(wiring().engine, token, wiring().clock()) if token else None
    here = signed_in()
    if who == _EVERYBODY:
        return None
    if here is None:
        return _to_sign_in()
    if here.user.must_change_password and request.endpoint not in _OWN_PASSWORD:
        return redirect(url_for("console.account.password"))
    if who == _SIGNED_IN:
        return None
    needed = next((scope for scope in Scope if scope == who), None)
    if needed is None or not here.may(needed):
        raise PermissionMissing(str(who), here.role, roles_with(needed) if needed else ())
    return None


def _to_sign_in() -> Response:
    if request.headers.get("HX-Request"):
        # a part of a page cannot show the sign-in: the whole page goes there
        answer = redirect(url_for("console.signin.sign_in"))
        answer.status_code = 204
        answer.headers["HX-Redirect"] = url_for("console.signin.sign_in")
        return answer
    if request.form:
        raise FormExpired  # its page shows what was typed, which a redirect would lose
    back = request.full_path.rstrip("?") if request.method == "GET" else ""
    return redirect(url_for("console.signin.sign_in", back=back or None))


def own_address(address: str | None) -> str | None:
    """Give an address to lead back to, if it is one of the console's pages."""
    if not address or not address.startswith("/console") or "\\" in address:
        return None
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else None
