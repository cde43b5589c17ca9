"""Composes what decides: the interval under the plan's looks, a Bayesian view, and power now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.outcomes import show_difference, show_lift
from app.report.remaining_words import remaining_words
from app.report.shown import Shown
from app.report.words import Unit, metric_label, name_of
from stats.inference.multiplicity import Correction
from stats.plan import EstimateUsed, LookKind
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import MetricResult
    from stats.scorecard.looks import LookTaken
    from stats.scorecard.oec import OecResult, OecTreatment
    from stats.scorecard.outlook import Outlook, TreatmentOutlook

ESTIMATES: Final = {
    EstimateUsed.RAW: said("the raw estimate"),
    EstimateUsed.ADJUSTED: said("the estimate adjusted by its covariates (CUPED)"),
    EstimateUsed.CAPPED: said("the estimate with capped values"),
}
CORRECTIONS: Final = {
    Correction.NONE: said("not corrected for the number of treatments"),
    Correction.HOLM: said("corrected for the number of treatments by Holm's method"),
    Correction.HOCHBERG: said("corrected for the number of treatments by Hochberg's method"),
    Correction.BONFERRONI: said("corrected for the number of treatments by Bonferroni's method"),
    Correction.BENJAMINI_HOCHBERG: said("corrected by Benjamini and Hochberg's method"),
}
LOOKS: Final = {
    LookKind.FIXED: said("made for one look at the end"),
    LookKind.PLANNED: said("made for the plan's looks"),
    LookKind.CONTINUOUS: said("valid at every look (a confidence sequence)"),
}


def oec_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose the blocks of the metric that decides; none in scorecards of earlier versions."""
    oec, ahead = view.scorecard.oec, view.scorecard.outlook
    if oec is None or oec.metric != metric.key:
        return ()
    blocks = [_deciding(view, metric, oec, formats)]
    if any(one.posterior for one in oec.treatments):
        blocks.append(_bayes(view, metric, oec, formats))
    if ahead is not None and ahead.treatments:
        blocks.append(_power(view, metric, ahead, formats))
    return tuple(blocks)


def _deciding(view: ReportView, metric: MetricResult, oec: OecResult, formats: Formats) -> Block:
    scale = Scale.of_difference(metric.definition.unit)
    alpha = view.scorecard.alpha

    def line(one: OecTreatment) -> Line:
        judged = (
            ""
            if one.significant is None
            else said("counts")
            if one.significant
            else said("does not count")
        )
        return Line(
            name_of(view, one.treatment).name,
            (
                Cell(show_difference(one.difference, formats, scale)),
                Cell(show_lift(one.lift, formats)),
                Cell(words=formats.level(one.level)),
                Cell(number=None if one.p_value is None else formats.p_value(one.p_value, alpha)),
                Cell(
                    number=None
                    if one.adjusted_p_value is None
                    else formats.p_value(one.adjusted_p_value, alpha),
                    words=judged,
                ),
            ),
        )

    several = len(oec.treatments) > 1
    correction = said(", {how}", how=CORRECTIONS[oec.correction]) if several else ""
    rate = formats.exact_rate(alpha)
    return Block(
        title=said("The interval that decides"),
        notes=(
            (
                said(
                    "It is of {estimates}, {looks}{correction}. A corrected p counts below {rate}.",
                    estimates=ESTIMATES[oec.estimate],
                    looks=LOOKS[oec.looks],
                    correction=correction,
                    rate=rate,
                )
            ),
            *([_look(oec.look, formats)] if oec.look is not None else []),
        ),
        table=Table(
            said("The interval that decides, {metric_label}", metric_label=metric_label(metric)),
            said("Treatment"),
            (
                Column(said("Difference"), said("interval that decides")),
                Column(said("Lift"), said("interval that decides")),
                Column(said("Level")),
                Column("p", said("valid at this look")),
                Column(said("p corrected")),
            ),
            (Group("", tuple(line(one) for one in oec.treatments)),),
        ),
    )


def _look(look: LookTaken, formats: Formats) -> str:
    count, planned = formats.count(look.number).text, formats.count(look.planned).text
    information = formats.share(look.fractions[-1], 0).text
    if not look.spends:
        return said(
            "This is look {count} of {planned}. It has seen too little to decide "
            "anything, and spends none of the error rate.",
            count=count,
            planned=planned,
        )
    boundary = formats.standard_errors(look.boundary).text
    return said(
        "This is look {count} of {planned}, at {information} of the planned "
        "information. An effect must reach {boundary} standard errors, where a "
        "single look asks for fewer; this look spends an error rate of "
        "{exact_rate}.",
        count=count,
        planned=planned,
        information=information,
        boundary=boundary,
        exact_rate=formats.exact_rate(look.nominal_alpha),
    )


