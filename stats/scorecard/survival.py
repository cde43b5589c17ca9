"""The survival curves of a metric, from the times of its units."""

import math

from stats.aggregation.aggregates import MetricAggregates
from stats.inference.cox import hazard_ratios
from stats.inference.survival import kaplan_meier, log_rank, median_time
from stats.plan import AnalysisPlan, MetricInUse
from stats.scorecard.curves import CurvePoint, SurvivalResult, VariantCurve
from stats.scorecard.values import Times, or_undefined, summaries_of


def survival_result(
    plan: AnalysisPlan, metric: MetricInUse, row: MetricAggregates
) -> SurvivalResult | None:
    """Give curves and tests of a survival metric; `None` for other kinds, and without units."""
    times = {
        key: summary
        for key, summary in summaries_of(metric, row).items()
        if isinstance(summary, Times)
    }
    if not times or any(not summary.n for summary in times.values()):
        return None
    summaries = {key: one.summary for key, one in times.items()}
    control = plan.control.key
    treatments = {variant.key: summaries[variant.key] for variant in plan.treatments}
    return SurvivalResult(
        until_day=next(iter(times.values())).until_day,
        curves=tuple(_curve(variant.key, times[variant.key], plan) for variant in plan.variants),
        log_rank=or_undefined(lambda: log_rank(summaries)),
        hazard_ratios=or_undefined(
            lambda: hazard_ratios(summaries[control], treatments, alpha=plan.alpha)
        ),
    )


def _curve(variant: str, times: Times, plan: AnalysisPlan) -> VariantCurve:
    curve = kaplan_meier(times.summary, alpha=plan.alpha)
    days = [float(day) for day in range(math.ceil(times.until_day) + 1)]
    days[-1] = min(days[-1], times.until_day)
    at_risk = curve.at_risk_on(days)
    points = []
    passed = 0
    last = None
    for day, left in zip(days, at_risk, strict=True):
        while passed < len(curve.points) and curve.points[passed].day <= day:
            last = curve.points[passed]
            passed += 1
        points.append(
            CurvePoint(day, left, 1.0, None, None)
            if last is None
            else CurvePoint(day, left, last.survival, last.ci_low, last.ci_high)
        )
    return VariantCurve(
        variant=variant,
        n=curve.n,
        events=curve.total_events,
        median=or_undefined(lambda: median_time(curve)),
        points=tuple(points),
    )
