"""Every metric: values, effects, guardrails, variance reduction, held outliers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from app.exporting.notebook.cells.effects import (
    Point,
    check_difference,
    check_exact,
    check_guardrail,
    check_lift,
    check_value,
    point_of,
    ratio_of,
)
from app.exporting.notebook.cells.sums import together

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Sums, Table


SUMMED = {"mean", "proportion", "ratio"}


def check_metrics(ledger: Ledger, columns: Node, table: Table) -> None:
    """Check every metric that sums are enough for."""
    report = ledger.report
    for named, metric in zip(columns["metrics"], report["metrics"], strict=True):
        kind = metric["definition"]["kind"]
        if kind not in SUMMED:
            continue
        for node in metric["variants"]:
            check_variant(ledger, node, table, metric["key"], kind, report["alpha"])
        for node in metric["comparisons"]:
            pair = [table.of(metric["key"], node[who]) for who in ("control", "treatment")]
            check_comparison(ledger, node, pair, kind, report["alpha"])
        if metric["adjusted"] is not None:
            adjusted = adjusted_points(report, named, table, kind)
            check_adjusted(ledger, metric["adjusted"], adjusted, table, metric["key"])
        if metric["capped"] is not None:
            check_capped(ledger, metric["capped"], table, metric["key"])


def check_variant(
    ledger: Ledger, node: Node, table: Table, key: str, kind: str, alpha: float
) -> None:
    """Check what a variant's units add up to, and its value."""
    sums, counts = table.of(key, node["variant"]), table.counts.get((key, node["variant"]))
    ledger.note(node, "n", sums.n)
    ledger.note(node, "numerator_total", float(sums.totals[0]) if sums.n else 0.0)
    of_units = float(sums.totals[1]) if kind == "ratio" and sums.n else float(sums.n)
    ledger.note(node, "denominator_total", of_units)
    if counts is not None:
        ledger.note(node, "immature_units", counts.units - sums.n)
        for name in ("nonzero_units", "minimum", "maximum"):
            found = getattr(counts, name.removesuffix("_units"))
            if found is not None:
                ledger.note(node, name, found)
    if sums.n:
        check_value(ledger, node["value"], sums, kind, alpha)


def check_comparison(ledger: Ledger, node: Node, pair: list[Sums], kind: str, alpha: float) -> None:
    """Check one treatment against the control."""
    control, treatment = (point_of(sums, kind) for sums in pair)
    if control is None or treatment is None:
        return
    check_difference(ledger, node["difference"], control, treatment, alpha)
    check_lift(ledger, node["lift"], control, treatment, alpha)
    check_exact(ledger, node["exact"], *pair)
    check_guardrail(ledger, node["non_inferiority"], control, treatment)


class Adjusted(NamedTuple):
    """What CUPED makes of a metric: a point per variant, and the weights of its covariates."""

    points: dict[str, Point]
    thetas: dict[str, float]


def adjusted_points(report: Node, named: Node, table: Table, kind: str) -> Adjusted:
    """Take out what covariates foretold, with weights pooled over all variants.

    theta = (sum of S_xx)^-1 (sum of S_xy); adjusted mean = y - theta (x - x of all variants);
    its variance is that of y - theta x within the variant. A ratio is linearised first:
    (y - r d) / mean(d).
    """
    names = [one["name"] for one in named["covariates"]]
    metric = next(one for one in report["metrics"] if one["key"] == named["key"])
    used = {one["covariate"] for one in metric["adjusted"]["thetas"]}
    kept = [i for i, name in enumerate(names) if name in used]
    first = 2 if kind == "ratio" else 1
    place = [first + i for i in kept]
    parts = {}
    for variant in report["plan"]["variants"]:
        sums = table.of(named["key"], variant["key"])
        if point_of(sums, kind) is not None:
            parts[variant["key"]] = (sums, *_linear(sums, kind, place))
    xx = sum((one[0].centred[np.ix_(place, place)] for one in parts.values()), np.zeros(()))
    xy = sum((one[3] for one in parts.values()), np.zeros(()))
    theta = np.linalg.solve(xx, xy) if kept else np.zeros(0)
    pooled = together([one[0] for one in parts.values()])
    left_over = 1 - len(kept) / sum(one[0].n - 1 for one in parts.values())
    points = {}
    for key, (sums, raw, spread, own) in parts.items():
        gap = sums.mean[place] - pooled.mean[place]
        explained = theta @ sums.centred[np.ix_(place, place)] @ theta
        residual = spread - 2 * theta @ own + explained
        if residual <= 1e-12 * (spread + explained):
            residual = 0.0
        df = (sums.n - 1) * left_over
        error = math.sqrt(residual / df / sums.n)
        points[key] = Point(raw.value - theta @ gap, error, sums.n, max(1, math.floor(df + 1e-9)))
    return Adjusted(points, dict(zip([names[i] for i in kept], theta, strict=True)))


