"""Type-I error where units are few: exact tests, beside those that lean on large numbers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from stats.calibration.bar import NO_BAR, SAFE
from stats.calibration.draw import Draw, drawing
from stats.calibration.judges import ALPHA
from stats.calibration.methods import PROPORTIONS, WELCH
from stats.calibration.study import Judge, Study, study
from stats.errors import NoVariance
from stats.inference.exact import ExactTest, exact_test
from stats.inference.proportion import Proportion
from stats.simulation.trials.counted import binary

if TYPE_CHECKING:
    from collections.abc import Iterator

from dataclasses import replace

TEST_NAMES = {
    ExactTest.BOSCHLOO: "Boschloo",
    ExactTest.BARNARD: "Barnard",
    ExactTest.FISHER: "Fisher",
}
"""Exact tests in words."""


@cache  # no method; the same small tables come again and again
def _p_value(control: Proportion, treatment: Proportion, test: ExactTest) -> float | None:
    try:
        return exact_test(control, treatment, test=test).p_value
    except NoVariance:
        return None


def _exact(test: ExactTest) -> Judge[Draw]:
    def decide(draw: Draw) -> Iterator[bool | None]:
        for control, treatment in draw.means:
            p_value = _p_value(Proportion.of(control), Proportion.of(treatment), test)
            yield None if p_value is None else p_value < ALPHA

    return Judge(TEST_NAMES[test], decide, SAFE)


APPROXIMATE = [
    replace(judge, bar=NO_BAR, remark="for comparison; meant for more units")
    for judge in (WELCH, *PROPORTIONS)
]


def _study(rate: float, control: int, treatment: int) -> Study:
    world = binary("few", rate=rate, before=0.5, correlation=0)
    return study(
        f"small-samples/{rate:g}/{control}/{treatment}",
        f"Binary, {100 * rate:g} %; {control:,} units against {treatment:,}",
        drawing(world, control, treatment),
        [*(_exact(test) for test in TEST_NAMES), *APPROXIMATE],
        chunk=5_000,
    )


STUDIES = (_study(0.1, 100, 100), _study(0.1, 200, 20))
"""A size each."""
