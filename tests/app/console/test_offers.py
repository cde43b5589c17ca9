"""Every offer is listed with what became of it; one offer's page says what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auth.roles import Role
from experiments.campaign import Move
from tests.app.console.over import over
from tests.app.console.running import launched
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring


def with_offer(**changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # fields of an offer
    """Give the variants of the tests, their gift with some fields changed."""
    control, gift = DESIGN["variants"]
    return [control, {**gift, "name": "Tea set", "offer": {**gift["offer"], **changes}}]


def test_without_offers_the_page_leads_to_a_campaign(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """An empty installation says where offers come from; a viewer is not offered the form."""
    text = client_of(Role.VIEWER).get("/console/offers/").get_data(as_text=True)
    assert (pages[-1].total, pages[-1].new_address) == (0, "")
    assert "There is no offer yet" in text


def test_offers_are_found_by_kind_state_and_words(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Variants that name one offer are one line; control, which offers nothing, is none."""
    shared = with_offer(offer_id="tea", stock=40)
    launched(wiring, "spring", move=Move.STOP, variants=shared)
    launched(wiring, "summer", variants=shared)
    launched(wiring, "cake", move=Move.STOP, variants=with_offer(gift="Cake"))
    client = client_of(Role.VIEWER)
    client.get("/console/offers/")
    rows = {row.offer_id: row for row in pages[-1].rows}
    assert set(rows) == {"tea", "cake.gift"}
    assert (rows["tea"].stock, rows["tea"].granted, rows["tea"].campaigns) == (
        "80", "0", "2 campaigns",
    )  # fmt: skip
    assert rows["tea"].state.text == "Offered now"
    assert rows["cake.gift"].state.text == "No longer offered"
    for query, found in {
        "state=over": {"cake.gift"},
        "kind=lottery": set(),
        "q=gift+awaits": {"tea", "cake.gift"},
        "kind=gift&q=winter": set(),
        "q=TEA+set": {"tea", "cake.gift"},
    }.items():
        client.get(f"/console/offers/?{query}")
        assert {row.offer_id for row in pages[-1].rows} == found, query
    part = client.get("/console/offers/", headers={"HX-Request": "true"})
    assert "<html" not in part.get_data(as_text=True)


def test_one_offer_shows_its_words_and_what_it_did(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A card for every locale of the programme, its terms, and each campaign."""
    launched(wiring, "summer", variants=with_offer())
    over(wiring, "spring", {"control": (0.1, 0.004, 5_000), "gift": (0.12, 0.004, 5_000)})
    client = client_of(Role.VIEWER)
    client.get("/console/offers/summer.gift")
    page = pages[-1]
    assert [card.title for card in page.cards] == ["好禮等您", "A gift awaits", "A gift awaits"]
    assert any(fact.text.endswith("300") for fact in page.terms)
    assert [(one.variant, one.granted, one.stock) for one in page.uses] == [("Tea set", "0", "")]
    assert client.get("/console/offers/spring.gift").status_code == 200
    assert client.get("/console/offers/nothing").status_code == 404
