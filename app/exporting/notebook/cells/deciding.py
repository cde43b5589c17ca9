"""The metric that decides, under the looks that were planned, and what follows from it."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from scipy import integrate, optimize, stats
from statsmodels.stats.multitest import multipletests

from app.exporting.notebook.cells.effects import (
    NORMAL,
    Point,
    check_difference,
    check_lift,
    quantile_of,
    two_sided,
    welch,
)
from app.exporting.notebook.cells.looks import CEILING, boundaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.exporting.notebook.cells.comparing import Ledger, Node

REACH = 9.0  # standard deviations beyond which nothing is integrated
SOLVED = 1e-6  # of what is found by another numerical method than the report's


def check_deciding(
    ledger: Ledger, points: dict[str, Point], units: int, matured: Callable[[str], int | None]
) -> None:
    """Check the deciding result.

    Args:
        ledger: With the report.
        points: The estimate that the rule uses, by variant.
        units: Mature units of all variants.
        matured: How many were mature by a day of first exposure; None where nobody can tell.
    """
    report, oec = ledger.report, ledger.report["oec"]
    plan = report["plan"]
    control = next(one["key"] for one in plan["variants"] if one["is_control"])
    treatments = [one["treatment"] for one in oec["treatments"]]
    known = [key for key in treatments if {control, key} <= points.keys()]
    family = len(treatments)
    if oec["looks"] == "continuous":
        check_sequence(ledger, points, control, units)
    else:
        p_values = {key: look_p(ledger, points[control], points[key]) for key in known}
        held = {key: look_p(ledger, *held_pair(ledger, points, control, key)) for key in known}
        check_corrected(ledger, p_values, held, family)
        for node in oec["treatments"]:
            if node["treatment"] in known:
                pair = points[control], points[node["treatment"]]
                check_at_level(ledger, node, pair)
    if oec["look"] is not None:
        check_look(ledger, oec["look"], matured, units)
    for node in oec["treatments"]:
        if node["posterior"] is not None:
            check_posterior(ledger, node["posterior"], points[control], points[node["treatment"]])
    if oec["chance_to_be_best"]:
        check_best(ledger, oec["chance_to_be_best"], points)
    if report["outlook"] is not None:
        check_outlook(ledger, points, control)


def held_pair(
    ledger: Ledger, points: dict[str, Point], control: str, treatment: str
) -> tuple[Point, Point]:
    """Give control and treatment moved so that no difference is the rule's threshold."""
    report = ledger.report
    rule, before, after = report["plan"]["decision_rule"], points[control], points[treatment]
    threshold = float(rule["threshold"])
    if deciding_metric(report)["definition"]["direction"] == "lower":
        threshold = -threshold
    if rule["scale"] == "lift":
        ratio = 1 + threshold * (1 if before.value >= 0 else -1)
        scaled = before._replace(value=ratio * before.value, error=abs(ratio) * before.error)
        return scaled, after
    if rule["scale"] == "incremental_margin":
        units, fixed, contact = costs_of(report, treatment)
        threshold = contact + fixed / units + threshold / units
    return before, after._replace(value=after.value - threshold)


def costs_of(report: Node, treatment: str, *, planned: bool = True) -> tuple[int, float, float]:
    """Give the units over which fixed costs are spread, and what a treatment costs more."""
    plan, reached = report["plan"], {one["key"]: one["units"] for one in report["variants"]}
    units = max(1, reached.get(treatment, 0))
    variant = next(one for one in plan["variants"] if one["key"] == treatment)
    if planned and plan["looks"]["planned_units"] and variant["planned_share"]:
        share = float(variant["planned_share"])
        units = max(units, round(plan["looks"]["planned_units"] * share))
    if plan["money"] is None:
        return units, 0.0, 0.0
    control = next(one["key"] for one in plan["variants"] if one["is_control"])
    costs = {one["variant"]: one for one in plan["money"]["costs"]}
    own, base = costs.get(treatment, {}), costs.get(control, {})
    fixed, contact = (
        float(own.get(name, 0) - base.get(name, 0)) for name in ("fixed_minor", "contact_minor")
    )
    return units, fixed, contact


def deciding_metric(report: Node) -> Node:
    """Give the metric that decides."""
    found: Node = next(one for one in report["metrics"] if one["key"] == report["oec"]["metric"])
    return found


