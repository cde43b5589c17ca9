"""The facts as Ibis relations, from what was logged to the units that count.

::

    exposures | assignments -> clock_starts -> unit_spans -> exposed_units
    conversions, unit_members, exposed_units -> unit_conversions

Every relation is an unbound Ibis expression: nothing here knows an engine. Times are UTC without a
zone, so that a day is 24 hours on every engine, whatever its session says. Where the basis is the
assigned, the clock starts at the first assignment: `first_exposed_at` is that moment.
"""

import ibis
import ibis.expr.types as ir

from stats.aggregation.engine import EngineFunctions
from stats.aggregation.parameters import TIME as TIME  # noqa: PLC0414 - re-exported
from stats.aggregation.parameters import Moment
from stats.aggregation.parameters import moment as moment  # noqa: PLC0414 - re-exported
from stats.aggregation.terms import Period, Reach
from stats.plan import AnalysisPlan, Basis, CrossoverRule, RandomizationUnit

QUARTER_HOUR = 900
"""Seconds; offsets from UTC have been multiples of it everywhere since 1972."""
EXPOSURES = {"member_id": "string", "unit_id": "string", "variant": "string", "exposed_at": TIME}
ASSIGNMENTS = {"unit_id": "string", "variant": "string", "assigned_at": TIME}
CONVERSIONS = {
    "member_id": "string",
    "event": "string",
    "occurred_at": TIME,
    "amount_minor": "int64",
    "currency": "string",
    "properties": "string",
}
UNIT_MEMBERS = {"member_id": "string", "unit_id": "string"}
UNIT_SPANS = {
    "unit_id": "string",
    "first_exposed_at": TIME,
    "variant": "string",
    "is_crossed": "boolean",
}
EXPOSED_UNITS = {"unit_id": "string", "variant": "string", "first_exposed_at": TIME}


def logged_exposures(as_of: Moment, *, counted: bool = False) -> ir.Table:
    """Exposures up to the analysis time, of known and unknown units."""
    columns = {**EXPOSURES, "times": "int64"} if counted else EXPOSURES
    exposures = ibis.table(columns, name="exposures")
    return exposures.filter(exposures.exposed_at <= moment(as_of))


def clock_starts(plan: AnalysisPlan, as_of: Moment) -> ir.Table:
    """What starts a unit's clock by the plan's basis: `unit_id`, `variant`, `started_at`."""
    if plan.basis is Basis.ASSIGNED:
        assignments = ibis.table(ASSIGNMENTS, name="assignments")
        known = assignments.filter(assignments.assigned_at <= moment(as_of))
        return known.select("unit_id", "variant", started_at=known.assigned_at)
    logged = logged_exposures(as_of)
    known = logged.filter(logged.unit_id.notnull())
    return known.select("unit_id", "variant", started_at=known.exposed_at)


def unit_spans(plan: AnalysisPlan, as_of: Moment) -> ir.Table:
    """Per unit: clock start, first variant by name, and whether it was in two."""
    starts = clock_starts(plan, as_of)
    spans = starts.group_by("unit_id").agg(
        first_exposed_at=starts.started_at.min(),
        variant=starts.variant.min(),
        high_variant=starts.variant.max(),
    )
    columns = spans.mutate(is_crossed=spans.variant != spans.high_variant)
    return columns.select(*UNIT_SPANS)


def exposed_units(plan: AnalysisPlan, spans: ir.Table, as_of: Moment) -> ir.Table:
    """The units that count, each with one variant and its clock start."""
    columns = tuple(EXPOSED_UNITS)
    if plan.crossover_rule is CrossoverRule.EXCLUDE:
        return spans.filter(~spans.is_crossed).select(*columns)
    starts = clock_starts(plan, as_of)
    firsts = starts.join(
        spans.select("unit_id", "first_exposed_at"),
        ["unit_id", starts.started_at == spans.first_exposed_at],
    )
    # two variants in the same microsecond: the lower name, so that every run agrees
    units = firsts.group_by("unit_id").agg(
        first_exposed_at=firsts.first_exposed_at.min(), variant=firsts.variant.min()
    )
    return units.select(*columns)


def crossovers(plan: AnalysisPlan, spans: ir.Table, as_of: Moment) -> ir.Table:
    """Count the units seen in two or more variants, per set of variants."""
    crossed = spans.filter(spans.is_crossed)
    starts = clock_starts(plan, as_of)
    seen = starts.semi_join(crossed, "unit_id").select("unit_id", "variant").distinct()
    sets = seen.group_by("unit_id").agg(variants=seen.variant.collect().sort())
    return sets.group_by("variants").agg(units=sets.count())


