"""Composes the funnel: the way to the assignment, then every step per variant, then by tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.enrolment_part import enrolment_part
from app.report.formatting import Scale
from app.report.funnel_tiers import NO_OFFER, tier_blocks
from app.report.known_names import known
from app.report.metric_plot import interval_text
from app.report.outcomes import show_difference, show_lift, show_value
from app.report.page import FunnelSection, StepLine, StepSection
from app.report.plot import Plot, PlotRow, RowKind, ticks_over
from app.report.words import Unit, name_of, plain, state_title, window_words
from stats.inference.outcome import BareValue, Estimate, Rate
from stats.plan import Basis
from stats.scorecard import State, StepKind
from stats.sentence import said, said_many, with_commas

if TYPE_CHECKING:
    from app.report.formatting import Formats, Number
    from app.report.view import ReportView
    from stats.scorecard import Comparison, FunnelResult, FunnelStepResult, FunnelStepVariant

OVER: Final = {Basis.ASSIGNED: said("assigned"), Basis.EXPOSED: said("exposed")}


def funnel_section(view: ReportView, funnel: FunnelResult, formats: Formats) -> FunnelSection:
    """Compose the funnel."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    counted = any(row.n for step in funnel.steps for row in step.variants)
    shown = {State.READY, State.IMMATURE}
    if funnel.basis is Basis.ASSIGNED:  # exposures are a step of it, whatever events are missing
        shown |= {State.EVENTS_MISSING}
    drawn = counted and funnel.state in shown
    return FunnelSection(
        note=_note(funnel, unit),
        state=funnel.state,
        state_title=_state_title(funnel),
        sentence=plain(formats.with_moments(funnel.sentence)),
        pending=_pending(view, funnel, unit, formats),
        steps=tuple(_step(view, funnel, step, formats) for step in _shown(funnel)) if drawn else (),
        plot=_plot(view, funnel, unit, formats) if drawn else None,
        share_title=said("Share of all {over}", over=OVER[funnel.basis]),
        enrolment=enrolment_part(view, formats),
        blocks=tier_blocks(view, funnel, formats) if drawn else (),
    )


def _note(funnel: FunnelResult, unit: Unit) -> str:
    if funnel.basis is Basis.EXPOSED:
        return said(
            "Share of all exposed {unit} that passed each step and all before it, in "
            "order, within {window_words}.",
            unit=unit.many,
            window_words=window_words(funnel.window),
        )
    days = funnel.window.end_days
    return said_many(
        "Share of all assigned {unit}, exposed or not, within {days} day from the assignment. "
        "Steps of the offer follow one another and compare the variants that show one; outcomes "
        "count in every variant, with the offer or without. It explains the result and decides "
        "nothing.",
        "Share of all assigned {unit}, exposed or not, within {days} days from the assignment. "
        "Steps of the offer follow one another and compare the variants that show one; outcomes "
        "count in every variant, with the offer or without. It explains the result and decides "
        "nothing.",
        days,
        unit=unit.many,
        days=days,
    )


def _shown(funnel: FunnelResult) -> list[FunnelStepResult]:
    """Give the steps but the assignment: all assigned are all assigned."""
    return [step for step in funnel.steps if step.kind is not StepKind.ASSIGNED]


def _state_title(funnel: FunnelResult) -> str:
    if funnel.basis is Basis.ASSIGNED and funnel.state is State.NO_EXPOSURES:
        return said("Nobody assigned yet")
    return state_title(funnel.state)


def _pending(view: ReportView, funnel: FunnelResult, unit: Unit, formats: Formats) -> str:
    total = sum(funnel.immature_units.values())
    if not total:
        return ""
    parts = with_commas(
        f"{name_of(view, key).name} {formats.count(units).text}"
        for key, units in funnel.immature_units.items()
        if units
    )
    counted = unit.counted(total, formats.count(total).text)
    return said_many(
        "{counted} is still in their window and left out of every number here ({parts}).",
        "{counted} are still in their window and left out of every number here ({parts}).",
        total,
        counted=counted,
        parts=parts,
    )


