"""What roles are called."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.auth.roles import Role
from app.language import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE_NAMES: Final[Mapping[Role, str]] = MappingProxyType(
    {
        Role.VIEWER: marked("Viewer"),
        Role.MARKETER: marked("Marketer"),
        Role.APPROVER: marked("Approver"),
        Role.ANALYST: marked("Analyst"),
        Role.ENGINEER: marked("Engineer"),
        Role.ADMIN: marked("Administrator"),
    }
)
"""In English; translated where they are shown."""
