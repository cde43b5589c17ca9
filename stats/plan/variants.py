"""Whom and what is compared: the randomization unit, the variants, and who counts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from stats.errors import InvalidPlan

FORBID = ConfigDict(extra="forbid")


class RandomizationUnit(StrEnum):
    """What is hashed and counted."""

    MEMBER = "member"
    HOUSEHOLD = "household"


class Basis(StrEnum):
    """Which units count, the same in every variant."""

    EXPOSED = "exposed"  # those that could feel the difference, from their first exposure
    ASSIGNED = "assigned"  # all those a variant was decided for, from their assignment


class CrossoverRule(StrEnum):
    """What becomes of a unit that was seen in two variants."""

    EXCLUDE = "exclude"
    KEEP_FIRST = "keep_first"


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """A variant of the plan.

    Attributes:
        key: Its name.
        planned_share: Its share of the units, 0 to 1; `None` when the split was not planned here.
        is_control: Whether the others are compared with it.
    """

    key: str
    planned_share: Decimal | None
    is_control: bool = False
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a variant without a name and a share that is none."""
        if not self.key:
            raise InvalidPlan(self.key, field="variants.key", expected="name the variant")
        share = self.planned_share
        if share is not None and not (share.is_finite() and 0 <= share <= 1):
            way_out = "give a share from 0 to 1, such as 0.5"
            raise InvalidPlan(share, field=f"variants.{self.key}.planned_share", expected=way_out)


def check_variants(variants: tuple[PlannedVariant, ...]) -> None:
    """Refuse variants that share a key, have no single control, or shares that are not whole."""
    keys = [variant.key for variant in variants]
    if len(set(keys)) < len(keys):
        raise InvalidPlan(keys, field="variants", expected="give every variant a key of its own")
    controls = [variant.key for variant in variants if variant.is_control]
    if len(controls) != 1:
        raise InvalidPlan(
            controls, field="variants.is_control", expected="make exactly one variant the control"
        )
    if len(keys) == 1:
        raise InvalidPlan(
            keys, field="variants", expected="give at least one treatment besides the control"
        )
    shares = [v.planned_share for v in variants if v.planned_share is not None]
    total = sum(shares, Decimal(0))
    if total > 1 or (len(shares) == len(keys) and total != 1):
        raise InvalidPlan(
            str(total), field="variants.planned_share", expected="shares must total exactly 1"
        )
