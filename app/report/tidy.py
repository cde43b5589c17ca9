"""Writes a scorecard as tidy CSV: one row per variant, quantity and what it is a quantity of.

The columns are described in docs/how-to/send-a-report.md. Numbers keep every digit. Text that a
spreadsheet would take for a formula gets an apostrophe in front, as spreadsheets themselves do.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, fields, replace
from io import StringIO
from typing import TYPE_CHECKING, Final

from app.report.money_tidy import money_rows
from app.report.tidy_decision import decision_rows
from app.report.tidy_funnel import funnel_rows
from app.report.tidy_row import Row, comparison_rows, filled, in_currency
from app.report.tidy_slices import slice_rows
from app.report.tidy_views import tested_rows, view_rows
from app.report.totals import MONEY, TotalUnits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import MetricResult, Scorecard

RISKY: Final = (
    *("=", "+", "-", "@", "\t", "\r", "\n"),
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
"""What a cell of text may not begin with, full-width forms included (OWASP, CSV injection)."""


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
    yield from money_rows(scorecard)
    yield from funnel_rows(scorecard)
    for finding in scorecard.findings:
        yield Row(
            record="check",
            key=finding.code.value,
            name=finding.title,
            role=finding.severity.value,
            status=finding.severity.value,
            sentence=finding.detail,
        )
    yield from decision_rows(scorecard)


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
        view="raw",
        key=metric.key,
        name=definition.name,
        role=metric.role.value,
        window_start_days=metric.window.start_days,
        window_end_days=metric.window.end_days,
    )
    counted = scorecard.plan.randomization_unit.value
    value = replace(base, unit=definition.unit.value)
    if definition.is_money:
        value = in_currency(value, scorecard)
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
            yield in_currency(one, scorecard) if unit == MONEY else one
        own = replace(value, variant=result.variant, n=result.n, quantity="value")
        yield filled(own, result.value)
    units = {result.variant: result.n for result in metric.variants}
    for comparison in metric.comparisons:
        both = units[comparison.treatment] + units[comparison.control]
        yield from comparison_rows(replace(value, n=both), comparison)
        yield from tested_rows(replace(value, n=both), comparison)
    yield from view_rows(scorecard, metric, value)
    yield from slice_rows(scorecard, metric, value)
