"""Metrics in a plan: rates are resolved, companions added, wrong roles refused."""

from __future__ import annotations

from typing import Any

import pytest

from app.analysis import make_plan
from experiments.errors import LaunchRefused
from stats.plan import AnalysisPlan
from tests.experiments.designs import design, programme

OEC = {"metric": "repurchase_rate", "role": "oec"}
MONEY = {"gross_margin_rate": "0.3", "acquisition_cost_minor": 900, "contact_cost_minor": 40}


def planned(*metrics: dict[str, Any], **terms: Any) -> AnalysisPlan:  # noqa: ANN401  # fields of a document
    """Give the plan of the campaign of the tests with these metrics."""
    document = make_plan(design(metrics=list(metrics)), programme(**terms), 1)
    return AnalysisPlan.from_json(document)


def refused(*metrics: dict[str, Any]) -> list[str]:
    """Give the fields at which a launch with these metrics is refused."""
    with pytest.raises(LaunchRefused) as fault:
        planned(*metrics)
    return [problem.field for problem in fault.value.problems]


def test_the_programmes_rates_are_carried_as_they_were() -> None:
    """Margin rate, contact cost and acquisition cost stand in the definitions of the plan."""
    keys = ("contribution_margin_per_member", "clv_6m")
    plan = planned(OEC, *({"metric": key, "role": "diagnostic"} for key in keys), **MONEY)

    margin, clv = (metric.definition for metric in plan.metrics[1:])
    assert [str(term.rate) for term in margin.numerator[:2]] == ["0.3", "0.3"]
    assert margin.numerator[-1].amount_if_missing == 40
    assert (clv.numerator[-1].sign, clv.numerator[-1].factor) == (-1, 900)


def test_answers_come_with_how_many_answered() -> None:
    """NPS brings its response rate along, in the same window; one that was chosen stays."""
    nps = {"metric": "nps", "role": "diagnostic", "window_days": 45}
    chosen = {"metric": "nps_response_rate", "role": "diagnostic", "window_days": 60}

    added, kept = planned(OEC, nps), planned(OEC, nps, chosen)

    assert [one.key for one in added.metrics] == ["repurchase_rate", "nps", "nps_response_rate"]
    assert [one.effective_window.end_days for one in added.metrics[1:]] == [45, 45]
    assert kept.metrics[-1].effective_window.end_days == 60


@pytest.mark.parametrize("key", ["offer_click_through", "offer_claim"])
@pytest.mark.parametrize("role", ["oec", "guardrail"])
def test_engagement_with_an_offer_never_judges(key: str, role: str) -> None:
    """A control without an offer always has 0 of it."""
    metric = {"metric": key, "role": role}
    if role == "guardrail":
        assert refused(OEC, {**metric, "margin": "0.1"}) == ["metrics[1].role"]
    else:
        assert refused(metric) == ["metrics[0].role"]
    assert planned(OEC, {"metric": key, "role": "diagnostic"}).metrics[1].key == key


def test_the_order_value_decides_only_beside_spend() -> None:
    """It can fall while spend rises."""
    basket = {"metric": "average_order_value", "role": "oec"}

    assert refused(basket) == ["metrics[0].role"]
    assert planned(basket, {"metric": "spend_per_member", "role": "diagnostic"}).oec is not None


def test_a_lift_that_says_nothing_neither_decides_nor_guards() -> None:
    """CLV has an acquisition cost that cancels; NPS has no zero."""
    assert refused({"metric": "nps", "role": "oec"}) == ["decision_rule.scale"]
    guardrail = {"metric": "clv_6m", "role": "guardrail", "margin": "0.1"}
    assert refused(OEC, guardrail) == ["metrics[1].parameters"]


def test_a_parameter_that_is_not_the_metrics_own_is_refused() -> None:
    """Rates are the programme's; a campaign has no say in them."""
    for name in ("rates", "key", "months"):
        metric = {"metric": "clv_6m", "role": "diagnostic", "parameters": {name: ["x"]}}
        assert refused(OEC, metric) == ["metrics[1].parameters"]
