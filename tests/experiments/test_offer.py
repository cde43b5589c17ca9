"""What an offer says to whom: its benefit, its worth, and the terms that a frontend may see."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from experiments.offer import Benefit, Offer, benefit_of, public_terms, target_tier_of, value_for

READ: TypeAdapter[Offer] = TypeAdapter(Offer)
COSTED: dict[str, Any] = {
    "unit_cost_minor": 777_001,
    "currency": "TWD",
    "breakage": 0.3507,
    "stock": 777_002,
    "values": {"silver": 777_003, "gold": 777_004},
}
TERMS: dict[str, dict[str, Any]] = {
    "none": {},
    "upgrade_trial": {"target_tier": "gold", "duration_days": 30},
    "threshold_change": {
        "target_tier": "gold",
        "threshold_minor": 80_000,
        "threshold_score": 55.5,
        "paths": [{"measure": "referrals", "threshold": 3, "window_days": 90}],
    },
    "points_multiplier": {"multiplier": 2.0, "duration_days": None},
    "points_exchange": {"points": 500, "reward": "A mug"},
    "gift": {"gift": "A tea set", "target_tier": None},
    "discount": {"percent": 5.0, "amount_minor": None},
    "coupon": {"purchases": 3, "percent": None, "amount_minor": 500, "valid_days": 30},
    "exclusive_offer": {"exclusive": "The first harvest"},
    "early_access": {"access_to": "The sale", "opens_at": "2026-07-01T00:00:00Z"},
    "challenge": {
        "goal": {"measure": "frequency", "target": 3},
        "reward": "A tea set",
        "deadline": "2026-07-01T00:00:00Z",
        "target_tier": None,
    },
    "lottery": {"prize": "A flight", "win_probability": 0.001},
}
"""Every kind with all of its own terms."""


def offer(kind: str, **changes: Any) -> Offer:  # noqa: ANN401  # fields of an offer
    """Give an offer of a kind with everything that it may have."""
    costed = {} if kind == "none" else COSTED
    return READ.validate_python({"kind": kind, **costed, **TERMS[kind], **changes})


def test_these_are_all_kinds() -> None:
    """The tables of this module name every kind that there is."""
    kinds = Offer.__origin__.__args__  # type: ignore[attr-defined]  # Annotated[A | B, …]
    assert {one.model_fields["kind"].annotation.__args__[0] for one in kinds} == set(TERMS)


@pytest.mark.parametrize("kind", TERMS)
def test_a_frontend_sees_the_terms_and_no_cost(kind: str) -> None:
    """Everything of its own kind and the currency; no cost, breakage, stock or other tier."""
    shown = public_terms(offer(kind))
    expected = {"kind": kind, **({"currency": "TWD"} if kind != "none" else {}), **TERMS[kind]}
    assert shown == expected
    text = json.dumps(shown)
    assert not [secret for secret in ("77700", "0.3507", "silver") if secret in text]


@pytest.mark.parametrize("kind", TERMS)
def test_an_offer_survives_json_and_back(kind: str) -> None:
    """What is stored is what was written."""
    made = offer(kind, benefit="value")
    assert READ.validate_json(READ.dump_json(made)) == made


@pytest.mark.parametrize("kind", TERMS)
def test_an_offer_has_a_benefit_of_its_kind_unless_it_says(kind: str) -> None:
    """Offers can be compared by benefit across campaigns, also where nobody chose one."""
    made = offer(kind)
    assert (benefit_of(made) is None) == (kind == "none")
    assert benefit_of(offer(kind, benefit="convenience")) is Benefit.CONVENIENCE


def test_an_offer_is_worth_what_its_table_says_of_the_tier() -> None:
    """A tier that the table leaves out, and a member without tier, have no worth, not zero."""
    made = offer("gift")
    assert [value_for(made, tier) for tier in ("silver", "gold", "diamond", "")] == [
        *(777_003, 777_004),
        *(None, None),
    ]
    assert value_for(offer("none"), "gold") is None
    assert value_for(offer("gift", values={"gold": 0}), "gold") == 0


@pytest.mark.parametrize(
    ("kind", "changes", "tier"),
    [
        ("upgrade_trial", {}, "gold"),
        ("threshold_change", {}, "gold"),
        ("gift", {}, None),
        ("gift", {"target_tier": "gold"}, "gold"),
        ("challenge", {"target_tier": "gold"}, "gold"),
        ("discount", {}, None),
    ],
)
def test_the_target_tier_is_that_which_the_offer_names(
    kind: str, changes: dict[str, Any], tier: str | None
) -> None:
    """Only what leads to a tier names one."""
    assert target_tier_of(offer(kind, **changes)) == tier
