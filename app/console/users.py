"""The people of the console: made, given a role, kept out, let in again."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, flash, redirect, request, url_for

from app.auth import administering, people
from app.auth.keys import Scope
from app.auth.roles import Role
from app.console.access import open_to
from app.console.context import formats, person, wiring, words
from app.console.refusals import by_field
from app.console.rendering import show
from app.console.role_names import ROLE_NAMES
from app.errors import LastAdministrator, OwnRole, UserExists
from app.language import marked
from app.settings import provider_of
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from app.auth.administering import User

blueprint = Blueprint("users", __name__)

ROLE_PURPOSES: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.VIEWER: marked("Reads campaigns and reports."),
        Role.MARKETER: marked("Prepares campaigns, looks members up and changes their consent."),
        Role.APPROVER: marked("Reads everything a viewer does, and approves launches."),
        Role.ANALYST: marked("Writes reports, reads rows and works on the quarantine."),
        Role.ENGINEER: marked("Makes keys and webhooks, sends members and events."),
        Role.ADMIN: marked("May do everything, and lets others in."),
    }
)
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ShownUser:
    """One person.

    Attributes:
        signed_in: When they last came in; empty where never.
        is_self: Whether they are the one who looks.
        way: How they sign in.
    """

    user_id: str
    name: str
    email: str
    role: str
    signed_in: str
    is_disabled: bool
    is_locked: bool
    is_self: bool
    way: str


@dataclass(frozen=True, slots=True)
class UsersPage:
    """Everybody.

    Attributes:
        roles: Name and purpose of each.
    """

    template: ClassVar[str] = "console/users/list.html"
    title: str
    users: tuple[ShownUser, ...]
    roles: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NewUserPage:
    """The form for somebody new.

    Attributes:
        fields: As typed.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/users/new.html"
    title: str
    roles: tuple[tuple[str, str], ...]
    fields: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PasswordMadePage:
    """A password that was just made, shown this once.

    Attributes:
        password: To be handed over.
    """

    template: ClassVar[str] = "console/users/made.html"
    title: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserPage:
    """One person, and what can be done.

    Attributes:
        from_provider: Whether they are linked with an account at the identity provider.
        is_role_provided: Whether that account gives the role, at every sign-in.
        refused: Why nothing was done; empty where nothing was refused.
    """

    template: ClassVar[str] = "console/users/user.html"
    title: str
    user: ShownUser
    role: str
    roles: tuple[tuple[str, str], ...]
    made: str
    locked_until: str
    from_provider: bool
    is_role_provided: bool
    refused: str


@blueprint.get("/settings/users")
@open_to(Scope.USERS_WRITE)
def everybody() -> tuple[str, int]:
    """Show everybody."""
    say = words().say
    shown = tuple(map(_shown, people.list_users(wiring().engine)))
    roles = tuple((say(ROLE_NAMES[one]), say(ROLE_PURPOSES[one])) for one in Role)
    return show(UsersPage(say("Users"), shown, roles))


@blueprint.get("/settings/users/new")
@open_to(Scope.USERS_WRITE)
def new() -> tuple[str, int]:
    """Show the form for somebody new."""
    return show(_new_page({"email": "", "name": "", "role": str(Role.VIEWER)}))


@blueprint.post("/settings/users/new")
@open_to(Scope.USERS_WRITE)
def create() -> tuple[str, int]:
    """Make somebody, and show their password this once."""
    typed = {name: request.form.get(name, "").strip() for name in ("email", "name", "role")}
    password = administering.new_password()
    try:
        role = _role(typed["role"])
        made = people.create_user(
            wiring().engine, typed["email"], typed["name"], role, password, wiring().clock(),
            actor=_actor(),
        )  # fmt: skip
    except InvalidValues as refused:
        return show(_new_page(typed, _errors(refused)), 422)
    except UserExists:
        taken = words().say("Somebody with this address is there already.")
        return show(_new_page(typed, {"email": taken}), 422)
    return show(PasswordMadePage(words().say("The user is made"), made.email, password), 201)


@blueprint.get("/settings/users/<user_id>")
@open_to(Scope.USERS_WRITE)
def one(user_id: str) -> tuple[str, int]:
    """Show one person."""
    return show(_user_page(administering.user_called(wiring().engine, user_id)))


@blueprint.post("/settings/users/<user_id>/role")
@open_to(Scope.USERS_WRITE)
def change_role(user_id: str) -> tuple[str, int] | Response:
    """Give somebody another role."""
    engine, now = wiring().engine, wiring().clock()
    try:
        role = _role(request.form.get("role", ""))
        administering.change_role(engine, user_id, role, now, _actor())
    except (LastAdministrator, OwnRole, InvalidValues) as refused:
        return _refused(user_id, refused)
    flash(words().say("The role is changed, from the next page on."), "success")
    return redirect(url_for(".one", user_id=user_id))


