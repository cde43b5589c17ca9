"""A campaign is not launched while what decides it has never been seen, unless somebody says so."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.analysis import FactSource, launch_campaign
from experiments.lifecycle import Act
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from tests.app.resources.service import Service

DEFINITION = {
    "name": "Mine",
    "description": "What this test is about.",
    "kind": "mean",
    "unit": "count",
    "direction": "higher",
    "window": {"end_days": 30},
}


def draft(service: Service, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Keep a draft."""
    made = service.campaign("POST", json={**deepcopy(DESIGN), **changes})
    assert made.status_code == 201, made.text


def see(service: Service, event: str) -> None:
    """Record one event of a member who is in no campaign."""
    sent = {"conversion_id": f"c-{event}", "event": event, "member_id": "m-1"}
    assert service.send("conversions", [sent]).status_code == 200


def launch(service: Service) -> tuple[int, list[dict[str, Any]]]:
    """Launch the draft; give the status and what was wrong."""
    answer = service.campaign("POST", "/gold-q3/launch")
    return answer.status_code, answer.get_json().get("errors", [])


def test_a_launch_waits_for_the_events_that_decide(service: Service) -> None:
    """The refusal names metric, events and ways out; once one was seen, the campaign starts."""
    explaining = {"metric": "referral", "role": "diagnostic"}
    draft(service, metrics=[explaining, {"metric": "repurchase_rate", "role": "oec"}])

    status, (error,) = launch(service)

    assert status == 409
    assert error["field"] == "metrics[1].metric"
    assert "never been seen here: order" in error["message"]
    assert error["value"] == "repurchase_rate"
    for way_out in ("POST /v1/conversions", "allow_unseen_events", "--allow-unseen-events"):
        assert way_out in str(error)
    assert service.campaign("GET", "/gold-q3").get_json()["state"] == "draft"
    see(service, "order")
    assert launch(service) == (200, [])


def test_a_new_installation_launches_before_its_first_event(service: Service) -> None:
    """Whoever says so gets a campaign of which nothing has been seen yet."""
    draft(service)
    assert launch(service)[0] == 409
    allowed = service.start()
    assert (allowed.status_code, allowed.get_json()["state"]) == (200, "running")


def test_only_events_that_decide_are_waited_for(service: Service) -> None:
    """What explains or guards may never have happened."""
    guarded = {"metric": "refund_rate", "role": "guardrail", "margin": 0.1}
    draft(service, metrics=[{"metric": "repurchase_rate", "role": "oec"}, guarded])
    see(service, "order")
    assert launch(service)[0] == 200


@pytest.mark.parametrize(
    ("terms", "seen", "lacking"),
    [
        ({"numerator": [{"events": ["order"]}, {"events": ["refund"], "sign": -1}]}, "order", ""),
        (
            {"numerator": [{"events": ["order"]}, {"events": ["refund"], "sign": -1}]},
            "refund",
            "order",
        ),
        ({"numerator": [{"events": ["visit", "order"]}]}, "visit", ""),
        ({"numerator": [{"events": ["visit"]}, {"events": ["order"]}]}, "visit", ""),
        ({"numerator": [{"events": ["visit"]}, {"events": ["order"]}]}, "call", "order, visit"),
        (
            {
                "kind": "ratio",
                "unit": "share",
                "numerator": [{"events": ["order"]}],
                "denominator": [{"events": ["visit"]}],
            },
            "order",
            "visit",
        ),
    ],
)
def test_what_a_metric_needs_is_one_event_of_each_side(
    service: Service, terms: dict[str, Any], seen: str, lacking: str
) -> None:
    """One of several is enough, what is taken away may never happen, a denominator is needed."""
    definition = {**DEFINITION, **terms}
    draft(service, metrics=[{"metric": "mine", "role": "oec", "definition": definition}])
    see(service, seen)

    status, errors = launch(service)

    assert status == (409 if lacking else 200), errors
    assert [one["message"].partition("here: ")[2] for one in errors] == (
        [lacking] if lacking else []
    )


def test_all_that_keeps_a_launch_is_named_at_once(service: Service) -> None:
    """An empty audience and unseen events are told together, and allowed apart."""
    silver = [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
    draft(service, audience={"any_of": silver})
    service.put_member("a", tier="bronze")
    fields = [error["field"] for error in launch(service)[1]]
    assert fields == ["audience", "metrics[0].metric"]
    assert service.start().status_code == 409
    assert service.start(allow_empty_audience=True).status_code == 200


def test_facts_that_lie_elsewhere_are_not_looked_for(service: Service) -> None:
    """Where a document declares the tables of facts, the database says nothing about events."""
    draft(service)
    source = FactSource(relations=Path("relations.yaml"))
    launched = launch_campaign(
        service.engine, "gold-q3", Act(service.clock(), "a test"), source=source
    )
    assert launched.state == "running"


def test_a_misspelt_permission_is_refused(service: Service) -> None:
    """It is a boolean, not a word."""
    draft(service)
    sent = service.campaign("POST", "/gold-q3/launch", json={"allow_unseen_events": "yes"})
    assert sent.status_code == 422
