"""People come in by their own password alone, and stay until somebody ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest
from argon2 import PasswordHasher

from app.auth import administering, people
from app.auth.actors import actors_called
from app.auth.people import ATTEMPTS, LOCKED_FOR, LONGEST_SIGN_IN, SIGNED_IN_FOR
from app.auth.roles import Role
from app.errors import LastAdministrator, OwnRole, SignInRefused, UnknownUser, UserExists
from experiments import auditing
from experiments.auditing import AuditQuery
from experiments.errors import InvalidValues
from experiments.store.engine import writing
from experiments.store.users import add_user, save_user

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.store.users import User

PASSWORD = "four words are enough"  # noqa: S105  # of people in tests
OTHER = "quite another password"
BOSS = "user boss"


def make(engine: Engine, now: datetime, name: str = "ada", role: Role = Role.ADMIN) -> User:
    """Make somebody who knows their password."""
    return people.create_user(
        engine, f"{name}@example.com", name, role, PASSWORD, now, must_change_password=False
    )


def acts(engine: Engine) -> list[str]:
    """Give what the audit log has, the oldest first."""
    found = auditing.find_entries(engine, AuditQuery())
    return [one.change.action for one in reversed(found)]


def test_the_right_password_opens_in_any_letters_of_the_address(
    engine: Engine, now: datetime
) -> None:
    """The token names the person; the database holds no token that opens anything."""
    ada = make(engine, now)
    token = people.sign_in(engine, " ADA@example.com", PASSWORD, now)

    person = people.person_of(engine, token, now)
    assert person is not None
    assert person.user.user_id == ada.user_id
    assert person.role is Role.ADMIN
    assert people.person_of(engine, person.token_hash, now) is None


def test_an_address_is_taken_once(engine: Engine, now: datetime) -> None:
    """Whatever its letters."""
    make(engine, now)
    with pytest.raises(UserExists):
        people.create_user(engine, "ADA@EXAMPLE.COM", "Other", Role.VIEWER, PASSWORD, now)


@pytest.mark.parametrize("password", ["short", "x" * 201, "ada@example.com"])
def test_a_weak_password_is_refused(engine: Engine, now: datetime, password: str) -> None:
    """Length alone is asked for, and that it is not the address."""
    with pytest.raises(InvalidValues):
        people.create_user(engine, "ada@example.com", "Ada", Role.ADMIN, password, now)


def test_letters_that_keyboards_write_in_several_ways_are_one(
    engine: Engine, now: datetime
) -> None:
    """Composed or not, it is the same password."""
    composed, decomposed = "caf\u00e9 au lait chaud", "cafe\u0301 au lait chaud"
    people.create_user(engine, "ada@example.com", "Ada", Role.ADMIN, composed, now)
    assert people.sign_in(engine, "ada@example.com", decomposed, now)


def test_too_many_wrong_passwords_lock_for_a_while(engine: Engine, now: datetime) -> None:
    """Not even the right one opens then; afterwards it does, and who is in stays in."""
    make(engine, now)
    token = people.sign_in(engine, "ada@example.com", PASSWORD, now)
    for _ in range(ATTEMPTS):
        with pytest.raises(SignInRefused):
            people.sign_in(engine, "ada@example.com", OTHER, now)
    with pytest.raises(SignInRefused):
        people.sign_in(engine, "ada@example.com", PASSWORD, now)

    assert people.person_of(engine, token, now) is not None
    assert people.sign_in(engine, "ada@example.com", PASSWORD, now + LOCKED_FOR)


def test_a_sign_in_ends_by_itself(engine: Engine, now: datetime) -> None:
    """Unused after hours; used after days."""
    make(engine, now)
    token = people.sign_in(engine, "ada@example.com", PASSWORD, now)
    assert people.person_of(engine, token, now + SIGNED_IN_FOR) is None

    moment = now
    while moment < now + LONGEST_SIGN_IN:
        assert people.person_of(engine, token, moment) is not None
        moment += SIGNED_IN_FOR / 2
    assert people.person_of(engine, token, moment) is None


def test_another_password_ends_the_other_sign_ins(engine: Engine, now: datetime) -> None:
    """The browser that changed it stays in; the old password opens nothing."""
    ada = make(engine, now)
    kept = people.sign_in(engine, ada.email, PASSWORD, now)
    other = people.sign_in(engine, ada.email, PASSWORD, now)
    person = people.person_of(engine, kept, now)
    assert person is not None
    people.change_password(engine, ada.user_id, OTHER, now, keep=person.token_hash)

    assert people.person_of(engine, kept, now) is not None
    assert people.person_of(engine, other, now) is None
    with pytest.raises(SignInRefused):
        people.sign_in(engine, ada.email, PASSWORD, now)


def test_who_is_disabled_is_out_at_once_and_stays_out(engine: Engine, now: datetime) -> None:
    """Even one who has the right password, and whose page was being sent meanwhile."""
    make(engine, now, "boss")
    ada = make(engine, now, "ada", Role.VIEWER)
    token = people.sign_in(engine, ada.email, PASSWORD, now)
    stale = people.person_of(engine, token, now)
    assert stale is not None
    administering.disable(engine, ada.user_id, now, BOSS)
    people.choose_language(engine, stale.user, "en")

    assert people.person_of(engine, token, now) is None
    with pytest.raises(SignInRefused):
        people.sign_in(engine, ada.email, PASSWORD, now)
    administering.enable(engine, ada.user_id, now, BOSS)
    assert people.sign_in(engine, ada.email, PASSWORD, now)


def test_a_role_is_in_force_at_once(engine: Engine, now: datetime) -> None:
    """The next request knows the new one."""
    make(engine, now, "boss")
    ada = make(engine, now, "ada", Role.VIEWER)
    token = people.sign_in(engine, ada.email, PASSWORD, now)
    administering.change_role(engine, ada.user_id, Role.ANALYST, now, BOSS)

    person = people.person_of(engine, token, now)
    assert person is not None
    assert person.role is Role.ANALYST


def test_an_administrator_always_stays(engine: Engine, now: datetime) -> None:
    """The last one who can sign in is neither disabled nor made something else."""
    ada, bob = make(engine, now, "ada"), make(engine, now, "bob")
    administering.disable(engine, bob.user_id, now, BOSS)
    with pytest.raises(LastAdministrator):
        administering.disable(engine, ada.user_id, now, BOSS)
    with pytest.raises(LastAdministrator):
        administering.change_role(engine, ada.user_id, Role.VIEWER, now, BOSS)

    administering.enable(engine, bob.user_id, now, BOSS)
    administering.change_role(engine, ada.user_id, Role.VIEWER, now, BOSS)


def test_nobody_changes_what_they_may_do_themselves(engine: Engine, now: datetime) -> None:
    """Neither up nor down nor out."""
    ada = make(engine, now, "ada")
    make(engine, now, "bob")
    with pytest.raises(OwnRole):
        administering.change_role(engine, ada.user_id, Role.VIEWER, now, f"user {ada.user_id}")
    with pytest.raises(OwnRole):
        administering.disable(engine, ada.user_id, now, f"user {ada.user_id}")


def test_a_password_of_an_administrator_must_be_changed(engine: Engine, now: datetime) -> None:
    """It unlocks, signs out everywhere, and is somebody else's until it is changed."""
    ada = make(engine, now)
    token = people.sign_in(engine, ada.email, PASSWORD, now)
    made = administering.reset_password(engine, ada.user_id, now, BOSS)

    assert people.person_of(engine, token, now) is None
    person = people.person_of(engine, people.sign_in(engine, ada.email, made, now), now)
    assert person is not None
    assert person.user.must_change_password


