"""A study: many runs of one world, several methods that judge each run, and a bar for each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from stats.calibration.bar import NOMINAL, Bar, Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np

D = TypeVar("D")


@dataclass(frozen=True)  # with slots, Python 3.11 cannot make a Judge[Draw]
class Judge(Generic[D]):
    """A method, as it is counted.

    Attributes:
        name: In the table.
        decide: Tells for each run of a draw whether it is counted (the test rejects, the interval
            holds the truth); None where the method gives no result.
        bar: For the share that is counted.
        remark: What a reader must know to read the row.
        miss: Why the bar is missed, where that is known; the small version passes such a row by.
    """

    name: str
    decide: Callable[[D], Iterable[bool | None]]
    bar: Bar = NOMINAL
    remark: str = ""
    miss: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one method did over some runs.

    Attributes:
        counted: Runs in which it rejected, or held the truth.
        defined: Runs in which it gave a result.
    """

    counted: int = 0
    defined: int = 0

    def __add__(self, other: Self) -> Self:
        """Count both."""
        return replace(
            self, counted=self.counted + other.counted, defined=self.defined + other.defined
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A method's line in a table, without what was measured.

    Attributes:
        name: Of the method.
        bar: For the share.
        remark: What a reader must know.
        miss: Why the bar is missed, where that is known.
    """

    name: str
    bar: Bar
    remark: str = ""
    miss: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """Many runs of one world.

    Attributes:
        key: Its own; the random numbers depend on it.
        title: The world in words, with its units.
        runs: How many, at full size.
        chunk: Runs that are drawn together; part of what the random numbers depend on.
        rows: Methods, in the order of the table.
        tally: Draws some runs and counts, for each row.
    """

    key: str
    title: str
    runs: int
    chunk: int
    rows: tuple[Row, ...]
    tally: Callable[[np.random.Generator, int], tuple[Tally, ...]]

    def chunks(self, runs: int) -> tuple[int, ...]:
        """Divide a number of runs into chunks."""
        whole, rest = divmod(runs, self.chunk)
        return (self.chunk,) * whole + ((rest,) if rest else ())


def study(
    key: str,
    title: str,
    draw: Callable[[np.random.Generator, int], D],
    judges: Sequence[Judge[D]],
    *,
    runs: int = 20_000,
    chunk: int = 1_000,
) -> Study:
    """Make a study: all judges see the same runs."""

    def tally(rng: np.random.Generator, some: int) -> tuple[Tally, ...]:
        drawn = draw(rng, some)
        tallies = []
        for judge in judges:
            decided = [result for result in judge.decide(drawn) if result is not None]
            tallies.append(Tally(sum(map(bool, decided)), len(decided)))
        return tuple(tallies)

    rows = tuple(Row(judge.name, judge.bar, judge.remark, judge.miss) for judge in judges)
    return Study(key, title, runs, chunk, rows, tally)


def without_bar(judges: Sequence[Judge[D]], remarks: Mapping[str, str]) -> list[Judge[D]]:
    """Hold some judges, by name, to no bar in a study, and say why.

    Raises:
        KeyError: No judge has that name.
    """
    named = {judge.name: judge for judge in judges}
    for name, remark in remarks.items():
        bar = replace(named[name].bar, kind=Kind.SHOWN)
        named[name] = replace(named[name], bar=bar, remark=remark, miss="")
    return list(named.values())


@dataclass(frozen=True, slots=True)
class Measured:
    """A row with what was measured.

    Attributes:
        row: The method and its bar.
        tally: What it did.
        runs: Runs drawn.
    """

    row: Row
    tally: Tally
    runs: int

    @property
    def share(self) -> float:
        """The share counted, of the runs with a result; 0 where there was none."""
        return self.tally.counted / self.tally.defined if self.tally.defined else 0.0

    @property
    def undefined(self) -> int:
        """Runs without a result."""
        return self.runs - self.tally.defined

    def verdict(self, slack: float | None = None) -> Verdict:
        """Tell whether the bar is met; a method without any result meets none."""
        if self.tally.defined == 0:
            return Verdict.MISSED
        return self.row.bar.verdict(self.share, self.tally.defined, slack=slack)


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the page: several studies of one kind.

    Attributes:
        key: Its own.
        title: Heading.
        text: What is asked, and how to read the answer.
        counted: Heading of the column of shares.
        studies: Its worlds.
    """

    key: str
    title: str
    text: str
    counted: str
    studies: tuple[Study, ...]
