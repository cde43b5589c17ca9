"""What is set for one process, as one frozen value; `app.settings.table` says what each means."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


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
    public_url: str = ""
    trusted_proxies: int = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    # Whoever knows it can ask the provider in the name of this installation.
    oidc_client_secret: str = field(default="", repr=False)
    oidc_name: str = ""
    oidc_scopes: str = "openid email profile"
    oidc_roles_claim: str = "groups"
    oidc_roles: str = ""
    oidc_new_users: bool = False
