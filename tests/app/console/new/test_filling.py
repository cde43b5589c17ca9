"""Whatever is typed is kept, right or wrong, and nobody overwrites anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.roles import Role
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient


def test_a_template_begins_a_form(marketer: FlaskClient, pages: list[Any]) -> None:
    """The first step shows what the template proposes."""
    answer = marketer.get(f"{begun(marketer)}/goal")
    assert answer.status_code == 200
    assert pages[-1].form.value("goal.name") == "Upgrade gift"
    assert pages[-1].form.judged.is_right


def test_what_is_wrong_is_kept_too(marketer: FlaskClient, pages: list[Any]) -> None:
    """A refused step shows what was typed, with the refusal at its field."""
    at = f"{begun(marketer)}/goal"
    answer = post(marketer, at, page=at, version="1", **{"goal.name": "Tea", "goal.key": "a b"})
    assert answer.status_code == 422
    assert pages[-1].form.error("goal.key")
    marketer.get(at)
    assert pages[-1].form.value("goal.key") == "a b"


def test_two_editors_do_not_overwrite_one_another(
    marketer: FlaskClient, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The second to save a step sees both, and nothing of theirs is lost."""
    other, at = client_of(Role.ADMIN), f"{begun(marketer)}/goal"
    post(other, at, page=at, version="1", **{"goal.name": "Theirs", "goal.key": "one"})
    answer = post(marketer, at, page=at, version="1", **{"goal.name": "Mine", "goal.key": "one"})
    assert answer.status_code == 409
    assert ("name", "Theirs", "Mine") in pages[-1].rows
    mine = dict(pages[-1].typed)
    post(marketer, at, page=at, version=pages[-1].version, **mine)
    marketer.get(at)
    assert pages[-1].form.value("goal.name") == "Mine"
