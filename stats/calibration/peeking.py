"""Peeking: how often a test is ever significant when one looks every day, under A/A.

A look at too few outcomes is refused, as a scorecard does: planned looks by `check_planned_look`,
which asks for more the more uneven the split is, all others by `check_burn_in`. It is then no look:
it spends nothing, and the information of the others is that of the looks taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from stats.calibration.bar import NEVER_ABOVE, NO_BAR
from stats.calibration.judges import ALPHA, each
from stats.calibration.study import Judge, Study, study
from stats.errors import CannotEstimate
from stats.inference.adjustment import adjusted_difference
from stats.inference.burn_in import check_burn_in, check_planned_look
from stats.inference.confidence_sequence import Progress, sequence_difference
from stats.inference.cuped import cuped
from stats.inference.difference import point_difference
from stats.inference.group_sequential import Monitoring
from stats.inference.msprt import msprt_difference
from stats.inference.outcome import Estimate
from stats.inference.point import Point, mean_point
from stats.inference.spending import spent_by
from stats.plan.looks import Spending
from stats.simulation.trials import BINARY, REVENUE, Batch, accrued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np

    from stats.inference.outcome import Certain
    from stats.simulation.trials import TrialWorld

SPENDING_NAMES = {
    Spending.OBRIEN_FLEMING: "O'Brien-Fleming",
    Spending.POCOCK: "Pocock",
}
"""Ways to spend the error rate, in words."""

MOST = 28
"""Looks that are drawn: daily ones over four weeks."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look sees.

    Attributes:
        control: Its value so far.
        treatment: Its value so far.
        nonzero: Units of both whose value is not 0; `None` where they are surely enough.
    """

    control: Point
    treatment: Point
    nonzero: int | None

    def refused(self, check: Callable[..., None]) -> bool:
        """Whether a check of units and outcomes finds too few."""
        try:
            check((self.control.n, self.treatment.n), nonzero_units=self.nonzero)
        except CannotEstimate:
            return True
        return False


@dataclass(frozen=True, slots=True)
class Run:
    """The looks of one campaign that are taken.

    Attributes:
        looks: In order.
        fractions: Units at each of them, over those at the end.
        p_values: Welch's at each of them.
    """

    looks: tuple[Look, ...]
    fractions: tuple[float, ...]
    p_values: tuple[float, ...]

    @classmethod
    def of(cls, looks: Sequence[Look]) -> Run:
        """Leave out the looks that are refused whatever the method."""
        numbered = enumerate(looks, start=1)
        taken = [(at, look) for at, look in numbered if not look.refused(check_burn_in)]
        return cls(
            tuple(look for _, look in taken),
            tuple(at / len(looks) for at, _ in taken),
            tuple(map(_p_value, each((look for _, look in taken), _welch))),
        )

    def planned(self) -> Run:
        """Leave out those, too, that are refused as planned looks."""
        kept = [
            at
            for at, look in enumerate(self.looks)
            if not look.refused(partial(check_planned_look, final=self.fractions[at] == 1))
        ]
        return Run(
            tuple(self.looks[at] for at in kept),
            tuple(self.fractions[at] for at in kept),
            tuple(self.p_values[at] for at in kept),
        )


class Peeks:
    """Many campaigns, each looked at again and again."""

    def __init__(self, control: Sequence[Batch], treatment: Sequence[Batch], *, rare: bool) -> None:
        """Take the sums at each look, of equally many runs.

        Args:
            control: Of all its units so far.
            treatment: Of all its units so far.
            rare: Whether values are 0 or 1, and 1 may be too rare for a look.
        """
        self.control, self.treatment, self.rare = control, treatment, rare

    @cached_property
    def runs(self) -> list[Run]:
        """Every campaign with its looks."""
        looks = [
            self._looks(control, treatment)
            for control, treatment in zip(self.control, self.treatment, strict=True)
        ]
        return [Run.of(of_run) for of_run in zip(*looks, strict=True)]

    @cached_property
    def planned(self) -> list[Run]:
        """Every campaign with the looks that are taken where they are planned."""
        return [run.planned() for run in self.runs]

    def _looks(self, control: Batch, treatment: Batch) -> Iterator[Look]:
        pairs = zip(control.mean_summaries(), treatment.mean_summaries(), strict=True)
        for c, t in pairs:
            nonzero = int(c.total + t.total) if self.rare else None
            yield Look(mean_point(c), mean_point(t), nonzero)

    @cached_property
    def adjusted(self) -> list[Run]:
        """Every campaign with p-values adjusted for its first covariate."""
        found: list[list[float]] = [[] for _ in self.runs]
        for control, treatment in zip(self.control, self.treatment, strict=True):
            pairs = list(zip(control.moments(0, 1), treatment.moments(0, 1), strict=True))
            for of_run, pair in zip(found, pairs, strict=True):
                variants = [("control", pair[0]), ("treatment", pair[1])]
                adjustment = cuped(variants, covariates=["before"])
                result = adjusted_difference(
                    adjustment, control="control", treatment="treatment", alpha=ALPHA
                )
                of_run.append(_p_value(result))
        return [
            Run(run.looks, run.fractions, tuple(p_values[-len(run.looks) :]))
            for run, p_values in zip(self.planned, found, strict=True)
        ]


def _p_value(result: object) -> float:
    return result.p_value if isinstance(result, Estimate) else 1.0


def _welch(look: Look) -> Estimate | Certain:
    return point_difference(look.control, look.treatment, alpha=ALPHA)


def peeking(
    world: TrialWorld, control: int, treatment: int, *, looks: int = MOST
) -> Callable[[np.random.Generator, int], Peeks]:
    """Give what draws campaigns into which so many units come before each look."""

    def sums(rng: np.random.Generator, runs: int, units: int) -> tuple[Batch, ...]:
        return accrued([world.batch(rng, runs=runs, units=units) for _ in range(looks)])

    def draw(rng: np.random.Generator, runs: int) -> Peeks:
        both = sums(rng, runs, control), sums(rng, runs, treatment)
        return Peeks(*both, rare=world is BINARY)

    return draw


Levels = dict[tuple[float, ...], tuple[float, ...]]


def _crossing(
    runs: Iterable[Run], levels_at: Callable[[tuple[float, ...]], Sequence[float]]
) -> Iterator[bool | None]:
    """Tell for each run whether a look is significant at that look's level."""
    known: Levels = {}
    for run in runs:
        if run.fractions not in known:
            known[run.fractions] = tuple(levels_at(run.fractions)) if run.fractions else ()
        pairs = zip(run.p_values, known[run.fractions], strict=True)
        yield any(p_value < level for p_value, level in pairs) if run.looks else None


