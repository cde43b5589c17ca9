"""Composes the top of the page: how far the results are, and what the OEC shows.

There is no verdict yet: the sentences say where intervals lie, and nothing of what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report.formatting import Scale
from app.report.metric_section import state_sentence
from app.report.outcomes import lift_agrees, reading_of, show_difference, show_lift, side_of_zero
from app.report.page import Headline, HeadlineLine, Tone
from app.report.words import Unit, listed, name_of, plain, state_title
from stats.checks.finding import FindingCode, Severity
from stats.plan import MetricRole
from stats.scorecard import State

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import Comparison, MetricResult

TOLD_BY_STATE = frozenset({FindingCode.NO_EXPOSURES, FindingCode.EVENTS_MISSING})
"""Failures that the state of the metric tells already."""

NO_VERDICT = (
    "This says where the interval lies. It is not a verdict: no decision rule has been applied."
)
FIXED_HORIZON = (
    "Every interval is meant for one look, when all windows have closed. Looked at earlier or "
    "again and again, it leaves out 0 by chance more often than it says."
)


def headline(view: ReportView, formats: Formats) -> Headline:
    """Compose the top of the page."""
    scorecard = view.scorecard
    failures = [
        finding
        for finding in scorecard.findings
        if finding.severity is Severity.FAILURE and finding.code not in TOLD_BY_STATE
    ]
    deciding = next((m for m in scorecard.metrics if m.role is MetricRole.OEC), None)
    if failures:
        titles = listed([plain(finding.title).lower() for finding in failures])
        sentence = f"Do not decide by these results: {titles}."
        note = "No result is quoted here, because a check that has failed takes the trust away."
        return Headline(Tone.BROKEN, "Check failed", sentence, (), (note,))
    if scorecard.state is not State.READY:
        return _waiting(view, deciding, formats)
    early = any(row.immature_units for metric in scorecard.metrics for row in metric.variants)
    tone, label = (
        (Tone.EARLY, "Preliminary: windows still open")
        if early
        else (Tone.RESULT, "All windows closed")
    )
    if deciding is None:
        sentence = "No metric was chosen to decide; all of them are shown below."
        return Headline(tone, label, sentence, (), (FIXED_HORIZON,))
    return Headline(
        tone,
        label,
        _sentence(view, deciding),
        tuple(_line(view, deciding, comparison, formats) for comparison in deciding.comparisons),
        (NO_VERDICT, FIXED_HORIZON),
    )


def _waiting(view: ReportView, deciding: MetricResult | None, formats: Formats) -> Headline:
    state = view.scorecard.state
    metric = deciding or next(m for m in view.scorecard.metrics if m.state is state)
    name = plain(metric.definition.name or metric.key)
    notes: tuple[str, ...] = (state_sentence(metric, formats),)
    match state:
        case State.NO_EXPOSURES:
            sentence = "There is no result yet: not every variant has been shown to anyone."
            if not any(row.units for row in view.scorecard.variants if row.in_plan):
                sentence = "There is no result yet: nobody has been exposed."
            notes += ("Check that the campaign runs, and that whoever shows the offer logs it.",)
        case State.EVENTS_MISSING:
            sentence = f"There is no result: the events behind {name} have never been seen."
            notes += (
                (
                    "That may be a broken feed as well as a slow start, so no number is shown. "
                    "Check the sender of these events."
                ),
            )
        case _:
            when = metric.first_results_at
            first = f": the first ones come on {formats.moment(when).local}" if when else ""
            sentence = f"It is too early for results on {name}{first}."
    return Headline(Tone.WAITING, state_title(state), sentence, (), notes)


def _sentence(view: ReportView, metric: MetricResult) -> str:
    sides: dict[int | None, list[str]] = {1: [], -1: [], 0: [], None: []}
    for comparison in metric.comparisons:
        side = side_of_zero(comparison.difference)
        sides[side].append(name_of(view, comparison.treatment).name)
    control = name_of(view, view.scorecard.plan.control.key).name
    parts = []
    for side, names in sides.items():
        verb = "is" if len(names) == 1 else "are"
        phrases = {
            1: f"{verb} above",
            -1: f"{verb} below",
            0: "cannot be told from",
            None: "cannot be compared with",
        }
        if names:
            parts.append(f"{listed(names)} {phrases[side]} {control}")
    return f"{plain(metric.definition.name or metric.key)}: {'; '.join(parts)}."


def _line(
    view: ReportView, metric: MetricResult, comparison: Comparison, formats: Formats
) -> HeadlineLine:
    units = {row.variant: row.n for row in metric.variants}
    both = units[comparison.treatment] + units[comparison.control]
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    as_lift = lift_agrees(comparison)
    scale = Scale.of_difference(metric.definition.unit)
    return HeadlineLine(
        treatment=name_of(view, comparison.treatment),
        quantity="lift" if as_lift else "difference",
        shown=show_lift(comparison.lift, formats)
        if as_lift
        else show_difference(comparison.difference, formats, scale),
        reading=reading_of(comparison, metric.definition.direction),
        members=unit.counted(both, formats.count(both).text),
    )
