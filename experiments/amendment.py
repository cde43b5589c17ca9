"""Decides which changes a running phase survives; anything else starts a new phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from experiments.campaign import CampaignDesign, VariantCaps
from experiments.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from experiments.campaign import Caps

SAFE_FIELDS: Final = frozenset(
    {"name", "owner", "hypothesis", "goal", "price_difference_rationale", "checklist"}
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

    Safe are: raising the traffic share, a later end, texts of offers, more stock, higher caps and
    budgets, and words for people. A change of the plan is a deviation, which is taken with a reason
    (`plan_changes`).
    """
    for name in CampaignDesign.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after or name in SAFE_FIELDS | PLAN_FIELDS:
            continue
        if name == "traffic_share" and after > before:
            continue
        if name == "ends_at" and (after is None or (before is not None and after > before)):
            continue
        if name in {"variants", "default_offer"} and _as_given(before) == _as_given(after, before):
            continue
        if name == "caps" and _only_raised(before, after):
            continue
        yield Problem(
            name,
            new.model_dump(mode="json")[name],
            "cannot change while the phase runs: members assigned so far would mean another thing",
            "Start a new phase with it (new_phase=true), which randomises anew.",
        )


def _as_given(value: Any, before: Any = None) -> Any:  # noqa: ANN401  # variants or an offer
    """Give variants or an offer without words, and with the stock of before where it was raised."""
    if isinstance(value, tuple):
        earlier = {variant.key: variant.offer for variant in before or ()}
        return tuple(
            variant.model_copy(
                update={"name": "", "offer": _as_given(variant.offer, earlier.get(variant.key))}
            )
            for variant in value
        )
    changes: dict[str, Any] = {"texts": {}}
    stock = getattr(before, "stock", None)
    if stock is not None and _is_raised(stock, getattr(value, "stock", None)):
        changes["stock"] = stock
    return value.model_copy(update=changes)


def _only_raised(before: Caps, after: Caps) -> bool:
    """Say whether every bound is as high as before, higher or gone."""
    own = [
        (before.variants.get(key, VariantCaps()), after.variants.get(key, VariantCaps()))
        for key in {*before.variants, *after.variants}
    ]
    return all(
        _is_raised(getattr(lower, name), getattr(higher, name))
        for lower, higher in [(before, after), *own]
        for name in type(lower).model_fields
        if name != "variants"
    )


def _is_raised(before: int | None, after: int | None) -> bool:
    return after is None or (before is not None and after >= before)
