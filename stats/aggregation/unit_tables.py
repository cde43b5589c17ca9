"""A table of unit values: where it comes from, what its columns mean, what it is reduced to."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias

from stats.aggregation.aggregates import MetricAggregates, UnitCount
from stats.aggregation.fact_files import Files
from stats.plan import Cap


class SupportsArrow(Protocol):
    """Whatever hands itself over as Arrow: pandas, Polars, PyArrow and Ibis tables do."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the Arrow C stream."""


Source: TypeAlias = Files | SupportsArrow


@dataclass(frozen=True, slots=True)
class UnitMetric:
    """A metric that a table of unit values has.

    Attributes:
        key: Its name in the result.
        outcome: Column of its value, or of the numerator of a ratio.
        denominator: Column of the denominator; `None` for a mean or a proportion.
        covariates: Columns known before the campaign, for variance reduction.
        cap: Where its values are winsorised, in the unit of the column.
    """

    key: str
    outcome: str
    denominator: str | None = None
    covariates: tuple[str, ...] = ()
    cap: Cap | None = None


@dataclass(frozen=True, slots=True)
class UnitColumns:
    """What the columns of a table of unit values are.

    Attributes:
        variants: Values of the variant column that count, in the order of the result.
        metrics: At least one.
        variant: Column of the variant.
        segments: Columns of text by which results are sliced.
        day: Column of the calendar day of first exposure; `None` without.
    """

    variants: tuple[str, ...]
    metrics: tuple[UnitMetric, ...]
    variant: str = "variant"
    segments: tuple[str, ...] = ()
    day: str | None = None


@dataclass(frozen=True, slots=True)
class UnitAggregates:
    """What inference needs of a table of unit values.

    Attributes:
        metrics: In the order given.
        units: Units per variant.
        units_by_day: Per day and variant; empty without a column of days.
        units_by_segment: Per segment, value and variant.
    """

    metrics: tuple[MetricAggregates, ...]
    units: tuple[UnitCount, ...]
    units_by_day: tuple[UnitCount, ...]
    units_by_segment: tuple[UnitCount, ...]
