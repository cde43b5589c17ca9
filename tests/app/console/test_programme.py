"""The programme is shown, computed on demand, and other thresholds are tried without a change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from experiments.arrival import Arrival
from experiments.lifecycle import find_programme, set_programme
from experiments.member import checked_member
from experiments.programme_run.scheduling import runs
from experiments.recording import import_members, record_conversions
from tests.app.console.conftest import post
from tests.experiments.designs import programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.wiring import Wiring

ADDRESS = "/console/programme/"
PREVIEW = "/console/programme/preview"
RULES: dict[str, Any] = {
    "score": {"measures": [{"measure": "frequency", "weight": 1, "full_at": 10},
                           {"measure": "tenure", "weight": 3, "full_at": 100}]},
    "tiers": [
        {"key": "bronze", "name": "Bronze"},
        {"key": "silver", "name": "Silver", "entry_threshold_minor": 200_000,
         "benefit_cost_minor": 5_000},
        {"key": "gold", "entry_threshold_minor": 900_000, "entry_score": 90,
         "paths": [{"measure": "frequency", "threshold": 20, "window_days": 90}],
         "benefit_cost_minor": 20_000},
        {"key": "house", "manual": True},
    ],
}  # fmt: skip


@pytest.fixture
def club(wiring: Wiring) -> Wiring:
    """Give three members, two of whom spent 3,000 and 1,000 dollars."""
    engine, now = wiring.engine, wiring.clock()
    set_programme(engine, programme(**RULES), now)
    members = [checked_member(f"m-{i}", {}, personalisation_consent=True) for i in range(3)]
    import_members(engine, members, now, with_consent=True)
    orders = [
        {"conversion_id": f"o-{member}", "member_id": member, "event": "order",
         "amount_minor": amount, "currency": "TWD",
         "occurred_at": (now - timedelta(days=1)).isoformat()}
        for member, amount in (("m-0", 300_000), ("m-1", 100_000))
    ]  # fmt: skip
    record_conversions(engine, orders, Arrival(now, "a test"))
    return wiring


def test_the_programme_is_shown_in_words(
    club: Wiring, client_of: Callable[..., Any], pages: list[Any]
) -> None:
    """Every way to a tier is a sentence; who may not compute has no button."""
    assert club.engine is not None
    client = client_of(Role.VIEWER)
    assert client.get(ADDRESS).status_code == 200
    page = pages[-1]
    assert [row.rules for row in page.tiers] == [
        ("Everybody",),
        ("Spend of NT$2,000",),
        ("Spend of NT$9,000", "Score of 90", "Orders: 20 in 90 days"),
        ("Given by hand",),
    ]
    assert page.score[1] == ("Days as a member", "", "100", "75%")
    assert page.lifecycle[1] == ("Lost", "No order or activity for 365 days")
    assert page.is_stale
    assert not page.may_recompute
    assert page.preview_address == ""
    assert post(client, f"{ADDRESS}recompute", page=ADDRESS).status_code == 403


def test_members_are_computed_on_demand(
    club: Wiring, client_of: Callable[..., Any], pages: list[Any]
) -> None:
    """The page then has who did it, and the members of each tier."""
    client = client_of(Role.ADMIN)
    assert post(client, f"{ADDRESS}recompute", page=ADDRESS).status_code == 302
    client.get(ADDRESS)
    page = pages[-1]
    assert [row.members for row in page.tiers] == ["2", "1", "0", "0"]
    assert not page.is_stale
    assert page.runs[0].who == "admin"
    (run,) = runs(club.engine)
    assert run.actor.startswith("user ")


def test_an_installation_without_a_programme_says_what_to_do(
    client_of: Callable[..., Any], pages: list[Any]
) -> None:
    """The empty page leads on."""
    client = client_of(Role.ADMIN)
    assert "No programme is set yet" in client.get(ADDRESS).text
    assert not pages[-1].is_set
    assert client.get(PREVIEW).status_code == 404


def test_other_thresholds_are_tried_and_nothing_changes(
    club: Wiring, client_of: Callable[..., Any], pages: list[Any]
) -> None:
    """The address holds the thresholds; the answer has members now and then, and the cost."""
    client = client_of(Role.MARKETER)
    assert client.get(PREVIEW).status_code == 200
    assert pages[-1].answer is None
    assert [(one.name, one.typed) for one in pages[-1].fields] == [
        ("spend.silver", "2000"), ("spend.gold", "9000"), ("score.gold", "90"),
    ]  # fmt: skip
    before = find_programme(club.engine)
    address = f"{PREVIEW}?spend.silver=1000&score.gold=&near=50"
    assert client.get(address).status_code == 200
    assert (
        client.get(pages[-1].coming or address, headers={"HX-Request": "true"}).status_code == 200
    )
    answer = pages[-1].answer
    silver = next(row for row in answer.tiers if row.name == "Silver")
    assert (silver.now, silver.then, silver.change, silver.cost) == ("1", "2", "+1", "NT$50")
    assert answer.moves == (("Bronze", "Silver", "1"),)
    assert answer.summary[0] == "Of 3 members, 1 would move up and 0 down."
    assert '"members":2' in answer.plot.specification
    assert find_programme(club.engine) == before


@pytest.mark.usefixtures("club")
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("spend.silver=much", "spend.silver"),
        ("spend.silver=-1", "spend.silver"),
        ("spend.silver=1.001", "spend.silver"),
        ("spend.silver=NaN", "spend.silver"),
        ("spend.silver=1e99999", "spend.silver"),
        ("score.gold=101", "score.gold"),
        ("near=101", ""),
        ("near=x", ""),
    ],
)
def test_a_wrong_threshold_is_refused_at_its_field(
    client_of: Callable[..., Any], pages: list[Any], asked: str, field: str
) -> None:
    """Nothing is computed, and what was typed stays."""
    assert client_of(Role.MARKETER).get(f"{PREVIEW}?{asked}").status_code == 422
    page = pages[-1]
    assert [one.name for one in page.fields if one.error] == ([field] if field else [])
    assert bool(page.near_error) is not bool(field)
    assert page.answer is None


@pytest.mark.usefixtures("club")
def test_a_preview_needs_the_right_to_write_campaigns(client_of: Callable[..., Any]) -> None:
    """As at the API."""
    answer = client_of(Role.VIEWER).get(PREVIEW)
    assert answer.status_code == 403
    assert "campaigns:write" in answer.text
