"""Says how many members a campaign needs, for how long, and what could be found with fewer.

The arithmetic is `stats.inference`'s, the same that a report says of the members still missing; the
formulas and their limits are documented in `docs/explanation/power.md`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stats.errors import InvalidSizing, NoVariance
from stats.inference.duration import LONGEST, Traffic, remaining
from stats.inference.inflation import looks_cost
from stats.inference.power import Baseline, PlannedTest, Sizes, power_curve
from stats.inference.sample_size import CampaignSize, campaign_size, smallest_effect
from stats.plan import Spending

if TYPE_CHECKING:
    from datetime import date

POINTS: Final = 41
REACH: Final = 2.2
"""The curve goes on to so many times the effect that is planned for."""


@dataclass(frozen=True, slots=True)
class SizeQuestion:
    """What a campaign is to find, and with whom.

    Attributes:
        baseline: What the control's metric is, in the metric's unit.
        sd: Its standard deviation over members; None of a rate, where it follows.
        effect: The smallest difference that is to be found, in the metric's unit, above 0.
        power: How likely it is to be found.
        alpha: Error rate of all treatments together, two-sided.
        control_share: Planned for the control, in any scale.
        treatment_shares: Likewise, of each treatment.
        units_per_day: Members who come newly each day.
        window_days: Days after its exposure in which a member's outcome counts.
        first_day: The first day of the campaign.
        audience: Members there are at most; None where that is unknown.
        days: Days of enrolment at most; None for as long as it takes.
        looks: How many planned looks, the last one at the end.
        spending: How planned looks spend the error rate.
    """

    baseline: float
    sd: float | None
    effect: float
    power: float
    alpha: float
    control_share: float
    treatment_shares: tuple[float, ...]
    units_per_day: float
    window_days: int
    first_day: date
    audience: int | None = None
    days: int | None = None
    looks: int = 1
    spending: Spending = Spending.OBRIEN_FLEMING


@dataclass(frozen=True, slots=True)
class PowerAt:
    """How likely an effect of some size is found."""

    effect: float
    power: float


@dataclass(frozen=True, slots=True)
class SizeAnswer:
    """What a campaign takes.

    Attributes:
        control: Members of the control.
        treatments: Members of each treatment.
        total: Members of all variants.
        enrolment_days: Days until the last one has come; None where it takes over two years.
        days: Days until every outcome is known; None likewise.
        available: Members who come in the days, or are there, at most; None where nothing limits.
        smallest: The smallest difference that is found with those; None where nothing limits, or
            where so few find none at all.
        curve: How likely effects are found with the members that the plan will have.
    """

    control: int
    treatments: tuple[int, ...]
    total: int
    enrolment_days: int | None
    days: int | None
    available: int | None
    smallest: float | None
    curve: tuple[PowerAt, ...]

    @property
    def is_possible(self) -> bool:
        """Whether there are as many members as it takes."""
        enough = self.available is None or self.available >= self.total
        return enough and self.enrolment_days is not None


def size_of(question: SizeQuestion) -> SizeAnswer:
    """Answer what a campaign takes, and what would be possible where that is too much.

    Raises:
        InvalidSizing: A value is none that a plan can have; the error names its field.
        NoVariance: The outcome does not vary.
    """
    baseline, test = _baseline(question), _test(question)
    size = campaign_size(
        baseline,
        question.effect,
        test,
        goal=question.power,
        control_share=question.control_share,
        treatment_shares=question.treatment_shares,
        inflation=_inflation(question),
    )
    traffic = Traffic.steady(question.units_per_day)
    coming = remaining(size.total, traffic, from_day=question.first_day, maturity_days=0)
    days = None if coming.days is None else coming.days + question.window_days
    available = _available(question)
    fewer = size.total if available is None else min(available, size.total)
    if coming.days is None:
        fewer = min(fewer, int(question.units_per_day * LONGEST))
        available = fewer
    return SizeAnswer(
        control=size.control,
        treatments=size.treatments,
        total=size.total,
        enrolment_days=coming.days,
        days=days,
        available=available,
        smallest=_smallest(question, baseline, test, available) if available is not None else None,
        curve=_curve(question, baseline, test, size, fewer),
    )


def _baseline(question: SizeQuestion) -> Baseline:
    if question.sd is None:
        return Baseline.rate(question.baseline)
    return Baseline(question.baseline, question.sd)


def _test(question: SizeQuestion) -> PlannedTest:
    return PlannedTest(question.alpha, comparisons=len(question.treatment_shares))


def _inflation(question: SizeQuestion) -> float:
    if question.looks < 2:  # noqa: PLR2004  # one look is what everything is measured by
        return 1.0
    fractions = tuple(place / question.looks for place in range(1, question.looks + 1))
    cost = looks_cost(
        fractions, alpha=question.alpha, spending=question.spending, goal=question.power
    )
    return cost.inflation


def _available(question: SizeQuestion) -> int | None:
    bounds = []
    if question.audience is not None:
        bounds.append(question.audience)
    if question.days is not None:
        bounds.append(math.floor(question.units_per_day * question.days))
    return min(bounds) if bounds else None


def _sizes(question: SizeQuestion, members: int) -> Sizes | None:
    """Give control and smallest treatment of so many members; None where that is nobody."""
    shares = (question.control_share, *question.treatment_shares)
    each = members / sum(shares) / _inflation(question)
    smallest = min(question.treatment_shares)
    try:
        return Sizes(each * question.control_share, each * smallest)
    except InvalidSizing:
        return None


def _smallest(
    question: SizeQuestion, baseline: Baseline, test: PlannedTest, members: int
) -> float | None:
    sizes = _sizes(question, members)
    if sizes is None:
        return None
    try:
        return smallest_effect(baseline, sizes, test, goal=question.power)
    except (InvalidSizing, NoVariance):
        return None


def _curve(
    question: SizeQuestion,
    baseline: Baseline,
    test: PlannedTest,
    size: CampaignSize,
    members: int,
) -> tuple[PowerAt, ...]:
    """Give the power with the members that there will be, over effects around the planned one."""
    sizes = _sizes(question, min(size.total, members))
    if sizes is None:
        return ()
    reach = REACH * question.effect
    if baseline.is_rate:
        reach = min(reach, (1 - baseline.value) * 0.999)
    effects = [reach * place / (POINTS - 1) for place in range(POINTS)]
    return tuple(
        PowerAt(one.effect, one.power) for one in power_curve(baseline, effects, sizes, test)
    )
