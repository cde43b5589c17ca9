"""What quantile and survival metrics need beside sums: passes of their own, where a plan asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import Engine, EngineFunctions
from stats.aggregation.layout import Layout
from stats.aggregation.parameters import AS_OF
from stats.aggregation.quantiles import (
    event_quantile_values,
    quantile_summaries,
    unit_quantile_values,
)
from stats.aggregation.survival import read_survival, survival_counts
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import QuantileSummary, SurvivalSummary

Compile: TypeAlias = Callable[[ir.Table], str]
VariantDistributions: TypeAlias = Mapping[str, QuantileSummary | SurvivalSummary]

QUANTILE_VALUES = "quantile_values"
"""Name under which the values of one quantile metric after the other are kept."""


@dataclass(frozen=True, slots=True)
class QuantileStatement:
    """The values of a quantile metric: which columns they have, and the SQL that gives them."""

    metric: str
    columns: Mapping[str, str]
    sql: str


@dataclass(frozen=True, slots=True)
class DistributionStatements:
    """The SQL of a plan's distributions; empty for a plan that sums are enough for.

    Attributes:
        survival: Times per variant of every survival metric, by key.
        quantiles: Values of every quantile metric.
    """

    survival: tuple[tuple[str, str], ...]
    quantiles: tuple[QuantileStatement, ...]


def reads_conversions(plan: AnalysisPlan) -> bool:
    """Whether a distribution reads conversions, beside the totals of units."""
    return any(
        metric.definition.kind is MetricKind.SURVIVAL or metric.definition.is_per_event
        for metric in plan.metrics
    )


def reads_unit_values(plan: AnalysisPlan) -> bool:
    """Whether a distribution reads the values of units, beside their sums."""
    return any(_is_of_units(metric) for metric in plan.metrics)


def _is_of_units(metric: MetricInUse) -> bool:
    definition = metric.definition
    return definition.kind is MetricKind.QUANTILE and not definition.is_per_event


def compile_distributions(
    plan: AnalysisPlan,
    layout: Layout,
    tables: tuple[ir.Table, ir.Table, ir.Table],
    functions: EngineFunctions,
    compile_one: Compile,
) -> DistributionStatements:
    """Compile what `Distributions` runs.

    Args:
        plan: The plan.
        layout: What the columns are.
        tables: `exposed_units`, `unit_conversions` and `unit_values`.
        functions: The engine's own.
        compile_one: Compiles a relation for the engine.
    """
    exposed, conversions, values = tables
    survival, quantiles = [], []
    for metric in plan.metrics:
        if metric.definition.kind is MetricKind.SURVIVAL:
            counts = survival_counts(metric, exposed, conversions, AS_OF, functions)
            survival.append((metric.key, compile_one(counts)))
        elif metric.definition.kind is MetricKind.QUANTILE:
            found = (
                unit_quantile_values(metric, values, layout.of(metric.key).outcome, AS_OF)
                if _is_of_units(metric)
                else event_quantile_values(metric, exposed, conversions, AS_OF, functions)
            )
            columns = {name: str(kind) for name, kind in found.schema().items()}
            quantiles.append(QuantileStatement(metric.key, columns, compile_one(found)))
    return DistributionStatements(tuple(survival), tuple(quantiles))


def distributions(
    plan: AnalysisPlan,
    statements: DistributionStatements,
    engine: Engine,
    bind: Callable[[str], str],
) -> dict[str, VariantDistributions]:
    """Run the statements: the distribution of every such metric, by key, and variant.

    Args:
        plan: The plan that they are of.
        statements: What was compiled.
        engine: Holds the relations that they read.
        bind: Puts the parameters in.
    """
    metrics = {metric.key: metric for metric in plan.metrics}
    found: dict[str, VariantDistributions] = {
        key: read_survival(plan, metrics[key], engine.answer(bind(sql)))
        for key, sql in statements.survival
    }

    for one in statements.quantiles:
        engine.store(QUANTILE_VALUES, bind(one.sql))
        values = ibis.table(dict(one.columns), name=QUANTILE_VALUES)
        found[one.metric] = quantile_summaries(plan, metrics[one.metric], values, engine.fetch)
    return found
