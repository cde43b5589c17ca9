"""The calculator: what is typed stands in the address, and an impossible plan says so."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.analysis.planning_size import size_of
from app.auth.roles import Role
from tests.app.test_planning_size import QUESTION

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

AT = "/console/calculator"
ASKED = {"baseline": "10", "mde": "20", "per_day": "200"}


def test_numbers_are_those_of_the_analysis(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The page shows what `app.analysis` says, with thousands separated."""
    answer = client_of(Role.VIEWER).get(AT, query_string=ASKED)

    sized = pages[-1].sized
    assert answer.status_code == 200
    assert sized.total == f"{size_of(QUESTION).total:,}"
    assert sized.is_possible
    assert json.loads(sized.plot.specification)["width"] == "container"
    assert len(sized.plot.rows) == 8


def test_an_impossible_plan_names_the_effect_that_is_possible(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Both numbers stand there, and what to do."""
    client_of(Role.VIEWER).get(AT, query_string={**ASKED, "audience": "3000"})

    sized = pages[-1].sized
    lift = (size_of(replace(QUESTION, audience=3000)).smallest or 0) / 0.10
    assert not sized.is_possible
    assert "3,000" in sized.verdict
    assert f"{lift:.1%}" in sized.advice


def test_what_is_wrong_stands_at_its_field(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A share above 100, no variants, and words for a number."""
    typed = {**ASKED, "baseline": "120", "variants": "1", "per_day": "many"}

    answer = client_of(Role.VIEWER).get(AT, query_string=typed)

    assert answer.status_code == 422
    assert set(pages[-1].errors) == {"baseline", "variants", "per_day"}
    assert pages[-1].typed["per_day"] == "many"


def test_money_needs_its_spread(client_of: Callable[..., FlaskClient], pages: list[Any]) -> None:
    """Of an amount nothing follows about how members differ."""
    client = client_of(Role.VIEWER)

    client.get(AT, query_string={**ASKED, "kind": "mean", "baseline": "50"})
    assert set(pages[-1].errors) == {"sd"}
    client.get(AT, query_string={**ASKED, "kind": "mean", "baseline": "50", "sd": "100"})
    assert pages[-1].sized.is_possible


def test_the_first_visit_proposes_something(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """An empty installation has no traffic to propose, and still shows an answer."""
    client_of(Role.VIEWER).get(AT)

    assert pages[-1].typed["per_day"] == "1000"
    assert pages[-1].sized is not None
