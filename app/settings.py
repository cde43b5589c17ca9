"""What an operator can set, read once from the environment into one frozen value.

`TABLE` drives parsing and the reference page alike: a setting is one row here, one field of
`Settings`, and one row of ``docs/reference/settings.md`` (a test compares them). No setting has a
secret as its default.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX: Final = "TIERLIFT_"

_HIDDEN: Final = ("_url", "_secret", "_jwks")


class LogLevel(StrEnum):
    """How grave an event must be to be written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How an event is written: for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process runs; `TABLE` says what each field means."""

    # A database address may carry a password, so it stays out of tracebacks and logs.
    database_url: str = field(default="sqlite:///var/tierlift.db", repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 32
    log_level: LogLevel = LogLevel.INFO
    log_format: LogFormat = LogFormat.TEXT
    max_body_bytes: int = 5_000_000
    events_in_work_bytes: int = 32_000_000
    browser_origins: str = "*"
    remembered_members: int = 50_000
    # An object store's address may carry its key.
    archive_url: str = field(default="", repr=False)
    archive_cache: str = "var/archive-cache"
    analysis_memory: str = ""
    # An engine's address may carry a password.
    analysis_url: str = field(default="", repr=False)
    analysis_relations: str = ""
    stale_s: int = 30
    rate_limit_browser: int = 20
    rate_limit_server: int = 0
    # Whoever knows it can sign a token for any member.
    member_token_secret: str = field(default="", repr=False)
    # An address may carry a password.
    member_token_jwks: str = field(default="", repr=False)
    member_token_audience: str = ""
    monitoring_folder: str = ""
    webhook_any_address: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable of the environment.

    Attributes:
        name: The field of `Settings`.
        parse: Turns the text that came into the field's value, or raises ValueError.
        accepts: What would do, as an operator reads it.
        meaning: What it changes.
    """

    name: str
    parse: Callable[[str], object]
    accepts: str
    meaning: str

    @property
    def variable(self) -> str:
        """The name of the variable of the environment."""
        return PREFIX + self.name.upper()


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


def _text(raw: str) -> str:
    if not raw.strip():
        raise ValueError(raw)
    return raw.strip()


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        number = int(raw) if raw.strip().isascii() else low - 1
        if not low <= number <= high:
            raise ValueError(raw)
        return number

    return parse


def _yes_or_no(raw: str) -> bool:
    match raw.strip().lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError(raw)


_ORIGIN: Final = re.compile(r"\*|https?://[^\s/?#*]+")


def _origins(raw: str) -> str:
    origins = raw.split()
    if not origins or not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError(raw)
    return " ".join(origins)


MEMORY: Final = re.compile(r"\d{1,6}(\.\d{1,3})?\s?(MB|GB|MiB|GiB)")


def _memory(raw: str) -> str:
    if raw.strip() and not MEMORY.fullmatch(raw.strip()):
        raise ValueError(raw)
    return raw.strip()


SECRET_BYTES: Final = 32
"""The shortest secret for HS256: as long as what it makes (RFC 7518, section 3.2)."""


def _secret(raw: str) -> str:
    # A public key in its place would let everybody sign; no one is a secret.
    too_short = len(raw.encode()) < SECRET_BYTES
    if raw and (too_short or raw != raw.strip() or raw.startswith(("-----BEGIN", "ssh-", "{"))):
        raise ValueError(raw)
    return raw


def _key_set(raw: str) -> str:
    address = raw.strip()
    # with a password before the host, urllib finds no host and tells the password
    if "://" in address and not re.match(r"https://[^/?#@]+([/?#]|$)", address):
        raise ValueError(raw)
    return address


