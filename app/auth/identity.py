"""Who somebody is, as an identity provider proved: read from the claims that it sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_SUBJECT: Final = 255
_PROOFS: Final = frozenset({"email_verified", "xms_edov"})
"""Claims that say whether an address is somebody's; Entra's says so of its tenant's domains."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody.

    Attributes:
        subject: Issuer and subject, as one text that stays.
        email: In small letters; empty where the provider told none.
        is_verified: Whether the provider says that the address is theirs.
        name: What people call them.
        values: What the claim of roles holds.
    """

    subject: str
    email: str
    is_verified: bool
    name: str
    values: frozenset[str]


def lacks(claims: Mapping[str, object], roles_claim: str) -> bool:
    """Say whether claims leave open who somebody is; `roles_claim` is empty where none is asked."""
    return not _tells_address(claims) or (bool(roles_claim) and _found(claims, roles_claim) is None)


def identity_of(
    issuer: str, claims: Mapping[str, object], told: Mapping[str, object], roles_claim: str
) -> Identity:
    """Give who somebody is.

    Args:
        issuer: Whose word it is.
        claims: Of the ID token.
        told: What the provider told of the same subject besides; empty where it did not.
        roles_claim: Where it says what they are in the business.
    """
    # address and proof of it from one place, never one from each
    mail = claims if _tells_address(claims) or "email" not in told else told
    values = _found(claims, roles_claim)
    email = str(mail.get("email") or "").strip().lower()
    name = claims.get("name") or told.get("name") or email.partition("@")[0]
    return Identity(
        subject=subject_of(issuer, str(claims["sub"])),
        email=email,
        is_verified=bool(email) and _is_verified(mail),
        name=str(name).strip(),
        values=_texts(_found(told, roles_claim) if values is None else values),
    )


def subject_of(issuer: str, subject: str) -> str:
    """Give one text for whom an issuer knows under a subject."""
    whole = f"{issuer} {subject}"
    if len(whole) <= _LONGEST_SUBJECT:
        return whole
    return f"sha256 {hashlib.sha256(whole.encode()).hexdigest()}"


def _tells_address(claims: Mapping[str, object]) -> bool:
    return "email" in claims and bool(_PROOFS & claims.keys())


def _is_verified(claims: Mapping[str, object]) -> bool:
    return claims.get("email_verified") is True or claims.get("xms_edov") in (True, "1", "true")


def _found(claims: Mapping[str, object], name: str) -> object:
    """Give a claim by its name, or by names within one another with dots between, or None."""
    if name in claims:
        return claims[name]
    within: object = claims
    for part in name.split("."):
        within = within.get(part) if isinstance(within, dict) else None
    return within


def _texts(value: object) -> frozenset[str]:
    many = value if isinstance(value, list) else [value]
    return frozenset(one for one in many if isinstance(one, str))
