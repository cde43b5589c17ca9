"""The document for local clients: exact, without costs, and honest about what it leaves out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from experiments.campaign import Campaign, Phase, State
from experiments.catalogue import compile_catalogue
from experiments.layer import SlotRange
from experiments.ufc import Omission, ufc_document
from tests.experiments.designs import DESIGN, NOW, campaign, programme

PAGE = Path(__file__).parents[2] / "docs/reference/flag-configuration.md"

Json = dict[str, Any]

CONTROL, GIFT = DESIGN["variants"]


def document(*campaigns: Campaign, **programme_changes: Any) -> Json:  # noqa: ANN401  # document fields
    """Give the document of some campaigns, as a client reads it."""
    made = programme(**programme_changes)
    catalogue = compile_catalogue(made, campaigns, revision=1)
    written = ufc_document(catalogue, {one.key: one for one in campaigns}, made)
    read: Json = json.loads(json.dumps(written))
    return read


def allocations(written: Json) -> dict[str, Json]:
    """Give the allocations of the only flag, in order."""
    (flag,) = written["flags"].values()
    found = {one["key"]: one for one in flag["allocations"]}
    assert len(found) == len(flag["allocations"])
    return found


def rule(attribute: str, operator: str, value: object) -> Json:
    """Give an audience of one condition."""
    condition = {"attribute": attribute, "operator": operator, "value": value}
    return {"any_of": [{"all_of": [condition]}]}


def test_a_flag_has_the_salts_of_the_evaluator() -> None:
    """Traffic and split are shards of two salts, of ten thousand slots."""
    written = document(campaign(traffic_share=12.34))
    assigned = allocations(written)["assigned"]
    assert written["flags"]["gold-q3"]["totalShards"] == 10_000
    assert assigned["splits"] == [
        {
            "variationKey": key,
            "shards": [
                {"salt": "gold-q3:1:traffic", "ranges": [{"start": 0, "end": 1_234}]},
                {"salt": "gold-q3:1:split", "ranges": [{"start": start, "end": start + 5_000}]},
            ],
            "extraLogging": {"phase": "1"},
        }
        for key, start in (("control", 0), ("gift", 5_000))
    ]


def test_only_assignments_are_logged() -> None:
    """An allocation that leads to the default offer is no exposure."""
    for key, one in allocations(document(campaign())).items():
        assert one["doLog"] is (key == "assigned")


def test_holdout_and_layer_are_shared_shards() -> None:
    """Holdouts are the first slots of their salts; the layer's other slots lead to the default."""
    made = campaign(layer={"key": "home", "share": 30})
    phase = Phase(1, made.design, NOW, layer_ranges=(SlotRange(1_000, 4_000),))
    layers = [{"key": "home", "holdout_share": 2}]
    found = allocations(document(replace(made, phases=(phase,)), holdout_share=5, layers=layers))
    shards = {
        key: found[key]["splits"][0]["shards"]
        for key in ("held_out", "held_out.layer", "other_campaign")
    }
    elsewhere = [{"start": 0, "end": 1_000}, {"start": 4_000, "end": 10_000}]
    assert shards == {
        "held_out": [{"salt": "holdout", "ranges": [{"start": 0, "end": 500}]}],
        "held_out.layer": [{"salt": "layer:home:holdout", "ranges": [{"start": 0, "end": 200}]}],
        "other_campaign": [{"salt": "layer:home", "ranges": elsewhere}],
    }


def test_a_window_ends_a_nanosecond_early() -> None:
    """Both ends of a client's window are inside, so the last moment before ours is written."""
    made = campaign(State.SCHEDULED, starts_at=NOW, ends_at=NOW + timedelta(days=1))
    found = allocations(document(made))
    assert found["not_started"]["endAt"] == "2026-03-01T11:59:59.999999999Z"
    assert found["ended"]["startAt"] == "2026-03-02T12:00:00Z"


def test_the_value_is_the_offer_without_its_cost() -> None:
    """A client shows what the address of the offer would give, in every locale."""
    written = document(campaign())
    variations = written["flags"]["gold-q3"]["variations"]
    gift = json.loads(variations["gift"]["value"])
    assert gift == {
        "campaign": "gold-q3",
        "phase": 1,
        "variant": "gift",
        "offer_id": "gold-q3.gift",
        "offer": {
            "kind": "gift",
            "currency": "TWD",
            "gift": "A tea set",
            "target_tier": "gold",
        },
        "texts": {
            "en": {"title": "A gift awaits", "body": "", "call_to_action": ""},
            "zh-Hant-TW": {"title": "好禮等您", "body": "", "call_to_action": ""},
        },
        "expires_at": None,
    }
    assert json.loads(variations["(default)"]["value"])["variant"] is None
    assert "unit_cost" not in json.dumps(written)
    assert "30000" not in json.dumps(written)


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        (State.PAUSED, ["not_started", "paused"]),
        (State.STOPPED, ["not_started", "ended"]),
        (State.DECIDED, ["not_started", "ended"]),
    ],
)
def test_a_campaign_that_does_not_run_gives_its_default_offer(
    state: State, reasons: list[str]
) -> None:
    """A client that still asks gets the default offer and the reason, as from the server."""
    assert list(allocations(document(campaign(state)))) == reasons


