"""A metric with less noise: what its covariates foretold taken out, or its outliers held."""

from stats.aggregation.aggregates import MetricAggregates
from stats.errors import CannotEstimate
from stats.inference.adjustment import Adjustment, adjusted_difference, variance_reduction
from stats.inference.cuped import cuped
from stats.inference.lift import lift
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse
from stats.scorecard.alternatives import (
    AdjustedResult,
    AdjustedValue,
    CappedResult,
    CappedValue,
    Reduction,
)
from stats.scorecard.compare import compare
from stats.scorecard.comparison import Comparison
from stats.scorecard.values import or_undefined, value_of


def adjustment_of(metric: MetricInUse, row: MetricAggregates) -> Adjustment | None:
    """Adjust every variant of a metric; `None` where it has no covariates or no units."""
    moments = [(v.variant, v.moments) for v in row.variants if v.moments is not None]
    if not metric.covariates or len(moments) < len(row.variants):
        return None
    return cuped(
        moments,
        covariates=metric.covariate_columns,
        ratio=metric.definition.kind is MetricKind.RATIO,
    )


def adjusted_result(
    plan: AnalysisPlan, metric: MetricInUse, adjustment: Adjustment
) -> AdjustedResult:
    """Compare the adjusted values, and say what the adjustment bought."""
    control = plan.control.key
    comparisons, reductions = [], []
    for treatment in (variant.key for variant in plan.treatments):
        comparisons.append(_comparison(plan, metric, adjustment, treatment))
        reductions.append(_reduction(adjustment, control, treatment))
    return AdjustedResult(
        method=adjustment.method,
        covariates=tuple(covariate.key for covariate in metric.covariates),
        thetas=adjustment.thetas,
        dropped=tuple(dropped.sentence for dropped in adjustment.dropped),
        variants=tuple(_value(adjustment, variant.key) for variant in plan.variants),
        comparisons=tuple(comparisons),
        reductions=tuple(reductions),
    )


def _comparison(
    plan: AnalysisPlan, metric: MetricInUse, adjustment: Adjustment, treatment: str
) -> Comparison:
    control = plan.control.key
    return Comparison(
        treatment=treatment,
        control=control,
        difference=or_undefined(
            lambda: adjusted_difference(
                adjustment, control=control, treatment=treatment, alpha=plan.alpha
            )
        ),
        lift=or_undefined(
            lambda: lift(
                adjustment.adjusted(control),
                adjustment.adjusted(treatment),
                alpha=plan.alpha,
                method=metric.lift_method,
            )
        ),
    )


def _value(adjustment: Adjustment, variant: str) -> AdjustedValue:
    try:
        point = adjustment.adjusted(variant)
    except CannotEstimate as error:
        return AdjustedValue(variant, None, None, error.sentence)
    return AdjustedValue(variant, point.value, point.std_error, "")


def _reduction(adjustment: Adjustment, control: str, treatment: str) -> Reduction:
    try:
        share = variance_reduction(adjustment, control=control, treatment=treatment)
    except CannotEstimate as error:
        return Reduction(treatment, None, error.sentence)
    return Reduction(treatment, share, "")


def capped_result(
    plan: AnalysisPlan, metric: MetricInUse, row: MetricAggregates
) -> CappedResult | None:
    """Compare the winsorised values; `None` where the metric has no cap."""
    if row.cap is None:
        return None
    capped = {v.variant: v.capped for v in row.variants if v.capped is not None}
    rows = {v.variant: v for v in row.variants}
    control = plan.control.key
    return CappedResult(
        cap=row.cap,
        variants=tuple(
            CappedValue(
                variant=variant,
                total=summary.total,
                cut=_total(rows[variant].summary) - summary.total,
                value=value_of(summary, metric.definition.kind, alpha=plan.alpha),
                capped_units=rows[variant].capped_units,
            )
            for variant, summary in capped.items()
        ),
        comparisons=tuple(
            compare(
                (control, capped[control]),
                (treatment.key, capped[treatment.key]),
                alpha=plan.alpha,
                lift_method=metric.lift_method,
            )
            for treatment in plan.treatments
            if control in capped and treatment.key in capped
        ),
    )


def _total(summary: object) -> float:
    total = getattr(summary, "total", None)
    return float(total) if isinstance(total, int | float) else 0.0
