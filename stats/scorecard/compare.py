"""One treatment against the control, with every fault turned into a status."""

from dataclasses import dataclass, replace

from stats.inference.difference import point_difference
from stats.inference.exact import EXACT_BELOW, Exact, ExactTest, exact_test
from stats.inference.lift import lift
from stats.inference.noninferiority import NonInferiority, non_inferiority
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.inference.proportion import Proportion
from stats.metric import Direction
from stats.plan import LiftMethod
from stats.scorecard.comparison import Comparison, DifferenceOutcome
from stats.scorecard.values import Summary, as_normal, method_of, or_undefined, point_of
from stats.sentence import said
from stats.summary import MeanSummary


@dataclass(frozen=True, slots=True)
class Guardrail:
    """What a guardrail is held against: a margin, as a share of the control's value."""

    margin: float
    direction: Direction


def compare(
    control: tuple[str, Summary],
    treatment: tuple[str, Summary],
    *,
    alpha: float,
    lift_method: LiftMethod = LiftMethod.FIELLER,
    exact: ExactTest | None = None,
    guardrail: Guardrail | None = None,
) -> Comparison:
    """Compare a treatment with the control; each is a key and its summary.

    Args:
        control: The control's.
        treatment: The treatment's.
        alpha: Two-sided error rate. A guardrail is tested one-sided at half of it, so that its
            verdict agrees with the interval of the lift.
        lift_method: How the interval of the lift is made.
        exact: Of a proportion: the exact test that stands beside a small comparison.
        guardrail: Of a guardrail: what it is held against.
    """
    before, after = control[1], treatment[1]
    method = method_of(before)
    difference = or_undefined(
        lambda: as_normal(
            point_difference(point_of(before), point_of(after), alpha=alpha, method=method)
        )
    )
    return Comparison(
        treatment=treatment[0],
        control=control[0],
        difference=difference,
        lift=or_undefined(
            lambda: as_normal(
                lift(point_of(before), point_of(after), alpha=alpha, method=lift_method)
            )
        ),
        exact=None if exact is None else _exact(before, after, exact, difference, alpha),
        non_inferiority=None
        if guardrail is None
        else or_undefined(lambda: as_normal(_held(before, after, guardrail, alpha))),
    )


def _held(before: Summary, after: Summary, guardrail: Guardrail, alpha: float) -> NonInferiority:
    return non_inferiority(
        point_of(before),
        point_of(after),
        margin=guardrail.margin,
        direction=guardrail.direction,
        alpha=alpha / 2,
    )


def _exact(
    before: Summary, after: Summary, test: ExactTest, difference: DifferenceOutcome, alpha: float
) -> Exact | Undefined | None:
    """Test two small proportions exactly; `None` where there are many units, or no proportions."""
    if not (isinstance(before, MeanSummary) and isinstance(after, MeanSummary)):
        return None
    if before.n + after.n >= EXACT_BELOW:
        return None
    control, treatment = Proportion.of(before), Proportion.of(after)
    found = or_undefined(lambda: exact_test(control, treatment, test=test))
    if isinstance(found, Undefined):
        return found
    return replace(found, sentence=_disagreement(found, difference, alpha))


def _disagreement(exact: Exact, difference: DifferenceOutcome, alpha: float) -> str:
    """Say what to go by where exact test and interval of the difference fall apart."""
    match difference:
        case Estimate():
            seen = difference.p_value < alpha
        case Certain():
            seen = True
        case Undefined():
            return ""
    if seen == (exact.p_value < alpha):
        return ""
    finds = said("finds no difference") if seen else said("finds a difference")
    return said(
        "With {units} units in all, go by the exact test: it {finds}. The "
        "interval of the difference, which leans on large numbers, says "
        "otherwise.",
        units=exact.units,
        finds=finds,
    )
