"""Decides which changes a running phase survives; anything else starts a new phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from experiments.campaign import CampaignDesign
from experiments.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

SAFE_FIELDS: Final = frozenset(
    {"name", "owner", "hypothesis", "goal", "price_difference_rationale"}
)
"""Fields that say nothing to a member and nothing to the analysis."""

PLAN_FIELDS: Final = frozenset(
    {"metrics", "conversion_window_days", "funnel", "crossover", "alpha", "analysis"}
)
"""Fields that move nobody but change what is computed: a deviation from the plan."""


def plan_changes(old: CampaignDesign, new: CampaignDesign) -> tuple[str, ...]:
    """Give the fields of a change that make the results be read by another plan."""
    return tuple(
        name
        for name in CampaignDesign.model_fields
        if name in PLAN_FIELDS and getattr(old, name) != getattr(new, name)
    )


def unsafe_changes(old: CampaignDesign, new: CampaignDesign) -> Iterator[Problem]:
    """Give what of a change would make a running phase unreadable.

    Safe are: raising the traffic share, a later end, texts of offers, and words for people. A
    change of the plan is a deviation, which is taken with a reason (`plan_changes`).
    """
    for name in CampaignDesign.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after or name in SAFE_FIELDS | PLAN_FIELDS:
            continue
        if name == "traffic_share" and after > before:
            continue
        if name == "ends_at" and (after is None or (before is not None and after > before)):
            continue
        if name in {"variants", "default_offer"} and _without_texts(before) == _without_texts(
            after
        ):
            continue
        yield Problem(
            name,
            new.model_dump(mode="json")[name],
            "cannot change while the phase runs: members assigned so far would mean another thing",
            "Start a new phase with it (new_phase=true), which randomises anew.",
        )


def _without_texts(value: Any) -> Any:  # noqa: ANN401  # variants or an offer
    if isinstance(value, tuple):
        return tuple(
            variant.model_copy(update={"name": "", "offer": _without_texts(variant.offer)})
            for variant in value
        )
    return value.model_copy(update={"texts": {}})
