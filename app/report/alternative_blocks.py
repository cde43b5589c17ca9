"""Composes what stands beside the raw result: adjusted, capped, and tested exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.report.block import Block, Cell, Column, Group, Line, Table
from app.report.formatting import Scale
from app.report.outcomes import show_difference, show_lift, show_value
from app.report.words import Unit, listed, metric_label, name_of, plain
from stats.inference.exact import ExactTest
from stats.inference.outcome import Estimate, Undefined
from stats.sentence import said, with_semicolons

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from app.report.view import ReportView
    from stats.scorecard import Comparison, MetricResult
    from stats.scorecard.alternatives import (
        AdjustedResult,
        AdjustedValue,
        CappedResult,
        CappedValue,
    )

EXACT: Final = {
    ExactTest.BOSCHLOO: said("Boschloo's exact test"),
    ExactTest.BARNARD: said("Barnard's exact test"),
    ExactTest.FISHER: said("Fisher's exact test"),
}


def alternative_blocks(
    view: ReportView, metric: MetricResult, formats: Formats
) -> tuple[Block, ...]:
    """Compose whichever of them the metric has."""
    blocks = []
    if any(comparison.exact is not None for comparison in metric.comparisons):
        blocks.append(_exact(view, metric, formats))
    if metric.adjusted is not None:
        blocks.append(_adjusted(view, metric, metric.adjusted, formats))
    if metric.capped is not None:
        blocks.append(_capped(view, metric, metric.capped, formats))
    return tuple(blocks)


def _exact(view: ReportView, metric: MetricResult, formats: Formats) -> Block:
    def line(comparison: Comparison) -> Line:
        found, name = comparison.exact, name_of(view, comparison.treatment).name
        if found is None:
            return Line(name, (Cell(), Cell(), Cell()))
        if isinstance(found, Undefined):
            return Line(name, (Cell(), Cell(), Cell(words=plain(found.sentence))))
        return Line(
            name,
            (
                Cell(number=formats.count(found.units)),
                Cell(number=formats.p_value(found.p_value, view.scorecard.alpha)),
                Cell(
                    words=plain(found.sentence)
                    or said("{exact}; the two tests agree", exact=EXACT[found.test])
                ),
            ),
        )

    return Block(
        title=said("Exact test"),
        tag=said("small numbers"),
        notes=(
            (said(
"With so few units, or so rare an outcome, large-sample tests may "
"mislead. An exact test stands beside them and never moves the interval.")),
        ),
        table=Table(
            said("Exact test, {metric_label}", metric_label=metric_label(metric)),
            said("Treatment"),
            (Column(said("Units"), said("both variants")), Column("p", said("exact")),
             Column(said("Which test, and what to go by"), is_text=True)),
            (Group("", tuple(line(comparison) for comparison in metric.comparisons)),),
        ),
    )  # fmt: skip


def _adjusted(
    view: ReportView, metric: MetricResult, adjusted: AdjustedResult, formats: Formats
) -> Block:
    scale = Scale.of_value(metric.definition.unit)
    compared = {comparison.treatment: comparison for comparison in adjusted.comparisons}
    bought = {reduction.treatment: reduction for reduction in adjusted.reductions}

    def own(value: AdjustedValue) -> Cell:
        if value.value is None or value.std_error is None:
            return Cell(words=plain(value.sentence))
        number, error = formats.with_error(value.value, value.std_error, scale)
        return Cell(number=number, words=said("standard error {error}", error=error.text))

    def line(value: AdjustedValue) -> Line:
        name = name_of(view, value.variant).name
        comparison = compared.get(value.variant)
        if comparison is None:
            return Line(name, (own(value), *[Cell()] * 5))
        reduction = bought.get(value.variant)
        saved = Cell()
        if reduction is not None:
            share = reduction.share
            saved = Cell(
                number=None if share is None else formats.share(share, 1),
                words=plain(reduction.sentence),
            )
        beside = _raw(metric, value.variant, formats)
        return Line(name, (own(value), beside, *_effect(metric, comparison, formats), saved))

    planned = next(m for m in view.scorecard.plan.metrics if m.key == metric.key)
    unit = Unit.of(view.scorecard.plan.randomization_unit).one
    names = listed(
        [
            said("{key} ({days} days before exposure)", key=plain(one.key), days=one.days)
            for one in planned.covariates
        ]
    )
    weights = with_semicolons(
        said(
            "{covariate} in {variant} {weight}",
            covariate=plain(theta.covariate),
            variant=plain(theta.variant),
            weight=formats.weight(theta.value).text,
        )
        if theta.variant
        else f"{plain(theta.covariate)} {formats.weight(theta.value).text}"
        for theta in adjusted.thetas
    )
    level = formats.level(view.scorecard.alpha)
    return Block(
        title=said("Adjusted by covariates (CUPED)"),
        tag=said("less noise, the same effect"),
        notes=(
            (
                said(
                    "What the past of each {unit} foretold is taken out of all variants "
                    "alike. Covariates: {names}. The share of variance removed says what "
                    "that bought, even where it is nothing.",
                    unit=unit,
                    names=names,
                )
            ),
            *([said("Weights: {weights}.", weights=weights)] if weights else []),
            *(plain(sentence) for sentence in adjusted.dropped),
        ),
        table=Table(
            said("Adjusted by covariates, {metric_label}", metric_label=metric_label(metric)),
            said("Variant"),
            (
                Column(said("Adjusted value")),
                *_effect_columns(said("Adjusted"), level),
                Column(said("Variance removed")),
            ),
            (Group("", tuple(line(value) for value in adjusted.variants)),),
        ),
    )


def _capped(
    view: ReportView, metric: MetricResult, capped: CappedResult, formats: Formats
) -> Block:
    scale = Scale.of_value(metric.definition.unit)
    compared = {comparison.treatment: comparison for comparison in capped.comparisons}

    def line(value: CappedValue) -> Line:
        units = value.capped_units
        own = (
            Cell() if units is None else Cell(number=formats.count(units)),
            Cell(number=formats.alone(value.cut, scale, signed=False)),
            Cell(show_value(value.value, formats, scale)),
        )
        comparison = compared.get(value.variant)
        name = name_of(view, value.variant).name
        if comparison is None:
            return Line(name, (*own, *[Cell()] * 4))
        beside = _raw(metric, value.variant, formats)
        return Line(name, (*own, beside, *_effect(metric, comparison, formats)))

    many = Unit.of(view.scorecard.plan.randomization_unit).many.capitalize()
    cap = formats.alone(capped.cap, scale, signed=False).text
    level = formats.level(view.scorecard.alpha)
    return Block(
        title=said("Outliers capped"),
        tag=said("declared before start"),
        notes=(
            (
                said(
                    "Values above {cap} count as {cap}, in all variants alike. This is "
                    "another quantity than the raw mean: less noise, and blind to what lies "
                    "above the cap.",
                    cap=cap,
                )
            ),
        ),
        table=Table(
            said("Outliers capped, {metric_label}", metric_label=metric_label(metric)),
            said("Variant"),
            (
                Column(said("{many} above the cap", many=many)),
                Column(said("Cut from the total")),
                Column(said("Capped value"), said("{level} interval", level=level)),
                *_effect_columns(said("Capped"), level),
            ),
            (Group("", tuple(line(value) for value in capped.variants)),),
        ),
    )


def _effect(
    metric: MetricResult, comparison: Comparison, formats: Formats
) -> tuple[Cell, Cell, Cell]:
    difference = comparison.difference
    scale = Scale.of_difference(metric.definition.unit)
    p_value = None
    if isinstance(difference, Estimate):
        p_value = formats.p_value(difference.p_value, difference.alpha)
    return (
        Cell(show_difference(difference, formats, scale)),
        Cell(show_lift(comparison.lift, formats)),
        Cell(number=p_value),
    )


def _raw(metric: MetricResult, treatment: str, formats: Formats) -> Cell:
    """Give the raw difference, which stands beside every other one."""
    scale = Scale.of_difference(metric.definition.unit)
    found = next((one for one in metric.comparisons if one.treatment == treatment), None)
    return Cell() if found is None else Cell(show_difference(found.difference, formats, scale))


def _effect_columns(kind: str, level: str) -> tuple[Column, Column, Column, Column]:
    interval = said("{level} interval", level=level)
    return (
        Column(said("Raw difference"), interval),
        Column(said("{kind} difference", kind=kind), interval),
        Column(said("{kind} lift", kind=kind), interval),
        Column("p", kind.lower()),
    )
