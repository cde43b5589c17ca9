"""Says in words how a metric is computed: its kind, its terms and their conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.console.context import formats, words
from app.language import marked
from stats.metric import Aggregate, Direction, MetricKind, MetricUnit, Since

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stats.metric import Condition, MetricDefinition, Term

UNITS: Final[Mapping[MetricUnit, str]] = {
    MetricUnit.SHARE: marked("Share of members"),
    MetricUnit.COUNT: marked("Count per member"),
    MetricUnit.MONEY: marked("Money per member"),
    MetricUnit.MONEY_PER_ORDER: marked("Money per order"),
    MetricUnit.DAYS: marked("Days"),
    MetricUnit.POINTS: marked("Points from -100 to 100"),
    MetricUnit.SCORE: marked("Points on the scale of the answers"),
}

DIRECTIONS: Final[Mapping[Direction, str]] = {
    Direction.HIGHER: marked("Higher is better"),
    Direction.LOWER: marked("Lower is better"),
}

KINDS: Final[Mapping[MetricKind, tuple[str, str]]] = {
    MetricKind.PROPORTION: (
        marked("Proportion"),
        marked("The share of members whose total of the terms below is above 0."),
    ),
    MetricKind.MEAN: (
        marked("Mean"),
        marked("The total of the terms below per member; who did nothing counts with 0."),
    ),
    MetricKind.RATIO: (
        marked("Ratio"),
        marked("The total above the line, divided by the total below it, over all members."),
    ),
    MetricKind.QUANTILE: (
        marked("Quantile"),
        marked("The value that the given share of members does not exceed."),
    ),
    MetricKind.SURVIVAL: (
        marked("Time to event"),
        marked("The mean days until the first of these events, within the window."),
    ),
}

ABSENCE: Final = marked("The share of members whose total of the terms below is 0 or less.")

AGGREGATES: Final[Mapping[Aggregate, str]] = {
    Aggregate.COUNT: marked("Number of events"),
    Aggregate.AMOUNT: marked("Sum of the amounts"),
    Aggregate.ACTIVE_DAYS: marked("Days with such an event"),
    Aggregate.PROPERTY_SUM: marked("Sum of a property"),
    Aggregate.PROPERTY_MAX: marked("Highest value of a property"),
    Aggregate.MARGIN: marked("Sum of the margins"),
    Aggregate.UNIT: marked("One for every member"),
}

SINCES: Final[Mapping[Since, str]] = {
    Since.EXPOSURE: marked("Within the window"),
    Since.EVER: marked("Within the window and at any time before"),
    Since.BEFORE: marked("Before first exposure only"),
}


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term in words.

    Attributes:
        sign: Plus or minus.
        what: What is added up.
        events: Of which events, as they are named.
        notes: Conditions and options, a sentence each.
    """

    sign: str
    what: str
    events: tuple[str, ...]
    notes: tuple[str, ...]


def window_of(metric: MetricDefinition) -> str:
    """Say when events count."""
    window = metric.window
    start, end = formats().count(window.start_days).text, formats().count(window.end_days).text
    if window.start_days:
        return words().say("Day {start} to day {end} after first exposure", start=start, end=end)
    return words().say_many(
        "{days} day from first exposure", "{days} days from first exposure",
        window.end_days, days=end,
    )  # fmt: skip


def formula_of(metric: MetricDefinition) -> str:
    """Say how the terms become the value."""
    say = words().say
    if metric.absence:
        return say(ABSENCE)
    if metric.quantile is not None:
        share = formats().share(metric.quantile, 0).text
        return say("The value that {share} of members do not exceed.", share=share)
    return say(KINDS[metric.kind][1])


def notes_of(metric: MetricDefinition) -> tuple[str, ...]:
    """Say what else holds."""
    say, among, notes = words().say, metric.among, []
    if among is not None:
        values = ", ".join(among.values or among.except_values)
        told = (
            marked("Only members whose {attribute} was one of {values} at assignment count.")
            if among.values
            else marked("Members whose {attribute} was one of {values} at assignment do not count.")
        )
        notes.append(say(told, attribute=among.attribute, values=values))
    if metric.horizon_days is not None:
        days = formats().count(metric.horizon_days).text
        notes.append(say("What the window saw is projected to {days} days.", days=days))
    if not metric.shows_lift:
        notes.append(say("Shown as a difference, never as a lift."))
    if metric.companions:
        notes.append(say("Shown beside it: {metrics}.", metrics=", ".join(metric.companions)))
    return tuple(notes)


def term_row(term: Term) -> TermRow:
    """Say what a term adds up."""
    say, notes = words().say, [_condition(one) for one in term.where]
    what = say(AGGREGATES[term.aggregate])
    if term.property:
        notes.append(say("Property that is read: {property}.", property=term.property))
    bounds = {"lowest": term.lowest, "highest": term.highest, "ceiling": term.ceiling}
    told = {
        "lowest": marked("Lower than {number} is not usable."),
        "highest": marked("Higher than {number} is not usable."),
        "ceiling": marked("A member has at most {number}."),
    }
    notes += [say(told[one], number=f"{bound:f}") for one, bound in bounds.items()
              if bound is not None]  # fmt: skip
    if term.factor != 1:
        notes.append(say("Multiplied by {factor}.", factor=f"{term.factor:f}"))
    if term.less_share:
        notes.append(
            say("Each event is reduced by its share {property}.", property=term.less_share)
        )
    if term.rate is not None:
        share = formats().share(term.rate, 2).text
        notes.append(say("Where an event says no margin: {share} of its amount.", share=share))
    if term.amount_if_missing is not None:
        amount = formats().total(term.amount_if_missing, is_money=True).text
        notes.append(say("Where an event says no amount: {amount}.", amount=amount))
    if term.since is not Since.EXPOSURE:
        notes.append(say(SINCES[term.since]))
    return TermRow("+" if term.sign > 0 else "\N{MINUS SIGN}", what, term.events, tuple(notes))


def _condition(one: Condition) -> str:
    say, name = words().say, one.property
    if one.values:
        return say("Only where {property} is one of: {values}.", property=name,
                   values=", ".join(one.values))  # fmt: skip
    low, high = (None if bound is None else f"{bound:f}" for bound in (one.at_least, one.at_most))
    if low is None:
        return say("Only where {property} is at most {high}.", property=name, high=high)
    if high is None:
        return say("Only where {property} is at least {low}.", property=name, low=low)
    return say("Only where {property} is from {low} to {high}.", property=name, low=low, high=high)
