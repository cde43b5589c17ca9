"""Composes the verdict: one sentence from the decision, why, and what it rests on."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from app.report.formatting import Scale
from app.report.look_words import look_note
from app.report.outcomes import lift_agrees, show_difference, show_lift
from app.report.page import Detail, Headline, HeadlineLine, Tone
from app.report.remaining_words import day_words, remaining_words
from app.report.shown import Shown
from app.report.verdict_words import LABELS, say
from app.report.words import Unit, defined_name, listed, metric_name, name_of, plain
from stats.checks.finding import Severity
from stats.decision.verdict import Verdict
from stats.inference.outcome import Undefined
from stats.plan import DecisionScale, MetricRole
from stats.scorecard import Comparison
from stats.sentence import said, with_commas, with_semicolons

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.decision.verdict import Decision, Parameter, TreatmentDecision
    from stats.scorecard import MetricResult
    from stats.scorecard.oec import OecTreatment

TONES: Final = {
    Verdict.SHIP: Tone.SHIP,
    Verdict.DO_NOT_SHIP: Tone.STOP,
    Verdict.KEEP_RUNNING: Tone.KEEP,
    Verdict.INCONCLUSIVE: Tone.OPEN,
}


def verdict_headline(view: ReportView, decision: Decision, formats: Formats) -> Headline:
    """Compose the top of the page from a decision that has results behind it."""
    parts = _parts(view, decision.treatment, decision.parameters, formats)
    if decision.remaining is not None and decision.remaining.days:
        parts["more"] = said(
            " for {day_words} more", day_words=day_words(decision.remaining.days, formats)
        )
    worded = say(decision.verdict, decision.reason, parts, in_money=_is_in_money(view))
    return Headline(
        TONES[decision.verdict],
        LABELS[decision.verdict],
        worded.sentence,
        tuple(_line(view, one, formats) for one in decision.treatments),
        tuple(_notes(view, decision, formats)),
    )


def _line(view: ReportView, one: TreatmentDecision, formats: Formats) -> HeadlineLine:
    metric = deciding_metric(view)
    found = deciding_result(view, one.treatment)
    compared = Comparison(
        one.treatment, view.scorecard.plan.control.key, found.difference, found.lift
    )
    rule = view.scorecard.plan.decision_rule
    as_lift = rule.scale is DecisionScale.LIFT and lift_agrees(compared)
    scale = Scale.of_difference(metric.definition.unit)
    units = {row.variant: row.n for row in metric.variants}
    both = units[compared.treatment] + units[compared.control]
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    parts = _parts(view, one.treatment, one.parameters, formats)
    worded = say(one.verdict, one.reason, parts, in_money=_is_in_money(view))
    return HeadlineLine(
        treatment=name_of(view, one.treatment),
        quantity=_quantity(rule.scale, as_lift=as_lift),
        shown=_in_money(one, formats)
        or (
            show_lift(found.lift, formats)
            if as_lift
            else show_difference(found.difference, formats, scale)
        ),
        reading=worded.why,
        members=unit.counted(both, formats.count(both).text),
        level=formats.level(found.level),
        label=LABELS[one.verdict],
    )


def _is_in_money(view: ReportView) -> bool:
    return view.scorecard.plan.decision_rule.scale is DecisionScale.INCREMENTAL_MARGIN


def _quantity(scale: DecisionScale, *, as_lift: bool) -> str:
    if scale is DecisionScale.INCREMENTAL_MARGIN:
        return said("incremental margin")
    return said("lift") if as_lift else said("difference")


def _in_money(one: TreatmentDecision, formats: Formats) -> Shown | None:
    """Show what the rule decides by where that is money; `None` where it is not, or is missing."""
    if one.parameters.get("scale") != DecisionScale.INCREMENTAL_MARGIN.value:
        return None
    estimate, low, high = (one.parameters.get(name) for name in ("estimate", "low", "high"))
    if not isinstance(estimate, int | float):
        return None
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return Shown(formats.alone(float(estimate), Scale.MONEY, signed=True))
    ends = (float(low), float(high))
    return Shown(*formats.with_interval(float(estimate), ends, Scale.MONEY, signed=True))


def deciding_metric(view: ReportView) -> MetricResult:
    """Give the OEC, which a scorecard with a verdict on treatments has."""
    return next(m for m in view.scorecard.metrics if m.role is MetricRole.OEC)


def deciding_result(view: ReportView, treatment: str) -> OecTreatment:
    """Give what the OEC says of a treatment, with the interval that decides."""
    oec = view.scorecard.oec
    return next(one for one in (oec.treatments if oec else ()) if one.treatment == treatment)


def _parts(
    view: ReportView,
    treatment: str | None,
    parameters: Mapping[str, Parameter],
    formats: Formats,
) -> dict[str, str]:
    """Write whatever a sentence may need of what there is."""
    plan = view.scorecard.plan
    parts = {
        "control": name_of(view, plan.control.key).name,
        "units": Unit.of(plan.randomization_unit).many,
        "threshold": threshold_words(view, formats),
        "line": threshold_words(view, formats)
        if plan.decision_rule.threshold
        or plan.decision_rule.scale is DecisionScale.INCREMENTAL_MARGIN
        else "0",
        "amount": _amount(view, formats),
        "more": "",
        "reason": "",
    }
    if plan.oec is not None:
        parts["metric"] = defined_name(plan.oec.definition, plan.oec.key)
    if treatment is not None:
        parts["treatment"] = name_of(view, treatment).name
        parts["reason"] = _why_none(view, treatment)
    return parts | _written(view, parameters, formats)


def _why_none(view: ReportView, treatment: str) -> str:
    """Say why a treatment has no interval to decide by; empty where it has one."""
    by_lift = view.scorecard.plan.decision_rule.scale is DecisionScale.LIFT
    found = deciding_result(view, treatment)
    outcome = found.lift if by_lift else found.difference
    return plain(outcome.sentence) if isinstance(outcome, Undefined) else ""


def _written(
    view: ReportView, parameters: Mapping[str, Parameter], formats: Formats
) -> dict[str, str]:
    """Write the parameters of a reason; its numbers stand beside the sentence already."""
    unit = Unit.of(view.scorecard.plan.randomization_unit)
    parts: dict[str, str] = {}
    for name, value in parameters.items():
        match name, value:
            case (("days" | "minimum_days"), int()):
                parts[name] = formats.count(value).text
            case "mature_at", str():
                parts[name] = formats.moment(datetime.fromisoformat(value)).local
            case "next_look", str():
                parts["due"] = formats.moment(datetime.fromisoformat(value)).local
            case "planned_units", int():
                counted = unit.counted(value, formats.count(value).text)
                parts["due"] = said("{counted} have been counted", counted=counted)
            case "metric", str():
                parts["guardrails"] = _names(view, value.split(", "))
            case _:
                pass
    return parts


def _amount(view: ReportView, formats: Formats) -> str:
    """Name the threshold of a rule in money."""
    threshold = view.scorecard.plan.decision_rule.threshold
    if not threshold:
        return "0"
    return formats.alone(float(threshold), Scale.MONEY, signed=False).text


def threshold_words(view: ReportView, formats: Formats) -> str:
    """Name the threshold of the rule."""
    plan = view.scorecard.plan
    rule = plan.decision_rule
    if rule.scale is DecisionScale.INCREMENTAL_MARGIN:
        return said("an incremental margin of {amount}", amount=_amount(view, formats))
    if not rule.threshold:
        return name_of(view, plan.control.key).name
    if rule.scale is DecisionScale.LIFT or plan.oec is None:
        size = formats.exact_share(rule.threshold).text
        return said("a lift of {size} for the better", size=size)
    scale = Scale.of_difference(plan.oec.definition.unit)
    size = formats.alone(float(rule.threshold), scale, signed=False).text
    return said("a difference of {size} for the better", size=size)


def _names(view: ReportView, keys: Iterable[str]) -> str:
    names = {m.key: metric_name(m) for m in view.scorecard.metrics}
    return listed([names.get(key) or plain(key) for key in keys])


def _notes(view: ReportView, decision: Decision, formats: Formats) -> list[Detail]:
    notes = []
    if decision.treatments:
        notes.append(Detail(said("Rule"), _rule_note(view, formats)))
    guardrails = _guardrail_note(view, decision)
    if guardrails:
        notes.append(Detail(said("Guardrails"), guardrails))
    if decision.remaining is not None:
        unit = Unit.of(view.scorecard.plan.randomization_unit)
        notes.append(
            Detail(said("Still to come"), remaining_words(decision.remaining, unit, formats))
        )
    exempt = view.scorecard.plan.decision_rule.exempt_checks
    passed_over = [
        plain(finding.title).lower()
        for finding in view.scorecard.findings
        if finding.severity is Severity.FAILURE and finding.code.value in exempt
    ]
    if passed_over:
        notes.append(
            Detail(
                said("Failed and exempt"),
                said(
                    "{listed}: by the plan, this does not stop the verdict.",
                    listed=listed(passed_over).capitalize(),
                ),
            )
        )
    notes.append(Detail(said("Looks"), look_note(view.scorecard, formats)))
    return notes


def _rule_note(view: ReportView, formats: Formats) -> str:
    """State the rule: what is held against what."""
    plan = view.scorecard.plan
    rule = plan.decision_rule
    used = {
        "raw": "",
        "adjusted": said(" (adjusted by its covariates)"),
        "capped": said(" (capped)"),
    }
    name = metric_name(deciding_metric(view))
    if rule.scale is DecisionScale.INCREMENTAL_MARGIN:
        return _money_rule(view, formats)
    scale = said("lift") if rule.scale is DecisionScale.LIFT else said("difference")
    return said(
        "Fixed before start: ship where the whole interval of the {scale} of "
        "{name}{used} is better than {threshold_words}.",
        scale=scale,
        name=name,
        used=used[rule.estimate.value],
        threshold_words=threshold_words(view, formats),
    )


def _money_rule(view: ReportView, formats: Formats) -> str:
    """State the rule in money: per unit it is the deciding metric, over all treated the verdict."""
    plan = view.scorecard.plan
    unit = Unit.of(plan.randomization_unit)
    used = {"raw": "", "adjusted": said(", adjusted by its covariates"), "capped": said(", capped")}
    planned = ""
    if plan.looks.planned_units is not None:
        planned = said(", or of all that are planned if these are more {unit}", unit=unit.many)
    return said(
        "Fixed before start: ship where the whole interval of the incremental "
        "margin lies above {amount}. That is the difference of "
        "{metric_name}{used}, times the {unit} treated so far{planned}, less "
        "fixed costs and contacts beyond the control's.",
        amount=_amount(view, formats),
        metric_name=metric_name(deciding_metric(view)),
        used=used[plan.decision_rule.estimate.value],
        unit=unit.many,
        planned=planned,
    )


def _guardrail_note(view: ReportView, decision: Decision) -> str:
    """Name the guardrails that are breached or unresolved, per treatment."""
    plan = view.scorecard.plan
    guardrails = [metric for metric in plan.metrics if metric.non_inferiority_margin is not None]
    if not guardrails or not decision.treatments:
        return ""
    alike: dict[str, list[str]] = {}
    for one in decision.treatments:
        states = [
            said("{word} for {names}", word=word, names=_names(view, keys))
            for word, keys in (
                (said("breached"), one.breached_guardrails),
                (said("unresolved"), one.unresolved_guardrails),
            )
            if keys
        ]
        found = with_commas(states) or said("all safe")
        alike.setdefault(found, []).append(name_of(view, one.treatment).name)
    parts = [
        said("{names}: {found}", names=listed(names), found=found) for found, names in alike.items()
    ]
    return said("{parts}.", parts=with_semicolons(parts))
