"""What the analysis benchmark analyses: tables made in place, and the sums of them by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from stats.aggregation.fact_files import FactFiles
from stats.aggregation.unit_tables import UnitColumns, UnitMetric
from stats.metric import Window, builtin
from stats.plan import AnalysisPlan, MetricInUse, MetricRole, PlannedVariant, RandomizationUnit
from stats.summary import MeanSummary, RatioSummary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.aggregation.aggregates import MetricAggregates

AS_OF: Final = datetime(2026, 2, 20, tzinfo=UTC)
_EVENTS: Final = Path(__file__).with_name("analysis_events.sql").read_text(encoding="utf-8")
CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "TimeZone": "UTC",
    "preserve_insertion_order": "false",
}
METRICS: Final = ("converted", "orders", "active_days", "retained", "spend")
COLUMNS: Final = UnitColumns(
    variants=("control", "B"),
    metrics=tuple(
        UnitMetric(name, name, covariates=("spend_before",) if name == "spend" else ())
        for name in METRICS
    ),
)
CUBE: Final = UnitColumns(COLUMNS.variants, COLUMNS.metrics, segments=("segment",), day="day")
KEYS: Final = (
    "repurchase_rate", "purchase_frequency", "spend_per_member", "average_order_value",
    "refund_rate",
)  # fmt: skip
PLAN: Final = AnalysisPlan(
    campaign="bench",
    phase=1,
    randomization_unit=RandomizationUnit.MEMBER,
    variants=(PlannedVariant("control", None, is_control=True), PlannedVariant("B", None)),
    metrics=tuple(
        MetricInUse(builtin(key), MetricRole.DIAGNOSTIC, window=Window(14)) for key in KEYS
    ),
    currency="TWD",
    currency_exponent=2,
    time_zone="Asia/Taipei",
)
Sums = dict[str, dict[str, int]]


def make_members(folder: Path, members: int) -> Path:
    """Write a row a member: variant, segment, day, five outcomes and a covariate."""
    path = folder / f"members-{members}.parquet"
    with duckdb.connect(config=CONFIG) as connection:
        connection.execute(
            f"""COPY (SELECT
                CASE WHEN hash(range) % 2 = 0 THEN 'control' ELSE 'B' END AS variant,
                ['bronze', 'silver', 'gold', 'diamond'][1 + (hash(range * 5) % 4)::BIGINT]
                  AS segment,
                DATE '2026-01-01' + (hash(range * 3) % 28)::INTEGER AS day,
                (hash(range * 7) % 100 < 3)::BIGINT AS converted,
                (hash(range * 9) % 5)::BIGINT AS orders,
                if(hash(range * 13) % 4 = 0, (hash(range * 11) % 100000)::BIGINT, 0) AS spend,
                (hash(range * 17) % 31)::BIGINT AS active_days,
                (hash(range * 19) % 100 < 40)::BIGINT AS retained,
                if(hash(range * 13) % 4 = 0, (hash(range * 23) % 100000)::BIGINT, 0) AS spend_before
            FROM range({members})) TO '{path}' (FORMAT parquet)"""  # noqa: S608  # a number and our own path
        )
    return path


@dataclass(frozen=True, slots=True)
class Facts:
    """Exposures and three times as many conversions, in files."""

    exposures: Path
    conversions: Path
    rows: int

    @property
    def files(self) -> FactFiles:
        """As aggregation takes them."""
        return FactFiles(self.exposures, self.conversions)


def make_facts(folder: Path, exposures: int) -> Facts:
    """Write exposures of as many members over four weeks, and conversions about that time."""
    files = [folder / f"{kind}-{exposures}.parquet" for kind in ("exposures", "conversions")]
    people = exposures * 6 // 5
    with duckdb.connect(config=CONFIG) as connection:
        # a prime step scatters the members, as their arrival does
        connection.execute(
            f"""COPY (SELECT
                'm' || lpad(i::VARCHAR, 9, '0') AS member_id, member_id AS unit_id,
                CASE WHEN hash(i) % 2 = 0 THEN 'control' ELSE 'B' END AS variant,
                TIMESTAMPTZ '2026-01-01 00:00:00+00'
                  + to_microseconds((hash(i * 7 + 1) % (28 * 86400000000::UBIGINT))::BIGINT)
                  AS exposed_at
            FROM (SELECT (range * 7919) % {exposures} AS i FROM range({exposures})))
            TO '{files[0]}' (FORMAT parquet)"""  # noqa: S608  # a number and our own path
        )
        connection.execute(
            f"""COPY (SELECT
                'm' || lpad((hash(range * 3 + 5) % {people})::VARCHAR, 9, '0') AS member_id,
                CASE hash(range * 11) % 10 WHEN 0 THEN 'refund' WHEN 1 THEN 'activity'
                  WHEN 2 THEN 'offer_click' ELSE 'order' END AS event,
                TIMESTAMPTZ '2025-12-15 00:00:00+00'
                  + to_microseconds((hash(range * 13 + 1) % (80 * 86400000000::UBIGINT))::BIGINT)
                  AS occurred_at,
                if(event IN ('order', 'refund'), (hash(range * 17) % 100000)::BIGINT, NULL)
                  AS amount_minor,
                if(event IN ('order', 'refund'), 'TWD', NULL) AS currency,
                NULL::VARCHAR AS properties
            FROM range({3 * exposures})) TO '{files[1]}' (FORMAT parquet)"""  # noqa: S608  # as above
        )
    return Facts(files[0], files[1], 4 * exposures)


def members_by_hand(path: Path) -> Sums:
    """Give the sums of every variant, in one hand-written pass."""
    sums = ", ".join(
        f"sum({name}) AS {name}, sum({name} * {name}) AS {name}_squared,"
        f" count_if({name} <> 0) AS {name}_nonzero, min({name}) AS {name}_low,"
        f" max({name}) AS {name}_high"
        for name in METRICS
    )
    return _sums(
        f"SELECT variant, count(*) AS n, {sums}, sum(spend_before) AS before,"  # noqa: S608  # our own names
        " sum(spend_before * spend_before) AS before_squared,"
        f" sum(spend * spend_before) AS spend_before FROM read_parquet('{path}') GROUP BY variant"
    )


def events_by_hand(facts: Facts, memory_limit: str | None = None) -> Sums:
    """Give the sums of every variant from exposures and conversions."""
    with duckdb.connect(config=CONFIG) as connection:
        if memory_limit is not None:
            connection.execute(f"SET memory_limit = '{memory_limit}'")
            connection.execute(f"SET temp_directory = '{facts.exposures.parent}'")
        connection.execute(f"CREATE VIEW exposures AS FROM read_parquet('{facts.exposures}')")
        connection.execute(f"CREATE VIEW conversions AS FROM read_parquet('{facts.conversions}')")
        return _read(connection.execute(_EVENTS, {"as_of": AS_OF}))


def _sums(query: str) -> Sums:
    with duckdb.connect(config=CONFIG) as connection:
        return _read(connection.execute(query))


def _read(result: duckdb.DuckDBPyConnection) -> Sums:
    names = [column[0] for column in result.description]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return {row.pop("variant"): {name: int(value) for name, value in row.items()} for row in rows}


def compare_members(by_hand: Sums, metrics: tuple[MetricAggregates, ...]) -> None:
    """Refuse to compare two things that answer differently."""
    for metric in metrics:
        for row in metric.variants:
            sums = by_hand[row.variant]
            theirs = MeanSummary.from_sums(
                sums["n"], sums[metric.key], sums[f"{metric.key}_squared"]
            )
            _refuse(metric.key, row.variant, row.summary, theirs)


def compare_events(by_hand: Sums, metrics: tuple[MetricAggregates, ...]) -> None:
    """Refuse to compare two things that answer differently."""
    for metric in metrics:
        for row in metric.variants:
            theirs = _event_summaries(by_hand[row.variant])[metric.key]
            _refuse(metric.key, row.variant, row.summary, theirs)


def _refuse(key: str, variant: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        message = f"{key} of {variant}: {ours} is not {theirs}"
        raise ValueError(message)


def _event_summaries(sums: Mapping[str, int]) -> dict[str, MeanSummary | RatioSummary]:
    n = sums["n"]
    return {
        "repurchase_rate": MeanSummary.from_sums(n, sums["repurchased"], sums["repurchased"]),
        "purchase_frequency": MeanSummary.from_sums(n, sums["orders"], sums["orders_squared"]),
        "spend_per_member": MeanSummary.from_sums(n, sums["net"], sums["net_squared"]),
        "average_order_value": RatioSummary.from_sums(
            n, y=sums["net"], d=sums["orders"], yy=sums["net_squared"],
            dd=sums["orders_squared"], yd=sums["net_orders"],
        ),
        "refund_rate": RatioSummary.from_sums(
            n, y=sums["refunded"], d=sums["gross"], yy=sums["refunded_squared"],
            dd=sums["gross_squared"], yd=sums["refunded_gross"],
        ),
    }  # fmt: skip
