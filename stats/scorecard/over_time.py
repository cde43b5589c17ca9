"""The effect of the OEC over time, from its cells by day and by horizon."""

from collections.abc import Sequence
from datetime import date

from stats.aggregation.aggregates import MetricAggregates
from stats.inference.cell_effect import CellEffect, Summary
from stats.inference.effect_over_time import (
    effects_by_cohort,
    effects_by_horizon,
    novelty_slope,
    weekday_effects,
)
from stats.plan import AnalysisPlan
from stats.scorecard.segments import as_difference
from stats.scorecard.slices import DayEffect, HorizonEffect, TimeResult, TimeTests
from stats.scorecard.values import or_undefined

SMALLEST_DAY = 30
"""A day with fewer units in any variant is shown without an effect: too few for its error."""


def time_result(plan: AnalysisPlan, row: MetricAggregates) -> TimeResult | None:
    """Give the effect by day of first exposure and by days since; `None` without any day."""
    days = [(c.variant, c.summary, c.day) for c in row.by_day if c.day is not None]
    if not days:
        return None
    control, alpha = plan.control.key, plan.alpha
    horizons = [(cell.variant, cell.summary, cell.days) for cell in row.by_horizon]
    by_day: list[DayEffect] = []
    by_horizon: list[HorizonEffect] = []
    tests: list[TimeTests] = []
    for treatment in (variant.key for variant in plan.treatments):
        cohorts = effects_by_cohort(
            days, control=control, treatment=treatment, alpha=alpha, minimum_units=SMALLEST_DAY
        )
        by_day.extend(
            DayEffect(
                one.cell,
                treatment,
                one.control_units,
                one.treatment_units,
                as_difference(one.effect),
            )
            for one in cohorts
        )
        by_horizon.extend(
            HorizonEffect(one.cell, treatment, as_difference(one.effect))
            for one in effects_by_horizon(
                horizons, control=control, treatment=treatment, alpha=alpha
            )
        )
        tests.append(_tests(plan, treatment, cohorts, days))
    return TimeResult(tuple(by_day), tuple(by_horizon), tuple(tests))


def _tests(
    plan: AnalysisPlan,
    treatment: str,
    cohorts: Sequence[CellEffect[date]],
    days: Sequence[tuple[str, Summary, date]],
) -> TimeTests:
    return TimeTests(
        treatment=treatment,
        novelty=or_undefined(lambda: novelty_slope(cohorts, alpha=plan.alpha)),
        weekdays=or_undefined(
            lambda: (
                weekday_effects(
                    days,
                    control=plan.control.key,
                    treatment=treatment,
                    alpha=plan.alpha,
                    minimum_units=SMALLEST_DAY,
                ).test
            )
        ),
    )
