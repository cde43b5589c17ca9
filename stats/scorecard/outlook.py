"""What the campaign can find with what it has, and what it would take to find what was planned."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scipy.special import ndtri

from stats.aggregation.aggregates import Aggregates
from stats.errors import CannotEstimate
from stats.inference.conditional_power import units_for
from stats.inference.difference import point_difference
from stats.inference.duration import DailyUnits, Remaining, Traffic, remaining
from stats.inference.outcome import Estimate
from stats.inference.point import Point, t_quantile
from stats.inference.power import PlannedTest, power_at
from stats.metric import Direction
from stats.plan import AnalysisPlan, MetricInUse, PowerGoal
from stats.scorecard.oec import Points, defined

if TYPE_CHECKING:
    from datetime import date

DEFAULT_GOAL = PowerGoal()


@dataclass(frozen=True, slots=True)
class TreatmentOutlook:
    """What one comparison can find.

    Attributes:
        treatment: Key of the treatment.
        smallest_effect: The true difference that a single look at the present units finds with the
            planned power, in the metric's unit.
        smallest_lift: The same as a share of the control's value; `None` where that is 0.
        planned_effect: The difference planned for, signed as hoped for; `None` without one.
        achieved_power: Probability to find that with the present units; `None` without one.
        units_needed: Units of all variants together at which it has the planned power, with the
            error as it is now; `None` without one.
    """

    treatment: str
    smallest_effect: float
    smallest_lift: float | None
    planned_effect: float | None
    achieved_power: float | None
    units_needed: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """Power in the middle of the campaign.

    Attributes:
        goal: The planned power.
        treatments: In the order of the plan; those without an estimate are absent.
        remaining: What is still to come until the planned size is there and mature; `None` where
            no size follows from the plan.
    """

    goal: float
    treatments: tuple[TreatmentOutlook, ...]
    remaining: Remaining | None


def outlook(
    plan: AnalysisPlan, metric: MetricInUse, points: Points, aggregates: Aggregates, units: int
) -> Outlook:
    """Give what the OEC can find now, and the days that the planned effect still takes.

    Args:
        plan: With what the campaign was sized for.
        metric: The OEC.
        points: Value of every variant by the estimate that decides.
        aggregates: With the units per day.
        units: Mature units of all variants together.
    """
    goal = plan.power_goal or DEFAULT_GOAL
    test = PlannedTest(alpha=plan.alpha, comparisons=len(plan.treatments))
    found = []
    for treatment in plan.treatments:
        one = _treatment(plan, metric, points, treatment.key, goal, test, units)
        if one is not None:
            found.append(one)
    needed = [one.units_needed for one in found if one.units_needed is not None]
    size = plan.looks.planned_units or max(needed, default=None)
    return Outlook(
        goal.power,
        tuple(found),
        None if size is None else _remaining(plan, metric, aggregates, size, units),
    )


def _treatment(
    plan: AnalysisPlan,
    metric: MetricInUse,
    points: Points,
    treatment: str,
    goal: PowerGoal,
    test: PlannedTest,
    units: int,
) -> TreatmentOutlook | None:
    try:
        control = defined(points[plan.control.key])
        estimate = point_difference(control, defined(points[treatment]), alpha=plan.alpha)
    except CannotEstimate:
        return None
    if not isinstance(estimate, Estimate):
        return None
    level = test.alpha / test.comparisons
    reach = t_quantile(estimate.df or 1e9, level) + float(ndtri(goal.power))
    smallest = reach * estimate.std_error
    planned = _planned_effect(metric, control, goal)
    return TreatmentOutlook(
        treatment=treatment,
        smallest_effect=smallest,
        smallest_lift=smallest / abs(control.value) if control.value else None,
        planned_effect=planned,
        achieved_power=None
        if planned is None
        else power_at(planned, estimate.std_error, estimate.df, test),
        units_needed=None
        if planned is None
        else units_for(estimate, planned, units=units, goal=goal.power, test=test),
    )


def _planned_effect(metric: MetricInUse, control: Point, goal: PowerGoal) -> float | None:
    """Give the difference planned for, signed as hoped for; a share of nothing is none."""
    if goal.mde_absolute is not None:
        size = float(goal.mde_absolute)
    elif goal.mde_relative is not None and control.value != 0:
        size = float(goal.mde_relative) * abs(control.value)
    else:
        return None
    return size if metric.definition.direction is Direction.HIGHER else -size


def _remaining(
    plan: AnalysisPlan, metric: MetricInUse, aggregates: Aggregates, needed: int, mature: int
) -> Remaining | None:
    today = aggregates.as_of.astimezone(ZoneInfo(plan.time_zone)).date()
    totals: Counter[date] = Counter()
    for row in aggregates.units_by_day:
        if row.day is not None:
            totals[row.day] += row.units
    complete = [DailyUnits(day, units) for day, units in totals.items() if day < today]
    if not complete:
        return None
    return remaining(
        needed,
        Traffic.from_days(complete),
        from_day=today,
        maturity_days=metric.effective_window.end_days,
        exposed=sum(totals.values()),
        mature=mature,
    )
