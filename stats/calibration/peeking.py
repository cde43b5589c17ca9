"""Peeking: how often a test is ever significant when one looks every day, under A/A."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stats.calibration.bar import NEVER_ABOVE, NO_BAR
from stats.calibration.judges import ALPHA, each
from stats.calibration.study import Judge, Study, explained, study
from stats.inference.confidence_sequence import Progress, sequence_difference
from stats.inference.difference import point_difference
from stats.inference.group_sequential import Monitoring
from stats.inference.msprt import msprt_difference
from stats.inference.outcome import Estimate
from stats.inference.point import Point, mean_point
from stats.inference.spending import spent_by
from stats.plan.looks import Spending
from stats.simulation.trials import BINARY, REVENUE, accrued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

    from stats.inference.outcome import Certain
    from stats.simulation.trials import TrialWorld

DAILY = 500
"""Units that enter the smaller variant between two looks."""

SPLIT = 20
"""Units of the control for each of the treatment in an uneven split."""

Pair = tuple[Point, Point]
Looks = list[list[Pair]]
"""Control and treatment at each look, run by run."""

SPENDING_NAMES = {
    Spending.OBRIEN_FLEMING: "O'Brien-Fleming",
    Spending.POCOCK: "Pocock",
}
"""Ways to spend the error rate, in words."""


def looking(
    world: TrialWorld, looks: int, *, ratio: int = 1
) -> Callable[[np.random.Generator, int], Looks]:
    """Give what draws runs that are looked at again and again, with a larger or equal control."""

    def points(rng: np.random.Generator, runs: int, units: int) -> list[list[Point]]:
        steps = [world.batch(rng, runs=runs, units=units) for _ in range(looks)]
        return [list(map(mean_point, look.mean_summaries())) for look in accrued(steps)]

    def draw(rng: np.random.Generator, runs: int) -> Looks:
        control, treatment = points(rng, runs, ratio * DAILY), points(rng, runs, DAILY)
        return [
            [(control[look][run], treatment[look][run]) for look in range(looks)]
            for run in range(runs)
        ]

    return draw


def _welch(pair: Pair) -> Estimate | Certain:
    return point_difference(*pair, alpha=ALPHA)


def _crossing(runs: Looks, levels: Sequence[float]) -> Iterator[bool]:
    """Tell for each run whether a look is significant at that look's level."""
    for looks in runs:
        yield any(
            isinstance(result, Estimate) and result.p_value < level
            for result, level in zip(each(looks, _welch), levels, strict=True)
        )


def _fractions(looks: int) -> tuple[float, ...]:
    return tuple((look + 1) / looks for look in range(looks))


def _group_sequential(looks: int, spending: Spending) -> Judge[Looks]:
    name = f"group sequential, {SPENDING_NAMES[spending]}"

    def decide(runs: Looks) -> Iterator[bool]:
        # the levels that `planned_look` holds each look against, the same in every run
        monitoring = Monitoring(_fractions(looks), ALPHA, spending, final=True)
        return _crossing(runs, [look.nominal_alpha for look in monitoring.boundaries])

    return Judge(name, decide)


def _as_if_alone(looks: int) -> Judge[Looks]:
    def decide(runs: Looks) -> Iterator[bool]:
        spending = Spending.OBRIEN_FLEMING
        levels = [spent_by(at, alpha=ALPHA, spending=spending) for at in _fractions(looks)]
        return _crossing(runs, levels)

    remark = "another engine's rule, not offered here: all that is spent so far counts at each look"
    return Judge("O'Brien-Fleming levels as if each look were alone", decide, NO_BAR, remark)


def _confidence_sequence(looks: int, ratio: int) -> Judge[Looks]:
    planned = (ratio + 1) * DAILY * looks

    def difference(pair: Pair) -> Estimate | Certain:
        progress = Progress(pair[0].n + pair[1].n, planned)
        return sequence_difference(*pair, progress=progress, alpha=ALPHA)

    return Judge("confidence sequence", lambda runs: _ever(runs, difference), NEVER_ABOVE)


def _msprt(world: TrialWorld, looks: int, ratio: int) -> Judge[Looks]:
    # an effect that a fixed test at the planned end would find with a power of 80 %
    mixture = 2.8 * world.std_dev() * ((1 + 1 / ratio) / (DAILY * looks)) ** 0.5

    def difference(pair: Pair) -> Estimate | Certain:
        return msprt_difference(*pair, mixture_sd=mixture, alpha=ALPHA)

    return Judge("mSPRT", lambda runs: _ever(runs, difference), NEVER_ABOVE)


def _misses(looks: int, ratio: int) -> dict[str, str]:
    """Say which methods miss their bar, and why."""
    planned = [f"group sequential, {name}" for name in SPENDING_NAMES.values()]
    if ratio > 1:
        few = (
            "the smaller variant has some five outcomes at its first look, too few for any test "
            "that leans on large numbers, and the larger does not offset that; look later"
        )
        return dict.fromkeys((*planned, "mSPRT"), few)
    tails = (
        "it spends much at the first look, where a t test on 500 such units is cautious: some "
        "0.3 % cross a level of 0.58 %"
    )
    return {planned[1]: tails} if looks < 28 else {}  # noqa: PLR2004  # where it is seen


def _ever(runs: Looks, infer: Callable[[Pair], Estimate | Certain]) -> Iterator[bool]:
    for looks in runs:
        yield any(
            isinstance(result, Estimate) and result.p_value < ALPHA for result in each(looks, infer)
        )


def _last(runs: Looks) -> Iterator[bool]:
    return _ever([looks[-1:] for looks in runs], _welch)


def _peeking(world: TrialWorld, words: str, looks: int, *, ratio: int = 1) -> Study:
    judges: list[Judge[Looks]] = [
        Judge("Welch at the planned end alone", _last),
        *(_group_sequential(looks, spending) for spending in Spending),
        _confidence_sequence(looks, ratio),
        _msprt(world, looks, ratio),
        Judge(
            "Welch at every look", lambda runs: _ever(runs, _welch), NO_BAR,
            "no valid use: what peeking costs",
        ),
        _as_if_alone(looks),
    ]  # fmt: skip
    judges = explained(judges, _misses(looks, ratio))
    entering = f"{ratio * DAILY:,} and {DAILY:,}" if ratio > 1 else f"{DAILY:,} a variant"
    title = f"{words}; {looks} looks, further units before each: {entering}"
    key = f"peeking/{world.key}/{looks}" + (f"/{ratio}-1" if ratio > 1 else "")
    return study(key, title, looking(world, looks, ratio=ratio), judges, chunk=500)


STUDIES = (
    *(
        _peeking(world, words, looks)
        for looks in (14, 28)
        for world, words in ((REVENUE, "Skewed revenue"), (BINARY, "Binary, 1 %"))
    ),
    *(_peeking(BINARY, f"{SPLIT}:1 split, binary, 1 %", looks, ratio=SPLIT) for looks in (14, 28)),
)
"""A number of looks and a world each."""