def group_sequential_levels(fractions: tuple[float, ...], spending: Spending) -> list[float]:
    """Give the levels that `planned_look` holds each look against."""
    monitoring = Monitoring(fractions, ALPHA, spending, final=True)
    return [look.nominal_alpha for look in monitoring.boundaries]


def _group_sequential(spending: Spending) -> Judge[Peeks]:
    name = f"group sequential, {SPENDING_NAMES[spending]}"
    return Judge(
        name,
        lambda drawn: _crossing(drawn.planned, lambda at: group_sequential_levels(at, spending)),
    )


def _adjusted(spending: Spending) -> Judge[Peeks]:
    name = f"group sequential, {SPENDING_NAMES[spending]}, of CUPED"
    return Judge(
        name,
        lambda drawn: _crossing(drawn.adjusted, lambda at: group_sequential_levels(at, spending)),
    )


def _as_if_alone(drawn: Peeks) -> Iterator[bool | None]:
    spending = Spending.OBRIEN_FLEMING
    return _crossing(
        drawn.runs, lambda at: [spent_by(one, alpha=ALPHA, spending=spending) for one in at]
    )


def _confidence_sequence(planned: int) -> Judge[Peeks]:
    def difference(look: Look) -> Estimate | Certain:
        progress = Progress(look.control.n + look.treatment.n, planned)
        return sequence_difference(
            look.control, look.treatment,
            progress=progress, alpha=ALPHA, nonzero_units=look.nonzero,
        )  # fmt: skip

    return Judge("confidence sequence", lambda drawn: _ever(drawn, difference), NEVER_ABOVE)


