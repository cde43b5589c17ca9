"""Says how far a campaign is on the way to its goal, by its newest stored results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.report.formatting import Scale
from stats.metric import MetricUnit

if TYPE_CHECKING:
    from decimal import Decimal

    from app.analysis.digest import Digest, MetricDigest
    from app.language import Words
    from app.report.formatting import Formats
    from experiments.campaign import CampaignDesign

WHOLE = 100


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """The way from the baseline to the target.

    Attributes:
        goal: What is to be reached, in words.
        now: Where the best treatment stands, in words; that nothing is known yet, otherwise.
        per_cent: Of the way, 0 to 100; None where nothing is known yet.
    """

    goal: str
    now: str
    per_cent: int | None


def progress_of(
    design: CampaignDesign, digest: Digest | None, formats: Formats, words: Words
) -> GoalProgress | None:
    """Give how far a campaign is; None where it has no goal."""
    goal = design.goal
    if goal is None:
        return None
    metric = digest.metrics.get(goal.metric) if digest is not None else None
    scale = _scale(metric)
    baseline, target = float(goal.baseline), float(goal.target)
    wanted = words.say(
        "{metric} from {baseline} to {target} by {day}",
        metric=words.say(metric.name) if metric else goal.metric,
        baseline=chosen_value(goal.baseline, scale, formats),
        target=chosen_value(goal.target, scale, formats),
        day=formats.day(goal.deadline.astimezone(formats.zone).date()),
    )
    control = design.control.key
    reached = [one for one in metric.reached if one.variant != control] if metric else []
    if not reached or target == baseline:
        return GoalProgress(wanted, words.say("No results on it yet."), None)
    rises = target > baseline
    best = max(reached, key=lambda one: one.value if rises else -one.value)
    found = design.variant(best.variant)
    return GoalProgress(
        wanted,
        words.say(
            "{variant} is at {value}.",
            variant=found.name or found.key if found else best.variant,
            value=formats.alone(best.value, scale, signed=False).text,
        ),
        min(WHOLE, max(0, round((best.value - baseline) / (target - baseline) * WHOLE))),
    )


def chosen_value(value: Decimal, scale: Scale, formats: Formats) -> str:
    """Write a number that somebody chose, with the digits they gave where it is a share."""
    if scale is Scale.SHARE:
        return formats.exact_share(value).text
    return formats.alone(float(value), scale, signed=False).text


def _scale(metric: MetricDigest | None) -> Scale:
    if metric is not None and metric.unit in set(MetricUnit):
        return Scale.of_value(MetricUnit(metric.unit))
    return Scale.SHARE
