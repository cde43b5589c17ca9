"""Times to an event: curves, medians, restricted means, the log-rank test, Cox's hazard ratios."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats
from statsmodels.duration.hazard_regression import PHReg

from app.exporting.notebook.cells.effects import (
    NORMAL,
    Point,
    check_difference,
    check_guardrail,
    check_lift,
    quantile_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from app.exporting.notebook.cells.comparing import Ledger, Node

HALF = 0.5 * (1 + 1e-12)  # a running product of 12 of 24 comes out a little above a half


class Times(NamedTuple):
    """The times of one variant: per day at which something happened, how many of what."""

    n: int
    days: np.ndarray
    events: np.ndarray
    censored: np.ndarray

    @property
    def at_risk(self) -> np.ndarray:
        """Give who was still watched just before each day."""
        gone = np.cumsum(self.events + self.censored)
        return self.n - np.concatenate([[0], gone[:-1]])

    @property
    def survival(self) -> np.ndarray:
        """Give the Kaplan-Meier curve: the product of (at risk - events) / at risk."""
        return np.cumprod((self.at_risk - self.events) / self.at_risk)


def times_of(rows: pd.DataFrame, named: Node) -> Times:
    """Count the units of one variant by time."""
    steps = rows[named["step"]].to_numpy(dtype=float)
    had_event = rows[named["had_event"]].to_numpy(dtype=bool)
    days, place = np.unique(steps, return_inverse=True)
    events = np.bincount(place[had_event], minlength=len(days))
    censored = np.bincount(place[~had_event], minlength=len(days))
    return Times(len(rows), days / named["steps_per_day"], events, censored)


def check_survival(
    ledger: Ledger, columns: Node, units: pd.DataFrame
) -> dict[str, dict[str, Point]]:
    """Check every survival metric; gives the mean days of each variant, by metric."""
    report, means = ledger.report, {}
    planned = [one["key"] for one in report["plan"]["variants"]]
    for named, metric in zip(columns["metrics"], report["metrics"], strict=True):
        if metric["definition"]["kind"] != "survival" or not metric["variants"]:
            continue
        times = {
            key: times_of(units[units["variant"] == key], named)
            for key in planned
            if (units["variant"] == key).any()
        }
        window = float(metric["window"]["end_days"])
        # beyond the last censored unit nobody knows; after a last event the curve stays at 0
        known = [one.days[-1] if one.censored[-1] else math.inf for one in times.values()]
        until = min([window, *known])
        points = {key: restricted_mean(one, until) for key, one in times.items()}
        means[metric["key"]] = {key: one for key, one in points.items() if one is not None}
        check_times(ledger, metric, times, until, units, named)
        for node in metric["variants"]:
            if node["variant"] in means[metric["key"]]:
                check_mean(ledger, node["value"], means[metric["key"]][node["variant"]], until)
        for node in metric["comparisons"]:
            pair = [means[metric["key"]].get(node[who]) for who in ("control", "treatment")]
            if pair[0] is not None and pair[1] is not None:
                check_difference(ledger, node["difference"], pair[0], pair[1], report["alpha"])
                check_lift(ledger, node["lift"], pair[0], pair[1], report["alpha"])
                check_guardrail(ledger, node["non_inferiority"], pair[0], pair[1])
        if metric["survival"] is not None:
            check_tests(ledger, metric["survival"], times, units, named)
    return means


def restricted_mean(times: Times, until: float) -> Point | None:
    """Give the mean of days up to a day: the area under the curve, with Greenwood's error."""
    inside = (times.events > 0) & (times.days < until)
    if not until > 0 or (times.days[-1] < until and times.censored[-1] > 0):
        return None
    days, events = times.days[inside], times.events[inside]
    at_risk = times.at_risk[inside]
    left = at_risk - events
    curve = np.concatenate([[1.0], np.cumprod(left / at_risk)])
    areas = curve * np.diff(np.concatenate([[0.0], days, [until]]))
    beyond = areas[::-1].cumsum()[::-1][1:]
    spread = np.divide(events, at_risk * left, out=np.zeros(len(days)), where=left > 0)
    return Point(float(areas.sum()), math.sqrt(beyond**2 @ spread), times.n, NORMAL)


def check_mean(ledger: Ledger, node: Node, point: Point, until: float) -> None:
    """Check the mean days of a variant; its interval ends at 0 and at the day itself."""
    half = quantile_of(NORMAL, ledger.report["alpha"]) * point.error
    ledger.note(node, "estimate", point.value)
    ledger.note(node, "ci_low", max(0.0, point.value - half), scale=half)
    ledger.note(node, "ci_high", min(until, point.value + half), scale=half)


def check_times(
    ledger: Ledger,
    metric: Node,
    times: dict[str, Times],
    until: float,
    units: pd.DataFrame,
    named: Node,
) -> None:
    """Check counts and curves."""
    for node in metric["variants"]:
        found = times.get(node["variant"])
        if found is None:
            continue
        own = units[units["variant"] == node["variant"]]
        ledger.note(node, "n", found.n)
        ledger.note(node, "numerator_total", int(found.events.sum()))
        ledger.note(node, "denominator_total", found.n)
        ledger.note(node, "immature_units", int((~own[named["mature"]]).sum()))
    if metric["survival"] is None:
        return
    ledger.note(metric["survival"], "until_day", until)
    for node in metric["survival"]["curves"]:
        check_curve(ledger, node, times[node["variant"]])


