"""Composes a guardrail held against its margin: safe, breached or unresolved, by which bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.words import metric_label, name_of, plain
from stats.inference.noninferiority import GuardrailVerdict
from stats.inference.outcome import Undefined
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.inference.noninferiority import NonInferiority
    from stats.scorecard import Comparison, MetricResult

VERDICTS: Final = {
    GuardrailVerdict.SAFE: said("Safe"),
    GuardrailVerdict.BREACHED: said("Breached"),
    GuardrailVerdict.UNRESOLVED: said("Unresolved"),
}


def guardrail_blocks(view: ReportView, metric: MetricResult, formats: Formats) -> tuple[Block, ...]:
    """Compose the test of a guardrail; none without a margin or without results."""
    margin = metric.non_inferiority_margin
    tested = [one for one in metric.comparisons if one.non_inferiority is not None]
    if margin is None or not tested:
        return ()
    share = formats.exact_share(margin).text
    alpha = next(
        (
            one.non_inferiority.alpha
            for one in tested
            if one.non_inferiority is not None and not isinstance(one.non_inferiority, Undefined)
        ),
        view.scorecard.alpha / 2,
    )
    level = formats.level(alpha)
    return (
        Block(
            title=said("Held against its margin"),
            notes=(
                (
                    said(
                        "Not worse than {share} of the control's value: safe if the one-sided "
                        "{level} bound of the lift lies within the margin, breached if it is "
                        "shown to be worse than control and not shown to be within the margin, "
                        "otherwise unresolved.",
                        share=share,
                        level=level,
                    )
                ),
            ),
            table=Table(
                said("Margin, {metric_label}", metric_label=metric_label(metric)),
                said("Treatment"),
                (
                    Column(said("Verdict"), is_text=True),
                    Column(said("At worst"), said("lift, one-sided {level} bound", level=level)),
                    Column("p", said("of a loss beyond the margin")),
                    Column("p", said("of no harm")),
                ),
                (Group("", tuple(_line(view, one, formats) for one in tested)),),
            ),
        ),
    )


def _line(view: ReportView, comparison: Comparison, formats: Formats) -> Line:
    name, found = name_of(view, comparison.treatment).name, comparison.non_inferiority
    if found is None or isinstance(found, Undefined):
        sentence = "" if found is None else plain(found.sentence)
        return Line(
            name, (Cell(words=said("Unresolved. {found}", found=sentence)), Cell(), Cell(), Cell())
        )
    worst = found.worst
    return Line(
        name,
        (
            Cell(words=guardrail_words(found, formats)),
            Cell(
                number=None if worst is None else formats.alone(worst, Scale.LIFT, signed=True),
                words=said("no bound") if worst is None else "",
            ),
            Cell(
                number=None
                if found.p_value is None
                else formats.p_value(found.p_value, found.alpha)
            ),
            Cell(
                number=None if found.p_harm is None else formats.p_value(found.p_harm, found.alpha)
            ),
        ),
    )


def guardrail_words(found: NonInferiority, formats: Formats) -> str:
    """Say what is shown of a guardrail, in a word and a sentence."""
    share = formats.share(found.margin, 0 if (found.margin * 100).is_integer() else 2).text
    label = VERDICTS[found.verdict]
    match found.verdict:
        case GuardrailVerdict.SAFE:
            return said(
                "{label}: shown to be within the margin of {share}.", label=label, share=share
            )
        case GuardrailVerdict.BREACHED if found.beyond_margin:
            return said(
                "{label}: shown to be worse than the margin of {share}.", label=label, share=share
            )
        case GuardrailVerdict.BREACHED:
            return said(
                "{label}: shown to be worse than control, and not to be within {share}.",
                label=label,
                share=share,
            )
        case GuardrailVerdict.UNRESOLVED:
            return said(
                "{label}: a loss beyond {share} is neither shown nor ruled out.",
                label=label,
                share=share,
            )
