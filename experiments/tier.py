"""Decides the order of tiers; which tiers there are is the programme's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from experiments.document import Document, Key


class Tier(Document):
    """One rung of the ladder.

    Attributes:
        key: What members carry in their attribute ``tier``.
        name: What people read; may be renamed at any time.
        entry_threshold_minor: Spend in minor units that admits to it, where spend does.
        manual: Given by hand and never taken away by a rule.
    """

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    entry_threshold_minor: Annotated[int, Field(strict=True, ge=0)] | None = None
    manual: Annotated[bool, Field(strict=True)] = False


class Ladder(Document):
    """The ordered tiers of a programme, lowest first."""

    tiers: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _keys_differ(self) -> Ladder:
        keys = [tier.key for tier in self.tiers]
        if len(set(keys)) < len(keys):
            message = f"tier keys must differ; these are {', '.join(keys)}"
            raise ValueError(message)
        return self

    def keys(self) -> tuple[str, ...]:
        """Give the tier keys, lowest first."""
        return tuple(tier.key for tier in self.tiers)

    def rank(self, key: str) -> int:
        """Give the place of a tier, 0 for the lowest.

        Raises:
            ValueError: The ladder has no such tier.
        """
        return self.keys().index(key)

    def from_tier_up(self, key: str) -> tuple[str, ...]:
        """Give a tier and all above it: whoever reached Diamond reached Gold, too."""
        return self.keys()[self.rank(key) :]
