"""Which columns a plan needs: totals per unit, values per unit, and what each metric reads of them.

Metrics share what they have in common: a total or a value that two of them need is one column.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import combinations_with_replacement

from stats.aggregation.terms import Period, Reach, UnitTotal
from stats.metric import (
    Aggregate,
    Among,
    Condition,
    MetricDefinition,
    MetricKind,
    Term,
    Window,
    scale_of,
    weights_of,
)
from stats.plan import AnalysisPlan, Cap, Covariate, MarginKnown, MetricInUse, MoneyPlan

HORIZONS = (1, 2, 3, 5, 7, 14, 21, 30, 45, 60, 90, 120, 180, 270, 365, 540, 730)
"""Days at which the OEC is also counted, as far as its window reaches beyond them."""

MARGIN, COST = (
    Condition(name, at_least=-(Decimal(10) ** 12)) for name in ("margin_minor", "cost_minor")
)
WITHOUT_MARGIN = (
    Term(("order",)),
    Term(("order",), sign=-1, where=(MARGIN,)),
    Term(("order",), sign=-1, where=(COST,)),
    Term(("order",), where=(MARGIN, COST)),
)
"""Orders that say neither margin nor cost: those that say both were taken off twice."""


class Form(StrEnum):
    """What becomes of a unit's total."""

    TOTAL = "total"
    POSITIVE = "positive"  # 1 if it is above 0
    ABSENT = "absent"  # 1 if it is not


