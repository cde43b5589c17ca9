"""Decides which slots of a layer a campaign holds, and who is held out of it.

Campaigns in one layer exclude one another: they hold disjoint slot ranges of one shared salt. A
holdout is the first slots of a salt of its own, shared by the campaigns that it keeps members from.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from experiments.bucketing import TOTAL_SHARDS
from experiments.document import Document, Key, Percent

if TYPE_CHECKING:
    from collections.abc import Iterable


HOLDOUT_SALT: Final = "holdout"
"""Salt of the programme's holdout; campaign salts contain a colon, so none can equal it."""


class Layer(Document):
    """A set of campaigns that exclude one another.

    Attributes:
        holdout_share: Share of units kept from every campaign of the layer, in per cent.
    """

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    holdout_share: Percent = Decimal("0.00")


class LayerUse(Document):
    """How much of a layer a campaign takes.

    Attributes:
        share: Share of the layer's units that the campaign may enrol, in per cent; the units of
            another campaign's share see this campaign's default offer.
    """

    key: Key
    share: Annotated[Percent, Field(gt=0)]


@dataclass(frozen=True, slots=True, order=True)
class SlotRange:
    """Slots from `start` up to, but without, `end`."""

    start: int
    end: int

    def __contains__(self, slot: int) -> bool:
        """Say whether a slot lies in the range."""
        return self.start <= slot < self.end


def slots(share: Decimal) -> int:
    """Give a share in per cent as slots; shares have two decimals, so this is exact."""
    return int(share * (TOTAL_SHARDS // 100))


def layer_salt(layer: str) -> str:
    """Give the salt whose slots the campaigns of a layer share out."""
    return f"layer:{layer}"


def layer_holdout_salt(layer: str) -> str:
    """Give the salt that decides who is kept from a whole layer."""
    return f"layer:{layer}:holdout"


def free_ranges(taken: Iterable[SlotRange]) -> tuple[SlotRange, ...]:
    """Give the slot ranges of a layer that no campaign holds, in order."""
    free: list[SlotRange] = []
    cursor = 0
    for held in sorted(taken):
        if held.start > cursor:
            free.append(SlotRange(cursor, held.start))
        cursor = max(cursor, held.end)
    if cursor < TOTAL_SHARDS:
        free.append(SlotRange(cursor, TOTAL_SHARDS))
    return tuple(free)


def take(wanted: int, taken: Iterable[SlotRange]) -> tuple[SlotRange, ...] | None:
    """Give the first free slots, as few ranges as come first, or None where too few are free."""
    ranges: list[SlotRange] = []
    missing = wanted
    for free in free_ranges(taken):
        end = min(free.end, free.start + missing)
        ranges.append(SlotRange(free.start, end))
        missing -= end - free.start
        if missing == 0:
            return tuple(ranges)
    return None
