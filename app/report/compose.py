"""Composes the page from a scorecard and a brief; decides the order of things, computes nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.language import Language
from app.report.design_section import design_details, deviation_lines
from app.report.formatting import Formats, Scale
from app.report.funnel_section import funnel_section
from app.report.glance import glance
from app.report.headline import headline
from app.report.metric_section import metric_section
from app.report.money_section import money_section
from app.report.page import (
    Detail,
    Health,
    HealthLine,
    MetricGroup,
    MoneySection,
    Page,
    Tone,
    VariantLine,
)
from app.report.translating import translated, with_sentences
from app.report.words import Unit, metric_name, name_of, plain, severity_counted, severity_label
from stats.checks.finding import Severity
from stats.plan import MetricRole
from stats.sentence import said, with_commas

if TYPE_CHECKING:
    from app.report.view import Goal, ReportView
    from stats.scorecard import VariantRow

WORST_FIRST: Final = (Severity.FAILURE, Severity.WARNING, Severity.NOTICE)
GROUPS: Final = (
    (
        MetricRole.OEC,
        "oec",
        said("Deciding metric"),
        said(
            "The overall evaluation criterion (OEC), chosen before start: the one "
            "metric that decides."
        ),
    ),
    (
        MetricRole.GUARDRAIL,
        "guardrails",
        said("Guardrails"),
        (
            said(
                "What must not get worse than its margin: safe, breached or unresolved. "
                "A breach stops a treatment, whatever the deciding metric shows."
            )
        ),
    ),
    (
        MetricRole.DIAGNOSTIC,
        "diagnostics",
        said("Diagnostics"),
        (
            said(
                "What explains the result. Diagnostics never decide: the more of them "
                "there are, the more intervals leave out 0 by chance."
            )
        ),
    ),
)


def page_of(view: ReportView) -> Page:
    """Compose the page of a report, and say it in the language of its readers."""
    if view.words.language is Language.ENGLISH:
        return _page(view)
    spoken = replace(view, scorecard=with_sentences(view.scorecard))
    return translated(_page(spoken), view.words)


def _page(view: ReportView) -> Page:
    """Compose the page in English sentences, with the numbers and times of the locale."""
    scorecard = view.scorecard
    formats = Formats.of(scorecard, view.words.language.value)
    top = headline(view, formats)
    groups = (
        MetricGroup(
            anchor,
            title,
            note,
            tuple(metric_section(view, m, formats) for m in scorecard.metrics if m.role is role),
        )
        for role, anchor, title, note in GROUPS
    )
    return Page(
        title=plain(view.brief.name or scorecard.campaign),
        programme=plain(view.brief.programme),
        campaign=plain(scorecard.campaign),
        phase=formats.count(scorecard.phase),
        unit=Unit.of(scorecard.plan.randomization_unit).many,
        level=formats.level(scorecard.alpha),
        as_of=formats.moment(scorecard.as_of),
        purpose=_purpose(view, formats),
        headline=top,
        health=_health(view, formats),
        variants=_variants(view, formats),
        glance=None if top.tone is Tone.BROKEN else glance(view, formats),
        groups=tuple(group for group in groups if group.metrics),
        funnel=funnel_section(view, scorecard.funnel, formats) if scorecard.funnel else None,
        money=_money(view, formats),
        design=design_details(view, formats),
        deviations=deviation_lines(view, formats),
        provenance=_provenance(view, formats),
        snapshot_hash=scorecard.snapshot_hash,
    )


def _money(view: ReportView, formats: Formats) -> MoneySection | None:
    planned, found = view.scorecard.plan.money, view.scorecard.money
    if planned is None or found is None:
        return None
    return money_section(view, planned, found, formats)


def _purpose(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    brief = view.brief
    details = []
    if brief.hypothesis:
        details.append(Detail(said("Hypothesis"), plain(brief.hypothesis)))
    if brief.goal is not None:
        details.append(Detail(said("Goal"), _goal(view, brief.goal, formats)))
    if brief.owner:
        details.append(Detail(said("Owner"), plain(brief.owner)))
    return tuple(details)


def _goal(view: ReportView, goal: Goal, formats: Formats) -> str:
    when = formats.moment(goal.deadline).local
    metric = next((m for m in view.scorecard.metrics if m.key == goal.metric), None)
    if metric is None:
        scale, name, factor = Scale.COUNT, goal.metric, Decimal(1)
    else:
        scale, name = Scale.of_value(metric.definition.unit), metric_name(metric)
        # people write money in major units
        factor = Decimal(10) ** formats.exponent if scale is Scale.MONEY else Decimal(1)
    before, after = (
        formats.exact_share(Decimal(str(value))).text
        if scale is Scale.SHARE
        else formats.alone(float(Decimal(str(value)) * factor), scale, signed=False).text
        for value in (goal.baseline, goal.target)
    )
    return said(
        "{name} from {before} to {after} by {when}",
        name=plain(name),
        before=before,
        after=after,
        when=when,
    )


def _health(view: ReportView, formats: Formats) -> Health:
    lines = [
        HealthLine(
            code=finding.code.value,
            severity=finding.severity,
            label=severity_label(finding.severity),
            title=plain(finding.title),
            detail=plain(formats.with_moments(finding.detail)),
            what_to_do=plain(finding.what_to_do),
        )
        for finding in view.scorecard.findings
    ]
    attention = tuple(
        line for severity in WORST_FIRST for line in lines if line.severity is severity
    )
    counts = [
        (severity, sum(line.severity is severity for line in lines))
        for severity in (*WORST_FIRST, Severity.PASSED)
    ]
    parts = [
        severity_counted(severity, number, formats.count(number).text)
        for severity, number in counts
        if number
    ]
    total = formats.count(len(lines)).text
    return Health(
        summary=said("{total} checks: {parts}.", total=total, parts=with_commas(parts))
        if attention
        else said("All {total} checks passed.", total=total),
        open=attention,
        passed=tuple(line for line in lines if line.severity is Severity.PASSED),
    )


def _variants(view: ReportView, formats: Formats) -> tuple[VariantLine, ...]:
    rows = view.scorecard.variants
    total = sum(row.units for row in rows)

    def line(row: VariantRow) -> VariantLine:
        first, last = row.first_exposed_at, row.last_exposed_at
        return VariantLine(
            variant=name_of(view, row.key),
            in_plan=row.in_plan,
            planned_share=None if row.planned_share is None else formats.share(row.planned_share),
            observed_share=formats.share(row.units / total) if total else None,
            units=formats.count(row.units),
            exposures=formats.count(row.exposures),
            first_exposed_at=formats.moment(first) if first else None,
            last_exposed_at=formats.moment(last) if last else None,
        )

    return tuple(line(row) for row in rows)


def _provenance(view: ReportView, formats: Formats) -> tuple[Detail, ...]:
    scorecard = view.scorecard
    as_of, computed = formats.moment(scorecard.as_of), formats.moment(scorecard.computed_at)
    details = [
        Detail(said("Facts up to"), as_of.text, as_of.iso),
        Detail(said("Computed"), computed.text, computed.iso),
    ]
    if view.checked_at is not None:
        checked = formats.moment(view.checked_at)
        details.append(Detail(said("Facts last seen unchanged"), checked.text, checked.iso))
    if view.erased_since:
        erased = formats.count(view.erased_since).text
        details.append(
            Detail(
                said("Members erased since"),
                said("{erased}, who are counted here still", erased=erased),
            )
        )
    facts = scorecard.facts
    details.append(
        Detail(
            said("Facts"),
            said(
                "{exposures} exposures, {conversions} conversions",
                exposures=formats.count(facts.exposures).text,
                conversions=formats.count(facts.conversions).text,
            ),
        )
    )
    return tuple(details)
