"""The same aggregation, written independently as plain Python and pandas over every row."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from stats.metric import Aggregate, Condition, MetricKind, Term
from stats.plan import AnalysisPlan, CrossoverRule, MetricInUse, MetricRole


@dataclass(frozen=True)
class Unit:
    """One mature unit: its variant, day, clock start and the values that a metric reads."""

    unit: str
    variant: str
    day: date
    y: int
    d: int
    covariates: tuple[int, ...]
    horizons: dict[int, tuple[int, int]]


@dataclass
class Oracle:
    """What the oracle finds."""

    units: dict[str, int]
    crossed: dict[tuple[str, ...], int]
    unknown: int
    pairs: dict[str, dict[str, list[tuple[int, int]]]] = field(default_factory=dict)
    immature: dict[str, dict[str, int]] = field(default_factory=dict)
    funnel: dict[str, list[int]] = field(default_factory=dict)
    rows: dict[str, list[Unit]] = field(default_factory=dict)
    chosen: dict[str, tuple[str, pd.Timestamp]] = field(default_factory=dict)


def _fits(row: pd.Series, events: Iterable[str], where: tuple[Condition, ...]) -> bool:
    met = [row[c.property] in set(c.values) for c in where]
    return row["event"] in events and all(met)


Days = tuple[int, int]


def _within(at: pd.Timestamp, first: pd.Timestamp, days: Days) -> bool:
    elapsed = at - first
    return timedelta(days=days[0]) <= elapsed < timedelta(days=days[1])


def _term(
    rows: list[pd.Series], first: pd.Timestamp, term: Term, days: Days, zone: ZoneInfo
) -> int:
    counted = [
        row
        for row in rows
        if _within(row["occurred_at"], first, days) and _fits(row, term.events, term.where)
    ]
    if term.aggregate is Aggregate.COUNT:
        return term.sign * len(counted)
    if term.aggregate is Aggregate.AMOUNT:
        return term.sign * sum(
            0 if pd.isna(r["amount_minor"]) else int(r["amount_minor"]) for r in counted
        )
    return term.sign * len({row["occurred_at"].astimezone(zone).date() for row in counted})


def _events(
    plan: AnalysisPlan,
    conversions: pd.DataFrame,
    units: dict[str, str | None] | None,
    as_of: datetime,
    chosen: set[str],
) -> dict[str, list[pd.Series]]:
    own = (conversions["currency"] == plan.currency) | conversions["amount_minor"].isna()
    conversions = conversions[own & (conversions["occurred_at"] <= as_of)]
    owner = {m: m for m in conversions["member_id"]} if units is None else units
    events: dict[str, list[pd.Series]] = {}
    for _, row in conversions.iterrows():
        unit = owner.get(row["member_id"])
        if unit in chosen:
            events.setdefault(unit, []).append(row)
    return events


def _pair(
    metric: MetricInUse, rows: list[pd.Series], first: pd.Timestamp, days: Days, zone: ZoneInfo
) -> tuple[int, int]:
    definition = metric.definition
    y = sum(_term(rows, first, term, days, zone) for term in definition.numerator)
    d = sum(_term(rows, first, term, days, zone) for term in definition.denominator)
    if definition.kind is MetricKind.PROPORTION:
        y = int((y > 0) != definition.absence)
    return y, d


def _unit(
    metric: MetricInUse,
    unit: str,
    variant: str,
    first: pd.Timestamp,
    rows: list[pd.Series],
    zone: ZoneInfo,
) -> Unit:
    window = metric.effective_window
    y, d = _pair(metric, rows, first, (window.start_days, window.end_days), zone)
    covariates: list[int] = []
    for covariate in metric.covariates:
        before = (-covariate.days, 0)
        if covariate.numerator:
            covariates.append(sum(_term(rows, first, t, before, zone) for t in covariate.numerator))
        else:
            own = _pair(metric, rows, first, before, zone)
            covariates += own if metric.definition.denominator else own[:1]
    horizons = {
        end: _pair(metric, rows, first, (window.start_days, end), zone)
        for end in (1, 2, 3, 5, 7, 14, 21)
        if metric.role is MetricRole.OEC and window.start_days < end < window.end_days
    }
    day = first.astimezone(zone).date()
    return Unit(unit, variant, day, y, d, tuple(covariates), horizons)


def analyse(
    plan: AnalysisPlan,
    exposures: pd.DataFrame,
    conversions: pd.DataFrame,
    units: dict[str, str | None] | None,
    as_of: datetime,
) -> Oracle:
    """Aggregate row by row."""
    zone = ZoneInfo(plan.time_zone)
    exposures = exposures[exposures["exposed_at"] <= as_of]
    known = exposures[exposures["unit_id"].notna()]
    unknown = set(exposures["member_id"]) - set(known["member_id"])
    chosen: dict[str, tuple[str, pd.Timestamp]] = {}
    crossed: dict[tuple[str, ...], int] = {}
    for unit, rows in known.groupby("unit_id"):
        names = tuple(sorted(set(rows["variant"])))
        if len(names) > 1:
            crossed[names] = crossed.get(names, 0) + 1
            if plan.crossover_rule is CrossoverRule.EXCLUDE:
                continue
        first = rows["exposed_at"].min()
        chosen[str(unit)] = (min(rows.loc[rows["exposed_at"] == first, "variant"]), first)
    events = _events(plan, conversions, units, as_of, set(chosen))
    result = Oracle(
        pd.Series([v for v, _ in chosen.values()]).value_counts().to_dict(), crossed, len(unknown)
    )
    result.chosen = chosen
    for metric in plan.metrics:
        window = metric.effective_window
        immature: dict[str, int] = {}
        mature: list[Unit] = []
        for unit, (variant, first) in chosen.items():
            if first + timedelta(days=window.end_days) > as_of:
                immature[variant] = immature.get(variant, 0) + 1
                continue
            mature.append(_unit(metric, unit, variant, first, events.get(unit, []), zone))
        values: dict[str, list[tuple[int, int]]] = {}
        for row in mature:
            values.setdefault(row.variant, []).append((row.y, row.d))
        result.pairs[metric.key], result.immature[metric.key] = values, immature
        result.rows[metric.key] = mature
    if plan.funnel is not None:
        _funnel(plan, chosen, events, as_of, result)
    return result


def _funnel(
    plan: AnalysisPlan,
    chosen: dict[str, tuple[str, pd.Timestamp]],
    events: dict[str, list[pd.Series]],
    as_of: datetime,
    result: Oracle,
) -> None:
    funnel = plan.funnel
    assert funnel is not None
    for unit, (variant, first) in chosen.items():
        counts = result.funnel.setdefault(variant, [0] * (len(funnel.steps) + 1))
        if first + timedelta(days=funnel.window.end_days) > as_of:
            continue
        counts[0] += 1
        after = first
        for i, step in enumerate(funnel.steps, start=1):
            times = [
                row["occurred_at"]
                for row in events.get(unit, [])
                if _within(row["occurred_at"], first, (0, funnel.window.end_days))
                and row["occurred_at"] >= after
                and _fits(row, step.events, step.where)
            ]
            if not times:
                break
            counts[i] += 1
            after = min(times)


def co_moments(columns: list[tuple[int, ...]]) -> np.ndarray:
    """Centred sums of products of every pair of columns, one tuple a unit, by NumPy."""
    values = np.array(columns, dtype=np.float64)
    centred = values - values.mean(axis=0)
    return np.asarray(centred.T @ centred)


def moments(pairs: list[tuple[int, int]]) -> tuple[float, float, float]:
    """Centred sums of squares of both, and their co-moment, by NumPy."""
    if not pairs:
        return 0.0, 0.0, 0.0
    y, d = np.array(pairs, dtype=np.float64).T
    return (
        float(((y - y.mean()) ** 2).sum()),
        float(((d - d.mean()) ** 2).sum()),
        float(((y - y.mean()) * (d - d.mean())).sum()),
    )
