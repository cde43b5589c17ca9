"""What is set about the business's identity provider, checked as a whole.

A setting of it without the three that nothing works without is a mistake, which would otherwise
show itself only to the first person who wants to sign in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings.fields import Settings

ROLE_NAMES: Final = ("viewer", "marketer", "approver", "analyst", "engineer", "admin")
"""Those of `app.auth.roles`, which stands above the settings; a test compares the two."""

ANY: Final = "*"
_NEEDED: Final = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
_ADDRESS: Final = re.compile(
    r"(https://[^/?#@\s]+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?)(/[^?#\s]*)?"
)


@dataclass(frozen=True, slots=True)
class RoleRule:
    """A role, and who gets it.

    Attributes:
        role: The name of one.
        value: What the claim must hold; `ANY` for whatever it holds.
    """

    role: str
    value: str


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The identity provider that people may sign in with.

    Attributes:
        issuer: Where it is, exactly as it names itself.
        client_id: What it calls this installation.
        client_secret: How this installation proves to be that.
        name: What people call it; empty where nothing was set.
        scopes: What is asked for.
        roles_claim: Where it says what somebody is.
        rules: Which role follows from that, the first that fits; none where roles are given here.
        makes_users: Whether somebody unknown is made.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    scopes: str
    roles_claim: str
    rules: tuple[RoleRule, ...]
    makes_users: bool


def provider_of(settings: Settings) -> ProviderSettings | None:
    """Give the identity provider that is set, or None."""
    if not settings.oidc_issuer:
        return None
    return ProviderSettings(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name=settings.oidc_name,
        scopes=settings.oidc_scopes,
        roles_claim=settings.oidc_roles_claim,
        rules=_rules(settings.oidc_roles),
        makes_users=settings.oidc_new_users,
    )


def missing_of_provider(settings: Settings) -> Iterator[tuple[str, str]]:
    """Give the fields that must be set because others are, each with one of these others."""
    chosen = [
        one.name
        for one in fields(settings)
        if one.name.startswith("oidc_") and getattr(settings, one.name) != one.default
    ]
    if not chosen:
        return
    for name in _NEEDED:
        if name not in chosen:
            yield name, chosen[0]
    if settings.oidc_new_users and not settings.oidc_roles:
        yield "oidc_roles", "oidc_new_users"


def issuer(raw: str) -> str:
    """Read the address of a provider; without TLS only on this machine, for rehearsals."""
    address = raw.strip()
    if address and not _ADDRESS.fullmatch(address):
        raise ValueError(raw)
    return address


def scopes(raw: str) -> str:
    """Read what is asked of the provider."""
    asked = raw.split()
    if "openid" not in asked:
        raise ValueError(raw)
    return " ".join(asked)


def roles(raw: str) -> str:
    """Read which role follows from what, and write it in one way."""
    return "; ".join(
        one.role if one.value == ANY else f"{one.role}={one.value}" for one in _rules(raw)
    )


def _rules(raw: str) -> tuple[RoleRule, ...]:
    """Give the rules of ``admin=group; viewer``; a value may hold anything but a semicolon."""
    found = []
    for part in filter(None, map(str.strip, raw.split(";"))):
        role, equals, value = (piece.strip() for piece in part.partition("="))
        if role not in ROLE_NAMES or bool(equals) is not bool(value):
            raise ValueError(raw)
        found.append(RoleRule(role, value or ANY))
    return tuple(found)
