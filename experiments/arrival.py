"""Decides whether what arrives is a fact, an exposure or a conversion, or an order for a grant.

Every field is looked at before anything is said, so that a sender learns all faults at once. The
same rules hold for the API and for files; files write money as decimals (`amount`), the API may use
minor units (`amount_minor`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from experiments.campaign import State, UnitKind
from experiments.conversion import Conversion
from experiments.document import is_storable
from experiments.errors import Problem
from experiments.exposure import Exposure
from experiments.grant import Action, GrantOrder
from experiments.member import id_problem
from experiments.money import MAX_MINOR, is_known, to_minor_units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.campaign import Campaign

CLOCK_SKEW: Final = timedelta(seconds=10)
"""How far ahead of ours a sender's clock may be."""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
MAX_EVENT_LENGTH: Final = 128
MAX_PROPERTIES: Final = 100
MAX_DEPTH: Final = 8
MAX_TEXT: Final = 8_000

EXPOSURE_FIELDS: Final = frozenset(
    {"exposure_id", "campaign", "variant", "member_id", "occurred_at", "exposed_at"}
)
CONVERSION_FIELDS: Final = frozenset(
    {
        "conversion_id",
        "member_id",
        "event",
        "occurred_at",
        "amount",
        "amount_minor",
        "currency",
        "properties",
    }
)

GRANT_FIELDS: Final = frozenset(
    {"grant_id", "action", "campaign", "member_id", "occurred_at", "expires_at", "reason"}
)
MAX_GRANT_ID: Final = 230
"""Its events are called by the grant's id with a word before it, and 255 characters are kept."""

MAX_REASON: Final = 500

