"""The money of a campaign over HTTP: from its document and events to a verdict in money."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tests.experiments.designs import DESIGN

if TYPE_CHECKING:
    from tests.app.resources.service import Service

DECIDED_IN_MONEY: dict[str, Any] = {
    "metrics": [
        {
            "metric": "contribution_margin_per_member",
            "role": "oec",
            "window_days": 10,
            "covariates": [],
        }
    ],
    "analysis": {
        "decision_rule": {
            "scale": "incremental_margin",
            "estimate": "raw",
            "threshold": 100,
            "exempt_checks": ["freshness", "event_gaps"],
        },
        "money": {
            "costs": [{"variant": "gift", "fixed_cost_minor": 2000, "contact_cost_minor": 7}],
            "audience": 5000,
            "runs_per_year": 2,
        },
    },
}


def event(kind: str, member: str, event: str, amount: int, **properties: object) -> dict[str, Any]:
    """Give an event with an amount."""
    return {
        "conversion_id": f"{kind}-{member}",
        "member_id": member,
        "event": event,
        "amount_minor": amount,
        "currency": "TWD",
        "properties": properties,
    }


def run(service: Service, members: int = 120, **changes: Any) -> dict[str, list[float]]:  # noqa: ANN401  # document fields
    """Let a campaign take place, and give the net of every member by variant, by hand."""
    service.launch(**{**DECIDED_IN_MONEY, **changes})
    net: dict[str, list[float]] = {"control": [], "gift": []}
    events = []
    variants = {f"m-{i}": service.offer(f"m-{i}")["variant"] for i in range(members)}
    service.send(
        "exposures",
        [
            {"exposure_id": f"e-{m}", "campaign": "gold-q3", "variant": v, "member_id": m}
            for m, v in variants.items()
        ],
    )
    service.clock.forward(timedelta(days=1))
    for i, (member, variant) in enumerate(variants.items()):
        amount = 1_000 + 13 * i + (900 if variant == "gift" else 0)
        said = [{}, {"margin_minor": 700 + i}, {"cost_minor": 400}][i % 3]
        events.append(event("o", member, "order", amount, **said))
        earned = [amount * 0.3, 700 + i, amount - 400][i % 3]
        if variant == "gift" or i % 5 == 0:
            events.append(event("r", member, "reward_issue", 200, breakage=0.25))
            earned -= 150
        if i % 2:
            events.append(event("c", member, "contact_sent", 9))
            earned -= 9
        net[variant].append(earned - (7 if variant == "gift" else 0))
    answer = service.send("conversions", events)
    assert answer.status_code in (200, 207), answer.text
    service.clock.forward(timedelta(days=10))
    return net


def test_money_over_http_equals_scipy_on_the_same_members(service: Service) -> None:
    """From document and events to section and verdict: Welch's interval, scaled, less costs."""
    service.set_programme(gross_margin_rate="0.3")
    net = run(service)

    card = service.scorecard().get_json()

    money = card["money"]
    assert money["state"] == "ready", money["sentence"]
    found = scipy_stats.ttest_ind(net["gift"], net["control"], equal_var=False)
    low, high = found.confidence_interval(0.95)
    gap = np.mean(net["gift"]) - np.mean(net["control"])
    units = len(net["gift"])
    want = [units * one - 2_000 for one in (gap, low, high)]
    (one,) = money["treatments"]
    margin = one["incremental_margin"]
    got = [margin[name] for name in ("estimate", "ci_low", "ci_high")]
    assert got == pytest.approx(want, rel=1e-9)
    decided = card["decision"]["treatments"][0]["parameters"]
    assert [decided[name] for name in ("estimate", "low", "high")] == pytest.approx(want, rel=1e-9)
    assert decided["threshold"] == 100
    assert one["per_year"]["estimate"] == pytest.approx(2 * (5_000 * gap - 2_000), rel=1e-9)


def test_without_a_rate_the_margin_is_unknown(service: Service) -> None:
    """Orders that say nothing, and a programme without a rate: a state, and never 0."""
    run(service)

    money = service.scorecard().get_json()["money"]

    assert money["state"] == "margin_unknown"
    assert "gross_margin_rate" in money["sentence"]
    assert money["treatments"] == []


def test_a_cost_of_an_unknown_variant_is_refused(service: Service) -> None:
    """The answer names the variants that there are, and nothing is stored."""
    document = {
        **DESIGN,
        "analysis": {"money": {"costs": [{"variant": "cake", "fixed_cost_minor": 1}]}},
    }

    refused = service.campaign("POST", json=document)

    assert refused.status_code == 422
    assert "cake" in refused.text
    assert "control" in refused.text
    assert service.campaign("GET", "/gold-q3").status_code in (404, 405)


@pytest.mark.parametrize(
    ("field", "value"),
    [("fixed_cost_minor", -1), ("fixed_cost_minor", 1.5), ("contact_cost_minor", "much")],
)
def test_a_cost_that_is_no_amount_is_refused_at_its_field(
    service: Service, field: str, value: object
) -> None:
    """A negative, a broken and a worded cost are refused by name."""
    costs = [{"variant": "gift", field: value}]
    document = {**DESIGN, "analysis": {"money": {"costs": costs}}}

    refused = service.campaign("POST", json=document)

    assert refused.status_code == 422
    assert any(field in error["field"] for error in refused.get_json()["errors"])


def test_a_launch_in_money_needs_a_margin_as_oec(service: Service) -> None:
    """A share cannot be held against money; the refusal says what would do."""
    rule = {"decision_rule": {"scale": "incremental_margin"}}
    document = {
        **DESIGN,
        "metrics": [{"metric": "repurchase_rate", "role": "oec"}],
        "analysis": rule,
    }
    assert service.campaign("POST", json=document).status_code == 201

    refused = service.campaign("POST", "/gold-q3/launch")

    assert 400 <= refused.status_code < 500
    assert "contribution_margin_per_member" in refused.text
