"""Facts and plan to aggregates: which relations are computed, in which order, and how often."""

from datetime import UTC, datetime

from stats.aggregation import relations, rows
from stats.aggregation.aggregates import Aggregates
from stats.aggregation.duckdb_engine import DuckDBEngine, DuckDBFunctions
from stats.aggregation.facts import FactTables
from stats.aggregation.funnel import funnel_counts
from stats.aggregation.summaries import summaries, unit_totals, unit_values
from stats.errors import InvalidPlan, MissingColumn
from stats.plan import AnalysisPlan, RandomizationUnit


def aggregate(facts: FactTables, plan: AnalysisPlan, as_of: datetime) -> Aggregates:
    """Reduce the facts up to a time to what inference and checks need.

    Args:
        facts: Exposures of one phase, conversions, and who belongs to which unit.
        plan: The plan of that phase.
        as_of: The analysis time, aware; later facts are ignored.

    Raises:
        MissingColumn: The unit is the household, and the facts do not say who belongs to which.
        InvalidPlan: The analysis time has no zone.
    """
    if as_of.tzinfo is None:
        raise InvalidPlan(as_of, field="as_of", expected="give a time with its zone")
    if plan.randomization_unit is RandomizationUnit.HOUSEHOLD and facts.unit_members is None:
        relation = "unit_members"
        raise MissingColumn(relation, "unit_id", ())
    as_of = as_of.astimezone(UTC)
    functions = DuckDBFunctions(plan.time_zone)
    with DuckDBEngine.over(facts) as engine:
        exposures = relations.exposure_relations(plan, as_of)
        exposed_units = engine.keep("exposed_units", exposures.exposed_units)
        conversions = relations.unit_conversions(plan, exposed_units, as_of)
        steps: rows.Rows = ()
        if plan.funnel is not None:  # read by every step and by the metrics
            conversions = engine.keep("unit_conversions", conversions)
            counts = funnel_counts(plan.funnel, exposed_units, conversions, as_of, functions)
            steps = engine.fetch(counts)
        totals = unit_totals(plan, conversions, functions)
        values = unit_values(plan, exposed_units, totals)
        sums = engine.fetch(summaries(plan, values, as_of))
        spans = rows.Span.by_variant(engine.fetch(relations.units_per_variant(exposed_units)))
        logged = engine.fetch(relations.logged_per_variant(exposures))
        events = engine.fetch(relations.events_seen(as_of))
        crossed = engine.fetch(relations.crossovers(exposures))
        unknown = engine.fetch(relations.unknown_unit_members(exposures))
        others = engine.fetch(relations.other_currencies(plan, as_of))
    return Aggregates(
        as_of=as_of,
        facts=rows.read_facts_range(logged, events),
        variants=rows.read_variants(plan, spans, logged),
        crossovers=rows.read_crossovers(crossed),
        unknown_unit_members=rows.read_unknown_unit_members(unknown),
        events=rows.read_events(plan, events, facts.events_elsewhere),
        other_currencies=rows.read_other_currencies(others),
        metrics=rows.read_metrics(plan, spans, sums),
        funnel=rows.read_funnel(plan, spans, steps),
    )
