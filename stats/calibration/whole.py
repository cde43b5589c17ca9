"""The whole way to a decision: planned looks at several treatments, by `stats.scorecard.oec`.

What the scorecard calls significant is judged, with everything between the values of the variants
and that word: looks that are refused, nominal error rates, repeated p-values, Holm's correction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from stats.calibration.bar import NEVER_ABOVE
from stats.calibration.judges import ALPHA
from stats.calibration.peeking import SPENDING_NAMES
from stats.calibration.study import Judge, Study, study
from stats.inference.difference import point_difference
from stats.inference.outcome import Estimate
from stats.inference.point import Point, mean_point
from stats.metric import Direction, MetricDefinition, MetricKind, MetricUnit, Term, Window
from stats.plan import (
    AnalysisPlan,
    LookKind,
    Looks,
    MetricInUse,
    MetricRole,
    PlannedVariant,
    RandomizationUnit,
    Spending,
)
from stats.scorecard.looks import Counted, Information, LookDue
from stats.scorecard.oec import oec_result
from stats.simulation.trials import BINARY, REVENUE, accrued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from stats.simulation.trials import TrialWorld

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DATES = tuple(BEGIN + timedelta(weeks=week) for week in range(1, 6))
"""Five weekly looks."""

VARIANTS = ("control", "first", "second", "third")

METRIC = MetricInUse(
    MetricDefinition(
        key="outcome",
        name="Outcome",
        description="What a unit did.",
        kind=MetricKind.MEAN,
        numerator=(Term(("outcome",)),),
        unit=MetricUnit.COUNT,
        direction=Direction.HIGHER,
        window=Window(1),
    ),
    MetricRole.OEC,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """All variants at one look.

    Attributes:
        points: The value of each.
        nonzero: Units of each whose value is not 0; `None` where they are surely enough.
    """

    points: dict[str, Point]
    nonzero: dict[str, int | None]

    @property
    def units(self) -> int:
        """Units of all variants together."""
        return sum(point.n for point in self.points.values())

    @property
    def counted(self) -> dict[str, Counted]:
        """What each variant had."""
        return {key: Counted(one.n, self.nonzero[key]) for key, one in self.points.items()}

    @property
    def worth_a_look(self) -> bool:
        """Whether any treatment would be significant by itself, at this look alone.

        Otherwise nothing is: neither looks nor corrections make a p-value smaller.
        """
        control, *treatments = self.points.values()
        results = [point_difference(control, t, alpha=ALPHA) for t in treatments]
        return any(isinstance(one, Estimate) and one.p_value < ALPHA for one in results)


Campaigns = list[tuple[Seen, ...]]


def campaigns(world: TrialWorld, weekly: int) -> Callable[[np.random.Generator, int], Campaigns]:
    """Give what draws campaigns into which so many units of each variant come in a week."""

    def draw(rng: np.random.Generator, runs: int) -> Campaigns:
        seen: list[list[Seen]] = [[Seen({}, {}) for _ in DATES] for _ in range(runs)]
        for variant in VARIANTS:
            steps = [world.batch(rng, runs=runs, units=weekly) for _ in DATES]
            for at, look in enumerate(accrued(steps)):
                for run, summary in enumerate(look.mean_summaries()):
                    some = int(summary.total) if world is BINARY else None
                    seen[run][at].points[variant] = mean_point(summary)
                    seen[run][at].nonzero[variant] = some
        return [tuple(looks) for looks in seen]

    return draw


def planned(spending: Spending, units: int) -> AnalysisPlan:
    """Give the plan of such a campaign: Holm's correction is the default."""
    return AnalysisPlan(
        campaign="calibration",
        phase=1,
        randomization_unit=RandomizationUnit.MEMBER,
        variants=tuple(PlannedVariant(key, None, key == VARIANTS[0]) for key in VARIANTS),
        metrics=(METRIC,),
        currency="TWD",
        currency_exponent=2,
        time_zone="UTC",
        looks=Looks(
            kind=LookKind.PLANNED, dates=DATES, spending=spending, planned_units=units
        ),
    )  # fmt: skip


def found(campaign: tuple[Seen, ...], plan: AnalysisPlan, number: int) -> bool:
    """Tell whether a scorecard calls a treatment significant at a look, counted from 1."""
    now = campaign[number - 1]
    information = Information(
        as_of=DATES[number - 1],
        started_at=BEGIN,
        units=now.units,
        looks=tuple(
            LookDue(at, seen.units, seen.counted)
            for at, seen in zip(DATES, campaign[:number], strict=False)
        ),
        over=False,
        nonzero=now.nonzero,
    )
    result = oec_result(plan, METRIC, now.points, information)
    return any(treatment.significant for treatment in result.treatments)


def _ever(drawn: Campaigns, spending: Spending) -> Iterator[bool]:
    plan = planned(spending, drawn[0][-1].units)
    for campaign in drawn:
        yield any(
            seen.worth_a_look and found(campaign, plan, number)
            for number, seen in enumerate(campaign, start=1)
        )


def _judge(spending: Spending) -> Judge[Campaigns]:
    name = f"Holm, group sequential, {SPENDING_NAMES[spending]}"
    return Judge(name, lambda drawn: _ever(drawn, spending), NEVER_ABOVE)


def _study(world: TrialWorld, words: str, weekly: int) -> Study:
    title = (
        f"{words}; {len(VARIANTS) - 1} treatments and a control, {len(DATES)} looks, "
        f"further units before each: {weekly:,} a variant"
    )
    judges = [_judge(spending) for spending in Spending]
    draw = campaigns(world, weekly)
    return study(f"whole/{world.key}", title, draw, judges, runs=1_000, chunk=50)


STUDIES = (
    _study(REVENUE, "Skewed revenue", 2_000),
    _study(BINARY, "Binary, 1 %, of which the first look sees too little", 1_500),
)
"""A world each."""
