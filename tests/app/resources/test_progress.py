"""A frontend shows how far the next tier is: with the offer, in OFREP, and by an address of it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
import pytest
from sqlalchemy import insert, text

from app.auth import Scope
from experiments.store.engine import writing
from experiments.store.tables import members, programme_runs
from tests.app.resources.test_ofrep import ask, member_of
from tests.experiments.designs import DESIGN, NOW
from tests.experiments.test_progress import SCORE, TIERS

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

KNOWN = {"tier": "silver", "revenue_365d_minor": 840_000, "score": 34.43, "referrals_365d": 4}
THRESHOLD = {
    "kind": "threshold_change",
    "target_tier": "gold",
    "threshold_minor": 900_000,
    "unit_cost_minor": 1,
    "currency": "TWD",
    "expires_at": "2026-06-30T16:00:00Z",
}


@pytest.fixture
def ladder(service: Service) -> Service:
    """Give the API with a ladder that says how to climb it."""
    service.set_programme(tiers=TIERS, score=SCORE)
    return service


def changing(offer: dict[str, Any]) -> dict[str, Any]:
    """Give the campaign's variants with another offer for those who get one."""
    control, gift = deepcopy(DESIGN["variants"])
    why = "Everybody gets the lower threshold in May."
    return {"variants": [control, {**gift, "offer": offer}], "price_difference_rationale": why}


def progress(service: Service, member: str, **query: str) -> TestResponse:
    """Ask for a member's progress."""
    path = f"/v1/members/{quote(member, safe='')}/progress"
    return service.call("GET", path, Scope.OFFERS_READ, query_string=query)


def test_the_offer_says_how_far_the_next_tier_is(ladder: Service) -> None:
    """Current, target, unit, deadline and every way come, from what is known of the member."""
    ladder.launch()
    ladder.put_member("m-1", **KNOWN)
    found = ladder.offer("m-1")["progress"]
    assert {name: value for name, value in found.items() if name != "paths"} == {
        "state": "under_way",
        "tier": "silver",
        "to": "gold",
        "by": "spend",
        "unit": "money",
        "currency": "TWD",
        "current": 840_000,
        "target": 1_000_000,
        "remaining": 160_000,
        "share": 0.84,
        "window_days": 365,
        "deadline": None,
        "deadline_by": None,
        "as_of": None,
        "computed_by": None,
    }
    assert [(one["by"], one["share"], one["nearest"]) for one in found["paths"]] == [
        ("spend", 0.84, True),
        ("score", 0.5738, False),
        ("referrals", 0.8, False),
    ]


def test_every_way_of_asking_says_the_same(ladder: Service) -> None:
    """The offer, one flag, all flags and the address of progress agree, in each variant."""
    ladder.launch(**changing(THRESHOLD))
    for variant, target in (("gift", 900_000), ("control", 1_000_000)):
        member = member_of(variant)
        ladder.put_member(member, **KNOWN)
        offered = ladder.offer(member)["progress"]
        flag = ask(ladder, "/gold-q3", targetingKey=member).get_json()
        (bulk,) = ask(ladder, targetingKey=member).get_json()["flags"]
        asked = progress(ladder, member, campaign="gold-q3").get_json()
        assert asked["variant"] == variant
        assert offered == flag["value"]["progress"] == bulk["value"]["progress"]
        assert offered == asked["progress"]
        assert offered["target"] == target
        deadline = "2026-06-30T16:00:00Z" if variant == "gift" else None
        assert offered["deadline"] == deadline
        assert progress(ladder, member).get_json()["progress"]["target"] == 1_000_000


def test_asking_for_progress_assigns_nobody(ladder: Service) -> None:
    """Whoever was not assigned sees the ladder's threshold, and is not assigned by looking."""
    ladder.launch(**changing(THRESHOLD), exposure_logging="server")
    member = member_of("gift")
    ladder.put_member(member, **KNOWN)
    for _ in range(2):
        found = progress(ladder, member, campaign="gold-q3").get_json()
        assert (found["variant"], found["progress"]["target"]) == (None, 1_000_000)
    with ladder.engine.connect() as connection:
        for table in ("assignments", "exposures"):
            assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608  # our own names


