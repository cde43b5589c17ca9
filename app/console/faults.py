"""Shows a fault as a page: what was wrong, and what to do next; ours are logged in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from babel.lists import format_list
from flask import Response, g, request, url_for
from werkzeug.exceptions import HTTPException

from app.auth.roles import Role
from app.console.context import signed_in, wiring, words
from app.console.refusals import in_words, sentence
from app.console.rendering import show
from app.console.role_names import ROLE_NAMES
from app.errors import INTERNAL, FormExpired, PermissionMissing, explain

if TYPE_CHECKING:
    from flask import Blueprint

NOT_FOUND: Final = 404
SERVER_FAULT: Final = 500
CSRF_FIELD: Final = "csrf_token"
SECRET: Final = ("password", "secret", "token")
"""What a field's name holds whose value is never shown."""


@dataclass(frozen=True, slots=True)
class FaultPage:
    """A page in place of the one that was asked for.

    Attributes:
        title: What happened, in a few words.
        detail: What was wrong this time, and what would do.
        errors: The values that were refused: field, and what is wrong with it.
        typed: What a form held that was not taken, to copy; without what must not be shown.
        trace_id: Under which the operator finds it.
        next_label: What to do next.
        next_address: Where.
    """

    template: ClassVar[str] = "console/fault.html"
    title: str
    detail: str
    errors: tuple[tuple[str, str], ...]
    typed: tuple[tuple[str, str], ...]
    trace_id: str
    next_label: str
    next_address: str


def register(console: Blueprint) -> None:
    """Show every fault of the console's views as a page."""
    console.register_error_handler(HTTPException, show_http_fault)
    console.register_error_handler(Exception, show_fault)


def show_http_fault(error: HTTPException) -> Response | tuple[str, int]:
    """Show what the framework refused."""
    if error.code is None or error.code < 400:  # noqa: PLR2004  # a redirect is no fault
        return Response(response=error.get_response().get_data(), headers=error.get_headers())
    say = words().say
    if error.code == NOT_FOUND:
        title = say("There is nothing here")
        detail = say("The address is wrong, or what was here is gone.")
    else:
        title, detail = say("This could not be done"), error.description or ""
    return _page(title, detail, error.code)


def show_fault(error: Exception) -> tuple[str, int]:
    """Show a fault by its row in the table of `app.errors`; what has no row is hidden."""
    explanation = explain(error)
    say = words().say
    status = explanation.answer.status
    if explanation.answer is INTERNAL:
        wiring().log.error("request_failed", exc_info=error)
    elif status >= SERVER_FAULT:
        reason = str(error).split("\n", 1)[0]
        wiring().log.error("store_failed", problem=explanation.answer.name, reason=reason)
    if isinstance(error, PermissionMissing):
        return _page(
            say("You may not see this"),
            say(
                "This needs the permission {permission}, which your role {role} does not have. "
                "Roles with it: {roles}. Ask an administrator.",
                permission=error.needed,
                role=say(ROLE_NAMES[Role(error.role)]),
                roles=format_list(
                    [say(ROLE_NAMES[Role(role)]) for role in error.roles],
                    locale=words().language.locale,
                ),
            ),
            status,
        )
    title = in_words(explanation.answer.title, words())
    detail = say("Nothing was stored.") if explanation.errors else explanation.detail
    errors = tuple((one.field, sentence(one, words())) for one in explanation.errors)
    typed = _typed() if isinstance(error, FormExpired) else ()
    return _page(title.removesuffix("."), in_words(detail, words()), status, errors, typed)


def _typed() -> tuple[tuple[str, str], ...]:
    """Give what a form held, so that nothing is lost with it."""
    return tuple(
        (name, value)
        for name, value in request.form.items(multi=True)
        if value.strip() and name != CSRF_FIELD and not any(one in name for one in SECRET)
    )


def _page(
    title: str,
    detail: str,
    status: int,
    errors: tuple[tuple[str, str], ...] = (),
    typed: tuple[tuple[str, str], ...] = (),
) -> tuple[str, int]:
    say = words().say
    is_in = signed_in() is not None
    page = FaultPage(
        title,
        detail,
        errors,
        typed,
        str(g.get("trace_id", "")),
        say("Go to the home page") if is_in else say("Sign in"),
        url_for("console.home.home") if is_in else url_for("console.signin.sign_in"),
    )
    return show(page, status)