def look_p(ledger: Ledger, control: Point, treatment: Point) -> float:
    """Give the p-value that is valid under the plan's looks: the smallest alpha that crosses."""
    error, df = welch(control, treatment)
    if error == 0:
        return 0.0
    p_value = two_sided((treatment.value - control.value) / error, df)
    look = ledger.report["oec"]["look"]
    if look is None or look["boundary"] >= CEILING:
        return p_value
    spending = ledger.report["plan"]["looks"]["spending"]

    def gap(log_alpha: float) -> float:
        alpha = math.exp(log_alpha)
        z = boundaries(look["fractions"], alpha, spending, final=look["final"])[-1]
        return math.log(2 * stats.norm.sf(z)) - math.log(max(p_value, 2 * stats.norm.sf(CEILING)))

    low, high = math.log(max(p_value, 1e-12)), math.log(1 - 1e-9)
    if gap(high) <= 0:
        return 1.0
    return math.exp(low if gap(low) >= 0 else optimize.brentq(gap, low, high, xtol=1e-10))


def check_corrected(
    ledger: Ledger, p_values: dict[str, float], held: dict[str, float], family: int
) -> None:
    """Check p-values corrected for several treatments, and the level of each interval."""
    oec, alpha = ledger.report["oec"], ledger.report["alpha"]
    look = oec["look"]
    tolerance = SOLVED if look is not None else 1e-9
    method = {"holm": "holm", "hochberg": "simes-hochberg", "bonferroni": "bonferroni"}
    keys = list(p_values)
    # a treatment without a p-value still counts as one that was tried
    padded = [*p_values.values(), *[1.0] * (family - len(keys))]
    if oec["correction"] in method:
        corrected = multipletests(padded, method=method[oec["correction"]])[1]
    elif oec["correction"] == "benjamini_hochberg":
        corrected = multipletests(padded, method="fdr_bh")[1]
    else:
        corrected = np.array(padded)
    for node in oec["treatments"]:
        if node["treatment"] in keys and node["p_value"] is not None:
            place = keys.index(node["treatment"])
            ledger.note(node, "p_value", padded[place], tolerance=tolerance)
            if node["adjusted_p_value"] is not None:
                ledger.note(node, "adjusted_p_value", corrected[place], tolerance=tolerance)
            level = level_of(held, node["treatment"], alpha, oec["correction"], family)
            if look is not None:
                spending = ledger.report["plan"]["looks"]["spending"]
                refused = look["boundary"] >= CEILING
                z = (
                    8.0
                    if refused
                    else boundaries(look["fractions"], level, spending, final=look["final"])[-1]
                )
                level = 2 * float(stats.norm.sf(z))
            ledger.note(node, "level", level, tolerance=tolerance)


def level_of(held: dict[str, float], key: str, alpha: float, correction: str, family: int) -> float:
    """Give the level at which a treatment's interval says the same as its corrected test."""
    if correction == "none":
        return alpha
    if correction == "bonferroni":
        return alpha / family
    ranked = sorted(held.values())
    rank = sum(p < held[key] for p in ranked)
    steps = [min(1.0, (family - i) * p) for i, p in enumerate(ranked)]
    if correction == "holm":
        counted = sum(p < alpha for p in np.maximum.accumulate(steps))
        return float(alpha / (family - min(rank, counted)))
    if correction == "hochberg":
        counted = sum(p < alpha for p in np.minimum.accumulate(steps[::-1]))
        return float(alpha / (family - max(rank, counted - 1)))
    steps = [min(1.0, family / (i + 1) * p) for i, p in enumerate(ranked)]
    counted = sum(p < alpha for p in np.minimum.accumulate(steps[::-1]))
    judged = counted - 1 if rank < counted else counted
    return float(alpha * (judged + 1) / family)


def check_at_level(ledger: Ledger, node: Node, pair: tuple[Point, Point]) -> None:
    """Check the deciding interval, which is made at its own level."""
    check_difference(ledger, node["difference"], *pair, node["level"])
    check_lift(ledger, node["lift"], *pair, node["level"])


