"""The funnel over all assigned: assigned_units, funnel_conversions -> reached_assigned -> counts.

A unit's clock starts at its assignment. Where nobody remembered one (the split was made elsewhere,
or evaluated without asking), the first exposure is the assignment; one that was logged before the
assignment is it, too. Steps of the offer follow one another from the first exposure on, outcomes
from the assignment on. A unit passes a step when one of its events happens at or after its earliest
time for the step before: taking the earliest time loses nobody.
"""

import ibis
import ibis.expr.types as ir

from stats.aggregation.answers import text, whole
from stats.aggregation.engine import EngineFunctions, Row, Rows
from stats.aggregation.funnel_cells import FunnelCell, StepCount
from stats.aggregation.parameters import TIME, Moment, moment
from stats.aggregation.properties import Properties
from stats.aggregation.relations import ASSIGNMENTS, logged_exposures, unit_conversions
from stats.aggregation.survival import seconds_between
from stats.aggregation.terms import Period, matches
from stats.aggregation.values import is_closed
from stats.plan import AnalysisPlan, CrossoverRule, Funnel, Track

HALF = 0.5
TIER = "tier"
"""The attribute at assignment by which a funnel is sliced."""


def assigned_units(
    plan: AnalysisPlan, funnel: Funnel, as_of: Moment, *, remembered: bool, with_tier: bool
) -> ir.Table:
    """Give every assigned unit: `unit_id`, `variant`, `first_exposed_at`, `seen_at`, `tier`.

    `first_exposed_at` is the clock start, which is the assignment; `seen_at` the first exposure,
    null without one. What becomes of units in two variants, over assignments and exposures
    together, is the plan's rule.

    Args:
        plan: The plan.
        funnel: Its funnel, over the assigned.
        as_of: The analysis time.
        remembered: Whether the facts have assignments.
        with_tier: Whether they know each unit's tier at assignment.
    """
    starts = _starts(as_of, remembered=remembered)
    spans = starts.group_by("unit_id").agg(
        first_exposed_at=starts.started_at.min(),
        seen_at=starts.seen_at.min(),
        variant=starts.variant.min(),
        high_variant=starts.variant.max(),
    )
    if plan.crossover_rule is CrossoverRule.EXCLUDE:
        units = spans.filter(spans.variant == spans.high_variant).drop("high_variant")
    else:
        times = spans.select("unit_id", "first_exposed_at", "seen_at")
        firsts = starts.select("unit_id", "variant", "started_at").join(
            times, ["unit_id", starts.started_at == times.first_exposed_at]
        )
        # two variants in the same microsecond: the lower name, so that every run agrees
        units = firsts.group_by("unit_id").agg(
            first_exposed_at=firsts.first_exposed_at.min(),
            seen_at=firsts.seen_at.min(),
            variant=firsts.variant.min(),
        )
    columns = ("unit_id", "variant", "first_exposed_at", "seen_at")
    if not with_tier:
        return units.select(*columns, tier=ibis.null("string"))
    values = ibis.table({"unit_id": "string", TIER: "string"}, name="units")
    known = values.select(
        "unit_id",
        tier=ibis.cases((values[TIER].isin(list(funnel.tiers)), values[TIER]), else_=None),
    )
    joined = units.left_join(known, "unit_id")
    return joined.select(*columns, "tier")


def _starts(as_of: Moment, *, remembered: bool) -> ir.Table:
    logged = logged_exposures(as_of)
    seen = logged.filter(logged.unit_id.notnull()).select(
        "unit_id", "variant", started_at=logged.exposed_at, seen_at=logged.exposed_at
    )
    if not remembered:
        return seen
    assignments = ibis.table(ASSIGNMENTS, name="assignments")
    known = assignments.filter(assignments.assigned_at <= moment(as_of))
    decided = known.select(
        "unit_id", "variant", started_at=known.assigned_at, seen_at=ibis.null(TIME)
    )
    return decided.union(seen)


def funnel_conversions(
    plan: AnalysisPlan, funnel: Funnel, units: ir.Table, as_of: Moment
) -> ir.Table:
    """Give the conversions of assigned units that a step may read, as `unit_conversions` does."""
    reach = Period(0, funnel.longest_days)
    owned = unit_conversions(plan, units, as_of, reach)
    return owned.filter(owned.event.isin(list(funnel.events)))


