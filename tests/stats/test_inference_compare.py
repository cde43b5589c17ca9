"""What the scorecard says of two variants: one page never contradicts itself without saying so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from stats.errors import UndefinedStatus
from stats.inference.exact import EXACT_BELOW, Exact, ExactTest, exact_test
from stats.inference.noninferiority import GuardrailVerdict, NonInferiority
from stats.inference.outcome import Certain, Estimate, Lift, Method, UnboundedLift, Undefined
from stats.inference.proportion import Proportion
from stats.metric import Direction
from stats.plan import LiftMethod
from stats.scorecard.compare import Guardrail, compare
from stats.scorecard.comparison import Comparison
from stats.summary import MeanSummary, RatioSummary


def successes(k: int, n: int) -> MeanSummary:
    """Summary of k ones among n units."""
    return MeanSummary.from_sums(n, k, k)


def compared(
    control: tuple[int, int], treatment: tuple[int, int], *, alpha: float = 0.05
) -> Comparison:
    """Two proportions, as the scorecard compares them."""
    return compare(
        ("control", successes(*control)), ("treatment", successes(*treatment)), alpha=alpha,
        exact=ExactTest.BOSCHLOO, guardrail=Guardrail(0.1, Direction.HIGHER),
    )  # fmt: skip


def test_small_campaign_has_an_exact_test_beside_its_interval() -> None:
    """Below a thousand units the exact p-value stands in its own field; Welch's stays Welch's."""
    got = compared((7, 50), (15, 52))

    assert isinstance(got.exact, Exact)
    assert got.exact == exact_test(Proportion(7, 50), Proportion(15, 52))
    assert isinstance(got.difference, Estimate)
    assert got.difference.method is Method.WELCH
    assert got.difference.p_value != got.exact.p_value


def test_large_campaign_has_none() -> None:
    """There is no exact test from a thousand units on, nor of anything but proportions."""
    assert compared((70, 500), (80, EXACT_BELOW - 500)).exact is None
    ratio = RatioSummary.from_sums(50, y=60, d=55, yy=90, dd=70, yd=60)
    got = compare(("a", ratio), ("b", ratio), alpha=0.05, exact=ExactTest.BOSCHLOO)
    assert got.exact is None
    assert compare(("a", successes(1, 9)), ("b", successes(3, 9)), alpha=0.05).exact is None


TABLE = st.tuples(st.integers(2, 40), st.floats(0, 1)).map(lambda t: (round(t[0] * t[1]), t[0]))


@given(TABLE, TABLE)
def test_disagreement_is_labelled(control: tuple[int, int], treatment: tuple[int, int]) -> None:
    """Where exact test and interval differ on significance, a sentence says which to go by."""
    got = compared(control, treatment)
    if not isinstance(got.exact, Exact):
        assert isinstance(got.exact, Undefined)
        assert got.exact.status is UndefinedStatus.NO_VARIANCE
        return
    match got.difference:
        case Estimate():
            seen = not got.difference.ci_low <= 0 <= got.difference.ci_high
        case Certain():
            seen = True
        case Undefined():
            pytest.fail("two proportions with an exact test have a difference")

    assert (seen != (got.exact.p_value < 0.05)) == ("go by the exact test" in got.exact.sentence)


def test_certain_difference_of_four_units_is_put_in_its_place() -> None:
    """None of 2 against 2 of 2 is certain of these units; the exact test says: chance does that."""
    got = compared((0, 2), (2, 2))

    assert isinstance(got.difference, Certain)
    assert isinstance(got.exact, Exact)
    assert got.exact.p_value > 0.05
    assert "finds no difference" in got.exact.sentence


def test_guardrail_is_held_against_its_margin_at_half_of_alpha() -> None:
    """Verdict and interval of the lift agree: safe is the whole interval within the margin."""
    got = compared((50_000, 100_000), (50_100, 100_000))

    assert isinstance(got.non_inferiority, NonInferiority)
    assert isinstance(got.lift, Lift)
    assert got.non_inferiority.verdict is GuardrailVerdict.SAFE
    assert got.non_inferiority.alpha == 0.025
    assert got.non_inferiority.worst == pytest.approx(got.lift.ci_low, rel=1e-9)


def test_guardrail_over_a_control_of_zero_says_why_it_has_no_verdict() -> None:
    """No unit of the control had the outcome: there is no margin to hold anything against."""
    got = compared((0, 2000), (5, 2000))

    assert isinstance(got.non_inferiority, Undefined)
    assert got.non_inferiority.status is UndefinedStatus.ZERO_BASELINE


@pytest.mark.parametrize("method", LiftMethod)
def test_lift_is_made_as_the_plan_says(method: LiftMethod) -> None:
    """The method in use names the interval."""
    got = compare(
        ("control", successes(500, 4000)), ("treatment", successes(550, 4000)), alpha=0.05,
        lift_method=method,
    )  # fmt: skip

    assert isinstance(got.lift, Lift)
    assert got.lift.method.value == method.value


@pytest.mark.parametrize(
    ("control", "treatment"),
    [
        ((7, 50), (15, 52)),
        ((1, 400), (9, 500)),
        ((0, 20), (20, 20)),
        ((0, 9), (0, 9)),
        ((3, 9), (0, 0)),
    ],
)
def test_comparison_reads_back_as_it_was_written(
    control: tuple[int, int], treatment: tuple[int, int]
) -> None:
    """Every kind of outcome, unbounded and exact ones among them, survives the JSON document."""
    adapter = TypeAdapter(Comparison)
    known = compared(control, treatment)

    assert adapter.validate_json(adapter.dump_json(known)) == known


def test_lift_over_a_control_near_zero_is_unbounded_on_the_page() -> None:
    """One success among 400: the lift has no upper bound; the lower one agrees with the test."""
    got = compared((1, 400), (9, 500))

    assert isinstance(got.lift, UnboundedLift)
    assert isinstance(got.difference, Estimate)
    assert got.lift.ci_low is not None
    assert (got.lift.ci_low > 0) == (got.difference.ci_low > 0)
