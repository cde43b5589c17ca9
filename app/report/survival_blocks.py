"""Composes times to an event: survival curves, medians and hazard ratios, and who is at risk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.curve import Curve, CurvePlot
from app.report.formatting import Scale
from app.report.plot import RowKind, Tick, round_step
from app.report.shown import Shown
from app.report.words import Unit, metric_label, metric_name, name_of, plain
from stats.inference.outcome import Undefined
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.inference.cox import HazardRatio
    from stats.inference.survival import MedianTime
    from stats.scorecard import MetricResult
    from stats.scorecard.curves import CurvePoint, SurvivalResult, VariantCurve

MANY: Final = 3
"""With more treatments than this, the curves are folded away."""
DAYS: Final = 6
"""About so many days stand below a curve and in the table of units at risk."""
SHARES: Final = 4
"""About so many steps has the upright axis."""


def survival_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose both; none where the metric has no curves."""
    found = metric.survival
    if found is None:
        return ()
    return _times(view, metric, found, formats), _at_risk(view, metric, found, formats)


def _times(
    view: ReportView, metric: MetricResult, found: SurvivalResult, formats: Formats
) -> Block:
    many = Unit.of(view.scorecard.plan.randomization_unit).many
    level = formats.level(view.scorecard.alpha)
    ratios = {} if isinstance(found.hazard_ratios, Undefined) else {
        ratio.treatment: ratio for ratio in found.hazard_ratios
    }  # fmt: skip

    def line(curve: VariantCurve) -> Line:
        return Line(
            name_of(view, curve.variant).name,
            (
                Cell(number=formats.count(curve.events),
                     words=said("of {n}", n=formats.count(curve.n).text)),
                Cell(_median(curve.median, formats)),
                *_hazard(ratios.get(curve.variant), formats),
            ),
        )  # fmt: skip

    return Block(
        title=said("Time to the event"),
        tag=said("by Kaplan and Meier"),
        notes=(
            (
                said(
                    "The share of {many} still without the event, by days since first "
                    "exposure. Those {many} whose window is still open count for as long as "
                    "they were watched.",
                    many=many,
                )
            ),
            (
                said(
                    "A hazard ratio above 1 means that the event comes sooner than in "
                    "control; it takes the ratio to be the same on every day. The mean of "
                    "days above does not."
                )
            ),
        ),
        curves=_plots(view, metric, found, formats),
        table=Table(
            said("Time to the event, {metric_label}", metric_label=metric_label(metric)),
            said("Variant"),
            (
                Column(said("Had the event"), many),
                Column(said("Median"), said("{level} interval", level=level)),
                Column(said("Hazard ratio"), said("{level} interval", level=level)),
                Column("p", said("Cox, Wald")),
            ),
            (Group("", tuple(line(curve) for curve in found.curves)),),
        ),
        readings=_readings(view, found, formats),
        fold=said("Curves and numbers") if len(found.curves) - 1 > MANY else "",
        folds_plots=len(found.curves) - 1 > MANY,
    )


def _at_risk(
    view: ReportView, metric: MetricResult, found: SurvivalResult, formats: Formats
) -> Block:
    many = Unit.of(view.scorecard.plan.randomization_unit).many
    level = formats.level(view.scorecard.alpha)

    def line(point: CurvePoint) -> Line:
        return Line(
            said("day {day_number}", day_number=formats.day_number(point.day)),
            (Cell(number=formats.count(point.at_risk)), _share(point, formats)),
        )

    return Block(
        title=said("At risk"),
        notes=(
            (
                said(
                    "How many {many} each share rests on: without the event and still "
                    "watched, just before that day.",
                    many=many,
                )
            ),
        ),
        table=Table(
            said("At risk, {metric_label}", metric_label=metric_label(metric)),
            said("Days since first exposure"),
            (
                Column(many.capitalize(), said("at risk")),
                Column(said("Without the event"), said("{level} interval", level=level)),
            ),
            tuple(
                Group(
                    name_of(view, curve.variant).name,
                    tuple(line(point) for point in _chosen(curve)),
                )
                for curve in found.curves
            ),
        ),
        fold=said("The numbers by day"),
    )


def _median(median: MedianTime | Undefined, formats: Formats) -> Shown:
    if isinstance(median, Undefined):
        return Shown(None, sentence=plain(median.sentence))
    if median.ci_high is None:
        low = formats.alone(median.ci_low, Scale.DAYS, signed=False).text
        return Shown(
            formats.alone(median.days, Scale.DAYS, signed=False),
            sentence=said(
                "The interval begins at {low}; its end lies beyond the days watched.", low=low
            ),
        )
    bounds = (median.ci_low, median.ci_high)
    return Shown(*formats.with_interval(median.days, bounds, Scale.DAYS, signed=False))


