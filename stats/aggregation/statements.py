"""All relations of a plan, compiled: made once for a plan and an engine, run as often as asked."""

from dataclasses import dataclass
from functools import lru_cache

import ibis
import ibis.expr.types as ir

from stats.aggregation import prepass, relations
from stats.aggregation.assigned_funnel import TIER
from stats.aggregation.cells import Arithmetic, cells, rolled_up
from stats.aggregation.compiling import to_sql
from stats.aggregation.distributions import (
    DistributionStatements,
    compile_distributions,
    reads_conversions,
    reads_unit_values,
)
from stats.aggregation.drivers import driver_patterns
from stats.aggregation.engine import EngineFunctions
from stats.aggregation.funnel_statements import compile_funnel
from stats.aggregation.layout import Layout, MetricColumns, layout_of
from stats.aggregation.overlap import OVERLAPS, overlap_cells
from stats.aggregation.parameters import AS_OF, CLOCK_STARTS
from stats.aggregation.unusable_events import events_unusable
from stats.aggregation.values import unit_totals, unit_values
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, CrossoverRule, MetricInUse


@dataclass(frozen=True, slots=True)
class Detail:
    """What is computed beside the sums of every metric, variant and segment.

    Attributes:
        days: Cells of every day of first exposure.
        horizons: The OEC at windows shorter than its own.
        top_shares: How much of each metric's total its highest units hold.
        checks: What only trust checks read: exposures and events seen, crossovers, overlaps.
        drivers: Units counted by segments, variant and the outcome of an OEC that is a proportion.
        step_times: Time between the steps of the funnel.
    """

    days: bool = True
    horizons: bool = True
    top_shares: bool = True
    checks: bool = True
    drivers: bool = True
    step_times: bool = True


EVERYTHING = Detail()
SUMS_ALONE = Detail(
    days=False, horizons=False, top_shares=False, checks=False, drivers=False, step_times=False
)


@dataclass(frozen=True, slots=True)
class Statements:
    """The SQL of a plan, in the order in which it runs.

    Attributes:
        layout: What the columns are.
        kept: Relations that are computed once and kept, by name; `unit_spans` first.
        clock_range: The first and last clock start, parameters of all that comes after it.
        pooled_units: Units that percentile caps are over; `None` without such caps.
        caps: The order statistic of each metric with a percentile cap, by key.
        kept_cells: Cells, where several relations read them.
        by_day: Cells per variant, closed windows and, if wanted, day.
        by_segment: Cells per variant, closed windows and value, for each segment.
        ranked: The high statistic of each metric whose top shares are wanted, by key.
        above: Units and total above a threshold, by key.
        funnel: Counts per step; `None` without a funnel.
        step_times: Time between steps; `None` without a funnel.
        distributions: Of quantile and survival metrics.
        drivers: Units by segments, variant and outcome; `None` where the plan has nothing to ask.
        overlaps: Units by other campaign and its variant; `None` where the facts know none.
        logged: Exposures per variant.
        events: Events seen.
        unusable: Events whose properties cannot be counted; `None` where the plan reads none.
        crossovers: Units in two variants.
        unknown: Members without a unit.
    """

    layout: Layout
    kept: tuple[tuple[str, str], ...]
    clock_range: str
    pooled_units: str | None
    caps: tuple[tuple[str, str], ...]
    kept_cells: str | None
    by_day: str
    by_segment: tuple[str, ...]
    ranked: tuple[tuple[str, str], ...]
    above: tuple[tuple[str, str], ...]
    funnel: str | None
    step_times: str | None
    distributions: DistributionStatements
    drivers: str | None
    overlaps: str | None
    logged: str
    events: str
    unusable: str | None
    crossovers: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Known:
    """What facts hold beside what all of them do.

    Attributes:
        overlaps: Whether they know other campaigns.
        assignments: Whether they know assignments.
        counted: Whether a row of their exposures may stand for many.
        units: What they know of assigned units: the columns of that relation.
    """

    overlaps: bool = False
    assignments: bool = False
    counted: bool = False
    units: frozenset[str] = frozenset()


NOTHING_MORE = Known()

VARIANT_KEYS = ("variant", "closed")
CELL_KEYS = (*VARIANT_KEYS, "day")