def test_every_change_of_a_user_is_written_down_without_passwords(
    engine: Engine, now: datetime
) -> None:
    """Repeats that change nothing leave no entry."""
    make(engine, now, "boss")
    ada = make(engine, now, "ada", Role.VIEWER)
    people.sign_in(engine, ada.email, PASSWORD, now)
    for _ in range(2):
        administering.change_role(engine, ada.user_id, Role.ANALYST, now, BOSS)
    for _ in range(2):
        administering.disable(engine, ada.user_id, now, BOSS)
    for _ in range(2):
        administering.enable(engine, ada.user_id, now, BOSS)
    made = administering.reset_password(engine, ada.user_id, now, BOSS)
    people.change_password(engine, ada.user_id, OTHER, now, keep=None)
    administering.end_all_sign_ins(engine, ada.user_id, now + timedelta(1), BOSS)

    assert acts(engine) == [
        "create", "create", "change_role", "disable", "enable", "reset_password",
        "change_password", "end_sign_ins",
    ]  # fmt: skip
    told = repr(auditing.find_entries(engine, AuditQuery()))
    assert not any(secret in told for secret in (PASSWORD, OTHER, made, "argon2"))


def test_people_are_found_by_name_address_and_id(engine: Engine, now: datetime) -> None:
    """An administrator who looks for somebody need not know an id."""
    ada = make(engine, now)
    assert ada.user_id in actors_called(engine, "ADA@")
    assert administering.user_called(engine, "Ada@Example.com").user_id == ada.user_id
    assert administering.user_called(engine, ada.user_id).email == ada.email
    with pytest.raises(UnknownUser):
        administering.user_called(engine, "nobody")


def test_no_password_is_hashed_while_others_cannot_write(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries passwords does not keep anybody from writing."""
    make(engine, now)
    matches = people._matches  # noqa: SLF001  # what happens while it works is the question

    def while_writing(password_hash: str | None, password: str) -> bool:
        with writing(engine):
            return matches(password_hash, password)

    monkeypatch.setattr(people, "_matches", while_writing)
    assert people.sign_in(engine, "ada@example.com", PASSWORD, now)


def test_every_attempt_costs_one_comparison_whoever_it_is_for(
    engine: Engine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns from the time who is there, has no password, is locked or disabled."""
    make(engine, now)
    locked, disabled = make(engine, now, "locked"), make(engine, now, "disabled")
    with writing(engine) as connection:
        save_user(connection, replace(locked, locked_until=now + LOCKED_FOR))
        save_user(connection, replace(disabled, disabled_at=now))
        nobody = replace(locked, user_id="provided", email="provided@example.com")
        add_user(connection, replace(nobody, password_hash=None, provider_subject="provided"))
    compared: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  # argon2's name
            compared.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(people, "_HASHER", Counting())
    for name in ("ada", "locked", "disabled", "provided", "unknown"):
        compared.clear()
        with pytest.raises(SignInRefused):
            people.sign_in(engine, f"{name}@example.com", "wrong", now)
        assert len(compared) == 1, name
