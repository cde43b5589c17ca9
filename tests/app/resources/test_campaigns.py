"""A campaign is configured, launched, moved and changed over HTTP, and every refusal is named."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from app.auth import Scope
from app.auth.keys import IMPLIED
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from tests.app.resources.service import Service


def errors(answer: Any) -> dict[str, str]:  # noqa: ANN401  # werkzeug's response
    """Give the refused fields with what is wrong with each."""
    return {error["field"]: error["message"] for error in answer.get_json()["errors"]}


def test_yaml_and_json_make_the_same_campaign(service: Service) -> None:
    """A person writes YAML, a program JSON; the document is one."""
    document = {**deepcopy(DESIGN), "starts_at": "2026-07-01T00:00:00+08:00"}
    made = service.campaign("POST", json=document).get_json()
    written = yaml.safe_dump({**document, "key": "by-yaml"}, allow_unicode=True)
    headers = {"Content-Type": "application/yaml"}
    again = service.campaign("POST", data=written, headers=headers)
    assert again.status_code == 201, again.text
    assert {**again.get_json()["document"], "key": "gold-q3"} == made["document"]


def test_a_campaign_is_read_as_a_document_that_can_be_put_back(service: Service) -> None:
    """What is read can be changed and sent back as it is."""
    service.campaign("POST", json=DESIGN)
    document = service.campaign("GET", "/gold-q3").get_json()["document"]
    document["name"] = "Another name"
    changed = service.campaign("PUT", "/gold-q3", json=document)
    assert (changed.status_code, changed.get_json()["version"]) == (200, 2)
    assert changed.get_json()["document"] == document


def test_a_key_is_taken_once(service: Service) -> None:
    """A second campaign with the key is refused, and the first stays as it is."""
    service.campaign("POST", json=DESIGN)
    again = service.campaign("POST", json={**DESIGN, "name": "Other"})
    assert (again.status_code, again.get_json()["type"][-15:]) == (409, "campaign-exists")
    assert service.campaign("GET", "/gold-q3").get_json()["document"]["name"] == DESIGN["name"]


@pytest.mark.parametrize("shares", [(50, 49.99), (50, 50.01)])
def test_shares_that_do_not_total_100_are_refused(
    service: Service, shares: tuple[float, float]
) -> None:
    """99.99 and 100.01 are refused with the sum; nothing is renormalised or stored."""
    variants = [{"key": k, "planned_share": s} for k, s in zip("ab", shares, strict=True)]
    variants[0]["control"] = True
    refused = service.campaign("POST", json={**DESIGN, "variants": variants})
    assert refused.status_code == 422
    assert str(round(sum(shares), 2)) in errors(refused)["variants"]
    assert service.campaign("GET", "/gold-q3").status_code == 404


def test_variants_without_control_and_with_one_key_are_refused(service: Service) -> None:
    """Both are refused at the variants, in words that say what would do."""
    none = [{"key": "a", "planned_share": 50}, {"key": "b", "planned_share": 50}]
    twice = [{"key": "control", "planned_share": 50}] * 2
    without = service.campaign("POST", json={**DESIGN, "variants": none})
    double = service.campaign("POST", json={**DESIGN, "variants": twice})
    assert "must be the control" in errors(without)["variants"]
    assert "more than once" in errors(double)["variants"]


def test_a_launch_without_oec_is_refused(service: Service) -> None:
    """Every reason is named, and the campaign stays a draft."""
    service.campaign("POST", json={**DESIGN, "metrics": []})
    refused = service.campaign("POST", "/gold-q3/launch")
    assert refused.status_code == 409
    assert errors(refused) == {"metrics": "has no OEC, so nothing would decide"}
    assert service.campaign("GET", "/gold-q3").get_json()["state"] == "draft"


def test_a_launch_without_programme_is_refused(empty_service: Service) -> None:
    """Zone and currency come first, and the refusal says how to set them."""
    empty_service.campaign("POST", json=DESIGN)
    refused = empty_service.campaign("POST", "/gold-q3/launch")
    assert list(errors(refused)) == ["programme"]
    assert empty_service.call("GET", "/v1/programme", Scope.PROGRAMME_WRITE).status_code == 404


@pytest.mark.parametrize(
    ("metric", "field"),
    [
        ({"metric": "repurchase_rat"}, "metrics[0].metric"),
        ({"metric": "upgrade_conversion", "parameters": {"tiers": ["x"]}}, "metrics[0].parameters"),
        ({"metric": "mine", "definition": {"kind": "mean"}}, "metrics[0].definition."),
    ],
)
def test_a_metric_that_cannot_be_computed_is_refused_at_launch(
    service: Service, metric: dict[str, Any], field: str
) -> None:
    """The plan is fixed at launch, so what it could not compute is refused there."""
    service.campaign("POST", json={**DESIGN, "metrics": [{**metric, "role": "oec"}]})
    refused = service.campaign("POST", "/gold-q3/launch")
    assert refused.status_code == 409, refused.text
    assert all(name.startswith(field) for name in errors(refused))


def test_a_custom_metric_is_launched(service: Service) -> None:
    """A definition of one's own is a metric like the built-in ones."""
    definition = {
        "name": "App opens",
        "description": "Times that the member opened the app.",
        "kind": "mean",
        "numerator": [{"events": ["app_open"]}],
        "unit": "count",
        "direction": "higher",
        "window": {"end_days": 7},
    }
    service.launch(metrics=[{"metric": "app_opens", "role": "oec", "definition": definition}])
    plan = service.scorecard().get_json()["plan"]
    assert plan["metrics"][0]["definition"]["key"] == "app_opens"


