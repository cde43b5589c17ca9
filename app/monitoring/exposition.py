"""Writes figures as Prometheus and OpenMetrics read them, with `prometheus_client`."""

from __future__ import annotations

import platform
from itertools import accumulate
from typing import TYPE_CHECKING, assert_never

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import CollectorRegistry

from app.monitoring.series import BOUNDS_S, BUILD, QUARANTINE_OPEN, TABLE, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prometheus_client.metrics_core import Metric

    from app.monitoring.figures import Figures, Key
    from app.monitoring.series import Series


def exposition(
    figures: Figures, quarantined: Mapping[str, int], version: str, accept: str
) -> tuple[bytes, str]:
    """Give the text that Prometheus reads, and its media type.

    Args:
        figures: Of all processes together.
        quarantined: Open items by kind; empty where it is not known.
        version: Of Tierlift.
        accept: The header by which a client chooses the form.
    """
    # of this answer alone: the library's own would be shared by all applications of a process
    registry = CollectorRegistry()
    registry.register(_Collected(figures, quarantined, version))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


class _Collected:
    """Figures as the library's families."""

    def __init__(self, figures: Figures, quarantined: Mapping[str, int], version: str) -> None:
        self._values: dict[Key, float] = {
            **figures.counters,
            **{(name,): value for name, value in figures.gauges.items()},
            **{(QUARANTINE_OPEN.name, kind): number for kind, number in quarantined.items()},
            (BUILD.name, version, platform.python_version()): 1,
        }
        self._histograms = figures.histograms

    def collect(self) -> Iterator[Metric]:
        """Give every series that has a value."""
        for series in TABLE:
            family = self._family(series)
            if family.samples:
                yield family

    def _family(self, series: Series) -> Metric:
        name, meaning, labels = series.name, series.meaning, series.labels
        match series.shape:
            case Shape.HISTOGRAM:
                histogram = HistogramMetricFamily(name, meaning, labels=labels)
                for key, values in self._histograms.items():
                    if key[0] == name:
                        histogram.add_metric(key[1:], _cumulative(values), values[-1])
                return histogram
            case Shape.COUNTER:
                family: CounterMetricFamily | GaugeMetricFamily
                family = CounterMetricFamily(name, meaning, labels=labels)
            case Shape.TOTAL | Shape.HIGHEST | Shape.SHARED:
                family = GaugeMetricFamily(name, meaning, labels=labels)
            case _:
                assert_never(series.shape)
        for key, value in self._values.items():
            if key[0] == name:
                family.add_metric(key[1:], value)
        return family


def _cumulative(values: list[float]) -> list[tuple[str, float]]:
    totals = accumulate(values[:-1])
    bounds = ["+Inf" if bound == float("inf") else str(bound) for bound in BOUNDS_S]
    return list(zip(bounds, totals, strict=True))
