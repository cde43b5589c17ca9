"""Writes the compiled catalogue as a Universal Flag Configuration, for clients that decide locally.

Every campaign is one flag, and every reason for which a member may get the default offer is one
allocation that leads to it, in the order in which `experiments.assignment` has them: first the
clock, then consent, holdout, layer, audience and traffic share. All of them are shards of a salt,
rules, or a window; nothing is special.

A campaign of which a client could not give the very answer of the server is left out, and the
document says why.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from experiments.analysis import Basis
from experiments.assignment import Reason
from experiments.audience import Operator, number_of
from experiments.bucketing import TOTAL_SHARDS
from experiments.campaign import State, UnitKind
from experiments.layer import SlotRange, free_ranges
from experiments.member import CONSENT, text_of
from experiments.offer import is_worth_by_tier, public_terms
from experiments.portable_pattern import portable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import JsonValue

    from experiments.audience import Audience, Condition
    from experiments.campaign import Campaign
    from experiments.catalogue import Catalogue, CompiledCampaign
    from experiments.offer import Offer
    from experiments.programme import Programme

    JsonObject: TypeAlias = dict[str, JsonValue]

DEFAULT_VARIATION: Final = "(default)"
"""The variation of the default offer; no variant can have this key."""

TOO_LARGE: Final = 2**53
"""Clients read numbers as doubles, which are exact below this."""

TOO_SMALL: Final = 0.0001
"""Below this, languages write a number in different ways (``1e-05``)."""

_NUMBER_TEXT: Final = r"^[+\-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+\-]?[0-9]{1,3})?$"
"""What the evaluator takes for a number that is written as text; others also read ``inf``."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Omission(StrEnum):
    """Why a campaign is served remotely only."""

    DRAFT = "draft"
    ARCHIVED = "archived"
    EXTERNAL = "external"
    HOUSEHOLD = "household"
    CAP = "cap"
    TIER_VALUES = "tier_values"
    SERVER_LOGGED = "server_logged"
    ASSIGNED_BASIS = "assigned_basis"
    CHANGING_ATTRIBUTES = "changing_attributes"
    PATTERN = "pattern"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Omitted:
    """A campaign that the document leaves out.

    Attributes:
        detail: What exactly stands against it; empty where the reason says all.
    """

    key: str
    reason: Omission
    detail: str = ""


def ufc_document(
    catalogue: Catalogue, campaigns: Mapping[str, Campaign], programme: Programme | None
) -> JsonObject:
    """Give the configuration for clients that evaluate locally, as JSON values.

    It depends on what is configured alone, not on the clock: windows are part of it.

    Args:
        catalogue: What is to be written.
        campaigns: What it was compiled from, by key.
        programme: What it was compiled from; its name is the environment's.
    """
    constant = frozenset({"id", *(programme.constant_attributes if programme else ())})
    flags: JsonObject = {}
    omitted: list[JsonValue] = []
    for key, campaign in catalogue.campaigns.items():
        left_out = omission(campaign, campaigns[key], constant)
        if left_out is None:
            flags[key] = _flag(campaign)
        else:
            omitted.append({"key": key, "reason": left_out.reason, "detail": left_out.detail})
    updated = max((campaign.updated_at for campaign in campaigns.values()), default=_EPOCH)
    return {
        "createdAt": _moment(updated),
        "format": "SERVER",
        "environment": {"name": (programme.name if programme else "") or "tierlift"},
        "flags": flags,
        # Clients ignore fields that they do not know.
        "tierlift": {"catalogue_version": catalogue.version, "omitted": omitted},
    }


