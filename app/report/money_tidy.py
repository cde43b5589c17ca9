"""Tidy rows of the money: every amount of every variant, treatment and tier."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.report.tidy_row import Row, filled, in_currency
from stats.inference.ratio_of_differences import RatioEstimate, UnboundedRatio
from stats.scorecard.money import MoneyState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stats.scorecard import Scorecard
    from stats.scorecard.comparison import DifferenceOutcome
    from stats.scorecard.money import (
        MoneyResult,
        MoneyTier,
        MoneyTreatment,
        MoneyVariant,
        QuotientOutcome,
    )


def money_rows(scorecard: Scorecard) -> Iterator[Row]:
    """Give every amount; a quotient that the data do not bound has its estimate and no ends."""
    money = scorecard.money
    if money is None:
        return
    base = Row(
        record="money",
        window_start_days=money.window.start_days,
        window_end_days=money.window.end_days,
    )
    if money.state is not MoneyState.READY:
        yield replace(base, quantity="state", status=money.state.value, sentence=money.sentence)
    per_unit = in_currency(replace(base, unit="money"), scorecard)
    for row in money.variants:
        yield from _variant(replace(per_unit, variant=row.variant, n=row.n), row, scorecard)
    for one in money.treatments:
        own = replace(per_unit, variant=one.treatment, compared_with=one.control, n=one.units)
        yield from _treatment(own, one)
    yield from _tiers(per_unit, money, scorecard.plan.control.key)


def _variant(row: Row, found: MoneyVariant, scorecard: Scorecard) -> Iterator[Row]:
    yield filled(replace(row, quantity="gross_margin"), found.gross_margin)
    yield filled(replace(row, quantity="reward_cost"), found.reward_cost)
    yield filled(replace(row, quantity="contact_cost"), found.contact_cost)
    yield filled(replace(row, quantity="contribution_margin"), found.contribution_margin)
    yield replace(row, quantity="fixed_cost", estimate=found.fixed_minor, status="exact")
    if found.upgraded_units is not None:
        yield replace(
            _plain(row),
            quantity="upgraded_units",
            estimate=found.upgraded_units,
            unit=scorecard.plan.randomization_unit.value,
            status="exact",
        )


def _treatment(row: Row, one: MoneyTreatment) -> Iterator[Row]:
    differences: dict[str, DifferenceOutcome | None] = {
        "gross_margin_difference": one.gross_margin,
        "reward_cost_difference": one.reward_cost,
        "contact_cost_difference": one.contact_cost,
        "contribution_margin_difference": one.contribution_margin,
        "incremental_margin": one.incremental_margin,
        "incremental_margin_adjusted": one.adjusted_margin,
        "incremental_margin_per_thousand": one.per_thousand,
        "incremental_margin_per_year": one.per_year,
    }
    for quantity, outcome in differences.items():
        if outcome is not None:
            yield filled(replace(row, quantity=quantity), outcome)
    fixed = replace(row, quantity="fixed_cost_difference", estimate=one.fixed_minor)
    yield replace(fixed, status="exact")
    if one.upgraded is not None:
        share = replace(_plain(row), quantity="upgraded_difference", unit="share")
        yield filled(share, one.upgraded)
    yield _quotient(replace(_plain(row), quantity="incremental_roi", unit="share"), one.roi)
    quotients = {
        "cost_per_upgrade": one.cost_per_upgrade,
        "break_even_reward": one.break_even_reward,
        "affordable_per_upgrade": one.affordable_per_upgrade,
    }
    for quantity, quotient in quotients.items():
        if quotient is not None:
            yield _quotient(replace(row, quantity=quantity), quotient)


def _tiers(row: Row, money: MoneyResult, control: str) -> Iterator[Row]:
    if money.tiers is None:
        return
    for one in money.tiers.effects:
        own = replace(
            row,
            segment=money.tiers.key,
            segment_value=one.tier or "",
            variant=one.treatment,
            compared_with=control,
            n=one.treatment_units + one.control_units,
        )
        yield from _tier(own, one)


def _tier(row: Row, one: MoneyTier) -> Iterator[Row]:
    yield filled(replace(row, quantity="gross_margin_difference"), one.gross_margin)
    yield filled(replace(row, quantity="cost_difference"), one.cost)
    margin = replace(row, quantity="contribution_margin_difference")
    yield filled(margin, one.contribution_margin)
    if one.cost_per_upgrade is not None:
        yield _quotient(replace(row, quantity="cost_per_upgrade"), one.cost_per_upgrade)


def _plain(row: Row) -> Row:
    return replace(row, currency="", currency_exponent=None)


def _quotient(row: Row, outcome: QuotientOutcome) -> Row:
    match outcome:
        case RatioEstimate():
            return replace(
                row,
                estimate=outcome.estimate,
                ci_low=outcome.ci_low,
                ci_high=outcome.ci_high,
                df=outcome.df,
                alpha=outcome.alpha,
                method=outcome.method.value,
                status=outcome.status,
            )
        case UnboundedRatio():
            ends = (
                f"at most {outcome.at_most!r} or at least {outcome.at_least!r}"
                if outcome.at_most is not None and outcome.at_least is not None
                else "any number"
            )
            return replace(
                row,
                estimate=outcome.estimate,
                alpha=outcome.alpha,
                method=outcome.method.value,
                status=outcome.status,
                sentence=f"What it is divided by cannot be told from 0: {ends}.",
            )
        case _:
            return filled(row, outcome)