def _msprt(world: TrialWorld, control: int, treatment: int) -> Judge[Peeks]:
    # an effect that a fixed test at the planned end would find with a power of 80 %
    mixture = 2.8 * world.std_dev() * (1 / control + 1 / treatment) ** 0.5

    def difference(look: Look) -> Estimate | Certain:
        return msprt_difference(
            look.control, look.treatment,
            mixture_sd=mixture, alpha=ALPHA, nonzero_units=look.nonzero,
        )  # fmt: skip

    return Judge("mSPRT", lambda drawn: _ever(drawn, difference), NEVER_ABOVE)


def _ever(drawn: Peeks, infer: Callable[[Look], Estimate | Certain]) -> Iterator[bool | None]:
    for run in drawn.runs:
        found = each(run.looks, infer)
        yield any(_p_value(one) < ALPHA for one in found) if run.looks else None


def _last(drawn: Peeks) -> Iterator[bool | None]:
    for run in drawn.planned:
        yield run.p_values[-1] < ALPHA if run.looks else None


def _at_every_look(drawn: Peeks) -> Iterator[bool | None]:
    return _crossing(drawn.runs, lambda at: [ALPHA] * len(at))


def judges(
    world: TrialWorld, control: int, treatment: int, *, with_cuped: bool = False
) -> tuple[Judge[Peeks], ...]:
    """Give the ways to look again and again.

    Args:
        world: From which.
        control: Units of the control at the end.
        treatment: Units of the treatment at the end.
        with_cuped: Whether to look at adjusted estimates, too, which takes longer.
    """
    return (
        Judge("Welch at the planned end alone", _last),
        *(_group_sequential(spending) for spending in Spending),
        *(_adjusted(spending) for spending in Spending if with_cuped),
        _confidence_sequence(control + treatment),
        _msprt(world, control, treatment),
        Judge(
            "Welch at every look", _at_every_look, NO_BAR,
            "no valid use: what peeking costs",
        ),
        Judge(
            "O'Brien-Fleming levels as if each look were alone", _as_if_alone, NO_BAR,
            "another engine's rule, not offered here: all that is spent so far counts at each look",
        ),
    )  # fmt: skip


def titled(words: str, looks: int, control: int, treatment: int) -> str:
    """Name a world that is looked at again and again."""
    entering = f"{control:,} and {treatment:,}" if control > treatment else f"{control:,} a variant"
    return f"{words}; {looks} looks, further units before each: {entering}"


def _peeking(
    world: TrialWorld,
    words: str,
    looks: int,
    daily: tuple[int, int],
    *,
    with_cuped: bool = False,
    few: int | None = None,
) -> Study:
    title = titled(words, looks, *daily)
    ends = (looks * daily[0], looks * daily[1])
    split = daily[0] // daily[1]
    key = f"peeking/{world.key}/{looks}" + (f"/{split}-1" if split > 1 else "")
    key += "" if few is None else f"/{few}"
    return study(
        key,
        title,
        peeking(world, *daily, looks=looks),
        judges(world, *ends, with_cuped=with_cuped),
        chunk=500,
    )


STUDIES = (
    *(
        _peeking(world, words, looks, daily, with_cuped=world is REVENUE and looks < MOST)
        for looks in (14, MOST)
        for world, words, daily in (
            (REVENUE, "Skewed revenue", (28_000 // looks,) * 2),
            (BINARY, "Binary, 1 %", (5_000, 5_000)),
            (BINARY, "20:1 split, binary, 1 %", (400_000, 20_000)),
        )
    ),
    *(
        _peeking(BINARY, f"{split}:1 split, binary, 1 %, of which early looks see too little",
                 looks, (split * daily, daily), few=daily)
        for split, looks, daily in (
            (5, 14, 2_000), (20, 14, 2_000), (20, 14, 5_000), (20, MOST, 2_000)
        )
    ),
)  # fmt: skip
"""A number of looks and a world each."""