def check_look(
    ledger: Ledger, node: Node, matured: Callable[[str], int | None], units: int
) -> None:
    """Check the information at every look, and the boundary that the effect must reach."""
    report, looks = ledger.report, ledger.report["plan"]["looks"]
    as_of = datetime.fromisoformat(report["as_of"])
    due = [at for at in looks["dates"] if datetime.fromisoformat(at) <= as_of]
    end = deciding_metric(report)["window"]["end_days"]
    if looks["planned_units"]:
        window, zone = timedelta(days=end), ZoneInfo(report["time_zone"])
        days = [(datetime.fromisoformat(at) - window).astimezone(zone).date() for at in due]
        past = [matured(day.isoformat()) for day in days[: node["number"] - 1]]
        known = [one for one in (*past, units) if one is not None]
        if len(known) == node["number"] == len(node["fractions"]):  # no look was refused
            for i, one in enumerate(sorted(known)):
                ledger.note(node["fractions"], i, max(one / looks["planned_units"], 1e-6))
    ledger.note(node, "number", node["number"])
    ledger.note(node, "planned", len(looks["dates"]))
    if node["boundary"] < CEILING:
        z = boundaries(node["fractions"], report["alpha"], looks["spending"], final=node["final"])
        ledger.note(node, "boundary", z[-1], tolerance=SOLVED)
        ledger.note(node, "nominal_alpha", 2 * float(stats.norm.sf(z[-1])), tolerance=SOLVED)
    else:  # refused: too few outcomes
        ledger.note(node, "boundary", CEILING)
        ledger.note(node, "nominal_alpha", 2 * float(stats.norm.sf(CEILING)))


def check_sequence(ledger: Ledger, points: dict[str, Point], control: str, units: int) -> None:
    """Check the confidence sequence, which holds at every look together.

    With x = n rho^2 and rho^2 = (-2 ln a + ln(1 - 2 ln a)) / N*, the half-width is
    SE sqrt((x + 1) / x (ln(x + 1) - 2 ln a)), and p = sqrt(1 + x) exp(-z^2 x / (2 (x + 1))).
    """
    oec, plan = ledger.report["oec"], ledger.report["plan"]
    family = 1 if oec["correction"] == "none" else len(oec["treatments"])
    alpha = ledger.report["alpha"] / family
    planned = plan["looks"]["planned_units"] or 10_000
    x = units / planned * (-2 * math.log(alpha) + math.log(1 - 2 * math.log(alpha)))
    critical = math.sqrt((x + 1) / x * (math.log1p(x) - 2 * math.log(alpha)))
    for node in oec["treatments"]:
        ledger.note(node, "level", alpha)
        if node["difference"]["status"] != "estimated" or node["treatment"] not in points:
            continue
        before, after = points[control], points[node["treatment"]]
        gap, error = after.value - before.value, math.hypot(before.error, after.error)
        half, z = critical * error, gap / error
        p_value = math.exp(min(0.0, math.log1p(x) / 2 - z * z * x / (2 * (x + 1))))
        for name, value in (
            ("estimate", gap), ("ci_low", gap - half), ("ci_high", gap + half),
        ):  # fmt: skip
            ledger.note(node["difference"], name, value, scale=half)
        ledger.note(node["difference"], "std_error", error)
        ledger.note(node["difference"], "p_value", p_value)
        ledger.note(node, "p_value", p_value)
        if node["adjusted_p_value"] is not None:
            ledger.note(node, "adjusted_p_value", min(1.0, p_value * family))
        check_lift(ledger, node["lift"], before, after, alpha, critical=critical)


def check_posterior(ledger: Ledger, node: Node, control: Point, treatment: Point) -> None:
    """Check the Bayesian view with a flat prior: a normal posterior about the difference."""
    direction = deciding_metric(ledger.report)["definition"]["direction"]
    mean, sd = treatment.value - control.value, welch(control, treatment)[0]
    half = quantile_of(NORMAL, ledger.report["alpha"]) * sd
    gain = mean if direction == "higher" else -mean
    for name, value in (("mean", mean), ("ci_low", mean - half), ("ci_high", mean + half)):
        ledger.note(node, name, value, scale=half)
    ledger.note(node, "sd", sd)
    ledger.note(node, "chance_to_beat_control", float(stats.norm.cdf(gain / sd)))
    for name, loss in (("loss_if_shipped", -gain), ("loss_if_kept", gain)):
        # E[max(loss, 0)] of a normal loss
        z = loss / sd
        expected = sd * float(stats.norm.pdf(z)) + loss * float(stats.norm.cdf(z))
        ledger.note(node, name, expected, scale=sd * 1e-6)