def _hazard(ratio: HazardRatio | None, formats: Formats) -> tuple[Cell, Cell]:
    if ratio is None:
        return Cell(), Cell()
    bounds = (ratio.ci_low, ratio.ci_high)
    shown = Shown(*formats.with_interval(ratio.estimate, bounds, Scale.COUNT, signed=False))
    return Cell(shown), Cell(number=formats.p_value(ratio.p_value, ratio.alpha))


def _share(point: CurvePoint, formats: Formats) -> Cell:
    if point.ci_low is None or point.ci_high is None:
        return Cell(number=formats.share(point.survival, 1))
    bounds = (point.ci_low, point.ci_high)
    return Cell(Shown(*formats.with_interval(point.survival, bounds, Scale.SHARE, signed=False)))


def _readings(view: ReportView, found: SurvivalResult, formats: Formats) -> tuple[str, ...]:
    test, alpha = found.log_rank, view.scorecard.alpha
    if isinstance(test, Undefined):
        log_rank = said("Log-rank test: not possible. {found}", found=plain(test.sentence))
    else:
        p_value = formats.p_value(test.p_value, alpha).text
        equals = "" if p_value.startswith(("<", ">")) else "= "
        log_rank = (
            said(
                "Log-rank test of all variants: the curves differ (p {p_value}).",
                p_value=f"{equals}{p_value}",
            )
            if test.p_value < alpha
            else said(
                "Log-rank test of all variants: the curves are not shown to differ (p {p_value}).",
                p_value=f"{equals}{p_value}",
            )
        )
    if isinstance(found.hazard_ratios, Undefined):
        return log_rank, said(
            "Hazard ratios: none. {found}", found=plain(found.hazard_ratios.sentence)
        )
    return (log_rank,)


def _plots(
    view: ReportView, metric: MetricResult, found: SurvivalResult, formats: Formats
) -> tuple[CurvePlot, ...]:
    """Give one a treatment, all on the same scale so that they can be compared."""
    lowest = min(point.survival for curve in found.curves for point in curve.points)
    shares = _share_ticks(lowest, formats)
    days = _day_ticks(found.until_day, formats)
    control = view.scorecard.plan.control.key
    own = next(curve for curve in found.curves if curve.variant == control)
    place = view.scorecard.metrics.index(metric)
    begins = "" if not shares[0].value else (
        said(" The upright axis begins at {shares}, not at 0.", shares=shares[0].text)
    )  # fmt: skip
    plots = []
    for index, curve in enumerate(one for one in found.curves if one.variant != control):
        names = said(
            "{first} and {second}",
            first=name_of(view, curve.variant).name,
            second=name_of(view, control).name,
        )
        plots.append(
            CurvePlot(
                anchor=f"plot-{place}-curve-{index}",
                title=said(
                    "{metric_name}: share still without the event, {names}, by days since "
                    "first exposure",
                    metric_name=metric_name(metric),
                    names=names,
                ),
                caption=said(
                    "{names}: share still without the event, by days since first exposure.",
                    names=names,
                )
                + begins,
                curves=(_curve(view, own), _curve(view, curve)),
                days=days,
                shares=shares,
            )
        )
    return tuple(plots)


def _curve(view: ReportView, curve: VariantCurve) -> Curve:
    name = name_of(view, curve.variant)
    steps = [(point.day, point.survival) for point in curve.points]
    # the days on which nothing happens say nothing, but for the last
    kept = [
        step
        for index, step in enumerate(steps)
        if index in {0, len(steps) - 1} or step[1] != steps[index - 1][1]
    ]
    kind = RowKind.CONTROL if name.is_control else RowKind.TREATMENT
    return Curve(kind, name.name, tuple(kept))


def _share_ticks(lowest: float, formats: Formats) -> tuple[Tick, ...]:
    """Give round ticks from 100% down to the lowest share."""
    step = round_step(max(1 - lowest, 0.01) / SHARES)
    down = max(1, math.ceil((1 - lowest) / step - 1e-9))
    values = [max(0.0, 1 - number * step) for number in range(down, -1, -1)]
    return tuple(
        Tick(value, formats.tick(value, step, Scale.SHARE, signed=False)) for value in values
    )


def _day_ticks(until: float, formats: Formats) -> tuple[Tick, ...]:
    step = max(1, math.ceil(until / DAYS))
    days = [float(day) for day in range(0, math.ceil(until), step)]
    # the last one says that these are days, and needs room for it
    kept = [day for day in days if until - day >= step / 2] or [0.0]
    written = [Tick(day, formats.count(int(day)).text) for day in kept]
    return (*written, Tick(until, said("day {day_number}", day_number=formats.day_number(until))))


def _chosen(curve: VariantCurve) -> tuple[CurvePoint, ...]:
    """Give a few days, evenly, and the last."""
    every = max(1, math.ceil((len(curve.points) - 1) / DAYS))
    last = len(curve.points) - 1
    return tuple(
        point
        for index, point in enumerate(curve.points)
        if index == last or (index % every == 0 and last - index >= every / 2)
    )
