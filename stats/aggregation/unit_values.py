"""Sufficient statistics of values that somebody has already: one row per unit, no facts, no plan.

The way in for a notebook or a warehouse that keeps its own table of outcomes. The values come from
Parquet files, or from anything that hands over Arrow: a pandas or Polars frame, an Arrow table, an
Ibis table. Columns of whole numbers are summed exactly; floating-point ones about a pilot mean that
the first rows give, and once more about the true mean where those were far from it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir

from stats.aggregation import prepass
from stats.aggregation.aggregates import MetricAggregates, TopShare, UnitCount, VariantSummary
from stats.aggregation.answers import number, text, whole
from stats.aggregation.cell_groups import CellGroups, with_covariates
from stats.aggregation.cells import Arithmetic, cells, rolled_up
from stats.aggregation.duckdb_engine import DEFAULTS, DuckDBEngine, DuckDBSettings, to_sql
from stats.aggregation.engine import Rows, WholeNumberOverflow
from stats.aggregation.layout import MetricColumns
from stats.aggregation.parameters import bound
from stats.aggregation.tallies import Frame, Tally, summary_of
from stats.aggregation.top_shares import top_shares
from stats.aggregation.unit_tables import Source, UnitAggregates, UnitColumns, UnitMetric
from stats.errors import MissingColumn, UnusableValues, WrongColumnType

RELATION = "unit_values"
PILOT_ROWS = 10_000
FAR = 100.0
"""Standard deviations between pilot and mean that cost four of sixteen digits."""
WHOLE_TYPES = frozenset(
    {"BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
)
FLOATING_TYPES = frozenset({"FLOAT", "DOUBLE"})


def aggregate_units(
    source: Source,
    columns: UnitColumns,
    *,
    settings: DuckDBSettings = DEFAULTS,
    shares: bool = False,
) -> UnitAggregates:
    """Reduce a table of unit values to sufficient statistics.

    Args:
        source: Paths of Parquet files or patterns of them, read in a stream; or a table in memory.
        columns: What its columns are.
        settings: What the engine may use.
        shares: Whether to find how much the highest units hold, which takes passes of its own.

    Raises:
        MissingColumn: The source lacks a column.
        WrongColumnType: A value is neither a whole nor a floating-point number.
        UnusableValues: A value is NaN, infinite or null.
    """
    with _opened(source, settings) as engine:
        values = _Values(engine, columns, in_files=isinstance(source, str | Path | Sequence))
        try:
            return values.aggregates(Arithmetic.INTEGERS, shares=shares)
        except WholeNumberOverflow:  # a value beyond 3e9, whose square does not fit
            return values.aggregates(Arithmetic.DECIMALS, shares=shares)


@contextmanager
def _opened(source: Source, settings: DuckDBSettings) -> Iterator[DuckDBEngine]:
    with duckdb.connect(config=settings.config()) as connection:
        if isinstance(source, str | Path | Sequence):
            paths = [source] if isinstance(source, str | Path) else source
            files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
            connection.execute(f"CREATE TEMP VIEW source AS SELECT * FROM read_parquet([{files}])")  # noqa: S608 - quoted paths
        else:
            import pyarrow as pa  # noqa: PLC0415 - 40 MB, for tables in memory alone

            connection.register("source", pa.table(source))
        yield DuckDBEngine(connection)


class _Values:
    """A table of unit values behind an engine."""

    def __init__(self, engine: DuckDBEngine, columns: UnitColumns, *, in_files: bool) -> None:
        self._engine, self._asked = engine, columns
        described = engine.answer("DESCRIBE SELECT * FROM source")
        self._types = {text(row["column_name"]): text(row["column_type"]) for row in described}
        self._expressions: dict[str, tuple[str, str]] = {}
        self._metrics = tuple(self._columns_of(i, one) for i, one in enumerate(columns.metrics))
        self._floating = tuple(
            dict.fromkeys(
                name for metric in self._metrics if metric.floating for name in metric.columns
            )
        )
        self._segments = tuple(f"s{i}" for i in range(len(columns.segments)))
        self._table = self._view()
        self._parameters: dict[str, str] = {}
        self._binary = self._zero_or_one() if in_files else frozenset[str]()

    def aggregates(self, arithmetic: Arithmetic, *, shares: bool) -> UnitAggregates:
        """Compute everything."""
        caps = self._caps()
        pilots = self._pilots()
        groups = self._groups(pilots, arithmetic)
        means = self._far_means(groups, pilots)
        if means:
            pilots |= means
            groups = self._groups(pilots, arithmetic)
        variants = self._asked.variants
        return UnitAggregates(
            metrics=tuple(
                MetricAggregates(
                    metric.key,
                    tuple(_summary(metric, key, groups.tally(key)) for key in variants),
                    cap=caps.get(metric.key),
                    by_day=groups.day_cells(metric),
                    by_segment=groups.segment_cells(metric),
                    top_shares=self._shares(metric, groups) if shares else (),
                )
                for metric in self._metrics
            ),
            units=tuple(UnitCount(key, groups.tally(key).n) for key in variants),
            units_by_day=groups.units_by_day(),
            units_by_segment=groups.units_by_segment(),
        )

    def _type_of(self, name: str) -> str:
        if name not in self._types:
            raise MissingColumn(RELATION, name, self._types)
        return self._types[name]

    def _columns_of(self, i: int, metric: UnitMetric) -> MetricColumns:
        denominator = () if metric.denominator is None else (metric.denominator,)
        read = (metric.outcome, *denominator, *metric.covariates)
        for name in read:
            if self._type_of(name) not in WHOLE_TYPES | FLOATING_TYPES:
                raise WrongColumnType(
                    RELATION, name, self._types[name], "an integer of at most 64 bits or a double"
                )
        floating = any(self._types[name] in FLOATING_TYPES for name in read)
        names = [self._expression(name, floating=floating) for name in read]
        first = 1 if metric.denominator is None else 2
        return MetricColumns(
            key=metric.key,
            outcome=names[0],
            denominator=None if metric.denominator is None else names[1],
            covariates=tuple(names[first:]),
            capped=None if metric.cap is None else f"c{i}",
            cap=metric.cap,
            floating=floating,
        )

    def _expression(self, column: str, *, floating: bool) -> str:
        kind = "DOUBLE" if floating else "BIGINT"
        known = {wanted: name for name, wanted in self._expressions.items()}
        name = known.get((column, kind), f"v{len(known)}")
        self._expressions[name] = (column, kind)
        return name

    def _view(self) -> ir.Table:
        """Name the columns as `values` does, whatever they are called where they come from."""
        asked = self._asked
        self._type_of(asked.variant)
        selected = [f"{_quoted(asked.variant)}::VARCHAR AS variant"]
        schema = {"variant": "string"}
        for i, segment in enumerate(asked.segments):
            self._type_of(segment)
            selected.append(f"{_quoted(segment)}::VARCHAR AS s{i}")
            schema[f"s{i}"] = "string"
        if asked.day is not None:
            self._type_of(asked.day)
            selected.append(f"{_quoted(asked.day)}::DATE AS day")
            schema["day"] = "date"
        for name, (column, kind) in self._expressions.items():
            selected.append(f"{_quoted(column)}::{kind} AS {name}")
            schema[name] = "int64" if kind == "BIGINT" else "float64"
        self._engine.run(f"CREATE TEMP VIEW {RELATION} AS SELECT {', '.join(selected)} FROM source")  # noqa: S608 - quoted names
        self._schema = tuple(schema.items())
        return ibis.table(schema, name=RELATION)

    def _zero_or_one(self) -> frozenset[str]:
        """Find columns of 0 and 1, which files know from their statistics, without a pass."""
        columns = [name for name in self._expressions if name not in self._floating]
        if not columns:
            return frozenset()
        ranges = {f"low_{name}": self._table[name].min() for name in columns}
        ranges |= {f"high_{name}": self._table[name].max() for name in columns}
        row = self._fetch(to_sql(self._table.agg(**ranges)))[0]
        bounds = {name: {row[f"low_{name}"], row[f"high_{name}"]} for name in columns}
        return frozenset(name for name, ends in bounds.items() if ends <= {0, 1})

    def _fetch(self, sql: str, parameters: Mapping[str, str] | None = None) -> Rows:
        return self._engine.answer(bound(sql, {**self._parameters, **(parameters or {})}))

    def _caps(self) -> dict[str, int | float]:
        caps: dict[str, int | float] = {}
        for metric in self._metrics:
            cap = metric.cap
            if cap is None:
                continue
            if cap.percentile is None:
                caps[metric.key] = cap.value or 0
                continue
            units = prepass.pooled(self._table, metric, self._asked.variants)
            n = whole(self._fetch(to_sql(units.agg(n=units.count())))[0]["n"])
            if n:
                share = prepass.share_of_rank(prepass.rank_of(cap.percentile, n), n)
                caps[metric.key] = self._ranked(metric, share)
            self._parameters[f"cap_{metric.key}"] = repr(caps.get(metric.key, 0))
        return caps

    def _ranked(self, metric: MetricColumns, share: str) -> int | float:
        functions = self._engine.functions("UTC")
        statistic = prepass.order_statistic(self._table, metric, self._asked.variants, functions)
        value = self._fetch(to_sql(statistic), {"share": share})[0]["value"]
        return number(value) if metric.floating else whole(value)

    def _pilots(self) -> dict[str, float]:
        if not self._floating:
            return {}
        head = self._table.limit(PILOT_ROWS)
        means = self._fetch(
            to_sql(head.agg(**{name: head[name].mean() for name in self._floating}))
        )
        pilots = {name: number(value or 0.0) for name, value in means[0].items()}
        return {name: mean if math.isfinite(mean) else 0.0 for name, mean in pilots.items()}

    def _groups(self, pilots: Mapping[str, float], arithmetic: Arithmetic) -> CellGroups:
        every = dict(pilots)
        every |= {m.capped: pilots[m.outcome] for m in self._metrics if m.floating and m.capped}
        self._parameters |= {f"pilot_{name}": repr(value) for name, value in every.items()}
        keys = ("variant",) if self._asked.day is None else ("variant", "day")
        statements = _compiled(
            self._schema,
            self._metrics,
            keys,
            self._segments,
            self._binary,
            arithmetic,
            tuple(self._expressions),
        )
        if statements.kept_cells is not None:
            self._engine.store("cells", bound(statements.kept_cells, self._parameters))
        by_segment = tuple(self._fetch(sql) for sql in statements.by_segment)
        rows = self._fetch(statements.by_day)
        self._refuse_unusable(rows)
        frame = Frame(self._binary, every)
        return CellGroups(self._asked.variants, self._asked.segments, frame, rows, by_segment)

    def _refuse_unusable(self, rows: Rows) -> None:
        """Refuse null, NaN and infinite values, which leave their marks in counts and sums."""
        nameless = sum(whole(row["n"]) for row in rows if row["variant"] is None)
        if nameless:
            raise UnusableValues(self._asked.variant, nameless)
        for name, (column, _) in self._expressions.items():
            missing = sum(whole(row["n"]) - whole(row[f"count_{name}"]) for row in rows)
            if missing:
                raise UnusableValues(column, missing + self._not_finite(name))
            if name in self._floating and not all(
                math.isfinite(number(row[f"sum_{name}_{name}"])) for row in rows
            ):
                broken = self._not_finite(name)
                if broken:
                    raise UnusableValues(column, broken)

    def _not_finite(self, name: str) -> int:
        if name not in self._floating:
            return 0
        column = self._table[name]
        broken = self._table.filter(column.isnan() | column.isinf())
        return whole(self._fetch(to_sql(broken.agg(n=broken.count())))[0]["n"])

    def _far_means(self, groups: CellGroups, pilots: Mapping[str, float]) -> dict[str, float]:
        """Give the pooled means of columns whose pilots were too far off to keep their digits."""
        pooled = groups.pooled()
        if not pooled.n:
            return {}
        far = {}
        for name in self._floating:
            shift = number(pooled.total(name)) / pooled.n
            square = number(pooled.total(name, name)) / pooled.n
            if shift * shift > FAR * FAR * max(square - shift * shift, 0.0):
                far[name] = pilots[name] + shift
        return far

    def _shares(self, metric: MetricColumns, groups: CellGroups) -> tuple[TopShare, ...]:
        if metric.floating:
            return ()
        variants = self._asked.variants
        functions = self._engine.functions("UTC")
        ranked = prepass.high_statistic(self._table, metric, variants, functions)
        above = prepass.above(self._table, metric, variants)
        return top_shares(metric, groups, to_sql(ranked), to_sql(above), self._fetch)


@dataclass(frozen=True, slots=True)
class _Statements:
    kept_cells: str | None
    by_day: str
    by_segment: tuple[str, ...]


@lru_cache(maxsize=64)
def _compiled(
    schema: tuple[tuple[str, str], ...],
    metrics: tuple[MetricColumns, ...],
    keys: tuple[str, ...],
    segments: tuple[str, ...],
    binary: frozenset[str],
    arithmetic: Arithmetic,
    counted: tuple[str, ...],
) -> _Statements:
    summed = cells(
        prepass.with_caps(ibis.table(dict(schema), name=RELATION), metrics),
        metrics,
        (*keys, *segments),
        binary=binary,
        arithmetic=arithmetic,
        counted=counted,
    )
    if not segments:
        return _Statements(None, to_sql(summed), ())
    kept = ibis.table(summed.schema(), name="cells")
    by_segment = tuple(to_sql(rolled_up(kept, ("variant", name))) for name in segments)
    return _Statements(to_sql(summed), to_sql(rolled_up(kept, keys)), by_segment)


def _summary(metric: MetricColumns, variant: str, tally: Tally) -> VariantSummary:
    moments = tally.moments(metric)
    return VariantSummary(
        variant=variant,
        summary=summary_of(metric, moments),
        immature_units=0,
        first_window_closes_at=None,
        last_window_closes_at=None,
        moments=with_covariates(metric, moments),
        capped=tally.capped(metric),
        capped_units=tally.over_cap(metric),
        nonzero_units=tally.nonzero(metric),
        minimum=tally.lowest(metric),
        maximum=tally.highest(metric),
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
