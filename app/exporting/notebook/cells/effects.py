"""Effects from sums: values, differences, lifts, their intervals and tests, from the formulas."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Sums

NORMAL = math.inf  # degrees of freedom of a normal distribution


class Point(NamedTuple):
    """A value, its standard error, the units behind it, and its degrees of freedom."""

    value: float
    error: float
    n: int
    df: float


def quantile_of(df: float, alpha: float) -> float:
    """Give the number of standard errors of a two-sided interval."""
    return float(stats.norm.isf(alpha / 2) if df == NORMAL else stats.t.isf(alpha / 2, df))


def two_sided(z: float, df: float) -> float:
    """Give the two-sided p-value of a statistic."""
    return float(2 * (stats.norm.sf(abs(z)) if df == NORMAL else stats.t.sf(abs(z), df)))


def mean_of(sums: Sums) -> Point:
    """Give a mean: its error is s / sqrt(n)."""
    return Point(
        sums.totals[0] / sums.n,
        math.sqrt(sums.centred[0, 0] / (sums.n - 1) / sums.n),
        sums.n,
        sums.n - 1,
    )


def ratio_of(sums: Sums) -> Point:
    """Give a ratio of totals by the delta method, over units.

    Var(r) = (s_yy - 2 r s_yd + r^2 s_dd) / (n mean_d^2)
    """
    ratio = sums.totals[0] / sums.totals[1]
    (yy, yd), (_, dd) = sums.centred[0, :2], sums.centred[1, :2]
    spread = yy - 2 * ratio * yd + ratio * ratio * dd
    if spread <= 1e-12 * (yy + ratio * ratio * dd):
        spread = 0.0
    error = math.sqrt(spread / (sums.n - 1) / sums.n) / abs(sums.mean[1])
    return Point(ratio, error, sums.n, sums.n - 1)


def point_of(sums: Sums, kind: str) -> Point | None:
    """Give the value of a metric; None of fewer than two units."""
    if sums.n <= 1 or (kind == "ratio" and sums.totals[1] == 0):
        return None
    return ratio_of(sums) if kind == "ratio" else mean_of(sums)


def welch(control: Point, treatment: Point) -> tuple[float, float]:
    """Give the standard error of a difference, and Welch and Satterthwaite's degrees of freedom."""
    error = math.hypot(control.error, treatment.error)
    if error == 0:
        return 0.0, NORMAL
    parts = [(one.error**2, one.df) for one in (control, treatment)]
    if all(df == NORMAL for _, df in parts):
        return error, NORMAL
    return error, error**4 / sum(variance**2 / df for variance, df in parts)


def check_value(ledger: Ledger, node: Node, sums: Sums, kind: str, alpha: float) -> None:
    """Check a variant's own value: Wilson's interval of a share, Student's of a mean or ratio."""
    if node["status"] != "estimated" or kind == "proportion":
        if kind == "ratio" and "estimate" in node:
            ledger.note(node, "estimate", sums.totals[0] / sums.totals[1])
        elif "estimate" in node:
            ledger.note(node, "estimate", sums.totals[0] / sums.n)
        if "ci_low" in node:
            yes, n = round(float(sums.totals[0])), sums.n
            low, high = proportion_confint(yes, n, alpha=alpha, method="wilson")
            ledger.note(node, "ci_low", 0.0 if yes == 0 else low, scale=(high - low) / 2)
            ledger.note(node, "ci_high", 1.0 if yes == n else high, scale=(high - low) / 2)
        return
    point = point_of(sums, kind)
    if point is not None:
        check_interval(ledger, node, point, alpha)


def check_interval(ledger: Ledger, node: Node, point: Point, alpha: float) -> None:
    """Check a value and the symmetric interval about it."""
    half = quantile_of(point.df, alpha) * point.error
    ledger.note(node, "estimate", point.value, scale=half)
    ledger.note(node, "ci_low", point.value - half, scale=half)
    ledger.note(node, "ci_high", point.value + half, scale=half)


def check_difference(
    ledger: Ledger, node: Node | None, control: Point, treatment: Point, alpha: float
) -> None:
    """Check treatment minus control: Welch's interval and test."""
    if node is None or node["status"] not in {"estimated", "certain"}:
        return
    gap = treatment.value - control.value
    if node["status"] == "certain":
        ledger.note(node, "estimate", gap)
        return
    error, df = welch(control, treatment)
    half = quantile_of(df, alpha) * error
    ledger.note(node, "estimate", gap, scale=half)
    ledger.note(node, "std_error", error)
    ledger.note(node, "ci_low", gap - half, scale=half)
    ledger.note(node, "ci_high", gap + half, scale=half)
    ledger.note(node, "p_value", two_sided(gap / error, df))
    if df != NORMAL:
        ledger.note(node, "df", df)


