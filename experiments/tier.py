"""Decides the order of tiers; which tiers there are is the programme's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from experiments.document import Document, Key
from experiments.score import Path, Points


class Tier(Document):
    """One rung of the ladder; of the ways to it any one suffices.

    Attributes:
        key: What members carry in their attribute ``tier``.
        name: What people read; may be renamed at any time.
        entry_threshold_minor: Spend in minor units that admits to it, where spend does: net of
            refunds, over the programme's `qualifying_days`.
        entry_score: Score that admits to it, where the score does.
        paths: Other measures that admit to it.
        manual: Given by hand, and neither given nor taken away by a rule.
        benefit_cost_minor: What the tier's benefits cost per member and year, where it is known.
    """

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    entry_threshold_minor: Annotated[int, Field(strict=True, ge=0)] | None = None
    entry_score: Points | None = None
    paths: tuple[Path, ...] = ()
    manual: Annotated[bool, Field(strict=True)] = False
    benefit_cost_minor: Annotated[int, Field(strict=True, ge=0)] | None = None

    @property
    def has_rule(self) -> bool:
        """Whether facts can admit to it."""
        return bool(
            self.entry_threshold_minor is not None or self.entry_score is not None or self.paths
        )


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
