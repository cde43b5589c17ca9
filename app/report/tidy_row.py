"""A row of the tidy CSV, and how an outcome of inference fills it in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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
    from decimal import Decimal

    from stats.scorecard import Comparison, Scorecard
    from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome, VariantValue


@dataclass(frozen=True, slots=True)
class Row:
    """One row; its fields are the columns.

    Attributes:
        record: What the row belongs to: `variant`, `metric`, `view`, `segment`, `day`, `horizon`,
            `money`, `enrolment`, `funnel`, `check`, `decision` or `deviation`.
        key: Key of the metric, the step or the check; reason of a decision; field of a deviation;
            empty for a variant's own row.
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
        view: Of a metric: `raw`, `adjusted`, `capped`, `deciding`, `bayesian` or `power`.
        covariate: Key of the covariate, for its weight.
        segment: Key of the segment.
        segment_value: Its value; empty for units without that attribute.
        day: Day of first exposure, or of a deviation.
        horizon_days: Days since first exposure.
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
    view: str = ""
    covariate: str = ""
    segment: str = ""
    segment_value: str = ""
    day: str = ""
    horizon_days: int | None = None
    currency: str = ""
    currency_exponent: int | None = None
    campaign: str = ""
    phase: int | None = None
    as_of: str = ""
    snapshot_hash: str = ""


def in_currency(row: Row, scorecard: Scorecard) -> Row:
    """Give the row as money."""
    return replace(row, currency=scorecard.currency, currency_exponent=scorecard.currency_exponent)


def as_share(row: Row) -> Row:
    """Give the row as a share, whatever it was of."""
    return replace(row, unit="share", currency="", currency_exponent=None)


def comparison_rows(row: Row, comparison: Comparison) -> tuple[Row, Row]:
    """Give the difference and the lift of a comparison."""
    row = replace(row, variant=comparison.treatment, compared_with=comparison.control)
    return (
        filled(replace(row, quantity="difference"), comparison.difference),
        filled(replace(as_share(row), quantity="lift"), comparison.lift),
    )


def filled(row: Row, outcome: VariantValue | DifferenceOutcome | LiftOutcome) -> Row:
    """Give the row with whatever the outcome has."""
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
