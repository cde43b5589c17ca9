"""An audience is counted before it is launched, and an empty one is not."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import Scope
from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from tests.app.resources.service import Service

SILVER = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}
TIERS = [{"key": "bronze"}, {"key": "silver", "name": "Silver"}, {"key": "gold"},
         {"key": "staff", "name": "Staff", "manual": True}]  # fmt: skip


def draft(service: Service, **changes: Any) -> None:  # noqa: ANN401  # fields of a document
    """Keep a draft."""
    made = service.campaign("POST", json={**deepcopy(DESIGN), "audience": SILVER, **changes})
    assert made.status_code == 201, made.text


def members(service: Service) -> None:
    """Keep six members, of whom three are admitted and one of these opted out."""
    for member, tier in zip("abcdef", ("silver",) * 3 + ("bronze", "staff", None), strict=True):
        service.put_member(member, tier=tier)
    body = {"attributes": {"tier": "silver"}, "personalisation_consent": False}
    service.call("PUT", "/v1/members/c", Scope.MEMBERS_WRITE, json=body)


def count(service: Service, key: str = "gold-q3") -> dict[str, Any]:
    """Count an audience."""
    answer = service.campaign("GET", f"/{key}/audience")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_draft_says_whom_it_would_take_and_why_not_the_others(service: Service) -> None:
    """Each member is counted once, manual tiers by name, and by tier."""
    service.set_programme(tiers=TIERS)
    members(service)
    draft(service)

    got = count(service)

    assert (got["state"], got["members"], got["eligible"], got["assigned"]) == ("draft", 6, 2, 0)
    rule = "tier ONE_OF [silver]"
    assert got["in_audience"] == 3
    assert got["kept"] == [
        {"reason": "not_eligible", "detail": rule, "members": 2, "in_audience": 0},
        {"reason": "manual_tier", "detail": "staff", "members": 1, "in_audience": 0},
        {"reason": "opted_out", "detail": "", "members": 1, "in_audience": 1},
    ]
    silver = {"tier": "silver", "name": "Silver", "manual": False, "members": 3, "eligible": 2}
    assert silver in got["by_tier"]
    staff = {"tier": "staff", "name": "Staff", "manual": True, "members": 1, "eligible": 0}
    assert staff in got["by_tier"]


def test_overlap_with_running_campaigns_is_named_with_its_share(service: Service) -> None:
    """Campaigns that run are named; one of the same layer excludes the other."""
    members(service)
    service.launch(key="all", name="All members")
    service.launch(key="home-1", layer={"key": "home", "share": 40})
    draft(service, layer={"key": "home", "share": 60})

    overlaps = {one["campaign"]: one for one in count(service)["overlaps"]}

    eligible = count(service)["eligible"]
    assert overlaps["all"]["name"] == "All members"
    assert (overlaps["all"]["members"], overlaps["all"]["share"]) == (eligible, 1.0)
    assert (overlaps["home-1"]["same_layer"], overlaps["home-1"]["members"]) == (True, 0)


def test_what_is_eligible_is_what_is_assigned(service: Service) -> None:
    """Whoever is counted as eligible is assigned when asked about, and nobody else."""
    members(service)
    draft(service, traffic_share=50, layer={"key": "home", "share": 50})
    before = count(service)["eligible"]
    service.start(allow_empty_audience=True)

    assert count(service)["eligible"] == before
    given = [service.offer(member)["variant"] for member in "abcdef"]

    assert sum(variant is not None for variant in given) == before
    after = count(service)
    assert (after["eligible"], after["assigned"]) == (before, before)


def test_a_campaign_that_would_take_nobody_is_not_launched(service: Service) -> None:
    """The refusal says what keeps most members and the way out, which is then taken."""
    service.put_member("a", tier="bronze")
    draft(service)

    refused = service.start()

    assert refused.status_code == 409
    (error,) = refused.get_json()["errors"]
    assert error["field"] == "audience"
    assert "takes none of 1 members" in error["message"]
    assert "tier ONE_OF [silver]" in error["message"]
    assert "allow_empty_audience" in str(error)
    assert service.campaign("GET", "/gold-q3").get_json()["state"] == "draft"
    allowed = service.start(allow_empty_audience=True)
    assert (allowed.status_code, allowed.get_json()["state"]) == (200, "running")


@pytest.mark.parametrize("changes", [{}, {"assigned_by": "external"}])
def test_a_launch_is_not_kept_where_nobody_can_know(
    service: Service, changes: dict[str, str]
) -> None:
    """A store without members, and a split that is made elsewhere, say nothing of an audience."""
    if changes:
        service.put_member("a", tier="bronze")
    draft(service, **changes)

    assert service.start().status_code == 200


def test_an_unknown_campaign_and_a_misspelt_permission_are_refused(service: Service) -> None:
    """The one is not there, the other is no boolean."""
    assert service.campaign("GET", "/nothing/audience").status_code == 404
    draft(service)
    sent = service.campaign("POST", "/gold-q3/launch", json={"allow_empty_audience": "yes"})
    assert sent.status_code == 422


def test_the_scorecard_has_the_way_to_the_assignment(service: Service) -> None:
    """The same members are in the scorecard, after the launch."""
    members(service)
    draft(service)
    service.start()
    for member in "abcdef":
        service.offer(member)

    found = service.scorecard().get_json()

    assert found["enrolment"]["members"] == 6
    assert found["enrolment"]["assigned"] == 2
    assert sum(one["units"] for one in found["enrolment"]["unseen"]) == 2
    assert [step["key"] for step in found["funnel"]["steps"]] == [
        "assigned", "exposed", "viewed", "clicked", "claimed", "upgraded", "retained",
    ]  # fmt: skip
