"""Rows of means and variances, read and checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

import pyarrow as pa

from stats.errors import InvalidSummary, MissingColumn, UnusableValues
from stats.moments import Moments
from stats.notebook.effect import AS_GIVEN, Measure
from stats.summary import MeanSummary, RatioSummary

LookValue: TypeAlias = date | float
RELATION = "summaries"
ONLY_METRIC = "value"


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are what; see `analyse_summaries`."""

    variant: str
    metric: str | None
    look: str | None
    binary: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """A sound row.

    Attributes:
        metric: Key of the metric.
        look: When; 0 where there is one look.
        variant: Key of the variant.
        measure: How the metric is called and measured.
        summary: Its mean or ratio.
        moments: With a covariate; `None` without.
        nonzero_units: Of a binary metric; `None` where unknown.
    """

    metric: str
    look: LookValue
    variant: str
    measure: Measure
    summary: MeanSummary | RatioSummary
    moments: Moments | None
    nonzero_units: int | None

    @property
    def n(self) -> int:
        """Units."""
        return self.summary.n


@dataclass(frozen=True, slots=True)
class Missing:
    """A row without a variance."""

    metric: str
    look: LookValue
    variant: str
    detail: str


def measure_of(metric: str, *, binary: bool) -> Measure:
    """Say what a metric of summaries is called and measured in."""
    return Measure(metric, metric, "", "share" if binary else AS_GIVEN)


def read_summaries(table: pa.Table, columns: Columns) -> tuple[list[Known], list[Missing]]:
    """Read every row, in the order given.

    Raises:
        MissingColumn: A column is not there.
        UnusableValues: A number of units or a mean is missing or not finite.
        InvalidSummary: Something no data can have, or two rows for one variant and look.
    """
    named = (columns.variant, columns.metric, columns.look, "n", "mean", "variance")
    for name in named:
        if name is not None and name not in table.column_names:
            raise MissingColumn(RELATION, name, table.column_names)
    for name in ("n", "mean"):
        broken = sum(not _is_finite(value) for value in table.column(name).to_pylist())
        if broken:
            raise UnusableValues(name, broken)
    known: list[Known] = []
    missing: list[Missing] = []
    seen = set()
    for row in table.to_pylist():
        variant = str(row[columns.variant])
        metric = ONLY_METRIC if columns.metric is None else str(row[columns.metric])
        look = 0.0 if columns.look is None else _look(row[columns.look])
        if (metric, look, variant) in seen:
            message = f"two rows for the variant {variant!r} of {metric!r} at the look {look}"
            raise InvalidSummary(message)
        seen.add((metric, look, variant))
        one = _read(row, metric, look, variant, binary=metric in columns.binary)
        (missing if isinstance(one, Missing) else known).append(one)  # type: ignore[arg-type] # by its type
    return known, missing


def _read(
    row: Mapping[str, object], metric: str, look: LookValue, variant: str, *, binary: bool
) -> Known | Missing:
    n, mean = _number(row["n"]), _number(row["mean"])
    if n != int(n) or n < 0:
        message = f"{n:g} units of {variant!r}; a whole number is needed"
        raise InvalidSummary(message)
    units = int(n)
    variance = row["variance"]
    if binary and not _is_finite(variance):
        variance = mean * (1 - mean) * units / (units - 1) if units > 1 else 0.0
    if not _is_finite(variance):
        return Missing(metric, look, variant, f"the variance of {variant} is missing")
    squares = _squares(variance, units)
    y = MeanSummary(units, mean * units, squares)
    summary: MeanSummary | RatioSummary = y
    moments = None
    if _is_finite(row.get("denominator_mean")):
        summary = RatioSummary(y, _second(row, "denominator", units), _co_moment(row, units))
    elif _is_finite(row.get("covariate_mean")):
        x = _second(row, "covariate", units)
        both = _co_moment(row, units)
        moments = Moments(units, (y.total, x.total), ((squares, both), (both, x.centred_squares)))
    return Known(metric, look, variant, measure_of(metric, binary=binary), summary, moments,
                 round(mean * units) if binary else None)  # fmt: skip


def _second(row: Mapping[str, object], name: str, units: int) -> MeanSummary:
    mean = _number(row[f"{name}_mean"])
    return MeanSummary(units, mean * units, _squares(_of(row, f"{name}_variance"), units))


def _co_moment(row: Mapping[str, object], units: int) -> float:
    return _of(row, "covariance") * max(0, units - 1)


def _of(row: Mapping[str, object], column: str) -> float:
    if column not in row:
        raise MissingColumn(RELATION, column, row)
    if not _is_finite(row[column]):
        raise UnusableValues(column, 1)
    return _number(row[column])


def _squares(variance: object, units: int) -> float:
    number = _number(variance)
    if number < 0:
        message = f"a variance of {number:g}; no data have a negative one"
        raise InvalidSummary(message)
    return number * max(0, units - 1)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _number(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    message = f"{value!r} came where a number is needed"
    raise InvalidSummary(message)


def _look(value: object) -> LookValue:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return _number(value)
