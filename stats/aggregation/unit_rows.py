"""The units behind a scorecard as rows in Parquet files: what every figure of it is made of.

One row per unit that counts, from the same relations as the sums. A unit has a pseudonym that is
salted anew for each export, and no time but the day of its clock start. Rows are streamed by the
embedded engine to the file and never held here.

Every other module reduces units to sums and lets no row out. Who may have rows, the caller decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import ibis
import ibis.expr.types as ir

from stats.aggregation import relations
from stats.aggregation.answers import whole
from stats.aggregation.duckdb_engine import DuckDBEngine, to_sql
from stats.aggregation.funnel_rows import funnel_rows, step_columns
from stats.aggregation.layout import Layout, MetricColumns, layout_of
from stats.aggregation.parameters import AS_OF, CLOCK_STARTS, bound, time_text
from stats.aggregation.quantiles import event_quantile_values
from stats.aggregation.rows import read_clock_range
from stats.aggregation.survival import steps_per_day, survival_times
from stats.aggregation.unit_row_columns import (
    CovariateColumn,
    HorizonRowColumns,
    MetricRowColumns,
    UnitRowColumns,
)
from stats.aggregation.values import unit_totals, unit_values
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse

UNITS: Final = "units"
EVENTS: Final = "events"
FUNNEL: Final = "funnel"
OTHER: Final = "other"
"""Every segment value of a unit whose own are shared by too few."""
MONEY: Final = ("gross_margin", "reward_cost", "contact_cost", "upgraded", "rewards",
                "orders_without_margin", "earlier_gross_margin")  # fmt: skip
"""Amounts of money, in the order in which `stats.aggregation.money` has them."""


@dataclass(frozen=True, slots=True)
class RowOptions:
    """How rows are written.

    Attributes:
        salt: Known to nobody else, and to nobody later: pseudonyms cannot be followed from one
            export to the next then.
        csv_cell: Gives the SQL of a text column as a CSV file may have it; None writes Parquet.
        fewest: A combination of segment values that fewer units share is `OTHER`; None leaves all.
        units_alone: Whether only the file of units is wanted.
    """

    salt: str
    csv_cell: Callable[[str], str] | None = None
    fewest: int | None = None
    units_alone: bool = False


def write_unit_rows(
    engine: DuckDBEngine, plan: AnalysisPlan, as_of: datetime, folder: Path, options: RowOptions
) -> UnitRowColumns:
    """Write the units of an analysis to `units.parquet` in a folder, and what else figures need.

    `events.parquet` has the single values of metrics over events, `funnel.parquet` the units of the
    funnel; each is there only where the plan has such a thing. CSV files end so.

    Args:
        engine: Holds the facts.
        plan: The plan of the phase that they are of.
        as_of: The analysis time, aware; later facts are ignored.
        folder: Where the files are written.
        options: How.
    """
    return _Written(engine, plan, as_of, folder, options).all()


def unit_row_columns(plan: AnalysisPlan) -> UnitRowColumns:
    """Say which columns the files of a plan have; no rows are written yet."""
    layout, funnel = layout_of(plan), plan.funnel
    money = layout.money
    amounts = () if money is None else (money.outcome, *money.covariates)
    return UnitRowColumns(
        metrics=tuple(
            _columns_of(metric, columns, layout)
            for metric, columns in zip(plan.metrics, layout.metrics, strict=True)
        ),
        horizons=tuple(
            HorizonRowColumns(
                days,
                f"{one.key}.value.{days}d",
                None if one.denominator is None else f"{one.key}.denominator.{days}d",
            )
            for days, one in layout.horizons
        ),
        segments={one.key: f"segment.{one.key}" for one in plan.segments},
        money={name: f"money.{name}" for name, _ in zip(MONEY, amounts, strict=False)},
        money_mature=None if money is None else _mature(money, layout),
        steps=() if funnel is None else step_columns(funnel),
        rows=0,
    )


def _columns_of(metric: MetricInUse, columns: MetricColumns, layout: Layout) -> MetricRowColumns:
    key, survival = metric.key, metric.definition.kind is MetricKind.SURVIVAL
    return MetricRowColumns(
        key=key,
        value=f"{key}.value",
        mature=_mature(columns, layout),
        denominator=None if columns.denominator is None else f"{key}.denominator",
        covariates=tuple(
            CovariateColumn(name, f"{key}.before.{i}")
            for i, name in enumerate(metric.covariate_columns, start=1)
        ),
        step=f"{key}.step" if survival else None,
        had_event=f"{key}.had_event" if survival else None,
        steps_per_day=steps_per_day(metric.effective_window) if survival else None,
        per_event=metric.definition.is_per_event,
    )


def _mature(columns: MetricColumns, layout: Layout) -> str:
    return f"closed.{layout.ends[columns.closed - 1]}d"


class _Written:
    def __init__(
        self,
        engine: DuckDBEngine,
        plan: AnalysisPlan,
        as_of: datetime,
        folder: Path,
        options: RowOptions,
    ) -> None:
        self._engine, self._plan, self._folder, self._options = engine, plan, folder, options
        self._parameters = {"as_of": time_text(as_of)}
        self._functions = engine.functions(plan.time_zone)
        self._layout: Layout = layout_of(plan)
        spans = self._keep("row_spans", relations.unit_spans(plan, AS_OF))
        clock = engine.answer(to_sql(relations.clock_range(spans)))
        self._parameters |= read_clock_range(clock, as_of.astimezone(UTC))
        self._exposed = self._keep("row_exposed", relations.exposed_units(plan, spans, AS_OF))
        self._conversions = self._keep(
            "row_conversions",
            relations.unit_conversions(
                plan, self._exposed, AS_OF, self._layout.reach, CLOCK_STARTS
            ),
        )

    def all(self) -> UnitRowColumns:
        """Write every file."""
        rows, coarsened = self._coarsened(self._units(unit_row_columns(self._plan).metrics))
        written = self._write(rows, UNITS)
        funnel = None if self._options.units_alone else self._plan.funnel
        if not self._options.units_alone:
            self._write_events()
        if funnel is not None:
            over_exposed = (self._exposed, self._conversions)
            found = funnel_rows(
                self._plan,
                funnel,
                over_exposed,
                self._functions,
                self._keep,
                columns_of=dict(self._engine.relations),
            )
            self._write(found, FUNNEL)
        columns = unit_row_columns(self._plan)
        return replace(columns, rows=written, coarsened=coarsened)

    def _units(self, named: tuple[MetricRowColumns, ...]) -> ir.Table:
        totals = unit_totals(self._layout, self._conversions, self._functions)
        known = self._engine.relations.get("units", frozenset())
        unknown = self._plan.dispensable_attributes - known
        values = unit_values(
            self._plan, self._layout, self._exposed, totals, AS_OF, self._functions,
            named=True, unknown=unknown,
        )  # fmt: skip
        values = self._keep("row_values", values)
        chosen: dict[str, ir.Value] = {"day": values.day}
        segments = enumerate(self._plan.segments)
        chosen |= {f"segment.{one.key}": values[f"s{i}"] for i, one in segments}
        ends = enumerate(self._layout.ends, start=1)
        chosen |= {f"closed.{days}d": values.closed >= i for i, days in ends}
        for columns, names in zip(self._layout.metrics, named, strict=True):
            covariates = (one.column for one in names.covariates)
            own = (names.value, *(() if names.denominator is None else (names.denominator,)))
            chosen |= _in_units(values, columns, (*own, *covariates))
        for days, columns in self._layout.horizons:
            chosen |= _in_units(
                values,
                columns,
                (f"{columns.key}.value.{days}d", f"{columns.key}.denominator.{days}d"),
            )
        if self._layout.money is not None:
            chosen |= _in_units(values, self._layout.money, tuple(f"money.{m}" for m in MONEY))
        rows = values.select("unit_id", "variant", **chosen)
        for metric, names in zip(self._plan.metrics, named, strict=True):
            if names.step is not None and names.had_event is not None:
                rows = self._with_times(rows, metric, names.step, names.had_event)
        return rows

    def _with_times(
        self, rows: ir.Table, metric: MetricInUse, step: str, had_event: str
    ) -> ir.Table:
        times = survival_times(
            metric, self._exposed, self._conversions, AS_OF, self._functions, keys=("unit_id",)
        )
        renamed = times.rename({step: "step", had_event: "had_event"})
        return rows.left_join(renamed, "unit_id").drop("unit_id_right")

    def _write_events(self) -> None:
        found = [
            event_quantile_values(
                metric, self._exposed, self._conversions, AS_OF, self._functions
            ).mutate(metric=ibis.literal(metric.key))
            for metric in self._plan.metrics
            if metric.definition.is_per_event
        ]
        if found:
            self._write(ibis.union(*found) if len(found) > 1 else found[0], EVENTS)

    def _keep(self, name: str, relation: ir.Table) -> ir.Table:
        self._engine.store(name, self._bound(relation))
        return ibis.table(relation.schema(), name=name)

    def _bound(self, relation: ir.Table) -> str:
        return bound(to_sql(relation), self._parameters)

    def _coarsened(self, rows: ir.Table) -> tuple[ir.Table, int]:
        """Take the segment values from units whose combination of them is rare; say from how many.

        Where those together are too few to hide among, the next rarest combinations join them.
        """
        names = [f"segment.{one.key}" for one in self._plan.segments]
        fewest = self._options.fewest
        if fewest is None or not names:
            return rows, 0
        rows = self._keep("row_units", rows)
        counts = self._keep("row_segments", rows.group_by(names).agg(held=rows.count()))
        sizes = sorted(whole(row["held"]) for row in self._engine.answer(to_sql(counts)))
        rare = sum(size for size in sizes if size < fewest)
        below = fewest
        for size in sizes:
            if size >= fewest and 0 < rare < fewest:
                rare += size
                below = size + 1
        if not rare:
            return rows, 0
        same = [rows[name].identical_to(counts[name]) for name in names]
        joined = rows.left_join(counts, same)
        is_rare = joined.held < below
        other = {name: ibis.cases((is_rare, OTHER), else_=joined[name]) for name in names}
        coarse = joined.mutate(**other).select(*rows.columns)
        together = sum(size for size in sizes if size < below)
        return coarse, together

    def _write(self, rows: ir.Table, name: str) -> int:
        """Write rows under pseudonyms, ordered by them, so that no order of the store is left."""
        options, columns = self._options, []
        for column, kind in rows.schema().items():
            sql = '"' + column.replace('"', '""') + '"'
            if column == "unit_id":
                salted = f"{_quoted(options.salt)} || unit_id"
                columns.append(f"substr(sha256({salted}), 1, 16) AS unit")
            elif options.csv_cell is not None and kind.is_string():
                columns.append(f"{options.csv_cell(sql)} AS {sql}")
            else:
                columns.append(sql)
        form = "parquet" if options.csv_cell is None else "csv"
        target = _quoted(str(self._folder / f"{name}.{form}"))
        # the text is compiled, names, salt and path are quoted: nothing else comes from outside
        chosen = f"SELECT {', '.join(columns)} FROM ({self._bound(rows)}) ORDER BY unit"  # noqa: S608
        written = self._engine.run(f"COPY ({chosen}) TO {target} (FORMAT {form})")
        return whole(written.fetchall()[0][0])


def _in_units(
    values: ir.Table, columns: MetricColumns, names: tuple[str, ...]
) -> Mapping[str, ir.Value]:
    """Give the columns of a metric in its own unit, rounded once where steps are finer."""
    found = zip(names, columns.columns, columns.scales, strict=False)
    return {
        name: values[column] if scale == 1 else values[column] / float(scale)
        for name, column, scale in found
    }


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