def reached_assigned(
    funnel: Funnel, units: ir.Table, conversions: ir.Table, functions: EngineFunctions
) -> ir.Table:
    """Give every assigned unit the earliest time of each step: `at_exposed`, `at0`, …, or null."""
    window, reach = Period(0, funnel.window.end_days), Period(0, funnel.longest_days)
    in_time = units.seen_at < units.first_exposed_at + ibis.interval(hours=24 * window.end_days)
    reached = units.mutate(at_exposed=ibis.cases((in_time, units.seen_at), else_=None))
    starts = {
        name: reached.select("unit_id", started=name) for name in ("first_exposed_at", "at_exposed")
    }
    read = Properties(conversions, functions)
    for i, step in enumerate(funnel.steps):
        passing = conversions.filter(matches(read, step.events, step.where))
        if step.after is None:
            passing = passing.filter(window.holds(passing, within=reach))
        about = passing.select("unit_id", "occurred_at").join(
            starts[column_before(funnel, i)], "unit_id"
        )
        # days after a step are a period about it, which stands where the clock start does
        about = about.rename(first_exposed_at="started")
        period = None if step.after is None else Period.of(step.after)
        kept = about.filter(
            about.occurred_at >= about.first_exposed_at if period is None else period.holds(about)
        )
        firsts = kept.group_by("unit_id").agg(**{f"at{i}": kept.occurred_at.min()})
        starts[f"at{i}"] = firsts.rename(started=f"at{i}")
        reached = reached.left_join(firsts, "unit_id").drop("unit_id_right")
    return reached


def column_before(funnel: Funnel, index: int) -> str:
    """Name the time from which on a step may be passed."""
    before = funnel.before(index)
    if before is not None:
        return f"at{before}"
    return "at_exposed" if funnel.steps[index].track is Track.OFFER else "first_exposed_at"


def funnel_cells(funnel: Funnel, reached: ir.Table, as_of: Moment) -> ir.Table:
    """Count per variant and tier: all `units`, and of each step mature, passed, and before it.

    `n_exposed`, `s_exposed`; then `n0` (mature units), `s0` (that passed), `p0` (that passed the
    step before), and so on.
    """
    closed = is_closed(reached, funnel.window.end_days, as_of)
    counts: dict[str, ir.Scalar] = {
        "units": reached.count(),
        "n_exposed": reached.count(where=closed),
        "s_exposed": reached.count(where=closed & reached.at_exposed.notnull()),
    }
    for i in range(len(funnel.steps)):
        closed = is_closed(reached, funnel.closes_after(i), as_of)
        passed, before = reached[f"at{i}"], reached[column_before(funnel, i)]
        counts |= {
            f"n{i}": reached.count(where=closed),
            f"s{i}": reached.count(where=closed & passed.notnull()),
            f"p{i}": reached.count(where=closed & before.notnull()),
        }
    return reached.group_by(["variant", "tier"]).agg(**counts)


def assigned_step_times(
    funnel: Funnel, reached: ir.Table, as_of: Moment, functions: EngineFunctions
) -> ir.Table:
    """Sum up, per variant and step, the seconds since the step before, of mature units.

    Returns:
        `variant`, and of the exposure (`_exposed`) and of every step: `n0` (units that passed it),
        `total0` and `median0` in seconds.
    """
    ends = {"_exposed": ("first_exposed_at", "at_exposed", funnel.window.end_days)}
    ends |= {
        str(i): (column_before(funnel, i), f"at{i}", funnel.closes_after(i))
        for i in range(len(funnel.steps))
    }
    taken = reached.select(
        "variant",
        **{
            f"seconds{name}": ibis.cases(
                (
                    is_closed(reached, days, as_of),
                    seconds_between(reached[start], reached[end]),
                ),
                else_=None,
            )
            for name, (start, end, days) in ends.items()
        },
    )
    half = ibis.literal(HALF)
    sums: dict[str, ir.Scalar] = {}
    for name in ends:
        seconds = taken[f"seconds{name}"]
        sums |= {
            f"n{name}": seconds.count(),
            f"total{name}": seconds.sum(),
            f"median{name}": functions.order_statistic(seconds, half),
        }
    return taken.group_by("variant").agg(**sums)


def read_funnel_cells(plan: AnalysisPlan, funnel: Funnel, rows: Rows) -> tuple[FunnelCell, ...]:
    """Read `funnel_cells` of the planned variants, in their order, then by tier as the ladder."""
    variants = {variant.key: place for place, variant in enumerate(plan.variants)}
    tiers: dict[str | None, int] = {tier: place for place, tier in enumerate(funnel.tiers)}
    cells = [_cell(funnel, row) for row in rows if text(row["variant"]) in variants]
    last = len(tiers)
    return tuple(sorted(cells, key=lambda one: (variants[one.variant], tiers.get(one.tier, last))))


def _cell(funnel: Funnel, row: Row) -> FunnelCell:
    steps = tuple(
        StepCount(whole(row[f"n{i}"]), whole(row[f"s{i}"]), whole(row[f"p{i}"]))
        for i in range(len(funnel.steps))
    )
    mature = whole(row["n_exposed"])
    return FunnelCell(
        variant=text(row["variant"]),
        tier=None if row["tier"] is None else text(row["tier"]),
        units=whole(row["units"]),
        exposed=StepCount(mature, whole(row["s_exposed"]), mature),
        steps=steps,
    )
