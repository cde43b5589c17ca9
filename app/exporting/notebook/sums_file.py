"""Writes what units add up to, for whoever may not have their rows: no small group apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from stats.aggregation.funnel_cells import FunnelCell, StepCount
from stats.moments import Moments
from stats.plan.funnel import ASSIGNED, EXPOSED
from stats.summary import MeanSummary, RatioSummary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stats.aggregation.aggregates import Aggregates, MetricAggregates
    from stats.plan import AnalysisPlan
    from stats.scorecard import FunnelResult, Scorecard

ALL: Final = "all"
AnySums: TypeAlias = Moments | MeanSummary | RatioSummary


@dataclass(slots=True)
class _Sums:
    """What is written, as it grows."""

    sums: list[dict[str, Any]] = field(default_factory=list)
    withheld: dict[str, int] = field(default_factory=dict)

    def add(self, metric: str, place: tuple[str, str | None], variant: str, of: AnySums) -> None:
        """Add the sums of one variant in one slice."""
        n, totals, centred = _matrix(of)
        if n:
            self.sums.append(
                {
                    "metric": metric,
                    "slice": place[0],
                    "value": place[1],
                    "variant": variant,
                    "n": n,
                    "totals": totals,
                    "centred": centred,
                }
            )

    def add_slices(
        self,
        metric: str,
        by: str,
        cells: Iterable[tuple[str | None, str, AnySums]],
        variants: int,
        fewest: int,
    ) -> None:
        """Add the values of a slice that enough units of every variant have."""
        values: dict[str | None, list[tuple[str, AnySums]]] = {}
        for value, variant, of in cells:
            values.setdefault(value, []).append((variant, of))
        held_back = 0
        for value, found in values.items():
            sizes = [_matrix(of)[0] for _, of in found]
            if len(sizes) < variants or min(sizes) < fewest:
                held_back += any(sizes)
                continue
            for variant, of in found:
                self.add(metric, (by, value), variant, of)
        if held_back:
            self.withheld[f"{metric}/{by}"] = held_back


def sums_of(scorecard: Scorecard, aggregates: Aggregates, *, fewest: int) -> bytes:
    """Give the sums of a report as JSON.

    Args:
        scorecard: The report.
        aggregates: What its units add up to.
        fewest: Units of every variant that a day needs to be shown apart; a segment has its own.
    """
    plan, written = scorecard.plan, _Sums()
    counts = [
        {
            "metric": row.key,
            "variant": one.variant,
            "units": _matrix(one.summary)[0] + one.immature_units,
            "nonzero": one.nonzero_units,
            "capped_units": one.capped_units,
        }
        for row in aggregates.metrics
        for one in row.variants
    ]
    for row in aggregates.metrics:
        _add_metric(written, plan, row, fewest)
    _add_money(written, plan, aggregates)
    fixed = {
        one.key: one.cap.value for one in plan.metrics if one.cap is not None and one.cap.value
    }
    document = {
        "sums": written.sums,
        "counts": counts,
        "units": {row.variant: row.units for row in aggregates.variants},
        "caps": fixed,
        "withheld": written.withheld,
        "funnel": _funnel(plan, aggregates, scorecard.funnel),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _add_metric(written: _Sums, plan: AnalysisPlan, row: MetricAggregates, fewest: int) -> None:
    variants = len(plan.variants)
    for one in row.variants:
        if one.distribution is None:
            written.add(row.key, (ALL, None), one.variant, one.moments or one.summary)
        if one.capped is not None:
            written.add(f"{row.key}/capped", (ALL, None), one.variant, one.capped)
    if any(one.distribution is not None for one in row.variants):
        return
    for segment in plan.segments:
        cells = [
            (cell.value, cell.variant, cell.moments or cell.summary)
            for cell in row.by_segment
            if cell.segment == segment.key
        ]
        written.add_slices(row.key, segment.key, cells, variants, segment.minimum_units)
    days = [
        (cell.day.isoformat(), cell.variant, cell.moments or cell.summary)
        for cell in row.by_day
        if cell.day is not None
    ]
    written.add_slices(row.key, "day", days, variants, fewest)
    for horizon in row.by_horizon:
        written.add(f"{row.key}@{horizon.days}", (ALL, None), horizon.variant, horizon.summary)


def _add_money(written: _Sums, plan: AnalysisPlan, aggregates: Aggregates) -> None:
    if aggregates.money is None or plan.money is None:
        return
    for one in aggregates.money.variants:
        written.add("money", (ALL, None), one.variant, one.moments)
    tier = next((one for one in plan.segments if one.key == plan.money.tier), None)
    if tier is not None:
        cells = [(cell.tier, cell.variant, cell.moments) for cell in aggregates.money.by_tier]
        variants = len(plan.variants)
        written.add_slices("money", tier.key, cells, variants, tier.minimum_units)


def _matrix(
    of: AnySums,
) -> tuple[int, list[int | float], list[list[float]]]:
    match of:
        case RatioSummary():
            above, below = of.numerator, of.denominator
            return (
                of.n,
                [above.total, below.total],
                [[above.centred_squares, of.co_moment], [of.co_moment, below.centred_squares]],
            )
        case Moments():
            return of.n, list(of.totals), [list(row) for row in of.centred]
        case MeanSummary():
            return of.n, [of.total], [[of.centred_squares]]


def _funnel(
    plan: AnalysisPlan, aggregates: Aggregates, result: FunnelResult | None
) -> dict[str, list[dict[str, Any]]]:
    """Give the counts of every step, of everybody and of the tiers that are shown."""
    steps: list[dict[str, Any]] = []
    units: list[dict[str, Any]] = []
    if plan.funnel is None or result is None:
        return {"steps": steps, "units": units}
    keys = [step.key for step in plan.funnel.steps]
    shown = {part.tier for part in result.by_tier if part.shown}
    for variant in (one.key for one in plan.variants):
        cells = [one for one in aggregates.funnel_cells if one.variant == variant]
        parts = {ALL: cells} | {tier: [one for one in cells if one.tier == tier] for tier in shown}
        for tier, of_tier in parts.items():
            if plan.funnel.is_over_assigned:
                whole = FunnelCell.total(variant, of_tier, len(keys))
                mature = whole.exposed.mature
                counts = {ASSIGNED: StepCount(mature, mature, mature), EXPOSED: whole.exposed}
                counts |= dict(zip(keys, whole.steps, strict=True))
                units.append({"tier": tier, "variant": variant, "units": whole.units})
            else:
                row = next(one for one in aggregates.funnel if one.variant == variant)
                before = (row.mature_units, *row.step_units)
                counts = {
                    key: StepCount(row.mature_units, passed, before[i])
                    for i, (key, passed) in enumerate(zip(keys, row.step_units, strict=True))
                }
            for key, count in counts.items():
                written = {"mature": count.mature, "passed": count.passed, "before": count.before}
                steps.append({"tier": tier, "step": key, "variant": variant, **written})
    return {"steps": steps, "units": units}
