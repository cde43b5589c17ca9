"""What members ask for, over HTTP: opt out, why, export, erase; and who asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import Scope
from app.front.reasons import SENTENCES
from experiments.assignment import Reason

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

AUDIENCE = {
    "any_of": [{"all_of": [{"attribute": "tier", "operator": "ONE_OF", "value": ["silver"]}]}]
}


@pytest.fixture
def running(service: Service) -> Service:
    """Give a service with a campaign for silver members, and a member who bought."""
    service.launch(audience=AUDIENCE, exposure_logging="server")
    service.put_member("m-1", tier="silver", name="Ada")
    service.offer("m-1")
    service.send("conversions", order("order-1"))
    return service


def order(conversion: str, member: str = "m-1") -> dict[str, Any]:
    """Give an order."""
    return {
        "conversion_id": conversion, "member_id": member, "event": "order",
        "amount_minor": 500, "currency": "TWD",
    }  # fmt: skip


def erase(service: Service, member: str = "m-1") -> TestResponse:
    """Erase a member."""
    path = f"/v1/members/{member}/erase"
    return service.call("POST", path, Scope.PRIVACY_WRITE, json={"reason": "asked"})


def test_opting_out_shows_at_once(running: Service) -> None:
    """The next offer is the default, the assignment stands, and opting in gives it back."""
    before = running.offer("m-1")
    assert before["reason"] == "assigned"

    out = running.call("POST", "/v1/members/m-1/opt-out", Scope.CONSENT_WRITE)
    assert (out.status_code, out.get_json()["opted_out"], out.get_json()["changed"]) == (
        200, True, True,
    )  # fmt: skip
    assert running.offer("m-1")["reason"] == "opted_out"
    again = running.call("POST", "/v1/members/m-1/opt-out", Scope.CONSENT_WRITE)
    assert again.get_json()["changed"] is False

    running.call("POST", "/v1/members/m-1/opt-in", Scope.CONSENT_WRITE)
    assert running.offer("m-1")["variant"] == before["variant"]
    told = running.call("GET", "/v1/members/m-1/opt-outs", Scope.MEMBERS_EXPORT).get_json()
    assert [one["opted_out"] for one in told["changes"]] == [True, False]
    assert all(one["source"].startswith("key ") for one in told["changes"])


def test_a_member_that_says_nothing_of_consent_keeps_it(running: Service) -> None:
    """Sending attributes every night does not opt anybody in again."""
    running.call("POST", "/v1/members/m-1/opt-out", Scope.CONSENT_WRITE)

    answer = running.put_member("m-1", tier="silver")

    assert answer.get_json()["personalisation_consent"] is False
    assert running.offer("m-1")["reason"] == "opted_out"
    body = {"attributes": {"tier": "silver"}, "personalisation_consent": True}
    running.call("PUT", "/v1/members/m-1", Scope.MEMBERS_WRITE, json=body)
    assert running.offer("m-1")["reason"] == "assigned"


def test_whose_id_has_the_words_of_an_address_is_a_member_like_others(running: Service) -> None:
    """An id may hold slashes, and end like an address."""
    path = "/v1/members/a/opt-out/opt-out"

    answer = running.call("POST", path, Scope.CONSENT_WRITE)

    assert answer.get_json()["member_id"] == "a/opt-out"


def test_a_member_is_told_why(running: Service) -> None:
    """In words, with the names of their own attributes that the rules read; no rule is shown."""
    path = "/v1/members/{}/why?campaign=gold-q3"

    mine = running.call("GET", path.format("m-1"), Scope.OFFERS_READ).get_json()
    other = running.call("GET", path.format("m-2"), Scope.OFFERS_READ).get_json()

    assert mine["reason"] == "assigned"
    assert "Chance decided" in mine["why"]
    assert mine["known_of_you"] == ["tier"]
    assert (other["reason"], other["known_of_you"]) == ("not_eligible", [])
    assert "silver" not in str(mine) + str(other)
    missing = running.call("GET", "/v1/members/m-1/why", Scope.OFFERS_READ)
    assert missing.status_code == 422


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_words(reason: Reason) -> None:
    """No member is answered with a code alone."""
    assert SENTENCES[reason].endswith(".")


def test_everything_that_is_held_is_given(running: Service) -> None:
    """One JSON object with the rows of every table."""
    answer = running.call("GET", "/v1/members/m-1/export", Scope.MEMBERS_EXPORT)

    held = answer.get_json()
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert held["member"]["attributes"] == {"tier": "silver", "name": "Ada"}
    assert [row["conversion_id"] for row in held["conversions"]] == ["order-1"]
    assert len(held["assignments"]) == len(held["exposures"]) == 1
    unknown = running.call("GET", "/v1/members/nobody/export", Scope.MEMBERS_EXPORT)
    assert unknown.status_code == 404


def test_an_erased_member_is_gone_everywhere(running: Service) -> None:
    """Served as somebody unknown who is not drawn; export and member are 404; counts are told."""
    running.send("conversions", [order("bad") | {"event": ""}])

    done = erase(running)

    told = done.get_json()
    assert (done.status_code, told["complete"], told["repeated"]) == (200, True, False)
    assert told["rows"] == {
        "assignments": 1, "exposures": 1, "conversions": 1, "members": 1, "quarantine": 1,
    }  # fmt: skip
    assert running.offer("m-1")["reason"] == "opted_out"
    gone = running.call("GET", "/v1/members/m-1/export", Scope.MEMBERS_EXPORT)
    assert gone.status_code == 404
    again = erase(running).get_json()
    assert again["repeated"]
    assert (again["number"], again["rows"]) == (told["number"], told["rows"])
    assert erase(running, "nobody").status_code == 404


def test_late_events_are_answered_as_suppressed(running: Service) -> None:
    """A sender that retries sees a success, and that nothing was kept; others are not touched."""
    erase(running)

    answer = running.send("conversions", [order("order-1"), order("order-2", "m-2")])

    told = answer.get_json()
    assert (answer.status_code, told["suppressed"], told["accepted"]) == (200, 1, 1)
    assert [one["outcome"] for one in told["results"]] == ["suppressed", "accepted"]
    alone = running.send("conversions", order("order-3"))
    assert (alone.status_code, alone.get_json()["suppressed"]) == (200, 1)
    listed = running.call("GET", "/v1/privacy/erasures", Scope.PRIVACY_WRITE).get_json()
    assert listed["erasures"][0]["late_events"] == 2


def test_a_member_cannot_be_put_until_readmitted(running: Service) -> None:
    """A nightly job is refused with the way out; a person can let somebody in again."""
    erase(running)

    refused = running.put_member("m-1", tier="gold")
    assert (refused.status_code, refused.get_json()["type"].rsplit(":", 1)[1]) == (
        409, "member-erased",
    )  # fmt: skip
    done = running.call("POST", "/v1/members/m-1/readmit", Scope.PRIVACY_WRITE)
    assert done.get_json() == {"readmitted": True}
    assert running.put_member("m-1", tier="silver").status_code == 200
    assert running.offer("m-1")["reason"] == "assigned"


def test_the_programme_says_how_long_late_events_are_discarded(running: Service) -> None:
    """Zero days is not at all."""
    running.set_programme(retention={"late_events_days": 0})
    erase(running)

    assert running.send("conversions", order("order-9")).get_json()["accepted"] == 1


def test_who_saw_what_is_written_down(running: Service) -> None:
    """By member, erased or not, and by what was done; paged."""
    running.call("GET", "/v1/members/m-1/export", Scope.MEMBERS_EXPORT)
    erase(running)
    running.clock.forward(timedelta(hours=1))

    def log(**query: Any) -> dict[str, Any]:  # noqa: ANN401  # of a query string
        answer = running.call("GET", "/v1/privacy/log", Scope.PRIVACY_WRITE, query_string=query)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.get_json()
        return shown

    assert [one["action"] for one in log(member_id="m-1")["entries"]] == ["erase", "export"]
    assert log(member_id="m-2")["entries"] == []
    assert [one["action"] for one in log(action="export")["entries"]] == ["export"]
    first = log(limit=1)
    assert log(limit=1, cursor=first["next_cursor"])["entries"][0]["action"] == "export"
    assert "m-1" not in str(log())


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/members/m-1/export", Scope.MEMBERS_WRITE),
        ("POST", "/v1/members/m-1/erase", Scope.MEMBERS_EXPORT),
        ("GET", "/v1/privacy/log", Scope.REPORTS_READ),
        ("POST", "/v1/members/m-1/opt-out", Scope.OFFERS_READ),
    ],
)
def test_each_needs_a_permission_of_its_own(
    running: Service, method: str, path: str, scope: Scope
) -> None:
    """Whoever may read reports, or write members, may not see or erase what is held of one."""
    body = {"json": {}} if path.endswith("erase") else {}
    refused = running.call(method, path, scope, **body)

    assert refused.status_code == 403
