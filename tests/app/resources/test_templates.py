"""Templates over HTTP: every draft is valid, launches as it stands, and names what to fill in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.auth import Scope
from experiments.templates import MARGINS, PRESETS, Template

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.app.resources.service import Service

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "templates.md"
TEMPLATES = [str(template) for template in Template]


def draft(service: Service, template: str, **query: str) -> TestResponse:
    """Ask for a draft."""
    path = f"/v1/templates/{template}"
    return service.call("GET", path, Scope.CAMPAIGNS_WRITE, query_string=query)


def at(document: Any, path: str) -> Any:  # noqa: ANN401  # JSON
    """Give what stands at a path of a document."""
    for name, index in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        document = document[name] if index == "" else document[name][int(index)]
    return document


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_draft_launches_as_it_stands(service: Service, template: str) -> None:
    """Creating and launching it refuses nothing, and its fields to fill in exist."""
    service.set_programme(gross_margin_rate="0.4")
    shown = draft(service, template, key="mine").get_json()

    created = service.campaign("POST", json=shown["document"])
    launched = service.start("mine")

    assert created.status_code == 201, created.text
    assert launched.status_code == 200, launched.text
    for field in shown["fill_in"]:
        assert at(shown["document"], field) is not None
    assert set(shown["document"]["variants"][1]["offer"]["texts"]) == {
        "zh-Hant-TW",
        "zh-Hans-CN",
        "en",
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_page_has_the_metrics_of_a_template(template: str) -> None:
    """OEC, diagnostics and guardrails on the page are those of the draft."""
    row = next(
        line
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith(f"| `{template}` |")
    )
    oec, explains, guardrails = row.strip("|").split("|")[1:]
    preset = PRESETS[Template(template)]

    assert re.findall(r"`(\w+)`", oec) == [preset.oec]
    assert re.findall(r"`(\w+)`", explains) == list(preset.diagnostics)
    assert re.findall(r"`(\w+)`", guardrails) == list(preset.guardrails)


def test_every_margin_is_argued() -> None:
    """A guardrail of a template has a reason on the page, with the margin that it has."""
    argued = PAGE.read_text("utf-8").split("## Why these margins")[1]
    found: dict[str, str] = {}
    for names, percent in re.findall(r"^\| (.+?) \| (\d+) % \|", argued, re.MULTILINE):
        found |= {name: f"{int(percent) / 100:.2f}" for name in re.findall(r"`(\w+)`", names)}

    assert found == dict(MARGINS)
    assert {key for preset in PRESETS.values() for key in preset.guardrails} == set(MARGINS)


def test_the_target_tier_can_be_chosen(service: Service) -> None:
    """The audience is the tier below it."""
    service.set_programme()

    document = draft(service, "upgrade-gift", key="mine", target_tier="diamond").get_json()[
        "document"
    ]

    assert document["variants"][1]["offer"]["target_tier"] == "diamond"
    assert document["audience"]["any_of"][0]["all_of"][0]["value"] == ["gold"]


@pytest.mark.parametrize(
    ("template", "query", "status"),
    [
        ("upgrade-gift", {"key": "mine", "target_tier": "bronze"}, 422),
        ("upgrade-gift", {"key": "mine", "target_tier": "platinum"}, 422),
        ("upgrade-gift", {}, 422),
        ("upgrade-gift", {"key": "!"}, 422),
        ("raffle", {"key": "mine"}, 404),
    ],
)
def test_what_cannot_be_drafted_is_refused(
    service: Service, template: str, query: dict[str, str], status: int
) -> None:
    """The answer names what would do."""
    service.set_programme()

    assert draft(service, template, **query).status_code == status


def test_a_ladder_without_a_climb_has_no_upgrade_to_offer(service: Service) -> None:
    """One tier that members reach by themselves is none to climb to."""
    service.set_programme(tiers=[{"key": "basic"}, {"key": "black", "manual": True}])

    answer = draft(service, "upgrade-gift", key="mine")

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "programme.tiers"
    assert draft(service, "points-multiplier", key="mine").status_code == 200


def test_templates_are_listed_with_their_margins(service: Service) -> None:
    """Seven, each with what decides."""
    listed = service.call("GET", "/v1/templates", Scope.CAMPAIGNS_WRITE).get_json()["templates"]

    assert [one["template"] for one in listed] == TEMPLATES
    assert listed[0]["guardrails"]["churn"] == "0.05"
