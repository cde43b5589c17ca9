"""Effects in parts of the units: by segment, by day of exposure, by days since."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

from app.exporting.notebook.cells.effects import (
    check_difference,
    check_lift,
    point_of,
    welch,
)
from app.exporting.notebook.cells.metrics import SUMMED
from app.exporting.notebook.cells.sums import NOTHING, together

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Sums, Table

SMALLEST_DAY = 30  # units of every variant from which on a day has an effect


def check_slices(ledger: Ledger, table: Table) -> None:
    """Check the segments of every metric, and the course of the one that decides."""
    for metric in ledger.report["metrics"]:
        if metric["definition"]["kind"] in SUMMED:
            check_segments(ledger, metric, table)
            if metric["over_time"] is not None:
                check_time(ledger, metric, table)


def effect_in(
    cell: Mapping[str, Sums], pair: tuple[str, str], kind: str, fewest: int
) -> tuple[float, float] | None:
    """Give difference and error within a slice; None where a variant has too few units."""
    if not cell or min(one.n for one in cell.values()) < max(fewest, 2):
        return None
    control, treatment = (point_of(cell.get(key, NOTHING), kind) for key in pair)
    if control is None or treatment is None:
        return None
    error = welch(control, treatment)[0]
    return (treatment.value - control.value, error) if error else None


def filled(cell: Mapping[str, Sums], variants: list[str]) -> dict[str, Sums]:
    """Give a slice with every variant, those without units, too."""
    return {key: cell.get(key, NOTHING) for key in variants}


def check_segments(ledger: Ledger, metric: Node, table: Table) -> None:
    """Check effects within segments, and Cochran's test that they are one, corrected."""
    kind, alpha = metric["definition"]["kind"], ledger.report["alpha"]
    variants = [one["key"] for one in ledger.report["plan"]["variants"]]
    control = next(v["key"] for v in ledger.report["plan"]["variants"] if v["is_control"])
    tests = []
    for segment in metric["segments"]:
        cells = table.slices(metric["key"], segment["key"])
        cells = {value: filled(cell, variants) for value, cell in cells.items()}
        for node in segment["effects"]:
            cell = cells.get(node["value"], {})
            if not cell:
                continue
            ledger.note(node, "control_units", cell[control].n)
            ledger.note(node, "treatment_units", cell[node["treatment"]].n)
            pair = [point_of(cell[key], kind) for key in (control, node["treatment"])]
            if pair[0] is not None and pair[1] is not None:
                check_difference(ledger, node["difference"], pair[0], pair[1], alpha)
                check_lift(ledger, node["lift"], pair[0], pair[1], alpha)
        for node in segment["interactions"]:
            if "q" in node["test"]:
                effects = [
                    effect_in(cell, (control, node["treatment"]), kind, segment["minimum_units"])
                    for cell in cells.values()
                ]
                # a value with too few units has no effect, whether or not its sums are here
                effects += [None] * table.withheld.get(f"{metric['key']}/{segment['key']}", 0)
                check_interaction(ledger, node["test"], effects)
                tests.append(node)
    if tests:
        p_values = [node["test"]["p_value"] for node in tests]
        corrected = multipletests(p_values, method="fdr_bh")[1]
        for node, p_value in zip(tests, corrected, strict=True):
            ledger.note(node, "adjusted_p_value", float(p_value))


def check_interaction(
    ledger: Ledger, node: Node, effects: list[tuple[float, float] | None]
) -> None:
    """Check Cochran's Q: the squared distances from the pooled effect, in their errors."""
    used = [one for one in effects if one is not None]
    ledger.note(node, "cells", len(used))
    ledger.note(node, "left_out", len(effects) - len(used))
    values, errors = np.array(used).T
    weights = errors**-2.0
    pooled = float(weights @ values / weights.sum())
    error = float(weights.sum() ** -0.5)
    q, df = float((((values - pooled) / errors) ** 2).sum()), len(used) - 1
    ledger.note(node, "pooled", pooled, scale=error)
    ledger.note(node, "pooled_std_error", error)
    ledger.note(node, "q", q, scale=1e-3)
    ledger.note(node, "df", df)
    ledger.note(node, "p_value", float(stats.chi2.sf(q, df)))
    ledger.note(node, "i_squared", max(0.0, (q - df) / q) if q > 0 else 0.0, scale=1e-3)