def omission(
    compiled: CompiledCampaign, campaign: Campaign, constant: frozenset[str]
) -> Omitted | None:
    """Give why a campaign cannot be decided by a client, or None where it can.

    Args:
        compiled: The campaign as it is evaluated.
        campaign: The same as it was configured.
        constant: Attributes that never change for a member.
    """
    offers = [*(variant.offer for variant in compiled.variants), compiled.default_offer]
    stands_against = {
        Omission.DRAFT: compiled.state is State.DRAFT,
        Omission.ARCHIVED: compiled.state is State.ARCHIVED,
        Omission.EXTERNAL: compiled.external,
        Omission.HOUSEHOLD: compiled.unit is UnitKind.HOUSEHOLD,
        Omission.CAP: campaign.design.is_capped,
        Omission.TIER_VALUES: any(map(is_worth_by_tier, offers)),
        Omission.SERVER_LOGGED: compiled.server_logs_exposures,
        Omission.ASSIGNED_BASIS: campaign.design.analysis.basis is Basis.ASSIGNED,
    }
    reason = next((reason for reason, stands in stands_against.items() if stands), None)
    if reason is not None:
        return Omitted(compiled.key, reason)
    return next(
        (
            Omitted(compiled.key, fault, detail)
            for fault, detail in _audience_faults(compiled.audience, constant)
        ),
        None,
    )


def _audience_faults(
    audience: Audience, constant: frozenset[str]
) -> Iterator[tuple[Omission, str]]:
    conditions = [condition for rule in audience.any_of for condition in rule.all_of]
    changing = sorted({condition.attribute for condition in conditions} - constant)
    if changing:
        yield Omission.CHANGING_ATTRIBUTES, ", ".join(changing)
    for condition in conditions:
        match condition.operator:
            case Operator.MATCHES | Operator.NOT_MATCHES:
                if portable(str(condition.value)) is None:
                    yield Omission.PATTERN, str(condition)
            case Operator.IS_NULL:
                if condition.value is True and condition.attribute != "id":
                    yield Omission.CHANGING_ATTRIBUTES, str(condition)  # it may become known
            case _:
                values = condition.value
                compared = values if isinstance(values, tuple) else (number_of(values),)
                if not all(map(_is_exact, compared)):
                    yield Omission.NUMBER, str(condition)


def _is_exact(value: object) -> bool:
    """Say whether every client reads and writes a number as the evaluator does."""
    match value:
        case bool():
            return True
        case int() | float():
            return value == 0 or TOO_SMALL <= abs(value) < TOO_LARGE
        case _:
            return True


def _flag(campaign: CompiledCampaign) -> JsonObject:
    offers: list[tuple[str | None, Offer]] = [
        (variant.key, variant.offer) for variant in campaign.variants
    ]
    return {
        "key": campaign.key,
        "enabled": True,  # a campaign that is paused or over answers with its default offer
        "variationType": "JSON",
        "totalShards": TOTAL_SHARDS,
        "variations": {
            variant or DEFAULT_VARIATION: {
                "key": variant or DEFAULT_VARIATION,
                "value": _value(campaign, variant, offer),
            }
            for variant, offer in [*offers, (None, campaign.default_offer)]
        },
        "allocations": list(_allocations(campaign)),
    }


def _value(campaign: CompiledCampaign, variant: str | None, offer: Offer) -> str:
    """Give what a client shows, as the address of a member's offer names it; never its cost."""
    shown = {
        "campaign": campaign.key,
        "phase": campaign.phase,
        "variant": variant,
        "offer_id": offer.offer_id or f"{campaign.key}.{variant or 'default'}",
        "offer": public_terms(offer),
        "texts": {locale: texts.model_dump() for locale, texts in offer.texts.items()},
        "expires_at": _moment(offer.expires_at) if offer.expires_at else None,
    }
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _allocations(campaign: CompiledCampaign) -> Iterator[JsonObject]:
    """Give the allocations in order; all but one lead to the default offer, and say why."""
    match campaign.state:
        case State.PAUSED:
            yield from _before_start(campaign)
            yield _default(Reason.PAUSED)
        case State.SCHEDULED | State.RUNNING:
            yield from _running(campaign)
        case _:
            yield from _before_start(campaign)
            yield _default(Reason.ENDED)


