"""How members will see a campaign, and signed links that show it to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from experiments.lifecycle import Act, create_campaign
from experiments.templates import Template, draft_of
from tests.app.console.conftest import post
from tests.app.console.new.conftest import programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring
    from experiments.programme import Programme

__all__ = ["programme"]

AT = "/console/campaigns/spring/preview"


@pytest.fixture
def campaign(wiring: Wiring, programme: Programme) -> None:  # the fixture
    """Keep a campaign with words in both locales."""
    design = draft_of(Template.UPGRADE_GIFT, "spring", programme, wiring.clock()).design
    create_campaign(wiring.engine, design, Act(wiring.clock(), "tests"))


@pytest.mark.usefixtures("campaign")
def test_every_variant_is_shown_in_every_locale(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The control has no words; the treatment has a card a locale. A viewer signs nothing."""
    assert client_of(Role.VIEWER).get(AT).status_code == 200

    control, treatment = pages[-1].variants
    assert control.cards == ()
    assert [card.locale for card in treatment.cards] == ["en", "zh-Hant-TW"]
    assert not pages[-1].may_sign


@pytest.mark.usefixtures("campaign")
def test_a_signed_link_shows_one_variant_to_whoever_has_it(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """It needs no sign-in, and one that was changed shows nothing."""
    client = client_of(Role.MARKETER)
    post(client, AT, page=AT, variant="treatment", locale="zh-Hant-TW", tier="silver")
    link = pages[-1].link
    stranger = client.application.test_client()

    answer = stranger.get(link)

    assert answer.status_code == 200
    assert (pages[-1].card.locale, pages[-1].tier) == ("zh-Hant-TW", "Silver")
    assert stranger.get(link.replace("silver", "gold")).status_code == 404
    assert stranger.get("/console/look/spring").status_code == 404


@pytest.mark.usefixtures("campaign")
def test_a_viewer_makes_no_link(client_of: Callable[..., FlaskClient]) -> None:
    """The denial names what is missing."""
    client = client_of(Role.VIEWER)

    answer = post(client, AT, page="/console/account/password", variant="treatment")

    assert answer.status_code == 403
    assert "campaigns:write" in answer.text
