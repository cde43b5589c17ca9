"""Says what the variants of a campaign are and which shares are planned for them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from experiments.document import Document, Key, Percent
from experiments.offer import NoOffer, Offer

if TYPE_CHECKING:
    from collections.abc import Sequence

MIN_VARIANTS: Final = 2
MAX_VARIANTS: Final = 8
CONTROL: Final = "control"
WHOLE: Final = Decimal("100.00")


class Variant(Document):
    """What a member may be given.

    Attributes:
        planned_share: Share of the admitted members that is planned for it, in per cent.
        control: Whether the others are compared with it; a variant with the key ``control`` is the
            control where no variant says so.
    """

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    planned_share: Percent
    control: Annotated[bool, Field(strict=True)] = False
    offer: Offer = NoOffer()


def control_of(variants: Sequence[Variant]) -> Variant | None:
    """Give the control, or None where there is not exactly one."""
    said = [variant for variant in variants if variant.control]
    named = [variant for variant in variants if variant.key == CONTROL]
    chosen = said or named
    return chosen[0] if len(chosen) == 1 else None


def variants_fault(variants: Sequence[Variant]) -> str | None:
    """Give what is wrong with a set of variants as a sentence, or None.

    Shares are never made to fit: members who were promised 50 % must get 50 %.
    """
    if not MIN_VARIANTS <= len(variants) <= MAX_VARIANTS:
        return (
            f"a campaign has at least {MIN_VARIANTS} and at most {MAX_VARIANTS} variants, "
            f"control included; these are {len(variants)}"
        )
    keys = [variant.key for variant in variants]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        return f"variant keys must differ; {', '.join(twice)} stands more than once"
    if control_of(variants) is None:
        return (
            "exactly one variant must be the control; set control: true on one, "
            f"or give one the key {CONTROL!r} (these are {', '.join(keys)})"
        )
    total = sum((variant.planned_share for variant in variants), Decimal(0))
    if total != WHOLE:
        shares = " + ".join(str(variant.planned_share) for variant in variants)
        return f"planned shares must total {WHOLE} %; {shares} = {total}"
    return None
