"""The effect by day: of those exposed on a day (cohorts), and by days since exposure (horizons).

Cohorts are different units, so their effects are independent and can be tested against one another:
for a slope, and for weekdays. Horizons count the same units again and again, so their effects are
correlated; they are shown with intervals and described, and nothing here tests them. The types keep
the two apart: a slope takes cells by date, horizons are numbered.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from scipy.special import ndtr, ndtri

from stats.errors import InvalidSummary, TooFewCells
from stats.inference.cell_effect import CellEffect, EffectScale, Summary, cell_effects
from stats.inference.interaction import InteractionTest, interaction, inverse_variance_mean
from stats.inference.outcome import Estimate, Lift

WEEK = 7


def effects_by_cohort(
    cells: Iterable[tuple[str, Summary, date]],
    *,
    control: str,
    treatment: str,
    alpha: float,
    minimum_units: int = 2,
    scale: EffectScale = EffectScale.DIFFERENCE,
) -> tuple[CellEffect[date], ...]:
    """Estimate the effect on the units first exposed on each day, in order of days.

    Arguments and faults are those of `cell_effects`, with the day of first exposure as the cell.
    """
    found = cell_effects(
        cells, control=control, treatment=treatment, alpha=alpha,
        minimum_units=minimum_units, scale=scale,
    )  # fmt: skip
    return tuple(sorted(found, key=lambda one: one.cell))


def effects_by_horizon(
    cells: Iterable[tuple[str, Summary, int]],
    *,
    control: str,
    treatment: str,
    alpha: float,
    scale: EffectScale = EffectScale.DIFFERENCE,
) -> tuple[CellEffect[int], ...]:
    """Estimate the effect until each number of days since exposure, in order: descriptive.

    Every horizon must be over the same units, those mature for the longest; otherwise the early
    days would hold more of the late cohorts. The intervals hold one by one. They overlap because
    the units do, so whether two horizons differ cannot be read from them.

    Raises:
        InvalidSummary: A variant has different units at different horizons, or one twice.
    """
    listed = list(cells)
    for variant in (control, treatment):
        own = [(summary.n, days) for key, summary, days in listed if key == variant]
        if len({n for n, _ in own}) > 1 or len({days for _, days in own}) < len(own):
            message = (
                f"horizons of variant {variant} are over {sorted({n for n, _ in own})} units; give "
                "each horizon once, over the units that are mature for the longest"
            )
            raise InvalidSummary(message)
    found = cell_effects(listed, control=control, treatment=treatment, alpha=alpha, scale=scale)
    return tuple(sorted(found, key=lambda one: one.cell))


@dataclass(frozen=True, slots=True)
class NoveltySlope:
    """How the effect changes from one day's cohort to the next.

    Attributes:
        per_day: Change of the effect per day; on the scale of lift, 0.01 is a percentage point.
        std_error: Its standard error, the cohorts' variances taken as known.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        p_value: Two-sided, of no change, by the normal distribution.
        alpha: Two-sided error rate.
        scale: Scale of the effects.
        cohorts: How many cohorts were used.
        left_out: How many were too small or had no error.
    """

    per_day: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    alpha: float
    scale: EffectScale
    cohorts: int
    left_out: int


def novelty_slope(effects: Sequence[CellEffect[date]], *, alpha: float) -> NoveltySlope:
    """Fit a line to the effects of cohorts against their day, each weighted by 1 / std_error².

    A slope towards zero is what a novelty that wears off in the membership looks like, one away
    from zero what slow learning looks like; a season, or a change of who comes, looks like either.

    Args:
        effects: By day of first exposure (`effects_by_cohort`), not by horizon.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Raises:
        TooFewCells: Fewer than two days have an effect with an error.
        InvalidSummary: Differences and lifts are mixed.

    Source: weighted least squares with known variances; equals statsmodels
    WLS(effect, [1, day], 1 / std_error²).fit(cov_type="fixed scale"). Kohavi, Tang and Xu (2020),
    chapter 3, for novelty and primacy.
    """
    used = [
        (one.cell.toordinal(), one.effect)
        for one in effects
        if isinstance(one.effect, Estimate | Lift) and one.effect.std_error > 0
    ]
    if len({day for day, _ in used}) < 2:  # noqa: PLR2004 - a line takes two points
        raise TooFewCells(len(used), 2)
    found = [effect for _, effect in used]
    if len({type(effect) for effect in found}) > 1:
        message = "differences and lifts cannot be compared; estimate all days on one scale"
        raise InvalidSummary(message)
    centre, _ = inverse_variance_mean(found)
    smallest = min(effect.std_error for effect in found)
    weights = [(smallest / effect.std_error) ** 2 for effect in found]
    middle = math.fsum(w * day for w, (day, _) in zip(weights, used, strict=True)) / sum(weights)
    spread = math.fsum(w * (day - middle) ** 2 for w, (day, _) in zip(weights, used, strict=True))
    slope = math.fsum(
        w * (day - middle) * (effect.estimate - centre)
        for w, (day, effect) in zip(weights, used, strict=True)
    )
    slope /= spread
    std_error = smallest / math.sqrt(spread)
    half = -float(ndtri(alpha / 2)) * std_error
    return NoveltySlope(
        per_day=slope,
        std_error=std_error,
        ci_low=slope - half,
        ci_high=slope + half,
        p_value=2 * float(ndtr(-abs(slope) / std_error)),
        alpha=alpha,
        scale=EffectScale.LIFT if isinstance(found[0], Lift) else EffectScale.DIFFERENCE,
        cohorts=len(used),
        left_out=len(effects) - len(used),
    )


@dataclass(frozen=True, slots=True)
class WeekdayEffects:
    """The effect by weekday of first exposure.

    Attributes:
        effects: By ISO weekday, 1 for Monday to 7 for Sunday, in order; days without units are
            absent.
        test: Cochran's test that weekdays have one effect.
    """

    effects: tuple[CellEffect[int], ...]
    test: InteractionTest


def weekday_effects(
    cells: Iterable[tuple[str, Summary, date]],
    *,
    control: str,
    treatment: str,
    alpha: float,
    minimum_units: int = 2,
    scale: EffectScale = EffectScale.DIFFERENCE,
) -> WeekdayEffects:
    """Estimate the effect per weekday of first exposure, and test whether weekdays differ.

    The cohorts of a weekday are added up over the weeks.

    Raises:
        TooFewCells: Fewer than two weekdays have an effect with an error.
    """
    found = cell_effects(
        ((variant, summary, day.isoweekday()) for variant, summary, day in cells),
        control=control, treatment=treatment, alpha=alpha,
        minimum_units=minimum_units, scale=scale,
    )  # fmt: skip
    effects = tuple(sorted(found, key=lambda one: one.cell))
    return WeekdayEffects(effects, interaction(effects))


@dataclass(frozen=True, slots=True)
class CompleteWeeks:
    """How many whole weeks a stretch of days holds, counted from its first day.

    Attributes:
        first_day: Its first day.
        weeks: Whole weeks.
        days_over: Days after the last whole week, 0 to 6: these weekdays count once more than the
            others.
    """

    first_day: date
    weeks: int
    days_over: int

    @property
    def days_missing(self) -> int:
        """Days until the started week is whole; 0 when none is started."""
        return -self.days_over % WEEK

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in one of the whole weeks."""
        return timedelta(0) <= day - self.first_day < timedelta(weeks=self.weeks)


def complete_weeks(first_day: date, last_day: date) -> CompleteWeeks:
    """Count the whole weeks from the first day to the last, both included.

    Raises:
        InvalidSummary: The last day is before the first.
    """
    days = (last_day - first_day).days + 1
    if days < 1:
        message = f"the last day {last_day} is before the first, {first_day}"
        raise InvalidSummary(message)
    return CompleteWeeks(first_day, *divmod(days, WEEK))
