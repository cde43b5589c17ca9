"""The rules of the reward ledger: a reward once per member and offer, within stock and budgets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from experiments.arrival import Arrival
from experiments.conversion import Conversion
from experiments.errors import InvalidValues
from experiments.grant import GrantState, RefusalCode
from experiments.granting import GrantOutcome, settle_grants
from experiments.member import Member
from experiments.store.conversions import append_conversions
from experiments.store.engine import reading, writing
from experiments.store.exhaustions import read_exhaustions
from experiments.store.members import put_members
from experiments.store.tables import campaigns, conversions, grant_moves
from tests.experiments.designs import NOW
from tests.experiments.rewards import (
    COST,
    KEY,
    Till,
    assign,
    counted,
    live,
    open_till,
    order,
    recounted,
    variants,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

ACCEPTED, DUPLICATE, REFUSED = GrantOutcome
RESERVED, REDEEMED, EXPIRED, REVERSED = GrantState


def code_of(till: Till, action: str, member: str, grant_id: str = "", **more: Any) -> str | None:  # noqa: ANN401  # fields of an order
    """Ask for something, and give why it is refused, or None."""
    refusal = till.ask(action, member, grant_id, **more).refusal
    return None if refusal is None else str(refusal.code)


def test_a_reward_is_reserved_redeemed_and_taken_back(engine: Engine) -> None:
    """Each step is a fact of its own, with its event, which metrics read once."""
    till = open_till(engine, ["ada"])
    states = []
    for action in ("reserve", "redeem", "reverse"):
        done = till.ask(action, "ada", reason="why not")
        assert (done.outcome, done.refusal) == (ACCEPTED, None)
        states.append(done.grant and done.grant.state)
        till.forward(minutes=1)
    assert states == [RESERVED, REDEEMED, REVERSED]
    with reading(engine) as connection:
        steps = connection.execute(
            select(grant_moves.c.step, grant_moves.c.moved_at).order_by(grant_moves.c.moved_at)
        ).all()
        events = (
            connection.execute(select(conversions).order_by(conversions.c.occurred_at))
            .mappings()
            .all()
        )
    assert [step for step, _ in steps] == ["reserve", "redeem", "reverse"]
    assert [(one["event"], one["occurred_at"]) for one in events] == [
        ("reward_issue", NOW),
        ("reward_redeem", NOW + timedelta(minutes=1)),
        ("reward_reverse", NOW + timedelta(minutes=2)),
    ]
    assert {(one["amount_minor"], one["currency"], one["member_id"]) for one in events} == {
        (COST, "TWD", "ada")
    }
    assert events[0]["properties"] == {
        "breakage": 0.0,
        "offer_id": "gold-q3.gift",
        "grant_id": "g-ada",
        "campaign": KEY,
        "phase": 1,
        "variant": "gift",
    }
    assert counted(engine) == recounted(engine)


def test_to_grant_is_to_reserve_and_redeem_at_once(engine: Engine) -> None:
    """A shop that gives the reward at once asks once; what was reserved before is redeemed."""
    till = open_till(engine, ["ada", "bo"])
    assert till.ask("reserve", "bo").grant
    for member in ("ada", "bo"):
        done = till.ask("grant", member)
        assert done.outcome is ACCEPTED
        assert done.grant
        assert done.grant.state is REDEEMED
    assert counted(engine)["redeemed"] == 2
    assert counted(engine) == recounted(engine)


@pytest.mark.parametrize("action", ["reserve", "grant"])
def test_a_repeat_is_a_success_with_the_same_answer(engine: Engine, action: str) -> None:
    """A sender that heard nothing sends again, with or without the time."""
    till = open_till(engine, ["ada"])
    first = till.ask(action, "ada")
    till.forward(hours=1)
    again = till.ask(action, "ada")
    timed = till.ask(action, "ada", occurred_at=NOW.isoformat())
    assert (first.outcome, again.outcome, timed.outcome) == (ACCEPTED, DUPLICATE, DUPLICATE)
    assert first.grant == again.grant == timed.grant
    assert counted(engine) == recounted(engine)
    assert live(engine) == 1


def test_a_repeat_within_one_list_is_one_too(engine: Engine) -> None:
    """The second of two equal orders is told as a repeat, not as another grant."""
    till = open_till(engine, ["ada"])
    first, again = till.ask_all([order("reserve", "ada")] * 2)
    assert (first.outcome, again.outcome) == (ACCEPTED, DUPLICATE)


@pytest.mark.parametrize(
    "change", [{"member_id": "bo"}, {"occurred_at": "2026-03-01T11:00:00Z"}, {"campaign": "other"}]
)
def test_other_content_under_a_known_id_is_a_conflict(
    engine: Engine, change: dict[str, str]
) -> None:
    """What was sent first stands."""
    till = open_till(engine, ["ada", "bo"])
    from experiments.store.campaigns import add_campaign  # noqa: PLC0415
    from tests.experiments.designs import campaign  # noqa: PLC0415

    with writing(engine) as connection:
        add_campaign(connection, campaign(key="other"))
    till.ask("reserve", "ada")
    refused = till.ask_all([{**order("reserve", "ada"), **change}])[0]
    assert refused.refusal
    assert refused.refusal.code is RefusalCode.CONFLICT
    assert next(iter(change)) in refused.refusal.message
    assert live(engine) == 1


def test_a_member_has_an_offer_once(engine: Engine) -> None:
    """The refusal names the grant that stands; once it is taken back, another can be given."""
    till = open_till(engine, ["ada"])
    till.ask("reserve", "ada", "first")
    refused = till.ask("reserve", "ada", "second")
    assert refused.refusal
    assert refused.refusal.code is RefusalCode.ALREADY_GRANTED
    assert "'first'" in refused.refusal.message
    till.ask("reverse", "ada", "first")
    assert till.ask("reserve", "ada", "second").outcome is ACCEPTED
    assert counted(engine) == recounted(engine)


def test_only_who_is_assigned_an_offer_is_given_it(engine: Engine) -> None:
    """A stranger, a member of control, and one who opted out each learn why not."""
    till = open_till(engine, ["ada", "bo"])
    assign(engine, ["cy"], "control")
    with writing(engine) as connection:
        put_members(connection, [Member("bo", personalisation_consent=False)], NOW)
    assert code_of(till, "reserve", "nobody") == "not_assigned"
    assert code_of(till, "reserve", "cy") == "no_offer"
    assert code_of(till, "reserve", "bo") == "opted_out"
    assert code_of(till, "redeem", "ada") == "unknown_grant"
    assert code_of(till, "reserve", "ada", campaign="nowhere") == "unknown_campaign"
    assert live(engine) == 0
    with reading(engine) as connection:
        assert connection.execute(select(conversions)).all() == []


@pytest.mark.parametrize("state", ["paused", "stopped", "draft"])
def test_what_was_promised_is_honoured_whatever_the_state(engine: Engine, state: str) -> None:
    """A campaign that does not run reserves nothing new, and redeems what it had reserved."""
    till = open_till(engine, ["ada", "bo"])
    till.ask("reserve", "ada")
    with writing(engine) as connection:
        connection.execute(update(campaigns).values(state=state))
    till.directory.__init__()  # type: ignore[misc]  # as another process would see it
    assert code_of(till, "reserve", "bo") == "not_running"
    assert till.ask("redeem", "ada").outcome is ACCEPTED


def test_stock_is_given_to_the_last_unit_and_no_further(engine: Engine) -> None:
    """The moment at which the last one went is recorded once, for the whole phase."""
    members = [f"m{number}" for number in range(5)]
    till = open_till(engine, members, variants=variants(stock=3))
    results = till.ask_all([order("reserve", member) for member in members])
    assert [one.outcome for one in results] == [ACCEPTED] * 3 + [REFUSED] * 2
    assert {str(one.refusal.code) for one in results if one.refusal} == {"stock_exhausted"}
    till.forward(minutes=5)
    assert code_of(till, "reserve", "m4") == "stock_exhausted"
    with reading(engine) as connection:
        (closed,) = read_exhaustions(connection, [KEY])
    assert (closed.resource, closed.subject, closed.bound, closed.at, closed.reopened_at) == (
        "stock",
        "gold-q3.gift",
        3,
        NOW,
        None,
    )


@pytest.mark.parametrize(
    ("caps", "resource", "granted"),
    [
        ({"budget_minor": 2 * COST}, "campaign_budget", 2),
        ({"budget_minor": 3 * COST - 1}, "campaign_budget", 2),
        ({"variants": {"gift": {"budget_minor": COST}}}, "variant_budget", 1),
    ],
)
def test_a_budget_is_never_exceeded(
    engine: Engine, caps: dict[str, Any], resource: str, granted: int
) -> None:
    """It is exhausted once the next grant would not fit, though some of it may be left."""
    members = [f"m{number}" for number in range(4)]
    till = open_till(engine, members, caps=caps)
    results = till.ask_all([order("grant", member) for member in members])
    assert [one.outcome for one in results].count(ACCEPTED) == granted
    assert {str(one.refusal.code) for one in results if one.refusal} == {"budget_exhausted"}
    with reading(engine) as connection:
        (closed,) = read_exhaustions(connection, [KEY])
    assert (closed.resource, closed.at) == (resource, NOW)


def test_what_is_taken_back_can_be_given_again(engine: Engine) -> None:
    """Stock and budget come back; enrolment stays closed, until an operator raises the bound."""
    till = open_till(engine, ["ada", "bo"], variants=variants(stock=1))
    till.ask("grant", "ada")
    assert code_of(till, "reserve", "bo") == "stock_exhausted"
    till.ask("reverse", "ada")
    assert till.ask("reserve", "bo").outcome is ACCEPTED
    with reading(engine) as connection:
        (closed,) = read_exhaustions(connection, [KEY])
    assert closed.reopened_at is None


def test_a_reservation_expires_at_its_own_moment(engine: Engine) -> None:
    """Who comes later finds it expired, at the moment at which it did, and its stock free."""
    till = open_till(engine, ["ada", "bo"], variants=variants(stock=1))
    ends = NOW + timedelta(minutes=15)
    till.ask("reserve", "ada", expires_at=ends.isoformat())
    till.now = ends - timedelta(microseconds=1)
    assert code_of(till, "reserve", "bo") == "stock_exhausted"
    till.now = ends
    assert till.ask("reserve", "bo").outcome is ACCEPTED
    till.forward(days=1)
    refused = till.ask("redeem", "ada")
    assert refused.refusal
    assert refused.refusal.code is RefusalCode.EXPIRED
    with reading(engine) as connection:
        moved = connection.execute(
            select(grant_moves.c.moved_at, grant_moves.c.received_at).where(
                grant_moves.c.step == "expire"
            )
        ).all()
        events = connection.scalars(select(conversions.c.event)).all()
    assert moved == [(ends, ends)]
    assert sorted(events) == ["reward_issue", "reward_issue"]
    assert counted(engine) == recounted(engine)


def test_a_reservation_is_never_longer_than_its_offer(engine: Engine) -> None:
    """The sender may ask for less, not for more; a coupon has days of its own."""
    ends = NOW + timedelta(days=2)
    till = open_till(engine, ["ada"], variants=variants(expires_at=ends.isoformat()))
    later = (ends + timedelta(days=9)).isoformat()
    done = till.ask("reserve", "ada", expires_at=later)
    assert done.grant
    assert done.grant.expires_at == ends
    till.now = ends
    assign(engine, ["bo"])
    assert code_of(till, "reserve", "bo") == "offer_expired"


def test_a_coupon_is_good_for_its_own_days(engine: Engine) -> None:
    """They count from when it was earned, though the offer ends before."""
    coupon = {
        "kind": "coupon",
        "purchases": 3,
        "percent": 10,
        "valid_days": 30,
        "unit_cost_minor": 500,
        "currency": "TWD",
        "breakage": 0.25,
        "expires_at": (NOW + timedelta(days=1)).isoformat(),
    }
    both = variants()
    both[1]["offer"] = coupon
    done = open_till(engine, ["ada"], variants=both).ask("reserve", "ada")
    assert done.grant
    assert done.grant.expires_at == NOW + timedelta(days=30)
    with reading(engine) as connection:
        (properties,) = connection.scalars(select(conversions.c.properties)).all()
    assert properties["breakage"] == 0.25


def test_a_member_has_no_more_than_the_cap(engine: Engine) -> None:
    """It counts live grants of the campaign, whatever their offers, and stops nobody else."""
    till = open_till(engine, ["ada", "bo"], caps={"grants_per_member": 1})
    till.ask("grant", "ada")
    with writing(engine) as connection:
        connection.execute(grant_moves.delete())
        connection.exec_driver_sql("UPDATE grants SET offer_id = 'another'")
    assert code_of(till, "reserve", "ada", "second") == "member_cap"
    assert till.ask("reserve", "bo").outcome is ACCEPTED
    with reading(engine) as connection:
        assert read_exhaustions(connection, [KEY]) == ()


def test_an_event_under_the_ledgers_id_stops_the_grant(engine: Engine) -> None:
    """Metrics must not miss a reward because somebody else took its event's id."""
    till = open_till(engine, ["ada"])
    with writing(engine) as connection:
        append_conversions(connection, [Conversion("grant-reserve:g-ada", "x", "order", NOW, NOW)])
    with pytest.raises(InvalidValues, match="another event"):
        till.ask("reserve", "ada")
    assert live(engine) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "steal"}, "action"),
        ({"action": None}, "action"),
        ({"grant_id": "x" * 231}, "grant_id"),
        ({"grant_id": ""}, "grant_id"),
        ({"member_id": None}, "member_id"),
        ({"campaign": 7}, "campaign"),
        ({"campaign": "a\0b"}, "campaign"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": ""}, "occurred_at"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"reason": 9}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"cost_minor": 1}, "cost_minor"),
    ],
)
def test_bad_orders_name_their_field(engine: Engine, change: dict[str, Any], field: str) -> None:
    """Alone it is refused as a whole; in a list the good ones are kept."""
    till = open_till(engine, ["ada"])
    bad = {**order("reserve", "bo"), **change}
    with pytest.raises(InvalidValues) as caught:
        settle_grants(engine, till.directory, [bad], Arrival(NOW), alone=True)
    assert caught.value.problems[0].field == field
    refused, kept = till.ask_all([bad, order("reserve", "ada")])
    assert refused.refusal
    assert refused.refusal.code is RefusalCode.INVALID_VALUES
    assert refused.problems[0].field == field
    assert kept.outcome is ACCEPTED
