"""Approval and checklist hold over the API as they do in the console."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from app.auth import Scope, create_key
from app.auth.people import create_user
from app.auth.roles import Role
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from tests.app.resources.service import Service

AT = "/v1/campaigns/gold-q3"
ITEM = "The gifts have arrived."


def call(service: Service, method: str, path: str, scope: Scope, **body: Any) -> tuple[int, Any]:  # noqa: ANN401  # JSON
    """Send a request; give the status and the answer."""
    answer = service.call(method, f"{AT}{path}", scope, **({"json": body} if body else {}))
    return answer.status_code, answer.get_json()


def test_an_approval_is_asked_for_and_given(service: Service) -> None:
    """By another key than the one that made the campaign, which is refused at its field."""
    service.set_programme(approval_required=True)
    service.campaign("POST", json=deepcopy(DESIGN))
    refused = service.start()
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (409, "approval")
    assert "/approvals" in refused.get_json()["errors"][0]["way_out"]

    status, asked = call(service, "POST", "/approvals", Scope.CAMPAIGNS_WRITE, note="Please")
    assert (status, asked["note"], asked["answer"]) == (201, "Please", None)
    assert call(service, "POST", "/approvals", Scope.CAMPAIGNS_WRITE)[0] == 409
    at = f"/approvals/{asked['number']}"
    status, given = call(service, "POST", f"{at}/answer", Scope.CAMPAIGNS_APPROVE, answer="refused")
    assert (status, given["errors"][0]["field"]) == (422, "reason")
    status, given = call(
        service, "POST", f"{at}/answer", Scope.CAMPAIGNS_APPROVE, answer="approved"
    )
    assert (status, given["answer"]) == (200, "approved")
    assert call(service, "POST", f"{at}/withdraw", Scope.CAMPAIGNS_WRITE)[0] == 409
    assert call(service, "POST", "/approvals/99/withdraw", Scope.CAMPAIGNS_WRITE)[0] == 404
    status, listed = call(service, "GET", "/approvals", Scope.CAMPAIGNS_READ)
    assert (listed["required"], listed["approved"], len(listed["approvals"])) == (True, True, 1)
    assert service.start().status_code == 200


def test_one_key_does_not_write_and_approve(service: Service) -> None:
    """Nor do two keys that one person made in the console."""
    service.set_programme(approval_required=True)
    user = create_user(
        service.engine, "a@example.com", "Anna", Role.ADMIN, "four words are enough",
        service.clock(),
    )  # fmt: skip
    both = (Scope.CAMPAIGNS_WRITE, Scope.CAMPAIGNS_APPROVE)
    actor = f"user {user.user_id}"
    writer, second = (
        create_key(service.engine, name, both, service.clock(), actor=actor) for name in "ab"
    )
    stranger = create_key(service.engine, "c", both, service.clock())

    def send(key: str, path: str, body: object = None) -> Any:  # noqa: ANN401  # werkzeug's response
        headers = {"Authorization": f"Bearer {key}"}
        return service.client.post(f"/v1/campaigns{path}", headers=headers, json=body)

    assert send(writer.text, "", deepcopy(DESIGN)).status_code == 201
    number = send(writer.text, "/gold-q3/approvals", {}).get_json()["number"]
    at, yes = f"/gold-q3/approvals/{number}/answer", {"answer": "approved"}
    for key in (writer, second):
        answer = send(key.text, at, yes)
        assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "answer")
    assert send(stranger.text, at, yes).status_code == 200


def test_the_checklist_is_read_and_ticked(service: Service) -> None:
    """What is in the way of a launch stands there with its way out, and goes once it is done."""
    service.campaign("POST", json={**deepcopy(DESIGN), "checklist": [ITEM]})
    status, found = call(service, "GET", "/checklist", Scope.CAMPAIGNS_READ)
    states = {one["check"]: one["state"] for one in found["automatic"]}
    assert (status, found["ready"], states["events"]) == (200, False, "blocking")
    assert {one["allowed_by"] for one in found["automatic"]} >= {None, "allow_unseen_events"}
    (item,) = found["custom"]
    assert (item["text"], item["ticked_by"]) == (ITEM, None)

    refused = service.start()
    assert refused.status_code == 409
    (error,) = refused.get_json()["errors"]
    assert (error["field"], error["value"]) == (f"checklist.{item['item']}", ITEM)
    assert f"/checklist/{item['item']}" in error["way_out"]
    at = f"/checklist/{item['item']}"
    assert call(service, "PUT", at, Scope.CAMPAIGNS_WRITE)[1]["ticked_by"].startswith("key ")
    assert call(service, "DELETE", at, Scope.CAMPAIGNS_WRITE)[1]["ticked_by"] is None
    assert call(service, "PUT", "/checklist/x", Scope.CAMPAIGNS_WRITE)[0] == 404
    assert call(service, "PUT", at, Scope.CAMPAIGNS_WRITE)[0] == 200
    assert service.start().status_code == 200
    assert call(service, "DELETE", at, Scope.CAMPAIGNS_WRITE)[0] == 409
