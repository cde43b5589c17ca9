"""Decides what lies before members of a tier: which tier is next, and every way to it.

An offer may lead to a tier of its own, by thresholds of its own. All members of a tier under an
offer have the same climb; their own numbers are put in by `experiments.progress`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from experiments.member import text_of
from experiments.offer import Challenge, Gift, ThresholdChange, target_tier_of
from experiments.score import Measure, Path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from experiments.member import Attribute
    from experiments.offer import Offer
    from experiments.programme import Programme
    from experiments.tier import Tier

TIER: Final = "tier"
NEXT_TIER: Final = "next_tier"
SCORE: Final = "score"


class ProgressState(StrEnum):
    """Where a member stands on the way up."""

    UNDER_WAY = "under_way"
    REACHED = "reached"
    TOP_TIER = "top_tier"
    MANUAL_TIER = "manual_tier"
    NO_PATH = "no_path"
    UNKNOWN = "unknown"


class ProgressUnit(StrEnum):
    """What the numbers of a way count; money is minor units."""

    MONEY = "money"
    SCORE = "score"
    ORDERS = "orders"
    ACTIVE_DAYS = "active_days"
    REFERRALS = "referrals"
    DAYS = "days"


_UNITS: Final = {
    Measure.SPEND: ProgressUnit.MONEY,
    Measure.AVERAGE_ORDER_VALUE: ProgressUnit.MONEY,
    Measure.FREQUENCY: ProgressUnit.ORDERS,
    Measure.ENGAGEMENT: ProgressUnit.ACTIVE_DAYS,
    Measure.REFERRALS: ProgressUnit.REFERRALS,
    Measure.TENURE: ProgressUnit.DAYS,
}


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways to a tier; any one of them suffices.

    Attributes:
        by: ``spend``, ``score``, or another measure.
        target: What is asked for.
        attribute: Holds what the member has; None where nothing says it in this unit.
        window_days: Over how many days it is counted; None for what has no window.
        changed: Whether the offer asks for something else than the ladder.
        threshold: What the ladder asks for by spend, from which a distance tells the spend.
    """

    by: str
    unit: ProgressUnit
    target: int | float
    attribute: str | None
    window_days: int | None
    changed: bool = False
    threshold: int | None = None


@dataclass(frozen=True, slots=True)
class Climb:
    """What lies before members of a tier under an offer; the same for all of them.

    Attributes:
        state: What holds of all of them; None where their numbers decide.
        tier: Where they are; None where that is not known.
        to: Where the climb leads.
        currency: Of money.
        deadline: When the offer ends that rewards the climb.
        validity: How long a tier is had, at least.
    """

    state: ProgressState | None
    tier: str | None
    to: str | None
    ways: tuple[Way, ...]
    currency: str
    deadline: datetime | None
    validity: timedelta | None


def standing(tiers: AbstractSet[str], attributes: Mapping[str, Attribute]) -> tuple[str, str]:
    """Give a member's tier and next tier by the attributes, each empty where it is none of `tiers`.

    Whoever is below the whole ladder has no tier, but a next one.
    """
    return _known(tiers, attributes.get(TIER)), _known(tiers, attributes.get(NEXT_TIER))


def _known(tiers: AbstractSet[str], value: Attribute) -> str:
    text = "" if value is None else text_of(value)
    return text if text in tiers else ""