@dataclass(frozen=True, slots=True)
class UnitValue:
    """A value of every unit: weighted totals added up, or whether they are above 0.

    Attributes:
        parts: Totals and what each is multiplied by.
        constant: What every unit has.
        form: What becomes of the sum.
        among: Which units have a value at all; the others have null.
    """

    parts: tuple[tuple[UnitTotal, int], ...]
    form: Form
    constant: int = 0
    among: Among | None = None

    @classmethod
    def of(
        cls,
        terms: Sequence[Term],
        period: Period,
        form: Form = Form.TOTAL,
        *,
        of: MetricDefinition | None = None,
    ) -> "UnitValue":
        """Give the value of some terms over a period.

        Args:
            terms: What is added up.
            period: In which events count.
            form: What becomes of the sum.
            of: The metric whose scale, horizon and units hold; without one the terms' own scale.
        """
        days = period.end_days - (period.start_days or 0)
        horizon = None if of is None else of.horizon_days
        scale = scale_of(terms) if of is None else scale_of(of.terms, projected=of.is_forecast)
        weights = weights_of(terms, scale=scale, days=days, horizon_days=horizon)
        weighted = list(zip(terms, weights, strict=True))
        return cls(
            tuple(
                (UnitTotal.of(term, period), weight)
                for term, weight in weighted
                if term.aggregate is not Aggregate.UNIT
            ),
            form,
            sum(weight for term, weight in weighted if term.aggregate is Aggregate.UNIT),
            None if of is None else of.among,
        )


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
        scale: How many steps of its outcome and denominator make one.
        covariate_scales: The same of each covariate.
        is_among: Whether some units have no value: null, and not counted.
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
    scale: int = 1
    covariate_scales: tuple[int, ...] = ()
    is_among: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All raw columns, in the order of `Moments`."""
        denominator = () if self.denominator is None else (self.denominator,)
        return (self.outcome, *denominator, *self.covariates)

    @property
    def scales(self) -> tuple[int, ...]:
        """The scale of every column, in the same order."""
        own = (self.scale,) if self.denominator is None else (self.scale, self.scale)
        return (*own, *(self.covariate_scales or (1,) * len(self.covariates)))

    @property
    def fixed_point(self) -> frozenset[str]:
        """Columns in steps of less than one, whose squares leave 64 bits early."""
        return frozenset(
            name for name, scale in zip(self.columns, self.scales, strict=True) if scale > 1
        )

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
        money: What units brought and cost, as `stats.aggregation.money` has it; `None` where the
            plan does not ask.
        ends: Window ends of all of them, in days, ascending, each once.
        reach: Where every conversion that counts lies.
    """

    values: tuple[tuple[str, UnitValue], ...]
    metrics: tuple[MetricColumns, ...]
    horizons: tuple[tuple[int, MetricColumns], ...]
    ends: tuple[int, ...]
    reach: Reach
    money: MetricColumns | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of units that decide whether they have a value, each once."""
        found = (value.among.attribute for _, value in self.values if value.among is not None)
        return tuple(dict.fromkeys(found))

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
        money = () if self.money is None else (self.money,)
        return (*self.metrics, *(columns for _, columns in self.horizons), *money)

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

    windows = [metric.effective_window for metric in plan.metrics]
    windows += [] if plan.money is None else [plan.money.window]
    ends = tuple(sorted({window.end_days for window in windows}))
    metrics = tuple(
        MetricColumns(
            key=metric.key,
            outcome=column(_numerator(metric, Period.of(metric.effective_window))),
            denominator=_denominator(metric, Period.of(metric.effective_window), column),
            covariates=tuple(
                column(value) for one in metric.covariates for value, _ in _covariate(metric, one)
            ),
            capped=None if metric.cap is None else f"c{i}",
            cap=metric.cap,
            closed=ends.index(metric.effective_window.end_days) + 1,
            scale=metric.definition.scale,
            covariate_scales=tuple(
                scale for one in metric.covariates for _, scale in _covariate(metric, one)
            ),
            is_among=metric.definition.among is not None,
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
            horizon = MetricColumns(oec.key, outcome, denominator, closed=closed, ranged=False,
                                    scale=oec.definition.scale,
                                    is_among=oec.definition.among is not None)  # fmt: skip
            shorter.append((days, horizon))
    money = None if plan.money is None else _money(plan.money, ends, column)
    totals = [total for value in columns for total, _ in value.parts]
    periods = [total.period for total in totals]
    if plan.funnel is not None and not plan.funnel.is_over_assigned:
        periods.append(Period.of(plan.funnel.window))
    return Layout(
        values=tuple((name, value) for value, name in columns.items()),
        metrics=metrics,
        horizons=tuple(shorter),
        ends=ends,
        reach=Reach(
            Period.spanning(periods),
            tuple(
                sorted({e for t in totals if t.period.start_days is None for e in t.term.events})
            ),
        ),
        money=money,
    )


def _money(
    money: MoneyPlan, ends: tuple[int, ...], column: Callable[[UnitValue], str]
) -> MetricColumns:
    """Lay out what `stats.aggregation.money` has the moments of."""
    period = Period.of(money.window)
    missing = () if money.margin_known is MarginKnown.BY_RATE else WITHOUT_MARGIN
    values = [
        (UnitValue.of(money.reward_cost, period), scale_of(money.reward_cost)),
        (UnitValue.of(money.contact_cost, period), scale_of(money.contact_cost)),
        (UnitValue.of(money.upgrade, period, Form.POSITIVE), 1),
        (UnitValue.of(money.rewards, period), scale_of(money.rewards)),
        (UnitValue.of(missing, period), 1),
    ]
    if money.covariate_days:
        before = UnitValue.of(money.gross_margin, Period.before(money.covariate_days))
        values.append((before, scale_of(money.gross_margin)))
    return MetricColumns(
        key="money",
        outcome=column(UnitValue.of(money.gross_margin, period)),
        covariates=tuple(column(value) for value, _ in values),
        closed=ends.index(money.window.end_days) + 1,
        ranged=False,
        scale=scale_of(money.gross_margin),
        covariate_scales=tuple(scale for _, scale in values),
    )


def _form(metric: MetricInUse) -> Form:
    if metric.definition.kind not in (MetricKind.PROPORTION, MetricKind.SURVIVAL):
        return Form.TOTAL
    return Form.ABSENT if metric.definition.absence else Form.POSITIVE


def _numerator(metric: MetricInUse, period: Period) -> UnitValue:
    definition = metric.definition
    return UnitValue.of(definition.numerator, period, _form(metric), of=definition)


def _denominator(
    metric: MetricInUse, period: Period, column: Callable[[UnitValue], str]
) -> str | None:
    terms = metric.definition.denominator
    return column(UnitValue.of(terms, period, of=metric.definition)) if terms else None


def _covariate(metric: MetricInUse, covariate: Covariate) -> tuple[tuple[UnitValue, int], ...]:
    """Give the columns of a covariate, each with its scale."""
    period, definition = Period.before(covariate.days), metric.definition
    if covariate.numerator:
        value = replace(UnitValue.of(covariate.numerator, period), among=definition.among)
        return ((value, scale_of(covariate.numerator)),)
    own = (_numerator(metric, period), definition.scale)
    if not definition.denominator:
        return (own,)
    return (own, (UnitValue.of(definition.denominator, period, of=definition), definition.scale))
