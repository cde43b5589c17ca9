"""A programme, a marketer, and a form that was begun from a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.auth.roles import Role
from experiments.lifecycle import set_programme
from experiments.programme import Programme
from tests.app.console.conftest import post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

TIERS = ("member", "silver", "gold")


@pytest.fixture
def programme(wiring: Wiring) -> Programme:
    """Set a programme with three tiers, two locales and Taiwanese dollars."""
    programme = Programme.model_validate(
        {
            "name": "Sanshan",
            "time_zone": "Asia/Taipei",
            "currency": "TWD",
            "locales": ["en", "zh-Hant-TW"],
            "tiers": [{"key": key, "name": key.title()} for key in TIERS],
            "layers": [{"key": "promotions", "name": "Promotions"}],
        }
    )
    return set_programme(wiring.engine, programme, wiring.clock())


@pytest.fixture
def marketer(client_of: Callable[..., FlaskClient], programme: Programme) -> FlaskClient:
    """Give the browser of a marketer."""
    del programme
    return client_of(Role.MARKETER)


def begun(client: FlaskClient, template: str = "upgrade-gift") -> str:
    """Begin a form, and give its address without the step."""
    start = "/console/campaigns/new"
    answer = post(client, start, page=start, template=template)
    assert answer.status_code == 302, answer.text
    return answer.location.rpartition("/")[0]
