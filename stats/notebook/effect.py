"""Effects as rows: what tables and plots of a notebook show, one value for all kinds of input.

A number is in the unit that `unit` names, money in major units. What could not be computed is
`None`, and status and sentence say why.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from stats.inference.outcome import (
    Certain,
    Estimate,
    Lift,
    Rate,
    UnboundedLift,
    Undefined,
)
from stats.plan import AnalysisPlan, EstimateUsed, MetricInUse
from stats.scorecard.alternatives import CappedResult
from stats.scorecard.comparison import (
    Comparison,
    DifferenceOutcome,
    LiftOutcome,
    VariantValue,
)
from stats.scorecard.document import MetricResult, Scorecard

AS_GIVEN = "as given"
"""The unit of values that came without one."""


class EstimateKind(StrEnum):
    """Which of a metric's estimates a row is."""

    RAW = "raw"  # as it is
    ADJUSTED = "adjusted"  # less what covariates foretold
    CAPPED = "capped"  # outliers held
    DECIDING = "deciding"  # of the OEC: under the plan's looks and corrected for its treatments


@dataclass(frozen=True, slots=True)
class Measure:
    """What a metric is called and measured in.

    Attributes:
        key: Key of the metric.
        name: Its name for readers.
        role: What it is for; empty where it has no role.
        unit: What one of its values is: a currency, `share`, `count`, `days`, or `as given`.
        divisor: What numbers of the scorecard are divided by, 100 for money in pence.
    """

    key: str
    name: str
    role: str
    unit: str
    divisor: int = 1

    @classmethod
    def of_result(cls, scorecard: Scorecard, metric: MetricResult) -> "Measure":
        """Read it from a scorecard."""
        in_use = next(one for one in scorecard.plan.metrics if one.key == metric.key)
        return cls.of_plan(scorecard.plan, in_use)

    @classmethod
    def of_plan(cls, plan: AnalysisPlan, metric: MetricInUse) -> "Measure":
        """Read it from a plan."""
        money = metric.definition.is_money
        return cls(
            metric.key,
            metric.definition.name,
            metric.role.value,
            plan.currency if money else metric.definition.unit.value,
            10**plan.currency_exponent if money else 1,
        )

    def scaled(self, number: float | None) -> float | None:
        """Give a number of the scorecard in this unit."""
        return None if number is None else number / self.divisor


@dataclass(frozen=True, slots=True)
class Level:
    """A variant's own value.

    Attributes:
        metric: Key of the metric.
        variant: Key of the variant.
        units: Units it is over.
        value: In the metric's unit.
        ci_low: Lower end of its interval.
        ci_high: Upper end.
    """

    metric: str
    variant: str
    units: int
    value: float | None
    ci_low: float | None
    ci_high: float | None

    @classmethod
    def of(cls, measure: Measure, variant: str, units: int, value: VariantValue) -> "Level":
        """Read it from what inference gave."""
        estimate = None if isinstance(value, Undefined) else value.estimate
        low, high = (value.ci_low, value.ci_high) if isinstance(value, Rate) else (None, None)
        scaled = measure.scaled
        return cls(measure.key, variant, units, scaled(estimate), scaled(low), scaled(high))


@dataclass(frozen=True, slots=True)
class Effect:
    """One comparison of a treatment with the control.

    Attributes:
        measure: The metric.
        estimate: Which of its estimates.
        segment: Name of the segment; `None` for all units.
        value: Value of the segment; `None` for units without it.
        treatment: Key of the treatment.
        control: Key of the control.
        control_units: Units of the control.
        treatment_units: Units of the treatment.
        control_value: The control's value; `None` where there is none.
        treatment_value: The treatment's.
        difference: Treatment minus control.
        ci_low: Lower end of the interval of the difference.
        ci_high: Upper end.
        p_value: Two-sided, of no difference.
        lift: Difference over the control's value, 0.1 for 10 % more.
        lift_low: Lower end of the interval of the lift.
        lift_high: Upper end.
        alpha: Two-sided error rate of the intervals.
        method: How they were made.
        status: `estimated`, `certain`, or why there is no difference.
        sentence: The same in words.
    """

    measure: Measure
    estimate: EstimateKind
    segment: str | None
    value: str | None
    treatment: str
    control: str
    control_units: int
    treatment_units: int
    control_value: float | None
    treatment_value: float | None
    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    alpha: float | None
    method: str
    status: str
    sentence: str

    @property
    def is_significant(self) -> bool | None:
        """Whether the interval leaves out 0; `None` where there is none."""
        if self.ci_low is None or self.ci_high is None:
            return None
        return self.ci_low > 0 or self.ci_high < 0


@dataclass(frozen=True, slots=True)
class Where:
    """Which units and which estimate an effect is of."""

    estimate: EstimateKind = EstimateKind.RAW
    segment: str | None = None
    value: str | None = None


ALL_UNITS = Where()


@dataclass(frozen=True, slots=True)
class Pair:
    """The two values that are compared, and how many units each is over."""

    treatment: str
    control: str
    control_units: int
    treatment_units: int
    control_value: float | None = None
    treatment_value: float | None = None


