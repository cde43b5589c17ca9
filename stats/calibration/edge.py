"""Where the normal approximation ends: sizes and splits below what the other tables ask for.

Nothing here is held to a bar. Half a percentage point from 5 % takes, in the smaller variant of an
uneven split, 50 s² units for a two-sided test and 490 s² for a one-sided one, with s the skewness
of a unit's value: the terms of the Edgeworth expansion of a t statistic in 1/n and 1/√n (Hall,
1992, "The Bootstrap and Edgeworth Expansion", section 2.6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from stats.calibration.bar import Kind
from stats.calibration.draw import Draw
from stats.calibration.guardrails import MARGIN, Margins
from stats.calibration.guardrails import judges as guardrail_judges
from stats.calibration.methods import MEANS, ONE_SIDED, PROPORTIONS, SKEWED, WELCH, Adjusted
from stats.calibration.peeking import judges as peeking_judges
from stats.calibration.peeking import peeking, titled
from stats.calibration.power import GOAL, TEST, expecting, raised
from stats.calibration.study import Judge, Study, study, without_bar
from stats.inference.power import Baseline, Sizes, power
from stats.inference.sample_size import smallest_effect
from stats.simulation.trials import BINARY, REVENUE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from stats.simulation.trials import TrialWorld

HEAVY = "the second term of the expansion gives 5.4 %; winsorise, or take more units"
LOPSIDED = (
    "planning takes the smaller variant's mean to be normal, and it is still skewed; on this side "
    "of zero that finds the effect more often than planned"
)
"""Why power in an uneven split of skewed values is not as planned."""
EARLY = "it spends much at its first looks, where outcomes are few"
LAST_ALONE = "the last look alone sees outcomes enough: it is the test at the planned end"
UNSEEN = (
    "a look counts outcomes, of which there are enough, and does not see how skewed amounts are; "
    "winsorise, or look later"
)
GROUP_SEQUENTIAL = "group sequential, O'Brien-Fleming", "group sequential, Pocock"

SPLIT = 20
LOOKS = 14
RUNS = 10_000
"""Fewer than where there is a bar."""

D = TypeVar("D")


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """Many runs of one control with several treatments.

    Attributes:
        same: A treatment that changes nothing.
        margins: Treatments at the margins of a guardrail.
        planned: A treatment with the effect that was planned for.
    """

    same: Draw
    margins: Margins
    planned: Draw


def _draw(
    world: TrialWorld, sizes: Sizes, effect: float
) -> Callable[[np.random.Generator, int], Edge]:
    def draw(rng: np.random.Generator, runs: int) -> Edge:
        control = world.batch(rng, runs=runs, units=int(sizes.control))
        same, less, more = (
            Draw(control, world.batch(rng, runs=runs, units=int(sizes.treatment), lift=lift))
            for lift in (0.0, -MARGIN, MARGIN)
        )
        if world is BINARY:
            lift = effect / world.means()[0]
            found = world.batch(rng, runs=runs, units=int(sizes.treatment), lift=lift)
        else:
            found = raised(same.treatment, effect)
        return Edge(same, Margins(less, more), Draw(control, found))

    return draw


def _shown(judges: Sequence[Judge[D]], remark: str = "") -> list[Judge[D]]:
    """Hold no judge to a bar."""
    return [
        replace(judge, bar=replace(judge.bar, kind=Kind.SHOWN), remark=remark or judge.remark)
        for judge in judges
    ]


def _of_same(judge: Judge[Draw]) -> Judge[Edge]:
    return Judge(judge.name, lambda edge: judge.decide(edge.same), judge.bar, judge.remark)


def _of_margins(judge: Judge[Margins]) -> Judge[Edge]:
    return Judge(judge.name, lambda edge: judge.decide(edge.margins), judge.bar, judge.remark)


def _of_planned(judge: Judge[Draw]) -> Judge[Edge]:
    name = f"power, {judge.name}"
    return Judge(name, lambda edge: judge.decide(edge.planned), judge.bar, judge.remark)


def _split(
    world: TrialWorld, words: str, units: int, remarks: dict[str, str], *, chunk: int
) -> Study:
    sizes = Sizes(SPLIT * units, units)
    value = world.means()[0]
    # the spread of a rate grows with it, which planning knows
    baseline = Baseline.rate(value) if world is BINARY else Baseline(value, world.std_dev())
    planned: list[Judge[Draw]] = [WELCH]
    explained = [0.0]
    if world is REVENUE:
        planned.append(Adjusted((0, 1)).judges()[0])
        explained.append(REVENUE.correlation_with_before() ** 2)
    effect = smallest_effect(baseline, sizes, TEST, goal=GOAL)
    predicted = [
        power(replace(baseline, explained=share), effect, sizes, TEST) for share in explained
    ]
    tests = (*MEANS, *PROPORTIONS) if world is BINARY else MEANS
    one_sided = {judge.name: SKEWED for judge in ONE_SIDED}
    safe = [judge for judge in guardrail_judges() if judge.name != "equivalence"]
    judges = [
        *map(_of_same, without_bar(_shown(tests), one_sided | remarks)),
        *map(_of_margins, _shown(safe, SKEWED)),
        *(
            _of_planned(expecting(judge, share, bar=False, remark=LOPSIDED))
            for judge, share in zip(planned, predicted, strict=True)
        ),
    ]
    title = f"{SPLIT}:1 split, {words}; {SPLIT * units:,} units against {units:,}"
    return study(
        f"edge/{world.key}/{units}",
        title,
        _draw(world, sizes, effect),
        judges,
        runs=RUNS,
        chunk=chunk,
    )


def _early(
    world: TrialWorld,
    words: str,
    control: int,
    treatment: int,
    remarks: dict[str, str],
) -> Study:
    judges = without_bar(_shown(peeking_judges(world, LOOKS * control, LOOKS * treatment)), remarks)
    return study(
        f"edge/peeking/{world.key}/{control}/{treatment}",
        titled(words, LOOKS, control, treatment),
        peeking(world, control, treatment, looks=LOOKS),
        judges,
        runs=RUNS,
        chunk=500,
    )


HEAVY_TAILED = dict.fromkeys(("Welch", "z", "lift, Fieller", "lift, delta method"), HEAVY)

STUDIES = (
    _split(REVENUE, "skewed revenue", 5_000, HEAVY_TAILED, chunk=250),
    *(_split(BINARY, "binary, 1 %", units, {}, chunk=1_000) for units in (5_000, 20_000, 50_000)),
    _early(REVENUE, "Skewed revenue", 500, 500, {GROUP_SEQUENTIAL[1]: EARLY}),
    _early(BINARY, "Binary, 1 %", 500, 500, {GROUP_SEQUENTIAL[1]: EARLY}),
    _early(
        BINARY, "20:1 split, binary, 1 %", 10_000, 500, dict.fromkeys(GROUP_SEQUENTIAL, LAST_ALONE)
    ),
    _early(
        REVENUE,
        "20:1 split, skewed revenue",
        20_000,
        1_000,
        dict.fromkeys(GROUP_SEQUENTIAL, UNSEEN),
    ),
)
"""A world and a size each."""
