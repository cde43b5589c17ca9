"""Composes the top of the page: the verdict, or how far the results are, or why there is none.

Trouble goes first: a failed check hides the verdict, and a state without results stands in for it.
Scorecards of earlier versions hold no decision; of them it is said where the intervals lie.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.formatting import Scale
from app.report.look_words import look_note
from app.report.metric_section import state_sentence
from app.report.outcomes import lift_agrees, reading_of, show_difference, show_lift, side_of_zero
from app.report.page import Detail, Headline, HeadlineLine, Tone
from app.report.verdict_section import verdict_headline
from app.report.verdict_words import LABELS, say
from app.report.words import Unit, listed, metric_name, name_of, plain, state_title
from stats.checks.finding import FindingCode, Severity
from stats.decision.verdict import Reason, Verdict
from stats.plan import MetricRole
from stats.scorecard import State
from stats.sentence import said, said_many, with_semicolons

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.checks.finding import Finding
    from stats.scorecard import Comparison, MetricResult

TOLD_BY_STATE = frozenset({FindingCode.NO_EXPOSURES, FindingCode.EVENTS_MISSING})
"""Failures that the state of the metric tells already."""

WITHHELD: Final = said(
    "The verdict is withheld, and no result is quoted here, because a check "
    "that has failed takes the trust away."
)
NO_VERDICT: Final = said(
    "This says where the interval lies. It is not a verdict: this scorecard "
    "was stored by a version of Tierlift that applied no decision rule. "
    "Compute it again to get one."
)


def headline(view: ReportView, formats: Formats) -> Headline:
    """Compose the top of the page."""
    scorecard = view.scorecard
    exempt = scorecard.plan.decision_rule.exempt_checks
    failed = tuple(
        finding
        for finding in scorecard.findings
        if finding.severity is Severity.FAILURE and finding.code.value not in exempt
    )
    untold = tuple(finding for finding in failed if finding.code not in TOLD_BY_STATE)
    deciding = next((m for m in scorecard.metrics if m.role is MetricRole.OEC), None)
    decision = scorecard.decision
    if untold:
        return _broken(untold)
    if scorecard.state is not State.READY:
        return _waiting(view, deciding, formats)
    if decision is None:
        return _without_verdict(view, deciding, formats)
    if decision.verdict is Verdict.NOT_TRUSTWORTHY:
        return _broken(failed)
    return verdict_headline(view, decision, formats)


def _broken(failed: tuple[Finding, ...]) -> Headline:
    titles = listed([plain(finding.title).lower() for finding in failed])
    worded = say(Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED, {"checks": titles})
    ways_out = [Detail(said("What to do"), plain(f.what_to_do)) for f in failed if f.what_to_do]
    label = LABELS[Verdict.NOT_TRUSTWORTHY]
    return Headline(
        Tone.BROKEN, label, worded.sentence, (), (Detail(said("No verdict"), WITHHELD), *ways_out)
    )


def _without_verdict(view: ReportView, deciding: MetricResult | None, formats: Formats) -> Headline:
    scorecard = view.scorecard
    early = any(row.immature_units for metric in scorecard.metrics for row in metric.variants)
    tone, label = (
        (Tone.EARLY, said("Preliminary: windows still open"))
        if early
        else (Tone.RESULT, said("All windows closed"))
    )
    looks = Detail(said("Looks"), look_note(scorecard, formats))
    if deciding is None:
        sentence = said("No metric was chosen to decide; all of them are shown below.")
        return Headline(tone, label, sentence, (), (looks,))
    return Headline(
        tone,
        label,
        _sentence(view, deciding),
        tuple(_line(view, deciding, comparison, formats) for comparison in deciding.comparisons),
        (Detail(said("No verdict"), NO_VERDICT), looks),
    )


def _waiting(view: ReportView, deciding: MetricResult | None, formats: Formats) -> Headline:
    state = view.scorecard.state
    metric = deciding or next(m for m in view.scorecard.metrics if m.state is state)
    name = metric_name(metric)
    notes: tuple[Detail, ...] = (Detail("", state_sentence(metric, formats)),)
    match state:
        case State.NO_EXPOSURES:
            sentence = said("There is no result yet: not every variant has been shown to anyone.")
            if not any(row.units for row in view.scorecard.variants if row.in_plan):
                sentence = said("There is no result yet: nobody has been exposed.")
            way_out = said(
                "Check that the campaign runs, and that whoever shows the offer logs it."
            )
            notes += (Detail(said("What to do"), way_out),)
        case State.EVENTS_MISSING:
            sentence = said(
                "There is no result: the events behind {name} have never been seen.", name=name
            )
            shown = said(
                "That may be a broken feed as well as a slow start, so no number is shown."
            )
            way_out = said("Check the sender of these events.")
            notes += (Detail("", shown), Detail(said("What to do"), way_out))
        case _:
            when = metric.first_results_at
            first = (
                said(": the first ones come on {moment}", moment=formats.moment(when).local)
                if when
                else ""
            )
            sentence = said("It is too early for results on {name}{first}.", name=name, first=first)
    return Headline(Tone.WAITING, state_title(state), sentence, (), notes)


def _sentence(view: ReportView, metric: MetricResult) -> str:
    sides: dict[int | None, list[str]] = {1: [], -1: [], 0: [], None: []}
    for comparison in metric.comparisons:
        side = side_of_zero(comparison.difference)
        sides[side].append(name_of(view, comparison.treatment).name)
    control = name_of(view, view.scorecard.plan.control.key).name
    parts = []
    for side, names in sides.items():
        if names:
            parts.append(_side(side, names, control))
    name = metric_name(metric)
    return said("{name}: {parts}.", name=name, parts=with_semicolons(parts))


def _side(side: int | None, names: list[str], control: str) -> str:
    who, several = listed(names), len(names)
    match side:
        case 1:
            return said_many(
                "{names} is above {control}",
                "{names} are above {control}",
                several,
                names=who,
                control=control,
            )
        case -1:
            return said_many(
                "{names} is below {control}",
                "{names} are below {control}",
                several,
                names=who,
                control=control,
            )
        case 0:
            return said("{names} cannot be told from {control}", names=who, control=control)
        case _:
            return said("{names} cannot be compared with {control}", names=who, control=control)


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
        quantity=said("lift") if as_lift else said("difference"),
        shown=show_lift(comparison.lift, formats)
        if as_lift
        else show_difference(comparison.difference, formats, scale),
        reading=reading_of(comparison, metric.definition.direction),
        members=unit.counted(both, formats.count(both).text),
        level=formats.level(view.scorecard.alpha),
    )
