"""What of a campaign does not fit its programme, or a moment, keeps it from starting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from experiments.document import problems_of
from experiments.launch import launch_problems, past_problems
from tests.experiments.designs import DESIGN, NOW, design, programme

if TYPE_CHECKING:
    from experiments.campaign import CampaignDesign
    from experiments.errors import Problem

OFFER = {"unit_cost_minor": 100, "currency": "TWD"}
GIFT = {"kind": "gift", "gift": "tea", **OFFER}
SCORE = {"measures": [{"measure": "spend", "weight": 1, "full_at": 2_000_000}]}
REFERRALS = {"measure": "referrals", "threshold": 3}


def offering(*offers: dict[str, Any], **changes: Any) -> CampaignDesign:  # noqa: ANN401  # fields of a document
    """Give the campaign of the tests with a variant for each offer, beside the control."""
    share = 60 / len(offers)
    variants = [
        {"key": f"v{number}", "planned_share": share, "offer": offer}
        for number, offer in enumerate(offers, 1)
    ]
    return design(variants=[{"key": "control", "planned_share": 40}, *variants], **changes)


def problems(made: CampaignDesign, **ladder: Any) -> list[Problem]:  # noqa: ANN401  # fields of a programme
    """Give what keeps a campaign from starting."""
    return list(launch_problems(made, programme(**{"score": SCORE, **ladder}), NOW))


def test_what_an_offer_is_worth_never_falls_with_the_tier() -> None:
    """The higher tier gets as much or more, in the order of the ladder and not of the table."""
    rising = {"diamond": 300, "silver": 100, "gold": 100}
    assert not problems(offering({**GIFT, "values": rising}))
    (problem,) = problems(offering({**GIFT, "values": {**rising, "gold": 99}}))
    assert problem.field == "variants[1].offer.values"
    assert problem.message == "falls from 100 at silver to 99 at gold"


def test_worths_are_of_tiers_of_the_ladder() -> None:
    """A tier that is spelt otherwise would leave its members without their worth."""
    (problem,) = problems(offering({**GIFT, "values": {"sliver": 100}}))
    assert problem.field == "variants[1].offer.values"
    assert "has sliver" in problem.message
    assert "silver" in problem.way_out


def test_no_offer_leads_to_a_tier_that_is_given_by_hand() -> None:
    """Nobody climbs to a manual tier, whatever they spend."""
    tiers = [{"key": "silver"}, {"key": "gold"}, {"key": "staff", "manual": True}]
    (problem,) = problems(offering({**GIFT, "target_tier": "staff"}), tiers=tiers)
    assert problem.field == "variants[1].offer.target_tier"
    assert "silver, gold" in problem.way_out


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ([], ""),
        ([[("spend", "GTE", 100)]], ""),
        ([[("tier", "ONE_OF", ["silver"])], [("tier", "ONE_OF", ["gold"])]], "gold"),
        ([[("tier", "ONE_OF", ["silver"])], [("spend", "GTE", 100)]], ""),
        ([[("tier", "NOT_ONE_OF", ["diamond"])]], "gold"),
        ([[("tier", "NOT_ONE_OF", ["gold", "diamond"])]], ""),
        ([[("tier", "NOT_ONE_OF", ["diamond"]), ("tier", "NOT_ONE_OF", ["gold"])]], ""),
        ([[("tier", "MATCHES", "^(silver|diamond)$")]], "diamond"),
        ([[("tier", "IS_NULL", False)]], "gold, diamond"),
        ([[("tier", "IS_NULL", True)]], ""),
    ],
)
def test_a_tier_that_the_rules_name_lies_below_the_target(
    rules: list[list[tuple[str, str, Any]]], refused: str
) -> None:
    """Rules about the tier admit only whom the offer can lift; the others say nothing of it."""
    names = ("attribute", "operator", "value")
    any_of = [{"all_of": [dict(zip(names, one, strict=True)) for one in rule]} for rule in rules]
    found = problems(offering({**GIFT, "target_tier": "gold"}, audience={"any_of": any_of}))
    expected = [f"is not above {refused}, which the audience admits"] if refused else []
    assert [one.message for one in found] == expected


def test_an_offer_that_expires_before_the_start_is_refused() -> None:
    """Of a campaign that starts later, the start counts and not today."""
    day = timedelta(days=1)
    offer = {**GIFT, "expires_at": NOW + day}
    assert not problems(offering(offer, starts_at=NOW))
    (problem,) = problems(offering(offer, starts_at=NOW + day))
    assert problem.field == "variants[1].offer.expires_at"


def test_a_challenge_whose_deadline_has_passed_is_refused() -> None:
    """Nobody could meet it; the default offer is looked at, too."""
    challenge = {
        "kind": "challenge",
        "goal": {"measure": "frequency", "target": 3},
        "reward": "A tea set",
        "deadline": NOW,
        **OFFER,
    }
    made = offering(challenge, default_offer=challenge)
    fields = ["variants[1].offer.deadline", "default_offer.deadline"]
    assert [one.field for one in past_problems(made, NOW)] == fields
    assert not list(past_problems(made, NOW - timedelta(seconds=1)))


THRESHOLD = {"kind": "threshold_change", "target_tier": "gold", **OFFER}


@pytest.mark.parametrize(
    ("offers", "differ"),
    [
        ([GIFT], False),
        ([GIFT, {**GIFT, "gift": "mug"}], False),
        ([{"kind": "points_multiplier", "multiplier": 2, **OFFER}], False),
        ([{"kind": "discount", "percent": 5, **OFFER}], True),
        ([{"kind": "coupon", "purchases": 3, "percent": 5, **OFFER}], True),
        ([{**THRESHOLD, "threshold_minor": 800}], True),
        ([{**THRESHOLD, "threshold_score": 40}], True),
        ([{**THRESHOLD, "paths": [REFERRALS]}], True),
        ([{"kind": "points_exchange", "points": 500, "reward": "mug", **OFFER}], True),
    ],
)
def test_different_prices_need_a_rationale(offers: list[dict[str, Any]], *, differ: bool) -> None:
    """Some members pay or spend less for the same thing, so somebody says why, in words."""
    fields = [one.field for one in problems(offering(*offers))]
    assert fields == (["price_difference_rationale"] if differ else [])
    assert problems(offering(*offers, price_difference_rationale=" \n")) != [] or not differ
    assert not problems(offering(*offers, price_difference_rationale="Everybody gets it in May."))


def test_a_threshold_is_held_against_something() -> None:
    """Spend counts in the programme's currency, and a score in a programme that has one."""
    why = {"price_difference_rationale": "Everybody gets it in May."}
    pounds = {**THRESHOLD, "threshold_minor": 800, "currency": "GBP"}
    assert [one.field for one in problems(offering(pounds, **why))] == [
        "variants[1].offer.currency"
    ]
    points = {**THRESHOLD, "threshold_score": 40, "currency": "GBP"}
    assert not problems(offering(points, **why))
    found = problems(offering(points, **why), score=None)
    assert [one.field for one in found] == ["variants[1].offer.threshold_score"]


