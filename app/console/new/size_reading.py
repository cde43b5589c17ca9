"""Reads what is typed about the size of a campaign: in the form and on the calculator alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from app.analysis.planning_size import SizeQuestion
from app.console.new.size_goal import HUNDRED, RELATIVE, number_of
from stats.plan import Spending

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.language import Words

ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known of a campaign beside what is typed about its size.

    Attributes:
        is_rate: Whether the metric is a share of members, so that its spread follows from it.
        factor: By what a value of the metric is multiplied where people read it.
        shares: Planned for the control first, then for each treatment, in any scale.
        window_days: Days in which outcomes count.
        first_day: The first day.
        days: Days of enrolment at most, by the schedule.
        looks: How many planned looks.
        spending: How they spend the error rate.
    """

    is_rate: bool
    factor: Decimal
    shares: tuple[Decimal, ...]
    window_days: int
    first_day: date
    days: int | None = None
    looks: int = 1
    spending: Spending = Spending.OBRIEN_FLEMING


@dataclass(frozen=True, slots=True)
class Reading:
    """What was typed, read.

    Attributes:
        question: None where something is missing or wrong.
        errors: What is wrong, by field.
        take_up: The part of treated members who get a reward, 0 to 1.
    """

    question: SizeQuestion | None
    errors: Mapping[str, str]
    take_up: float = 1.0


def read_size(typed: Mapping[str, str], setup: Setup, words: Words) -> Reading:
    """Read fields ``baseline``, ``sd``, ``mde``, ``mde_kind``, ``power`` and so on.

    Args:
        typed: By name, without what the step puts before it.
        setup: What else is known.
        words: Of the reader.
    """
    say, errors = words.say, dict[str, str]()

    def between(name: str, low: Decimal, high: Decimal, sentence: str) -> Decimal:
        number = number_of(typed.get(name, ""))
        if number is None or not low < number < high:
            errors[name] = sentence
            return ONE
        return number

    many = Decimal(10) ** 15
    rate_high = HUNDRED if setup.is_rate else many
    rate = say("Write a share above 0 and below 100.")
    above = say("Write a number above 0.")
    baseline = between("baseline", Decimal(0), rate_high, rate if setup.is_rate else above)
    sd = None if setup.is_rate else between("sd", Decimal(0), many, above)
    mde = between("mde", Decimal(0), many, above)
    power = between("power", Decimal(0), HUNDRED, rate)
    alpha = between("alpha", Decimal(0), Decimal(50), say("Write a number above 0 and below 50."))
    per_day = between("per_day", Decimal(0), many, above)
    audience = _whole_or_none(typed, "audience", errors, say("Write a whole number above 0."))
    days = _whole_or_none(typed, "days", errors, say("Write a whole number above 0."))
    take_up = _take_up(typed, errors, say("Write a share from 0 to 100."))
    effect = mde * baseline / HUNDRED if typed.get("mde_kind", RELATIVE) == RELATIVE else mde
    if setup.is_rate and not errors and baseline + effect >= HUNDRED:
        errors["mde"] = say("With this effect the share would pass 100 %. Write a smaller one.")
    if not errors and not alpha < power:
        errors["power"] = say("Write a power above the error rate, such as 80.")
    if len(setup.shares) < 2 or min(setup.shares) <= 0:  # noqa: PLR2004  # a comparison takes two
        errors["shares"] = say("Every variant needs a share above 0.")
    if errors:
        return Reading(None, errors)
    limits = [one for one in (days, setup.days) if one is not None]
    question = SizeQuestion(
        baseline=float(baseline / setup.factor),
        sd=None if sd is None else float(sd / setup.factor),
        effect=float(effect / setup.factor),
        power=float(power / HUNDRED),
        alpha=float(alpha / HUNDRED),
        control_share=float(setup.shares[0]),
        treatment_shares=tuple(map(float, setup.shares[1:])),
        units_per_day=float(per_day),
        window_days=setup.window_days,
        first_day=setup.first_day,
        audience=audience,
        days=min(limits) if limits else None,
        looks=setup.looks,
        spending=setup.spending,
    )
    return Reading(question, errors, take_up)


def _whole_or_none(
    typed: Mapping[str, str], name: str, errors: dict[str, str], sentence: str
) -> int | None:
    text = typed.get(name, "").strip().replace(",", "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**12):
        errors[name] = sentence
        return None
    return int(text)


def _take_up(typed: Mapping[str, str], errors: dict[str, str], sentence: str) -> float:
    text = typed.get("take_up", "").strip()
    if not text:
        return 1.0
    number = number_of(text)
    if number is None or not 0 <= number <= HUNDRED:
        errors["take_up"] = sentence
        return 1.0
    return float(number / HUNDRED)
