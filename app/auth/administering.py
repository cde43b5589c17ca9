"""Changes what others may do: their role, their password, whether they come in at all.

Somebody who can let others in always stays: the last administrator who can sign in keeps the role.
Nobody changes their own. Each change stands in the audit log, and is in force at the next request.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.auth.people import known_user, replace_password
from app.auth.roles import Role
from app.errors import LastAdministrator, OwnRole, UnknownUser
from experiments.store.audit import ActorKind, Change, SubjectKind, actor_of, note_change
from experiments.store.engine import reading, writing
from experiments.store.users import (
    User,
    end_sign_ins,
    find_user,
    find_user_by_email,
    lock_users,
    read_users,
    save_user,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

__all__ = [
    "User",
    "change_role",
    "disable",
    "enable",
    "end_all_sign_ins",
    "new_password",
    "reset_password",
    "take_care",
    "unlink",
    "user_called",
]

_PASSWORD_BYTES: Final = 12


def new_password() -> str:
    """Give a password that nobody has had."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def user_called(engine: Engine, name: str) -> User:
    """Give the person with an id or an address.

    Raises:
        UnknownUser: Nobody has it.
    """
    with reading(engine) as connection:
        found = find_user(connection, name) or find_user_by_email(connection, name)
        if found is None:
            raise UnknownUser(name, [one.email for one in read_users(connection)])
    return found


def change_role(engine: Engine, user_id: str, role: Role, now: datetime, actor: str) -> User:
    """Give somebody another role.

    Raises:
        UnknownUser: Nobody has this id.
        OwnRole: It is the actor's own.
        LastAdministrator: Nobody would be left who lets others in.
    """
    _require_other(user_id, actor)
    with writing(engine) as connection:
        user = take_care(connection, user_id, stays=role is Role.ADMIN)
        if user.role == role:
            return user
        changed = replace(user, role=str(role))
        save_user(connection, changed)
        _note(connection, "change_role", user_id, {"role": user.role}, {"role": str(role)}, now,
              actor)  # fmt: skip
    return changed


def disable(engine: Engine, user_id: str, now: datetime, actor: str) -> User:
    """Keep somebody out from now on, and end their sign-ins; they stay in every history.

    Raises:
        UnknownUser: Nobody has this id.
        OwnRole: It is the actor.
        LastAdministrator: Nobody would be left who lets others in.
    """
    _require_other(user_id, actor)
    with writing(engine) as connection:
        user = take_care(connection, user_id, stays=False)
        if user.disabled_at is not None:
            return user
        changed = replace(user, disabled_at=now)
        save_user(connection, changed)
        end_sign_ins(connection, user_id)
        _note(connection, "disable", user_id, {"disabled": False}, {"disabled": True}, now, actor)
    return changed


def enable(engine: Engine, user_id: str, now: datetime, actor: str) -> User:
    """Let somebody in again, with the password of before.

    Raises:
        UnknownUser: Nobody has this id.
    """
    with writing(engine) as connection:
        user = known_user(connection, user_id, lock=True)
        if user.disabled_at is None:
            return user
        changed = replace(user, disabled_at=None, failed_attempts=0, locked_until=None)
        save_user(connection, changed)
        _note(connection, "enable", user_id, {"disabled": True}, {"disabled": False}, now, actor)
    return changed


def reset_password(
    engine: Engine, user_id: str, now: datetime, actor: str, password: str | None = None
) -> str:
    """Give somebody a password to be changed at the next sign-in, and end their sign-ins.

    Returns:
        The password, which is known at this moment alone; drawn where none is given.

    Raises:
        UnknownUser: Nobody has this id.
        InvalidValues: The password cannot be used.
    """
    given = password or new_password()
    replace_password(engine, user_id, given, (now, actor), keep=None, must_change=True)
    return given


def unlink(engine: Engine, user_id: str, now: datetime, actor: str) -> User:
    """Take somebody apart from their account at the identity provider, and end their sign-ins.

    The next account there with their verified address is linked anew.

    Raises:
        UnknownUser: Nobody has this id.
    """
    with writing(engine) as connection:
        user = known_user(connection, user_id, lock=True)
        if user.provider_subject is None:
            return user
        changed = replace(user, provider_subject=None)
        save_user(connection, changed)
        end_sign_ins(connection, user_id)
        before: dict[str, object] = {"subject": user.provider_subject}
        change = Change("unlink_provider", SubjectKind.USER, user_id, before, None)
        note_change(connection, change, now, actor)
    return changed


def end_all_sign_ins(engine: Engine, user_id: str, now: datetime, actor: str) -> int:
    """Sign somebody out wherever they are; give in how many browsers that was.

    Raises:
        UnknownUser: Nobody has this id.
    """
    with writing(engine) as connection:
        known_user(connection, user_id, lock=True)
        ended = end_sign_ins(connection, user_id)
        _note(connection, "end_sign_ins", user_id, None, {"sign_ins": ended}, now, actor)
    return ended


def _require_other(user_id: str, actor: str) -> None:
    if actor_of(actor) == (ActorKind.USER, user_id):
        raise OwnRole


def take_care(connection: Connection, user_id: str, *, stays: bool) -> User:
    """Give somebody who is about to change, once another administrator is there where needed.

    Administrators are locked first, so that two of them cannot remove each other at once.

    Args:
        connection: In a writing transaction.
        user_id: Who.
        stays: Whether they can let others in afterwards.

    Raises:
        UnknownUser: Nobody has this id.
        LastAdministrator: Nobody would be left who lets others in.
    """
    administrators = lock_users(connection, Role.ADMIN)
    user = known_user(connection, user_id, lock=True)
    is_one = user.role == Role.ADMIN and user.disabled_at is None
    others = [
        one for one in administrators if one.user_id != user_id and one.disabled_at is None
    ]  # fmt: skip
    if is_one and not stays and not others:
        raise LastAdministrator(user.email)
    return user


def _note(
    connection: Connection, action: str, user_id: str, before: dict[str, object] | None,
    after: dict[str, object], now: datetime, actor: str,
) -> None:  # fmt: skip
    note_change(connection, Change(action, SubjectKind.USER, user_id, before, after), now, actor)
