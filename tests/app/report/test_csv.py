"""The CSV: every number of the scorecard, one a row, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from app.report import render_csv
from app.report.tidy import COLUMNS
from stats.inference.outcome import Estimate, Lift, Rate, Undefined
from tests.app.report.scorecards import CAST, zero_baseline

if TYPE_CHECKING:
    from stats.scorecard import Scorecard
    from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome, VariantValue


def rows_of(scorecard: Scorecard) -> list[dict[str, str]]:
    """Read the CSV back."""
    return list(csv.DictReader(StringIO(render_csv(scorecard), newline="")))


@pytest.mark.parametrize("name", CAST)
def test_every_outcome_has_one_row_with_every_digit(name: str) -> None:
    """Each value, difference and lift stands in one row, exactly as in the scorecard."""
    scorecard = CAST[name]().scorecard
    rows = {
        (row["key"], row["variant"], row["quantity"]): row
        for row in rows_of(scorecard)
        if row["record"] == "metric"
    }
    for metric in scorecard.metrics:
        outcomes: list[tuple[str, str, VariantValue | DifferenceOutcome | LiftOutcome]] = [
            (result.variant, "value", result.value) for result in metric.variants
        ]
        for comparison in metric.comparisons:
            outcomes.append((comparison.treatment, "difference", comparison.difference))
            outcomes.append((comparison.treatment, "lift", comparison.lift))
        for variant, quantity, outcome in outcomes:
            row = rows[metric.key, variant, quantity]
            assert row["status"] == outcome.status
            for field in ("estimate", "std_error", "p_value", "df", "alpha"):
                number = getattr(outcome, field, None)
                assert row[field] == ("" if number is None else repr(number))
            if isinstance(outcome, Estimate | Lift | Rate):
                assert (float(row["ci_low"]), float(row["ci_high"])) == (
                    outcome.ci_low,
                    outcome.ci_high,
                )
            if isinstance(outcome, Undefined):
                assert row["estimate"] == ""
                assert row["sentence"] == outcome.sentence


@pytest.mark.parametrize("name", CAST)
def test_no_two_rows_say_the_same(name: str) -> None:
    """A row is found by what it is of: the file is tidy."""
    found = Counter(
        (row["record"], row["key"], row["variant"], row["quantity"])
        for row in rows_of(CAST[name]().scorecard)
    )
    assert set(found.values()) == {1}


@pytest.mark.parametrize("name", CAST)
def test_every_row_carries_the_hash(name: str) -> None:
    """Rows that are copied elsewhere still say which snapshot they come from."""
    scorecard = CAST[name]().scorecard
    assert {row["snapshot_hash"] for row in rows_of(scorecard)} == {scorecard.snapshot_hash}


def test_the_funnel_the_variants_and_the_checks_are_there() -> None:
    """The CSV holds as much as the page."""
    scorecard = CAST["story"]().scorecard
    rows = rows_of(scorecard)
    assert scorecard.funnel is not None
    for step in scorecard.funnel.steps:
        for result in step.variants:
            of = [
                row
                for row in rows
                if (row["record"], row["key"], row["variant"])
                == ("funnel", step.key, result.variant)
            ]
            assert {"units", "share"} <= {row["quantity"] for row in of}
            assert str(result.units) in {row["estimate"] for row in of}
    planned = [row["estimate"] for row in rows if row["quantity"] == "planned_share"]
    assert planned == ["0.4", "0.3", "0.3"]
    checks = [row["key"] for row in rows if row["record"] == "check"]
    assert checks == [finding.code.value for finding in scorecard.findings]


def test_money_says_its_currency_and_exponent() -> None:
    """Whoever reads an amount of minor units finds beside it of what."""
    rows = [row for row in rows_of(CAST["story"]().scorecard) if row["unit"].startswith("money")]
    assert rows
    assert {(row["currency"], row["currency_exponent"]) for row in rows} == {("TWD", "2")}
    refunds = [row for row in rows if row["key"] == "refund_rate"]
    assert {row["quantity"] for row in refunds} == {"numerator_total", "denominator_total"}


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1+1",
        "\uff1d1+1",
        '=HYPERLINK("http://example.com";"x")',
    ],
)
def test_text_that_a_spreadsheet_would_run_is_defused(name: str) -> None:
    """A name that begins like a formula gets an apostrophe; numbers below 0 stay numbers."""
    scorecard = zero_baseline()
    metric = scorecard.metrics[0]
    named = dataclasses.replace(
        metric, definition=dataclasses.replace(metric.definition, name=name)
    )
    rows = rows_of(dataclasses.replace(scorecard, metrics=(named,)))
    assert {row["name"] for row in rows if row["record"] == "metric"} == {f"'{name}"}
    negative = [row["estimate"] for row in rows_of(CAST["refunds"]().scorecard)]
    assert any(estimate.startswith("-") for estimate in negative)


def test_pandas_reads_it_as_it_is() -> None:
    """The file needs no options in the tool that most analysts use."""
    table = pd.read_csv(StringIO(render_csv(CAST["story"]().scorecard)))
    assert tuple(table.columns) == COLUMNS
    assert table["estimate"].dtype == float
    lift = table.query("quantity == 'lift' and key == 'repurchase_rate' and variant == 'gift'")
    metric = CAST["story"]().scorecard.metrics[0]
    known = metric.comparisons[0].lift
    assert isinstance(known, Lift)
    assert lift["estimate"].item() == known.estimate