def test_the_same_price_for_all_needs_no_rationale() -> None:
    """Where control gets the discount, too, nobody pays less; a euro is not a dollar."""
    discount = {"kind": "discount", "amount_minor": 500, **OFFER}
    other = {**discount, "currency": "HKD"}
    for offers, differ in ((discount, discount), False), ((discount, other), True):
        first, second = offers
        variants = [
            {"key": "control", "planned_share": 50, "offer": first},
            {"key": "b", "planned_share": 50, "offer": {**second, "texts": {"en": {"title": "!"}}}},
        ]
        assert bool(problems(design(variants=variants))) is differ


@pytest.mark.parametrize(
    ("caps", "offer", "field"),
    [
        ({"budget_minor": 100}, {}, None),
        ({"budget_minor": 99}, {}, "caps.budget_minor"),
        ({"budget_minor": 1000, "variants": {"v1": {"budget_minor": 100}}}, {}, None),
        (
            {"budget_minor": 1000, "variants": {"v1": {"budget_minor": 99}}},
            {},
            "caps.variants.v1.budget_minor",
        ),
        ({"budget_minor": 1000}, {"currency": "GBP"}, "variants[1].offer.currency"),
        ({"units": 1000}, {"currency": "GBP"}, None),
    ],
)
def test_a_budget_pays_for_the_offers_under_it(
    caps: dict[str, Any], offer: dict[str, Any], field: str | None
) -> None:
    """It is in the programme's currency, and not used up by the first grant."""
    found = problems(offering({**GIFT, **offer}, caps=caps))
    assert [one.field for one in found] == ([field] if field else [])


@pytest.mark.parametrize(
    ("caps", "field", "words"),
    [
        ({"units": 0}, "caps.units", "greater than 0"),
        ({"budget_minor": 0}, "caps.budget_minor", "greater than 0"),
        ({"budget_minor": 2**53}, "caps.budget_minor", "less than or equal"),
        ({"grants_per_member": 0}, "caps.grants_per_member", "greater than 0"),
        ({"variants": {"gitf": {"units": 5}}}, "caps", "has gitf"),
        ({"units": 4, "variants": {"gift": {"units": 5}}}, "caps.variants", "gift.units is 5"),
        ({"variants": {"gift": {"grants": 5}}}, "caps.variants.gift.grants", "not a field"),
    ],
)
def test_caps_that_bound_nothing_are_refused(caps: dict[str, Any], field: str, words: str) -> None:
    """A cap is above nothing, on a variant that exists, and within that of the whole."""
    with pytest.raises(ValidationError) as refused:
        design(caps=caps)
    (problem,) = problems_of(refused.value)
    assert problem.field == field
    assert words in problem.message


@pytest.mark.parametrize(
    ("changes", "capped"),
    [
        ({}, False),
        ({"caps": {"grants_per_member": 1}}, False),
        ({"caps": {"variants": {"gift": {}}}}, False),
        ({"caps": {"units": 1}}, True),
        ({"caps": {"budget_minor": 1}}, True),
        ({"caps": {"variants": {"gift": {"units": 1}}}}, True),
    ],
)
def test_what_can_run_out_is_known(changes: dict[str, Any], *, capped: bool) -> None:
    """A cap of one member's grants stops nobody's enrolment; a stock does."""
    assert design(**changes).is_capped is capped
    gift = DESIGN["variants"][1]
    stocked = {**gift, "offer": {**gift["offer"], "stock": 10}}
    assert design(**changes, variants=[DESIGN["variants"][0], stocked]).is_capped
