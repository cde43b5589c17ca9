"""A scorecard: how long it takes, beside one query written by hand for the same sums.

The limit starts from the facts in memory and ends with the sums; a scorecard reads the facts from
the database before, and infers, checks and stores after. Two answers that differ cannot be
compared, so the sums are compared first.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Final

import duckdb
import orjson
import pyarrow as pa
from measurement import Subject, measure
from programme import ANALYSED

from app.analysis import scorecard_of
from experiments.campaign import UnitKind
from experiments.lifecycle import find_campaign
from experiments.store.engine import open_engine, writing
from experiments.store.facts import read_facts
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.plan import AnalysisPlan
from stats.scorecard import assemble_scorecard, scorecard_to_json
from stats.summary import MeanSummary, RatioSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from measurement import Result
    from sqlalchemy import Engine

    from stats.aggregation.aggregates import Aggregates

HAND_WRITTEN: Final = "one hand-written query over Arrow"
AGGREGATION: Final = "aggregation over Arrow"
SCORECARD: Final = "scorecard, from the database to the stored document"
_QUERY: Final = Path(__file__).with_name("scorecard.sql").read_text(encoding="utf-8")

Sums = dict[str, dict[str, int]]


def measure_scorecard(url: str, now: datetime, *, rounds: int) -> list[Result]:
    """Measure the scorecard of the analysed campaign, its aggregation alone, and the limit.

    Args:
        url: Address of the filled database.
        now: The analysis time.
        rounds: How often.

    Raises:
        ValueError: The hand-written query gives other sums than the aggregation.
    """
    engine = open_engine(url)
    try:
        plan = _plan(engine)
        facts = _facts(engine, plan)
        naive = _naive(facts.exposures), _naive(facts.conversions), now
        _compare(_by_hand(*naive), aggregate(facts, plan, now), plan)
        parts: dict[str, list[float]] = {}

        def per_second(run: Callable[[], object]) -> float:
            began = perf_counter()
            run()
            return 1 / (perf_counter() - began)

        def whole(_number: int) -> float:
            _add_parts(engine, now, parts)
            return per_second(lambda: scorecard_of(engine, ANALYSED, now=now, as_of=now))

        def detail(name: str) -> Mapping[str, float | str]:
            rows = {
                "exposures": facts.exposures.num_rows,
                "conversions": facts.conversions.num_rows,
            }
            if name != SCORECARD:
                return rows
            return {f"{part}_ms": round(median(took) * 1_000, 1) for part, took in parts.items()}

        return measure(
            [
                Subject(HAND_WRITTEN, lambda _number: per_second(lambda: _by_hand(*naive))),
                Subject(
                    AGGREGATION,
                    lambda _number: per_second(lambda: aggregate(facts, plan, now)),
                    (HAND_WRITTEN,),
                ),
                Subject(SCORECARD, whole, (HAND_WRITTEN,)),
            ],
            unit="times/s",
            rounds=rounds,
            detail=detail,
        )
    finally:
        engine.dispose()


def _plan(engine: Engine) -> AnalysisPlan:
    phase = find_campaign(engine, ANALYSED).phases[-1]
    return AnalysisPlan.from_json(phase.analysis_plan)


def _facts(engine: Engine, plan: AnalysisPlan) -> FactTables:
    read = read_facts(engine, ANALYSED, 1, unit=UnitKind.MEMBER, events=plan.events)
    return FactTables(read.exposures, read.conversions, read.unit_members)


def _add_parts(engine: Engine, now: datetime, parts: dict[str, list[float]]) -> None:
    """Take the steps of `scorecard_of` one by one and note how long each took."""

    def note(part: str, began: float) -> float:
        ended = perf_counter()
        parts.setdefault(part, []).append(ended - began)
        return ended

    at = perf_counter()
    plan = _plan(engine)
    at = note("plan", at)
    facts = _facts(engine, plan)
    at = note("facts", at)
    aggregates = aggregate(facts, plan, now)
    at = note("aggregation", at)
    scorecard = assemble_scorecard(plan, aggregates, computed_at=now)
    at = note("inference", at)
    document = orjson.dumps(scorecard_to_json(scorecard)).decode()
    at = note("document", at)
    stored = StoredScorecard(ANALYSED, 1, scorecard.snapshot_hash, now, document)
    with writing(engine) as connection:
        keep_scorecard(connection, stored)
    note("store", at)


def _by_hand(exposures: pa.Table, conversions: pa.Table, now: datetime) -> Sums:
    """Give the sums of every variant, by name."""
    with duckdb.connect() as connection:
        connection.register("exposures", exposures)
        connection.register("conversions", conversions)
        relation = connection.sql(_QUERY, params={"as_of": now.replace(tzinfo=None)})
        rows = relation.to_arrow_table().to_pylist()
    return {row.pop("variant"): {name: int(value) for name, value in row.items()} for row in rows}


def _naive(table: pa.Table) -> pa.Table:
    """Give times without their zone, UTC, so that the limit pays for no zone arithmetic."""
    fields = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _compare(by_hand: Sums, aggregates: Aggregates, plan: AnalysisPlan) -> None:
    """Refuse to compare two things that answer differently."""
    ours = {
        metric.key: {one.variant: one.summary for one in metric.variants}
        for metric in aggregates.metrics
    }
    for variant in (planned.key for planned in plan.variants):
        sums = by_hand[variant]
        theirs = _summaries(sums)
        if theirs.keys() != ours.keys():
            message = f"the query knows {sorted(theirs)}, the campaign has {sorted(ours)}"
            raise ValueError(message)
        for metric, summary in theirs.items():
            if ours[metric][variant] != summary:
                message = f"{metric} of {variant}: {ours[metric][variant]} is not {summary}"
                raise ValueError(message)
        steps = next(one.step_units for one in aggregates.funnel if one.variant == variant)
        if steps != tuple(sums[step] for step in ("viewed", "clicked", "claimed", "changed")):
            message = f"the funnel of {variant} differs: {steps}, by hand {sums}"
            raise ValueError(message)


def _summaries(sums: Mapping[str, int]) -> dict[str, MeanSummary | RatioSummary]:
    n = sums["n"]
    return {
        "upgrade_conversion": MeanSummary.from_sums(n, sums["upgraded"], sums["upgraded"]),
        "repurchase_rate": MeanSummary.from_sums(n, sums["repurchased"], sums["repurchased"]),
        "purchase_frequency": MeanSummary.from_sums(n, sums["orders"], sums["orders_squared"]),
        "spend_per_member": MeanSummary.from_sums(n, sums["net"], sums["net_squared"]),
        "reward_cost": MeanSummary.from_sums(n, sums["reward"], sums["reward_squared"]),
        "average_order_value": RatioSummary.from_sums(
            n,
            y=sums["net"],
            d=sums["orders"],
            yy=sums["net_squared"],
            dd=sums["orders_squared"],
            yd=sums["net_orders"],
        ),
        "refund_rate": RatioSummary.from_sums(
            n,
            y=sums["refunded"],
            d=sums["gross"],
            yy=sums["refunded_squared"],
            dd=sums["gross_squared"],
            yd=sums["refunded_gross"],
        ),
    }
