"""Composes the money: what each treatment adds, where it comes from, by tier, what it assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale
from app.report.metric_plot import interval_text
from app.report.money_tables import added_table, source_table, tier_part
from app.report.money_words import TITLES, assumptions, earned
from app.report.outcomes import show_difference
from app.report.page import MoneyPart, MoneySection
from app.report.plot import Plot, PlotRow, RowKind, ticks_over
from app.report.words import name_of, plain, window_words
from stats.inference.outcome import Certain, Estimate
from stats.scorecard.money import MoneyState
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.plan import MoneyPlan
    from stats.scorecard.money import MoneyResult


def money_section(
    view: ReportView, money: MoneyPlan, result: MoneyResult, formats: Formats
) -> MoneySection:
    """Compose the money."""
    parts = []
    if result.state is MoneyState.READY:
        parts.append(_added(view, result, formats))
    if result.variants and result.state in (MoneyState.READY, MoneyState.IMMATURE):
        parts.append(
            MoneyPart(
                anchor="money-source",
                title=said("Where it comes from"),
                note=said("Per member and variant, and what each treatment adds to the control.")
                if view.scorecard.plan.randomization_unit.value == "member"
                else said(
                    "Per household and variant, and what each treatment adds to the control."
                ),
                table=source_table(view, result, formats),
            )
        )
    if result.tiers is not None and len({one.tier for one in result.tiers.effects}) > 1:
        parts.append(tier_part(view, result.tiers, formats))
    listed = assumptions(view, money, result, formats) if result.variants else ()
    return MoneySection(
        note=said(
            "What the campaign earned beyond its control: gross margin less rewards, "
            "contacts and fixed costs, within {window_words}.",
            window_words=window_words(result.window),
        ),
        state=result.state,
        state_title=TITLES[result.state],
        sentence=plain(formats.with_moments(result.sentence)),
        parts=tuple(parts),
        assumptions=listed,
    )


def _added(view: ReportView, result: MoneyResult, formats: Formats) -> MoneyPart:
    plot = _plot(view, result, formats)
    return MoneyPart(
        anchor="money-added",
        title=said("What each treatment adds")
        if len(result.treatments) > 1
        else said(
            "What {name_of} adds", name_of=name_of(view, result.treatments[0].treatment).name
        ),
        readings=tuple(plain(earned(view, one, formats)) for one in result.treatments),
        plots=() if plot is None else (plot,),
        table=added_table(view, result, formats),
    )


def _plot(view: ReportView, result: MoneyResult, formats: Formats) -> Plot | None:
    rows = []
    for one in result.treatments:
        name, outcome = name_of(view, one.treatment).name, one.incremental_margin
        text = interval_text(show_difference(outcome, formats, Scale.MONEY))
        match outcome:
            case Estimate():
                low, high = outcome.ci_low, outcome.ci_high
                rows.append(PlotRow(RowKind.TREATMENT, name, text, outcome.estimate, low, high))
            case Certain():
                rows.append(PlotRow(RowKind.TREATMENT, name, text, outcome.estimate))
            case _:
                rows.append(PlotRow(RowKind.TREATMENT, name, said("undefined, see the table")))
    ends = [end for row in rows for end in (row.low, row.high, row.estimate) if end is not None]
    if not ends:
        return None
    control, level = name_of(view, view.scorecard.plan.control.key).name, _level(view, formats)
    return Plot(
        anchor="plot-money",
        title=said(
            "Incremental margin against {control}, with {level} intervals",
            control=control,
            level=level,
        ),
        caption=said(
            "Incremental margin of all who were treated, against {control}: estimate "
            "and {level} interval. Above 0 it earns.",
            control=control,
            level=level,
        ),
        rows=tuple(rows),
        ticks=ticks_over(ends, formats, Scale.MONEY, signed=True),
    )


def _level(view: ReportView, formats: Formats) -> str:
    return formats.level(view.scorecard.alpha)
