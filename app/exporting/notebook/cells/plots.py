"""Draws the effects as computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger


def plot_effects(ledger: Ledger) -> None:
    """Draw the lift of every metric and treatment, with its interval."""
    rows: list[tuple[str, float, float, float]] = []
    for metric in ledger.report["metrics"]:
        for comparison in metric["comparisons"]:
            lift = comparison["lift"]
            estimate, low, high = (
                ledger.noted.get((id(lift), name), (None,))[0]
                for name in ("estimate", "ci_low", "ci_high")
            )
            if estimate is not None and low is not None and high is not None:
                name = f"{metric['key']}, {comparison['treatment']}"
                rows.append((name, estimate, low, high))
    if not rows:
        print("No metric has a lift with an interval.")
        return
    _, axes = plt.subplots(figsize=(8, 1 + 0.4 * len(rows)))
    for place, (_, estimate, low, high) in enumerate(reversed(rows)):
        axes.plot([100 * low, 100 * high], [place, place], color="tab:blue", linewidth=2)
        axes.plot([100 * estimate], [place], marker="o", color="tab:blue")
    axes.axvline(0, color="grey", linewidth=1)
    axes.set_yticks(range(len(rows)), [name for name, *_ in reversed(rows)])
    axes.set_xlabel("lift over the control, %")
    plt.tight_layout()
    plt.show()
