"""Which columns a plan needs: totals per unit, values per unit, and what each metric reads of them.

Metrics share what they have in common: a total or a value that two of them need is one column.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import combinations_with_replacement

from stats.aggregation.terms import Period, UnitTotal
from stats.metric import MetricKind, Term, Window
from stats.plan import AnalysisPlan, Cap, Covariate, MetricInUse

HORIZONS = (1, 2, 3, 5, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730)
"""Days at which the OEC is also counted, as far as its window reaches beyond them."""


class Form(StrEnum):
    """What becomes of a unit's total."""

    TOTAL = "total"
    POSITIVE = "positive"  # 1 if it is above 0
    ABSENT = "absent"  # 1 if it is not


@dataclass(frozen=True, slots=True)
class UnitValue:
    """A value of every unit: signed totals added up, or whether they are above 0."""

    parts: tuple[tuple[UnitTotal, int], ...]
    form: Form

    @classmethod
    def of(cls, terms: Iterable[Term], period: Period, form: Form = Form.TOTAL) -> "UnitValue":
        """Give the value of some terms over a period."""
        return cls(tuple((UnitTotal.of(term, period), term.sign) for term in terms), form)


@dataclass(frozen=True, slots=True)
class MetricColumns:
    """The columns of unit values that one metric reads.

    Attributes:
        key: The metric's.
        outcome: Its value, or the numerator of a ratio.
        denominator: Of a ratio.
        covariates: In the order of the plan.
        capped: Its value, winsorised.
        cap: Where.
        closed: A unit is mature when at least so many of the plan's window ends have passed.
        ranged: Whether the lowest, the highest and the number of non-zero values are wanted.
        floating: Whether its columns are floating-point numbers, summed about pilot means.
    """

    key: str
    outcome: str
    denominator: str | None = None
    covariates: tuple[str, ...] = ()
    capped: str | None = None
    cap: Cap | None = None
    closed: int = 0
    ranged: bool = True
    floating: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All raw columns, in the order of `Moments`."""
        denominator = () if self.denominator is None else (self.denominator,)
        return (self.outcome, *denominator, *self.covariates)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Columns whose products are added up."""
        pairs = combinations_with_replacement(self.columns, 2)
        capped = () if self.capped is None else ((self.capped, self.capped),)
        return (*pairs, *capped)


@dataclass(frozen=True, slots=True)
class Layout:
    """All columns that a plan needs.

    Attributes:
        values: Unit values by column.
        metrics: In the order of the plan.
        horizons: The OEC at shorter windows: days, and its columns.
        ends: Window ends of all metrics, in days, ascending, each once.
        reach: The period in which every conversion that counts lies.
    """

    values: tuple[tuple[str, UnitValue], ...]
    metrics: tuple[MetricColumns, ...]
    horizons: tuple[tuple[int, MetricColumns], ...]
    ends: tuple[int, ...]
    reach: Period

    @property
    def totals(self) -> tuple[UnitTotal, ...]:
        """Every total that some value needs, each once; the columns `t0`, `t1`, …."""
        return tuple(dict.fromkeys(total for _, v in self.values for total, _ in v.parts))

    @property
    def binary(self) -> frozenset[str]:
        """Columns whose values are 0 and 1, and so equal to their squares."""
        return frozenset(name for name, value in self.values if value.form is not Form.TOTAL)

    @property
    def summed(self) -> tuple[MetricColumns, ...]:
        """Everything that is summed."""
        return (*self.metrics, *(columns for _, columns in self.horizons))

    def of(self, key: str) -> MetricColumns:
        """Give the columns of a metric."""
        return next(metric for metric in self.metrics if metric.key == key)

    def closed(self, window: Window) -> int:
        """Give how many window ends have passed once this window has closed."""
        return self.ends.index(window.end_days) + 1


@lru_cache(maxsize=64)
def layout_of(plan: AnalysisPlan, *, horizons: bool = True) -> Layout:
    """Lay out the columns of a plan.

    Args:
        plan: The plan.
        horizons: Whether the OEC is also counted at shorter windows.
    """
    columns: dict[UnitValue, str] = {}

    def column(value: UnitValue) -> str:
        return columns.setdefault(value, f"v{len(columns)}")

    ends = tuple(sorted({metric.effective_window.end_days for metric in plan.metrics}))
    metrics = tuple(
        MetricColumns(
            key=metric.key,
            outcome=column(_numerator(metric, Period.of(metric.effective_window))),
            denominator=_denominator(metric, Period.of(metric.effective_window), column),
            covariates=tuple(
                column(value) for one in metric.covariates for value in _covariate(metric, one)
            ),
            capped=None if metric.cap is None else f"c{i}",
            cap=metric.cap,
            closed=ends.index(metric.effective_window.end_days) + 1,
        )
        for i, metric in enumerate(plan.metrics)
    )
    oec = plan.oec
    shorter: list[tuple[int, MetricColumns]] = []
    if horizons and oec is not None and oec.definition.kind.is_summed:
        window = oec.effective_window
        for days in (d for d in HORIZONS if window.start_days < d < window.end_days):
            period = Period(window.start_days, days)
            outcome = column(_numerator(oec, period))
            denominator = _denominator(oec, period, column)
            closed = ends.index(window.end_days) + 1
            shorter.append(
                (days, MetricColumns(oec.key, outcome, denominator, closed=closed, ranged=False))
            )
    periods = [total.period for value in columns for total, _ in value.parts]
    if plan.funnel is not None and not plan.funnel.is_over_assigned:
        periods.append(Period.of(plan.funnel.window))
    return Layout(
        values=tuple((name, value) for value, name in columns.items()),
        metrics=metrics,
        horizons=tuple(shorter),
        ends=ends,
        reach=Period.spanning(periods),
    )


def _form(metric: MetricInUse) -> Form:
    if metric.definition.kind not in (MetricKind.PROPORTION, MetricKind.SURVIVAL):
        return Form.TOTAL
    return Form.ABSENT if metric.definition.absence else Form.POSITIVE


def _numerator(metric: MetricInUse, period: Period) -> UnitValue:
    return UnitValue.of(metric.definition.numerator, period, _form(metric))


def _denominator(
    metric: MetricInUse, period: Period, column: Callable[[UnitValue], str]
) -> str | None:
    terms = metric.definition.denominator
    return column(UnitValue.of(terms, period)) if terms else None


def _covariate(metric: MetricInUse, covariate: Covariate) -> tuple[UnitValue, ...]:
    period = Period.before(covariate.days)
    if covariate.numerator:
        return (UnitValue.of(covariate.numerator, period),)
    own = _numerator(metric, period)
    terms = metric.definition.denominator
    return (own, UnitValue.of(terms, period)) if terms else (own,)
