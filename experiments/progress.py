"""Decides how far a member is from the next tier: current, target, deadline, and every way there.

Pure: what is known of the member are attributes (`docs/reference/programme.md` names those that a
recomputation writes), what lies before the members of a tier is an `experiments.climb.Climb`. A
number that is not known is None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from experiments.audience import number_of
from experiments.climb import NEXT_TIER, ProgressState, ProgressUnit
from experiments.money import MAX_MINOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.climb import Climb, Way
    from experiments.member import Attribute, Member

TIER_SINCE: Final = "tier_since"
DISTANCE: Final = "distance_to_next_minor"

LAST: Final = datetime.max.replace(tzinfo=UTC)

_PARTS: Final = 10_000
"""A share has four decimals, rounded down: 1 is reached, and nothing else."""


class DeadlineBy(StrEnum):
    """What ends at the deadline: the offer, or the validity of the member's tier."""

    OFFER = "offer"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class PathProgress:
    """How far a member has come on one way.

    Attributes:
        remaining: What is missing, 0 once the target is reached.
        share: The part of the target that is covered, 0 to 1, four decimals, rounded down.
        nearest: Whether no other way is covered further.
        changed: Whether the offer asks for something else than the ladder.
    """

    by: str
    unit: ProgressUnit
    currency: str | None
    current: int | float | None
    target: int | float
    remaining: int | float | None
    share: float | None
    window_days: int | None
    nearest: bool
    changed: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a member is from a tier; the numbers are those of the nearest way.

    Attributes:
        tier: The member's tier, where it is one of the ladder.
        to: The tier that the offer leads to, else the next one.
        deadline: Until when; always ahead.
        as_of: The moment up to which facts were counted, where they were computed.
        computed_by: The rules by which they were.
        paths: Every way, in the order of the ladder.
    """

    state: ProgressState
    tier: str | None
    to: str | None
    by: str | None
    unit: ProgressUnit | None
    currency: str | None
    current: int | float | None
    target: int | float | None
    remaining: int | float | None
    share: float | None
    window_days: int | None
    deadline: datetime | None
    deadline_by: DeadlineBy | None
    as_of: datetime | None
    computed_by: str | None
    paths: tuple[PathProgress, ...]


def progress_of(climb: Climb, member: Member, now: datetime, as_of: datetime | None) -> Progress:
    """Give how far a member is.

    Args:
        climb: Of the member's tier under the member's offer.
        member: With what is known.
        now: Aware UTC; a deadline that has passed is none.
        as_of: The moment up to which the latest recomputation counted facts.
    """
    attributes = member.attributes
    currents = [_current(way, climb, attributes) for way in climb.ways]
    shares = [
        None if current is None else _share(current, way.target)
        for way, current in zip(climb.ways, currents, strict=True)
    ]
    best = max((share for share in shares if share is not None), default=None)
    nearest = None if best is None else shares.index(best)
    paths = tuple(
        _path(way, climb.currency, current, share, is_nearest=number == nearest)
        for number, (way, current, share) in enumerate(
            zip(climb.ways, currents, shares, strict=True)
        )
    )
    first = paths[nearest or 0] if paths else None
    deadline, deadline_by = _deadline(climb, attributes, now)
    return Progress(
        state=_state(best) if climb.state is None else climb.state,
        tier=climb.tier,
        to=climb.to,
        by=first.by if first else None,
        unit=first.unit if first else None,
        currency=first.currency if first else None,
        current=first.current if first else None,
        target=first.target if first else None,
        remaining=first.remaining if first else None,
        share=first.share if first else None,
        window_days=first.window_days if first else None,
        deadline=deadline,
        deadline_by=deadline_by,
        as_of=as_of if member.computed_by is not None else None,
        computed_by=member.computed_by,
        paths=paths,
    )


def _state(best: float | None) -> ProgressState:
    """Give the state of a member whose numbers decide, by the share of the nearest way."""
    if best is None:
        return ProgressState.UNKNOWN
    return ProgressState.REACHED if best >= 1 else ProgressState.UNDER_WAY


def _path(
    way: Way,
    currency: str,
    current: float | None,
    share: float | None,
    *,
    is_nearest: bool,
) -> PathProgress:
    """Give how far a member has come on a way."""
    remaining = None if current is None else max(way.target - current, 0)
    if remaining is not None and way.unit is ProgressUnit.SCORE:
        remaining = round(remaining, 2)
    return PathProgress(
        by=way.by,
        unit=way.unit,
        currency=currency if way.unit is ProgressUnit.MONEY else None,
        current=current,
        target=way.target,
        remaining=remaining,
        share=share,
        window_days=way.window_days,
        nearest=is_nearest,
        changed=way.changed,
    )


def _current(way: Way, climb: Climb, attributes: Mapping[str, Attribute]) -> int | float | None:
    if way.attribute is None:
        return None
    value = number_of(attributes.get(way.attribute))
    if value is None and way.threshold is not None and attributes.get(NEXT_TIER) == climb.to:
        # the window of the programme may be none of those of which the spend is kept
        distance = number_of(attributes.get(DISTANCE))
        value = None if distance is None else way.threshold - distance
    if value is None or not abs(value) <= MAX_MINOR:  # what nobody has, is not known; nor is nan
        return None
    return float(value) if way.unit is ProgressUnit.SCORE else int(value // 1)


def _share(current: float, target: float) -> float:
    """Give the part of a target that is covered, in ten-thousandths, rounded down."""
    if current >= target:
        return 1.0
    if current <= 0:
        return 0.0
    # hundredths are whole numbers, of a score too, so that no rounding of floats comes near 1
    parts = round(current * 100) * _PARTS // round(target * 100)
    return min(parts, _PARTS - 1) / _PARTS


def _deadline(
    climb: Climb, attributes: Mapping[str, Attribute], now: datetime
) -> tuple[datetime | None, DeadlineBy | None]:
    """Give the first of the two moments that lies ahead: the end of the offer, that of the tier."""
    ends: list[tuple[datetime, DeadlineBy]] = []
    if climb.deadline is not None:
        ends.append((climb.deadline, DeadlineBy.OFFER))
    since = _moment(attributes.get(TIER_SINCE))
    if climb.validity is not None and since is not None and since < LAST - climb.validity:
        ends.append((since + climb.validity, DeadlineBy.TIER))
    ahead = [one for one in ends if one[0] > now]
    return min(ahead) if ahead else (None, None)


def _moment(value: Attribute) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