def climb_of(programme: Programme, tier: str, following: str, offer: Offer) -> Climb:
    """Give what lies before a member of a tier.

    Args:
        programme: Its ladder says what every tier asks for.
        tier: The member's, or empty.
        following: The next one by what was computed; it counts where the tier is not known.
        offer: May lead to a tier of its own choice, by thresholds of its own.
    """
    tiers, days = programme.tiers, programme.tier_validity_days
    climb = Climb(
        state=None,
        tier=tier or None,
        to=None,
        ways=(),
        currency=programme.currency,
        deadline=_ends(offer),
        validity=timedelta(days=days) if days is not None and tier else None,
    )
    place = next((number for number, one in enumerate(tiers) if one.key == tier), -1)
    if place >= 0 and tiers[place].manual:
        return replace(climb, state=ProgressState.MANUAL_TIER, deadline=None, validity=None)
    above = [one for one in tiers[place + 1 :] if not one.manual] if tier else []
    if tier and not above:
        return replace(climb, state=ProgressState.TOP_TIER, deadline=None)
    wanted = next((one for one in tiers if one.key == target_tier_of(offer)), None)
    if wanted is None:
        wanted = (
            next((one for one in above if one.has_rule), None)
            if tier
            else next((one for one in tiers if one.key == following), None)
        )
    if wanted is None:
        nowhere = ProgressState.NO_PATH if tier else ProgressState.UNKNOWN
        return replace(climb, state=nowhere, deadline=None)
    ways = tuple(_ways(programme, wanted, offer))
    is_there = bool(tier) and tiers.index(wanted) <= place
    state = ProgressState.REACHED if is_there else None if ways else ProgressState.NO_PATH
    return replace(climb, state=state, to=wanted.key, ways=ways)


def measured_attribute(measure: Measure, window_days: int | None) -> str:
    """Give the attribute that says what a member has of a measure over a window."""
    match measure:
        case Measure.SPEND:
            return f"revenue_{window_days}d_minor"
        case Measure.AVERAGE_ORDER_VALUE:
            return f"average_order_value_{window_days}d_minor"
        case Measure.FREQUENCY:
            return f"orders_{window_days}d"
        case Measure.ENGAGEMENT:
            return f"active_days_{window_days}d"
        case Measure.REFERRALS:
            return f"referrals_{window_days}d"
        case Measure.TENURE:
            return "tenure_days"


def _ends(offer: Offer) -> datetime | None:
    """Give until when an offer rewards a climb; one that does not depend on it gives none."""
    if isinstance(offer, Challenge):
        return offer.deadline
    leads_up = isinstance(offer, Gift) or target_tier_of(offer) is not None
    return offer.expires_at if leads_up else None


def _ways(programme: Programme, tier: Tier, offer: Offer) -> Iterator[Way]:
    """Give the ways to a tier: the ladder's, each as the offer changes it, and the offer's own."""
    change = offer if isinstance(offer, ThresholdChange) and offer.target_tier == tier.key else None
    spend, score, paths = tier.entry_threshold_minor, tier.entry_score, list(tier.paths)
    by_spend = score_changed = None
    if change is not None:
        by_spend, score_changed = change.threshold_minor, change.threshold_score
    if spend is not None or by_spend is not None:
        is_ours = change is None or by_spend is None or change.currency == programme.currency
        yield Way(
            by=str(Measure.SPEND),
            unit=ProgressUnit.MONEY,
            target=by_spend if by_spend is not None else spend or 0,
            attribute=(
                measured_attribute(Measure.SPEND, programme.qualifying_days) if is_ours else None
            ),
            window_days=programme.qualifying_days,
            changed=by_spend is not None and by_spend != spend,
            threshold=spend if is_ours else None,
        )
    if score is not None or score_changed is not None:
        points = score_changed if score_changed is not None else score
        is_changed = score_changed is not None and score_changed != score
        target = float(points or 0)
        yield Way(SCORE, ProgressUnit.SCORE, target, SCORE, None, changed=is_changed)
    own = {path.measure: path for path in change.paths} if change is not None else {}
    for path in paths:
        yield _way(own.pop(path.measure, path), path)
    for path in own.values():
        yield _way(path, None)


def _way(path: Path, of_ladder: Path | None) -> Way:
    attribute = measured_attribute(path.measure, path.window_days)
    unit, changed = _UNITS[path.measure], path != of_ladder
    return Way(
        str(path.measure), unit, path.threshold, attribute, path.window_days, changed=changed
    )
