"""Reads items that arrive by the thousand: in one straight line where they are good and plain.

Most are. Whatever is not seen to be good at once is left to the careful rules of
`experiments.arrival`, which alone decide what is wrong; a test holds the two to the same answers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from experiments.arrival import (
    CLOCK_SKEW,
    CONVERSION_FIELDS,
    EARLIEST,
    MAX_EVENT_LENGTH,
    MAX_PROPERTIES,
    MAX_TEXT,
    conversion_from,
    exposure_from,
    parsed_time,
)
from experiments.campaign import State, UnitKind
from experiments.conversion import Conversion
from experiments.document import MAX_INTEGER
from experiments.exposure import Exposure
from experiments.member import MAX_ID_LENGTH
from experiments.money import MAX_MINOR, is_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from experiments.arrival import Arrival
    from experiments.campaign import Campaign
    from experiments.errors import Problem

_PLAIN: Final = frozenset({float, bool, type(None)})
"""Types of which every value is good."""

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class _Clock:
    """The times of an arrival: what is soon enough and late enough, reckoned once for all items."""

    __slots__ = ("earliest", "latest", "now")

    def __init__(self, arrival: Arrival) -> None:
        self.now = arrival.now
        self.earliest = max(EARLIEST, arrival.not_before or EARLIEST)
        self.latest = arrival.now + CLOCK_SKEW

    def plain(self, value: object) -> datetime | None:
        """Give a moment that is certainly good, in UTC; None leaves it to the careful rules."""
        if value is None:
            return self.now
        moment = value if isinstance(value, datetime) else parsed_time(value)
        if moment is None:
            return None
        if moment.tzinfo is not UTC:
            if moment.tzinfo is None:
                return None
            try:
                moment = moment.astimezone(UTC)
            except OverflowError:
                return None
        return moment if self.earliest <= moment <= self.latest else None


def exposures_from(
    items: Sequence[object],
    campaigns: Mapping[str, Campaign],
    arrival: Arrival,
    *,
    households: Mapping[str, str | None] | None = None,
) -> list[Exposure | tuple[Problem, ...]]:
    """Give what each item is; arguments as for `exposure_from`, whose rules hold."""
    clock = _Clock(arrival)
    known: dict[object, _Phases] = {}
    read: list[Exposure | tuple[Problem, ...]] = []
    for item in items:
        plain = _plain_exposure(item, campaigns, known, arrival, clock)
        if plain is None:
            read.append(exposure_from(item, campaigns, arrival, households=households))
        else:
            read.append(plain)
    return read


_Phases: TypeAlias = "tuple[tuple[datetime, int, frozenset[str]], ...]"
"""Start, number and variants of each phase whose units are members, the latest first."""


def _phases_of(campaign: Campaign) -> _Phases:
    if campaign.state is State.DRAFT:
        return ()
    phases = campaign.phases
    if any(phase.design.randomization_unit is not UnitKind.MEMBER for phase in phases):
        return ()
    return tuple(
        (phase.started_at, phase.number, frozenset(known.key for known in phase.design.variants))
        for phase in reversed(phases)
    )


def _plain_exposure(
    item: object,
    campaigns: Mapping[str, Campaign],
    known: dict[object, _Phases],
    arrival: Arrival,
    clock: _Clock,
) -> Exposure | None:
    """Give the exposure of an item that is good at first sight; `known` is filled on the way."""
    if type(item) is not dict:
        return None
    get = item.get
    exposure_id, member_id, variant = get("exposure_id"), get("member_id"), get("variant")
    field = "exposed_at" if "exposed_at" in item else "occurred_at"
    if len(item) != (5 if field in item else 4) or not (_is_id(exposure_id) and _is_id(member_id)):
        return None
    key = get("campaign")
    if type(key) is not str or type(variant) is not str:
        return None
    phases = known.get(key)
    if phases is None:
        phases = known[key] = _phases_of(campaigns[key]) if key in campaigns else ()
    exposed_at = clock.plain(get(field))
    if not phases or exposed_at is None:
        return None
    for started_at, number, variants in phases:  # noqa: B007  # the first also has all before it
        if started_at <= exposed_at:
            break
    if variant not in variants:
        return None
    return Exposure(
        exposure_id,
        key,
        number,
        variant,
        member_id,
        member_id,
        exposed_at,
        arrival.now,
        arrival.sender,
    )


def conversions_from(
    items: Sequence[object], arrival: Arrival
) -> list[Conversion | tuple[Problem, ...]]:
    """Give what each item is; arguments as for `conversion_from`, whose rules hold."""
    clock = _Clock(arrival)
    return [_plain_conversion(item, arrival, clock) or conversion_from(item, arrival)
            for item in items]  # fmt: skip


def _plain_conversion(item: object, arrival: Arrival, clock: _Clock) -> Conversion | None:
    """Give the conversion of an item that is good at first sight."""
    if type(item) is not dict or not item.keys() <= CONVERSION_FIELDS:
        return None
    get = item.get
    conversion_id, member_id, event = get("conversion_id"), get("member_id"), get("event")
    if not (_is_id(conversion_id) and _is_id(member_id) and _is_event(event)):
        return None
    minor, currency = get("amount_minor"), get("currency")
    if get("amount") is not None or not _is_money(minor, currency):  # decimals need care
        return None
    occurred_at, properties = clock.plain(get("occurred_at")), get("properties")
    if occurred_at is None or not (properties is None or _are_plain(properties)):
        return None
    return Conversion(
        conversion_id,
        member_id,
        event,
        occurred_at,
        arrival.now,
        minor,
        currency,
        MappingProxyType(properties) if properties else _NOTHING,
        arrival.sender,
    )


def _is_id(value: object) -> TypeGuard[str]:
    """Say whether an id is good at first sight; rare characters are left to `id_problem`."""
    return type(value) is str and 0 < len(value) <= MAX_ID_LENGTH and value.isprintable()


def _is_event(value: object) -> TypeGuard[str]:
    return (
        type(value) is str
        and 0 < len(value) <= MAX_EVENT_LENGTH
        and value.isprintable()
        and value[0] != " "
        and value[-1] != " "
    )


def _is_money(minor: object, currency: object) -> bool:
    if minor is None:
        return currency is None
    return (
        type(minor) is int
        and 0 <= minor <= MAX_MINOR
        and type(currency) is str
        and is_known(currency)
    )


def _are_plain(properties: object) -> bool:
    """Say whether properties are few, short and flat."""
    return (
        type(properties) is dict
        and len(properties) <= MAX_PROPERTIES
        and all(_is_plain(name, value) for name, value in properties.items())
    )


def _is_plain(name: object, value: object) -> bool:
    if type(name) is not str or len(name) > MAX_TEXT or not name.isprintable():
        return False
    if type(value) is str:
        return len(value) <= MAX_TEXT and value.isprintable()
    if type(value) is int:
        return -MAX_INTEGER <= value <= MAX_INTEGER
    return type(value) in _PLAIN