def check_curve(ledger: Ledger, node: Node, times: Times) -> None:
    """Check a curve, its pointwise intervals (of ln(-ln S)), and the median."""
    ledger.note(node, "n", times.n)
    ledger.note(node, "events", int(times.events.sum()))
    curve, at_risk = times.survival, times.at_risk
    left = at_risk - times.events
    hazard = np.divide(times.events, at_risk * left, out=np.zeros(len(left)), where=left > 0)
    error = np.sqrt(np.cumsum(hazard))
    z = quantile_of(NORMAL, ledger.report["alpha"])
    inside = (curve > 0) & (curve < 1)
    low, high = np.full(len(curve), np.nan), np.full(len(curve), np.nan)
    spread = np.exp(z * error[inside] / -np.log(curve[inside]))
    low[inside], high[inside] = curve[inside] ** spread, curve[inside] ** (1 / spread)
    for point in node["points"]:
        place = int(np.searchsorted(times.days, point["day"], side="right")) - 1
        before = int(np.searchsorted(times.days, point["day"], side="left"))
        gone = int((times.events + times.censored)[:before].sum())
        ledger.note(point, "day", point["day"])
        ledger.note(point, "at_risk", times.n - gone)
        ledger.note(point, "survival", float(curve[place]) if place >= 0 else 1.0)
        if point["ci_low"] is not None:
            ledger.note(point, "ci_low", float(low[place]))
            ledger.note(point, "ci_high", float(high[place]))
    if "days" in node["median"]:
        for name, line in (("days", curve), ("ci_low", low), ("ci_high", high)):
            value = np.where(np.isnan(line), curve, line)
            reached = times.days[(curve < 1) & (value <= HALF)]
            if len(reached) and node["median"][name] is not None:
                ledger.note(node["median"], name, float(reached[0]))


def check_tests(
    ledger: Ledger, node: Node, times: dict[str, Times], units: pd.DataFrame, named: Node
) -> None:
    """Check the log-rank test of all variants, and Cox's ratio of each treatment."""
    when = np.unique(np.concatenate([one.days[one.events > 0] for one in times.values()]))
    risk, events = np.zeros((len(when), len(times))), np.zeros((len(when), len(times)))
    for i, one in enumerate(times.values()):
        gone = np.concatenate([[0], np.cumsum(one.events + one.censored)])
        risk[:, i] = one.n - gone[np.searchsorted(one.days, when, side="left")]
        had = one.events > 0
        events[np.searchsorted(when, one.days[had]), i] = one.events[had]
    test = node["log_rank"]
    if "chi_squared" in test:
        total, n = events.sum(axis=1), risk.sum(axis=1)
        share = risk / n[:, None]
        expected = (total[:, None] * share).sum(axis=0)
        weight = total * (n - total) / np.maximum(n - 1, 1)
        covariance = np.diag(weight @ share) - (share * weight[:, None]).T @ share
        gap = (events.sum(axis=0) - expected)[:-1]
        statistic = float(gap @ np.linalg.solve(covariance[:-1, :-1], gap))
        ledger.note(test, "chi_squared", statistic, scale=1e-3)
        ledger.note(test, "df", len(times) - 1)
        ledger.note(test, "p_value", float(stats.chi2.sf(statistic, len(times) - 1)))
        for i in range(len(times)):
            ledger.note(test["observed"], i, int(events[:, i].sum()))
            ledger.note(test["expected"], i, float(expected[i]))
    if isinstance(node["hazard_ratios"], list):
        check_cox(ledger, node["hazard_ratios"], units, named)


def check_cox(ledger: Ledger, nodes: list[Node], units: pd.DataFrame, named: Node) -> None:
    """Check the hazard ratios by statsmodels' proportional hazards regression, Efron's ties."""
    planned = [one["key"] for one in ledger.report["plan"]["variants"]]
    control = next(v["key"] for v in ledger.report["plan"]["variants"] if v["is_control"])
    known = units[units["variant"].isin(planned)]
    treatments = [key for key in planned if key != control]
    of_variant = np.column_stack([(known["variant"] == key).astype(float) for key in treatments])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of gradients that are not yet quite 0
        model = PHReg(
            known[named["step"]].to_numpy(dtype=float),
            of_variant,
            status=known[named["had_event"]].to_numpy(dtype=int),
            ties="efron",
        )
        fit = model.fit(gtol=1e-12)
    z = quantile_of(NORMAL, ledger.report["alpha"])
    for node in nodes:
        place = treatments.index(node["treatment"])
        log_ratio, error = float(fit.params[place]), float(fit.bse[place])
        solved = 1e-6
        ledger.note(node, "estimate", math.exp(log_ratio), tolerance=solved)
        ledger.note(node, "ci_low", math.exp(log_ratio - z * error), tolerance=solved)
        ledger.note(node, "ci_high", math.exp(log_ratio + z * error), tolerance=solved)
        ledger.note(node, "log_std_error", error, tolerance=solved)
        p_value = float(2 * stats.norm.sf(abs(log_ratio) / error))
        ledger.note(node, "p_value", p_value, tolerance=solved * 100)