def test_a_pause_takes_the_variants_threshold_away(ladder: Service) -> None:
    """As the offer does: while it is paused the default offer holds."""
    ladder.launch(**changing(THRESHOLD))
    member = member_of("gift")
    ladder.put_member(member, **KNOWN)
    ladder.offer(member)
    targets = []
    for move in ("pause", "resume"):
        ladder.campaign("POST", f"/gold-q3/{move}")
        found = progress(ladder, member, campaign="gold-q3").get_json()
        assert found["progress"] == ladder.offer(member)["progress"]
        targets.append(found["progress"]["target"])
    assert targets == [1_000_000, 900_000]


def test_a_change_shows_with_the_next_answer(ladder: Service) -> None:
    """Of the member, of the ladder, and of the time: nothing is answered from what was written."""
    ladder.set_programme(tiers=TIERS, score=SCORE, tier_validity_days=10)
    ladder.launch()
    ladder.put_member("m-1", **KNOWN, tier_since="2026-02-20T12:00:00Z")
    assert ladder.offer("m-1")["progress"]["deadline"] == "2026-03-02T12:00:00Z"
    ladder.clock.forward(timedelta(days=1))
    assert ladder.offer("m-1")["progress"]["deadline"] is None
    ladder.put_member("m-1", **{**KNOWN, "revenue_365d_minor": 1_000_000})
    assert ladder.offer("m-1")["progress"]["state"] == "reached"
    ladder.put_member("m-1", **{**KNOWN, "tier": "diamond"})
    assert ladder.offer("m-1")["progress"]["state"] == "top_tier"
    ladder.put_member("m-1", tier="honorary")
    assert ladder.offer("m-1")["progress"]["state"] == "manual_tier"
    ladder.put_member("m-1", tier="silver")
    assert ladder.offer("m-1")["progress"]["state"] == "unknown"
    ladder.set_programme(tiers=[{"key": "silver"}, {"key": "gold"}])
    assert ladder.offer("m-1")["progress"]["state"] == "no_path"
    ladder.set_programme(tiers=[])
    assert ladder.offer("m-1")["progress"] is None
    assert ask(ladder, "/gold-q3", targetingKey="m-1").get_json()["value"]["progress"] is None


def test_whom_nobody_sent_is_not_known(ladder: Service) -> None:
    """An answer comes all the same, as for an offer."""
    for member in ("nobody", "a/b", "會員-42"):
        answer = progress(ladder, member)
        assert answer.status_code == 200
        found = answer.get_json()
        assert (found["member_id"], found["progress"]["state"]) == (member, "unknown")
        assert (found["campaign"], found["variant"]) == (None, None)
        assert found["trace_id"]


def test_what_was_computed_says_up_to_when(ladder: Service) -> None:
    """The moment is that of the latest complete run; a run that is not complete says nothing."""
    ladder.launch()
    runs: list[dict[str, Any]] = [
        {"as_of": NOW - timedelta(days=1), "computed_at": NOW},
        {"as_of": NOW, "computed_at": None},
    ]
    row = {"version": "3-abc", "started_at": NOW, "actor": "a test"}
    member = {
        "member_id": "m-1",
        "attributes": {"score": 50.0},
        "personalisation_consent": True,
        "created_at": NOW,
        "updated_at": NOW,
        "computed": KNOWN,
        "computed_by": "3-abc",
    }
    with writing(ladder.engine) as connection:
        connection.execute(insert(programme_runs), [{**row, **one} for one in runs])
        connection.execute(insert(members), [member])
    found = ladder.offer("m-1")["progress"]
    assert (found["as_of"], found["computed_by"]) == ("2026-02-28T12:00:00Z", "3-abc")
    assert [one["current"] for one in found["paths"]] == [840_000, 50.0, 4]


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/v1/members/m/progress?campaign=nope", 404, None),
        ("/v1/members/m/progress?campain=gold-q3", 422, "campain"),
        ("/v1/members/m/progress?locale=en", 422, "locale"),
        (f"/v1/members/{'x' * 256}/progress", 422, "member_id"),
        ("/v1/members/a%0Ab/progress", 422, "member_id"),
    ],
)
def test_bad_questions_are_refused_by_name(
    ladder: Service, path: str, status: int, field: str | None
) -> None:
    """A wrong query is a problem that names the field; an unknown campaign is not found."""
    answer = ladder.call("GET", path, Scope.OFFERS_READ)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    if field is not None:
        assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_progress_needs_the_scope_of_offers(ladder: Service) -> None:
    """Whoever may read offers may read it, and nobody else."""
    assert ladder.call("GET", "/v1/members/m/progress", Scope.EVENTS_WRITE).status_code == 403


