"""Times to the first event of a metric: exposed_units, unit_conversions -> survival_counts.

Every exposed unit counts, mature or not: it is watched from its first exposure until the end of its
window, or until the analysis time if that is earlier. Its time is cut to whole steps, hours for a
window of up to half a year, so that a variant is at most a few thousand rows.
"""

import ibis
import ibis.expr.types as ir

from stats.aggregation.answers import whole
from stats.aggregation.engine import EngineFunctions, Rows
from stats.aggregation.parameters import Moment, moment
from stats.aggregation.properties import Properties
from stats.aggregation.terms import in_window, matches
from stats.aggregation.values import is_mature
from stats.metric import Window
from stats.plan import AnalysisPlan, MetricInUse
from stats.summary import SurvivalSummary

MOST_STEPS = 4_320
SECONDS_PER_DAY = 86_400
STEPS_PER_DAY = (1_440, 24, 4, 1)  # minutes, hours, quarters of a day, days


def steps_per_day(window: Window) -> int:
    """Choose how fine time is cut: the finest step of which the window has at most 4,320.

    Minutes up to 3 days, hours up to 180, quarters of a day up to 1,080, days beyond.
    """
    return next(
        (steps for steps in STEPS_PER_DAY if steps * window.end_days <= MOST_STEPS),
        STEPS_PER_DAY[-1],
    )


def seconds_between(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.IntegerValue:
    """Give the seconds from start to end, each cut to the whole second."""
    # cut first: engines give epochs with or without their fraction
    return end.truncate("s").epoch_seconds().cast("int64") - start.truncate(
        "s"
    ).epoch_seconds().cast("int64")


def survival_times(
    metric: MetricInUse,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
    *,
    keys: tuple[str, ...] = ("variant",),
) -> ir.Table:
    """Give every unit its time: some of its columns, `step`, and `had_event` or was censored.

    Args:
        metric: A survival metric.
        exposed_units: The units that count.
        conversions: `unit_conversions`.
        as_of: The analysis time.
        functions: The engine's own.
        keys: Columns of `exposed_units` that stay.
    """
    window, per_day = metric.effective_window, steps_per_day(metric.effective_window)
    counted = in_window(conversions, window)
    named = ibis.or_(
        *(
            matches(Properties(conversions, functions), term.events, term.where)
            for term in metric.definition.numerator
        )
    )
    passing = conversions.filter(named & counted)
    firsts = passing.group_by("unit_id").agg(event_at=passing.occurred_at.min())
    units = exposed_units.left_join(firsts, "unit_id")
    had_event = units.event_at.notnull()
    watched_until = ibis.coalesce(units.event_at, moment(as_of))
    elapsed = seconds_between(units.first_exposed_at, watched_until)
    end = per_day * window.end_days
    # an open window ends before the last step, whatever the fractions of a second say
    step = ibis.least(elapsed // (SECONDS_PER_DAY // per_day), end - 1).cast("int64")
    closed = is_mature(units, window, as_of) & ~had_event
    return units.select(
        *keys,
        step=ibis.cases((closed, ibis.literal(end, type="int64")), else_=step),
        had_event=had_event,
    )


def survival_counts(
    metric: MetricInUse,
    exposed_units: ir.Table,
    conversions: ir.Table,
    as_of: Moment,
    functions: EngineFunctions,
) -> ir.Table:
    """Count per variant and step the units that had the event then, and those censored then.

    Args:
        metric: A survival metric.
        exposed_units: The units that count.
        conversions: `unit_conversions`.
        as_of: The analysis time.
        functions: The engine's own.

    Returns:
        `variant`, `step`, `events`, `censored`; at most a few thousand rows per variant.
    """
    timed = survival_times(metric, exposed_units, conversions, as_of, functions)
    return timed.group_by(["variant", "step"]).agg(
        events=timed.count(where=timed.had_event), censored=timed.count(where=~timed.had_event)
    )


def read_survival(
    plan: AnalysisPlan, metric: MetricInUse, rows: Rows
) -> dict[str, SurvivalSummary]:
    """Read `survival_counts`: the times of every planned variant, in the order of the plan."""
    counts: dict[str, list[tuple[int, int, int]]] = {variant.key: [] for variant in plan.variants}
    for row in rows:
        key = str(row["variant"])
        if key in counts:
            counts[key].append((whole(row["step"]), whole(row["events"]), whole(row["censored"])))
    per_day = steps_per_day(metric.effective_window)
    return {key: SurvivalSummary.from_counts(per_day, rows) for key, rows in counts.items()}
