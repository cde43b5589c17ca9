"""Turns the outcomes of money into what is shown: quotients, differences, a variant's values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.report.block import Cell
from app.report.formatting import Scale
from app.report.outcomes import show_difference, show_value
from app.report.shown import Shown
from stats.inference.outcome import BareValue, Certain, Undefined
from stats.inference.ratio_of_differences import RatioEstimate, UnboundedRatio
from stats.sentence import said

if TYPE_CHECKING:
    from app.report.formatting import Formats
    from stats.scorecard.comparison import DifferenceOutcome, VariantValue
    from stats.scorecard.money import QuotientOutcome


def show_quotient(outcome: QuotientOutcome, formats: Formats, scale: Scale) -> Shown:
    """Show a quotient; where the data do not bound it, say so in place of an interval."""
    signed = scale is Scale.LIFT
    match outcome:
        case RatioEstimate():
            bounds = (outcome.ci_low, outcome.ci_high)
            return Shown(*formats.with_interval(outcome.estimate, bounds, scale, signed=signed))
        case UnboundedRatio():
            return Shown(None, sentence=_unbounded(outcome, formats, scale, signed=signed))
        case Certain():
            return Shown(formats.alone(outcome.estimate, scale, signed=signed))
        case Undefined():
            return Shown(None, sentence=outcome.sentence)


def _unbounded(outcome: UnboundedRatio, formats: Formats, scale: Scale, *, signed: bool) -> str:
    why = said("What it is divided by cannot be told from 0")
    if outcome.at_most is None or outcome.at_least is None:
        return said("{why}: no number can be ruled out.", why=why)
    below = formats.alone(outcome.at_most, scale, signed=signed).text
    above = formats.alone(outcome.at_least, scale, signed=signed).text
    return said(
        "{why}: it is at most {below} or at least {above}, which bounds nothing.",
        why=why,
        below=below,
        above=above,
    )


def money_value(value: VariantValue, formats: Formats) -> Cell:
    """Show what a variant brought or cost per unit; what all have alike needs no interval."""
    if isinstance(value, BareValue):
        cell = known_cost(value.estimate, formats, signed=False)
        return cell if not value.estimate else replace(cell, words=said("each"))
    return Cell(show_value(value, formats, Scale.MONEY))


def money_difference(outcome: DifferenceOutcome, formats: Formats) -> Cell:
    """Show a difference of money; one that is known beforehand needs no interval."""
    if isinstance(outcome, Certain):
        cell = known_cost(outcome.estimate, formats, signed=True)
        return cell if not outcome.estimate else replace(cell, words=said("each"))
    return Cell(show_difference(outcome, formats, Scale.MONEY))


def known_cost(minor: float, formats: Formats, *, signed: bool) -> Cell:
    """Show an amount that is known, in whole major units where it has no others."""
    if not minor:
        return Cell(words=said("none"))
    major = 10**formats.exponent
    if minor == int(minor) and int(minor) % major:
        number = formats.total(int(minor), is_money=True)
        sign = "+" if signed and minor > 0 else ""
        return Cell(number=replace(number, text=f"{sign}{number.text}"))
    return Cell(number=formats.alone(float(minor), Scale.MONEY, signed=signed))
