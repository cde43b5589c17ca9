"""Metrics are listed with what they need; a business defines, changes and deletes its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from experiments.defining import find_metrics, metric_versions
from experiments.lifecycle import Act, create_campaign, set_programme
from tests.app.console.conftest import post
from tests.experiments.designs import design, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

NEW = "/console/metrics/new-metric"
GIFTS = {
    "key": "gift_orders",
    "name": "Gift orders",
    "description": "Orders of gifts per member.",
    "kind": "mean",
    "unit": "count",
    "direction": "higher",
    "window.start_days": "0",
    "window.end_days": "14",
    "among.mode": "values",
    "numerator.0.events": "order, return",
    "numerator.0.aggregate": "count",
    "numerator.0.sign": "1",
    "numerator.0.factor": "1",
    "numerator.0.since": "exposure",
    "numerator.0.where.0.property": "gift",
    "numerator.0.where.0.values": "yes\r\ntrue",
}


def send(client: FlaskClient, address: str = NEW, **changes: str) -> Any:  # noqa: ANN401  # an answer
    """Send the form of the gift orders with some fields changed."""
    return post(client, address, page=address, **{**GIFTS, **changes})


def test_the_list_says_what_each_metric_needs(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Names, units and windows are words; events that never came are said to be missing."""
    set_programme(wiring.engine, programme(), wiring.clock())
    client = client_of(Role.VIEWER)
    assert client.get("/console/metrics/").status_code == 200
    page = pages[-1]
    row = next(one for one in page.built_in if one.key == "repurchase_rate")
    assert (row.unit, row.direction) == ("Share of members", "Higher is better")
    assert row.events == (("order", False),)
    assert not row.is_usable
    assert page.own == ()
    assert page.new_address == ""


def test_every_built_in_metric_has_a_page(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """None of them has a term without words; campaigns that name one are listed."""
    set_programme(wiring.engine, programme(), wiring.clock())
    create_campaign(wiring.engine, design(), Act(wiring.clock(), "a test"))
    client = client_of(Role.MARKETER)
    client.get("/console/metrics/")
    for row in pages[-1].built_in:
        assert client.get(row.address).status_code == 200
        assert pages[-1].above
        assert pages[-1].edit_address == ""
    client.get("/console/metrics/repurchase_rate")
    assert [key for key, _ in pages[-1].campaigns] == ["gold-q3"]
    assert client.get("/console/metrics/nothing").status_code == 404


def test_a_metric_is_defined_changed_and_deleted(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """What was typed becomes the definition; a change is a version; a deletion is asked for."""
    client = client_of(Role.MARKETER)
    assert send(client).status_code == 302
    kept = find_metrics(wiring.engine)["gift_orders"]
    assert kept.actor.startswith("user ")
    assert kept.definition is not None
    (term,) = kept.definition["numerator"]
    assert term["events"] == ["order", "return"]
    assert term["where"][0]["values"] == ["yes", "true"]
    address = "/console/metrics/gift_orders"
    assert client.get(f"{address}/edit").status_code == 200
    assert pages[-1].typed.values["window.end_days"] == "14"
    assert pages[-1].typed.numerator[0].values["events"] == "order, return"
    assert send(client, f"{address}/edit", **{"window.end_days": "28"}).status_code == 302
    client.get(address)
    assert [one.number for one in pages[-1].versions] == ["2", "1"]
    assert pages[-1].window == "28 days from first exposure"
    assert client.get(f"{address}/delete").status_code == 200
    assert post(client, f"{address}/delete", page=f"{address}/delete").status_code == 302
    assert find_metrics(wiring.engine) == {}
    assert [one.version for one in metric_versions(wiring.engine, "gift_orders")] == [3, 2, 1]


def test_an_edit_without_a_change_makes_no_version(
    wiring: Wiring, client_of: Callable[..., FlaskClient]
) -> None:
    """What the form shows of a definition is that definition."""
    client = client_of(Role.MARKETER)
    send(client)
    send(client, "/console/metrics/gift_orders/edit")
    assert find_metrics(wiring.engine)["gift_orders"].version == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Gift Orders"}, "key"),
        ({"key": "churn"}, "key"),
        ({"description": ""}, "description"),
        ({"window.end_days": "soon"}, "window.end_days"),
        ({"window.end_days": "0"}, "window.end_days"),
        ({"unit": "share"}, "unit"),
        ({"kind": "ratio"}, "denominator"),
        ({"kind": "quantile"}, "quantile"),
        ({"quantile": "x"}, "quantile"),
        ({"horizon_days": "9999"}, "horizon_days"),
        ({"numerator.0.events": ""}, "numerator.0.events"),
        ({"numerator.0.sign": "-1"}, "numerator.sign"),
        ({"numerator.0.factor": "0"}, "numerator.0.factor"),
        ({"numerator.0.rate": "0.5"}, "numerator.0.rate"),
        ({"numerator.0.aggregate": "property_sum"}, "numerator.0.property"),
        ({"numerator.0.where.0.values": ""}, "numerator.0.where.0.values"),
        ({"numerator.0.where.0.property": ""}, "numerator.0.where.0.property"),
        ({"numerator.0.where.0.at_least": "one"}, "numerator.0.where.0.at_least"),
        ({"among.attribute": "Tier", "among.values": "gold"}, "among.attribute"),
        ({"among.attribute": "tier"}, "among.values"),
        ({"absence": "yes"}, "absence"),
    ],
)
def test_a_refusal_stands_at_its_field(
    wiring: Wiring,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    changes: dict[str, str],
    field: str,
) -> None:
    """Nothing is kept, and what was typed stays."""
    answer = send(client_of(Role.MARKETER), **changes)
    assert answer.status_code == 422
    typed = pages[-1].typed
    assert list(typed.errors) == [field]
    assert typed.errors[field] in answer.text.replace("&#39;", "'")
    assert typed.values["name"] == "Gift orders"
    assert find_metrics(wiring.engine) == {}


