"""The ledger on the command line: lists, steps, and what is left of a budget."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from experiments.store.engine import open_engine
from tests.experiments.rewards import COST, open_till, variants

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.app.cli.conftest import Run


def grant_one(engine: Engine) -> None:
    """Keep a campaign of one gift, and give it to a member."""
    till = open_till(engine, ["ada"], variants=variants(stock=1), caps={"budget_minor": 3 * COST})
    till.ask("grant", "ada", reason="a birthday")


def test_grants_are_listed_and_shown(run_on_each: Run, database_url: str) -> None:
    """A table for people, the API's values for programs, and every step with its reason."""
    engine = open_engine(database_url)
    empty = run_on_each("grants", "list")
    assert (empty.exit_code, empty.stdout) == (0, "")
    grant_one(engine)
    engine.dispose()
    listed = run_on_each("grants", "list", "--campaign", "gold-q3", "--state", "redeemed")
    assert "g-ada" in listed.stdout
    assert "30000 TWD" in listed.stdout
    (values,) = json.loads(run_on_each("grants", "list", "--json").stdout)
    assert (values["grant_id"], values["state"]) == ("g-ada", "redeemed")
    assert run_on_each("grants", "list", "--member", "bo").stdout == ""
    shown = run_on_each("grants", "show", "g-ada").stdout
    assert "is redeemed" in shown
    assert shown.count("a birthday") == 2
    steps = json.loads(run_on_each("grants", "show", "g-ada", "--json").stdout)["moves"]
    assert [step["step"] for step in steps] == ["reserve", "redeem"]
    missing = run_on_each("grants", "show", "nothing")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "There is no grant 'nothing'" in missing.stderr


def test_a_budget_is_printed_with_what_ran_out(run_on_each: Run, database_url: str) -> None:
    """What is left, what is promised, and that enrolment is closed."""
    engine = open_engine(database_url)
    grant_one(engine)
    engine.dispose()
    printed = run_on_each("campaign", "budget", "gold-q3")
    assert printed.exit_code == 0
    assert "stock of gold-q3.gift" in printed.stdout
    assert "90,000" in printed.stdout
    assert "Enrolment is closed" in printed.stderr
    values = json.loads(run_on_each("campaign", "budget", "gold-q3", "--json").stdout)
    assert values["enrolment_open"] is False
    assert [bound["remaining"] for bound in values["bounds"]] == [0, 2 * COST]
    assert run_on_each("campaign", "budget", "nowhere").exit_code == 1