def check_lift(
    ledger: Ledger,
    node: Node | None,
    control: Point,
    treatment: Point,
    alpha: float,
    *,
    critical: float | None = None,
) -> None:
    """Check (treatment - control) / |control| by the method that the report names.

    `critical` is the number of standard errors of the difference, Welch's by default.
    """
    if node is None or "estimate" not in node:
        return
    size = abs(control.value)
    estimate = (treatment.value - control.value) / size
    relative = (treatment.error / size, abs(treatment.value / size) * (control.error / size))
    error = math.hypot(*relative)
    if node["status"] == "certain":
        ledger.note(node, "estimate", estimate)
        return
    _, df = welch(control, treatment)
    method = node["method"]
    low: float | None
    high: float | None
    if method in {"delta", "log"}:
        parts = zip(relative, (treatment.df, control.df), strict=True)
        df = error**4 / sum(own**4 / its for own, its in parts)
        half = quantile_of(df, alpha) * error
        low, high = estimate - half, estimate + half
        if method == "log":
            ratio = treatment.value / control.value
            low, high = (math.expm1(math.log(ratio) + s * half / ratio) for s in (-1, 1))
    else:
        q = quantile_of(df, alpha) if critical is None else critical
        low, high = fieller(control, treatment, q)
    half = error if low is None or high is None else (high - low) / 2
    ledger.note(node, "estimate", estimate, scale=half)
    ledger.note(node, "ci_low", low, scale=half)
    ledger.note(node, "ci_high", high, scale=half)
    ledger.note(node, "std_error", error)
    if node.get("df") is not None:
        ledger.note(node, "df", df)


def fieller(control: Point, treatment: Point, q: float) -> tuple[float | None, float | None]:
    """Give Fieller's interval of a lift: every lift l that the data do not rule out.

    With rho = sign(C) + l: (T - rho |C|)^2 <= q^2 (se_T^2 + rho^2 se_C^2), a quadratic in rho. Its
    set is an interval where C differs from 0 itself; otherwise at most one end is given.
    """
    size, sign = abs(control.value), math.copysign(1.0, control.value)
    a = size * size - (q * control.error) ** 2
    b = treatment.value * size
    c = treatment.value**2 - (q * treatment.error) ** 2
    root = b * b - a * c
    if root < 0 or a == 0:
        return None, None
    first, second = sorted((b + s * math.sqrt(root)) / a - sign for s in (-1, 1))
    if a > 0:
        return first, second
    ends = (first, second)
    if treatment.value > 0:
        return min(max(ends), -min(ends)), None
    return None, max(min(ends), -max(ends))


def check_guardrail(ledger: Ledger, node: Node | None, control: Point, treatment: Point) -> None:
    """Check a guardrail: one-sided tests of `T - (sign(C) + l) |C|`, at a lift l of the margin."""
    if node is None or node["status"] != "tested":
        return
    _, df = welch(control, treatment)
    size, sign = abs(control.value), math.copysign(1.0, control.value)
    better = 1.0 if node["direction"] == "higher" else -1.0
    ledger.note(node, "estimate", (treatment.value - control.value) / size, scale=node["margin"])
    if node["df"] is not None:
        ledger.note(node, "df", df)
    if node["p_value"] is None:
        ledger.note(node, "worst", (treatment.value - control.value) / size)
        return
    for name, lift, side in (
        ("p_value", -better * node["margin"], better),
        ("p_harm", 0.0, -better),
    ):
        gap = side * (treatment.value - control.value - lift * size)
        error = math.hypot(treatment.error, (sign + lift) * control.error)
        z = gap / error
        ledger.note(node, name, float(stats.norm.sf(z) if df == NORMAL else stats.t.sf(z, df)))
    if node["worst"] is not None:
        low, high = fieller(control, treatment, quantile_of(df, 2 * node["alpha"]))
        ledger.note(node, "worst", low if better > 0 else high, scale=node["margin"])


def check_exact(ledger: Ledger, node: Node | None, control: Sums, treatment: Sums) -> None:
    """Check the exact test of two small shares: Boschloo's, by SciPy."""
    if node is None or node["status"] != "exact":
        return
    yes = [round(float(one.totals[0])) for one in (control, treatment)]
    no = [control.n - yes[0], treatment.n - yes[1]]
    ledger.note(node, "units", control.n + treatment.n)
    if node["test"] == "fisher":
        ledger.note(node, "p_value", stats.fisher_exact(np.array([yes, no])).pvalue)
    else:
        test = stats.boschloo_exact if node["test"] == "boschloo" else stats.barnard_exact
        # both maximise over the unknown common share, on grids of their own
        ledger.note(
            node, "p_value", float(np.clip(test(np.array([yes, no])).pvalue, 0, 1)), tolerance=1e-3
        )
