"""The scorecard tells per variant what happened, and is stored as it was computed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scipy import stats as scipy_stats
from sqlalchemy import text

if TYPE_CHECKING:
    from tests.app.resources.service import Service

METRICS = [
    {"metric": "repurchase_rate", "role": "oec"},
    {"metric": "spend_per_member", "role": "diagnostic"},
]


def run(service: Service, members: int = 80, **changes: Any) -> dict[str, str]:  # noqa: ANN401  # document fields
    """Launch, expose so many members, let every third one order, and let the window close."""
    service.launch(metrics=METRICS, conversion_window_days=10, **changes)
    variants = {f"m-{i}": service.offer(f"m-{i}")["variant"] for i in range(members)}
    service.send(
        "exposures",
        [
            {"exposure_id": f"e-{m}", "campaign": "gold-q3", "variant": v, "member_id": m}
            for m, v in variants.items()
        ],
    )
    service.clock.forward(timedelta(days=2))
    service.send("conversions", [order(m, i) for i, m in enumerate(variants) if i % 3 == 0])
    service.clock.forward(timedelta(days=9))
    return variants


def order(member: str, number: int) -> dict[str, object]:
    """Give an order of a member."""
    return {
        "conversion_id": f"o-{member}",
        "member_id": member,
        "event": "order",
        "amount_minor": 1_000 + number,
        "currency": "TWD",
    }


def test_a_scorecard_equals_scipy_on_the_same_members(service: Service) -> None:
    """Counts, totals, difference, interval and p-value are those of an independent computation."""
    variants = run(service)
    spend = {m: (1_000 + i if i % 3 == 0 else 0) for i, m in enumerate(variants)}
    a = [spend[m] for m, v in variants.items() if v == "control"]
    b = [spend[m] for m, v in variants.items() if v == "gift"]
    card = service.scorecard().get_json()
    assert card["state"] == "ready"
    metric = card["metrics"][1]
    assert [v["n"] for v in metric["variants"]] == [len(a), len(b)]
    assert [v["numerator_total"] for v in metric["variants"]] == [sum(a), sum(b)]
    expected = scipy_stats.ttest_ind(b, a, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    difference = metric["comparisons"][0]["difference"]
    assert difference["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert difference["ci_low"] == pytest.approx(low, rel=1e-9)
    assert difference["ci_high"] == pytest.approx(high, rel=1e-9)


def test_the_same_facts_give_the_same_snapshot(service: Service) -> None:
    """Reading twice stores one scorecard; a late fact gives a new one, and the old one stays."""
    run(service)
    first = service.scorecard()
    service.clock.forward(timedelta(minutes=5))
    assert service.scorecard().get_json() == first.get_json()
    assert first.headers["ETag"] == f'"{first.get_json()["snapshot_hash"]}"'
    late = {**order("m-1", 1), "occurred_at": (service.clock() - timedelta(days=8)).isoformat()}
    service.send("conversions", late)
    second = service.scorecard().get_json()
    assert second["snapshot_hash"] != first.get_json()["snapshot_hash"]
    with service.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM scorecards")) == 2


def test_members_whose_window_is_open_are_shown_apart(service: Service) -> None:
    """An immature scorecard says when its window closes, and gives no comparison yet."""
    run(service)
    now = service.clock()
    early = service.scorecard(as_of=(now - timedelta(days=8)).isoformat()).get_json()
    assert early["state"] == "immature"
    assert early["metrics"][0]["comparisons"] == []
    assert sum(v["immature_units"] for v in early["metrics"][0]["variants"]) == 80


def test_an_analysis_time_in_the_future_is_refused(service: Service) -> None:
    """Windows that are open now must not count as closed."""
    run(service)
    refused = service.scorecard(as_of=(service.clock() + timedelta(days=1)).isoformat())
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "as_of"


def test_a_campaign_without_exposures_says_so(service: Service) -> None:
    """No exposures, events missing and immature are different states."""
    service.launch()
    assert service.scorecard().get_json()["state"] == "no_exposures"


def test_a_draft_has_no_scorecard(service: Service) -> None:
    """The refusal says to launch it first."""
    from tests.experiments.designs import DESIGN  # noqa: PLC0415

    service.campaign("POST", json=DESIGN)
    refused = service.scorecard()
    assert refused.status_code == 409
    assert "launch" in refused.get_json()["detail"].lower()


def test_a_household_is_counted_once(service: Service) -> None:
    """Exposures and orders of all its members belong to the household."""
    for i in range(20):
        for side in "ab":
            service.put_member(f"{side}-{i}", household_id=f"h-{i}")
    service.launch(metrics=METRICS, conversion_window_days=1, randomization_unit="household")
    for i in range(20):
        variant = service.offer(f"a-{i}")["variant"]
        service.send(
            "exposures",
            {
                "exposure_id": f"e-{i}",
                "campaign": "gold-q3",
                "variant": variant,
                "member_id": f"a-{i}",
            },
        )
        service.send("conversions", order(f"a-{i}", i))
        service.send("conversions", order(f"b-{i}", i))
    service.clock.forward(timedelta(days=2))
    metric = service.scorecard().get_json()["metrics"][1]
    assert sum(v["n"] for v in metric["variants"]) == 20
    assert sum(v["numerator_total"] for v in metric["variants"]) == 2 * sum(
        1_000 + i for i in range(20)
    )


def test_an_externally_assigned_campaign_is_analysed_as_usual(service: Service) -> None:
    """Its split comes with the exposures; the offer answers that it was made elsewhere."""
    service.launch(assigned_by="external", metrics=METRICS, conversion_window_days=1)
    assert service.offer("m-1")["reason"] == "externally_assigned"
    service.send(
        "exposures",
        [
            {
                "exposure_id": str(i),
                "campaign": "gold-q3",
                "variant": "gift" if i % 2 else "control",
                "member_id": f"m-{i}",
            }
            for i in range(40)
        ],
    )
    service.send("conversions", order("m-1", 1))
    service.clock.forward(timedelta(days=2))
    card = service.scorecard().get_json()
    assert [v["units"] for v in card["variants"]] == [20, 20]
    assert card["state"] == "ready"


def test_members_seen_in_two_variants_are_counted_and_excluded(service: Service) -> None:
    """The rule was declared before the start, and the count is shown."""
    variants = run(service)
    other = {"control": "gift", "gift": "control"}
    service.send(
        "exposures",
        {
            "exposure_id": "again",
            "campaign": "gold-q3",
            "variant": other[variants["m-0"]],
            "member_id": "m-0",
        },
    )
    card = service.scorecard().get_json()
    assert card["crossovers"] == [{"variants": ["control", "gift"], "units": 1}]
    assert sum(v["units"] for v in card["variants"]) == 79


def event_of(card: dict[str, Any], name: str) -> dict[str, Any]:
    """Give how often an event was seen."""
    found: dict[str, Any] = next(one for one in card["events"] if one["event"] == name)
    return found


def test_an_event_that_only_others_have_is_a_true_zero(service: Service) -> None:
    """Orders arrive, none of them from exposed members: that is a result, not a broken feed."""
    service.launch(metrics=METRICS, conversion_window_days=1)
    for i in range(20):
        variant = service.offer(f"m-{i}")["variant"]
        exposure = {"campaign": "gold-q3", "variant": variant, "member_id": f"m-{i}"}
        service.send("exposures", {"exposure_id": f"e-{i}", **exposure})
    service.clock.forward(timedelta(days=2))
    assert service.scorecard().get_json()["state"] == "events_missing"
    service.send("conversions", order("somebody-else", 1))
    card = service.scorecard().get_json()
    assert card["state"] == "ready"
    assert [v["numerator_total"] for v in card["metrics"][0]["variants"]] == [0, 0]
    assert event_of(card, "order") == {
        "event": "order",
        "seen": 0,
        "without_amount": 0,
        "ever_seen": True,
    }
    earlier = (service.clock() - timedelta(days=1)).isoformat()
    before = service.scorecard(as_of=earlier).get_json()
    assert event_of(before, "order")["ever_seen"] is False


def test_asked_again_on_the_same_day_nothing_is_computed_anew(service: Service) -> None:
    """The stored scorecard answers until a fact, the campaign or the day is another one."""
    service.launch()
    service.send("exposures", exposure(1))

    def computed_at() -> str:
        service.clock.forward(timedelta(minutes=10))
        return str(service.scorecard().get_json()["computed_at"])

    first = computed_at()
    assert computed_at() == first
    service.send("exposures", exposure(2))
    second = computed_at()
    assert second > first
    assert computed_at() == second
    service.campaign("POST", "/gold-q3/pause", json={"reason": "a typing error"})
    third = computed_at()
    assert third > second
    service.clock.forward(timedelta(days=1))
    assert computed_at() > third


def exposure(number: int) -> dict[str, str]:
    """An exposure of a member of their own."""
    return {
        "exposure_id": f"again-{number}",
        "campaign": "gold-q3",
        "variant": "control",
        "member_id": f"again-{number}",
    }