def test_rows_are_added_and_removed_without_losing_what_was_typed(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Each button sends the form, keeps nothing, and shows one row more or less."""
    client = client_of(Role.MARKETER)
    assert client.get(NEW).status_code == 200
    assert len(pages[-1].typed.numerator) == 1
    for order, terms, conditions in (
        ("add:numerator", 2, 1),
        ("add:numerator.0.where", 1, 2),
        ("remove:numerator.0.where.0", 1, 0),
        ("remove:numerator.9", 1, 1),
        ("add:elsewhere", 1, 1),
    ):
        assert send(client, do=order).status_code == 200
        typed = pages[-1].typed
        assert (len(typed.numerator), len(typed.numerator[0].where)) == (terms, conditions)
        assert typed.values["key"] == "gift_orders"
    send(client, do="remove:numerator.0")
    assert pages[-1].typed.numerator == ()
    send(client, do="add:denominator")
    assert len(pages[-1].typed.denominator) == 1
    assert find_metrics(wiring.engine) == {}


def test_a_metric_in_use_is_not_deleted(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The page names the campaigns, and has nothing to press."""
    client = client_of(Role.MARKETER)
    send(client)
    set_programme(wiring.engine, programme(), wiring.clock())
    named = design(metrics=[{"metric": "gift_orders", "role": "oec"}])
    create_campaign(wiring.engine, named, Act(wiring.clock(), "a test"))
    assert "Delete the metric" not in client.get("/console/metrics/gift_orders/delete").text
    assert pages[-1].users == ("gold-q3",)
    assert post(client, "/console/metrics/gift_orders/delete", page=NEW).status_code == 409
    assert "gift_orders" in find_metrics(wiring.engine)


def test_a_key_that_exists_is_not_taken_over(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Whoever means a new metric does not change another one."""
    client = client_of(Role.MARKETER)
    send(client)
    assert send(client, name="Another").status_code == 422
    assert list(pages[-1].typed.errors) == ["key"]
    assert find_metrics(wiring.engine)["gift_orders"].version == 1


def test_who_may_not_write_is_refused(client_of: Callable[..., FlaskClient]) -> None:
    """The refusal names the permission."""
    answer = client_of(Role.VIEWER).get(NEW)
    assert answer.status_code == 403
    assert "campaigns:write" in answer.text
