"""Decides what each role may do, in the console and over the API alike.

A person has one role; an API key may be made with the scopes of one. Every page and every address
asks for one scope, never for a role, so that there is one table to read: `ROLES`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from app.auth.keys import Scope, allows


class Role(StrEnum):
    """What a person is in the programme."""

    VIEWER = "viewer"
    MARKETER = "marketer"
    APPROVER = "approver"
    ANALYST = "analyst"
    ENGINEER = "engineer"
    ADMIN = "admin"


_VIEWER: Final = frozenset({Scope.CAMPAIGNS_READ, Scope.REPORTS_READ})

ROLES: Final[dict[Role, frozenset[Scope]]] = {
    Role.VIEWER: _VIEWER,
    Role.MARKETER: _VIEWER
    | {
        Scope.CAMPAIGNS_WRITE,
        Scope.MEMBERS_READ,
        Scope.CONSENT_WRITE,
        Scope.GRANTS_READ,
        Scope.REPORTS_WRITE,
    },
    Role.APPROVER: _VIEWER | {Scope.CAMPAIGNS_APPROVE},
    Role.ANALYST: _VIEWER | {Scope.REPORTS_WRITE, Scope.ROWS_READ, Scope.QUARANTINE_WRITE},
    Role.ENGINEER: _VIEWER
    | {
        Scope.OFFERS_READ,
        Scope.EVENTS_WRITE,
        Scope.GRANTS_WRITE,
        Scope.GRANTS_READ,
        Scope.MEMBERS_READ,
        Scope.MEMBERS_WRITE,
        Scope.QUARANTINE_WRITE,
        Scope.FLAGS_READ,
        Scope.METRICS_READ,
        Scope.WEBHOOKS_WRITE,
        Scope.KEYS_WRITE,
    },
    Role.ADMIN: frozenset(Scope),
}
"""The scopes of each role."""


def roles_with(scope: Scope) -> tuple[Role, ...]:
    """Give the roles that may do what `scope` names, for whoever is refused and wants to know."""
    return tuple(role for role, scopes in ROLES.items() if allows(scopes, scope))
