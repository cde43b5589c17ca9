"""Decides what keeps a campaign from starting; its moves are decided in `experiments.campaign`."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from experiments.audience import Audience, Rule, compiled
from experiments.campaign import Role
from experiments.errors import Problem
from experiments.member import Member
from experiments.offer import Challenge, NoOffer, ThresholdChange, price_of, target_tier_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from experiments.campaign import CampaignDesign
    from experiments.offer import Offer
    from experiments.programme import Programme

TIER: Final = "tier"
RATIONALE: Final = "price_difference_rationale"


class _Written(NamedTuple):
    """An offer, and where it stands in the document."""

    field: str
    offer: Offer


def launch_problems(
    design: CampaignDesign, programme: Programme | None, now: datetime
) -> Iterator[Problem]:
    """Give what keeps a campaign from starting."""
    if programme is None:
        yield Problem(
            "programme",
            None,
            "is not set, so days cannot be cut nor money added",
            "Say time zone and currency first: tierlift programme set FILE, or PUT /v1/programme.",
        )
    if not any(metric.role is Role.OEC for metric in design.metrics):
        yield Problem(
            "metrics",
            [metric.metric for metric in design.metrics],
            "has no OEC, so nothing would decide",
            "Give one metric the role oec.",
        )
    if design.ends_at is not None and design.ends_at <= now:
        yield Problem(
            "ends_at", design.ends_at.isoformat(), "has passed", "Choose a later end, or none."
        )
    if programme is not None:
        yield from programme_problems(design, programme)
    yield from past_problems(design, max(now, design.starts_at or now))
    yield from _rationale_problems(design)


def past_problems(design: CampaignDesign, now: datetime) -> Iterator[Problem]:
    """Give the offers that nobody could claim at a moment, because their time is over."""
    for field, offer in _offers(design):
        expires = offer.expires_at
        if expires is not None and expires <= now:
            way_out = "Choose a later expiry, or none."
            yield Problem(f"{field}.expires_at", expires.isoformat(), "has passed", way_out)
        if isinstance(offer, Challenge) and offer.deadline <= now:
            ended, way_out = offer.deadline.isoformat(), "Choose a later deadline."
            yield Problem(f"{field}.deadline", ended, "has passed", way_out)


def programme_problems(design: CampaignDesign, programme: Programme) -> Iterator[Problem]:
    """Give what does not fit between a design and its programme: layers, tiers, worths, budgets."""
    if design.layer is not None and programme.layer(design.layer.key) is None:
        known = ", ".join(layer.key for layer in programme.layers) or "none yet"
        yield Problem(
            "layer.key",
            design.layer.key,
            "is not a layer of the programme",
            f"Use one of: {known}; layers are declared in the programme's document.",
        )
    for field, offer in _offers(design):
        yield from _target_problems(field, offer, design.audience, programme)
        yield from _threshold_problems(field, offer, programme)
        yield from _worth_problems(field, offer, programme)
    yield from _budget_problems(design, programme)


def _offers(design: CampaignDesign) -> Iterator[_Written]:
    for index, variant in enumerate(design.variants):
        yield _Written(f"variants[{index}].offer", variant.offer)
    yield _Written("default_offer", design.default_offer)


def _target_problems(
    field: str, offer: Offer, audience: Audience, programme: Programme
) -> Iterator[Problem]:
    """Give what is wrong with the tier that an offer leads to."""
    target, tiers = target_tier_of(offer), programme.ladder.keys()
    if target is None or not tiers:
        return
    field = f"{field}.target_tier"
    if target not in tiers:
        yield Problem(field, target, "is not on the ladder", f"Use one of: {', '.join(tiers)}.")
        return
    by_hand = {tier.key for tier in programme.tiers if tier.manual}
    if target in by_hand:
        reachable = ", ".join(key for key in tiers if key not in by_hand) or "none"
        way_out = f"Use a tier that members reach by themselves: {reachable}."
        yield Problem(field, target, "is given by hand, so no offer leads to it", way_out)
    elif not (below := tiers[: tiers.index(target)]):
        way_out = "Choose a higher tier."
        yield Problem(field, target, "is the lowest tier, which nobody climbs to", way_out)
    elif too_high := [tier for tier in _named(audience, tiers) if tier not in below]:
        yield Problem(
            field,
            target,
            f"is not above {', '.join(too_high)}, which the audience admits",
            "Choose a higher tier, or an audience of lower ones.",
        )


def _named(audience: Audience, tiers: tuple[str, ...]) -> list[str]:
    """Give the tiers that the rules about tiers admit; a rule that names none admits whom it may.

    Whoever writes an audience by spend or by place means members who can be lifted; that an offer
    lifts nobody of a tier that was written down is a mistake.
    """
    about_tiers = [
        Rule(all_of=conditions)
        for rule in audience.any_of
        if (conditions := tuple(one for one in rule.all_of if one.attribute == TIER))
    ]
    admission = compiled(Audience(any_of=tuple(about_tiers))) if about_tiers else None
    if admission is None:
        return []
    return [tier for tier in tiers if admission(Member("", {TIER: tier})) is None]


def _threshold_problems(field: str, offer: Offer, programme: Programme) -> Iterator[Problem]:
    """Give thresholds that nothing of the programme could be held against."""
    if not isinstance(offer, ThresholdChange):
        return
    if offer.threshold_minor is not None and offer.currency != programme.currency:
        message = f"is not the programme's {programme.currency}, in which spend counts"
        way_out = "Say threshold and cost in the programme's currency."
        yield Problem(f"{field}.currency", offer.currency, message, way_out)
    if offer.threshold_score is not None and programme.score is None:
        way_out = "Say in the programme what the score is made of, or change another threshold."
        score, message = (
            float(offer.threshold_score),
            "asks for a score, but the programme has none",
        )
        yield Problem(f"{field}.threshold_score", score, message, way_out)


def _worth_problems(field: str, offer: Offer, programme: Programme) -> Iterator[Problem]:
    """Give what is wrong with a table of what an offer is worth by tier."""
    if isinstance(offer, NoOffer) or not offer.values:
        return
    tiers, field = programme.ladder.keys(), f"{field}.values"
    unknown = [tier for tier in offer.values if tier not in tiers]
    if unknown:
        way_out = f"Use tiers of the ladder: {', '.join(tiers) or 'it has none yet'}."
        message = f"has {', '.join(unknown)}, which the ladder has not"
        yield Problem(field, dict(offer.values), message, way_out)
        return
    stepped = [(tier, offer.values[tier]) for tier in tiers if tier in offer.values]
    for (lower, more), (higher, less) in pairwise(stepped):
        if less < more:
            yield Problem(
                field,
                dict(offer.values),
                f"falls from {more} at {lower} to {less} at {higher}",
                "Let a higher tier get as much or more.",
            )


def _budget_problems(design: CampaignDesign, programme: Programme) -> Iterator[Problem]:
    """Give budgets in which the offers cannot be counted, or that do not pay for one of them."""
    caps = design.caps
    for index, variant in enumerate(design.variants):
        offer, field = variant.offer, f"variants[{index}].offer"
        own = caps.variants[variant.key].budget_minor if variant.key in caps.variants else None
        budget, name = (
            (own, f"caps.variants.{variant.key}.budget_minor")
            if own is not None
            else (caps.budget_minor, "caps.budget_minor")
        )
        if budget is None or isinstance(offer, NoOffer):
            continue
        if offer.currency != programme.currency:
            message = f"is not the budget's, which is the programme's {programme.currency}"
            way_out = "Say the cost in the programme's currency, or set no budget."
            yield Problem(f"{field}.currency", offer.currency, message, way_out)
        elif offer.unit_cost_minor > budget:
            message = f"does not pay for one offer of {variant.key}: {offer.unit_cost_minor}"
            yield Problem(name, budget, message, "Raise it, or lower the unit cost.")


def _rationale_problems(design: CampaignDesign) -> Iterator[Problem]:
    """Ask why some members should pay less for the same thing than others."""
    if design.price_difference_rationale.strip():
        return
    prices = {price_of(variant.offer) for variant in design.variants}
    if len(prices) > 1:
        priced = [variant.key for variant in design.variants if price_of(variant.offer) is not None]
        yield Problem(
            RATIONALE,
            design.price_difference_rationale,
            f"is required: {', '.join(priced)} differs in price from other variants",
            "Say why members may be asked different prices, for whoever has to answer for it.",
        )