def _before_start(campaign: CompiledCampaign) -> Iterator[JsonObject]:
    if campaign.starts_at is not None:
        # A window's end is its last moment, ours the first one after it.
        yield _default(Reason.NOT_STARTED, endAt=_just_before(campaign.starts_at))


def _running(campaign: CompiledCampaign) -> Iterator[JsonObject]:
    yield from _before_start(campaign)
    if campaign.ends_at is not None:
        yield _default(Reason.ENDED, startAt=_moment(campaign.ends_at))
    # The client cannot ask who opted out: its caller says so, and saying nothing is no consent.
    yield _default(
        Reason.OPTED_OUT,
        rules=[
            {"conditions": [_condition(CONSENT, Operator.IS_NULL, value=True)]},
            {"conditions": [_condition(CONSENT, Operator.NOT_ONE_OF, ["true"])]},
        ],
    )
    yield from _excluded(campaign)
    rules: list[JsonValue] = [
        {"conditions": [one for condition in rule.all_of for one in _conditions(condition)]}
        for rule in campaign.audience.any_of
    ]
    admitted = _shard(campaign.traffic_salt, _first(campaign.traffic_slots))
    yield {
        "key": str(Reason.ASSIGNED),
        "rules": rules,
        "splits": [
            {
                "variationKey": variant.key,
                "shards": [admitted, _shard(campaign.split_salt, [variant.slots])],
                "extraLogging": {"phase": str(campaign.phase)},
            }
            for variant in campaign.variants
        ],
        "doLog": True,
    }
    yield _default(Reason.TRAFFIC, rules=rules)
    if rules:
        yield _default(Reason.NOT_ELIGIBLE)


def _excluded(campaign: CompiledCampaign) -> Iterator[JsonObject]:
    held_out = _shard(campaign.holdout_salt, _first(campaign.holdout_slots))
    yield _default(Reason.HELD_OUT, shards=[held_out])
    layer = campaign.layer
    if layer is not None:
        held_out = _shard(layer.holdout_salt, _first(layer.holdout_slots))
        yield _default(f"{Reason.HELD_OUT}.layer", shards=[held_out])
        elsewhere = _shard(layer.salt, free_ranges(layer.own))
        yield _default(Reason.OTHER_CAMPAIGN, shards=[elsewhere])


def _default(
    key: str, *, shards: list[JsonValue] | None = None, **window_or_rules: JsonValue
) -> JsonObject:
    """Give an allocation that leads to the default offer, of which no exposure is logged."""
    split: JsonObject = {"variationKey": DEFAULT_VARIATION, "shards": shards or []}
    return {"key": str(key), **window_or_rules, "splits": [split], "doLog": False}


def _shard(salt: str, held: Iterable[SlotRange]) -> JsonObject:
    ranges: list[JsonValue] = [{"start": one.start, "end": one.end} for one in held]
    return {"salt": salt, "ranges": ranges}


def _first(count: int) -> tuple[SlotRange, ...]:
    return (SlotRange(0, count),) if count else ()


def _conditions(condition: Condition) -> Iterator[JsonObject]:
    """Give a condition as those that mean the same to a client."""
    name, operator, value = condition.attribute, condition.operator, condition.value
    match operator:
        case Operator.MATCHES | Operator.NOT_MATCHES:
            yield _condition(name, operator, portable(str(value)))
        case Operator.GT | Operator.GTE | Operator.LT | Operator.LTE:
            yield _condition(name, Operator.MATCHES, _NUMBER_TEXT)
            yield _condition(name, operator, number_of(value))
        case _ if isinstance(value, tuple):
            yield _condition(name, operator, [text_of(one) for one in value])
        case _:
            yield _condition(name, operator, value)


def _condition(attribute: str, operator: Operator, value: JsonValue) -> JsonObject:
    return {"attribute": attribute, "operator": str(operator), "value": value}


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _just_before(moment: datetime) -> str:
    """Give the last nanosecond before a moment: the finest clock that a client may have."""
    before = moment - timedelta(microseconds=1)
    return before.isoformat(timespec="microseconds").replace("+00:00", "999Z")
