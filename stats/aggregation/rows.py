"""The rows that an engine answers with, as the values that inference takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from stats.aggregation.aggregates import (
    CrossoverCount,
    EventCount,
    EventDay,
    FactsRange,
    OtherCurrency,
    VariantFunnel,
    VariantUnits,
)
from stats.aggregation.answers import text, whole
from stats.aggregation.cell_groups import day_of
from stats.aggregation.engine import Row, Rows
from stats.aggregation.parameters import time_text
from stats.aggregation.tallies import grouped
from stats.plan import AnalysisPlan


def _time(value: object) -> datetime:
    if isinstance(value, datetime):  # relations hold UTC without a zone
        return value.replace(tzinfo=UTC)
    message = f"the engine answered {value!r} where a time was asked for"
    raise TypeError(message)


def _by(rows: Rows, column: str) -> dict[str, Row]:
    return {text(row[column]): row for row in rows}


def read_clock_range(rows: Rows, as_of: datetime) -> dict[str, str]:
    """Read the first and the last clock start as parameters; the analysis time without units."""
    return {
        name: time_text(as_of if value is None else _time(value)) for name, value in rows[0].items()
    }


@dataclass(frozen=True, slots=True)
class Span:
    """The units of one variant: how many, and their first and last first exposure."""

    units: int
    first: datetime
    last: datetime

    @classmethod
    def by_variant(cls, by_day: Rows) -> dict[str, Self]:
        """Read the cells of every variant, mature or not."""
        return {
            variant: cls(
                sum(whole(row["n"]) for row in rows),
                min(_time(row["low_start"]) for row in rows),
                max(_time(row["high_start"]) for row in rows),
            )
            for variant, rows in grouped(by_day, lambda row: text(row["variant"])).items()
        }


def read_variants(
    plan: AnalysisPlan, spans: Mapping[str, Span], logged: Rows
) -> tuple[VariantUnits, ...]:
    """Read units and exposures per variant: planned ones first, then any others by name."""
    exposures = {text(row["variant"]): whole(row["exposures"]) for row in logged}
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
        counts.append(CrossoverCount(tuple(text(name) for name in names), whole(row["units"])))
    return tuple(sorted(counts, key=lambda count: count.variants))


def read_unknown_unit_members(rows: Rows) -> int:
    """Read the one count; nothing was asked for where there is no row."""
    return whole(rows[0]["members"]) if rows else 0


def read_events(
    plan: AnalysisPlan, rows: Rows, elsewhere: frozenset[str]
) -> tuple[EventCount, ...]:
    """Read every event of the plan, seen or not, by name; `elsewhere` names those of others."""
    seen = grouped(rows, lambda row: text(row["event"]))
    return tuple(
        EventCount(
            event,
            sum(whole(row["seen"]) for row in seen[event]),
            sum(whole(row["without_amount"]) for row in seen[event]),
            True,
        )
        if event in seen
        else EventCount(event, 0, 0, event in elsewhere)
        for event in plan.events
    )


def read_event_days(rows: Rows) -> tuple[EventDay, ...]:
    """Read how often each event was seen per day, by event and day."""
    days = grouped(rows, lambda row: (text(row["event"]), day_of(row["day"])))
    return tuple(
        EventDay(event, day, sum(whole(row["seen"]) for row in days[event, day]))
        for event, day in sorted(days)
    )


def read_other_currencies(rows: Rows) -> tuple[OtherCurrency, ...]:
    """Read events per currency left out, by code, those without one last."""
    left_out = [row for row in rows if row["left_out"]]
    currencies = grouped(
        left_out, lambda row: None if row["currency"] is None else text(row["currency"])
    )
    counts = [
        OtherCurrency(currency, sum(whole(row["seen"]) for row in some))
        for currency, some in currencies.items()
    ]
    return tuple(sorted(counts, key=lambda count: (count.currency is None, count.currency or "")))


def read_facts_range(logged: Rows, events: Rows) -> FactsRange:
    """Read how much there was, and when."""
    return FactsRange(
        exposures=sum(whole(row["exposures"]) for row in logged),
        first_exposed_at=min((_time(row["first_exposed_at"]) for row in logged), default=None),
        last_exposed_at=max((_time(row["last_exposed_at"]) for row in logged), default=None),
        conversions=sum(whole(row["seen"]) for row in events),
        first_occurred_at=min((_time(row["first_occurred_at"]) for row in events), default=None),
        last_occurred_at=max((_time(row["last_occurred_at"]) for row in events), default=None),
    )


def read_funnel(
    plan: AnalysisPlan, spans: Mapping[str, Span], rows: Rows
) -> tuple[VariantFunnel, ...]:
    """Read the funnel of every planned variant; nothing without one over the exposed."""
    if plan.funnel is None or plan.funnel.is_over_assigned:
        return ()
    by_variant = _by(rows, "variant")
    steps = range(len(plan.funnel.steps))
    result = []
    for variant in plan.variants:
        span, row = spans.get(variant.key), by_variant.get(variant.key)
        mature = whole(row["n"]) if row else 0
        immature = (span.units if span else 0) - mature
        passed = tuple(whole(row[f"s{i}"]) if row else 0 for i in steps)
        result.append(VariantFunnel(variant.key, mature, immature, passed))
    return tuple(result)
