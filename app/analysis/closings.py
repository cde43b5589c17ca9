"""What ran out in a phase, as the analysis tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from experiments.budget import Resource
from stats.checks.enrolment_closed import Closing
from stats.sentence import said

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from experiments.budget import Exhaustion


def closings_of(
    exhaustions: Iterable[Exhaustion], phase: int, as_of: datetime
) -> tuple[Closing, ...]:
    """Give the times at which enrolment in a phase closed, as known at a moment.

    Args:
        exhaustions: Of the campaign, the oldest first.
        phase: Its number.
        as_of: What came later is not known yet.
    """
    return tuple(
        Closing(
            _words(one),
            one.bound,
            one.at,
            one.reopened_at if one.reopened_at and one.reopened_at <= as_of else None,
        )
        for one in exhaustions
        if one.phase == phase and one.at <= as_of
    )


def _words(one: Exhaustion) -> str:
    match one.resource:
        case Resource.STOCK:
            return said("the stock of offer {offer}", offer=one.subject)
        case Resource.CAMPAIGN_BUDGET:
            return said("the campaign's budget in minor units")
        case Resource.VARIANT_BUDGET:
            return said("the budget of variant {variant} in minor units", variant=one.subject)
        case Resource.UNITS:
            return said("the cap on units")
        case Resource.VARIANT_UNITS:
            return said("the cap on units of variant {variant}", variant=one.subject)
        case _:
            assert_never(one.resource)
