"""The trust checks that rows can tell: the sample ratio, and balance before the campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

from app.exporting.notebook.cells.effects import Point, two_sided, welch

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Table

FEWEST_EXPECTED = 5  # below it, chi-squared is not chi-squared
FEWEST_UNITS = 100  # with fewer, a balance is not tested


def check_health(ledger: Ledger, columns: Node, table: Table) -> None:
    """Check units per variant, their ratio, and how alike variants were beforehand."""
    report = ledger.report
    for node in report["variants"]:
        ledger.note(node, "units", table.units.get(node["key"], 0))
    findings = {one["code"]: one["evidence"] for one in report["findings"]}
    if "sample_ratio" in findings:
        check_ratio(ledger, findings["sample_ratio"], table.units)
    if "p_values" in findings.get("pre_period", {}):
        check_balance(ledger, findings["pre_period"], columns, table)


def planned_shares(report: Node) -> dict[str, float]:
    """Give the share of every variant that has one."""
    variants = report["plan"]["variants"]
    return {one["key"]: float(one["planned_share"]) for one in variants if one["planned_share"]}


def ratio_test(units: dict[str, int], shares: dict[str, float]) -> tuple[float, float] | None:
    """Test units against planned shares; None of too few units to test."""
    observed = np.array([units.get(key, 0) for key in shares], dtype=float)
    expected = observed.sum() * np.array(list(shares.values())) / sum(shares.values())
    if len(shares) < 2 or expected.min() < FEWEST_EXPECTED:  # noqa: PLR2004 - two to compare
        return None
    found = stats.chisquare(observed, expected)
    return float(found.statistic), float(found.pvalue)


def check_ratio(ledger: Ledger, node: Node, units: dict[str, int]) -> None:
    """Check Pearson's test of the planned shares."""
    shares = planned_shares(ledger.report)
    total = sum(units.get(key, 0) for key in shares)
    expected = {key: total * share / sum(shares.values()) for key, share in shares.items()}
    for key in shares:
        ledger.note(node["observed"], key, units.get(key, 0))
        if "expected" in node:
            ledger.note(node["expected"], key, expected[key])
    test = ratio_test(units, shares)
    if test is not None and "chi2" in node:
        gaps = sum(abs(units.get(key, 0) - expected[key]) for key in shares)
        ledger.note(node, "chi2", test[0], scale=1e-3)
        ledger.note(node, "df", len(shares) - 1)
        ledger.note(node, "p_value", test[1])
        ledger.note(node, "misplaced_share", gaps / 2 / total, scale=1e-6)


def check_places(ledger: Ledger, columns: Node, units: pd.DataFrame) -> None:
    """Check the same test in every day and segment value, corrected by Holm."""
    report = ledger.report
    node: Node = next(
        (one["evidence"] for one in report["findings"] if one["code"] == "sample_ratio"), {}
    )
    if "slices_tested" not in node:
        return
    shares, tests = planned_shares(report), {}
    names = {one["key"]: one["name"] or one["key"] for one in report["plan"]["segments"]}
    for by, column in {**columns["segments"], None: "day"}.items():
        for value, rows in units.groupby(column, dropna=False):
            counted = rows["variant"].value_counts()
            test = ratio_test({str(key): int(n) for key, n in counted.items()}, shares)
            if test is not None:
                said: str = "unknown" if pd.isna(value) else str(value)
                name = f"day {said[:10]}" if by is None else f"{names[by]} = {said}"
                tests[name] = test[1]
    ledger.note(node, "slices_tested", len(tests))
    if tests:
        adjusted = multipletests(list(tests.values()), method="holm")[1]
        for name, p_value in zip(tests, adjusted, strict=True):
            if name in node["slices_off"]:
                ledger.note(node["slices_off"], name, float(p_value))


def check_balance(ledger: Ledger, node: Node, columns: Node, table: Table) -> None:
    """Check Welch's test of every covariate, corrected by Holm."""
    plan = ledger.report["plan"]
    control = next(one["key"] for one in plan["variants"] if one["is_control"])
    found = {}
    for named in columns["metrics"]:
        first = 2 if named["denominator"] else 1
        for i, one in enumerate(named["covariates"], start=first):
            own, _, part = one["name"].partition(".")
            covariate = f"{own} ({part})" if part in {"numerator", "denominator"} else one["name"]
            for treatment in (v["key"] for v in plan["variants"] if not v["is_control"]):
                pair = [table.of(named["key"], who) for who in (control, treatment)]
                if min(sums.n for sums in pair) < FEWEST_UNITS:
                    continue
                points = [
                    Point(s.mean[i], (s.centred[i, i] / (s.n - 1) / s.n) ** 0.5, s.n, s.n - 1)
                    for s in pair
                ]
                error, df = welch(points[0], points[1])
                if error:
                    z = (points[1].value - points[0].value) / error
                    found[f"{named['key']}, {covariate}, {treatment}"] = two_sided(z, df)
    ledger.note(node, "tests", len(found))
    if found:
        adjusted = multipletests(list(found.values()), method="holm")[1]
        for name, p_value in zip(found, adjusted, strict=True):
            ledger.note(node["p_values"], name, float(p_value))
