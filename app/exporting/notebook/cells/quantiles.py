"""Quantiles by order statistics: the value of a rank, and ranks whose chances are binomial."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

from app.exporting.notebook.cells.effects import (
    Point,
    check_difference,
    check_guardrail,
    check_lift,
)
from app.exporting.notebook.cells.sums import sums_of

if TYPE_CHECKING:
    import pandas as pd

    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Table


class Order(NamedTuple):
    """A quantile, the values at the ranks of its interval, and its point if it has an error."""

    value: float
    low: float
    high: float
    point: Point


def check_quantiles(
    ledger: Ledger, columns: Node, table: Table, units: pd.DataFrame, events: pd.DataFrame
) -> dict[str, dict[str, Point]]:
    """Check every quantile metric; gives the quantile of each variant, by metric."""
    report, points = ledger.report, {}
    for named, metric in zip(columns["metrics"], report["metrics"], strict=True):
        if metric["definition"]["kind"] != "quantile":
            continue
        found: dict[str, Order] = {}
        for node in metric["variants"]:
            values, of_units = values_of(units, events, named, node["variant"])
            check_counts(ledger, node, table, metric["key"])
            if len(values):
                order = order_of(values, of_units, metric, report["alpha"])
                ledger.note(node["value"], "estimate", order.value)
                ledger.note(node["value"], "ci_low", order.low)
                ledger.note(node["value"], "ci_high", order.high)
                found[node["variant"]] = order
        for node in metric["comparisons"]:
            pair = [found.get(node[who]) for who in ("control", "treatment")]
            if pair[0] is not None and pair[1] is not None:
                both = pair[0].point, pair[1].point
                check_difference(ledger, node["difference"], *both, report["alpha"])
                check_lift(ledger, node["lift"], *both, report["alpha"])
                check_guardrail(ledger, node["non_inferiority"], *both)
        points[metric["key"]] = {key: order.point for key, order in found.items()}
    return points


def values_of(
    units: pd.DataFrame, events: pd.DataFrame, named: Node, variant: str
) -> tuple[np.ndarray, pd.DataFrame | None]:
    """Give the values of a variant, and their units where a unit has several."""
    if named["per_event"]:
        own = events[(events["metric"] == named["key"]) & (events["variant"] == variant)]
        return np.sort(own["value"].to_numpy(dtype=float)), own
    own = units[(units["variant"] == variant) & units[named["mature"]]]
    return np.sort(own[named["value"]].dropna().to_numpy(dtype=float)), None


def check_counts(ledger: Ledger, node: Node, table: Table, key: str) -> None:
    """Check what the units of a variant add up to."""
    sums, counts = table.of(key, node["variant"]), table.counts.get((key, node["variant"]))
    ledger.note(node, "n", sums.n)
    ledger.note(node, "denominator_total", sums.n)
    ledger.note(node, "numerator_total", float(sums.totals[0]))
    if counts is not None:
        ledger.note(node, "immature_units", counts.units - sums.n)
        ledger.note(node, "nonzero_units", counts.nonzero)
        ledger.note(node, "minimum", counts.minimum)
        ledger.note(node, "maximum", counts.maximum)


def order_of(
    values: np.ndarray, of_units: pd.DataFrame | None, metric: Node, alpha: float
) -> Order:
    """Give the quantile and its interval.

    The interval's ranks are the closest that miss the quantile with a chance of at most alpha / 2
    on either side; several values of a unit widen it by the design effect.
    """
    share, n = float(metric["definition"]["quantile"]), len(values)
    centre = max(1, math.ceil(n * Decimal(str(metric["definition"]["quantile"]))))
    effect = 1.0 if of_units is None else design_effect(of_units, values[centre - 1])
    sd = math.sqrt(n * share * (1 - share) * effect)
    z = float(stats.norm.isf(alpha / 2))
    low, high = max(1, math.floor(n * share - z * sd)), min(n, math.ceil(n * share + z * sd) + 1)
    if effect == 1:
        ranks = np.arange(1, n + 1)
        below = stats.binom.cdf(ranks - 1, n, share)  # P(fewer than rank values lie below)
        low = int(ranks[below <= alpha / 2].max(initial=1))
        above = stats.binom.sf(ranks - 1, n, share)  # P(at least rank values lie below)
        high = int(ranks[above <= alpha / 2].min(initial=n))
        missed = below[low - 1] + above[high - 1]
        width = -2 * float(stats.norm.ppf(missed / 2))
    else:
        width = (high - low) / sd
    bounds = float(values[low - 1]), float(values[high - 1])
    df = max(1.0, (high - low) / (2 * max(1.0, effect)))
    error = (bounds[1] - bounds[0]) / width
    return Order(float(values[centre - 1]), *bounds, Point(float(values[centre - 1]), error, n, df))


def design_effect(of_units: pd.DataFrame, centre: float) -> float:
    """Give how much more the share at or below varies than that of independent values."""
    marked = of_units.assign(low=(of_units["value"] <= centre).astype(float), rows=1.0)
    sums = sums_of(marked.groupby("unit")[["low", "rows"]].sum(), ["low", "rows"])
    rows = sums.totals[1]
    share = sums.totals[0] / rows
    independent = share * (1 - share) / rows
    if sums.n < 2 or independent == 0:  # noqa: PLR2004 - a variance takes two
        return 1.0
    spread = sums.centred[0, 0] - 2 * share * sums.centred[0, 1] + share**2 * sums.centred[1, 1]
    clustered = max(0.0, spread) * sums.n / (sums.n - 1) / rows**2
    return float(max(1.0, clustered / independent))
