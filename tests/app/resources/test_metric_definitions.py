"""Metrics over HTTP: built-in ones are listed, those of a business kept, named and carried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth import Scope
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading
from stats.metric import BUILTIN_KEYS

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

GIFTS: dict[str, Any] = {
    "name": "Gift orders",
    "description": "Orders of gifts per exposed unit.",
    "kind": "mean",
    "numerator": [{"events": ["order"], "where": [{"property": "gift", "values": ["yes"]}]}],
    "unit": "count",
    "direction": "higher",
    "window": {"end_days": 30},
}
OEC = [{"metric": "gift_orders", "role": "oec"}]


def metric(service: Service, method: str, key: str = "", **request: Any) -> TestResponse:  # noqa: ANN401  # werkzeug's own arguments
    """Call an address under /v1/metrics."""
    path = f"/v1/metrics{key and '/' + key}"
    return service.call(method, path, Scope.CAMPAIGNS_WRITE, **request)


def planned(service: Service, key: str = "gold-q3") -> list[dict[str, Any]]:
    """The definitions that the plan of a campaign's latest phase carries."""
    with reading(service.engine) as connection:
        phase = read_campaign(connection, key).phases[-1]
    assert phase.analysis_plan is not None
    return [one["definition"] for one in phase.analysis_plan["metrics"]]


def test_every_built_in_metric_is_listed_with_its_definition(service: Service) -> None:
    """Whoever builds a form learns what there is."""
    listed = metric(service, "GET").get_json()["metrics"]

    assert [one["key"] for one in listed] == list(BUILTIN_KEYS)
    assert metric(service, "GET", "churn").get_json()["definition"]["kind"] == "proportion"


def test_the_programmes_rates_stand_in_the_definitions(service: Service) -> None:
    """What is shown is what a launch now would carry."""
    service.set_programme(gross_margin_rate="0.35")

    shown = metric(service, "GET", "gross_margin_per_member").get_json()["definition"]

    assert shown["numerator"][0]["rate"] == "0.35"


def test_a_metric_of_ones_own_is_kept_in_versions(service: Service) -> None:
    """The same again is the same version; a change is the next."""
    first = metric(service, "PUT", "gift_orders", json=GIFTS).get_json()
    again = metric(service, "PUT", "gift_orders", json=GIFTS).get_json()
    changed = metric(service, "PUT", "gift_orders", json={**GIFTS, "name": "Presents"}).get_json()

    assert (first["version"], again["version"], changed["version"]) == (1, 1, 2)
    assert metric(service, "GET", "gift_orders").get_json() == changed
    assert metric(service, "GET").get_json()["metrics"][-1]["key"] == "gift_orders"


def test_a_running_phase_keeps_the_definition_it_started_with(service: Service) -> None:
    """A later version is one of later launches, also where the running plan is made anew."""
    service.set_programme()
    metric(service, "PUT", "gift_orders", json=GIFTS)
    service.launch(metrics=OEC)

    changed = {**GIFTS, "window": {"end_days": 7}}
    answer = metric(service, "PUT", "gift_orders", json=changed).get_json()
    service.launch(key="later", metrics=OEC)

    assert answer["used_by"] == ["gold-q3"]
    assert planned(service)[0]["window"]["end_days"] == 30
    assert planned(service, "later")[0]["window"]["end_days"] == 7
    document = service.campaign("GET", "/gold-q3").get_json()["document"]
    document["metrics"].append({"metric": "churn", "role": "diagnostic"})
    query = {"reason": "To see who leaves."}
    replanned = service.campaign("PUT", "/gold-q3", json=document, query_string=query)
    assert replanned.status_code == 200, replanned.text
    assert [one["key"] for one in planned(service)] == ["gift_orders", "churn"]
    assert planned(service)[0]["window"]["end_days"] == 30


def test_a_metric_that_campaigns_name_is_not_deleted(service: Service) -> None:
    """Not while one of them is a draft or runs; afterwards its reports still have it."""
    service.set_programme()
    metric(service, "PUT", "gift_orders", json=GIFTS)
    service.launch(metrics=OEC)

    refused = metric(service, "DELETE", "gift_orders")
    service.campaign("POST", "/gold-q3/stop")
    deleted = metric(service, "DELETE", "gift_orders")

    assert refused.status_code == 409
    assert "gold-q3" in refused.get_json()["detail"]
    assert deleted.status_code == 200
    assert metric(service, "GET", "gift_orders").status_code == 404
    assert service.scorecard().get_json()["metrics"][0]["key"] == "gift_orders"
    assert metric(service, "PUT", "gift_orders", json=GIFTS).get_json()["version"] == 3


@pytest.mark.parametrize(
    ("key", "changes", "field"),
    [
        ("churn", {}, "key"),
        ("Gift-orders", {}, "key"),
        ("gift_orders", {"key": "other"}, "key"),
        ("gift_orders", {"kind": "median"}, "kind"),
        ("gift_orders", {"unit": "share"}, "unit"),
        ("gift_orders", {"numerator": []}, "numerator"),
        ("gift_orders", {"numerator": [{"events": ["a"], "factor": "1e999999"}]}, "term.factor"),
        ("gift_orders", {"numerator": [{"events": ["a"], "factor": "NaN"}]}, "numerator.0.factor"),
        ("gift_orders", {"numerator": [{"events": ["a"], "rate": "0.5"}]}, "term.rate"),
        ("gift_orders", {"name": "a\x00b"}, "name"),
        ("gift_orders", {"sum": 1}, "sum"),
    ],
)
def test_an_unusable_definition_is_refused_at_its_field(
    service: Service, key: str, changes: dict[str, Any], field: str
) -> None:
    """Nothing is kept, and the answer says what would do."""
    answer = metric(service, "PUT", key, json={**GIFTS, **changes})

    assert answer.status_code == 422, answer.text
    assert answer.get_json()["errors"][0]["field"] == field
    assert len(metric(service, "GET").get_json()["metrics"]) == len(BUILTIN_KEYS)
