"""What goes with the outcome: a logistic regression on variant and segments, robust errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.multitest import multipletests

from app.exporting.notebook.cells.deciding import deciding_metric
from app.exporting.notebook.cells.effects import NORMAL, quantile_of

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node

MISSING = "(missing)"  # the level of a unit without that attribute
SOLVED = 1e-7  # the fit stops at such a step


def check_drivers(ledger: Ledger, columns: Node, units: pd.DataFrame) -> None:
    """Check the regression, over the units whose window has closed."""
    report = ledger.report
    node = report["drivers"]
    if node is None or "coefficients" not in node:
        return
    named = next(one for one in columns["metrics"] if one["key"] == deciding_metric(report)["key"])
    planned = [one["key"] for one in report["plan"]["variants"]]
    rows = units[units["variant"].isin(planned) & units[named["mature"]]]
    rows = rows[rows[named["value"]].notna()]
    levels = pd.DataFrame({"variant": rows["variant"]})
    for key, column in columns["segments"].items():
        levels[key] = rows[column].astype(object).where(rows[column].notna(), MISSING).astype(str)
    outcome = (rows[named["value"]] > 0).to_numpy(dtype=float)
    all_units = len(rows)
    for one in node["undefined"]:  # a level in which everybody, or nobody, has the outcome
        column = one["column"]
        at = (levels[column["factor"]] == column["level"]).to_numpy()
        ledger.note(column, "units", int(at.sum()))
        ledger.note(column, "successes", int(outcome[at].sum()))
    left_out = np.zeros(len(rows), dtype=bool)
    for one in node["undefined"]:
        column = one["column"]
        if column["successes"] in {0, column["units"]}:
            left_out |= (levels[column["factor"]] == column["level"]).to_numpy()
    marks = np.column_stack(
        [np.ones(len(rows))]
        + [
            (levels[one["column"]["factor"]] == one["column"]["level"]).to_numpy(dtype=float)
            for one in node["coefficients"]
        ]
    )
    for one, mark in zip(node["coefficients"], marks.T[1:], strict=True):
        ledger.note(one["column"], "units", int(mark.sum()))
        ledger.note(one["column"], "successes", int(outcome[mark == 1].sum()))
    marks, outcome = marks[~left_out], outcome[~left_out]
    ledger.note(node, "units", len(outcome))
    ledger.note(node, "successes", int(outcome.sum()))
    ledger.note(node, "left_out", all_units - len(outcome))
    check_fit(ledger, node, marks, outcome)


def check_fit(ledger: Ledger, node: Node, x: np.ndarray, outcome: np.ndarray) -> None:
    """Check coefficients, their HC1 errors, odds ratios and average differences."""
    n, k = x.shape
    fit = GLM(outcome, x, family=families.Binomial()).fit(maxiter=100, tol=1e-14)
    beta = np.asarray(fit.params)
    chance = expit(x @ beta)
    bread = np.linalg.inv((x * (chance * (1 - chance))[:, None]).T @ x)
    meat = (x * ((outcome - chance) ** 2)[:, None]).T @ x * n / (n - k)
    covariance = bread @ meat @ bread
    errors, z = np.sqrt(np.diag(covariance)), quantile_of(NORMAL, node["alpha"])
    p_values = 2 * stats.norm.sf(np.abs(beta / errors))
    adjusted = multipletests(p_values[1:], method="fdr_bh")[1]
    ledger.note(node, "intercept", float(beta[0]), tolerance=SOLVED)
    for i, one in enumerate(node["coefficients"], start=1):
        b, error = float(beta[i]), float(errors[i])
        ledger.note(one, "std_error", error, tolerance=SOLVED)
        ledger.note(one, "p_value", float(p_values[i]), tolerance=1e-5)
        ledger.note(one, "p_adjusted", float(adjusted[i - 1]), tolerance=1e-5)
        for name, sign in (("estimate", 0), ("ci_low", -1), ("ci_high", 1)):
            end = b + sign * z * error
            ledger.note(one["coefficient"], name, end, scale=z * error, tolerance=SOLVED)
            if one["odds_ratio"] is not None:
                ledger.note(one["odds_ratio"], name, math.exp(end), tolerance=SOLVED)
        same = [
            j
            for j, other in enumerate(node["coefficients"], start=1)
            if other["column"]["factor"] == one["column"]["factor"]
        ]
        check_marginal(ledger, one["marginal"], x, beta, covariance, (i, same), z)


def check_marginal(
    ledger: Ledger,
    node: Node,
    x: np.ndarray,
    beta: np.ndarray,
    covariance: np.ndarray,
    place: tuple[int, list[int]],
    z: float,
) -> None:
    """Check the average difference of the chance, with the level and with the reference."""
    i, same = place
    without = x.copy()
    without[:, same] = 0
    with_level = without.copy()
    with_level[:, i] = 1
    high, low = expit(with_level @ beta), expit(without @ beta)
    gradient = (high * (1 - high)) @ with_level - (low * (1 - low)) @ without
    gradient = gradient / len(x)
    half = z * math.sqrt(float(gradient @ covariance @ gradient))
    estimate = float((high - low).mean())
    for name, value in (
        ("estimate", estimate), ("ci_low", estimate - half), ("ci_high", estimate + half),
    ):  # fmt: skip
        ledger.note(node, name, value, scale=half, tolerance=SOLVED)
