"""What an operator can set, read once from the environment into one frozen value.

`TABLE` drives parsing and the reference page alike: a setting is one row there, one field of
`Settings`, and one row of ``docs/reference/settings.md`` (a test compares them). No setting has a
secret as its default.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from app.settings.fields import LogFormat, LogLevel, Settings
from app.settings.parsers import MEMORY, SECRET_BYTES
from app.settings.provider import (
    ROLE_NAMES,
    ProviderSettings,
    RoleRule,
    missing_of_provider,
    provider_of,
)
from app.settings.table import PREFIX, TABLE, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MEMORY",
    "PREFIX",
    "ROLE_NAMES",
    "SECRET_BYTES",
    "TABLE",
    "InvalidSettings",
    "LogFormat",
    "LogLevel",
    "ProviderSettings",
    "RefusedVariable",
    "RoleRule",
    "Setting",
    "Settings",
    "as_environment",
    "provider_of",
    "read_settings",
    "unknown_variables",
]

_HIDDEN: Final = ("_url", "_secret", "_jwks")


@dataclass(frozen=True, slots=True)
class RefusedVariable:
    """A variable whose value cannot be used."""

    variable: str
    value: str
    accepts: str

    def __str__(self) -> str:
        """Say what came and what would do."""
        came = f"{self.value!r}" if self.value else "nothing"
        return f"{self.variable} is {came}, but must be {self.accepts}"


class InvalidSettings(Exception):
    """Variables of the environment that cannot be used; every one of them is named.

    It stands here rather than in `app.errors`, because settings are read before anything else.
    """

    def __init__(self, refused: tuple[RefusedVariable, ...]) -> None:
        self.refused = refused
        super().__init__("; ".join(str(one) for one in refused) + ".")


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Give the settings that `environment` (by default this process's own) asks for.

    Raises:
        InvalidSettings: Values that cannot be used, all of them at once, or that are missing where
            others need them.
    """
    environment = os.environ if environment is None else environment
    chosen: dict[str, object] = {}
    refused: list[RefusedVariable] = []
    for setting in TABLE:
        raw = environment.get(setting.variable)
        if raw is None:
            continue
        try:
            chosen[setting.name] = setting.parse(raw)
        except ValueError:
            # An address may hold a password, and this message goes to a terminal or a log.
            hidden = setting.name.endswith(_HIDDEN) and raw.strip()
            shown = "(hidden)" if hidden else raw
            refused.append(RefusedVariable(setting.variable, shown, setting.accepts))
    if refused:
        raise InvalidSettings(tuple(refused))
    settings = Settings(**chosen)  # type: ignore[arg-type]  # each row's parser gives its field's type
    half_set = tuple(
        RefusedVariable(_variable(name), "", f"set, since {_variable(other)} is")
        for name, other in missing_of_provider(settings)
    )
    if half_set:
        raise InvalidSettings(half_set)
    return settings


def unknown_variables(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Name the ``TIERLIFT_*`` variables that mean nothing, each with its likeliest correction."""
    environment = os.environ if environment is None else environment
    known = [setting.variable for setting in TABLE]
    return tuple(
        f"{variable} is not a setting" + _nearest(variable, known)
        for variable in sorted(environment)
        if variable.startswith(PREFIX) and variable not in known
    )


def as_environment(settings: Settings) -> dict[str, str]:
    """Give the variables that `read_settings` turns into `settings` again."""
    return {setting.variable: str(getattr(settings, setting.name)) for setting in TABLE}


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _nearest(variable: str, known: list[str]) -> str:
    # The prefix, which all share, would make everything look near.
    names = [name.removeprefix(PREFIX) for name in known]
    close = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    return f"; did you mean {PREFIX}{close[0]}?" if close else f"; settings are {', '.join(known)}."
