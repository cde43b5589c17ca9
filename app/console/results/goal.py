"""Says how far a campaign is on the way from its baseline to its target."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from app.console.context import words
from app.console.results.parts import in_words
from app.report.effect_scales import estimate_of
from app.report.formatting import Scale
from app.report.outcomes import show_value
from app.report.words import metric_name

if TYPE_CHECKING:
    from app.console.results.stored import Reading
    from app.report.formatting import Formats
    from app.report.shown import Shown
    from app.report.view import Goal
    from stats.scorecard import MetricResult


@dataclass(frozen=True, slots=True)
class GoalVariant:
    """Where a variant is: its value, and how much of the way that is."""

    name: str
    shown: Shown
    way: str
    width: int


@dataclass(frozen=True, slots=True)
class GoalShown:
    """A goal.

    Attributes:
        metric: Its name.
        baseline: The value before.
        target: The value wanted.
        deadline: By when.
        variants: Where each one is; empty while nothing is hidden or known.
    """

    metric: str
    baseline: str
    target: str
    deadline: str
    variants: tuple[GoalVariant, ...]


def goal_of(found: Reading) -> GoalShown | None:
    """Give the goal and the way to it; None where the campaign has no goal."""
    goal = found.view.brief.goal
    if goal is None:
        return None
    metric = next((one for one in found.scorecard.metrics if one.key == goal.metric), None)
    formats = found.formats
    when = formats.moment(goal.deadline).local
    if metric is None:
        before, after = (
            formats.alone(value, Scale.COUNT, signed=False).text
            for value in (goal.baseline, goal.target)
        )
        return GoalShown(goal.metric, before, after, when, ())
    scale = Scale.of_value(metric.definition.unit)
    times = 10**formats.exponent if scale is Scale.MONEY else 1  # people write major units
    before, after = (
        formats.exact_share(Decimal(str(value))).text
        if scale is Scale.SHARE
        else formats.alone(value * times, scale, signed=False).text
        for value in (goal.baseline, goal.target)
    )
    variants = () if found.is_broken else _variants(found, metric, goal, times)
    return GoalShown(in_words(metric_name(metric)), before, after, when, variants)


def _variants(
    found: Reading, metric: MetricResult, goal: Goal, times: int
) -> tuple[GoalVariant, ...]:
    formats, scale = found.formats, Scale.of_value(metric.definition.unit)
    variants = []
    for row in metric.variants:
        estimate = estimate_of(row.value)
        if estimate is None:
            continue
        whole = goal.target - goal.baseline
        way = (estimate / times - goal.baseline) / whole if whole else 0.0
        variants.append(
            GoalVariant(
                found.view.name_of(row.variant),
                in_words(show_value(row.value, formats, scale)),
                _way_words(way, formats),
                round(100 * min(1.0, max(0.0, way))),
            )
        )
    return tuple(variants)


def _way_words(way: float, formats: Formats) -> str:
    say = words().say
    if way < 0:
        return say("further from the target than the baseline")
    if way >= 1:
        return say("the target is reached")
    share = formats.share(way, 0).text
    return say("{share} of the way from the baseline to the target", share=share)
