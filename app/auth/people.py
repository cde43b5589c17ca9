"""Lets people in: makes users, checks their passwords, and knows in which browsers they are.

Passwords are hashed with Argon2id (RFC 9106), by the parameters of argon2-cffi. A browser holds a
random token, of which the database keeps the hash: signing out, disabling somebody or changing a
role is in force at the next request.

Hashing takes tens of milliseconds, so it is never done while a transaction is open: whoever tries
passwords keeps nobody else from writing. What an administrator does to others is in
`app.auth.administering`.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.auth.keys import allows, hash_of
from app.auth.roles import ROLES, Role
from app.errors import SignInRefused, UnknownUser, UserExists
from experiments.errors import InvalidValues, Problem
from experiments.store.audit import COMMAND_LINE, Change, SubjectKind, note_change
from experiments.store.engine import reading, writing
from experiments.store.users import (
    SignIn,
    User,
    add_sign_in,
    add_user,
    end_sign_in,
    end_sign_ins,
    find_sign_in,
    find_user,
    find_user_by_email,
    forget_old_sign_ins,
    note_seen,
    read_users,
    save_user,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from app.auth.keys import Scope

SHORTEST_PASSWORD: Final = 10
LONGEST_PASSWORD: Final = 200
"""Hashing takes time by length; nobody types more."""

ATTEMPTS: Final = 5
"""Wrong passwords, after which no other is tried for a while."""

LOCKED_FOR: Final = timedelta(minutes=15)
SIGNED_IN_FOR: Final = timedelta(hours=12)
"""How long a sign-in lasts that nobody uses."""

LONGEST_SIGN_IN: Final = timedelta(days=7)
_SEEN_EVERY: Final = timedelta(minutes=5)
_TOKEN_BYTES: Final = 32
_HASHER: Final = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in.

    Attributes:
        user: Who.
        role: What they are.
        token_hash: Of this sign-in, among others of the same person.
    """

    user: User
    role: Role
    token_hash: str

    def may(self, scope: Scope) -> bool:
        """Say whether their role may do what `scope` names."""
        return allows(ROLES[self.role], scope)


def create_user(
    engine: Engine, email: str, name: str, role: Role, password: str, now: datetime,
    *, must_change_password: bool = True, actor: str = COMMAND_LINE,
) -> User:  # fmt: skip
    """Make somebody who can sign in.

    Raises:
        InvalidValues: The address, the name or the password cannot be used.
        UserExists: Somebody has this address.
    """
    email, name = email.strip().lower(), name.strip()
    if problems := [*identity_problems(email, name), *password_problems(password, email)]:
        raise InvalidValues(problems)
    user = User(
        user_id=secrets.token_hex(8),
        email=email,
        name=name,
        role=str(role),
        created_at=now,
        password_hash=hash_password(password),
        must_change_password=must_change_password,
    )
    with writing(engine) as connection:
        keep_new_user(connection, user, actor)
    return user


def keep_new_user(connection: Connection, user: User, actor: str) -> None:
    """Keep somebody new, and write down who made them.

    Raises:
        UserExists: Somebody has this address.
    """
    if find_user_by_email(connection, user.email) is not None:
        raise UserExists(user.email)
    add_user(connection, user)
    after = {"email": user.email, "name": user.name, "role": user.role}
    change = Change("create", SubjectKind.USER, user.user_id, None, after)
    note_change(connection, change, user.created_at, actor)


def list_users(engine: Engine) -> tuple[User, ...]:
    """Give everybody, by name."""
    with reading(engine) as connection:
        return read_users(connection)


def sign_in(engine: Engine, email: str, password: str, now: datetime) -> str:
    """Check a password, and give the token that the browser is to hold.

    Raises:
        SignInRefused: The address or the password is wrong, too many were tried, or the person is
            disabled; the message does not say which.
    """
    with reading(engine) as connection:
        found = find_user_by_email(connection, email)
    # as long as a wrong password, so that nobody learns from the time who is there
    matches = _matches(found.password_hash if found else None, password)
    if found is None:
        raise SignInRefused
    with writing(engine) as connection:
        # as they are now: others may have tried, or changed the password, meanwhile
        user = find_user(connection, found.user_id, lock=True)
        if user is None or user.password_hash != found.password_hash:
            raise SignInRefused
        if user.locked_until is not None and user.locked_until > now:
            raise SignInRefused(user.locked_until)
        if not matches or user.disabled_at is not None:
            refused = _count_wrong(connection, user, now)
        else:
            refused = None
            token = begin_sign_in(connection, user, now)
    if refused is not None:
        raise refused  # only now: what was counted above must be kept
    return token


def begin_sign_in(connection: Connection, user: User, now: datetime) -> str:
    """Let somebody in who has proved who they are, and give the token for the browser."""
    save_user(connection, replace(user, failed_attempts=0, locked_until=None, signed_in_at=now))
    forget_old_sign_ins(connection, now)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    add_sign_in(connection, SignIn(hash_of(token), user.user_id, now, now, now + SIGNED_IN_FOR))
    return token


def person_of(engine: Engine, token: str, now: datetime) -> Person | None:
    """Give who holds a token, or None where the sign-in is over or was never there."""
    token_hash = hash_of(token)
    with reading(engine) as connection:
        found = find_sign_in(connection, token_hash)
    if found is None:
        return None
    kept, user = found
    if kept.expires_at <= now or user.disabled_at is not None:
        return None
    if now - kept.seen_at > _SEEN_EVERY:
        until = min(now + SIGNED_IN_FOR, kept.created_at + LONGEST_SIGN_IN)
        with writing(engine) as connection:
            note_seen(connection, token_hash, now, until)
    return Person(user, Role(user.role), token_hash)