def effect_of(
    measure: Measure,
    pair: Pair,
    difference: DifferenceOutcome,
    relative: LiftOutcome,
    where: Where = ALL_UNITS,
    *,
    p_value: float | None = None,
) -> Effect:
    """Give the row of one comparison.

    Args:
        measure: The metric.
        pair: What is compared, in the units of the scorecard.
        difference: As inference gave it.
        relative: The lift as inference gave it.
        where: Which units and which estimate.
        p_value: Replaces that of the difference, where looks or treatments share the error rate.
    """
    scaled = measure.scaled
    low, high, own_p, alpha, method, sentence = _interval(difference)
    lift_low, lift_high = _span(relative)
    return Effect(
        measure=measure,
        estimate=where.estimate,
        segment=where.segment,
        value=where.value,
        treatment=pair.treatment,
        control=pair.control,
        control_units=pair.control_units,
        treatment_units=pair.treatment_units,
        control_value=scaled(pair.control_value),
        treatment_value=scaled(pair.treatment_value),
        difference=None if isinstance(difference, Undefined) else scaled(difference.estimate),
        ci_low=scaled(low),
        ci_high=scaled(high),
        p_value=own_p if p_value is None else p_value,
        lift=None if isinstance(relative, Undefined) else relative.estimate,
        lift_low=lift_low,
        lift_high=lift_high,
        alpha=alpha,
        method=method,
        status=str(difference.status),
        sentence=sentence or (relative.sentence if isinstance(relative, Undefined) else ""),
    )


def _interval(
    outcome: DifferenceOutcome,
) -> tuple[float | None, float | None, float | None, float | None, str, str]:
    match outcome:
        case Estimate():
            return (
                outcome.ci_low,
                outcome.ci_high,
                outcome.p_value,
                outcome.alpha,
                outcome.method.value,
                "",
            )
        case Certain():
            return outcome.estimate, outcome.estimate, None, None, "", outcome.sentence
        case Undefined():
            return None, None, None, None, "", outcome.sentence


def _span(outcome: LiftOutcome) -> tuple[float | None, float | None]:
    match outcome:
        case Lift() | UnboundedLift():
            return outcome.ci_low, outcome.ci_high
        case Certain():
            return outcome.estimate, outcome.estimate
        case Undefined():
            return None, None


def effects_of(scorecard: Scorecard) -> tuple[Effect, ...]:
    """Give every comparison of a scorecard: of all units, then of segments, metric by metric."""
    return tuple(
        effect
        for metric in scorecard.metrics
        for effect in (
            *effects_of_metric(Measure.of_result(scorecard, metric), metric),
            *_deciding(scorecard, metric),
            *segments_of_metric(Measure.of_result(scorecard, metric), metric),
        )
    )


def _values(metric: MetricResult) -> dict[str, tuple[int, float | None]]:
    return {
        one.variant: (one.n, None if isinstance(one.value, Undefined) else one.value.estimate)
        for one in metric.variants
    }


def _pair(metric: MetricResult, comparison: Comparison, values: dict[str, float | None]) -> Pair:
    units = {variant: n for variant, (n, _) in _values(metric).items()}
    return Pair(
        comparison.treatment,
        comparison.control,
        units[comparison.control],
        units[comparison.treatment],
        values.get(comparison.control),
        values.get(comparison.treatment),
    )


def effects_of_metric(measure: Measure, metric: MetricResult) -> Iterator[Effect]:
    """Give the raw, adjusted and capped comparisons of one metric."""
    raw = {variant: value for variant, (_, value) in _values(metric).items()}
    for one in metric.comparisons:
        yield effect_of(measure, _pair(metric, one, raw), one.difference, one.lift)
    if metric.adjusted is not None:
        adjusted = {v.variant: v.value for v in metric.adjusted.variants}
        where = Where(EstimateKind.ADJUSTED)
        for one in metric.adjusted.comparisons:
            yield effect_of(measure, _pair(metric, one, adjusted), one.difference, one.lift, where)
    if metric.capped is not None:
        capped = _capped(metric.capped)
        where = Where(EstimateKind.CAPPED)
        for one in metric.capped.comparisons:
            yield effect_of(measure, _pair(metric, one, capped), one.difference, one.lift, where)


def _capped(capped: CappedResult) -> dict[str, float | None]:
    return {
        one.variant: None if isinstance(one.value, Undefined) else one.value.estimate
        for one in capped.variants
    }


def segments_of_metric(measure: Measure, metric: MetricResult) -> Iterator[Effect]:
    """Give the comparisons within each value of each segment of one metric."""
    controls = {one.treatment: one.control for one in metric.comparisons}
    for segment in metric.segments:
        for one in segment.effects:
            pair = Pair(
                one.treatment, controls[one.treatment], one.control_units, one.treatment_units
            )
            where = Where(EstimateKind.RAW, segment.name, one.value or "(none)")
            yield effect_of(measure, pair, one.difference, one.lift, where)


def _deciding(scorecard: Scorecard, metric: MetricResult) -> Iterator[Effect]:
    oec = scorecard.oec
    if oec is None or oec.metric != metric.key:
        return
    values = {variant: value for variant, (_, value) in _values(metric).items()}
    if oec.estimate is EstimateUsed.ADJUSTED and metric.adjusted is not None:
        values = {one.variant: one.value for one in metric.adjusted.variants}
    elif oec.estimate is EstimateUsed.CAPPED and metric.capped is not None:
        values = _capped(metric.capped)
    measure = Measure.of_result(scorecard, metric)
    for one, comparison in zip(oec.treatments, metric.comparisons, strict=True):
        yield effect_of(
            measure,
            _pair(metric, comparison, values),
            one.difference,
            one.lift,
            Where(EstimateKind.DECIDING),
            p_value=one.adjusted_p_value,
        )


def levels_of(scorecard: Scorecard) -> tuple[Level, ...]:
    """Give every variant's own value in every metric."""
    return tuple(
        Level.of(Measure.of_result(scorecard, metric), one.variant, one.n, one.value)
        for metric in scorecard.metrics
        for one in metric.variants
    )