def check_best(ledger: Ledger, node: Node, points: dict[str, Point]) -> None:
    """Check the chance of every variant to be the best, by integrating over its own value."""
    direction = deciding_metric(ledger.report)["definition"]["direction"]
    sign = 1.0 if direction == "higher" else -1.0
    scale = max(one.error for one in points.values())
    values = {key: (sign * one.value / scale, one.error / scale) for key, one in points.items()}
    for key in node:
        mean, sd = values[key]
        others = [values[other] for other in node if other != key]

        def density(z: float) -> float:
            x = mean + sd * z  # noqa: B023 - integrated before the next turn
            below = [float(stats.norm.cdf((x - m) / s)) for m, s in others]  # noqa: B023
            return float(stats.norm.pdf(z)) * math.prod(below)

        steps = [s for m, sd_other in others for s in ((m - mean) / sd,) if abs(s) < REACH]
        chance = integrate.quad(
            density, -REACH, REACH, points=steps or None, epsabs=1e-13, limit=400
        )[0]
        ledger.note(node, key, chance, scale=1e-3, tolerance=SOLVED)


def check_outlook(ledger: Ledger, points: dict[str, Point], control: str) -> None:
    """Check which effect a single look at these units finds with the planned power."""
    report, treatments = ledger.report, ledger.report["outlook"]["treatments"]
    level = report["alpha"] / len(report["oec"]["treatments"])
    for node in treatments:
        error, df = welch(points[control], points[node["treatment"]])
        reach = quantile_of(df, level) + float(stats.norm.ppf(report["outlook"]["goal"]))
        ledger.note(node, "smallest_effect", reach * error)
        if node["smallest_lift"] is not None:
            size = abs(points[control].value)
            ledger.note(node, "smallest_lift", reach * error / size)
        if node["achieved_power"] is not None and node["planned_effect"] is not None:
            critical, away = quantile_of(df, level), abs(node["planned_effect"]) / error
            low, high = (float(stats.nct.cdf(t, df, away)) for t in (-critical, critical))
            ledger.note(node, "achieved_power", 1 - high + low, tolerance=SOLVED)


def check_verdict(ledger: Ledger) -> None:
    """Check the numbers of the verdict's sentence: the deciding interval, on the rule's scale."""
    report = ledger.report
    decision, oec = report["decision"], report["oec"]
    if decision is None or oec is None:
        return
    found = {node["treatment"]: on_scale(ledger, node) for node in oec["treatments"]}
    for node in (decision, *decision["treatments"]):
        parameters = node["parameters"]
        if node["treatment"] not in found or "estimate" not in parameters:
            continue
        estimate, low, high, units = found[node["treatment"]]
        half = abs(high - low) / 2 if low is not None and high is not None else 0.0
        for name, value in (("estimate", estimate), ("low", low), ("high", high)):
            if isinstance(parameters.get(name), int | float):
                ledger.note(parameters, name, value, scale=half)
        if units is not None:
            ledger.note(parameters, "units", units)


def on_scale(
    ledger: Ledger, node: Node
) -> tuple[float | None, float | None, float | None, int | None]:
    """Give estimate and ends as the rule reads them, more being better; and units of money."""
    report = ledger.report
    scale = report["plan"]["decision_rule"]["scale"]
    outcome = node["lift" if scale == "lift" else "difference"]
    estimate, low, high = (
        noted(ledger, outcome, name) for name in ("estimate", "ci_low", "ci_high")
    )
    if outcome["status"] == "certain":
        low = high = estimate
    if scale == "incremental_margin":
        units, fixed, contact = costs_of(report, node["treatment"])
        total = [
            None if x is None else units * (x - contact) - fixed for x in (estimate, low, high)
        ]
        return total[0], total[1], total[2], units
    if deciding_metric(report)["definition"]["direction"] == "lower":
        estimate, low, high = (None if x is None else -x for x in (estimate, high, low))
    return estimate, low, high, None


def noted(ledger: Ledger, node: Node, name: str) -> float | None:
    """Give a number that was computed here before."""
    return ledger.noted.get((id(node), name), (None, 0.0, 0.0))[0]
