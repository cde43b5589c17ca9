"""Which views and scales the results have, and how an effect is written and drawn in each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from app.language import marked
from app.report.formatting import Scale
from app.report.metric_plot import interval_text
from app.report.outcomes import show_difference, show_lift, show_per_thousand
from app.report.plot import Plot, PlotRow, RowKind, ticks_over
from app.report.shown import Shown
from stats.inference.outcome import Certain, Estimate, Lift, Undefined
from stats.metric import MetricUnit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.formatting import Formats
    from stats.inference.bayes import EffectPosterior
    from stats.scorecard import MetricResult
    from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome, VariantValue

Choice = TypeVar("Choice", bound=StrEnum)


class View(StrEnum):
    """By which method effects are shown."""

    FIXED = "fixed"
    SEQUENTIAL = "sequential"
    BAYESIAN = "bayesian"


class EffectScale(StrEnum):
    """In what effects are shown."""

    RELATIVE = "relative"
    ABSOLUTE = "absolute"
    MONEY = "money"


VIEWS: Final = {
    View.FIXED: marked("Fixed horizon"),
    View.SEQUENTIAL: marked("Sequential"),
    View.BAYESIAN: marked("Bayesian"),
}
SCALES: Final = {
    EffectScale.RELATIVE: marked("Relative"),
    EffectScale.ABSOLUTE: marked("Absolute"),
    EffectScale.MONEY: marked("Money per 1,000 members"),
}


def chosen(kind: type[Choice], asked: str, default: Choice) -> Choice:
    """Give the choice of an address, the default where it names none."""
    return next((one for one in kind if one == asked), default)


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect on one scale.

    Attributes:
        shown: It with its interval, as text; None where the scale does not apply.
        low: Lower end of its interval as drawn; None without one.
        estimate: As drawn.
        high: Upper end as drawn.
    """

    shown: Shown | None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None


def effect_of(
    scale: EffectScale,
    difference: DifferenceOutcome,
    lift: LiftOutcome,
    unit: MetricUnit,
    formats: Formats,
) -> Effect:
    """Give an effect on a scale."""
    match scale:
        case EffectScale.RELATIVE:
            return _drawn(show_lift(lift, formats), lift, 1)
        case EffectScale.ABSOLUTE:
            shown = show_difference(difference, formats, Scale.of_difference(unit))
            return _drawn(shown, difference, 1)
        case EffectScale.MONEY:
            if unit is not MetricUnit.MONEY:
                return Effect(None)
            return _drawn(show_per_thousand(difference, formats), difference, 1000)


def _drawn(shown: Shown | None, outcome: DifferenceOutcome | LiftOutcome, times: int) -> Effect:
    match outcome:
        case Estimate() | Lift():
            return Effect(
                shown, outcome.estimate * times, outcome.ci_low * times, outcome.ci_high * times
            )
        case Certain():
            return Effect(shown, outcome.estimate * times)
        case _:
            return Effect(shown)


def posterior_effect(posterior: EffectPosterior, scale: Scale, formats: Formats) -> Effect:
    """Give what is believed of a difference, with its credible interval."""
    low, high = posterior.ci_low, posterior.ci_high
    shown = formats.with_interval(posterior.mean, (low, high), scale, signed=True)
    return Effect(Shown(*shown), posterior.mean, low, high)


def p_value_of(metric: MetricResult, variant: str) -> float | None:
    """Give the p-value of a treatment's difference; None where there is none."""
    differences = (one.difference for one in metric.comparisons if one.treatment == variant)
    return next((one.p_value for one in differences if isinstance(one, Estimate)), None)


def estimate_of(value: VariantValue) -> float | None:
    """Give a variant's own value; None where it has none."""
    return None if isinstance(value, Undefined) else value.estimate


def written_scale(scale: EffectScale, unit: MetricUnit) -> Scale:
    """Give how the ticks of a scale are written."""
    match scale:
        case EffectScale.RELATIVE:
            return Scale.LIFT
        case EffectScale.ABSOLUTE:
            return Scale.of_difference(unit)
        case EffectScale.MONEY:
            return Scale.MONEY


def plot_of(
    anchor: str,
    title: str,
    caption: str,
    effects: Sequence[tuple[str, Effect]],
    scale: Scale,
    formats: Formats,
    margin: tuple[float, str] | None = None,
) -> Plot | None:
    """Draw effects of treatments, one under the other; None without any interval."""
    rows = tuple(
        PlotRow(
            RowKind.TREATMENT,
            label,
            "" if one.shown is None else interval_text(one.shown),
            one.estimate,
            one.low,
            one.high,
        )
        for label, one in effects
    )
    ends = [end for row in rows for end in (row.low, row.estimate, row.high) if end is not None]
    if not ends:
        return None
    line, text = margin or (None, "")
    return Plot(
        anchor=anchor,
        title=title,
        caption=caption,
        rows=rows,
        ticks=ticks_over([*ends, *([line] if line else [])], formats, scale, signed=True),
        margin=line,
        margin_text=text,
    )
