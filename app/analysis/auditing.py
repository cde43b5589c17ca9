"""The rule that decided a phase's variants, as the analysis recomputes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.catalogue import compile_catalogue
from experiments.store.campaigns import read_campaigns
from experiments.store.engine import reading
from experiments.store.programme import read_programme
from stats.aggregation.audit_counts import NotAudited
from stats.sentence import said

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from experiments.catalogue import CompiledCampaign
    from stats.aggregation.audit import BucketingRule


def audit_rule(engine: Engine, campaign: str, phase: int) -> BucketingRule | NotAudited:
    """Give the compiled rule of a campaign's phase, or why there is none to recompute."""
    with reading(engine) as connection:
        programme = read_programme(connection)
        campaigns = read_campaigns(connection)
    compiled = compile_catalogue(programme, campaigns, revision=0).campaigns[campaign]
    return bucketing_rule(compiled, phase)


def bucketing_rule(campaign: CompiledCampaign, phase: int) -> BucketingRule | NotAudited:
    """Give the salts and slots of a compiled campaign as the analysis takes them."""
    # Ibis takes a while to load; whoever only serves offers never pays for it.
    from stats.aggregation.audit import (  # noqa: PLC0415  # as said above
        BucketingRule,
        HoldoutSlots,
        LayerSlots,
        Slots,
        VariantSlots,
    )

    if campaign.external:
        return NotAudited(said("The split was made elsewhere, so there is no rule to recompute."))
    if campaign.phase != phase:
        return NotAudited(said("This phase is over; its holdouts may have changed since."))
    layer = campaign.layer
    holdouts = [HoldoutSlots(campaign.holdout_salt, campaign.holdout_slots)]
    if layer is not None:
        holdouts.append(HoldoutSlots(layer.holdout_salt, layer.holdout_slots))
    return BucketingRule(
        campaign.split_salt,
        tuple(VariantSlots(v.key, Slots(v.slots.start, v.slots.end)) for v in campaign.variants),
        campaign.traffic_salt,
        campaign.traffic_slots,
        tuple(held for held in holdouts if held.below),
        None
        if layer is None
        else LayerSlots(layer.salt, tuple(Slots(own.start, own.end) for own in layer.own)),
    )
