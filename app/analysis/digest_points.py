"""Reads of a scorecard's document every variant's value with its standard error, metric by metric.

What effects of several campaigns are pooled from. The errors are the scorecard's own: of values
that were adjusted by covariates as they stand, of others taken back from their interval. Metrics
whose values have no such error (quantiles, times) have no points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from stats.inference.outcome import Method
from stats.inference.point import Point, t_quantile
from stats.plan import MetricRole
from stats.scorecard import State

if TYPE_CHECKING:
    from collections.abc import Mapping

ADJUSTED: Final = "adjusted"


@dataclass(frozen=True, slots=True)
class MetricPoints:
    """A metric's values in the variants of one campaign.

    Attributes:
        key: Of the metric.
        is_oec: Whether it decides.
        is_better_higher: Whether more of it is better.
        is_ready: Whether its windows have closed and its events came.
        points: By variant; of each that has a value with an error.
    """

    key: str
    is_oec: bool
    is_better_higher: bool
    is_ready: bool
    points: Mapping[str, Point]


def points_of(document: Mapping[str, Any]) -> dict[str, MetricPoints]:
    """Give the points of every metric of a scorecard, by the metric's key."""
    oec = document.get("oec")
    raw = oec["metric"] if oec and oec["estimate"] != ADJUSTED else None
    return {one["key"]: _metric(one, is_raw=one["key"] == raw) for one in document["metrics"]}


def _metric(metric: Mapping[str, Any], *, is_raw: bool) -> MetricPoints:
    return MetricPoints(
        key=metric["key"],
        is_oec=metric["role"] == MetricRole.OEC,
        is_better_higher=metric["definition"].get("direction", "higher") == "higher",
        is_ready=metric["state"] == State.READY,
        points=_raw(metric) if is_raw else _adjusted(metric) or _raw(metric),
    )


def _adjusted(metric: Mapping[str, Any]) -> dict[str, Point]:
    adjusted = metric.get("adjusted")
    if not adjusted or any(one["std_error"] is None for one in adjusted["variants"]):
        return {}
    units = {one["variant"]: one["n"] for one in metric["variants"]}
    return {
        one["variant"]: Point(one["value"], one["std_error"], units[one["variant"]])
        for one in adjusted["variants"]
    }


def _raw(metric: Mapping[str, Any]) -> dict[str, Point]:
    found = {one["variant"]: _point(one["value"], one["n"]) for one in metric["variants"]}
    return {variant: point for variant, point in found.items() if point is not None}


def _point(value: Mapping[str, Any] | None, n: int) -> Point | None:
    """Give the value with its standard error, ddof 1, or None where it has none."""
    if not value or value.get("status") != "estimated" or n <= 1:
        return None
    estimate = value["estimate"]
    match value["method"]:
        case Method.WILSON:  # the interval of a rate is not symmetric
            return Point(estimate, math.sqrt(max(0.0, estimate * (1 - estimate)) / (n - 1)), n)
        case Method.STUDENT | Method.DELTA_STUDENT:
            half = (value["ci_high"] - value["ci_low"]) / 2
            return Point(estimate, half / t_quantile(n - 1, value["alpha"]), n)
        case _:
            return None
