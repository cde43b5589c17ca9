"""What is typed about goal and audience becomes the document, and is refused at its field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from app.console.new.audience import AudienceStep
from app.console.new.form import Setting, of_step
from app.console.new.goal import GoalStep, key_of
from app.language import ENGLISH
from app.report.formatting import Formats
from experiments.member import Member
from experiments.store.engine import writing
from experiments.store.members import put_members
from experiments.templates import Template, draft_of
from tests.app.console.conftest import post
from tests.app.console.new.conftest import begun

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.wiring import Wiring
    from experiments.programme import Programme

GOAL = {
    "goal.name": "Tea for silver",
    "goal.key": "tea",
    "goal.owner": "Ada",
    "goal.hypothesis": "A gift leads members up.",
    "goal.metric": "repurchase_rate",
    "goal.baseline": "15",
    "goal.target": "25 %",
    "goal.deadline": "2030-06-30T23:59",
    "goal.rationale": "",
}
AUDIENCE = {
    "audience.rule.0.join": "and",
    "audience.rule.0.attribute": "tier",
    "audience.rule.0.compare": "ONE_OF",
    "audience.rule.0.value": "silver, gold",
    "audience.rule.1.join": "and",
    "audience.rule.1.attribute": "distance_to_next_minor",
    "audience.rule.1.compare": "LTE",
    "audience.rule.1.value": "500",
    "audience.rule.2.join": "or",
    "audience.rule.2.attribute": "region",
    "audience.rule.2.compare": "KNOWN",
    "audience.rule.2.value": "",
    "audience.layer": "promotions",
    "audience.share": "40",
    "audience.traffic": "50",
}


@pytest.fixture
def setting(wiring: Wiring, programme: Programme) -> Setting:
    """Give what steps need to know."""
    formats = Formats("TWD", 2, ZoneInfo("Asia/Taipei"), ENGLISH.language.locale)
    return Setting(programme, wiring.clock(), ENGLISH, formats, wiring.engine, wiring.settings)


@pytest.mark.parametrize("template", Template)
@pytest.mark.parametrize("step", [GoalStep(), AudienceStep()])
def test_a_document_comes_back_as_it_was(
    template: Template, step: GoalStep | AudienceStep, setting: Setting
) -> None:
    """Opening a campaign in the form and changing nothing changes nothing."""
    design = draft_of(template, "one", setting.programme, setting.now).design
    document = design.model_dump(mode="json", exclude_defaults=True)
    made = step.document(step.fields(document, setting), document, setting)
    assert {name: value for name, value in made.items() if value is not None} == {
        name: document[name] for name in made if name in document
    }


def test_a_goal_is_typed_in_per_cent_and_local_time(setting: Setting) -> None:
    """15 is 15 %, and the deadline is of the programme's zone."""
    goal = GoalStep().document(GOAL, {}, setting)["goal"]
    assert (goal["baseline"], goal["target"]) == (0.15, 0.25)
    assert goal["deadline"] == "2030-06-30T15:59:00+00:00"


def test_rows_become_rules(setting: Setting) -> None:
    """And joins conditions, or begins another alternative; money is typed in whole units."""
    made = AudienceStep().document(AUDIENCE, {}, setting)
    assert made["audience"] == {
        "any_of": [
            {
                "all_of": [
                    {"attribute": "tier", "operator": "ONE_OF", "value": ["silver", "gold"]},
                    {"attribute": "distance_to_next_minor", "operator": "LTE", "value": 50_000},
                ]
            },
            {"all_of": [{"attribute": "region", "operator": "IS_NULL", "value": False}]},
        ]
    }
    assert made["layer"] == {"key": "promotions", "share": 40.0}
    assert made["traffic_share"] == 50.0
    assert dict(AudienceStep().fields(made, setting)) == AUDIENCE