@blueprint.post("/settings/users/<user_id>/disable")
@open_to(Scope.USERS_WRITE)
def disable(user_id: str) -> tuple[str, int] | Response:
    """Keep somebody out."""
    try:
        administering.disable(wiring().engine, user_id, wiring().clock(), _actor())
    except (LastAdministrator, OwnRole) as refused:
        return _refused(user_id, refused)
    flash(words().say("The user is disabled and signed out everywhere."), "success")
    return redirect(url_for(".one", user_id=user_id))


@blueprint.post("/settings/users/<user_id>/enable")
@open_to(Scope.USERS_WRITE)
def enable(user_id: str) -> Response:
    """Let somebody in again."""
    administering.enable(wiring().engine, user_id, wiring().clock(), _actor())
    flash(words().say("The user may sign in again."), "success")
    return redirect(url_for(".one", user_id=user_id))


@blueprint.post("/settings/users/<user_id>/password")
@open_to(Scope.USERS_WRITE)
def reset_password(user_id: str) -> tuple[str, int]:
    """Give somebody another password, shown this once."""
    engine = wiring().engine
    email = administering.user_called(engine, user_id).email
    password = administering.reset_password(engine, user_id, wiring().clock(), _actor())
    return show(PasswordMadePage(words().say("The password is made"), email, password))


@blueprint.post("/settings/users/<user_id>/sign-ins")
@open_to(Scope.USERS_WRITE)
def end_sign_ins(user_id: str) -> Response:
    """Sign somebody out wherever they are."""
    ended = administering.end_all_sign_ins(wiring().engine, user_id, wiring().clock(), _actor())
    told = words().say_many(
        "Signed out in one browser.", "Signed out in {count} browsers.", ended,
        count=formats().count(ended).text,
    )  # fmt: skip
    flash(told, "success")
    return redirect(url_for(".one", user_id=user_id))


@blueprint.post("/settings/users/<user_id>/unlink")
@open_to(Scope.USERS_WRITE)
def unlink(user_id: str) -> Response:
    """Take somebody apart from their account at the identity provider."""
    administering.unlink(wiring().engine, user_id, wiring().clock(), _actor())
    flash(words().say("The user is no longer linked with the identity provider."), "success")
    return redirect(url_for(".one", user_id=user_id))


def _actor() -> str:
    return f"user {person().user.user_id}"


def _role(name: str) -> Role:
    if name not in set(Role):
        problem = Problem("role", name, "is no role", "Choose one of the list.")
        raise InvalidValues([problem])
    return Role(name)


def _errors(refused: InvalidValues) -> dict[str, str]:
    return by_field(refused, words())


def _refused(user_id: str, refused: Exception) -> tuple[str, int]:
    say = words().say
    match refused:
        case LastAdministrator():
            why = say("Nobody would be left to let others in. Make another administrator first.")
        case OwnRole():
            why = say("Nobody changes their own role or disables themselves.")
        case _:
            why = say("Choose a role of the list.")
    return show(_user_page(administering.user_called(wiring().engine, user_id), why), 409)


def _new_page(fields: Mapping[str, str], errors: Mapping[str, str] = _EMPTY) -> NewUserPage:
    return NewUserPage(words().say("New user"), _choices(), fields, errors)


def _user_page(user: User, refused: str = "") -> UserPage:
    locked = user.locked_until if _is_locked(user) else None
    return UserPage(
        user.name, _shown(user), user.role, _choices(), formats().moment(user.created_at).local,
        formats().moment(locked).local if locked else "", user.provider_subject is not None,
        _is_role_provided(user), refused,
    )  # fmt: skip


def _choices() -> tuple[tuple[str, str], ...]:
    return tuple((str(one), words().say(ROLE_NAMES[one])) for one in Role)


def _shown(user: User) -> ShownUser:
    seen = user.signed_in_at
    return ShownUser(
        user_id=user.user_id,
        name=user.name,
        email=user.email,
        role=words().say(ROLE_NAMES[Role(user.role)]),
        signed_in=formats().moment(seen).local if seen else "",
        is_disabled=user.disabled_at is not None,
        is_locked=_is_locked(user),
        is_self=user.user_id == person().user.user_id,
        way=_way(user),
    )


def _way(user: User) -> str:
    say = words().say
    match user.password_hash is not None, user.provider_subject is not None:
        case True, True:
            return say("password or identity provider")
        case True, False:
            return say("password")
        case False, True:
            return say("identity provider")
        case _:
            return say("none")


def _is_role_provided(user: User) -> bool:
    provider = provider_of(wiring().settings)
    return user.provider_subject is not None and provider is not None and bool(provider.rules)


def _is_locked(user: User) -> bool:
    return user.locked_until is not None and user.locked_until > wiring().clock()
