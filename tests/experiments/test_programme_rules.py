"""What the programme says of score, tiers, lifecycle and money is refused at its field."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from experiments.document import problems_of
from experiments.programme import Programme
from experiments.programme_run.rules import version_of

DOCUMENT: dict[str, Any] = {
    "time_zone": "Asia/Taipei",
    "currency": "TWD",
    "score": {
        "version": 2,
        "measures": [
            {"measure": "spend", "weight": 3, "window_days": 90, "full_at": 100},
            {"measure": "tenure", "weight": 0.5, "full_at": 730},
        ],
    },
    "tiers": [
        {"key": "silver", "entry_threshold_minor": 0},
        {
            "key": "gold",
            "entry_score": 60.5,
            "paths": [{"measure": "referrals", "threshold": 5}],
            "benefit_cost_minor": 10,
        },
    ],
    "tier_validity_days": 365,
    "gross_margin_rate": 0.3333,
}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """Give the document with another value somewhere."""
    document: Any = deepcopy(DOCUMENT)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return document


def test_a_document_comes_back_as_it_was() -> None:
    """What is stored as JSON is read as the same programme, decimals included."""
    programme = Programme.model_validate(DOCUMENT)
    assert Programme.model_validate(programme.model_dump(mode="json")) == programme


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("score", "measures", 0, "measure"), "charm", "score.measures[0].measure"),
        (("score", "measures", 0, "weight"), 0, "score.measures[0].weight"),
        (("score", "measures", 0, "weight"), 0.12345, "score.measures[0].weight"),
        (("score", "measures", 0, "full_at"), 0, "score.measures[0].full_at"),
        (("score", "measures", 0, "window_days"), 0, "score.measures[0].window_days"),
        (("score", "measures", 0, "window_days"), True, "score.measures[0].window_days"),
        (("score", "measures", 1, "window_days"), 30, "score.measures[1].window_days"),
        (("score", "measures", 1, "measure"), "spend", "score.measures"),
        (("score", "measures"), [], "score.measures"),
        (("score", "version"), 0, "score.version"),
        (("tiers", 1, "entry_score"), 100.01, "tiers[1].entry_score"),
        (("tiers", 1, "entry_score"), 60.555, "tiers[1].entry_score"),
        (("tiers", 1, "benefit_cost_minor"), -1, "tiers[1].benefit_cost_minor"),
        (("tiers", 1, "paths", 0, "threshold"), 0, "tiers[1].paths[0].threshold"),
        (("score",), None, "tiers"),
        (("qualifying_days",), 0, "qualifying_days"),
        (("tier_validity_days",), 0, "tier_validity_days"),
        (("lifecycle",), {"dormant_days": 90, "lost_days": 90}, "lifecycle.lost_days"),
        (("gross_margin_rate",), 1.01, "gross_margin_rate"),
        (("gross_margin_rate",), 0.33333, "gross_margin_rate"),
        (("acquisition_cost_minor",), -1, "acquisition_cost_minor"),
        (("contact_cost_minor",), 1.5, "contact_cost_minor"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(
    path: tuple[str | int, ...], value: object, field: str
) -> None:
    """The problem names the field as the sender wrote it."""
    with pytest.raises(ValidationError) as refused:
        Programme.model_validate(changed(path, value))
    assert [problem.field for problem in problems_of(refused.value)] == [field]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("tiers", 0, "name"), "Argent"),
        (("tiers", 1, "benefit_cost_minor"), 99),
        (("locales",), ["zh-Hant-TW"]),
        (("holdout_share",), 5),
    ],
)
def test_the_version_stays_while_the_rules_do(path: tuple[str | int, ...], value: object) -> None:
    """Names, benefits, locales and holdouts decide nothing that is computed."""
    same = Programme.model_validate(changed(path, value))
    assert version_of(same) == version_of(Programme.model_validate(DOCUMENT))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("tiers", 1, "entry_score"), 61),
        (("score", "measures", 0, "weight"), 2),
        (("time_zone",), "Europe/London"),
        (("gross_margin_rate",), None),
        (("lifecycle",), {"new_days": 29}),
    ],
)
def test_another_rule_is_another_version(path: tuple[str | int, ...], value: object) -> None:
    """Whatever decides what is computed has a part in the version."""
    other = version_of(Programme.model_validate(changed(path, value)))
    assert other != version_of(Programme.model_validate(DOCUMENT))
    assert other.startswith("2-")
