"""Cells of a plan's metrics as the values that inference takes."""

from collections.abc import Mapping
from datetime import timedelta

from stats.aggregation.aggregates import HorizonCell, MetricAggregates, TopShare, VariantSummary
from stats.aggregation.cell_groups import CellGroups, with_covariates
from stats.aggregation.distributions import VariantDistributions
from stats.aggregation.engine import Rows
from stats.aggregation.layout import Layout, MetricColumns
from stats.aggregation.money import MoneyAggregates, MoneyCell, MoneyUnits
from stats.aggregation.rows import Span
from stats.aggregation.tallies import Frame, summary_of
from stats.moments import in_unit
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import QuantileSummary, SurvivalSummary


class PlanCells:
    """The cells of a plan.

    Attributes:
        spans: The units of every variant, planned or not.
        groups: The cells by day and segment.
    """

    def __init__(
        self, plan: AnalysisPlan, layout: Layout, by_day: Rows, by_segment: tuple[Rows, ...]
    ) -> None:
        """Take the cells per day, and per value of each segment."""
        self._plan, self._layout = plan, layout
        self._planned = tuple(variant.key for variant in plan.variants)
        segments = [segment.key for segment in plan.segments]
        frame = Frame(layout.binary)
        self.spans = Span.by_variant(by_day)
        self.groups = CellGroups(self._planned, segments, frame, by_day, by_segment)

    def metrics(
        self,
        caps: Mapping[str, int],
        top_shares: Mapping[str, tuple[TopShare, ...]],
        found: Mapping[str, VariantDistributions],
    ) -> tuple[MetricAggregates, ...]:
        """Read the summaries of every metric in every planned variant."""
        return tuple(
            MetricAggregates(
                metric.key,
                tuple(
                    self._variant_summary(metric, columns, key, found.get(metric.key, {}).get(key))
                    for key in self._planned
                ),
                cap=_cap(caps.get(metric.key), columns),
                by_day=self.groups.day_cells(columns),
                by_segment=self.groups.segment_cells(columns),
                by_horizon=self._horizons() if metric is self._plan.oec else (),
                top_shares=top_shares.get(metric.key, ()),
            )
            for metric, columns in zip(self._plan.metrics, self._layout.metrics, strict=True)
        )

    def _variant_summary(
        self,
        metric: MetricInUse,
        columns: MetricColumns,
        variant: str,
        distribution: QuantileSummary | SurvivalSummary | None,
    ) -> VariantSummary:
        tally, span = self.groups.tally(variant, columns.closed), self.spans.get(variant)
        moments, every = tally.moments(columns), self.groups.tally(variant)
        window = timedelta(days=metric.effective_window.end_days)
        return VariantSummary(
            variant=variant,
            summary=summary_of(columns, moments),
            immature_units=every.units(columns) - tally.units(columns),
            first_window_closes_at=span.first + window if span else None,
            last_window_closes_at=span.last + window if span else None,
            moments=with_covariates(columns, moments),
            capped=tally.capped(columns),
            capped_units=tally.over_cap(columns),
            nonzero_units=tally.nonzero(columns),
            minimum=_in_unit(tally.lowest(columns), columns),
            maximum=_in_unit(tally.highest(columns), columns),
            distribution=distribution,
        )

    def money(self) -> MoneyAggregates | None:
        """Read what units brought and cost, in every planned variant."""
        plan, columns = self._plan.money, self._layout.money
        if plan is None or columns is None:
            return None
        window = timedelta(days=plan.window.end_days)
        variants = []
        for key in self._planned:
            tally, span = self.groups.tally(key, columns.closed), self.spans.get(key)
            variants.append(
                MoneyUnits(
                    variant=key,
                    moments=tally.moments(columns),
                    immature_units=self.groups.tally(key).n - tally.n,
                    first_window_closes_at=span.first + window if span else None,
                    last_window_closes_at=span.last + window if span else None,
                )
            )
        by_tier = tuple(
            MoneyCell(cell.variant, cell.value, cell.moments)
            for cell in self.groups.segment_cells(columns)
            if cell.segment == plan.tier and cell.moments is not None
        )
        return MoneyAggregates(tuple(variants), by_tier)

    def _horizons(self) -> tuple[HorizonCell, ...]:
        return tuple(
            HorizonCell(key, days, summary_of(columns, tally.moments(columns)))
            for days, columns in self._layout.horizons
            for key in self._planned
            if (tally := self.groups.tally(key, columns.closed)).n
        )


def _in_unit(steps: float | None, columns: MetricColumns) -> int | float | None:
    if steps is None or columns.scale == 1:
        return steps
    return in_unit(int(steps), columns.scale)


def _cap(steps: int | None, columns: MetricColumns) -> int | float | None:
    """Give where a metric was winsorised, in its unit; a fixed cap is in it already."""
    if columns.cap is not None and columns.cap.value is not None:
        return columns.cap.value
    return _in_unit(steps, columns)
