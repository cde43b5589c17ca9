"""Writes a scorecard as tidy CSV: one row per variant, quantity and what it is a quantity of.

The columns are described in docs/how-to/send-a-report.md. Numbers keep every digit. Text that a
spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, fields, replace
from io import StringIO
from typing import TYPE_CHECKING, Final

from app.report.totals import MONEY, TotalUnits
from stats.inference.outcome import (
    BareValue,
    Certain,
    Estimate,
    Lift,
    Rate,
    UnboundedLift,
    Undefined,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from stats.scorecard import Comparison, FunnelResult, MetricResult, Scorecard
    from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome, VariantValue

RISKY: Final = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""What a cell of text may not begin with, full-width forms included (OWASP, CSV injection)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row; its fields are the columns.

    Attributes:
        record: `variant`, `metric`, `funnel` or `check`.
        key: Key of the metric, the step or the check; empty for a variant's own row.
        name: The same for readers.
        role: Role of the metric; severity of the check.
        variant: Key of the variant.
        compared_with: Key of the control, for a difference and a lift.
        quantity: What the number is.
        estimate: The number; empty where there is none.
        std_error: Its standard error.
        ci_low: Lower end of its interval.
        ci_high: Upper end.
        p_value: Of no difference.
        df: Degrees of freedom.
        alpha: Two-sided error rate of the interval.
        method: How it was made.
        status: `exact` for counts; otherwise as in the scorecard.
        sentence: Why there is no number or no interval; detail of a check.
        unit: What the number is one of.
        n: Units it is over.
        window_start_days: Of the metric or the funnel.
        window_end_days: The same.
        currency: ISO 4217, for money.
        currency_exponent: Decimals of its minor unit, in which money is given.
        campaign: Key of the campaign.
        phase: Number of its phase.
        as_of: The analysis time.
        snapshot_hash: Of the facts and results.
    """

    record: str
    key: str = ""
    name: str = ""
    role: str = ""
    variant: str = ""
    compared_with: str = ""
    quantity: str = ""
    estimate: int | float | Decimal | None = None
    std_error: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_value: float | None = None
    df: float | None = None
    alpha: float | None = None
    method: str = ""
    status: str = ""
    sentence: str = ""
    unit: str = ""
    n: int | None = None
    window_start_days: int | None = None
    window_end_days: int | None = None
    currency: str = ""
    currency_exponent: int | None = None
    campaign: str = ""
    phase: int | None = None
    as_of: str = ""
    snapshot_hash: str = ""


COLUMNS: Final = tuple(field.name for field in fields(Row))


def render_csv(scorecard: Scorecard) -> str:
    """Give the scorecard as CSV with a header (RFC 4180: lines end with CR LF)."""
    common = {
        "campaign": scorecard.campaign,
        "phase": scorecard.phase,
        "as_of": scorecard.as_of.isoformat().replace("+00:00", "Z"),
        "snapshot_hash": scorecard.snapshot_hash,
    }
    written = StringIO(newline="")
    # with CR in the terminator, a lone CR within a cell is quoted, too
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(scorecard):
        values = asdict(row) | common
        writer.writerow([_cell(values[column]) for column in COLUMNS])
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value.replace("\x00", "")
        return f"'{text}" if text.lstrip(" ").startswith(RISKY) else text
    if isinstance(value, float):
        return repr(value)  # the shortest text that reads back the same
    return str(value)


def _rows(scorecard: Scorecard) -> Iterator[Row]:
    yield from _variant_rows(scorecard)
    for metric in scorecard.metrics:
        yield from _metric_rows(scorecard, metric)
    if scorecard.funnel is not None:
        yield from _funnel_rows(scorecard, scorecard.funnel)
    for finding in scorecard.findings:
        yield Row(
            record="check",
            key=finding.code.value,
            name=finding.title,
            role=finding.severity.value,
            status=finding.severity.value,
            sentence=finding.detail,
        )


def _variant_rows(scorecard: Scorecard) -> Iterator[Row]:
    unit = scorecard.plan.randomization_unit.value
    for variant in scorecard.variants:
        row = Row(record="variant", variant=variant.key, status="exact")
        if variant.planned_share is not None:
            yield replace(
                row, quantity="planned_share", estimate=variant.planned_share, unit="share"
            )
        yield replace(row, quantity="units", estimate=variant.units, unit=unit)
        yield replace(row, quantity="exposures", estimate=variant.exposures, unit="exposure")


