"""`tierlift users` tells how people sign in, and takes them apart from an identity provider."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.auth.identity import Identity
from app.auth.provider_people import sign_in_by_provider
from app.settings import ProviderSettings
from app.wiring import utc_now
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from tests.app.cli.conftest import Run


def test_a_user_is_unlinked(run_on_each: Run, database_url: str) -> None:
    """The list says so before and after."""
    run_on_each("users", "create", "ada@example.com", "--name", "Ada", "--role", "viewer")
    provider = ProviderSettings(
        "https://login.example", "tierlift", "hunter2", "", "openid", "groups", (),
        makes_users=False,
    )  # fmt: skip
    ada = Identity("https://login.example ada", "ada@example.com", True, "Ada", frozenset())
    engine = open_engine(database_url)
    sign_in_by_provider(engine, ada, provider, utc_now())
    engine.dispose()

    (before,) = json.loads(run_on_each("users", "list", "--json").stdout)
    done = run_on_each("users", "unlink", "ada@example.com")
    (after,) = json.loads(run_on_each("users", "list", "--json").stdout)

    assert (before["has_password"], before["is_linked"], before["role"]) == (False, True, "viewer")
    assert done.stdout == "ada@example.com is not linked.\n"
    assert after["is_linked"] is False