def test_everything_required_is_refused_at_its_field(
    marketer: FlaskClient, pages: list[Any]
) -> None:
    """An empty goal names each field that is missing."""
    at = f"{begun(marketer)}/goal"
    answer = post(marketer, at, page=at, version="1", **dict.fromkeys(GOAL, ""))
    assert answer.status_code == 422
    assert set(pages[-1].form.errors) >= {
        f"goal.{name}"
        for name in ("name", "owner", "hypothesis", "metric", "baseline", "target", "deadline")
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("goal.baseline", "much"),
        ("goal.deadline", "2020-01-01T00:00"),
        ("goal.deadline", "soon"),
        ("goal.key", "ä b"),
        ("goal.key", "new"),
    ],
)
def test_a_wrong_goal_is_refused_where_it_is_wrong(
    marketer: FlaskClient, pages: list[Any], field: str, value: str
) -> None:
    """Each refusal stands at its field, and only there; what was typed is kept."""
    at = f"{begun(marketer)}/goal"
    answer = post(marketer, at, page=at, version="1", **{**GOAL, field: value})
    assert answer.status_code == 422
    assert set(pages[-1].form.errors) == {field}
    assert pages[-1].form.value(field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("audience.rule.0.value", ""),
        ("audience.rule.1.value", "near"),
        ("audience.share", "0"),
        ("audience.traffic", "101"),
        ("audience.layer", "elsewhere"),
    ],
)
def test_a_wrong_audience_is_refused_where_it_is_wrong(
    marketer: FlaskClient, pages: list[Any], field: str, value: str
) -> None:
    """A condition is found by its row, wherever it stands in the document."""
    at = f"{begun(marketer, 'early-access')}/audience"
    answer = post(marketer, at, page=at, version="1", **{**AUDIENCE, field: value})
    assert answer.status_code == 422
    assert set(pages[-1].form.errors) == {field}


def test_conditions_are_added_and_taken_away(marketer: FlaskClient, pages: list[Any]) -> None:
    """Without JavaScript: a button saves and shows the rows."""
    at = f"{begun(marketer, 'early-access')}/audience"
    answer = post(marketer, at, page=at, version="1", act="and", **AUDIENCE)
    marketer.get(answer.location)
    assert len(pages[-1].rows) == 4
    answer = post(marketer, at, page=at, version="2", act="remove.0", **AUDIENCE)
    marketer.get(answer.location)
    assert pages[-1].form.value("audience.rule.0.attribute") == "distance_to_next_minor"
    assert len(pages[-1].rows) == 2


def test_the_audience_is_counted(marketer: FlaskClient, pages: list[Any], wiring: Wiring) -> None:
    """Eligible members are counted, and whoever is kept away is named with the reason."""
    members = [Member(f"m{n}", {"tier": "silver" if n < 3 else "gold"}) for n in range(5)]
    members.append(Member("out", {"tier": "silver"}, personalisation_consent=False))
    with writing(wiring.engine) as connection:
        put_members(connection, members, wiring.clock())
    at = f"{begun(marketer)}/audience"
    rows = {
        **{name: value for name, value in AUDIENCE.items() if ".rule.1" not in name},
        "audience.rule.0.value": "silver",
        "audience.traffic": "100",
        "audience.layer": "",
    }
    rows = {name: value for name, value in rows.items() if ".rule.2" not in name}
    answer = post(marketer, at, page=at, version="1", act="count", **rows)
    marketer.get(answer.location)
    reach = pages[-1].reach
    assert (reach.eligible, reach.members) == ("3", "6")
    assert "Opted out of personalised offers" in {one.reason for one in reach.lost}
    part = post(marketer, f"{at}/part/count", page=at, version="2", **rows)
    assert "eligible of 6 members" in part.text
    nobody = {**rows, "audience.rule.0.value": "platinum"}
    assert (
        "cannot be launched"
        in post(marketer, f"{at}/part/count", page=at, version="2", **nobody).text
    )


def test_a_name_makes_a_key() -> None:
    """Letters and digits are kept; a Chinese name makes none, so one is asked for."""
    assert key_of("Tea, for Silver!") == "tea-for-silver"
    assert key_of("銀卡送茶") == ""
    assert of_step({"goal.a": "1", "audience.b": "2"}, "goal") == {"goal.a": "1"}
