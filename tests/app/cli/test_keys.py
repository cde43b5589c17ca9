"""`tierlift keys` makes keys that open what their scopes say, until they are revoked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.auth import KeyRing, Scope
from app.auth.roles import ROLES, Role
from app.errors import KeyRefused
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from tests.app.cli.conftest import Run


def test_a_new_key_stands_alone_on_standard_output(run_on_each: Run, database_url: str) -> None:
    """A script can take it as it is; the note about it goes to standard error."""
    done = run_on_each("keys", "create", "shop", "--scope", "offers:read", "--scope",
                       "events:write")  # fmt: skip
    assert done.exit_code == 0
    engine = open_engine(database_url)
    key = KeyRing(engine).authenticate(done.stdout.rstrip("\n"))
    engine.dispose()
    assert key.name == "shop"
    assert key.scopes == {Scope.OFFERS_READ, Scope.EVENTS_WRITE}
    assert "not shown again" in done.stderr


def test_a_new_key_can_be_had_as_json(run: Run) -> None:
    """With its id, name and scopes."""
    done = run("keys", "create", "shop", "--scope", "offers:read", "--json")
    made = json.loads(done.stdout)
    assert made["key"].startswith(f"tl_{made['key_id']}_")
    assert (made["name"], made["scopes"]) == ("shop", ["offers:read"])


def test_listed_keys_show_no_secret(run: Run) -> None:
    """Only the id, the name, the scopes and the times of a key are known."""
    made = json.loads(run("keys", "create", "shop [x]", "--scope", "offers:read", "--json").stdout)
    table = run("keys", "list").stdout
    assert made["key_id"] in table
    assert "shop [x]" in table
    (listed,) = json.loads(run("keys", "list", "--json").stdout)
    assert listed["revoked_at"] is None
    assert set(listed) == {
        "key_id", "name", "kind", "rate", "scopes", "created_at", "revoked_at",
    }  # fmt: skip


def test_a_revoked_key_opens_nothing(run_on_each: Run, database_url: str) -> None:
    """Revoking is final; a second time says so; an unknown key is named."""
    made = json.loads(run_on_each("keys", "create", "a", "--scope", "offers:read", "--json").stdout)
    assert run_on_each("keys", "revoke", made["key_id"]).stdout.endswith("is revoked.\n")
    assert "was revoked already" in run_on_each("keys", "revoke", made["key_id"]).stdout
    engine = open_engine(database_url)
    with pytest.raises(KeyRefused):
        KeyRing(engine).authenticate(made["key"])
    engine.dispose()
    unknown = run_on_each("keys", "revoke", "nope")
    assert unknown.exit_code == 1
    assert "There is no API key 'nope'" in unknown.stderr


def test_a_browser_key_is_made_and_listed_as_one(run_on_each: Run) -> None:
    """With its rate; and whoever makes one learns that it needs member tokens."""
    done = run_on_each("keys", "create", "page", "--scope", "offers:read", "--browser", "--rate",
                       "50", "--json")  # fmt: skip
    made = json.loads(done.stdout)
    assert (made["kind"], made["rate"]) == ("browser", 50)
    assert "TIERLIFT_MEMBER_TOKEN_SECRET" in done.stderr
    (listed,) = json.loads(run_on_each("keys", "list", "--json").stdout)
    assert (listed["kind"], listed["rate"]) == ("browser", 50)
    assert "browser  50" in run_on_each("keys", "list").stdout


def test_where_member_tokens_are_set_up_nothing_is_said_of_them(run: Run) -> None:
    """The note is for whoever has still to do it."""
    done = run("keys", "create", "page", "--scope", "offers:read", "--browser",
               TIERLIFT_MEMBER_TOKEN_SECRET="s" * 32)  # fmt: skip
    assert done.exit_code == 0
    assert "MEMBER_TOKEN" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["shop"], 2, "Missing option '--scope'"),
        (["shop", "--scope", "everything"], 2, "'everything' is not one of 'offers:read'"),
        (["", "--scope", "offers:read"], 1, "name has the wrong length"),
        (["x" * 256, "--scope", "offers:read"], 1, "name has the wrong length"),
        (["page", "--scope", "reports:read", "--browser"], 1, "not for a browser key"),
        (["shop", "--scope", "offers:read", "--rate", "-1"], 1, "rate is no rate"),
        (["shop", "--scope", "offers:read", "--rate", "many"], 2, "not a valid integer"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    run: Run, words: list[str], code: int, told: str
) -> None:
    """A key without scope or name is not made, and the reason is told."""
    done = run("keys", "create", *words)
    assert done.exit_code == code
    assert told in done.stderr
    assert run("keys", "list", "--json").stdout == "[]\n"


def test_a_key_of_a_role_has_its_scopes(run: Run) -> None:
    """What people of the role may do, and what else is asked for."""
    done = run("keys", "create", "notebook", "--role", "analyst", "--scope", "flags:read", "--json")
    assert set(json.loads(done.stdout)["scopes"]) == {*ROLES[Role.ANALYST], "flags:read"}