@pytest.mark.parametrize(
    ("changes", "reason", "detail"),
    [
        ({"assigned_by": "external"}, "external", ""),
        ({"randomization_unit": "household"}, "household", ""),
        ({"caps": {"units": 100}}, "cap", ""),
        ({"caps": {"budget_minor": 100}}, "cap", ""),
        ({"caps": {"variants": {"gift": {"units": 100}}}}, "cap", ""),
        ({"variants": [CONTROL, {**GIFT, "offer": {**GIFT["offer"], "stock": 10}}]}, "cap", ""),
        (
            {"variants": [CONTROL, {**GIFT, "offer": {**GIFT["offer"], "values": {"gold": 1}}}]},
            "tier_values",
            "",
        ),
        ({"default_offer": {**GIFT["offer"], "values": {"gold": 1}}}, "tier_values", ""),
        ({"exposure_logging": "server"}, "server_logged", ""),
        ({"analysis": {"basis": "assigned"}}, "assigned_basis", ""),
        ({"audience": rule("tier", "ONE_OF", ["silver"])}, "changing_attributes", "tier"),
        (
            {"audience": rule("cohort", "IS_NULL", True)},
            "changing_attributes",
            "cohort IS_NULL true",
        ),
        ({"audience": rule("cohort", "MATCHES", r"\bx")}, "pattern", r"cohort MATCHES \bx"),
        ({"audience": rule("cohort", "GT", 2**53)}, "number", "cohort GT 9007199254740992"),
        ({"audience": rule("cohort", "ONE_OF", [0.00001])}, "number", "cohort ONE_OF [1e-05]"),
    ],
)
def test_what_only_the_server_can_decide_is_left_out(
    changes: Json, reason: str, detail: str
) -> None:
    """A campaign that a client could decide otherwise is no flag, and the document says why."""
    written = document(campaign(**changes), constant_attributes=["cohort"])
    assert written["flags"] == {}
    expected = {"key": "gold-q3", "reason": reason, "detail": detail}
    assert written["tierlift"]["omitted"] == [expected]


@pytest.mark.parametrize("state", [State.DRAFT, State.ARCHIVED])
def test_what_nobody_should_ask_for_is_left_out(state: State) -> None:
    """Drafts and archived campaigns are named, without their offers."""
    written = document(campaign(state))
    expected = {"key": "gold-q3", "reason": str(state), "detail": ""}
    assert written["tierlift"]["omitted"] == [expected]
    assert written["flags"] == {}


def test_rules_about_constant_attributes_and_the_id_are_written() -> None:
    """What never changes for a member decides the same at any time."""
    audience = {
        "any_of": [
            {
                "all_of": [
                    {"attribute": "country", "operator": "NOT_ONE_OF", "value": ["TW", 3.0, True]},
                    {"attribute": "id", "operator": "IS_NULL", "value": False},
                ]
            },
            {"all_of": [{"attribute": "age", "operator": "GTE", "value": "18"}]},
        ]
    }
    written = document(campaign(audience=audience), constant_attributes=["country", "age"])
    one, other = (found["conditions"] for found in allocations(written)["assigned"]["rules"])
    assert one == [
        {"attribute": "country", "operator": "NOT_ONE_OF", "value": ["TW", "3", "true"]},
        {"attribute": "id", "operator": "IS_NULL", "value": False},
    ]
    assert [condition["operator"] for condition in other] == ["MATCHES", "GTE"]
    assert other[1]["value"] == 18  # a text would be read as a version where it looks like one


@pytest.mark.parametrize(
    "names", [["tier"], ["personalisation_consent"], ["country", "country"], [""]]
)
def test_what_changes_cannot_be_declared_constant(names: list[str]) -> None:
    """The programme refuses the tier and consent, and a name that stands twice or is empty."""
    with pytest.raises(ValidationError):
        programme(constant_attributes=names)


def test_the_document_depends_on_what_is_configured_alone() -> None:
    """Two processes write the same, and any change shows in the version."""
    first = document(campaign())
    assert first == document(campaign())
    assert first["createdAt"] == "2026-03-01T12:00:00Z"
    assert (first["format"], first["environment"]) == ("SERVER", {"name": "Harbour Club"})
    assert (
        first["tierlift"]["catalogue_version"]
        != (document(campaign(traffic_share=10))["tierlift"]["catalogue_version"])
    )


def test_an_empty_programme_is_a_document() -> None:
    """A client may start before there is anything."""
    written = ufc_document(compile_catalogue(None, [], revision=0), {}, None)
    assert (written["flags"], written["environment"]) == ({}, {"name": "tierlift"})


def test_every_reason_for_leaving_out_is_documented() -> None:
    """A word that the document may have stands on its page."""
    page = PAGE.read_text("utf-8")
    assert not [reason for reason in Omission if f"| `{reason}` |" not in page]
    for key in allocations(document(campaign())):
        assert f"`{key}`" in page