def _bayes(view: ReportView, metric: MetricResult, oec: OecResult, formats: Formats) -> Block:
    scale = Scale.of_difference(metric.definition.unit)
    control = view.scorecard.plan.control.key

    def best(key: str) -> Cell:
        chance = oec.chance_to_be_best.get(key)
        return Cell(number=None if chance is None else formats.chance(chance))

    def line(one: OecTreatment) -> Line:
        found, name = one.posterior, name_of(view, one.treatment).name
        if found is None:
            return Line(name, (Cell(), Cell(), best(one.treatment), Cell(), Cell()))
        bounds = (found.ci_low, found.ci_high)
        shown = formats.with_interval(found.mean, bounds, scale, signed=True)
        return Line(
            name,
            (
                Cell(Shown(*shown)),
                Cell(number=formats.chance(found.chance_to_beat_control)),
                best(one.treatment),
                Cell(number=formats.loss(found.loss_if_shipped, bounds, scale)),
                Cell(number=formats.loss(found.loss_if_kept, bounds, scale)),
            ),
        )

    own = Line(name_of(view, control).name, (Cell(), Cell(), best(control), Cell(), Cell()))
    return Block(
        title=said("A Bayesian view"),
        tag=said("a view, not the rule"),
        notes=(
            (
                said(
                    "How likely each answer is, if every effect was held equally likely "
                    "beforehand (a flat prior). It does not correct for looks, and does not "
                    "decide."
                )
            ),
        ),
        table=Table(
            said("Bayesian view, {metric_label}", metric_label=metric_label(metric)),
            said("Variant"),
            (
                Column(
                    said("Difference"),
                    said("{level} credible interval", level=formats.level(view.scorecard.alpha)),
                ),
                Column(said("Chance to beat control")),
                Column(said("Chance to be best")),
                Column(said("Expected loss"), said("if it is shipped")),
                Column(said("Expected loss"), said("if control is kept")),
            ),
            (Group("", (own, *(line(one) for one in oec.treatments))),),
        ),
    )


def _power(view: ReportView, metric: MetricResult, ahead: Outlook, formats: Formats) -> Block:
    scale = Scale.of_difference(metric.definition.unit)
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    goal = formats.share(ahead.goal, 0).text

    def line(one: TreatmentOutlook) -> Line:
        planned, power, needed = one.planned_effect, one.achieved_power, one.units_needed
        lift = one.smallest_lift
        return Line(
            name_of(view, one.treatment).name,
            (
                Cell(number=formats.alone(one.smallest_effect, scale, signed=False)),
                Cell(
                    number=None if lift is None else formats.alone(lift, Scale.LIFT, signed=False)
                ),
                Cell(
                    number=None if planned is None else formats.alone(planned, scale, signed=True),
                    words=said("none planned") if planned is None else "",
                ),
                Cell(number=None if power is None else formats.chance(power)),
                Cell(number=None if needed is None else formats.count(needed)),
            ),
        )

    return Block(
        title=said("What it can find now"),
        notes=(
            (
                said(
                    "The smallest true effect that the present {unit} would show in {goal} "
                    "of campaigns, at one look; and what the effect that was planned for "
                    "takes, with the errors as they are now. These are properties of the "
                    "plan and the noise, not estimates of the effect.",
                    unit=unit.many,
                    goal=goal,
                )
            ),
        ),
        table=Table(
            said("Power now, {metric_label}", metric_label=metric_label(metric)),
            said("Treatment"),
            (
                Column(said("Smallest effect"), said("found in {goal} of campaigns", goal=goal)),
                Column(said("As a lift")),
                Column(said("Planned effect")),
                Column(said("Power for it"), said("now")),
                Column(
                    said("{unit} needed", unit=unit.many.capitalize()), said("for it, all variants")
                ),
            ),
            (Group("", tuple(line(one) for one in ahead.treatments)),),
        ),
        readings=()
        if ahead.remaining is None
        else (remaining_words(ahead.remaining, unit, formats),),
    )
