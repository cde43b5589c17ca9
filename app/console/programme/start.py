"""What is proposed for a first programme: currency, zone, thresholds, by the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.language import Language, marked

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Start:
    """A proposal that is easily changed.

    Attributes:
        thresholds: Spend in a year, in whole units of the currency, lowest tier first.
    """

    time_zone: str
    currency: str
    locales: tuple[str, ...]
    thresholds: tuple[int, int, int, int]


STARTS: Final[Mapping[Language, Start]] = MappingProxyType(
    {
        Language.ENGLISH: Start("Europe/London", "GBP", ("en",), (0, 300, 1_000, 3_000)),
        Language.TRADITIONAL_CHINESE: Start(
            "Asia/Taipei", "TWD", ("zh-Hant-TW", "en"), (0, 12_000, 40_000, 120_000)
        ),
        Language.SIMPLIFIED_CHINESE: Start(
            "Asia/Shanghai", "CNY", ("zh-Hans-CN", "en"), (0, 3_000, 10_000, 30_000)
        ),
    }
)

TIER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "bronze": marked("Bronze"),
        "silver": marked("Silver"),
        "gold": marked("Gold"),
        "diamond": marked("Diamond"),
    }
)
"""Keys and names of the tiers, lowest first."""
