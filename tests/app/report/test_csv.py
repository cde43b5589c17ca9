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


WHAT_A_ROW_IS = ("record", "view", "key", "variant", "quantity", "covariate", "segment",
                 "segment_value", "day", "horizon_days")  # fmt: skip


@pytest.mark.parametrize("name", CAST)
def test_no_two_rows_say_the_same(name: str) -> None:
    """A row is found by what it is of: the file is tidy."""
    found = Counter(
        tuple(row[column] for column in WHAT_A_ROW_IS) for row in rows_of(CAST[name]().scorecard)
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


def found(rows: list[dict[str, str]], **wanted: str) -> dict[str, str]:
    """Give the one row that is of all this."""
    (row,) = [row for row in rows if wanted.items() <= row.items()]
    return row


def test_every_other_view_has_its_rows() -> None:
    """Adjusted, capped, deciding, Bayesian and power stand in rows of their own, to each digit."""
    scorecard = CAST["planned_looks"]().scorecard
    rows, spend = rows_of(scorecard), scorecard.metrics[0]
    assert spend.adjusted is not None
    assert spend.capped is not None
    assert scorecard.oec is not None
    assert scorecard.outlook is not None
    deciding = scorecard.oec.treatments[0]
    posterior = deciding.posterior
    assert posterior is not None
    views: list[tuple[str, str, DifferenceOutcome]] = [
        ("adjusted", "difference", spend.adjusted.comparisons[0].difference),
        ("capped", "difference", spend.capped.comparisons[0].difference),
        ("deciding", "difference", deciding.difference),
    ]
    for view, quantity, outcome in views:
        row = found(rows, record="view", view=view, variant="gift", quantity=quantity,
                    key=spend.key)  # fmt: skip
        assert isinstance(outcome, Estimate)
        assert (row["estimate"], row["alpha"]) == (repr(outcome.estimate), repr(outcome.alpha))
    chance = found(rows, view="bayesian", variant="gift", quantity="chance_to_beat_control")
    assert chance["estimate"] == repr(posterior.chance_to_beat_control)
    power = found(rows, view="power", variant="gift", quantity="achieved_power")
    assert power["estimate"] == repr(scorecard.outlook.treatments[0].achieved_power)
    removed = found(rows, view="adjusted", variant="gift", quantity="variance_removed",
                    key=spend.key)  # fmt: skip
    assert removed["estimate"] == repr(spend.adjusted.reductions[0].share)


def test_slices_the_verdict_and_deviations_have_their_rows() -> None:
    """A segment's value, a day, a horizon, the verdict and each change can be found in the CSV."""
    scorecard = CAST["planned_looks"]().scorecard
    rows, spend = rows_of(scorecard), scorecard.metrics[0]
    effect = spend.segments[0].effects[0]
    row = found(rows, record="segment", segment="tier", segment_value=effect.value or "",
                variant=effect.treatment, quantity="difference", key=spend.key)  # fmt: skip
    assert isinstance(effect.difference, Estimate)
    assert row["estimate"] == repr(effect.difference.estimate)
    assert row["n"] == str(effect.control_units + effect.treatment_units)
    assert spend.over_time is not None
    for record, number in (("day", len(spend.over_time.by_day)),
                           ("horizon", len(spend.over_time.by_horizon))):  # fmt: skip
        of = [r for r in rows if (r["record"], r["quantity"]) == (record, "difference")]
        assert len(of) == number
    verdict = found(rows, record="decision", variant="")
    assert scorecard.decision is not None
    assert (verdict["status"], verdict["key"]) == ("keep_running", "spans_threshold")
    assert verdict["sentence"].startswith("Keep running for")
    changed = [r["key"] for r in rows if r["record"] == "deviation"]
    assert changed == ["traffic_share", "state"]


def test_raw_results_are_found_as_before() -> None:
    """Rows of `metric` hold the raw result alone, so that a query of old mixes nothing in."""
    rows = rows_of(CAST["planned_looks"]().scorecard)
    assert {row["view"] for row in rows if row["record"] == "metric"} == {"raw"}


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
    lift = table.query(
        "record == 'metric' and quantity == 'lift' and key == 'repurchase_rate' "
        "and variant == 'gift'"
    )
    metric = CAST["story"]().scorecard.metrics[0]
    known = metric.comparisons[0].lift
    assert isinstance(known, Lift)
    assert lift["estimate"].item() == known.estimate
