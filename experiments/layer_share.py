"""Takes the slots of a layer that a campaign asks for, out of those that no other holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.catalogue import held_ranges
from experiments.errors import LaunchRefused, Problem
from experiments.layer import SlotRange, slots, take
from experiments.store.campaigns import read_campaigns

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from experiments.campaign import Campaign


def layer_ranges(connection: Connection, campaign: Campaign) -> tuple[SlotRange, ...]:
    """Give the slots of the layer that the campaign takes.

    Raises:
        LaunchRefused: Too few are free, or the layer's campaigns go by another unit.
    """
    use = campaign.design.layer
    if use is None:
        return ()
    others = [
        (other, ranges)
        for other in read_campaigns(connection)
        if other.key != campaign.key and (ranges := held_ranges(other, use.key))
    ]
    unit = campaign.design.randomization_unit
    strangers = [o.key for o, _ in others if o.design.randomization_unit is not unit]
    if strangers:
        raise LaunchRefused(
            [
                Problem(
                    "randomization_unit",
                    str(unit),
                    f"is not that of {', '.join(strangers)} in layer {use.key!r}, so they would "
                    "not exclude one another",
                    "Use the same unit, or another layer.",
                )
            ]
        )
    taken = [held for _, ranges in others for held in ranges]
    wanted = take(slots(use.share), taken)
    if wanted is None:
        free = 100 - sum(held.end - held.start for held in taken) / 100
        held_by = ", ".join(
            f"{other.key} {sum(held.end - held.start for held in ranges) / 100:g} %"
            for other, ranges in others
        )
        raise LaunchRefused(
            [
                Problem(
                    "layer.share",
                    float(use.share),
                    f"is more than the {free:g} % of layer {use.key!r} that is free ({held_by})",
                    "Ask for less, or stop a campaign that holds it.",
                )
            ]
        )
    return wanted