def logged_per_variant(as_of: Moment, *, counted: bool = False) -> ir.Table:
    """Count logged exposures per variant, with their range; `counted`: a row may stand for many."""
    logged = logged_exposures(as_of, counted=counted)
    return logged.group_by("variant").agg(
        exposures=logged.times.sum().cast("int64") if counted else logged.count(),
        first_exposed_at=logged.exposed_at.min(),
        last_exposed_at=logged.exposed_at.max(),
    )


def unknown_unit_members(as_of: Moment) -> ir.Table:
    """Count exposed members of whom no exposure names a unit."""
    logged = logged_exposures(as_of)
    unknown = logged.filter(logged.unit_id.isnull()).select("member_id").distinct()
    named = logged.filter(logged.unit_id.notnull()).select("member_id")
    # the few without a unit are looked up among the many with one, not the reverse
    known = named.semi_join(unknown, "member_id").distinct()
    return unknown.anti_join(known, "member_id").agg(members=ibis._.count())


def conversions_until(as_of: Moment) -> ir.Table:
    """Conversions up to the analysis time."""
    conversions = ibis.table(CONVERSIONS, name="conversions")
    return conversions.filter(conversions.occurred_at <= moment(as_of))


def has_plan_currency(conversions: ir.Table, plan: AnalysisPlan) -> ir.BooleanValue:
    """Whether an event carries no amount, or one in the plan's currency."""
    return conversions.amount_minor.isnull() | (conversions.currency.fill_null("") == plan.currency)


def events_seen(plan: AnalysisPlan, as_of: Moment, functions: EngineFunctions) -> ir.Table:
    """Count the conversions that the plan reads, in one pass.

    Per event, calendar day, and currency where it is not the plan's (`left_out`).
    """
    conversions = conversions_until(as_of)
    conversions = conversions.filter(conversions.event.isin(plan.events))
    left_out = ~has_plan_currency(conversions, plan)
    read = conversions.select(
        "event",
        "occurred_at",
        "amount_minor",
        left_out=left_out,
        currency=ibis.cases((left_out, conversions.currency), else_=None),
        # cut to seconds: some engines round the epoch's fraction up, into the next day
        quarter=conversions.occurred_at.truncate("s").epoch_seconds() // QUARTER_HOUR,
    )
    keys = ("event", "left_out", "currency")
    quarters = read.group_by(*keys, "quarter").agg(
        seen=read.count(),
        without_amount=read.amount_minor.isnull().cast("int64").sum(),
        first_occurred_at=read.occurred_at.min(),
        last_occurred_at=read.occurred_at.max(),
    )
    # no midnight of any zone falls within a quarter of an hour: its day is asked for once
    dated = quarters.mutate(day=functions.local_day(quarters.first_occurred_at))
    return dated.group_by(*keys, "day").agg(
        seen=dated.seen.sum(),
        without_amount=dated.without_amount.sum(),
        first_occurred_at=dated.first_occurred_at.min(),
        last_occurred_at=dated.last_occurred_at.max(),
    )


def clock_range(spans: ir.Table) -> ir.Table:
    """Give the first and the last clock start: `first_start`, `last_start`, null without units."""
    start = spans.first_exposed_at
    return spans.agg(first_start=start.min(), last_start=start.max())


def unit_conversions(
    plan: AnalysisPlan,
    exposed: ir.Table,
    as_of: Moment,
    reach: Period | Reach | None = None,
    clock_starts: tuple[ir.TimestampScalar, ir.TimestampScalar] | None = None,
) -> ir.Table:
    """Conversions of the units that count, by any of their members, in another currency left out.

    Args:
        plan: The plan.
        exposed: `exposed_units`.
        as_of: The analysis time.
        reach: The period about the clock start in which they lie; by default all since then.
        clock_starts: The first and the last of any unit, if known. With a reach it bounds the times
            of all conversions that count by constants, so that an engine leaves the others out when
            it reads, by partition, by file or by row, and not only after it has joined them.
    """
    conversions = conversions_until(as_of)
    if reach is not None and clock_starts is not None:
        conversions = conversions.filter(reach.may_hold(conversions, *clock_starts))
    conversions = conversions.filter(
        has_plan_currency(conversions, plan) & conversions.event.isin(plan.events)
    )
    if plan.randomization_unit is RandomizationUnit.MEMBER:
        owned = conversions.rename(unit_id="member_id")
    else:
        unit_members = ibis.table(UNIT_MEMBERS, name="unit_members").distinct()
        owned = conversions.join(unit_members, "member_id")
    joined = owned.join(exposed, "unit_id")
    columns = ("unit_id", "first_exposed_at", "event", "occurred_at", "amount_minor", "properties")
    if reach is None:
        return joined.filter(joined.occurred_at >= joined.first_exposed_at).select(*columns)
    return joined.filter(reach.holds(joined)).select(*columns)
