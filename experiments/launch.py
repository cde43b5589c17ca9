"""Decides what keeps a campaign from starting; its moves are decided in `experiments.campaign`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.audience import Operator
from experiments.campaign import Role
from experiments.errors import Problem
from experiments.member import text_of
from experiments.offer import target_tier_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from experiments.audience import Audience, Rule
    from experiments.campaign import CampaignDesign
    from experiments.programme import Programme


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
    for index, variant in enumerate(design.variants):
        expires = variant.offer.expires_at
        if expires is not None and expires <= now:
            yield Problem(
                f"variants[{index}].offer.expires_at",
                expires.isoformat(),
                "has passed",
                "Choose a later expiry, or none.",
            )


def programme_problems(design: CampaignDesign, programme: Programme) -> Iterator[Problem]:
    """Give what does not fit between a design and its programme: layers, tiers."""
    if design.layer is not None and programme.layer(design.layer.key) is None:
        known = ", ".join(layer.key for layer in programme.layers) or "none yet"
        yield Problem(
            "layer.key",
            design.layer.key,
            "is not a layer of the programme",
            f"Use one of: {known}; layers are declared in the programme's document.",
        )
    tiers = programme.ladder.keys()
    for index, variant in enumerate(design.variants):
        target = target_tier_of(variant.offer)
        if target is None or not tiers:
            continue
        field = f"variants[{index}].offer.target_tier"
        if target not in tiers:
            yield Problem(field, target, "is not on the ladder", f"Use one of: {', '.join(tiers)}.")
        elif not _above_some_admitted(design.audience, target, tiers):
            yield Problem(
                field,
                target,
                "is not above any tier that the audience admits",
                "Choose a higher tier, or another audience.",
            )


def _above_some_admitted(audience: Audience, target: str, tiers: tuple[str, ...]) -> bool:
    """Say whether somebody whom the audience admits stands below the target."""
    below = set(tiers[: tiers.index(target)])
    if not below or not audience.any_of:
        return bool(below)
    return any(_may_be_in(rule, below) for rule in audience.any_of)


def _may_be_in(rule: Rule, tiers: set[str]) -> bool:
    wanted = [
        set(map(text_of, condition.value))
        for condition in rule.all_of
        if condition.attribute == "tier"
        and condition.operator is Operator.ONE_OF
        and isinstance(condition.value, tuple)
    ]
    return all(values & tiers for values in wanted)
