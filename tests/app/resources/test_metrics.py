"""What `/metrics` shows after what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families

from app.auth import Scope
from tests.experiments.designs import NOW

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

OFFER = "/v1/members/<path:member_id>/offer"
OFREP = "/ofrep/v1/evaluate/flags"
OPENMETRICS = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"


def ask(service: Service, accept: str = "") -> TestResponse:
    """Ask as Prometheus does."""
    return service.call("GET", "/metrics", Scope.METRICS_READ, headers={"Accept": accept})


def shown(service: Service) -> dict[tuple[str, ...], float]:
    """Give what is shown: name and labels, in the order of their names, with the value."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(ask(service).text)
        for sample in family.samples
    }


def evaluate_all(service: Service, member: str) -> TestResponse:
    """Ask for every flag."""
    body = {"context": {"targetingKey": member}}
    return service.call("POST", OFREP, Scope.OFFERS_READ, json=body)


def exposure(name: str, member: str = "m-1") -> dict[str, object]:
    """Give an exposure."""
    return {
        "exposure_id": name,
        "campaign": "gold-q3",
        "variant": "control",
        "member_id": member,
        "exposed_at": NOW.isoformat(),
    }


def test_evaluations_are_counted_by_campaign_and_reason(service: Service) -> None:
    """One offer, or one of a bulk answer, is one; what was refused is none."""
    service.launch()
    service.put_member("1", tier="silver")
    service.offer("1")
    service.offer("1")
    evaluate_all(service, "1")
    service.call("GET", "/v1/members/1/offer?campaign=none", Scope.OFFERS_READ)

    values = shown(service)
    found = {key[1:]: value for key, value in values.items() if "evaluations" in key[0]}
    assert found == {("gold-q3", "assigned"): 3}


def test_requests_are_counted_by_route_method_and_status(service: Service) -> None:
    """Addresses of the front and of Flask count alike and once, whatever became of them."""
    service.launch()
    service.offer("m-1")
    service.offer("m-2")
    service.client.get("/v1/members/m-1/offer?campaign=gold-q3")
    service.client.head("/v1/members/m-1/offer?campaign=gold-q3")
    service.client.options(
        "/v1/members/m-1/offer",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"},
    )
    service.client.get("/healthz")
    for number in range(3):
        service.client.get(f"/v1/nothing/{number}")

    values = shown(service)
    counted = {key[1:]: value for key, value in values.items() if "requests_total" in key[0]}
    assert {key: value for key, value in counted.items() if key[1] == OFFER} == {
        ("GET", OFFER, "200"): 2,
        ("GET", OFFER, "401"): 1,
        ("HEAD", OFFER, "401"): 1,
        ("OPTIONS", OFFER, "204"): 1,
    }
    assert counted["GET", "/healthz", "200"] == 1
    assert counted["GET", "(none)", "404"] == 3
    assert values["tierlift_request_duration_seconds_count", OFFER] == 5


def test_events_are_counted_by_kind_and_outcome(service: Service) -> None:
    """Accepted, repeated and quarantined are told apart; what is quarantined is seen to wait."""
    service.launch()
    assert service.send("exposures", [exposure("a"), exposure("b")]).status_code == 200
    assert service.send("exposures", [exposure("a"), {"exposure_id": "c"}]).status_code == 207

    values = shown(service)
    found = {key[1:]: value for key, value in values.items() if "events_total" in key[0]}
    assert found == {
        ("exposure", "accepted"): 2,
        ("exposure", "duplicate"): 1,
        ("exposure", "quarantined"): 1,
    }
    assert values["tierlift_quarantine_open_items", "exposure"] == 1
    assert values["tierlift_quarantine_open_items", "conversion"] == 0


def test_a_quiet_process_has_nothing_waiting(service: Service) -> None:
    """Queues are empty, the catalogue is fresh, and the version is told."""
    service.launch()
    service.offer("m-1")

    values = shown(service)
    assert values["tierlift_writes_waiting",] == 0
    assert values["tierlift_events_in_work_bytes",] == 0
    assert values["tierlift_log_lines_dropped_total",] == 0
    assert values["tierlift_workers",] == 1
    assert 0 <= values["tierlift_catalogue_age_seconds",] < 30
    assert [value for key, value in values.items() if key[0] == "tierlift_build_info"] == [1]


def test_openmetrics_is_given_where_it_is_asked_for(service: Service) -> None:
    """Both forms are read by the parsers of Prometheus's own client."""
    service.launch()
    service.offer("m-1")

    answer = ask(service, OPENMETRICS)
    names = {family.name for family in openmetrics_families(answer.text)}
    assert answer.content_type.startswith("application/openmetrics-text")
    assert "tierlift_evaluations" in names
    assert ask(service).content_type == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.METRICS_READ])
def test_other_keys_do_not_open_it(scope: Scope, service: Service) -> None:
    """It names the campaigns, so it needs a scope of its own; and that opens nothing else."""
    assert service.client.get("/metrics").status_code == 401
    assert service.call("GET", "/metrics", scope).status_code == 403
    assert service.call("GET", "/v1/campaigns", Scope.METRICS_READ).status_code == 403


def test_figures_are_shown_while_the_database_is_away(service: Service) -> None:
    """Just then they are wanted most: all but the quarantine, which only the database knows."""
    ask(service)
    service.launch()
    service.offer("m-1")
    with service.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE quarantine RENAME TO elsewhere")

    values = shown(service)
    assert not [key for key in values if key[0] == "tierlift_quarantine_open_items"]
    assert values["tierlift_workers",] == 1