@pytest.mark.parametrize("value", [-5, 2**53 * 4, "9e999", True, "", "much", 1e300])
def test_odd_attributes_break_no_answer(ladder: Service, value: object) -> None:
    """What a business sends under our names may be anything that an attribute can be."""
    ladder.launch()
    names = ("revenue_365d_minor", "score", "referrals_365d", "tier_since", "next_tier")
    ladder.put_member("m-1", tier="silver", **dict.fromkeys(names, value))
    found = ladder.offer("m-1")["progress"]
    assert found["state"] in {"unknown", "under_way"}
    assert orjson.loads(orjson.dumps(found)) == found


WORTH: dict[str, Any] = {
    **DESIGN["variants"][1]["offer"],
    "values": {"silver": 20_000, "gold": 30_000},
}


def test_an_offer_is_worth_what_the_tier_at_the_assignment_says(ladder: Service) -> None:
    """A promise stays when the member climbs; nobody learns what it is worth to other tiers."""
    ladder.launch(**changing(WORTH))
    member = member_of("gift")
    ladder.put_member(member, tier="silver")
    first = ladder.offer(member)
    assert (first["remembered"], first["value_minor"]) == (False, 20_000)
    ladder.put_member(member, tier="gold")
    again = ladder.offer(member)
    assert (again["remembered"], again["value_minor"]) == (True, 20_000)
    flag = ask(ladder, "/gold-q3", targetingKey=member).get_json()
    (bulk,) = ask(ladder, targetingKey=member).get_json()["flags"]
    assert flag["value"]["value_minor"] == bulk["value"]["value_minor"] == 20_000
    for answer in (first, again, flag, bulk):
        assert "30000" not in str(answer)
        assert "values" not in str(answer)


def test_a_tier_that_the_table_leaves_out_is_worth_nothing_that_is_known(ladder: Service) -> None:
    """Null, not zero; so is the worth of an offer without a table, and of control."""
    ladder.launch(**changing(WORTH))
    member = member_of("gift")
    ladder.put_member(member, tier="bronze")
    assert ladder.offer(member)["value_minor"] is None
    ladder.put_member(member, tier="gold")
    assert ladder.offer(member)["value_minor"] is None
    assert ladder.offer(member_of("control"))["value_minor"] is None


def test_a_household_keeps_the_tier_of_the_member_it_was_made_for(ladder: Service) -> None:
    """To the others it is worth what their present tier says."""
    ladder.launch(**changing(WORTH), randomization_unit="household")
    household = member_of("gift")
    for member, tier in (("a", "silver"), ("b", "gold")):
        ladder.put_member(member, tier=tier, household_id=household)
    assert [ladder.offer(one)["value_minor"] for one in "ab"] == [20_000, 30_000]
    for member, tier in (("a", "gold"), ("b", "silver")):
        ladder.put_member(member, tier=tier, household_id=household)
    assert [ladder.offer(one)["value_minor"] for one in "ab"] == [20_000, 20_000]
