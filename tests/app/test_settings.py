"""What an operator can set."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.roles import Role
from app.settings import (
    ROLE_NAMES,
    TABLE,
    InvalidSettings,
    LogFormat,
    LogLevel,
    RoleRule,
    Settings,
    as_environment,
    provider_of,
    read_settings,
    unknown_variables,
)

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_an_empty_environment_gives_the_defaults() -> None:
    """Without any variable, Tierlift runs on one machine with its embedded database."""
    assert read_settings({}) == Settings()


def test_every_setting_is_read_from_its_variable() -> None:
    """A variable that is set replaces the default."""
    chosen = read_settings(
        {
            "TIERLIFT_DATABASE_URL": "postgresql://u:p@db/tierlift",
            "TIERLIFT_HOST": "0.0.0.0",  # noqa: S104  # what an operator sets in a container
            "TIERLIFT_PORT": "9000",
            "TIERLIFT_WORKERS": "4",
            "TIERLIFT_THREADS": "2",
            "TIERLIFT_LOG_LEVEL": "warning",
            "TIERLIFT_LOG_FORMAT": "json",
            "TIERLIFT_MAX_BODY_BYTES": "2000",
            "TIERLIFT_ARCHIVE_URL": "s3://bucket/folder",
            "TIERLIFT_ARCHIVE_CACHE": "/var/cache/tierlift",
        }
    )

    assert chosen == Settings(
        database_url="postgresql://u:p@db/tierlift",
        host="0.0.0.0",  # noqa: S104  # as above
        port=9000,
        workers=4,
        threads=2,
        log_level=LogLevel.WARNING,
        log_format=LogFormat.JSON,
        max_body_bytes=2000,
        archive_url="s3://bucket/folder",
        archive_cache="/var/cache/tierlift",
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIERLIFT_PORT", ""),
        ("TIERLIFT_PORT", "http"),
        ("TIERLIFT_PORT", "0"),
        ("TIERLIFT_PORT", "65536"),
        ("TIERLIFT_PORT", "80.5"),
        ("TIERLIFT_PORT", "٨٠٠٠"),
        ("TIERLIFT_WORKERS", "-1"),
        ("TIERLIFT_LOG_LEVEL", "loud"),
        ("TIERLIFT_LOG_FORMAT", "JSON "),
        ("TIERLIFT_HOST", "  "),
        ("TIERLIFT_DATABASE_URL", ""),
        ("TIERLIFT_MAX_BODY_BYTES", "5MB"),
        ("TIERLIFT_STALE_S", "-1"),
        ("TIERLIFT_RATE_LIMIT_BROWSER", "many"),
        ("TIERLIFT_RATE_LIMIT_SERVER", "-1"),
    ],
)
def test_a_malformed_value_is_named_with_what_would_do(variable: str, value: str) -> None:
    """The message names the variable, what came and what would be accepted."""
    with pytest.raises(InvalidSettings) as refused:
        read_settings({variable: value})

    message = str(refused.value)
    assert variable in message
    assert (repr(value) if value else "nothing") in message
    assert "must be" in message


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIERLIFT_MEMBER_TOKEN_SECRET", "hunter2 is short"),
        ("TIERLIFT_MEMBER_TOKEN_SECRET", " hunter2" * 8),
        ("TIERLIFT_MEMBER_TOKEN_SECRET", "-----BEGIN PUBLIC KEY-----\nhunter2 hunter2"),
        ("TIERLIFT_MEMBER_TOKEN_SECRET", '{"keys": [{"kty": "RSA", "n": "hunter2"}]}'),
        ("TIERLIFT_MEMBER_TOKEN_JWKS", "http://shop.example/hunter2"),
        ("TIERLIFT_MEMBER_TOKEN_JWKS", "https://reader:hunter2@shop.example/jwks.json"),
        ("TIERLIFT_MEMBER_TOKEN_JWKS", "file:///hunter2"),
        ("TIERLIFT_MEMBER_TOKEN_JWKS", "https:///hunter2"),
    ],
)
def test_what_may_be_secret_is_refused_without_being_shown(variable: str, value: str) -> None:
    """The message goes to a terminal or a log."""
    with pytest.raises(InvalidSettings, match=variable) as refused:
        read_settings({variable: value})

    assert "hunter2" not in str(refused.value)


def test_member_tokens_are_set_up_with_a_secret_or_a_key_set() -> None:
    """By default neither is, and the secret is not printed with the settings."""
    chosen = read_settings(
        {
            "TIERLIFT_MEMBER_TOKEN_SECRET": "hunter2 " * 4 + "hunter2",
            "TIERLIFT_MEMBER_TOKEN_JWKS": "https://shop.example/jwks.json",
            "TIERLIFT_MEMBER_TOKEN_AUDIENCE": "tierlift",
        }
    )

    kept = (chosen.member_token_secret, chosen.member_token_jwks, chosen.member_token_audience)
    assert kept == ("hunter2 " * 4 + "hunter2", "https://shop.example/jwks.json", "tierlift")
    assert "hunter2" not in repr(chosen)
    assert read_settings(as_environment(chosen)) == chosen


def test_every_malformed_value_is_named_at_once() -> None:
    """An operator with two mistakes learns both at the first start."""
    with pytest.raises(InvalidSettings) as refused:
        read_settings({"TIERLIFT_PORT": "x", "TIERLIFT_WORKERS": "y"})

    assert [one.variable for one in refused.value.refused] == ["TIERLIFT_PORT", "TIERLIFT_WORKERS"]


def test_an_unknown_variable_is_named_with_its_likeliest_correction() -> None:
    """A misspelt variable is not silently without effect."""
    messages = unknown_variables({"TIERLIFT_PROT": "1", "PATH": "/bin", "TIERLIFT_PORT": "1"})

    assert messages == ("TIERLIFT_PROT is not a setting; did you mean TIERLIFT_PORT?",)


def test_an_unknown_variable_far_from_any_lists_the_settings() -> None:
    """Where no setting is near, all are listed."""
    (message,) = unknown_variables({"TIERLIFT_ZZZ": "1"})

    assert "TIERLIFT_DATABASE_URL" in message


def test_the_password_of_the_database_is_not_shown() -> None:
    """A database address may carry a password, so settings print without it."""
    assert "hunter2" not in repr(Settings(database_url="postgresql://u:hunter2@db/t"))


@given(
    st.builds(
        Settings,
        port=st.integers(1, 65_535),
        workers=st.integers(1, 256),
        threads=st.integers(1, 256),
        log_level=st.sampled_from(LogLevel),
        log_format=st.sampled_from(LogFormat),
        max_body_bytes=st.integers(1_000, 1_000_000_000),
        archive_url=st.sampled_from(["", "var/archive"]),
    )
)
def test_settings_survive_the_way_through_an_environment(settings: Settings) -> None:
    """A worker process that reads its environment runs with the settings of its parent."""
    assert read_settings(as_environment(settings)) == settings


def test_the_table_and_the_fields_are_the_same_settings() -> None:
    """A setting without a row could not be set, and a row without a field would do nothing."""
    assert [setting.name for setting in TABLE] == [field.name for field in fields(Settings)]


def test_the_reference_page_lists_every_setting_with_its_default() -> None:
    """An operator finds each variable, its default and what it accepts, and none that is gone."""
    rows = {
        row[0]: row[1:]
        for row in re.findall(
            r"^\| `(TIERLIFT_\w+)` \| `([^`]*)` \| (.+?) \| (.+?) \|$",
            REFERENCE.read_text(),
            re.MULTILINE,
        )
    }

    defaults = as_environment(Settings())
    assert rows == {
        setting.variable: (defaults[setting.variable], setting.accepts, setting.meaning)
        for setting in TABLE
    }


PROVIDER = {
    "TIERLIFT_OIDC_ISSUER": "https://login.example/realms/shop",
    "TIERLIFT_OIDC_CLIENT_ID": "tierlift",
    "TIERLIFT_OIDC_CLIENT_SECRET": "hunter2",
}


def test_an_identity_provider_is_set_up_with_rules_for_roles() -> None:
    """Values may hold anything but a semicolon, and the secret is not printed."""
    chosen = read_settings(
        PROVIDER | {"TIERLIFT_OIDC_ROLES": "admin=CN=admins,DC=shop;marketer = crm team ; viewer"}
    )
    provider = provider_of(chosen)
    assert provider is not None
    assert provider.rules == (
        RoleRule("admin", "CN=admins,DC=shop"), RoleRule("marketer", "crm team"),
        RoleRule("viewer", "*"),
    )  # fmt: skip
    assert "hunter2" not in repr(chosen) + repr(provider)
    assert read_settings(as_environment(chosen)) == chosen
    assert provider_of(Settings()) is None


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"TIERLIFT_OIDC_NAME": "Login"}, list(PROVIDER)),
        ({"TIERLIFT_OIDC_NEW_USERS": "true"} | PROVIDER, ["TIERLIFT_OIDC_ROLES"]),
        *(
            ({one: text for one, text in PROVIDER.items() if one != left_out}, [left_out])
            for left_out in PROVIDER
        ),
    ],
)
def test_what_an_identity_provider_lacks_is_named(
    given: dict[str, str], missing: list[str]
) -> None:
    """At the start, not when the first person wants to sign in."""
    with pytest.raises(InvalidSettings, match="must be set, since TIERLIFT_OIDC_") as refused:
        read_settings(given)
    assert [one.variable for one in refused.value.refused] == missing
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TIERLIFT_PUBLIC_URL", "tierlift.example"),
        ("TIERLIFT_PUBLIC_URL", "https://tierlift.example/console"),
        ("TIERLIFT_PUBLIC_URL", "https://ada@tierlift.example"),
        ("TIERLIFT_TRUSTED_PROXIES", "all"),
        ("TIERLIFT_OIDC_ISSUER", "http://login.example"),
        ("TIERLIFT_OIDC_ISSUER", "https://login.example?realm=shop"),
        ("TIERLIFT_OIDC_SCOPES", "email"),
        ("TIERLIFT_OIDC_ROLES", "king"),
        ("TIERLIFT_OIDC_ROLES", "admin="),
    ],
)
def test_addresses_and_roles_are_checked_at_the_start(variable: str, value: str) -> None:
    """Each is named with what would do."""
    with pytest.raises(InvalidSettings, match=f"{variable} is .* but must be"):
        read_settings({variable: value})


def test_roles_of_a_provider_are_those_of_people() -> None:
    """The settings stand below the roles, and name them again."""
    assert tuple(Role) == ROLE_NAMES
