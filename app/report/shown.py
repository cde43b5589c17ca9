"""The smallest things that a page shows: a variant's name, and an estimate with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.formatting import Number


@dataclass(frozen=True, slots=True)
class VariantName:
    """A variant as readers know it."""

    key: str
    name: str
    is_control: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An estimate with its interval, or the sentence that stands in for what does not exist.

    Attributes:
        estimate: `None` where there is none.
        low: Lower end of its interval; `None` where there is none.
        high: Upper end.
        sentence: Why something is missing, or why it is certain.
    """

    estimate: Number | None
    low: Number | None = None
    high: Number | None = None
    sentence: str = ""
