"""The rows that an engine answers with, as the values that inference takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self, TypeAlias

from stats.aggregation.aggregates import (
    CrossoverCount,
    EventCount,
    FactsRange,
    MetricAggregates,
    OtherCurrency,
    VariantFunnel,
    VariantSummary,
    VariantUnits,
)
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import MeanSummary, RatioSummary

Row: TypeAlias = Mapping[str, object]
Rows: TypeAlias = Sequence[Row]


def _whole(value: object) -> int:
    if isinstance(value, Decimal | int):  # an exact sum arrives as a decimal without places
        return int(value)
    message = f"the engine answered {value!r} where a whole number was asked for"
    raise TypeError(message)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    message = f"the engine answered {value!r} where a text was asked for"
    raise TypeError(message)


def _time(value: object) -> datetime:
    if isinstance(value, datetime):  # relations hold UTC without a zone
        return value.replace(tzinfo=UTC)
    message = f"the engine answered {value!r} where a time was asked for"
    raise TypeError(message)


def _by(rows: Rows, column: str) -> dict[str, Row]:
    return {_text(row[column]): row for row in rows}


@dataclass(frozen=True, slots=True)
class Span:
    """The units of one variant: how many, and their first and last first exposure."""

    units: int
    first: datetime
    last: datetime

    @classmethod
    def by_variant(cls, rows: Rows) -> dict[str, Self]:
        """Read `units_per_variant`."""
        return {
            _text(row["variant"]): cls(
                _whole(row["units"]),
                _time(row["first_exposed_at"]),
                _time(row["last_exposed_at"]),
            )
            for row in rows
        }


def read_variants(
    plan: AnalysisPlan, spans: Mapping[str, Span], logged: Rows
) -> tuple[VariantUnits, ...]:
    """Read units and exposures per variant: planned ones first, then any others by name."""
    exposures = {_text(row["variant"]): _whole(row["exposures"]) for row in logged}
    planned = [variant.key for variant in plan.variants]
    others = sorted(exposures.keys() - set(planned))
    result = []
    for key in (*planned, *others):
        span = spans.get(key)
        first, last = (span.first, span.last) if span else (None, None)
        units = span.units if span else 0
        result.append(VariantUnits(key, units, exposures.get(key, 0), first, last))
    return tuple(result)


def read_crossovers(rows: Rows) -> tuple[CrossoverCount, ...]:
    """Read units per set of variants, sorted."""
    counts = []
    for row in rows:
        names = row["variants"]
        if not isinstance(names, list):
            message = f"the engine answered {names!r} where a list was asked for"
            raise TypeError(message)
        counts.append(CrossoverCount(tuple(_text(name) for name in names), _whole(row["units"])))
    return tuple(sorted(counts, key=lambda count: count.variants))


def read_unknown_unit_members(rows: Rows) -> int:
    """Read the one count."""
    return _whole(rows[0]["members"])


def read_events(
    plan: AnalysisPlan, rows: Rows, elsewhere: frozenset[str]
) -> tuple[EventCount, ...]:
    """Read every event of the plan, seen or not, by name; `elsewhere` names those of others."""
    seen = _by(rows, "event")
    return tuple(
        EventCount(event, _whole(seen[event]["seen"]), _whole(seen[event]["without_amount"]), True)
        if event in seen
        else EventCount(event, 0, 0, event in elsewhere)
        for event in plan.events
    )


def read_other_currencies(rows: Rows) -> tuple[OtherCurrency, ...]:
    """Read events per currency left out, by code, those without one last."""
    counts = [
        OtherCurrency(
            None if row["currency"] is None else _text(row["currency"]), _whole(row["events"])
        )
        for row in rows
    ]
    return tuple(sorted(counts, key=lambda count: (count.currency is None, count.currency or "")))


def read_facts_range(logged: Rows, events: Rows) -> FactsRange:
    """Read how much there was, and when."""
    return FactsRange(
        exposures=sum(_whole(row["exposures"]) for row in logged),
        first_exposed_at=min((_time(row["first_exposed_at"]) for row in logged), default=None),
        last_exposed_at=max((_time(row["last_exposed_at"]) for row in logged), default=None),
        conversions=sum(_whole(row["seen"]) for row in events),
        first_occurred_at=min((_time(row["first_occurred_at"]) for row in events), default=None),
        last_occurred_at=max((_time(row["last_occurred_at"]) for row in events), default=None),
    )


def read_metrics(
    plan: AnalysisPlan, spans: Mapping[str, Span], sums: Rows
) -> tuple[MetricAggregates, ...]:
    """Read the summaries of every metric in every planned variant."""
    by_variant = _by(sums, "variant")
    return tuple(
        MetricAggregates(
            metric.key,
            tuple(
                _variant_summary(
                    i, metric, variant.key, spans.get(variant.key), by_variant.get(variant.key)
                )
                for variant in plan.variants
            ),
        )
        for i, metric in enumerate(plan.metrics)
    )


def _variant_summary(
    i: int, metric: MetricInUse, variant: str, span: Span | None, row: Row | None
) -> VariantSummary:
    if span is None or row is None:
        empty = MeanSummary.from_sums(0, 0, 0)
        ratio = metric.definition.kind is MetricKind.RATIO
        summary = RatioSummary(empty, empty, 0.0) if ratio else empty
        return VariantSummary(variant, summary, 0, None, None)
    window = timedelta(days=metric.effective_window.end_days)
    filled = _summary(metric.definition.kind, {name: _whole(row[f"{name}{i}"]) for name in
                                               SUMS[metric.definition.kind]})  # fmt: skip
    immature = span.units - filled.n
    return VariantSummary(variant, filled, immature, span.first + window, span.last + window)


SUMS: Mapping[MetricKind, tuple[str, ...]] = {
    MetricKind.PROPORTION: ("n", "y"),
    MetricKind.MEAN: ("n", "y", "yy"),
    MetricKind.RATIO: ("n", "y", "yy", "d", "dd", "yd"),
    MetricKind.QUANTILE: ("n", "y", "yy"),  # the unit's total; its quantile is a pass of its own
    MetricKind.SURVIVAL: ("n", "y"),  # mature units, and those with the event
}
"""The columns of `summaries` by kind, each followed there by the metric's number."""


def _summary(kind: MetricKind, sums: Mapping[str, int]) -> MeanSummary | RatioSummary:
    n, y = sums["n"], sums["y"]
    match kind:
        case MetricKind.PROPORTION | MetricKind.SURVIVAL:
            return MeanSummary.from_sums(n, y, y)
        case MetricKind.MEAN | MetricKind.QUANTILE:
            return MeanSummary.from_sums(n, y, sums["yy"])
        case MetricKind.RATIO:
            return RatioSummary.from_sums(
                n, y=y, d=sums["d"], yy=sums["yy"], dd=sums["dd"], yd=sums["yd"]
            )


def read_funnel(
    plan: AnalysisPlan, spans: Mapping[str, Span], rows: Rows
) -> tuple[VariantFunnel, ...]:
    """Read the funnel of every planned variant; nothing without a funnel."""
    if plan.funnel is None:
        return ()
    by_variant = _by(rows, "variant")
    steps = range(len(plan.funnel.steps))
    result = []
    for variant in plan.variants:
        span, row = spans.get(variant.key), by_variant.get(variant.key)
        mature = _whole(row["n"]) if row else 0
        immature = (span.units if span else 0) - mature
        passed = tuple(_whole(row[f"s{i}"]) if row else 0 for i in steps)
        result.append(VariantFunnel(variant.key, mature, immature, passed))
    return tuple(result)
