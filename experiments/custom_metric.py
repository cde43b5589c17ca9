"""Says what a metric of the business's own is, as it is kept; others check its definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """A named definition, one of its versions.

    Attributes:
        key: Under which campaigns refer to it.
        version: From 1; every change makes a new one, and the old ones are kept.
        definition: As JSON values, without the key; None once it was deleted.
        set_at: When this version was made.
        actor: Who made it.
    """

    key: str
    version: int
    definition: Mapping[str, Any] | None
    set_at: datetime
    actor: str