def check_time(ledger: Ledger, metric: Node, table: Table) -> None:
    """Check the effect by day of first exposure, its slope, weekdays, and shorter windows."""
    key, kind, alpha = metric["key"], metric["definition"]["kind"], ledger.report["alpha"]
    variants = [one["key"] for one in ledger.report["plan"]["variants"]]
    control = next(v["key"] for v in ledger.report["plan"]["variants"] if v["is_control"])
    days = {
        str(day): filled(cell, variants)
        for day, cell in sorted(table.slices(key, "day").items(), key=str)
    }
    over_time = metric["over_time"]
    for node in over_time["by_day"]:
        cell = days.get(node["day"], {})
        if not cell:
            continue
        ledger.note(node, "control_units", cell[control].n)
        ledger.note(node, "treatment_units", cell[node["treatment"]].n)
        pair = [point_of(cell[who], kind) for who in (control, node["treatment"])]
        if pair[0] is not None and pair[1] is not None:
            check_difference(ledger, node["difference"], pair[0], pair[1], alpha)
    for node in over_time["by_horizon"]:
        name = f"{key}@{node['days']}"
        pair = [point_of(table.of(name, who), kind) for who in (control, node["treatment"])]
        if pair[0] is not None and pair[1] is not None:
            check_difference(ledger, node["difference"], pair[0], pair[1], alpha)
    for node in [] if table.withheld.get(f"{key}/day") else over_time["tests"]:
        both = (control, node["treatment"])
        effects = {day: effect_in(cell, both, kind, SMALLEST_DAY) for day, cell in days.items()}
        if "per_day" in node["novelty"]:
            check_slope(ledger, node["novelty"], effects, alpha)
        if "q" in node["weekdays"]:
            by_weekday: dict[Hashable, list[dict[str, Sums]]] = {}
            for day, cell in days.items():
                by_weekday.setdefault(date.fromisoformat(day).isoweekday(), []).append(cell)
            weeks = [
                {who: together([cell[who] for cell in cells]) for who in variants}
                for cells in by_weekday.values()
            ]
            of_weekdays = [effect_in(cell, both, kind, SMALLEST_DAY) for cell in weeks]
            check_interaction(ledger, node["weekdays"], of_weekdays)


def check_slope(
    ledger: Ledger, node: Node, effects: dict[str, tuple[float, float] | None], alpha: float
) -> None:
    """Check the slope of the effect over days, by weighted least squares."""
    used = [(date.fromisoformat(day).toordinal(), *one) for day, one in effects.items() if one]
    x, y, errors = np.array(used, dtype=float).T
    weights = errors**-2.0
    x, y = x - weights @ x / weights.sum(), y - weights @ y / weights.sum()
    slope, error = weights @ (x * y) / (weights @ x**2), (weights @ x**2) ** -0.5
    half = float(stats.norm.isf(alpha / 2)) * error
    ledger.note(node, "per_day", float(slope), scale=half)
    ledger.note(node, "std_error", float(error))
    ledger.note(node, "ci_low", float(slope - half), scale=half)
    ledger.note(node, "ci_high", float(slope + half), scale=half)
    ledger.note(node, "p_value", float(2 * stats.norm.sf(abs(slope) / error)))
    ledger.note(node, "cohorts", len(used))
    ledger.note(node, "left_out", len(effects) - len(used))
    if not math.isfinite(error):
        message = "the days have no spread"
        raise ValueError(message)
