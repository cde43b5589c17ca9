"""Cells as numbers: rows added up, and what each metric reads of the sums."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from stats.aggregation.answers import whole
from stats.aggregation.cells import sum_name
from stats.aggregation.engine import Row, Rows
from stats.aggregation.layout import MetricColumns
from stats.moments import Moments
from stats.summary import MeanSummary, RatioSummary

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of some cells together.

    Attributes:
        n: Units.
        numbers: Sums, lowest and highest values by the names that `cells` gives them.
        binary: Columns of 0 and 1.
    """

    n: int
    numbers: Mapping[str, int]
    binary: frozenset[str]

    @classmethod
    def of(cls, rows: Iterable[Row], binary: frozenset[str]) -> "Tally":
        """Add cells up."""
        n, numbers = 0, dict[str, int]()
        for row in rows:
            n += whole(row["n"])
            for name, value in row.items():
                if name.startswith(("sum_", "nonzero_")):
                    numbers[name] = numbers.get(name, 0) + whole(value)
                elif name.startswith("low_v"):
                    numbers[name] = min(numbers.get(name, whole(value)), whole(value))
                elif name.startswith("high_v"):
                    numbers[name] = max(numbers.get(name, whole(value)), whole(value))
        return cls(n, numbers, binary)

    @classmethod
    def together(cls, tallies: Iterable["Tally"], binary: frozenset[str]) -> "Tally":
        """Add tallies up."""
        return cls.of(({"n": tally.n, **tally.numbers} for tally in tallies), binary)

    def total(self, left: str, right: str | None = None) -> int:
        """Give the sum of a column, or of the products of two; 0 without units."""
        if left == right and left in self.binary:
            right = None
        return self.numbers.get(sum_name(left, right), 0)

    def moments(self, metric: MetricColumns) -> Moments:
        """Give the moments of all columns of a metric."""
        columns = metric.columns
        return Moments.from_sums(
            self.n,
            [self.total(column) for column in columns],
            [[self.total(left, right) for right in columns] for left in columns],
        )

    def capped(self, metric: MetricColumns) -> MeanSummary | None:
        """Give the summary of a metric's winsorised values."""
        name = metric.capped
        if name is None:
            return None
        return MeanSummary.from_sums(self.n, self.total(name), self.total(name, name))

    def nonzero(self, metric: MetricColumns) -> int:
        """Count the units whose value is not zero."""
        if metric.outcome in self.binary:
            return self.total(metric.outcome)
        return self.numbers.get(f"nonzero_{metric.outcome}", 0)

    def lowest(self, metric: MetricColumns) -> int | None:
        """Give the lowest value."""
        if metric.outcome in self.binary:
            return int(self.nonzero(metric) == self.n) if self.n else None
        return self.numbers.get(f"low_{metric.outcome}")

    def highest(self, metric: MetricColumns) -> int | None:
        """Give the highest value."""
        if metric.outcome in self.binary:
            return int(self.nonzero(metric) > 0) if self.n else None
        return self.numbers.get(f"high_{metric.outcome}")


def summary_of(metric: MetricColumns, moments: Moments) -> MeanSummary | RatioSummary:
    """Give the summary of the outcome, or of the ratio."""
    return moments.mean_summary() if metric.denominator is None else moments.ratio_summary()


def grouped(rows: Rows, key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    """Sort rows into groups."""
    groups: dict[Key, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups
