"""What goes with the OEC's outcome: a regression on segments and variant, where there is one."""

from stats.aggregation.aggregates import Aggregates
from stats.errors import UndefinedStatus
from stats.inference.driver_table import Drivers
from stats.inference.drivers import drivers_of_patterns
from stats.inference.outcome import Undefined
from stats.plan import AnalysisPlan
from stats.scorecard.values import or_undefined
from stats.sentence import said

MOST_LEVELS = 100
"""Levels of all factors together, beyond which the regression is not made: nobody reads it, and its
matrix grows with their square."""


def driver_result(plan: AnalysisPlan, aggregates: Aggregates) -> Drivers | Undefined | None:
    """Fit the regression; `None` where aggregation counted no patterns."""
    patterns = aggregates.drivers
    if patterns is None:
        return None
    factors = range(len(patterns.factors))
    levels = sum(len({pattern.levels[i] for pattern in patterns.patterns}) for i in factors)
    if levels > MOST_LEVELS:
        return Undefined(
            UndefinedStatus.NOT_IDENTIFIED,
            said(
                "Variant and segments have {levels} values together; drivers take {most_levels}.",
                levels=levels,
                most_levels=MOST_LEVELS,
            ),
        )
    return or_undefined(lambda: drivers_of_patterns(patterns, alpha=plan.alpha))
