"""Keeps the people of the console and where they are signed in; passwords only as their hash."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from experiments.store.tables import sign_ins, users

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class User:
    """A person who works with the console.

    Attributes:
        user_id: Stays, whatever else changes.
        email: In small letters.
        role: What they may do, as `app.auth.roles` says.
        language: The one they chose; None for the browser's.
        password_hash: From which the password cannot be had back; None where there is none.
        must_change_password: Whether somebody else knows the password.
        provider_subject: Who they are at the business's identity provider.
        failed_attempts: Wrong passwords since the last right one.
        locked_until: Until when no password is tried.
        disabled_at: Since when they may not sign in.
    """

    user_id: str
    email: str
    name: str
    role: str
    created_at: datetime
    language: str | None = None
    password_hash: str | None = field(default=None, repr=False)
    must_change_password: bool = False
    provider_subject: str | None = None
    failed_attempts: int = 0
    locked_until: datetime | None = None
    signed_in_at: datetime | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One browser in which somebody is signed in."""

    token_hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def add_user(connection: Connection, user: User) -> None:
    """Keep a new person."""
    connection.execute(insert(users).values(_values(user)))


def save_user(connection: Connection, user: User) -> None:
    """Write a person as they are now."""
    connection.execute(update(users).where(users.c.user_id == user.user_id).values(_values(user)))


def find_user(connection: Connection, user_id: str, *, lock: bool = False) -> User | None:
    """Give a person, disabled or not, or None; with `lock` nobody else changes them meanwhile."""
    query = select(users).where(users.c.user_id == user_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return None if row is None else _user(row)


def find_user_by_subject(connection: Connection, subject: str) -> User | None:
    """Give whoever an identity provider knows under a subject, or None."""
    query = select(users).where(users.c.provider_subject == subject)
    row = connection.execute(query).mappings().first()
    return None if row is None else _user(row)


def lock_users(connection: Connection, role: str) -> tuple[User, ...]:
    """Give everybody of a role; nobody else changes one of them meanwhile."""
    query = select(users).where(users.c.role == role).order_by(users.c.user_id).with_for_update()
    return tuple(_user(row) for row in connection.execute(query).mappings())


def find_user_by_email(connection: Connection, email: str) -> User | None:
    """Give the person with an address, in any letters, or None."""
    query = select(users).where(users.c.email == email.strip().lower())
    row = connection.execute(query).mappings().first()
    return None if row is None else _user(row)


def read_users(connection: Connection) -> tuple[User, ...]:
    """Give everybody, by name."""
    query = select(users).order_by(users.c.name, users.c.email)
    return tuple(_user(row) for row in connection.execute(query).mappings())


def add_sign_in(connection: Connection, sign_in: SignIn) -> None:
    """Keep a new sign-in."""
    connection.execute(
        insert(sign_ins).values(
            token_hash=sign_in.token_hash,
            user_id=sign_in.user_id,
            created_at=sign_in.created_at,
            seen_at=sign_in.seen_at,
            expires_at=sign_in.expires_at,
        )
    )


def find_sign_in(connection: Connection, token_hash: str) -> tuple[SignIn, User] | None:
    """Give a sign-in and whose it is, over or not, or None."""
    query = (
        select(users, sign_ins.c.token_hash, sign_ins.c.seen_at, sign_ins.c.expires_at)
        .add_columns(sign_ins.c.created_at.label("began_at"))
        .join_from(sign_ins, users)
        .where(sign_ins.c.token_hash == token_hash)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    sign_in = SignIn(
        row["token_hash"], row["user_id"], row["began_at"], row["seen_at"], row["expires_at"]
    )
    return sign_in, _user(row)


def read_sign_ins(connection: Connection, user_id: str) -> tuple[SignIn, ...]:
    """Give the sign-ins of a person, over or not, the one used last first."""
    query = (
        select(sign_ins).where(sign_ins.c.user_id == user_id).order_by(sign_ins.c.seen_at.desc())
    )
    return tuple(SignIn(**row) for row in connection.execute(query).mappings())


def note_seen(connection: Connection, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Note that a sign-in is still in use."""
    connection.execute(
        update(sign_ins)
        .where(sign_ins.c.token_hash == token_hash)
        .values(seen_at=now, expires_at=expires_at)
    )


def end_sign_in(connection: Connection, token_hash: str) -> None:
    """Forget one sign-in."""
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash))


def end_sign_ins(connection: Connection, user_id: str, *, but: str | None = None) -> int:
    """Forget every sign-in of a person, but for one; give how many there were."""
    query = delete(sign_ins).where(sign_ins.c.user_id == user_id)
    query = query if but is None else query.where(sign_ins.c.token_hash != but)
    return connection.execute(query).rowcount


def forget_old_sign_ins(connection: Connection, now: datetime) -> None:
    """Remove the sign-ins that are over."""
    connection.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))


_COLUMNS = (
    "user_id", "email", "name", "role", "created_at", "language", "password_hash",
    "must_change_password", "provider_subject", "failed_attempts", "locked_until",
    "signed_in_at", "disabled_at",
)  # fmt: skip


def _values(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in _COLUMNS}


def _user(row: RowMapping) -> User:
    return User(**{name: row[name] for name in _COLUMNS})
