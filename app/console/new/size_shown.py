"""Says in words what a campaign takes: members, days, reward cost, and what would be possible."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, Final

from app.analysis.planning_size import SizeAnswer, size_of
from app.console.new.size_goal import HUNDRED
from app.console.plots import Plot, specification_of
from stats.errors import InvalidSizing, NoVariance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analysis.planning_size import SizeQuestion
    from app.console.new.size_reading import Reading, Setup
    from app.language import Words
    from app.report.formatting import Formats

HEIGHT: Final = 260
EVERY: Final = 5
"""Every so many-th point of the curve stands in its table."""


@dataclass(frozen=True, slots=True)
class SizeShown:
    """What a campaign takes, as text.

    Attributes:
        is_possible: Whether it can be had.
        verdict: One sentence about that.
        advice: What would be possible instead, and what to change; empty where it is possible.
        rows: Name of each variant and its members.
        total: Of all of them.
        days: How long it takes until the result, or that it takes too long.
        cost: What rewards are expected to cost; empty where nothing costs anything.
        plot: How likely effects of each size are found; None where nobody comes.
    """

    is_possible: bool
    verdict: str
    advice: str
    rows: tuple[tuple[str, str], ...]
    total: str
    days: str
    cost: str
    plot: Plot | None


def shown_size(
    reading: Reading,
    setup: Setup,
    names: Sequence[str],
    costs: Sequence[Decimal],
    words: Words,
    formats: Formats,
) -> SizeShown | None:
    """Give what a campaign takes, or None where what is typed is no plan yet.

    Args:
        reading: What is typed.
        setup: What else is known.
        names: Of the control first, then of each treatment.
        costs: What a reward of each is expected to cost, in minor units.
        words: Of the reader.
        formats: Of the programme.
    """
    question = reading.question
    if question is None:
        return None
    try:
        answer = size_of(question)
    except (InvalidSizing, NoVariance):
        text = words.say("No number of members finds so small an effect. Plan for a larger one.")
        return SizeShown(False, text, "", (), "", "", "", None)
    count = formats.count
    members = (answer.control, *answer.treatments)
    expected = sum(
        (cost * number for cost, number in zip(costs, members, strict=False)), Decimal(0)
    ) * Decimal(str(reading.take_up))
    minor = int(expected.to_integral_value(ROUND_CEILING))
    return SizeShown(
        is_possible=answer.is_possible,
        verdict=_verdict(answer, words, formats),
        advice=_advice(answer, question, setup, words, formats),
        rows=tuple(
            (name, count(number).text) for name, number in zip(names, members, strict=False)
        ),
        total=count(answer.total).text,
        days=_days(answer, question, words, formats),
        cost=formats.total(minor, is_money=True).text if minor else "",
        plot=_plot(answer, question, setup, words, formats),
    )


def effect_text(effect: float, question: SizeQuestion, setup: Setup, formats: Formats) -> str:
    """Write an effect as a lift, and in the metric's own unit."""
    lift = formats.share(effect / question.baseline, 1).text
    own = f"{effect * float(setup.factor):.4g}"
    return f"{lift} ({own})" if setup.factor != HUNDRED else f"{lift} ({own} pp)"


def _verdict(answer: SizeAnswer, words: Words, formats: Formats) -> str:
    total = formats.count(answer.total).text
    if answer.is_possible:
        return words.say("This plan is possible: it takes {members} members.", members=total)
    if answer.available is not None and answer.available < answer.total:
        return words.say(
            "This plan is not possible: it takes {members} members, and {available} are there.",
            members=total,
            available=formats.count(answer.available).text,
        )
    return words.say("This plan is not possible: it takes longer than two years.")


def _advice(
    answer: SizeAnswer, question: SizeQuestion, setup: Setup, words: Words, formats: Formats
) -> str:
    if answer.is_possible:
        return ""
    if answer.smallest is None:
        return words.say(
            "So few members find no effect at all. Open the audience, or run for longer."
        )
    return words.say(
        "With these members you can find effects of {effect} or more. Plan for those, open the "
        "audience, or run for longer.",
        effect=effect_text(answer.smallest, question, setup, formats),
    )


def _days(answer: SizeAnswer, question: SizeQuestion, words: Words, formats: Formats) -> str:
    if answer.days is None or answer.enrolment_days is None:
        return words.say("more than two years")
    return words.say(
        "{enrolment} days until enough members have come, and {window} more until their outcomes "
        "are known: {days} days",
        enrolment=formats.count(answer.enrolment_days).text,
        window=formats.count(question.window_days).text,
        days=formats.count(answer.days).text,
    )


def _plot(
    answer: SizeAnswer, question: SizeQuestion, setup: Setup, words: Words, formats: Formats
) -> Plot | None:
    if not answer.curve:
        return None
    say, base = words.say, question.baseline
    values = [{"lift": one.effect / base, "power": one.power} for one in answer.curve]
    x_title, y_title = say("True effect, as a lift"), say("Chance to find it")
    per_cent = {"format": "~%", "grid": False}
    x: dict[str, Any] = {"field": "lift", "type": "quantitative", "title": x_title,
                         "axis": per_cent | {"tickCount": 6}}  # fmt: skip
    y: dict[str, Any] = {"field": "power", "type": "quantitative", "title": y_title,
                         "axis": per_cent, "scale": {"domain": [0, 1]}}  # fmt: skip
    goal = [{"power": question.power, "lift": question.effect / base}]
    dashed = {"type": "rule", "style": "margin"}
    layers = [
        {"data": {"values": values}, "mark": {"type": "line", "strokeWidth": 2.5},
         "encoding": {"x": x, "y": y}},
        {"data": {"values": goal}, "mark": dashed, "encoding": {"y": y}},
        {"data": {"values": goal}, "mark": dashed, "encoding": {"x": x}},
    ]  # fmt: skip
    return Plot(
        specification_of({"height": HEIGHT, "layer": layers}),
        say("How likely an effect is found, by its size"),
        say(
            "With the members that the plan will have. Dashed: the effect and the power that are "
            "planned for."
        ),
        (x_title, y_title),
        tuple(
            (
                effect_text(one.effect, question, setup, formats),
                formats.chance(one.power).text,
            )
            for one in answer.curve[EVERY::EVERY]
        ),
    )