class _Compiler:
    """Compiles relations, those to be kept under their names."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.kept: list[tuple[str, str]] = []

    def sql(self, relation: ir.Table) -> str:
        return to_sql(relation, self._dialect)

    def keep(self, name: str, relation: ir.Table) -> ir.Table:
        self.kept.append((name, self.sql(relation)))
        return ibis.table(relation.schema(), name=name)


@lru_cache(maxsize=128)
def compiled(
    plan: AnalysisPlan,
    detail: Detail,
    arithmetic: Arithmetic,
    dialect: str,
    functions: EngineFunctions,
    known: Known = NOTHING_MORE,
) -> Statements:
    """Compile all relations of a plan.

    Args:
        plan: The plan.
        detail: What is computed beside the sums.
        arithmetic: How whole numbers are multiplied.
        dialect: Of the engine.
        functions: The engine's own.
        known: What the facts hold beside exposures and conversions.
    """
    compiler = _Compiler(dialect)
    layout = layout_of(plan, horizons=detail.horizons)
    planned = tuple(variant.key for variant in plan.variants)
    spans = compiler.keep("unit_spans", relations.unit_spans(plan, AS_OF))
    exposed = relations.exposed_units(plan, spans, AS_OF)
    if plan.crossover_rule is CrossoverRule.KEEP_FIRST:
        exposed = compiler.keep("exposed_units", exposed)
    conversions = relations.unit_conversions(plan, exposed, AS_OF, layout.reach, CLOCK_STARTS)
    overlapping = known.overlaps and detail.checks
    over_exposed = plan.funnel is not None and not plan.funnel.is_over_assigned
    if over_exposed or reads_conversions(plan):  # several relations read them
        conversions = compiler.keep("unit_conversions", conversions)
    funnel = compile_funnel(
        plan,
        (exposed, conversions),
        functions,
        compiler,
        remembered=known.assignments,
        tiered=TIER in known.units,
    )
    totals = unit_totals(layout, conversions, functions)
    unknown = plan.dispensable_attributes - known.units
    values = unit_values(
        plan, layout, exposed, totals, AS_OF, functions, named=overlapping, unknown=unknown
    )
    ranked = _ranked(layout) if detail.top_shares else ()
    percentiles = tuple(m for m in layout.metrics if m.cap and m.cap.percentile is not None)
    asked = _asked(plan) if detail.drivers else None
    if ranked or percentiles or asked or overlapping or reads_unit_values(plan):
        values = compiler.keep("unit_values", values)
    unusable = events_unusable(plan, AS_OF, functions) if detail.checks else None
    segments = tuple(f"s{i}" for i in range(len(plan.segments)))
    keys = CELL_KEYS if detail.days else VARIANT_KEYS
    summed = cells(
        prepass.with_caps(values, layout.metrics),
        layout.summed,
        (*keys, *segments),
        binary=layout.binary,
        arithmetic=arithmetic,
    )
    kept_cells = None
    if segments:
        kept_cells = compiler.sql(summed)
        summed = ibis.table(summed.schema(), name="cells")
    return Statements(
        layout=layout,
        kept=tuple(compiler.kept),
        clock_range=compiler.sql(relations.clock_range(spans)),
        pooled_units=compiler.sql(prepass.pooled_units(values, percentiles, planned))
        if percentiles
        else None,
        caps=tuple(
            (m.key, compiler.sql(prepass.order_statistic(values, m, planned, functions)))
            for m in percentiles
        ),
        kept_cells=kept_cells,
        by_day=compiler.sql(rolled_up(summed, keys) if segments else summed),
        by_segment=tuple(
            compiler.sql(rolled_up(summed, (*VARIANT_KEYS, segment))) for segment in segments
        ),
        ranked=tuple(
            (m.key, compiler.sql(prepass.high_statistic(values, m, planned, functions)))
            for m in ranked
        ),
        above=tuple((m.key, compiler.sql(prepass.above(values, m, planned))) for m in ranked),
        funnel=None if funnel is None else funnel.counts,
        step_times=None if funnel is None or not detail.step_times else funnel.times,
        distributions=compile_distributions(
            plan, layout, (exposed, conversions, values), functions, compiler.sql
        ),
        drivers=None
        if asked is None
        else compiler.sql(
            driver_patterns(plan, asked, values, layout.of(asked.key).outcome, AS_OF)
        ),
        overlaps=compiler.sql(_overlaps(plan, layout, exposed, values)) if overlapping else None,
        logged=compiler.sql(relations.logged_per_variant(AS_OF, counted=known.counted)),
        events=compiler.sql(relations.events_seen(plan, AS_OF, functions)),
        unusable=None if unusable is None else compiler.sql(unusable),
        crossovers=compiler.sql(relations.crossovers(plan, spans, AS_OF)),
        unknown=compiler.sql(relations.unknown_unit_members(AS_OF)),
    )


def _ranked(layout: Layout) -> tuple[MetricColumns, ...]:
    return tuple(metric for metric in layout.metrics if metric.outcome not in layout.binary)


def _asked(plan: AnalysisPlan) -> MetricInUse | None:
    """Give the metric whose drivers are looked for: an OEC that is a proportion, by segments."""
    oec = plan.oec
    if oec is None or not plan.segments or oec.definition.kind is not MetricKind.PROPORTION:
        return None
    return oec


def _overlaps(plan: AnalysisPlan, layout: Layout, exposed: ir.Table, values: ir.Table) -> ir.Table:
    """Count the units in other campaigns, with the OEC of those that are mature, if it has sums."""
    others = ibis.table(OVERLAPS, name="overlaps")
    oec = plan.oec
    if oec is None or not oec.definition.kind.is_summed:
        return overlap_cells(exposed, others, AS_OF)
    columns = layout.of(oec.key)
    mature = values.filter(values.closed >= columns.closed)
    read = {"y": mature[columns.outcome]}
    if columns.denominator is not None:
        read["d"] = mature[columns.denominator]
    return overlap_cells(exposed, others, AS_OF, outcomes=mature.select("unit_id", **read))
