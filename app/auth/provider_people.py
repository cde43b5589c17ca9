"""Decides which user somebody is whom the identity provider sent, and lets them in.

They are the user that is linked with their subject. Else the user with their address, once the
provider has verified it and nobody else is linked with that user: both are then linked. Else
somebody new, where that is allowed. The rules of the settings give the role, at every sign-in;
each change stands in the audit log.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from app.auth.administering import take_care
from app.auth.people import begin_sign_in, identity_problems, keep_new_user
from app.auth.roles import Role
from app.errors import IdentityFault, IdentityRefused, LastAdministrator
from app.settings.provider import ANY
from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.engine import writing
from experiments.store.users import User, find_user_by_email, find_user_by_subject, save_user

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from app.auth.identity import Identity
    from app.settings import ProviderSettings

ACTOR: Final = "identity provider"


def sign_in_by_provider(
    engine: Engine, identity: Identity, provider: ProviderSettings, now: datetime
) -> str:
    """Let somebody in, and give the token that the browser is to hold.

    Raises:
        IdentityRefused: They may not enter; it says why.
    """
    role = role_of(identity, provider)
    if role is None and provider.rules:
        raise IdentityRefused(IdentityFault.NO_ROLE, identity.subject)
    with writing(engine) as connection:
        known = find_user_by_subject(connection, identity.subject)
        linking = known is None
        if known is None:
            known = _by_address(connection, identity)
        if known is None:
            user = _made(connection, identity, role, now, may=provider.makes_users)
        else:
            user = _as_provided(connection, known, identity, role, now, linking=linking)
        return begin_sign_in(connection, user, now)


def role_of(identity: Identity, provider: ProviderSettings) -> Role | None:
    """Give the role of the first rule that fits, or None."""
    for rule in provider.rules:
        if rule.value == ANY or rule.value in identity.values:
            return Role(rule.role)
    return None


def _by_address(connection: Connection, identity: Identity) -> User | None:
    """Give the user with the address of somebody who is not linked yet."""
    found = find_user_by_email(connection, identity.email) if identity.email else None
    if not identity.is_verified:
        # whether there is such a user is not for somebody to know who may be anybody
        raise IdentityRefused(IdentityFault.UNVERIFIED, identity.subject)
    if found is not None and found.provider_subject is not None:
        raise IdentityRefused(IdentityFault.TAKEN, identity.subject)
    return found


def _as_provided(
    connection: Connection,
    known: User,
    identity: Identity,
    role: Role | None,
    now: datetime,
    *,
    linking: bool,
) -> User:
    """Give a user, linked, and with the role that follows from what the provider says."""
    kept = Role(known.role) if role is None else role
    try:
        user = take_care(connection, known.user_id, stays=kept is Role.ADMIN)
    except LastAdministrator:
        # whoever can still let others in stays so, whatever the provider says
        kept, user = Role.ADMIN, take_care(connection, known.user_id, stays=True)
    if user.disabled_at is not None:
        raise IdentityRefused(IdentityFault.DISABLED, identity.subject)
    changed = replace(user, role=str(kept), provider_subject=identity.subject)
    if user.must_change_password:
        # chosen by somebody else, for a first sign-in that is no longer needed
        changed = replace(changed, password_hash=None, must_change_password=False)
    save_user(connection, changed)
    if linking:
        link = Change("link_provider", SubjectKind.USER, user.user_id, None,
                      {"subject": identity.subject})  # fmt: skip
        note_change(connection, link, now, f"user {user.user_id}")
    if changed.role != user.role:
        change = Change("change_role", SubjectKind.USER, user.user_id, {"role": user.role},
                        {"role": changed.role})  # fmt: skip
        note_change(connection, change, now, ACTOR)
    return changed


def _made(
    connection: Connection, identity: Identity, role: Role | None, now: datetime, *, may: bool
) -> User:
    """Give somebody new."""
    if not may or role is None:
        raise IdentityRefused(IdentityFault.UNKNOWN, identity.subject)
    if identity_problems(identity.email, identity.name):
        raise IdentityRefused(IdentityFault.UNPROVEN, "no usable address or name")
    user = User(
        user_id=secrets.token_hex(8),
        email=identity.email,
        name=identity.name,
        role=str(role),
        created_at=now,
        provider_subject=identity.subject,
    )
    keep_new_user(connection, user, ACTOR)
    return user
