"""Is the effect on the deciding metric too large to believe?

Twyman's law: any figure that looks interesting or different is usually wrong (Kohavi, Tang and Xu,
2020, chapter 3). Of thousands of published online experiments the true effects are a few per cent;
a lift of half is a fault of counting far more often than it is a success, or a harm. So an effect
that is beyond any doubt about chance *and* beyond the bound asks for a second look, not for
celebration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from stats.aggregation.aggregates import Aggregates
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.errors import CannotEstimate, ZeroBaseline
from stats.inference.cell_effect import summary_point
from stats.inference.difference import point_difference
from stats.inference.outcome import Estimate
from stats.metric import MetricKind
from stats.plan import AnalysisPlan, MetricInUse
from stats.sentence import said
from stats.summary import MeanSummary

LARGEST_LIFT: Final = 0.5
"""Beyond this lift, either way, an effect is surprising."""
TIMES_PLANNED: Final = 3
"""Unless the plan expected more: so many times the effect that it was sized for."""
STANDARD_ERRORS: Final = 5
"""From here on chance is no explanation (two-sided p < 6e-7), the discovery level of physics."""
KINDS: Final = {
    MetricKind.PROPORTION: said("proportion"),
    MetricKind.MEAN: said("mean"),
    MetricKind.RATIO: said("ratio"),
    MetricKind.QUANTILE: said("quantile"),
    MetricKind.SURVIVAL: said("survival"),
}
NO_UNITS: Final = MeanSummary.from_sums(0, 0, 0)
WHAT_TO_DO: Final = said(
    "Look for a fault before you believe it: events counted in one variant "
    "only or twice, a metric that the offer itself sets off, members "
    "filtered after exposure. Then repeat the campaign."
)


@dataclass(frozen=True, slots=True)
class Lifts:
    """Lifts of the OEC and how many standard errors they are from 0, per treatment.

    A treatment whose difference is certain (neither variant varies) has no standard errors.
    """

    lifts: Mapping[str, float]
    standard_errors: Mapping[str, float]

    def beyond(self, bound: float) -> tuple[str, ...]:
        """Name the treatments whose lift is beyond a bound, and beyond chance."""
        return tuple(
            key
            for key, lift in self.lifts.items()
            if abs(lift) > bound
            and abs(self.standard_errors.get(key, STANDARD_ERRORS)) >= STANDARD_ERRORS
        )


def check_twyman(plan: AnalysisPlan, aggregates: Aggregates) -> Finding:
    """Compare the lift of the OEC in every treatment with the largest credible one."""
    oec = plan.oec
    if oec is None:
        return _not_run(said("No metric was chosen to decide."))
    if not oec.definition.kind.is_summed:
        return _not_run(
            said(
                "{key} is a {kind} metric, which has no lift.",
                key=oec.key,
                kind=KINDS[oec.definition.kind],
            )
        )
    if not oec.definition.shows_lift:
        return _not_run(said("A lift of {key} says nothing, so none is too large.", key=oec.key))
    try:
        found = _lifts(plan, oec, aggregates)
    except CannotEstimate as error:
        return _not_run(error.sentence)
    bound = _bound(plan)
    evidence: Evidence = {
        "metric": oec.key,
        "bound": bound,
        "lift": found.lifts,
        "standard_errors": found.standard_errors,
    }
    name = oec.definition.name or oec.key
    big = found.beyond(bound)
    if big:
        parts = ", ".join(f"{key} {found.lifts[key]:+.0%}" for key in big)
        return Finding(
            FindingCode.TWYMAN,
            Severity.WARNING,
            said("An effect too large to believe"),
            said(
                "{name} differs from the control by more than {bound}, and not by "
                "chance: {parts}. Effects of this size are faults of counting far more "
                "often than real.",
                name=name,
                bound=f"{bound:.0%}",
                parts=parts,
            ),
            WHAT_TO_DO,
            evidence,
        )
    return Finding(
        FindingCode.TWYMAN,
        Severity.PASSED,
        said("No effect too large to believe"),
        said(
            "No treatment moves {name} by more than {bound} beyond doubt.",
            name=name,
            bound=f"{bound:.0%}",
        ),
        "",
        evidence,
    )


def _lifts(plan: AnalysisPlan, oec: MetricInUse, aggregates: Aggregates) -> Lifts:
    """Compare every treatment that can be; raise what forbids it where none can."""
    rows = next((row.variants for row in aggregates.metrics if row.key == oec.key), ())
    summaries = {row.variant: row.summary for row in rows}
    control = summary_point(summaries.get(plan.control.key, NO_UNITS))
    if control.value == 0:
        raise ZeroBaseline
    lifts: dict[str, float] = {}
    errors: dict[str, float] = {}
    fault: CannotEstimate | None = None
    for variant in plan.treatments:
        try:
            point = summary_point(summaries.get(variant.key, NO_UNITS))
            estimate = point_difference(control, point, alpha=plan.alpha)
        except CannotEstimate as error:
            fault = error
            continue
        lifts[variant.key] = (point.value - control.value) / abs(control.value)
        if isinstance(estimate, Estimate):
            errors[variant.key] = estimate.estimate / estimate.std_error
    if not lifts and fault is not None:
        raise fault
    return Lifts(lifts, errors)


def _bound(plan: AnalysisPlan) -> float:
    planned = plan.power_goal.mde_relative if plan.power_goal else None
    return max(LARGEST_LIFT, TIMES_PLANNED * float(planned or 0))


def _not_run(reason: str) -> Finding:
    return Finding.not_checked(FindingCode.TWYMAN, said("Size of the effect"), reason)
