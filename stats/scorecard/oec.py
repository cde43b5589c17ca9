"""The metric that decides, under the plan's looks and corrected for its treatments.

One number per treatment turns a fixed-horizon interval into the one that decides: the error rate
at which it is made. Several treatments share the campaign's rate (multiplicity), and planned looks
each have a nominal rate (Lan and DeMets), so every interval here is an ordinary one at a rate of
its own, for the difference and for the lift alike. A confidence sequence has its own half-width.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from stats.errors import CannotEstimate
from stats.inference.bayes import EffectPosterior, effect_posterior
from stats.inference.best import chance_to_be_best
from stats.inference.confidence_sequence import Progress, sequence_difference, sequence_lift
from stats.inference.difference import point_difference
from stats.inference.group_sequential import repeated_p_value
from stats.inference.lift import lift
from stats.inference.multiplicity import Adjusted, Correction, adjust
from stats.inference.outcome import Certain, Estimate, Method, Undefined
from stats.inference.point import Point
from stats.metric import Direction
from stats.plan import AnalysisPlan, DecisionScale, EstimateUsed, LookKind, MetricInUse
from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome
from stats.scorecard.costs import costs_of
from stats.scorecard.looks import (
    Information,
    LookTaken,
    PlannedLooks,
    look_taken,
    planned_looks,
)
from stats.scorecard.values import as_normal, or_undefined

Points: TypeAlias = Mapping[str, Point | Undefined]
"""The value of every variant, or why it has none."""


@dataclass(frozen=True, slots=True)
class OecTreatment:
    """One treatment by the metric that decides.

    Attributes:
        treatment: Its key.
        difference: With the interval that decides.
        lift: With the interval that decides.
        p_value: Valid under the plan's looks; `None` without an estimate.
        adjusted_p_value: Of it, corrected for the number of treatments.
        significant: Whether that is below alpha.
        level: Error rate of the interval that decides: that of the rule's threshold, corrected for
            the number of treatments.
        posterior: The Bayesian view, with a flat prior; `None` without an estimate.
    """

    treatment: str
    difference: DifferenceOutcome
    lift: LiftOutcome
    p_value: float | None
    adjusted_p_value: float | None
    significant: bool | None
    level: float
    posterior: EffectPosterior | None


@dataclass(frozen=True, slots=True)
class OecResult:
    """The metric that decides.

    Attributes:
        metric: Its key.
        estimate: Which estimate decides: raw, adjusted by covariates, or capped.
        looks: Which looks keep the error rate.
        look: Of planned looks: the present one; `None` before the first.
        correction: How several treatments share the error rate.
        treatments: In the order of the plan.
        chance_to_be_best: Per variant, the control included; empty without estimates.
    """

    metric: str
    estimate: EstimateUsed
    looks: LookKind
    look: LookTaken | None
    correction: Correction
    treatments: tuple[OecTreatment, ...]
    chance_to_be_best: Mapping[str, float]


def oec_result(
    plan: AnalysisPlan,
    metric: MetricInUse,
    points: Points,
    information: Information,
    *,
    method: Method = Method.WELCH,
) -> OecResult:
    """Judge every treatment by the metric that decides.

    Args:
        plan: With the looks and the correction.
        metric: The OEC.
        points: Value of every variant by the estimate that decides.
        information: How far the campaign is.
        method: How a difference of such values is called.
    """
    looks = {t.key: planned_looks(plan, information, t.key) for t in plan.treatments}
    correction = Correction.of(plan.multiplicity)
    sequence = plan.looks.kind is LookKind.CONTINUOUS
    if sequence and correction is not Correction.NONE:
        # a sequence is tuned to one error rate, so that its treatments share it evenly
        correction = Correction.BONFERRONI
    judged = _Judged(plan, metric, points, information, looks, correction, method)
    p_values = {t.key: judged.p_value(t.key, judged.pair) for t in plan.treatments}
    adjusted = _adjusted(plan, p_values, correction)
    # the levels are those of the rule's own hypotheses, which are not always those of no difference
    held = {t.key: judged.p_value(t.key, judged.held) for t in plan.treatments}
    by_rule = adjusted if held == p_values else _adjusted(plan, held, correction)
    return OecResult(
        metric=metric.key,
        estimate=plan.decision_rule.estimate,
        looks=plan.looks.kind,
        look=look_taken(plan, information, looks),
        correction=correction,
        treatments=tuple(
            judged.treatment(
                t.key,
                p_values[t.key],
                adjusted.get(t.key),
                judged.level(t.key, by_rule.get(t.key)),
            )
            for t in plan.treatments
        ),
        chance_to_be_best=_best(plan, metric, points),
    )


def _adjusted(
    plan: AnalysisPlan, p_values: Mapping[str, float | None], correction: Correction
) -> Mapping[str, Adjusted]:
    known = {key: p for key, p in p_values.items() if p is not None}
    corrected = adjust(
        tuple(known.values()),
        alpha=plan.alpha,
        correction=correction,
        family=len(plan.treatments),
    )
    return dict(zip(known, corrected, strict=True))


@dataclass(frozen=True, slots=True)
class _Judged:
    """Everything that a treatment is judged with."""

    plan: AnalysisPlan
    metric: MetricInUse
    points: Points
    information: Information
    looks: Mapping[str, PlannedLooks | None]
    correction: Correction
    method: Method

    def pair(self, treatment: str) -> tuple[Point, Point]:
        """Give control and treatment.

        Raises:
            CannotEstimate: One of them has no value.
        """
        return defined(self.points[self.plan.control.key]), defined(self.points[treatment])

    def held(self, treatment: str) -> tuple[Point, Point]:
        """Give both, moved so that no difference between them is the threshold of the rule.

        Raises:
            CannotEstimate: One of them has no value.
        """
        control, treated = self.pair(treatment)
        rule = self.plan.decision_rule
        threshold = float(rule.threshold)
        if self.metric.definition.direction is Direction.LOWER:
            threshold = -threshold
        match rule.scale:
            case DecisionScale.LIFT:
                ratio = 1 + threshold * (1 if control.value >= 0 else -1)
                scaled = replace(
                    control, value=ratio * control.value, std_error=abs(ratio) * control.std_error
                )
                return scaled, treated
            case DecisionScale.DIFFERENCE:
                moved = threshold
            case DecisionScale.INCREMENTAL_MARGIN:
                costs = costs_of(self.plan, treatment, self.information.counted)
                moved = costs.per_unit_of(threshold)
        return control, replace(treated, value=treated.value - moved)

    @property
    def progress(self) -> Progress:
        """How far a confidence sequence is."""
        return Progress(max(1, self.information.units), self.plan.looks.planned_units)

    def nonzero(self, treatment: str) -> int | None:
        """Give the units of both variants whose value is not zero: too few make no normal mean."""
        counts = [self.information.nonzero.get(v) for v in (self.plan.control.key, treatment)]
        known = [count for count in counts if count is not None]
        return sum(known) if len(known) == len(counts) else None

    def shared(self) -> float:
        """Give the error rate of one of several sequences."""
        uncorrected = self.correction is Correction.NONE
        return self.plan.alpha / (1 if uncorrected else len(self.plan.treatments))

    def p_value(self, treatment: str, pair: Callable[[str], tuple[Point, Point]]) -> float | None:
        """Give the p-value of no difference between two points that is valid at this look."""
        looks = self.looks[treatment]
        try:
            control, treated = pair(treatment)
            monitoring = None if looks is None else looks.taken()
            if self.plan.looks.kind is LookKind.CONTINUOUS:
                found = sequence_difference(
                    control,
                    treated,
                    progress=self.progress,
                    alpha=self.shared(),
                    nonzero_units=self.nonzero(treatment),
                )
            else:
                found = point_difference(control, treated, alpha=self.plan.alpha)
        except CannotEstimate:
            return None
        if isinstance(found, Certain):
            return 0.0
        return found.p_value if monitoring is None else repeated_p_value(found.p_value, monitoring)

    def level(self, treatment: str, adjusted: Adjusted | None) -> float:
        """Give the error rate at which the interval that decides is made."""
        if self.plan.looks.kind is LookKind.CONTINUOUS:
            return self.shared()
        campaign = self.shared() if adjusted is None else adjusted.level
        looks = self.looks[treatment]
        return campaign if looks is None else looks.level(campaign)

    def treatment(
        self, treatment: str, p_value: float | None, adjusted: Adjusted | None, level: float
    ) -> OecTreatment:
        """Judge one treatment by the interval at a level."""
        continuous = self.plan.looks.kind is LookKind.CONTINUOUS

        def difference() -> Estimate | Certain:
            control, treated = self.pair(treatment)
            if continuous:
                return sequence_difference(
                    control,
                    treated,
                    progress=self.progress,
                    alpha=level,
                    nonzero_units=self.nonzero(treatment),
                )
            self._check_look(treatment)
            return as_normal(point_difference(control, treated, alpha=level, method=self.method))

        def relative() -> LiftOutcome:
            control, treated = self.pair(treatment)
            if continuous:
                return sequence_lift(
                    control,
                    treated,
                    progress=self.progress,
                    alpha=level,
                    nonzero_units=self.nonzero(treatment),
                )
            self._check_look(treatment)
            return as_normal(lift(control, treated, alpha=level, method=self.metric.lift_method))

        found = or_undefined(difference)
        return OecTreatment(
            treatment=treatment,
            difference=found,
            lift=or_undefined(relative),
            p_value=p_value,
            adjusted_p_value=None if adjusted is None else adjusted.p_value,
            significant=None if adjusted is None else adjusted.significant,
            level=level,
            posterior=self._posterior(treatment),
        )

    def _check_look(self, treatment: str) -> None:
        """Refuse a planned look at too few outcomes: the boundaries rest on normal statistics.

        Raises:
            CannotEstimate: A variant has too few units, or too few of them with a value.
        """
        looks = self.looks[treatment]
        if looks is not None:
            looks.taken()

    def _posterior(self, treatment: str) -> EffectPosterior | None:
        try:
            fixed = point_difference(*self.pair(treatment), alpha=self.plan.alpha)
        except CannotEstimate:
            return None
        if isinstance(fixed, Certain):
            return None
        direction = self.metric.definition.direction
        return effect_posterior(fixed, direction=direction, alpha=self.plan.alpha)


def defined(point: Point | Undefined) -> Point:
    """Give the value of a variant.

    Raises:
        CannotEstimate: It has none; the status says why.
    """
    if isinstance(point, Undefined):
        fault = CannotEstimate(point.sentence)
        fault.status = point.status
        raise fault
    return point


def _best(plan: AnalysisPlan, metric: MetricInUse, points: Points) -> Mapping[str, float]:
    treatments = [variant.key for variant in plan.treatments]
    try:
        chances = chance_to_be_best(
            defined(points[plan.control.key]),
            [defined(points[key]) for key in treatments],
            direction=metric.definition.direction,
        )
    except CannotEstimate:
        return {}
    return {
        plan.control.key: chances.control,
        **dict(zip(treatments, chances.treatments, strict=True)),
    }
