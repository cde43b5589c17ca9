"""The figures of a process at one moment, and how those of several become one."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import add
from typing import TYPE_CHECKING, TypeAlias

import orjson

from app.monitoring.series import TABLE, Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

Key: TypeAlias = tuple[str, ...]
"""Name of a series, and the values of its labels."""

_HIGHEST = frozenset(one.name for one in TABLE if one.shape is Shape.HIGHEST)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a process has counted, and how it stands.

    Attributes:
        counters: What only grows.
        histograms: Counts by upper bound, each by itself, and the sum of the values at the end.
        gauges: How things stand.
    """

    counters: dict[Key, float] = field(default_factory=dict)
    histograms: dict[Key, list[float]] = field(default_factory=dict)
    gauges: dict[str, float] = field(default_factory=dict)

    def counted(self) -> Figures:
        """Give what stays true once the process has ended."""
        return Figures(self.counters, self.histograms)

    def to_json(self) -> bytes:
        """Give them as `from_json` reads them."""
        return orjson.dumps(
            {
                "counters": list(self.counters.items()),
                "histograms": list(self.histograms.items()),
                "gauges": self.gauges,
            }
        )


def from_json(text: bytes) -> Figures:
    """Read what `Figures.to_json` wrote."""
    document = orjson.loads(text)
    return Figures(
        {tuple(key): value for key, value in document["counters"]},
        {tuple(key): values for key, values in document["histograms"]},
        document["gauges"],
    )


def together(several: Iterable[Figures]) -> Figures:
    """Give the figures of several processes as those of one."""
    counters: dict[Key, float] = {}
    histograms: dict[Key, list[float]] = {}
    gauges: dict[str, float] = {}
    for one in several:
        for key, value in one.counters.items():
            counters[key] = counters.get(key, 0) + value
        for key, values in one.histograms.items():
            known = histograms.get(key)
            histograms[key] = values if known is None else list(map(add, known, values))
        for name, value in one.gauges.items():
            before = gauges.get(name, 0.0)
            gauges[name] = max(before, value) if name in _HIGHEST else before + value
    return Figures(counters, histograms, gauges)
