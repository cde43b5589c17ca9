"""Which estimate decides, as the plan's rule says: raw, adjusted by covariates, or held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.exporting.notebook.cells.deciding import check_deciding, check_verdict, deciding_metric
from app.exporting.notebook.cells.effects import mean_of, point_of
from app.exporting.notebook.cells.metrics import SUMMED, adjusted_points

if TYPE_CHECKING:
    from app.exporting.notebook.cells.comparing import Ledger, Node
    from app.exporting.notebook.cells.effects import Point
    from app.exporting.notebook.cells.sums import Table


def check_decision(
    ledger: Ledger, columns: Node, table: Table, others: dict[str, dict[str, Point]]
) -> None:
    """Check the deciding result and the numbers of the verdict.

    `others` has the points of metrics that are no sums: times and quantiles.
    """
    report = ledger.report
    if report["oec"] is None:
        return
    metric, used = deciding_metric(report), report["oec"]["estimate"]
    key, kind = metric["key"], metric["definition"]["kind"]
    variants = [one["key"] for one in report["plan"]["variants"]]
    named = next(one for one in columns["metrics"] if one["key"] == key)
    if key in others:
        points = others[key]
    elif used == "adjusted" and metric["adjusted"] is not None and kind in SUMMED:
        points = adjusted_points(report, named, table, kind).points
    else:
        points = {}
        for variant in variants:
            held = table.of(f"{key}/capped", variant)
            capped = used == "capped" and held.n > 1
            point = mean_of(held) if capped else point_of(table.of(key, variant), kind)
            if point is not None:
                points[variant] = point
    units = sum(table.of(key, variant).n for variant in variants)
    by_day = table.slices(key, "day")

    def matured(day: str) -> int | None:
        if table.withheld.get(f"{key}/day"):
            return None
        cells = (cell for when, cell in by_day.items() if when is not None and when < day)
        return sum(one.n for cell in cells for one in cell.values())

    check_deciding(ledger, points, units, matured)
    check_verdict(ledger)