def _metric_rows(scorecard: Scorecard, metric: MetricResult) -> Iterator[Row]:
    definition = metric.definition
    base = Row(
        record="metric",
        key=metric.key,
        name=definition.name,
        role=metric.role.value,
        window_start_days=metric.window.start_days,
        window_end_days=metric.window.end_days,
    )
    counted = scorecard.plan.randomization_unit.value
    value = replace(base, unit=definition.unit.value)
    if definition.is_money:
        value = _in_currency(value, scorecard)
    totals = TotalUnits.of(definition, scorecard.plan.randomization_unit)
    if metric.sentence:
        yield replace(base, quantity="state", status=metric.state.value, sentence=metric.sentence)
    for result in metric.variants:
        row = replace(base, variant=result.variant, n=result.n, status="exact")
        yield replace(row, quantity="immature_units", estimate=result.immature_units, unit=counted)
        for quantity, total, unit in (
            ("numerator_total", result.numerator_total, totals.numerator),
            ("denominator_total", result.denominator_total, totals.denominator),
        ):
            one = replace(row, quantity=quantity, estimate=total, unit=unit)
            yield _in_currency(one, scorecard) if unit == MONEY else one
        own = replace(value, variant=result.variant, n=result.n, quantity="value")
        yield _with(own, result.value)
    units = {result.variant: result.n for result in metric.variants}
    for comparison in metric.comparisons:
        both = units[comparison.treatment] + units[comparison.control]
        yield from _comparison_rows(replace(value, n=both), comparison)


def _in_currency(row: Row, scorecard: Scorecard) -> Row:
    return replace(row, currency=scorecard.currency, currency_exponent=scorecard.currency_exponent)


def _comparison_rows(row: Row, comparison: Comparison) -> Iterator[Row]:
    row = replace(row, variant=comparison.treatment, compared_with=comparison.control)
    yield _with(replace(row, quantity="difference"), comparison.difference)
    lift = replace(row, quantity="lift", unit="share", currency="", currency_exponent=None)
    yield _with(lift, comparison.lift)


def _funnel_rows(scorecard: Scorecard, funnel: FunnelResult) -> Iterator[Row]:
    counted = scorecard.plan.randomization_unit.value
    base = Row(
        record="funnel",
        window_start_days=funnel.window.start_days,
        window_end_days=funnel.window.end_days,
    )
    if funnel.sentence:
        yield replace(base, quantity="state", status=funnel.state.value, sentence=funnel.sentence)
    for variant, units in funnel.immature_units.items():
        yield replace(base, variant=variant, quantity="immature_units", estimate=units,
                      unit=counted, status="exact")  # fmt: skip
    for step in funnel.steps:
        named = replace(base, key=step.key, name=step.name, unit="share")
        for result in step.variants:
            row = replace(named, variant=result.variant, n=result.n)
            yield replace(
                row, quantity="units", estimate=result.units, unit=counted, status="exact"
            )
            yield _with(replace(row, quantity="share"), result.share)
            if result.share_of_previous is not None:
                yield replace(row, quantity="share_of_previous",
                              estimate=result.share_of_previous, status="descriptive")  # fmt: skip
        counts = {result.variant: result.n for result in step.variants}
        for comparison in step.comparisons:
            both = counts[comparison.treatment] + counts[comparison.control]
            yield from _comparison_rows(replace(named, n=both), comparison)


def _with(row: Row, outcome: VariantValue | DifferenceOutcome | LiftOutcome) -> Row:
    """Fill in what an outcome has."""
    match outcome:
        case Estimate() | Lift() | Rate():
            row = replace(
                row,
                estimate=outcome.estimate,
                ci_low=outcome.ci_low,
                ci_high=outcome.ci_high,
                alpha=outcome.alpha,
                method=outcome.method.value,
                status=outcome.status,
            )
            if not isinstance(outcome, Rate):
                row = replace(row, std_error=outcome.std_error, df=outcome.df)
            return replace(row, p_value=outcome.p_value) if isinstance(outcome, Estimate) else row
        case Certain(estimate=point):
            return replace(
                row,
                estimate=point,
                ci_low=point,
                ci_high=point,
                status=outcome.status,
                sentence=outcome.sentence,
            )
        case UnboundedLift():
            return replace(
                row,
                estimate=outcome.estimate,
                ci_low=outcome.ci_low,
                ci_high=outcome.ci_high,
                alpha=outcome.alpha,
                method=outcome.method.value,
                status=outcome.status,
                sentence=outcome.sentence,
            )
        case BareValue():
            return replace(
                row,
                estimate=outcome.estimate,
                status=outcome.status.value,
                sentence=outcome.sentence,
            )
        case Undefined():
            return replace(row, status=outcome.status.value, sentence=outcome.sentence)
