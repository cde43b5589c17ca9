"""Cells as numbers: rows added up, and what each metric reads of the sums."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from stats.aggregation.answers import whole
from stats.aggregation.cells import sum_name
from stats.aggregation.engine import Row, Rows
from stats.aggregation.layout import MetricColumns
from stats.moments import Moments
from stats.summary import MeanSummary, RatioSummary

Key = TypeVar("Key", bound=Hashable)


NOT_NUMBERS = frozenset({"low_start", "high_start"})


@dataclass(frozen=True, slots=True)
class ReadCell:
    """A cell as the engine answered it, its numbers read once.

    Attributes:
        row: With its keys.
        n: Units.
        numbers: Sums, lowest and highest values by the names that `cells` gives them.
    """

    row: Row
    n: int
    numbers: Mapping[str, int | float]


def read_cells(rows: Rows) -> list[ReadCell]:
    """Read the numbers of cells."""
    if not rows:
        return []
    prefixes = ("sum_", "nonzero_", "over_", "low_", "high_", "count_")
    names = [name for name in rows[0] if name.startswith(prefixes) and name not in NOT_NUMBERS]
    return [
        ReadCell(
            row,
            whole(row["n"]),
            # null where no unit of the cell has a value
            {name: _number(row[name]) for name in names if row[name] is not None},
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the columns of cells are.

    Attributes:
        binary: Columns of 0 and 1.
        pilots: About what floating-point columns are summed.
    """

    binary: frozenset[str] = frozenset()
    pilots: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of some cells together.

    Attributes:
        n: Units.
        numbers: Sums, lowest and highest values by the names that `cells` gives them.
        frame: What the columns are.
    """

    n: int
    numbers: Mapping[str, int | float]
    frame: "Frame"

    @classmethod
    def of(cls, cells: Sequence["ReadCell"], frame: "Frame") -> "Tally":
        """Add cells up."""
        if len(cells) == 1:
            return cls(cells[0].n, cells[0].numbers, frame)
        n, numbers = 0, dict[str, int | float]()
        for cell in cells:
            n += cell.n
            for name, value in cell.numbers.items():
                if name not in numbers:
                    numbers[name] = value
                elif name.startswith("low_"):
                    numbers[name] = min(numbers[name], value)
                elif name.startswith("high_"):
                    numbers[name] = max(numbers[name], value)
                else:
                    numbers[name] += value
        return cls(n, numbers, frame)

    @classmethod
    def together(cls, tallies: Iterable["Tally"], frame: "Frame") -> "Tally":
        """Add tallies up."""
        return cls.of([ReadCell({}, tally.n, tally.numbers) for tally in tallies], frame)

    def total(self, left: str, right: str | None = None) -> int | float:
        """Give the sum of a column, or of the products of two; 0 without units.

        Of floating-point columns: about their pilots.
        """
        if left == right and left in self.frame.binary:
            right = None
        return self.numbers.get(sum_name(left, right), 0)

    def units(self, metric: MetricColumns) -> int:
        """Count the units that have a value."""
        if not metric.is_among:
            return self.n
        return int(self.numbers.get(f"count_{metric.outcome}", 0))

    def moments(self, metric: MetricColumns) -> Moments:
        """Give the moments of all columns of a metric, in its own unit."""
        return self._moments(metric, metric.columns, metric.scales)

    def _moments(
        self, metric: MetricColumns, columns: tuple[str, ...], scales: tuple[int, ...]
    ) -> Moments:
        n = self.units(metric)
        totals = [self.total(column) for column in columns]
        products = [[self.total(left, right) for right in columns] for left in columns]
        if metric.floating:
            pilots = [self.frame.pilots[column] for column in columns]
            return Moments.from_shifted(n, pilots, totals, products)
        return Moments.from_sums(
            n, list(map(int, totals)), [list(map(int, row)) for row in products], scales=scales
        )

    def capped(self, metric: MetricColumns) -> MeanSummary | None:
        """Give the summary of a metric's winsorised values."""
        if metric.capped is None:
            return None
        return self._moments(metric, (metric.capped,), (metric.scale,)).mean_summary()

    def over_cap(self, metric: MetricColumns) -> int | None:
        """Count the units whose value lies above the cap; `None` without a cap."""
        return None if metric.capped is None else int(self.numbers.get(f"over_{metric.capped}", 0))

    def nonzero(self, metric: MetricColumns) -> int:
        """Count the units whose value is not zero."""
        if metric.outcome in self.frame.binary:
            return int(self.total(metric.outcome))
        return int(self.numbers.get(f"nonzero_{metric.outcome}", 0))

    def lowest(self, metric: MetricColumns) -> int | float | None:
        """Give the lowest value, in steps of the metric's scale."""
        n = self.units(metric)
        if metric.outcome in self.frame.binary:
            return int(self.nonzero(metric) == n) if n else None
        return self.numbers.get(f"low_{metric.outcome}")

    def highest(self, metric: MetricColumns) -> int | float | None:
        """Give the highest value, in steps of the metric's scale."""
        if metric.outcome in self.frame.binary:
            return int(self.nonzero(metric) > 0) if self.units(metric) else None
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


def _number(value: object) -> int | float:
    if isinstance(value, float):
        return value
    if isinstance(value, Decimal | int):  # an exact sum arrives as a decimal without places
        return int(value)
    message = f"the engine answered {value!r} where a number was asked for"
    raise TypeError(message)
