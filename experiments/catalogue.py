"""Compiles the campaigns to one immutable, versioned document that the evaluator reads.

The semantics are those of the Universal Flag Configuration: shards of salts, ranges `[start, end)`,
the first match wins. Holdout, layer, traffic share and split are one mechanism with four salts.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from experiments.audience import compiled
from experiments.bucketing import TOTAL_SHARDS
from experiments.campaign import AssignedBy, ExposureLogging, State, UnitKind
from experiments.layer import HOLDOUT_SALT, SlotRange, layer_holdout_salt, layer_salt, slots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from experiments.audience import Admission, Audience
    from experiments.campaign import Campaign, CampaignDesign, Phase
    from experiments.offer import Offer
    from experiments.programme import Programme

_NO_CAPS: Final[Mapping[str, int]] = MappingProxyType({})
ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
NEVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CompiledVariant:
    """A variant with the slots of the split salt that lead to it (none for a zero share)."""

    key: str
    control: bool
    offer: Offer
    slots: SlotRange


@dataclass(frozen=True, slots=True)
class CompiledLayer:
    """What a campaign holds of its layer, and what all of them hold.

    Attributes:
        own: The campaign's ranges.
        holders: The key of the campaign that holds a slot, or None where none does, by slot; one
            tuple for all campaigns of the layer.
    """

    key: str
    salt: str
    holdout_salt: str
    holdout_slots: int
    own: tuple[SlotRange, ...]
    holders: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class CompiledCampaign:
    """One campaign, ready to be evaluated; see `experiments.assignment`.

    Attributes:
        audience: The rules as data; `admission` is what they were compiled to.
        cap: How many units may be enrolled; None for any number.
        variant_caps: The same of single variants that have such a cap.
        is_capped: Whether anything may run out, at which enrolment closes in every variant.
        is_closed: Whether it has: nobody is assigned any more who was not before.
        assigns_from: First moment at which it assigns anyone.
        assigns_until: First moment at which it no longer does; no later than `assigns_from` where
            its state or an external split lets it assign nobody.
    """

    key: str
    phase: int
    state: State
    starts_at: datetime | None
    ends_at: datetime | None
    unit: UnitKind
    external: bool
    server_logs_exposures: bool
    holdout_salt: str
    holdout_slots: int
    layer: CompiledLayer | None
    audience: Audience
    admission: Admission | None
    traffic_salt: str
    traffic_slots: int
    split_salt: str
    variants: tuple[CompiledVariant, ...]
    split_ends: tuple[int, ...]
    variant_by_key: Mapping[str, CompiledVariant]
    cap: int | None
    default_offer: Offer
    variant_caps: Mapping[str, int] = field(default_factory=lambda: _NO_CAPS)
    is_capped: bool = False
    is_closed: bool = False
    assigns_from: datetime = field(init=False)
    assigns_until: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Decide once what the state and the two ends of the window say of any moment."""
        serves = self.state in {State.SCHEDULED, State.RUNNING} and not self.external
        object.__setattr__(self, "assigns_from", (self.starts_at or ALWAYS) if serves else NEVER)
        object.__setattr__(self, "assigns_until", (self.ends_at or NEVER) if serves else NEVER)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The compiled campaigns of a programme.

    Attributes:
        revision: Counts changes of the store; a process compares it to know whether to reload.
        version: Hash of what was compiled: equal catalogues have equal versions anywhere.
        served: Those that a bulk answer names, by key: neither drafts nor archived.
        locales: What offers are written in; the first one is the fallback.
    """

    revision: int
    version: str
    campaigns: Mapping[str, CompiledCampaign]
    served: tuple[CompiledCampaign, ...] = ()
    locales: tuple[str, ...] = ("en",)


def traffic_salt(campaign: str, phase: int) -> str:
    """Give the salt that decides which part of the eligible is admitted."""
    return f"{campaign}:{phase}:traffic"


def split_salt(campaign: str, phase: int) -> str:
    """Give the salt that decides the variant.

    It is not the traffic's: raising the traffic share admits members to all variants alike and
    moves nobody.
    """
    return f"{campaign}:{phase}:split"


def split_slots(design: CampaignDesign) -> tuple[SlotRange, ...]:
    """Give the slot ranges of the variants, in their order; shares have two decimals: exact."""
    ranges = []
    start = 0
    for variant in design.variants:
        end = start + slots(variant.planned_share)
        ranges.append(SlotRange(start, end))
        start = end
    return tuple(ranges)


def compile_catalogue(
    programme: Programme | None,
    campaigns: Iterable[Campaign],
    *,
    revision: int,
    closed: AbstractSet[tuple[str, int]] = frozenset(),
) -> Catalogue:
    """Give the catalogue of all campaigns, whatever their state: the evaluator says why not.

    Args:
        programme: With its holdout, layers and locales.
        campaigns: In any order.
        revision: Of the store that they were read from.
        closed: Campaigns and phases in which something is exhausted.
    """
    everything = sorted(campaigns, key=lambda campaign: campaign.key)
    holders = _holders_by_layer(everything)
    compiled_campaigns = {
        campaign.key: _compiled_campaign(campaign, programme, holders, closed)
        for campaign in everything
    }
    return Catalogue(
        revision=revision,
        version=_version(programme, everything, closed),
        campaigns=MappingProxyType(compiled_campaigns),
        served=tuple(
            campaign
            for campaign in compiled_campaigns.values()
            if campaign.state not in {State.DRAFT, State.ARCHIVED}
        ),
        locales=programme.locales if programme else ("en",),
    )


def _compiled_campaign(
    campaign: Campaign,
    programme: Programme | None,
    holders: Mapping[str, tuple[str | None, ...]],
    closed: AbstractSet[tuple[str, int]],
) -> CompiledCampaign:
    phase = campaign.phase
    # Texts, traffic and end may change while a phase runs; the phase keeps the rest as launched.
    design = campaign.design
    number = phase.number if phase else 0
    variants = tuple(
        CompiledVariant(variant.key, variant is design.control, variant.offer, held)
        for variant, held in zip(design.variants, split_slots(design), strict=True)
    )
    return CompiledCampaign(
        key=campaign.key,
        phase=number,
        state=campaign.state,
        starts_at=phase.started_at if phase else None,
        ends_at=design.ends_at,
        unit=design.randomization_unit,
        external=design.assigned_by is AssignedBy.EXTERNAL,
        server_logs_exposures=design.exposure_logging is ExposureLogging.SERVER,
        holdout_salt=HOLDOUT_SALT,
        holdout_slots=slots(programme.holdout_share) if programme else 0,
        layer=_compiled_layer(design, phase, programme, holders),
        audience=design.audience,
        admission=compiled(design.audience),
        traffic_salt=traffic_salt(campaign.key, number),
        traffic_slots=slots(design.traffic_share),
        split_salt=split_salt(campaign.key, number),
        variants=variants,
        split_ends=tuple(variant.slots.end for variant in variants),
        variant_by_key=MappingProxyType({variant.key: variant for variant in variants}),
        cap=design.caps.units,
        default_offer=design.default_offer,
        variant_caps=MappingProxyType(
            {key: caps.units for key, caps in design.caps.variants.items() if caps.units}
        ),
        is_capped=design.is_capped,
        is_closed=(campaign.key, number) in closed,
    )


def _compiled_layer(
    design: CampaignDesign,
    phase: Phase | None,
    programme: Programme | None,
    holders: Mapping[str, tuple[str | None, ...]],
) -> CompiledLayer | None:
    if design.layer is None:
        return None
    key = design.layer.key
    declared = programme.layer(key) if programme else None
    return CompiledLayer(
        key=key,
        salt=layer_salt(key),
        holdout_salt=layer_holdout_salt(key),
        holdout_slots=slots(declared.holdout_share) if declared else 0,
        own=phase.layer_ranges if phase else (),
        holders=holders[key],
    )


def _holders_by_layer(campaigns: list[Campaign]) -> dict[str, tuple[str | None, ...]]:
    holders: dict[str, list[str | None]] = {}
    for campaign in campaigns:
        if (use := campaign.design.layer) is not None:
            of_layer = holders.setdefault(use.key, [None] * TOTAL_SHARDS)
            for held in held_ranges(campaign, use.key):
                of_layer[held.start : held.end] = [campaign.key] * (held.end - held.start)
    return {layer: tuple(keys) for layer, keys in holders.items()}


def held_ranges(campaign: Campaign, layer: str) -> tuple[SlotRange, ...]:
    """Give the slots of a layer that a campaign holds: from its launch until it is stopped."""
    if campaign.state not in {State.SCHEDULED, State.RUNNING, State.PAUSED}:
        return ()
    use = campaign.design.layer
    if use is None or use.key != layer or campaign.phase is None:
        return ()
    return campaign.phase.layer_ranges


def _version(
    programme: Programme | None,
    campaigns: list[Campaign],
    closed: AbstractSet[tuple[str, int]],
) -> str:
    parts: list[object] = [programme.model_dump(mode="json") if programme else None]
    for campaign in campaigns:
        phase = campaign.phase
        parts.append(
            {
                "design": campaign.design.model_dump(mode="json"),
                "state": str(campaign.state),
                "phase": phase.number if phase else 0,
                "started_at": phase.started_at.isoformat() if phase else None,
                "layer_ranges": [[r.start, r.end] for r in phase.layer_ranges] if phase else [],
            }
        )
    if closed:
        parts.append({"closed": sorted(closed)})
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
