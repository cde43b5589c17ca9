"""The step of variants and offers: shares that total 100 %, offers by kind, copy by locale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.drafting import list_drafts
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.wiring import Wiring


def send(client: FlaskClient, at: str, page: Any, **fields: str) -> TestResponse:  # noqa: ANN401  # a page of any step
    """Send the step as it is shown, but for some fields."""
    shown = {k: v for k, v in page.form.fields.items() if k.startswith("variants.")}
    return post(client, at, page=at, version="1", **{**shown, "go": "next", **fields})


def opened(
    client: FlaskClient, pages: list[Any], template: str = "upgrade-gift"
) -> tuple[str, Any]:
    """Open the step of a new form."""
    at = f"{begun(client, template)}/variants"
    client.get(at)
    return at, pages[-1]


def test_the_template_fills_in_both_variants(marketer: FlaskClient, pages: list[Any]) -> None:
    """The control comes first; the gift has its own fields and no others."""
    _, page = opened(marketer, pages)

    assert [one.heading for one in page.variants] == ["control", "treatment"]
    assert page.variants[0].is_control
    names = {one.name for one in page.variants[1].inputs}
    assert {"variants.1.gift", "variants.1.unit_cost"} < names
    assert "variants.1.multiplier" not in names
    assert (page.total, page.total_is_whole) == ("100.00", True)


def test_shares_that_do_not_total_a_hundred_are_refused(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """Nothing is made to fit: what was typed stays, and what is missing is said."""
    at, page = opened(marketer, pages)

    answer = send(marketer, at, page, **{"variants.0.planned_share": "33.33"})

    assert answer.status_code == 422
    assert pages[-1].form.error("variants.total") == (
        "Planned shares must total 100.00 %. They total 83.33 %: 16.67 % are missing."
    )
    assert pages[-1].form.value("variants.0.planned_share") == "33.33"


def test_three_variants_divide_a_hundred_exactly(marketer: FlaskClient, pages: list[Any]) -> None:
    """The hundredth that is left over goes to the first."""
    at, page = opened(marketer, pages)

    send(marketer, at, page, act="add")
    marketer.get(at)
    send(marketer, at, pages[-1], act="equal")
    marketer.get(at)

    shares = [pages[-1].form.value(f"variants.{row}.planned_share") for row in range(3)]
    assert shares == ["33.34", "33.33", "33.33"]
    assert pages[-1].total_is_whole


def test_a_key_that_stands_twice_is_refused_at_the_second(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """The field of the later variant says so."""
    at, page = opened(marketer, pages)

    send(marketer, at, page, **{"variants.1.key": "control"})

    assert "control" in pages[-1].form.error("variants.1.key")
    assert not pages[-1].form.error("variants.0.key")


def test_offers_that_cannot_be_are_refused_at_their_fields(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """A multiplier of 0, cents of a currency without any, an expiry that has passed."""
    at, page = opened(marketer, pages, "points-multiplier")

    send(
        marketer,
        at,
        page,
        **{"variants.1.multiplier": "0", "variants.1.unit_cost": "12.505"},
    )
    wrong = pages[-1].form
    assert wrong.error("variants.1.multiplier").startswith("Write a number above 0")
    assert wrong.error("variants.1.unit_cost") == "Write an amount in TWD, such as 12.50."

    send(marketer, at, page, **{"variants.1.expires": "2020-01-01T00:00"})
    assert pages[-1].form.error("variants.1.expires") == ("This has passed. Choose a later time.")


def test_a_target_tier_that_the_audience_has_already_is_refused(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """The gift leads from the tier below; to that tier it leads nobody."""
    at, page = opened(marketer, pages)

    send(marketer, at, page, **{"variants.1.target_tier": "silver"})

    assert "silver" in pages[-1].form.error("variants.1.target_tier")


def test_a_locale_without_words_visibly_falls_back(marketer: FlaskClient, pages: list[Any]) -> None:
    """Readers of Chinese are told to get English, in the form and on the phone's card."""
    at, page = opened(marketer, pages)
    at_text = "variants.1.text.zh-Hant-TW"

    send(marketer, at, page, **{f"{at_text}.title": "", f"{at_text}.call_to_action": ""})
    marketer.get(at)

    copy = pages[-1].variants[1].copies[1]
    assert copy.falls_back == "Nothing is written in 繁體中文: its readers get English."
    assert pages[-1].variants[1].cards[1].locale == "en"


def test_a_variant_is_removed_and_two_always_stay(
    marketer: FlaskClient, pages: list[Any], wiring: Wiring
) -> None:
    """The fields of the removed one go; nobody removes the last but one."""
    at, page = opened(marketer, pages)

    send(marketer, at, page, act="add")
    marketer.get(at)
    send(marketer, at, pages[-1], act="remove.1")
    marketer.get(at)
    assert [one.heading for one in pages[-1].variants] == ["control", "treatment-2"]
    send(marketer, at, pages[-1], act="remove.1")

    fields = list_drafts(wiring.engine)[0].fields
    assert fields["variants.1.key"] == "treatment-2"


def test_the_phone_shows_what_is_typed(marketer: FlaskClient, pages: list[Any]) -> None:
    """The part that htmx swaps in has the words, escaped."""
    at, page = opened(marketer, pages)
    shown = {k: v for k, v in page.form.fields.items() if k.startswith("variants.")}
    shown["variants.1.text.en.title"] = "<b>Gift</b>"

    answer = post(marketer, f"{at}/part/card.1", page=at, version="1", **shown)

    assert answer.status_code == 200
    assert "&lt;b&gt;Gift&lt;/b&gt;" in answer.text
    assert "<html" not in answer.text
