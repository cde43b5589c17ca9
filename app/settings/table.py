"""Every variable: how it is read, what would do, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.settings.fields import LogFormat, LogLevel
from app.settings.parsers import (
    key_set,
    memory,
    origins,
    public_address,
    secret,
    text,
    whole,
    yes_or_no,
)
from app.settings.provider import issuer, roles, scopes

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX: Final = "TIERLIFT_"


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


TABLE: Final[tuple[Setting, ...]] = (
    Setting(
        "database_url",
        text,
        "an address like sqlite:///var/tierlift.db or postgresql://user:password@host/name",
        "The database that campaigns and facts are kept in.",
    ),
    Setting(
        "host",
        text,
        "a host name or address of this machine, like 127.0.0.1, or 0.0.0.0 for every address",
        "The address that the server listens on.",
    ),
    Setting(
        "port",
        whole(1, 65_535),
        "a whole number from 1 to 65535",
        "The port that the server listens on.",
    ),
    Setting(
        "workers",
        whole(1, 256),
        "a whole number from 1 to 256",
        "Processes that answer requests; as many as the machine has cores serves the most.",
    ),
    Setting(
        "threads",
        whole(1, 256),
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
        whole(1_000, 1_000_000_000),
        "a whole number of bytes from 1000 to 1000000000",
        "The largest request body that is read; a larger one is answered with 413.",
    ),
    Setting(
        "events_in_work_bytes",
        whole(1_000, 100_000_000_000),
        "a whole number of bytes from 1000 to 100000000000",
        "Bodies of events that one process works on together; more is answered with 503.",
    ),
    Setting(
        "browser_origins",
        origins,
        "origins like https://shop.example with spaces between, or * for every origin",
        "The origins whose pages may ask for offers and report events (CORS).",
    ),
    Setting(
        "remembered_members",
        whole(1, 10_000_000),
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
        text,
        "a folder like var/archive-cache",
        "Where files of an object store are fetched to; it can be emptied at any time.",
    ),
    Setting(
        "analysis_memory",
        memory,
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
        whole(0, 3_600),
        "a whole number of seconds from 0 to 3600",
        "How long keys, campaigns and members that were known stay so while the database cannot be "
        "asked.",
    ),
    Setting(
        "rate_limit_browser",
        whole(0, 1_000_000),
        "a whole number from 0 to 1000000",
        "Requests a second that a browser key without a rate of its own may make for one member; 0 "
        "is any number.",
    ),
    Setting(
        "rate_limit_server",
        whole(0, 1_000_000),
        "a whole number from 0 to 1000000",
        "Requests a second that a server key without a rate of its own may make; 0 is any number.",
    ),
    Setting(
        "member_token_secret",
        secret,
        "text of at least 32 bytes without spaces around it and no public key, or nothing",
        "The secret that the business signs member tokens with, for HS256.",
    ),
    Setting(
        "member_token_jwks",
        key_set,
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
        yes_or_no,
        "true or false",
        "Whether webhooks may go over plain HTTP and to addresses of the own network, which "
        "whoever may set one could have this server ask.",
    ),
    Setting(
        "public_url",
        public_address,
        "an address without a path like https://tierlift.example, or nothing",
        "Where people open the console: links to hand over begin with it, and with https the "
        "cookies of the console travel encrypted only.",
    ),
    Setting(
        "trusted_proxies",
        whole(0, 10),
        "a whole number from 0 to 10",
        "Proxies in front of Tierlift that each add to `X-Forwarded-For` and set "
        "`X-Forwarded-Proto`; with 0 these headers are not believed.",
    ),
    Setting(
        "oidc_issuer",
        issuer,
        "an address like https://login.example/realms/shop, or nothing",
        "The identity provider (OpenID Connect) that people may sign in with, as it names itself.",
    ),
    Setting(
        "oidc_client_id",
        str.strip,
        "text like tierlift, or nothing",
        "What the identity provider calls this installation.",
    ),
    Setting(
        "oidc_client_secret",
        str.strip,
        "text, or nothing",
        "The secret that the identity provider gave this installation.",
    ),
    Setting(
        "oidc_name",
        str.strip,
        "text like Example Login, or nothing",
        "What people call the identity provider, for the button to sign in with it.",
    ),
    Setting(
        "oidc_scopes",
        scopes,
        "words with spaces between, openid among them",
        "What is asked of the identity provider about whoever signs in.",
    ),
    Setting(
        "oidc_roles_claim",
        text,
        "the name of a claim like groups, or of one within another like realm_access.roles",
        "Where the identity provider says what somebody is in the business.",
    ),
    Setting(
        "oidc_roles",
        roles,
        "a role for everybody, rules like admin=tierlift-admins; marketer=crm; viewer, or nothing",
        "Which role follows from that claim: the first rule that fits, at every sign-in; without "
        "any, administrators give roles.",
    ),
    Setting(
        "oidc_new_users",
        yes_or_no,
        "true or false",
        "Whether whoever the identity provider knows and Tierlift does not becomes a user.",
    ),
)