def check_password(engine: Engine, user: User, password: str, now: datetime) -> None:
    """Refuse whoever does not know the password of somebody who is signed in.

    Wrong ones count as at the sign-in, so that a browser left open is no place to try many.

    Raises:
        SignInRefused: It is wrong, or too many were tried.
    """
    matches = _matches(user.password_hash, password)
    with writing(engine) as connection:
        present = known_user(connection, user.user_id, lock=True)
        if present.locked_until is not None and present.locked_until > now:
            raise SignInRefused(present.locked_until)
        if matches and present.password_hash == user.password_hash:
            return
        refused = _count_wrong(connection, present, now)
    raise refused


def _count_wrong(connection: Connection, user: User, now: datetime) -> SignInRefused:
    """Count a wrong password, lock where it is one too many, and give what to refuse with."""
    failed = user.failed_attempts + 1
    until = now + LOCKED_FOR if failed >= ATTEMPTS else None
    save_user(connection, replace(user, failed_attempts=0 if until else failed, locked_until=until))
    return SignInRefused(until)


def sign_out(engine: Engine, token: str) -> None:
    """End a sign-in."""
    with writing(engine) as connection:
        end_sign_in(connection, hash_of(token))


def change_password(
    engine: Engine, user_id: str, password: str, now: datetime, *, keep: str | None
) -> None:
    """Give somebody the password that they chose, and end their other sign-ins.

    Args:
        engine: The database.
        user_id: Whose.
        password: The new one.
        now: The present moment.
        keep: Hash of the sign-in that goes on.

    Raises:
        UnknownUser: Nobody has this id.
        InvalidValues: The password cannot be used.
    """
    act = (now, f"user {user_id}")
    replace_password(engine, user_id, password, act, keep=keep, must_change=False)


def replace_password(
    engine: Engine,
    user_id: str,
    password: str,
    act: tuple[datetime, str],
    *,
    keep: str | None,
    must_change: bool,
) -> User:
    """Put a password in the place of somebody's, and end their sign-ins but for one.

    Args:
        engine: The database.
        user_id: Whose.
        password: The new one.
        act: When, and who does it.
        keep: Hash of the sign-in that goes on; None for none.
        must_change: Whether somebody else chose it.

    Raises:
        UnknownUser: Nobody has this id.
        InvalidValues: The password cannot be used.
    """
    with reading(engine) as connection:
        known = known_user(connection, user_id)
    if problems := password_problems(password, known.email):
        raise InvalidValues(problems)
    hashed = hash_password(password)
    with writing(engine) as connection:
        user = known_user(connection, user_id, lock=True)
        changed = replace(
            user,
            password_hash=hashed,
            must_change_password=must_change,
            failed_attempts=0,
            locked_until=None,
        )
        save_user(connection, changed)
        end_sign_ins(connection, user_id, but=keep)
        action = "reset_password" if must_change else "change_password"
        note_change(connection, Change(action, SubjectKind.USER, user_id), *act)
    return changed


def known_user(connection: Connection, user_id: str, *, lock: bool = False) -> User:
    """Give a person.

    Raises:
        UnknownUser: Nobody has this id.
    """
    user = find_user(connection, user_id, lock=lock)
    if user is None:
        raise UnknownUser(user_id, [one.email for one in read_users(connection)])
    return user


def choose_language(engine: Engine, user: User, language: str) -> None:
    """Keep the language that somebody wants to read."""
    with writing(engine) as connection:
        # as they are now: they may have been disabled since the page was asked for
        present = known_user(connection, user.user_id, lock=True)
        save_user(connection, replace(present, language=language))


def password_problems(password: str, email: str) -> list[Problem]:
    """Say what is wrong with a password; NIST SP 800-63B asks for length, and for no other rule."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        way_out = f"Take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters, such as four words."
        return [Problem("password", None, "has the wrong length", way_out)]
    if password.lower() in {email, email.partition("@")[0]}:
        return [Problem("password", None, "is the address itself", "Take something else.")]
    return []


def identity_problems(email: str, name: str) -> list[Problem]:
    """Say what is wrong with an address and a name."""
    problems = []
    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(one.isspace() for one in email) or len(email) > 255:  # noqa: PLR2004  # the column's length
        problems.append(
            Problem("email", email, "is no e-mail address", "Write it like ada@example.com.")
        )
    if not 0 < len(name) <= 255:  # noqa: PLR2004  # as above
        problems.append(Problem("name", name, "has the wrong length", "Give 1 to 255 characters."))
    return problems


def hash_password(password: str) -> str:
    """Give what is kept of a password."""
    return _HASHER.hash(_composed(password))


def _composed(password: str) -> str:
    """Give one form to letters that keyboards write in several (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


def _matches(password_hash: str | None, password: str) -> bool:
    is_possible = password_hash is not None and len(password) <= LONGEST_PASSWORD
    tried = _composed(password[:LONGEST_PASSWORD])
    try:
        return _HASHER.verify(password_hash or _nobodys_hash(), tried) and is_possible
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_urlsafe(_TOKEN_BYTES))