def _linear(sums: Sums, kind: str, place: list[int]) -> tuple[Point, float, np.ndarray]:
    """Give the raw value, its spread about itself, and how it moves with the covariates."""
    raw = point_of(sums, kind)
    if raw is None:
        message = "too few units to adjust"
        raise ValueError(message)
    if kind == "ratio":
        spread = raw.error**2 * raw.n * (raw.n - 1)
        own = sums.centred[0, place] - ratio_of(sums).value * sums.centred[1, place]
        return raw, spread, own / sums.mean[1]
    return raw, sums.centred[0, 0], sums.centred[0, place]


def check_adjusted(ledger: Ledger, node: Node, found: Adjusted, table: Table, key: str) -> None:
    """Check the adjusted values, their effects, and how much variance was taken away."""
    alpha, kind = ledger.report["alpha"], _kind_of(ledger.report, key)
    for theta in node["thetas"]:
        ledger.note(theta, "value", found.thetas[theta["covariate"]])
    for one in node["variants"]:
        point = found.points.get(one["variant"])
        if point is not None:
            ledger.note(one, "value", point.value, scale=point.error)
            ledger.note(one, "std_error", point.error)
    control = next(v["key"] for v in ledger.report["plan"]["variants"] if v["is_control"])
    for one in node["comparisons"]:
        if {control, one["treatment"]} <= found.points.keys():
            pair = found.points[control], found.points[one["treatment"]]
            check_difference(ledger, one["difference"], *pair, alpha)
            check_lift(ledger, one["lift"], *pair, alpha)
    for one in node["reductions"]:
        if one["share"] is None:
            continue
        keys = (control, one["treatment"])
        before = [point_of(table.of(key, variant), kind) for variant in keys]
        raw = sum(point.error**2 for point in before if point is not None)
        left = sum(found.points[variant].error ** 2 for variant in keys)
        ledger.note(one, "share", 1 - left / raw, scale=1.0)


def check_capped(ledger: Ledger, node: Node, table: Table, key: str) -> None:
    """Check the metric with its outliers held."""
    alpha, name = ledger.report["alpha"], f"{key}/capped"
    if key in table.caps:
        ledger.note(node, "cap", table.caps[key])
    for one in node["variants"]:
        raw, held = (table.of(of, one["variant"]) for of in (key, name))
        counts = table.counts.get((key, one["variant"]))
        if not held.n:
            continue
        ledger.note(one, "total", held.totals[0])
        ledger.note(one, "cut", raw.totals[0] - held.totals[0], scale=abs(raw.totals[0]))
        if counts is not None and counts.capped_units is not None:
            ledger.note(one, "capped_units", counts.capped_units)
        check_value(ledger, one["value"], held, "mean", alpha)
    for one in node["comparisons"]:
        pair = [table.of(name, one[who]) for who in ("control", "treatment")]
        check_comparison(ledger, one, pair, "mean", alpha)


def _kind_of(report: Node, key: str) -> str:
    metric = next(one for one in report["metrics"] if one["key"] == key)
    return str(metric["definition"]["kind"])