TABLE: Final[tuple[Setting, ...]] = (
    Setting(
        "database_url",
        _text,
        "an address like sqlite:///var/tierlift.db or postgresql://user:password@host/name",
        "The database that campaigns and facts are kept in.",
    ),
    Setting(
        "host",
        _text,
        "a host name or address of this machine, like 127.0.0.1, or 0.0.0.0 for every address",
        "The address that the server listens on.",
    ),
    Setting(
        "port",
        _whole(1, 65_535),
        "a whole number from 1 to 65535",
        "The port that the server listens on.",
    ),
    Setting(
        "workers",
        _whole(1, 256),
        "a whole number from 1 to 256",
        "Processes that answer requests; as many as the machine has cores serves the most.",
    ),
    Setting(
        "threads",
        _whole(1, 256),
        "a whole number from 1 to 256",
        "Requests that one process answers at a time.",
    ),
    Setting(
        "log_level",
        LogLevel,
        "one of debug, info, warning, error",
        "The least grave event that is written; every request is one event at info.",
    ),
    Setting(
        "log_format",
        LogFormat,
        "one of text, json",
        "Events for people to read, or one JSON object a line.",
    ),
    Setting(
        "max_body_bytes",
        _whole(1_000, 1_000_000_000),
        "a whole number of bytes from 1000 to 1000000000",
        "The largest request body that is read; a larger one is answered with 413.",
    ),
    Setting(
        "events_in_work_bytes",
        _whole(1_000, 100_000_000_000),
        "a whole number of bytes from 1000 to 100000000000",
        "Bodies of events that one process works on together; more is answered with 503.",
    ),
    Setting(
        "browser_origins",
        _origins,
        "origins like https://shop.example with spaces between, or * for every origin",
        "The origins whose pages may ask for offers and report events (CORS).",
    ),
    Setting(
        "remembered_members",
        _whole(1, 10_000_000),
        "a whole number from 1 to 10000000",
        "Members whose attributes and assignments each process remembers, some 2 kB each; the "
        "rest is read when asked for.",
    ),
    Setting(
        "archive_url",
        str.strip,
        "a folder like var/archive, an object store's address like s3://bucket/folder, or nothing",
        "The archive that facts are copied to and analysis reads; without one, the database.",
    ),
    Setting(
        "archive_cache",
        _text,
        "a folder like var/archive-cache",
        "Where files of an object store are fetched to; it can be emptied at any time.",
    ),
    Setting(
        "analysis_memory",
        _memory,
        "an amount like 512MB or 4GB, or nothing",
        "How much memory one analysis may use before it spills to disk; by default most of it.",
    ),
    Setting(
        "analysis_url",
        str.strip,
        "an address like local[*], spark://host:7077, postgresql://user@host/name, or nothing",
        "The engine that computes scorecards; without one, DuckDB in the process.",
    ),
    Setting(
        "analysis_relations",
        str.strip,
        "a file like relations.yaml, or nothing",
        "Declares which tables hold the facts; without one, Tierlift's own database or archive.",
    ),
    Setting(
        "stale_s",
        _whole(0, 3_600),
        "a whole number of seconds from 0 to 3600",
        "How long keys, campaigns and members that were known stay so while the database cannot be "
        "asked.",
    ),
    Setting(
        "rate_limit_browser",
        _whole(0, 1_000_000),
        "a whole number from 0 to 1000000",
        "Requests a second that a browser key without a rate of its own may make for one member; 0 "
        "is any number.",
    ),
    Setting(
        "rate_limit_server",
        _whole(0, 1_000_000),
        "a whole number from 0 to 1000000",
        "Requests a second that a server key without a rate of its own may make; 0 is any number.",
    ),
    Setting(
        "member_token_secret",
        _secret,
        "text of at least 32 bytes without spaces around it and no public key, or nothing",
        "The secret that the business signs member tokens with, for HS256.",
    ),
    Setting(
        "member_token_jwks",
        _key_set,
        "an address like https://shop.example/jwks.json, a file like jwks.json, or nothing",
        "Where the public keys of member tokens are, for RS256, ES256 and EdDSA.",
    ),
    Setting(
        "member_token_audience",
        str.strip,
        "text like tierlift, or nothing",
        "What the claim aud of a member token must name; without one, tokens may have no aud.",
    ),
    Setting(
        "monitoring_folder",
        str.strip,
        "a folder of this machine like var/monitoring, or nothing",
        "Where the processes of one server leave their figures for one another; without one, "
        "`tierlift serve` makes one, and another web server's processes each show their own.",
    ),
    Setting(
        "webhook_any_address",
        _yes_or_no,
        "true or false",
        "Whether webhooks may go over plain HTTP and to addresses of the own network, which "
        "whoever may set one could have this server ask.",
    ),
)


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Give the settings that `environment` (by default this process's own) asks for.

    Raises:
        InvalidSettings: Values that cannot be used, all of them at once.
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
    return Settings(**chosen)  # type: ignore[arg-type]  # each row's parser gives its field's type


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


def _nearest(variable: str, known: list[str]) -> str:
    # The prefix, which all share, would make everything look near.
    names = [name.removeprefix(PREFIX) for name in known]
    close = get_close_matches(variable.removeprefix(PREFIX), names, n=1)
    return f"; did you mean {PREFIX}{close[0]}?" if close else f"; settings are {', '.join(known)}."