def test_an_upgrade_counts_the_target_tier_and_all_above(service: Service) -> None:
    """Without parameters, the offers' target and the ladder say what an upgrade is."""
    service.launch(metrics=[{"metric": "upgrade_conversion", "role": "oec"}])
    term = service.scorecard().get_json()["plan"]["metrics"][0]["definition"]["numerator"][0]
    (condition,) = term["where"]
    assert (condition["property"], condition["values"]) == ("to", ["gold", "diamond"])


def test_an_illegal_move_names_the_legal_ones(service: Service) -> None:
    """The refusal says the state, the move and what can be done instead."""
    service.campaign("POST", json=DESIGN)
    refused = service.campaign("POST", "/gold-q3/pause")
    assert refused.status_code == 409
    assert "is draft, so it cannot pause" in refused.get_json()["detail"]
    assert "launch" in refused.get_json()["detail"]


def test_a_whole_life_is_written_down(service: Service) -> None:
    """Who did what, when and why can be read afterwards."""
    service.launch()
    for move, body in [
        ("pause", {"reason": "a typing error in the offer"}),
        ("resume", None),
        ("stop", None),
        ("decide", {"decision": "ship", "treatment": "gift", "reason": "More members climb."}),
        ("archive", None),
    ]:
        moved = (
            service.campaign("POST", f"/gold-q3/{move}", json=body)
            if body
            else (service.campaign("POST", f"/gold-q3/{move}"))
        )
        assert moved.status_code == 200, moved.text
    moves = service.campaign("GET", "/gold-q3/history").get_json()["moves"]
    assert [m["move"] for m in moves] == [
        "create", "launch", "pause", "resume", "stop", "decide", "archive",
    ]  # fmt: skip
    assert moves[2]["reason"] == "a typing error in the offer"
    detail = moves[5]["detail"]
    assert (detail["decision"], detail["treatment"]) == ("ship", "gift")
    # nobody was exposed, so the rule would not have shipped anything
    assert (detail["rule_verdict"], detail["against_rule"]) == ("keep_running", True)
    assert len(detail["snapshot_hash"]) == 64
    assert all(m["actor"].startswith("key ") for m in moves)


def test_a_decision_needs_a_reason(service: Service) -> None:
    """Whoever reads it in a year wants to know why."""
    service.launch()
    service.campaign("POST", "/gold-q3/stop")
    refused = service.campaign("POST", "/gold-q3/decide", json={"decision": "do_not_ship"})
    assert refused.status_code == 422
    assert list(errors(refused)) == ["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "ship"},
        {"decision": "ship", "treatment": "control"},
        {"decision": "ship", "treatment": "kettle"},
        {"decision": "do_not_ship", "treatment": "gift"},
    ],
)
def test_a_decision_names_the_treatment_that_ships(service: Service, body: dict[str, str]) -> None:
    """One of the campaign's treatments where something ships, none where nothing does."""
    service.launch()
    service.campaign("POST", "/gold-q3/stop")
    refused = service.campaign("POST", "/gold-q3/decide", json={**body, "reason": "It climbs."})
    assert refused.status_code == 422
    assert list(errors(refused)) == ["treatment"]
    assert service.campaign("GET", "/gold-q3").get_json()["state"] == "stopped"


