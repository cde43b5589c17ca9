"""Whoever the identity provider sends is found, linked or made, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.auth import administering
from app.auth.identity import Identity, identity_of, subject_of
from app.auth.own_sign_ins import end_others, sign_ins_of
from app.auth.people import check_password, create_user, list_users, person_of
from app.auth.provider_people import sign_in_by_provider
from app.auth.roles import Role
from app.errors import IdentityFault, IdentityRefused, SignInRefused
from app.settings import ProviderSettings, RoleRule

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

ADA = Identity("https://login.example ada", "ada@example.com", True, "Ada", frozenset({"crm"}))
PROVIDER = ProviderSettings(
    "https://login.example", "tierlift", "hunter2", "", "openid", "groups",
    (RoleRule("marketer", "crm"), RoleRule("viewer", "*")), makes_users=True,
)  # fmt: skip
PASSWORD = "four words are enough"  # noqa: S105  # of people in tests


def test_the_same_subject_is_the_same_user(engine: Engine, now: datetime) -> None:
    """Whatever their address has become, and in each browser for itself."""
    first = sign_in_by_provider(engine, ADA, PROVIDER, now)
    moved = Identity(ADA.subject, "ada@elsewhere.example", False, "Ada L.", frozenset())
    second = sign_in_by_provider(engine, moved, PROVIDER, now + timedelta(seconds=1))

    here = person_of(engine, second, now)
    (ada,) = list_users(engine)
    assert here is not None
    assert (ada.email, ada.role, ada.provider_subject) == (ADA.email, "viewer", ADA.subject)
    assert [one.token_hash == here.token_hash for one in sign_ins_of(engine, here, now)] == [
        True, False,
    ]  # fmt: skip
    assert end_others(engine, here, now) == 1
    assert person_of(engine, first, now) is None
    assert end_others(engine, here, now) == 0


def test_a_linked_user_is_not_taken_by_their_address(engine: Engine, now: datetime) -> None:
    """Until an administrator unlinks them, which signs them out."""
    made = create_user(engine, ADA.email, "Ada", Role.VIEWER, PASSWORD, now)
    token = sign_in_by_provider(engine, ADA, PROVIDER, now)
    other = Identity("https://login.example 2", ADA.email, True, "Ada", frozenset())
    with pytest.raises(IdentityRefused) as refused:
        sign_in_by_provider(engine, other, PROVIDER, now)
    assert refused.value.fault is IdentityFault.TAKEN

    administering.unlink(engine, made.user_id, now, "command line")

    assert person_of(engine, token, now) is None
    sign_in_by_provider(engine, other, PROVIDER, now)
    assert [one.provider_subject for one in list_users(engine)] == [other.subject]


def test_wrong_passwords_of_somebody_signed_in_are_counted(engine: Engine, now: datetime) -> None:
    """After five, the right one is not tried either."""
    ada = create_user(engine, ADA.email, "Ada", Role.VIEWER, PASSWORD, now)
    check_password(engine, ada, PASSWORD, now)
    for _ in range(5):
        with pytest.raises(SignInRefused):
            check_password(engine, ada, "wrong", now)
    with pytest.raises(SignInRefused) as refused:
        check_password(engine, ada, PASSWORD, now)
    assert refused.value.until == now + timedelta(minutes=15)
    check_password(engine, ada, PASSWORD, now + timedelta(minutes=15))


def test_claims_are_found_by_name_and_within_one_another() -> None:
    """Keycloak's stand within others, and names of claims may be addresses."""
    issuer = "https://login.example"
    for name, claims in (
        ("realm_access.roles", {"realm_access": {"roles": ["crm", 7]}}),
        ("https://shop.example/roles", {"https://shop.example/roles": "crm"}),
    ):
        found = identity_of(issuer, {"sub": "ada", **claims}, {}, name)
        assert found.values == {"crm"}
    edov = {"sub": "ada", "email": "Ada@Example.com", "xms_edov": True}
    told = {"sub": "ada", "email": "ada@example.com"}
    assert identity_of(issuer, edov, told, "groups").is_verified
    assert not identity_of(issuer, told, edov | {"xms_edov": False}, "groups").is_verified
    assert len(subject_of(issuer, "x" * 300)) < 255