_EVENT: Final = re.compile(
    r"[^\x00-\x20\x7f\ud800-\udfff]"
    r"(?:[^\x00-\x1f\x7f\ud800-\udfff]*[^\x00-\x20\x7f\ud800-\udfff])?"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """How something arrived.

    Attributes:
        now: When, aware UTC.
        sender: Who sent it: an API key's id, an import.
        not_before: The earliest time that is taken as it comes, aware UTC; None for any.
    """

    now: datetime
    sender: str | None = None
    not_before: datetime | None = None


@dataclass(slots=True)
class _Reading:
    """One item while its fields are read; collects every problem."""

    item: Mapping[str, object]
    problems: list[Problem]

    def refuse(self, field: str, message: str, way_out: str = "") -> None:
        self.problems.append(Problem(field, self.item.get(field), message, way_out))

    def identifier(self, field: str) -> str:
        value = self.item.get(field)
        if value is None:
            self.refuse(field, "is required", "Send the id; it makes repeats harmless.")
            return ""
        fault = id_problem(field, value)
        if fault is not None:
            self.problems.append(fault)
            return ""
        return str(value)

    def moment(self, field: str, arrival: Arrival) -> datetime:
        """Give the time of the fact; that of its arrival, where the sender says none."""
        now = arrival.now
        moment = None if self.item.get(field) is None else self.aware(field)
        if moment is None:
            return now
        if moment > now + CLOCK_SKEW:
            self.refuse(
                field, "lies in the future", f"Send it once it has happened (now {now:%FT%TZ})."
            )
        elif moment < EARLIEST:
            self.refuse(field, "lies before 1970", "Check the year.")
        elif arrival.not_before is not None and moment < arrival.not_before:
            self.refuse(
                field,
                f"is late: it lies before {arrival.not_before:%FT%TZ}",
                "Check the year; what is right can be replayed from the quarantine, or imported.",
            )
        return moment

    def aware(self, field: str) -> datetime | None:
        """Give a date and time in UTC, or None where it is none, which is refused."""
        value = self.item.get(field)
        moment = value if isinstance(value, datetime) else parsed_time(value)
        example = "Send ISO 8601 with an offset, like 2026-07-01T09:30:00+08:00."
        if moment is None:
            self.refuse(field, "is not a date and time", example)
            return None
        if moment.tzinfo is None:
            self.refuse(field, "has no offset from UTC", example)
            return None
        try:
            return moment.astimezone(UTC)
        except OverflowError:  # the first hours of year 1, the last ones of 9999
            self.refuse(field, "is out of range", "Check the year.")
            return None

    def unknown_fields(self, known: frozenset[str]) -> None:
        for field in self.item:
            if field not in known:
                self.refuse(
                    str(field), "is not a field", f"Known fields: {', '.join(sorted(known))}."
                )


def exposure_from(
    item: object,
    campaigns: Mapping[str, Campaign],
    arrival: Arrival,
    *,
    households: Mapping[str, str | None] | None = None,
) -> Exposure | tuple[Problem, ...]:
    """Give the exposure that an item is, or everything that is wrong with it.

    Args:
        item: As it came: fields of `EXPOSURE_FIELDS`.
        campaigns: All campaigns, by key.
        arrival: When it came and from whom.
        households: Household of each member, where a campaign goes by household.
    """
    if not isinstance(item, dict):
        return (Problem("(item)", item, "is not an object", "Send one object per exposure."),)
    reading = _Reading(item, [])
    reading.unknown_fields(EXPOSURE_FIELDS)
    exposure_id = reading.identifier("exposure_id")
    member_id = reading.identifier("member_id")
    if "occurred_at" in item and "exposed_at" in item:
        reading.refuse("exposed_at", "is the same as occurred_at", "Send one of the two.")
    field = "exposed_at" if "exposed_at" in item else "occurred_at"
    exposed_at = reading.moment(field, arrival)
    campaign = _campaign_of(reading, campaigns)
    if campaign is None:
        return tuple(reading.problems)
    phase = campaign.phase_at(exposed_at)
    design = phase.design if phase else campaign.design
    variant = item.get("variant")
    if not isinstance(variant, str) or design.variant(variant) is None:
        known = ", ".join(known.key for known in design.variants)
        missing = "is required" if variant is None else f"is not a variant of {campaign.key!r}"
        reading.refuse("variant", missing, f"Use one of: {known}.")
    if campaign.state is State.DRAFT or phase is None:
        reading.refuse(
            "campaign",
            "is a draft, so nobody can have been exposed to it",
            f"Launch it first: tierlift campaign launch {campaign.key}.",
        )
    if reading.problems or phase is None:
        return tuple(reading.problems)
    by_member = design.randomization_unit is UnitKind.MEMBER
    return Exposure(
        exposure_id=exposure_id,
        campaign=campaign.key,
        phase=phase.number,
        variant=str(variant),
        member_id=member_id,
        unit_id=member_id if by_member else (households or {}).get(member_id),
        exposed_at=exposed_at,
        received_at=arrival.now,
        sender=arrival.sender,
    )


def _campaign_of(reading: _Reading, campaigns: Mapping[str, Campaign]) -> Campaign | None:
    key = reading.item.get("campaign")
    campaign = campaigns.get(key) if isinstance(key, str) else None
    if campaign is None:
        message = "is required" if key is None else "is not a campaign"
        reading.refuse("campaign", message, "Send the key of a campaign that exists.")
    return campaign


def conversion_from(item: object, arrival: Arrival) -> Conversion | tuple[Problem, ...]:
    """Give the conversion that an item is, or everything that is wrong with it."""
    if not isinstance(item, dict):
        return (Problem("(item)", item, "is not an object", "Send one object per conversion."),)
    reading = _Reading(item, [])
    reading.unknown_fields(CONVERSION_FIELDS)
    conversion_id = reading.identifier("conversion_id")
    member_id = reading.identifier("member_id")
    event = item.get("event")
    if not isinstance(event, str) or len(event) > MAX_EVENT_LENGTH or not _EVENT.fullmatch(event):
        message = "is required" if event is None else "is not the name of an event"
        way_out = f"Send a name of 1 to {MAX_EVENT_LENGTH} characters, like order or refund."
        reading.refuse("event", message, way_out)
    occurred_at = reading.moment("occurred_at", arrival)
    currency, amount_minor = _money(reading)
    properties = item.get("properties")
    if properties is None:
        properties = {}
    _check_properties(reading, properties)
    if reading.problems:
        return tuple(reading.problems)
    return Conversion(
        conversion_id=conversion_id,
        member_id=member_id,
        event=str(event),
        occurred_at=occurred_at,
        received_at=arrival.now,
        amount_minor=amount_minor,
        currency=currency,
        properties=MappingProxyType(properties),
        sender=arrival.sender,
    )


def grant_order_from(item: object, arrival: Arrival) -> GrantOrder | tuple[Problem, ...]:
    """Give the order for a grant that an item is, or everything that is wrong with it.

    Whether the ledger takes it is decided there; an order that is understood may be refused.
    """
    if not isinstance(item, dict):
        return (Problem("(item)", item, "is not an object", "Send one object per grant."),)
    reading = _Reading(item, [])
    reading.unknown_fields(GRANT_FIELDS)
    grant_id = reading.identifier("grant_id")
    if len(grant_id) > MAX_GRANT_ID:
        reading.refuse(
            "grant_id", f"is longer than {MAX_GRANT_ID} characters", "Its events are named by it."
        )
    member_id = reading.identifier("member_id")
    action, campaign, reason = item.get("action"), item.get("campaign"), item.get("reason")
    if not isinstance(action, str) or action not in {str(known) for known in Action}:
        message = "is required" if action is None else "is not an action"
        reading.refuse("action", message, f"Use one of: {', '.join(Action)}.")
    if not isinstance(campaign, str) or not campaign or not is_storable(campaign):
        message = "is required" if campaign is None else "is not the key of a campaign"
        reading.refuse("campaign", message, "Send the key of a campaign that exists.")
    if reason is not None and (
        not isinstance(reason, str) or len(reason) > MAX_REASON or not is_storable(reason)
    ):
        reading.refuse("reason", f"is not a text of at most {MAX_REASON} characters", "Shorten it.")
    is_timed = item.get("occurred_at") is not None
    occurred_at = reading.moment("occurred_at", arrival) if is_timed else None
    expires_at = None if item.get("expires_at") is None else reading.aware("expires_at")
    if reading.problems:
        return tuple(reading.problems)
    return GrantOrder(
        grant_id=grant_id,
        action=Action(str(action)),
        campaign=str(campaign),
        member_id=member_id,
        occurred_at=occurred_at,
        expires_at=expires_at,
        reason=reason if isinstance(reason, str) else None,
    )


def _money(reading: _Reading) -> tuple[str | None, int | None]:
    """Give currency and amount, both or neither; every fault goes to the reading."""
    item = reading.item
    currency, decimal, minor = item.get("currency"), item.get("amount"), item.get("amount_minor")
    if decimal is None and minor is None:
        if currency is not None:
            reading.refuse("currency", "stands without an amount", "Send the amount, or neither.")
        return None, None
    if decimal is not None and minor is not None:
        reading.refuse("amount_minor", "stands beside amount", "Send one of the two.")
        return None, None
    if not isinstance(currency, str) or not is_known(currency):
        message = "is required with an amount" if currency is None else "is not a known currency"
        reading.refuse("currency", message, "Send an ISO 4217 code in capitals, like GBP or TWD.")
        return None, None
    field = "amount" if minor is None else "amount_minor"
    if minor is None:
        minor = _from_decimal(reading, decimal, currency)
    elif isinstance(minor, bool) or not isinstance(minor, int):
        reading.refuse(field, "is not a whole number of minor units", "Send 1230 for 12.30.")
        return None, None
    if isinstance(minor, int):
        if minor < 0:
            way_out = "Send what was given back as an event of its own, like refund, not negative."
            reading.refuse(field, "is negative", way_out)
        elif minor > MAX_MINOR:
            reading.refuse(field, f"is larger than {MAX_MINOR} minor units", "Check the unit.")
        return currency, minor
    return None, None


def _from_decimal(reading: _Reading, decimal: object, currency: str) -> int | None:
    if isinstance(decimal, bool) or not isinstance(decimal, str | int | float):
        reading.refuse("amount", "is not a decimal number", "Send it like 12.30.")
        return None
    try:
        return to_minor_units(str(decimal), currency)
    except ValueError as error:
        reading.refuse("amount", str(error), f"Send a decimal of {currency}, like 12.30.")
        return None


def _check_properties(reading: _Reading, properties: object) -> None:
    if not isinstance(properties, dict):
        reading.refuse("properties", "is not an object", "Send names with values, or nothing.")
    elif len(properties) > MAX_PROPERTIES:
        reading.refuse("properties", f"has more than {MAX_PROPERTIES} names", "Send fewer.")
    elif not _is_storable(properties, MAX_DEPTH):
        reading.refuse(
            "properties",
            "nests too deeply, or has too long a text, a NUL character or too large a number",
            f"Send at most {MAX_DEPTH} levels, texts of {MAX_TEXT} characters and numbers of "
            "at most 64 bits.",
        )


def _is_storable(value: object, depth: int) -> bool:
    match value:
        case str():
            return len(value) <= MAX_TEXT and is_storable(value)
        case dict():
            return depth > 0 and all(
                _is_storable(name, depth) and _is_storable(inner, depth - 1)
                for name, inner in value.items()
            )
        case list() | tuple():
            return depth > 0 and all(_is_storable(inner, depth - 1) for inner in value)
        case _:
            return is_storable(value)


def parsed_time(value: object) -> datetime | None:
    """Give what ISO 8601 text says, with an offset or without; None where it is no such text."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.strip())
    except ValueError:
        return None
