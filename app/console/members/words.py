"""Says in words of the reader what the domain says of members in codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.console.context import formats, words
from app.language import marked
from app.report.formatting import Formats, Scale
from experiments.assignment import Reason
from experiments.climb import ProgressState, ProgressUnit
from experiments.money import exponent
from experiments.score import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Final[Mapping[Reason, str]] = {
    Reason.ASSIGNED: marked("Chance decided the variant, and it stays."),
    Reason.NOT_ELIGIBLE: marked("The rule of the audience does not admit this member."),
    Reason.HELD_OUT: marked("The member is in the holdout, which gets no campaign."),
    Reason.OTHER_CAMPAIGN: marked("Another campaign of the same layer has this member."),
    Reason.OPTED_OUT: marked("The member has opted out of personalised offers."),
    Reason.NOT_STARTED: marked("The campaign has not begun."),
    Reason.PAUSED: marked("The campaign is paused."),
    Reason.ENDED: marked("The campaign is over."),
    Reason.CAPPED: marked("A cap or the budget is reached, so nobody new is taken."),
    Reason.TRAFFIC: marked("The member is outside the traffic share that is admitted so far."),
    Reason.EXTERNALLY_ASSIGNED: marked("Another system decides who gets which variant."),
    Reason.OVERRIDE: marked("A tester looks at a variant."),
}
"""Why a member gets what they get, for whoever runs campaigns."""

STATES: Final[Mapping[ProgressState, str]] = {
    ProgressState.UNDER_WAY: marked("On the way to {tier}"),
    ProgressState.REACHED: marked("{tier} is reached; the next computation gives it"),
    ProgressState.TOP_TIER: marked("At the top tier"),
    ProgressState.MANUAL_TIER: marked("In a tier that people give by hand"),
    ProgressState.NO_PATH: marked("No path leads to the next tier"),
    ProgressState.UNKNOWN: marked("Nothing is known of the member's progress"),
}

MEASURES: Final[Mapping[str, str]] = {
    Measure.SPEND: marked("Spend"),
    Measure.FREQUENCY: marked("Orders"),
    Measure.ENGAGEMENT: marked("Active days"),
    Measure.TENURE: marked("Days as a member"),
    Measure.REFERRALS: marked("Referrals"),
    Measure.AVERAGE_ORDER_VALUE: marked("Average order"),
    "score": marked("Score"),
}

GRANT_STATES: Final[Mapping[str, tuple[str, str]]] = {
    "reserved": (marked("Reserved"), "busy"),
    "redeemed": (marked("Redeemed"), "good"),
    "expired": (marked("Expired"), "calm"),
    "reversed": (marked("Taken back"), "warn"),
}


def money(minor: int, currency: str | None) -> str:
    """Write money of any currency, which need not be the programme's."""
    own = formats()
    if currency is None or currency == own.currency:
        return own.total(minor, is_money=True).text
    return (
        Formats(currency, exponent(currency), own.zone, own.locale).total(minor, is_money=True).text
    )


def amount(number: float, unit: ProgressUnit, currency: str | None) -> str:
    """Write how much of a measure there is."""
    if unit is ProgressUnit.MONEY:
        return money(int(number), currency)
    if unit is ProgressUnit.SCORE:
        return formats().alone(number, Scale.COUNT, signed=False).text
    return formats().count(int(number)).text


def measure(by: str) -> str:
    """Say what is measured; what has no word is shown as it is called."""
    return words().say(MEASURES[by]) if by in MEASURES else by


def value(found: object) -> str:
    """Write the value of an attribute as it is."""
    match found:
        case bool():
            return "true" if found else "false"
        case float():
            return f"{found:g}"
        case _:
            return str(found)
