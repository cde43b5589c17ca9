"""What a regression of drivers is fitted to: columns of levels and numbers, rows with weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stats.errors import InvalidSummary, MissingColumn, NonFiniteValue, NullInColumn, TooFewUnits
from stats.summary import MISSING, DriverPatterns

if TYPE_CHECKING:
    import pyarrow as pa  # results are read without it

Array: TypeAlias = NDArray[np.float64]
ROWS = "drivers"


@dataclass(frozen=True, slots=True)
class DriverColumn:
    """One column of the design.

    Attributes:
        factor: Name of the attribute.
        level: The level that it marks; `None` of a numeric attribute.
        reference: The level it is compared with; `None` of a numeric attribute.
        units: Units of that level; all units of a numeric attribute.
        successes: Those of them with the outcome.
    """

    factor: str
    level: str | None
    reference: str | None
    units: int
    successes: int


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Rows that are alike stand once, with their number as weight.

    Attributes:
        columns: What each column after the intercept is.
        matrix: Rows by (1 + columns); the first column is the intercept.
        outcome: 0 or 1 per row.
        weights: Units per row.
        clusters: Which cluster each row is of; `None` where units are independent.
    """

    columns: tuple[DriverColumn, ...]
    matrix: Array
    outcome: Array
    weights: Array
    clusters: NDArray[np.int64] | None = None

    @property
    def units(self) -> int:
        """Units in all."""
        return int(self.weights.sum())

    @property
    def successes(self) -> int:
        """Units with the outcome."""
        return int((self.weights * self.outcome).sum())

    def without(self, dropped: Sequence[int], rows: NDArray[np.bool_]) -> "Design":
        """Give the design without some columns (numbered from 0) and with some rows."""
        kept = [i for i in range(len(self.columns)) if i not in set(dropped)]
        return Design(
            tuple(self.columns[i] for i in kept),
            self.matrix[rows][:, np.array([0, *(i + 1 for i in kept)])],
            self.outcome[rows],
            self.weights[rows],
            None if self.clusters is None else self.clusters[rows],
        )


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Which columns of a table of units are what.

    Attributes:
        outcome: True or false, 1 or 0.
        factors: Categories, read as text, the variant among them; null is a level of its own.
        numbers: Numbers, taken as they are.
        clusters: What names the cluster of each unit, such as its household; `None` where units
            are independent.
    """

    outcome: str
    factors: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    clusters: str | None = None


def design_of_patterns(patterns: DriverPatterns, references: Mapping[str, str]) -> Design:
    """Lay out counted patterns: two rows each, with and without the outcome.

    Args:
        patterns: Units counted by factors.
        references: The level that others are compared with, by factor; by default the one with
            most units.

    Raises:
        TooFewUnits: There is no unit.
        InvalidSummary: A reference is not among the levels of its factor.
    """
    if not patterns.units:
        raise TooFewUnits(0, 1)
    ones = [(p.levels, 1.0, p.successes) for p in patterns.patterns if p.successes]
    zeros = [(p.levels, 0.0, p.units - p.successes) for p in patterns.patterns
             if p.units > p.successes]  # fmt: skip
    rows = ones + zeros
    outcome = np.array([row[1] for row in rows])
    weights = np.array([row[2] for row in rows], dtype=np.float64)
    columns: list[DriverColumn] = []
    parts = [np.ones(len(rows))]
    for i, factor in enumerate(patterns.factors):
        levels = np.array([row[0][i] for row in rows], dtype=object)
        found, marks = _levels(factor, levels, outcome, weights, references)
        columns += found
        parts += marks
    return Design(tuple(columns), np.column_stack(parts), outcome, weights)


def design_of_rows(table: "pa.Table", names: RowColumns, references: Mapping[str, str]) -> Design:
    """Lay out unit rows: the one place of the library that reads them.

    Args:
        table: One row per unit.
        names: Which of its columns are what.
        references: As in `design_of_patterns`.

    Raises:
        MissingColumn: The table lacks a column.
        NullInColumn: The outcome, a number or a cluster is null.
        NonFiniteValue: A number is NaN or infinite.
        InvalidSummary: The outcome is neither 0 nor 1, or a reference is no level.
        TooFewUnits: There is no row.
    """
    outcome, clusters = names.outcome, names.clusters
    of_clusters = () if clusters is None else (clusters,)
    for name in (outcome, *names.factors, *names.numbers, *of_clusters):
        if name not in table.column_names:
            raise MissingColumn(ROWS, name, table.column_names)
    if not table.num_rows:
        raise TooFewUnits(0, 1)
    y = _numbers(table, outcome)
    if not np.isin(y, (0.0, 1.0)).all():
        message = f"the outcome {outcome} must be 0 or 1 (true or false) for every unit"
        raise InvalidSummary(message)
    weights = np.ones(len(y))
    columns: list[DriverColumn] = []
    parts = [np.ones(len(y))]
    for factor in names.factors:
        texts = table.column(factor).cast("string").to_pylist()
        levels = np.array([MISSING if text is None else text for text in texts], dtype=object)
        found, marks = _levels(factor, levels, y, weights, references)
        columns += found
        parts += marks
    for name in names.numbers:
        columns.append(DriverColumn(name, None, None, len(y), int(y.sum())))
        parts.append(_numbers(table, name))
    groups = None
    if clusters is not None:
        _refuse_nulls(table, clusters)
        labels = np.array(table.column(clusters).cast("string").to_pylist(), dtype=object)
        groups = np.unique(labels, return_inverse=True)[1].astype(np.int64)
    return Design(tuple(columns), np.column_stack(parts), y, weights, groups)


def _levels(
    factor: str, levels: NDArray[np.object_], y: Array, weights: Array, chosen: Mapping[str, str]
) -> tuple[list[DriverColumn], list[Array]]:
    """Give an indicator of every level of a factor but its reference."""
    units = {str(one): int(weights[levels == one].sum()) for one in sorted(set(levels.tolist()))}
    reference = chosen.get(factor, max(units, key=lambda one: (units[one], one)))
    if reference not in units:
        message = f"no unit has {factor} = {reference!r}; it has {', '.join(units)}"
        raise InvalidSummary(message)
    columns, marks = [], []
    for level, count in units.items():
        if level == reference:
            continue
        mark = (levels == level).astype(np.float64)
        successes = int((weights * mark * y).sum())
        columns.append(DriverColumn(factor, level, reference, count, successes))
        marks.append(mark)
    return columns, marks


def _refuse_nulls(table: "pa.Table", name: str) -> None:
    nulls = table.column(name).null_count
    if nulls:
        raise NullInColumn(ROWS, name, nulls)


def _numbers(table: "pa.Table", name: str) -> Array:
    _refuse_nulls(table, name)
    values = np.asarray(table.column(name).to_numpy(), dtype=np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        raise NonFiniteValue(name, float(values[bad][0]))
    return values
