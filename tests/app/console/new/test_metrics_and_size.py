"""The steps of metrics and of the size: what decides, what is guarded, how many members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.analysis.planning_size import size_of
from experiments.drafting import list_drafts
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun
from tests.app.test_planning_size import QUESTION

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.wiring import Wiring


def send(client: FlaskClient, at: str, page: Any, **fields: str) -> TestResponse:  # noqa: ANN401  # a page of any step
    """Send a step as it is shown, but for some fields."""
    step = f"{page.form.step}."
    shown = {k: v for k, v in page.form.fields.items() if k.startswith(step)}
    return post(client, at, page=at, version="1", **{**shown, "go": "next", **fields})


def opened(client: FlaskClient, pages: list[Any], step: str) -> tuple[str, Any]:
    """Open a step of a new form."""
    at = f"{begun(client)}/{step}"
    client.get(at)
    return at, pages[-1]


def test_the_template_proposes_what_decides(marketer: FlaskClient, pages: list[Any]) -> None:
    """Every metric says what it counts, in which days, and whether its events were seen."""
    _, page = opened(marketer, pages, "metrics")

    assert page.chosen.key == "upgrade_conversion"
    assert page.chosen.description.startswith("Share of exposed units")
    assert "tier_change" in page.chosen.unseen or page.chosen.unseen
    guarded = [one.key for group in page.groups for one in group.metrics
               if one.role == "guardrail"]  # fmt: skip
    assert set(guarded) == {"reward_cost_per_member", "service_contact"}


def test_a_guardrail_without_a_margin_is_refused_at_its_field(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """The margin's own field says so; the other guardrail is right."""
    at, page = opened(marketer, pages, "metrics")

    answer = send(marketer, at, page, **{"metrics.margin.service_contact": ""})

    assert answer.status_code == 422
    assert pages[-1].form.error("metrics.margin.service_contact").startswith("Say how much")
    assert not pages[-1].form.error("metrics.margin.reward_cost_per_member")


def test_looks_without_times_and_no_metric_are_refused(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """Each at its own field."""
    at, page = opened(marketer, pages, "metrics")

    send(marketer, at, page, **{"metrics.looks": "planned", "metrics.oec": ""})

    assert pages[-1].form.error("metrics.dates").startswith("Say on which days")
    assert pages[-1].form.error("metrics.oec") == "Choose the metric that decides."


def test_a_rule_by_margin_is_typed_in_money_and_kept_in_minor_units(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """1,000 dollars of margin are 100,000 cents in the document."""
    at, page = opened(marketer, pages, "metrics")
    fields = {"metrics.scale": "incremental_margin", "metrics.threshold": "1000"}

    send(marketer, at, page, **fields)
    marketer.get(at)

    rule = pages[-1].form.judged.document["analysis"]["decision_rule"]
    assert (rule["scale"], rule["threshold"]) == ("incremental_margin", 100_000)


def test_the_effect_goes_into_the_power_goal(
    marketer: FlaskClient, pages: list[Any], wiring: Wiring
) -> None:
    """Typed in per cent, kept as a share; the numbers are those of the analysis."""
    at, page = opened(marketer, pages, "size")

    send(marketer, at, page, **{"size.mde": "20", "size.per_day": "200"})
    marketer.get(at)

    document = pages[-1].form.judged.document
    assert document["analysis"]["power_goal"] == {"power": 0.8, "mde_relative": 0.2}
    assert pages[-1].sized.total == f"{size_of(QUESTION).total:,}"
    assert pages[-1].sized.cost
    assert list_drafts(wiring.engine)[0].fields["size.mde"] == "20"


def test_what_cannot_be_read_of_the_size_stands_at_its_field(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """A power of 200 % and an audience in words."""
    at, page = opened(marketer, pages, "size")

    answer = send(marketer, at, page, **{"size.power": "200", "size.audience": "all"})

    assert answer.status_code == 422
    assert pages[-1].form.error("size.power")
    assert pages[-1].form.error("size.audience") == "Write a whole number above 0."


def test_the_answer_is_a_part_of_the_page(marketer: FlaskClient, pages: list[Any]) -> None:
    """What htmx swaps in is no page of its own."""
    at, page = opened(marketer, pages, "size")
    shown = {k: v for k, v in page.form.fields.items() if k.startswith("size.")}

    typed = {"size.mde": "20", "size.per_day": "200"}
    answer = post(marketer, f"{at}/part/answer", page=at, version="1", **{**shown, **typed})

    assert answer.status_code == 200
    assert "size-verdict" in answer.text
    assert "<html" not in answer.text