def test_a_running_campaign_takes_safe_changes_only(service: Service) -> None:
    """More traffic passes; other shares are refused with the way out, and nothing changes."""
    running = service.launch(traffic_share=50)["document"]
    raised = service.campaign("PUT", "/gold-q3", json={**running, "traffic_share": 80})
    assert raised.status_code == 200
    lowered = service.campaign("PUT", "/gold-q3", json={**running, "traffic_share": 40})
    assert lowered.status_code == 409
    assert "new_phase=true" in lowered.get_json()["errors"][0]["way_out"]
    assert service.campaign("GET", "/gold-q3").get_json()["document"]["traffic_share"] == 80


def test_a_change_of_the_analysis_is_a_deviation_that_the_scorecard_shows(service: Service) -> None:
    """Without a reason it is refused; with one the plan changes, and the change is told."""
    running = service.launch(traffic_share=50)["document"]
    service.clock.forward(timedelta(days=1))
    other = {**running, "alpha": 0.1}
    refused = service.campaign("PUT", "/gold-q3", json=other)
    assert refused.status_code == 422
    assert list(errors(refused)) == ["reason"]
    assert service.scorecard().get_json()["alpha"] == 0.05

    path = "/gold-q3?reason=The+board+accepts+more+risk"
    assert service.campaign("PUT", path, json=other).status_code == 200
    raised = {**other, "traffic_share": 80, "owner": "ben"}
    assert service.campaign("PUT", "/gold-q3", json=raised).status_code == 200
    scorecard = service.scorecard().get_json()
    assert scorecard["alpha"] == 0.1
    told = [(d["field"], d["before"], d["after"], d["reason"]) for d in scorecard["deviations"]]
    assert told == [
        ("alpha", "0.05", "0.1", "The board accepts more risk"),
        ("traffic_share", "50.0", "80.0", ""),
    ]


def test_a_pause_is_told_as_a_deviation(service: Service) -> None:
    """Days without offers belong to what a reader of the results must know."""
    service.launch()
    service.clock.forward(timedelta(days=1))
    service.campaign("POST", "/gold-q3/pause", json={"reason": "a typing error"})
    (told,) = service.scorecard().get_json()["deviations"]
    assert (told["field"], told["before"], told["after"]) == ("state", '"running"', '"paused"')
    assert told["reason"] == "a typing error"


def test_a_scheduled_campaign_may_change_its_plan_freely(service: Service) -> None:
    """Nobody has been assigned, so nothing deviates."""
    start = service.clock() + timedelta(days=3)
    document = service.launch(starts_at=start.isoformat())["document"]
    changed = service.campaign("PUT", "/gold-q3", json={**document, "alpha": 0.1})
    assert changed.status_code == 200
    service.clock.forward(timedelta(days=4))
    scorecard = service.scorecard().get_json()
    assert (scorecard["alpha"], scorecard["deviations"]) == (0.1, [])


def test_a_new_phase_randomises_anew_and_is_analysed_by_itself(service: Service) -> None:
    """Facts belong to the phase in which they happened; each phase has its scorecard."""
    document = service.launch()["document"]
    members = [f"m-{i}" for i in range(60)]
    before = {m: service.offer(m)["variant"] for m in members}
    for m, variant in before.items():
        service.send(
            "exposures",
            {"exposure_id": f"1-{m}", "campaign": "gold-q3", "variant": variant, "member_id": m},
        )
    service.clock.forward(timedelta(days=1))
    document["alpha"] = 0.1
    changed = service.campaign("PUT", "/gold-q3?new_phase=true", json=document)
    assert [p["number"] for p in changed.get_json()["phases"]] == [1, 2]
    after = {m: service.offer(m)["variant"] for m in members}
    assert 10 < sum(before[m] != after[m] for m in members) < 50
    assert service.scorecard().get_json()["facts"]["exposures"] == 0
    assert service.scorecard(phase="1").get_json()["facts"]["exposures"] == 60
    assert service.scorecard(phase="3").status_code == 409


