"""The facts as Ibis relations, from what was logged to the units that count.

::

    exposures -> logged -> unit_spans -> exposed_units
    conversions, unit_members, exposed_units -> unit_conversions

Every relation is an unbound Ibis expression: nothing here knows an engine. Times are UTC without a
zone, so that a day is 24 hours on every engine, whatever its session says.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import ibis
import ibis.expr.types as ir

from stats.plan import AnalysisPlan, CrossoverRule, RandomizationUnit

TIME = "timestamp(6)"
EXPOSURES = {"member_id": "string", "unit_id": "string", "variant": "string", "exposed_at": TIME}
CONVERSIONS = {
    "member_id": "string",
    "event": "string",
    "occurred_at": TIME,
    "amount_minor": "int64",
    "currency": "string",
    "properties": "string",
}
UNIT_MEMBERS = {"member_id": "string", "unit_id": "string"}
EXPOSED_UNITS = {"unit_id": "string", "variant": "string", "first_exposed_at": TIME}


def moment(at: datetime) -> ir.TimestampScalar:
    """Give a time as the relations hold it."""
    return ibis.literal(at.astimezone(UTC).replace(tzinfo=None), type=TIME)


@dataclass(frozen=True, slots=True)
class ExposureRelations:
    """Who was exposed to what, up to the analysis time.

    Attributes:
        logged: Exposures up to then, of known and unknown units.
        unit_spans: Per unit: first exposure, first and last variant by name.
        exposed_units: The units that count, each with one variant and its first exposure.
    """

    logged: ir.Table
    unit_spans: ir.Table
    exposed_units: ir.Table


def exposure_relations(plan: AnalysisPlan, as_of: datetime) -> ExposureRelations:
    """Build the relations of exposures."""
    exposures = ibis.table(EXPOSURES, name="exposures")
    logged = exposures.filter(exposures.exposed_at <= moment(as_of))
    known = logged.filter(logged.unit_id.notnull())
    unit_spans = known.group_by("unit_id").agg(
        first_exposed_at=known.exposed_at.min(),
        low_variant=known.variant.min(),
        high_variant=known.variant.max(),
    )
    if plan.crossover_rule is CrossoverRule.EXCLUDE:
        exposed_units = unit_spans.filter(unit_spans.low_variant == unit_spans.high_variant).select(
            "unit_id", "first_exposed_at", variant=unit_spans.low_variant
        )
    else:
        firsts = known.join(
            unit_spans.select("unit_id", "first_exposed_at"),
            ["unit_id", known.exposed_at == unit_spans.first_exposed_at],
        )
        # two variants in the same microsecond: the lower name, so that every run agrees
        exposed_units = firsts.group_by("unit_id").agg(
            first_exposed_at=firsts.first_exposed_at.min(), variant=firsts.variant.min()
        )
    columns = tuple(EXPOSED_UNITS)
    return ExposureRelations(logged, unit_spans, exposed_units.select(*columns))


def crossovers(exposures: ExposureRelations) -> ir.Table:
    """Count the units seen in two or more variants, per set of variants."""
    spans = exposures.unit_spans
    crossed = spans.filter(spans.low_variant != spans.high_variant)
    seen = exposures.logged.semi_join(crossed, "unit_id").select("unit_id", "variant").distinct()
    sets = seen.group_by("unit_id").agg(variants=seen.variant.collect().sort())
    return sets.group_by("variants").agg(units=sets.count())


def logged_per_variant(exposures: ExposureRelations) -> ir.Table:
    """Count logged exposures per variant, with their range."""
    logged = exposures.logged
    return logged.group_by("variant").agg(
        exposures=logged.count(),
        first_exposed_at=logged.exposed_at.min(),
        last_exposed_at=logged.exposed_at.max(),
    )


def units_per_variant(exposed_units: ir.Table) -> ir.Table:
    """Count the units that count, with the range of their first exposures."""
    return exposed_units.group_by("variant").agg(
        units=exposed_units.count(),
        first_exposed_at=exposed_units.first_exposed_at.min(),
        last_exposed_at=exposed_units.first_exposed_at.max(),
    )


def unknown_unit_members(exposures: ExposureRelations) -> ir.Table:
    """Count exposed members of whom no exposure names a unit."""
    logged = exposures.logged
    unknown = logged.filter(logged.unit_id.isnull()).select("member_id").distinct()
    known = logged.filter(logged.unit_id.notnull())
    return unknown.anti_join(known, "member_id").agg(members=ibis._.count())


def conversions_until(as_of: datetime) -> ir.Table:
    """Conversions up to the analysis time."""
    conversions = ibis.table(CONVERSIONS, name="conversions")
    return conversions.filter(conversions.occurred_at <= moment(as_of))


def has_plan_currency(conversions: ir.Table, plan: AnalysisPlan) -> ir.BooleanValue:
    """Whether an event carries no amount, or one in the plan's currency."""
    return conversions.amount_minor.isnull() | (conversions.currency.fill_null("") == plan.currency)


def events_seen(as_of: datetime) -> ir.Table:
    """Count the conversions handed over per event, with their range."""
    conversions = conversions_until(as_of)
    return conversions.group_by("event").agg(
        seen=conversions.count(),
        without_amount=conversions.count(where=conversions.amount_minor.isnull()),
        first_occurred_at=conversions.occurred_at.min(),
        last_occurred_at=conversions.occurred_at.max(),
    )


def other_currencies(plan: AnalysisPlan, as_of: datetime) -> ir.Table:
    """Count events left out because of their currency."""
    conversions = conversions_until(as_of)
    left_out = conversions.filter(~has_plan_currency(conversions, plan))
    return left_out.group_by("currency").agg(events=left_out.count())


def unit_conversions(plan: AnalysisPlan, exposed_units: ir.Table, as_of: datetime) -> ir.Table:
    """Conversions of the units that count, by any of their members, since their first exposure.

    Those before first exposure and those in another currency are left out.
    """
    conversions = conversions_until(as_of)
    conversions = conversions.filter(has_plan_currency(conversions, plan))
    if plan.randomization_unit is RandomizationUnit.MEMBER:
        owned = conversions.rename(unit_id="member_id")
    else:
        unit_members = ibis.table(UNIT_MEMBERS, name="unit_members").distinct()
        owned = conversions.join(unit_members, "member_id")
    joined = owned.join(exposed_units, "unit_id")
    columns = ("unit_id", "first_exposed_at", "event", "occurred_at", "amount_minor", "properties")
    return joined.filter(joined.occurred_at >= joined.first_exposed_at).select(*columns)
