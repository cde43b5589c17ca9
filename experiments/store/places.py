"""Gives places in capped campaigns: how many units there are room for, and the moment of the last.

The last place closes enrolment in every variant alike, whichever cap it was of. Who counts several
counters does so in one order, the whole campaign's first, so that no two can wait for each other.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from experiments.budget import Exhaustion, Resource
from experiments.store.enrolments import (
    WHOLE,
    add_enrolled,
    lock_enrolled,
    read_enrolled,
    try_enrol,
)
from experiments.store.exhaustions import close_enrolment, is_closed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from experiments.catalogue import CompiledCampaign


def take_place(
    connection: Connection, campaign: CompiledCampaign, variant: str, now: datetime
) -> bool:
    """Count one more unit, or say that there is no place left for it.

    Args:
        connection: In the transaction that keeps the assignment.
        campaign: Compiled.
        variant: To which the unit was assigned.
        now: When the last place was taken, if this is it.
    """
    if not campaign.is_capped:
        return True
    if is_closed(connection, campaign.key, campaign.phase):
        return False
    caps = _caps(campaign)
    counted: dict[str, int] = {}
    for counter in _counters(caps, variant):
        number = try_enrol(connection, campaign.key, campaign.phase, caps[counter], counter)
        if number is None:
            for before in counted:
                add_enrolled(connection, campaign.key, campaign.phase, -1, before)
            _close(connection, campaign, [counter], now)
            return False
        counted[counter] = number
    full = [counter for counter, number in counted.items() if number == caps[counter]]
    _close(connection, campaign, full, now)
    return True


def lock_places(connection: Connection, campaign: CompiledCampaign, variants: Sequence[str]) -> int:
    """Give how many of the units there are places for, in their order; nobody else counts then.

    Args:
        connection: In the transaction that keeps the assignments.
        campaign: Compiled.
        variants: Of each unit that is to be assigned, in the order in which they come.
    """
    if not campaign.is_capped:
        return len(variants)
    if is_closed(connection, campaign.key, campaign.phase):
        return 0
    enrolled = {
        counter: lock_enrolled(connection, campaign.key, campaign.phase, counter)
        for counter in _caps(campaign)
    }
    return _places(campaign, enrolled, variants)


def count_places(
    connection: Connection, campaign: CompiledCampaign, variants: Sequence[str], now: datetime
) -> None:
    """Count units for which `lock_places` has found places."""
    caps = _caps(campaign)
    added = Counter({WHOLE: len(variants), **Counter(variants)})
    full = []
    for counter, cap in caps.items():
        add_enrolled(connection, campaign.key, campaign.phase, added[counter], counter)
        if read_enrolled(connection, campaign.key, campaign.phase, counter) >= cap:
            full.append(counter)
    _close(connection, campaign, full, now)


def read_room(connection: Connection, campaign: CompiledCampaign) -> Mapping[str, int]:
    """Give how many places are left, by variant and for all together, where there is a cap."""
    caps = _caps(campaign)
    if is_closed(connection, campaign.key, campaign.phase):
        return {WHOLE: 0}
    return {
        counter: max(0, cap - read_enrolled(connection, campaign.key, campaign.phase, counter))
        for counter, cap in caps.items()
    }


def _places(
    campaign: CompiledCampaign, enrolled: Mapping[str, int], variants: Sequence[str]
) -> int:
    caps = _caps(campaign)
    left = {counter: caps[counter] - number for counter, number in enrolled.items()}
    if any(number <= 0 for number in left.values()):
        return 0
    for place, variant in enumerate(variants, start=1):
        for counter in _counters(left, variant):
            left[counter] -= 1
            if left[counter] == 0:
                return place
    return len(variants)


def _close(
    connection: Connection, campaign: CompiledCampaign, full: Sequence[str], now: datetime
) -> None:
    caps = _caps(campaign)
    close_enrolment(
        connection,
        [
            Exhaustion(
                campaign.key,
                campaign.phase,
                Resource.UNITS if counter == WHOLE else Resource.VARIANT_UNITS,
                counter,
                caps[counter],
                now,
            )
            for counter in full
        ],
    )


def _caps(campaign: CompiledCampaign) -> dict[str, int]:
    """Give every cap on units, the whole campaign's first."""
    whole = {} if campaign.cap is None else {WHOLE: campaign.cap}
    return {**whole, **dict(sorted(campaign.variant_caps.items()))}


def _counters(caps: Mapping[str, int], variant: str) -> list[str]:
    return [counter for counter in (WHOLE, variant) if counter in caps]
