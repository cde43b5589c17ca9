"""Cells of every metric as the values that inference takes."""

from collections.abc import Callable, Hashable, Mapping
from datetime import date, timedelta

from stats.aggregation.aggregates import (
    Cell,
    HorizonCell,
    MetricAggregates,
    TopShare,
    UnitCount,
    VariantSummary,
)
from stats.aggregation.answers import text, whole
from stats.aggregation.engine import Row, Rows
from stats.aggregation.layout import Layout, MetricColumns
from stats.aggregation.rows import Span, day_of
from stats.aggregation.tallies import Tally, grouped, summary_of
from stats.moments import Moments
from stats.plan import AnalysisPlan, MetricInUse


class _Groups:
    """Cells sorted by a key, and added up over those that are mature."""

    def __init__(self, rows: Rows, key: Callable[[Row], Hashable], binary: frozenset[str]) -> None:
        self._rows = grouped(rows, key)
        self._binary = binary
        self._tallies: dict[tuple[Hashable, int], Tally] = {}

    def tally(self, key: Hashable, closed: int) -> Tally:
        """Add up the cells of a key of which at least so many windows have closed."""
        if (key, closed) not in self._tallies:
            rows = [row for row in self._rows.get(key, ()) if whole(row["closed"]) >= closed]
            self._tallies[key, closed] = Tally.of(rows, self._binary)
        return self._tallies[key, closed]


class PlanCells:
    """The cells of a plan.

    Attributes:
        spans: The units of every variant, planned or not.
    """

    def __init__(
        self, plan: AnalysisPlan, layout: Layout, by_day: Rows, by_segment: tuple[Rows, ...]
    ) -> None:
        """Take the cells per day, and per value of each segment."""
        self._plan, self._layout = plan, layout
        self._planned = tuple(variant.key for variant in plan.variants)
        self.spans = Span.by_variant(by_day)
        self._days = sorted({day_of(row["day"]) for row in by_day})
        self._variants = _Groups(by_day, lambda row: text(row["variant"]), layout.binary)
        self._by_day = _Groups(
            by_day, lambda row: (text(row["variant"]), day_of(row["day"])), layout.binary
        )
        self._values = tuple(
            sorted({_value(row, i) for row in rows}, key=lambda value: (value is None, value or ""))
            for i, rows in enumerate(by_segment)
        )
        self._by_segment = tuple(
            _Groups(rows, _variant_and_value(i), layout.binary) for i, rows in enumerate(by_segment)
        )

    def pooled(self, metric: MetricColumns) -> Tally:
        """Add up the mature units of all planned variants."""
        tallies = [self._variants.tally(key, metric.closed) for key in self._planned]
        return Tally.together(tallies, self._layout.binary)

    def metrics(
        self, caps: Mapping[str, int], top_shares: Mapping[str, tuple[TopShare, ...]]
    ) -> tuple[MetricAggregates, ...]:
        """Read the summaries of every metric in every planned variant."""
        return tuple(
            MetricAggregates(
                metric.key,
                tuple(self._variant_summary(metric, columns, key) for key in self._planned),
                cap=caps.get(metric.key),
                by_day=tuple(
                    _cell(columns, key, tally, day=day)
                    for day in self._days
                    for key in self._planned
                    if (tally := self._by_day.tally((key, day), columns.closed)).n
                ),
                by_segment=tuple(
                    _cell(columns, key, tally, segment=segment.key, value=value)
                    for i, segment in enumerate(self._plan.segments)
                    for value in self._values[i]
                    for key in self._planned
                    if (tally := self._by_segment[i].tally((key, value), columns.closed)).n
                ),
                by_horizon=self._horizons() if metric is self._plan.oec else (),
                top_shares=top_shares.get(metric.key, ()),
            )
            for metric, columns in zip(self._plan.metrics, self._layout.metrics, strict=True)
        )

    def units_by_day(self) -> tuple[UnitCount, ...]:
        """Count the units of planned variants, mature or not, per day."""
        return tuple(
            UnitCount(key, n, day=day)
            for day in self._days
            for key in self._planned
            if (n := self._by_day.tally((key, day), 0).n)
        )

    def units_by_segment(self) -> tuple[UnitCount, ...]:
        """Count the units of planned variants, mature or not, per segment and value."""
        return tuple(
            UnitCount(key, n, segment=segment.key, value=value)
            for i, segment in enumerate(self._plan.segments)
            for value in self._values[i]
            for key in self._planned
            if (n := self._by_segment[i].tally((key, value), 0).n)
        )

    def _variant_summary(
        self, metric: MetricInUse, columns: MetricColumns, variant: str
    ) -> VariantSummary:
        tally, span = self._variants.tally(variant, columns.closed), self.spans.get(variant)
        moments = tally.moments(columns)
        window = timedelta(days=metric.effective_window.end_days)
        return VariantSummary(
            variant=variant,
            summary=summary_of(columns, moments),
            immature_units=span.units - tally.n if span else 0,
            first_window_closes_at=span.first + window if span else None,
            last_window_closes_at=span.last + window if span else None,
            moments=_with_covariates(columns, moments),
            capped=tally.capped(columns),
            nonzero_units=tally.nonzero(columns),
            minimum=tally.lowest(columns),
            maximum=tally.highest(columns),
        )

    def _horizons(self) -> tuple[HorizonCell, ...]:
        return tuple(
            HorizonCell(key, days, summary_of(columns, tally.moments(columns)))
            for days, columns in self._layout.horizons
            for key in self._planned
            if (tally := self._variants.tally(key, columns.closed)).n
        )


def _cell(
    columns: MetricColumns,
    variant: str,
    tally: Tally,
    *,
    segment: str | None = None,
    value: str | None = None,
    day: date | None = None,
) -> Cell:
    moments = tally.moments(columns)
    summary = summary_of(columns, moments)
    return Cell(variant, summary, segment, value, day, _with_covariates(columns, moments))


def _with_covariates(columns: MetricColumns, moments: Moments) -> Moments | None:
    return moments if columns.covariates else None


def _value(row: Row, i: int) -> str | None:
    value = row[f"s{i}"]
    return None if value is None else text(value)


def _variant_and_value(i: int) -> Callable[[Row], Hashable]:
    return lambda row: (text(row["variant"]), _value(row, i))