def _step(
    view: ReportView, funnel: FunnelResult, step: FunnelStepResult, formats: Formats
) -> StepSection:
    compared = {comparison.treatment: comparison for comparison in step.comparisons}
    events = ", ".join(step.events)
    name = known(plain(step.name or step.key))
    closes, note = step.closes_after_days, ""
    if closes is not None and closes != funnel.window.end_days:
        note = said("counted once {closes} days have passed", closes=closes)
    return StepSection(
        name=name,
        events="" if events == name else plain(events),
        lines=tuple(
            _line(view, step, row, compared.get(row.variant), formats) for row in step.variants
        ),
        note=note,
    )


def _line(
    view: ReportView,
    step: FunnelStepResult,
    row: FunnelStepVariant,
    comparison: Comparison | None,
    formats: Formats,
) -> StepLine:
    difference = comparison.difference if comparison else None
    corrected = step.corrected_p_values.get(row.variant)
    control = view.scorecard.plan.control.key
    other = comparison is not None and comparison.control != control
    takes_part = row.takes_part or row.units > 0
    return StepLine(
        variant=name_of(view, row.variant),
        n=formats.count(row.n),
        units=formats.count(row.units),
        share=show_value(row.share, formats, Scale.SHARE) if takes_part else None,
        share_of_previous=None
        if row.share_of_previous is None
        else formats.share(row.share_of_previous, 1),
        difference=show_difference(difference, formats, Scale.POINTS) if difference else None,
        lift=show_lift(comparison.lift, formats) if comparison else None,
        p_value=formats.p_value(difference.p_value, difference.alpha)
        if isinstance(difference, Estimate)
        else None,
        median_days=_days(row.median_days, formats),
        mean_days=_days(row.mean_days, formats),
        versus=said("against {name_of}", name_of=name_of(view, comparison.control).name)
        if comparison and other
        else "",
        corrected=None if corrected is None else formats.p_value(corrected, view.scorecard.alpha),
        takes_part=takes_part,
    )


def _days(days: float | None, formats: Formats) -> Number | None:
    return None if days is None else formats.alone(days, Scale.DAYS, signed=False)


def _plot(view: ReportView, funnel: FunnelResult, unit: Unit, formats: Formats) -> Plot:
    rows = [row for step in _shown(funnel) for row in _rows(view, step, formats)]
    ends = [end for row in rows for end in (row.high, row.estimate) if end is not None]
    level, over = formats.level(view.scorecard.alpha), OVER[funnel.basis]
    return Plot(
        anchor="plot-funnel",
        title=said(
            "Funnel: share of all {over} {unit} per step and variant, with {level} intervals",
            over=over,
            unit=unit.many,
            level=level,
        ),
        caption=said(
            "Share of all {over} {unit}: estimate and {level} interval.",
            over=over,
            unit=unit.many,
            level=level,
        ),
        rows=tuple(rows),
        ticks=ticks_over(ends, formats, Scale.SHARE, signed=False),
        from_zero=True,
    )


def _rows(view: ReportView, step: FunnelStepResult, formats: Formats) -> list[PlotRow]:
    rows = [PlotRow(RowKind.HEADING, known(plain(step.name or step.key)))]
    for variant in step.variants:
        name = name_of(view, variant.variant)
        kind = RowKind.CONTROL if name.is_control else RowKind.TREATMENT
        if not variant.takes_part and not variant.units:
            rows.append(PlotRow(kind, name.name, NO_OFFER))
            continue
        shown = show_value(variant.share, formats, Scale.SHARE)
        text = interval_text(shown) or said("undefined, see the table")
        match variant.share:
            case Rate() as rate:
                rows.append(
                    PlotRow(kind, name.name, text, rate.estimate, rate.ci_low, rate.ci_high)
                )
            case BareValue() as bare:
                rows.append(PlotRow(kind, name.name, text, bare.estimate))
            case _:
                rows.append(PlotRow(kind, name.name, text))
    return rows
