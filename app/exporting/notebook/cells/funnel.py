"""The funnel: every step over all units, with its effects and times."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from statsmodels.stats.multitest import multipletests

from app.exporting.notebook.cells.effects import check_value
from app.exporting.notebook.cells.metrics import check_comparison
from app.exporting.notebook.cells.sums import Sums

if TYPE_CHECKING:
    import pandas as pd

    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.sums import Table

DAY = 86_400  # seconds


class StepCount(NamedTuple):
    """Units that are mature for a step, that passed it, and that passed the one before."""

    mature: int
    passed: int
    before: int


class FunnelCounts(NamedTuple):
    """The funnel counted: per tier (`all` for everybody), step and variant."""

    steps: dict[tuple[str | None, str, str], StepCount]
    units: dict[tuple[str | None, str], int]


def count_funnel(report: Node, columns: Node, units: pd.DataFrame) -> FunnelCounts:
    """Count the rows of a funnel."""
    found, funnel = FunnelCounts({}, {}), report["funnel"]
    if funnel is None or not len(units):
        return found
    named = {one["key"]: one for one in columns["steps"]}
    tiers = report["plan"]["funnel"]["tiers"]
    parts = {"all": units, None: units[~units["tier"].isin(tiers)]}
    parts |= {tier: units[units["tier"] == tier] for tier in tiers}
    for tier, part in parts.items():
        for variant in (one["key"] for one in report["plan"]["variants"]):
            own = part[part["variant"] == variant]
            found.units[tier, variant] = len(own)
            for step in funnel["steps"]:
                key = step["key"]
                if key in named:
                    mature = own[own[named[key]["mature"]]]
                    passed = int(mature[named[key]["seconds"]].notna().sum())
                    count = StepCount(len(mature), passed, int(mature[named[key]["before"]].sum()))
                else:  # the assignment itself, which everybody passes
                    count = StepCount(*[int(own[named["exposed"]["mature"]].sum())] * 3)
                found.steps[tier, key, variant] = count
    return found


def check_funnel(ledger: Ledger, table: Table, counts: FunnelCounts) -> None:
    """Check every step, for all units and by tier."""
    funnel = ledger.report["funnel"]
    if funnel is None or not counts.steps:
        return
    first = funnel["steps"][0]["key"]
    assigned = funnel["basis"] == "assigned"
    for key in funnel["immature_units"]:
        units = counts.units["all", key] if assigned else table.units.get(key, 0)
        open_now = units - counts.steps["all", first, key].mature
        ledger.note(funnel["immature_units"], key, open_now)
    check_steps(ledger, funnel["steps"], counts, "all")
    check_corrected_steps(ledger, funnel["steps"])
    for part in funnel["by_tier"]:
        if (part["tier"], first, next(iter(part["units"]))) not in counts.steps:
            continue
        for key in part["units"]:
            ledger.note(part["units"], key, counts.units[part["tier"], key])
        check_steps(ledger, part["steps"], counts, part["tier"])


def check_steps(ledger: Ledger, steps: list[Node], counts: FunnelCounts, tier: str | None) -> None:
    """Check counts, shares and effects of steps."""
    alpha = ledger.report["alpha"]
    for step in steps:
        sums = {}
        for node in step["variants"]:
            n, passed, before = counts.steps[tier, step["key"], node["variant"]]
            ledger.note(node, "n", n)
            ledger.note(node, "units", passed)
            if node["share_of_previous"] is not None:
                ledger.note(node, "share_of_previous", passed / before)
            spread = passed - passed * passed / n if n else 0.0
            sums[node["variant"]] = Sums(n, np.array([passed]), np.array([[spread]]))
            if n:
                check_value(ledger, node["share"], sums[node["variant"]], "proportion", alpha)
        for node in step["comparisons"]:
            pair = [sums[node[who]] for who in ("control", "treatment")]
            check_comparison(ledger, node, pair, "proportion", alpha)


def check_step_times(ledger: Ledger, columns: Node, units: pd.DataFrame) -> None:
    """Check how long each step took those who passed it."""
    funnel = ledger.report["funnel"]
    if funnel is not None and len(units):
        named = {one["key"]: one for one in columns["steps"]}
        for step in funnel["steps"]:
            for node in step["variants"]:
                check_times_of(ledger, node, step, named, units)


def check_times_of(
    ledger: Ledger, node: Node, step: Node, named: dict[str, Node], units: pd.DataFrame
) -> None:
    """Check the days since the step before, of those who passed."""
    if node["mean_days"] is None or step["key"] not in named:
        return
    columns = named[step["key"]]
    own = units[(units["variant"] == node["variant"]) & units[columns["mature"]]]
    seconds = np.sort(own[columns["seconds"]].dropna().to_numpy(dtype=float))
    ledger.note(node, "mean_days", float(seconds.mean()) / DAY)
    ledger.note(node, "median_days", float(seconds[(len(seconds) - 1) // 2]) / DAY)


def check_corrected_steps(ledger: Ledger, steps: list[Node]) -> None:
    """Check p-values corrected over all comparisons of the funnel (Benjamini and Hochberg)."""
    tests = [
        (step["corrected_p_values"], one["treatment"], one["difference"]["p_value"])
        for step in steps
        for one in step["comparisons"]
        if "p_value" in one["difference"]
    ]
    if tests:
        adjusted = multipletests([p for _, _, p in tests], method="fdr_bh")[1]
        for (node, treatment, _), p_value in zip(tests, adjusted, strict=True):
            ledger.note(node, treatment, float(p_value))