def test_a_scheduled_campaign_can_become_a_draft_again(service: Service) -> None:
    """Nobody was assigned yet, so everything may still change."""
    start = service.clock() + timedelta(days=3)
    document = service.launch(starts_at=start.isoformat())["document"]
    assert service.campaign("POST", "/gold-q3/unschedule").get_json()["state"] == "draft"
    document["starts_at"] = None
    assert service.campaign("PUT", "/gold-q3", json=document).status_code == 200
    launched = service.start().get_json()
    assert (launched["state"], len(launched["phases"])) == ("running", 1)
    assert service.offer("m-1")["reason"] == "assigned"


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("[1, 2]", "application/json", 422),
        ("key: [", "application/yaml", 400),
        ("key: a\nkey: b", "application/yaml", 400),
        ("{}", "text/plain", 415),
        ("", "application/json", 400),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(
    service: Service, body: str, content_type: str, status: int
) -> None:
    """Malformed JSON and YAML, another form and an empty body each have their answer."""
    headers = {"Content-Type": content_type}
    answer = service.campaign("POST", data=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "method", "scope"),
    [
        ("/v1/members/m/offer?campaign=gold-q3", "GET", Scope.OFFERS_READ),
        ("/v1/exposures", "POST", Scope.EVENTS_WRITE),
        ("/v1/conversions", "POST", Scope.EVENTS_WRITE),
        ("/v1/members/m", "PUT", Scope.MEMBERS_WRITE),
        ("/v1/campaigns", "POST", Scope.CAMPAIGNS_WRITE),
        ("/v1/campaigns/gold-q3", "PUT", Scope.CAMPAIGNS_WRITE),
        ("/v1/campaigns/gold-q3/launch", "POST", Scope.CAMPAIGNS_WRITE),
        ("/v1/programme", "PUT", Scope.PROGRAMME_WRITE),
        ("/v1/campaigns/gold-q3/scorecard", "GET", Scope.REPORTS_READ),
    ],
)
def test_each_address_needs_its_scope(
    service: Service, path: str, method: str, scope: Scope
) -> None:
    """Without a key 401; with every other scope's key 403 that names the missing scope."""
    assert service.client.open(path, method=method).status_code == 401
    for other in set(Scope) - {scope} - IMPLIED.get(scope, frozenset()):
        refused = service.call(method, path, other)
        assert refused.status_code == 403
        assert scope in refused.get_json()["detail"]


def test_a_layer_in_use_stays_in_the_programme(service: Service) -> None:
    """Its campaigns would no longer exclude one another."""
    service.launch(layer={"key": "home", "share": 60})
    document = service.call("GET", "/v1/programme", Scope.PROGRAMME_WRITE).get_json()
    without = {**document, "layers": []}
    refused = service.call("PUT", "/v1/programme", Scope.PROGRAMME_WRITE, json=without)
    assert refused.status_code == 422
    assert "'gold-q3' holds a share" in errors(refused)["layers"]
    service.campaign("POST", "/gold-q3/stop")
    taken = service.call("PUT", "/v1/programme", Scope.PROGRAMME_WRITE, json=without)
    assert taken.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        'name: "a\\0b"',
        'goal: {metric: a, baseline: 1e400, target: 1, deadline: "2026-12-30T00:00:00Z"}',
        'starts_at: "0001-01-01T00:00:00+08:00"',
    ],
)
def test_what_no_database_can_keep_is_refused(service: Service, changes: str) -> None:
    """A NUL, a number beyond all bounds and a time before all times are 4xx, not 500."""
    text = "key: odd\nvariants: [{key: control, planned_share: 50}, {key: b, planned_share: 50}]\n"
    headers = {"Content-Type": "application/yaml"}
    answer = service.campaign("POST", data=text + changes, headers=headers)
    assert answer.status_code in {400, 422}, answer.text


def test_a_move_needs_no_body(service: Service) -> None:
    """Clients that always name a content type are served, too."""
    service.campaign("POST", json=DESIGN)
    headers = {"Content-Type": "application/json"}
    service.start()
    paused = service.campaign("POST", "/gold-q3/pause", headers=headers)
    assert paused.status_code == 200, paused.text
    unread = service.campaign("POST", "/gold-q3/resume", json={"why": "?"})
    assert (unread.status_code, list(errors(unread))) == (422, ["why"])
