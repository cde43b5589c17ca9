"""False alarms of the sample-ratio tests, when every unit goes where the plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stats.calibration.bar import NEVER_ABOVE, Bar, Kind
from stats.calibration.judges import ALPHA
from stats.calibration.study import Judge, Study, study
from stats.checks.shares import share_test
from stats.inference.dirichlet_multinomial import sequential_sample_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEVEL = 0.001
"""Level of each daily look."""

LOOKS = 28
DAILY = 1_000
"""Units of all variants that enter between two looks."""

Counts = list[list[tuple[int, int]]]
"""Units of control and treatment at each look, run by run."""


def _drawing(share: float) -> Callable[[np.random.Generator, int], Counts]:
    def draw(rng: np.random.Generator, runs: int) -> Counts:
        treated = np.cumsum(rng.binomial(DAILY, share, size=(runs, LOOKS)), axis=1)
        all_units = DAILY * np.arange(1, LOOKS + 1)
        return [
            list(zip(control, treatment, strict=True))
            for control, treatment in zip(
                (all_units - treated).tolist(), treated.tolist(), strict=True
            )
        ]

    return draw


def _off(looks: list[tuple[int, int]], share: float) -> bool:
    shares = {"control": 1 - share, "treatment": share}
    tests = (share_test({"control": c, "treatment": t}, shares) for c, t in looks)
    return any(test is not None and test.p_value < LEVEL for test in tests)


def _sequential(runs: Counts, share: float) -> Iterator[bool]:
    for looks in runs:
        yield any(
            sequential_sample_ratio(units, (1 - share, share)).found(ALPHA) for units in looks
        )


def _study(key: str, words: str, share: float) -> Study:
    # 0.87 % in 28 looks was computed before; a hundredth is what the check may cost in all
    in_all = Bar(Kind.AT_MOST, 0.01)
    judges: list[Judge[Counts]] = [
        Judge(
            "chi-squared below 0.001, one look",
            lambda runs: (_off(looks[-1:], share) for looks in runs),
            Bar(Kind.EQUAL, LEVEL),
        ),
        Judge(
            f"chi-squared below 0.001, any of {LOOKS} looks",
            lambda runs: (_off(looks, share) for looks in runs),
            in_all,
        ),
        Judge(
            f"Dirichlet-multinomial at 5 %, any of {LOOKS} looks",
            lambda runs: _sequential(runs, share),
            NEVER_ABOVE,
        ),
    ]
    title = f"{words}; {LOOKS} looks, {DAILY:,} further units before each"
    return study(f"sample-ratio/{key}", title, _drawing(share), judges)


STUDIES = (
    _study("even", "Even split", 0.5),
    _study("20-1", "20:1 split", 1 / 21),
)
"""A plan each."""
