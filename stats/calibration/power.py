"""Power: is an effect found as often as the planning said?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stats.calibration.bar import Bar, Kind
from stats.calibration.draw import Draw, drawing
from stats.calibration.judges import ALPHA
from stats.calibration.methods import RATIO, WELCH, Adjusted
from stats.calibration.study import Judge, Study, study
from stats.inference.power import Baseline, PlannedTest, Sizes, power
from stats.inference.sample_size import smallest_effect, units_needed
from stats.simulation.trials import BINARY, ORDERS, RETENTION, REVENUE, Batch

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from stats.simulation.trials import TrialWorld

GOAL = 0.8
TEST = PlannedTest(ALPHA)


def expecting(
    judge: Judge[Draw], predicted: float, *, bar: bool = True, remark: str = ""
) -> Judge[Draw]:
    """Give a judge that is to find an effect as often as was planned."""
    kind = Kind.EQUAL if bar else Kind.SHOWN
    name = f"{judge.name}, planned for {100 * predicted:.2f} %"
    return Judge(name, judge.decide, Bar(kind, predicted), remark)


def _shifted(
    world: TrialWorld, sizes: tuple[int, int], effect: float, *, per: int | None = None
) -> Callable[[np.random.Generator, int], Draw]:
    """Give draws in which every unit of the treatment has so much more.

    Args:
        world: Of both variants.
        sizes: Units of control and treatment.
        effect: What is added to the outcome of each unit, or for each of its `per`.
        per: A column, such as that of orders.
    """

    def draw(rng: np.random.Generator, runs: int) -> Draw:
        control = world.batch(rng, runs=runs, units=sizes[0])
        treatment = world.batch(rng, runs=runs, units=sizes[1])
        return Draw(control, raised(treatment, effect, per))

    return draw


def raised(batch: Batch, effect: float, per: int | None = None) -> Batch:
    """Add to the outcome of every unit, and to the sums accordingly."""
    # Σ(y + e w) and Σ(y + e w)v from the sums over y, w and v; w is 1 or a column
    size = batch.units if per is None else batch.totals[:, per]
    crossed = batch.totals if per is None else batch.products[:, per]
    squared = batch.units if per is None else batch.products[:, per, per]
    totals, products = batch.totals.copy(), batch.products.copy()
    totals[:, 0] += effect * size
    products[:, 0] += effect * crossed
    products[:, :, 0] = products[:, 0]
    products[:, 0, 0] = (
        batch.products[:, 0, 0] + 2 * effect * crossed[:, 0] + effect * effect * squared
    )
    return Batch(batch.units, totals, products)


def _rate(world: TrialWorld, words: str, ratio: float, lift: float) -> Study:
    baseline = Baseline.rate(world.means()[0])
    effect = baseline.effect_of(lift)
    units = units_needed(baseline, effect, TEST, goal=GOAL, ratio=ratio).whole
    predicted = power(baseline, effect, Sizes(*units), TEST)
    title = f"{words}, true lift {lift:+.0%}; {units[0]:,} units against {units[1]:,}"
    draw = drawing(world, *units, lift=lift)
    key = f"power/{world.key}/{ratio:g}"
    return study(key, title, draw, [expecting(WELCH, predicted)])


def _revenue(units: tuple[int, int]) -> Study:
    sizes = Sizes(*units)
    raw = Baseline(REVENUE.means()[0], REVENUE.std_dev())
    adjusted = Baseline(raw.value, raw.sd, explained=REVENUE.correlation_with_before() ** 2)
    effect = smallest_effect(raw, sizes, TEST, goal=GOAL)
    cuped, _ = Adjusted((0, 1)).judges()
    title = (
        f"Skewed revenue, {effect:.3f} more for every unit (of {raw.value:.3f}); "
        f"{units[0]:,} units against {units[1]:,}"
    )
    judges = [
        expecting(WELCH, power(raw, effect, sizes, TEST)),
        expecting(cuped, power(adjusted, effect, sizes, TEST)),
    ]
    draw = _shifted(REVENUE, units, effect)
    return study(f"power/revenue/{units[0]}", title, draw, judges)


def _multiplied(units: int, lift: float) -> Study:
    sizes = Sizes(units, units)
    raw = Baseline(REVENUE.means()[0], REVENUE.std_dev())
    predicted = power(raw, raw.effect_of(lift), sizes, TEST)
    title = f"Skewed revenue, every amount {lift:+.0%}; {units:,} units against {units:,}"
    remark = (
        "an effect that multiplies amounts multiplies their spread, too, which planning does not "
        "foresee: plan for some more units"
    )
    judges = [expecting(WELCH, predicted, bar=False, remark=remark)]
    return study("power/multiplied", title, drawing(REVENUE, units, units, lift=lift), judges)


def _orders(units: int) -> Study:
    sizes = Sizes(units, units)
    spent, orders, *_ = ORDERS.means()
    ratio = spent / orders
    variance = (
        ORDERS.expected(2, 0) - 2 * ratio * ORDERS.expected(1, 1) + ratio**2 * ORDERS.expected(0, 2)
    )
    baseline = Baseline(ratio, math.sqrt(variance) / orders)
    effect = smallest_effect(baseline, sizes, TEST, goal=GOAL)
    title = (
        f"Ratio of revenue to clustered orders, {effect:.3f} more for every order "
        f"(of {ratio:.3f}); {units:,} units against {units:,}"
    )
    judges = [expecting(RATIO, power(baseline, effect, sizes, TEST))]
    return study("power/ratio", title, _shifted(ORDERS, (units, units), effect, per=1), judges)


STUDIES = (
    _rate(BINARY, "Binary, 1 %", 1, 0.2),
    _rate(BINARY, "20:1 split, binary, 1 %", 1 / 20, 0.05),
    _rate(RETENTION, "20:1 split, active on day 28, 38 %", 1 / 20, 0.05),
    _revenue((5_000, 5_000)),
    _multiplied(5_000, 0.2),
    _orders(5_000),
)
"""A world and a size each."""
