"""The edge matrix of the requirements: each edge has a typed status and a sentence.

Never 0, 1, (0, 0), a negative error or a reversed interval.
"""

import math
from dataclasses import dataclass

import pytest

from stats.errors import InvalidPValue, NonFiniteValue
from stats.inference.multiplicity import adjust
from stats.inference.outcome import Certain, Estimate, Lift, UnboundedLift, Undefined
from stats.inference.point import Point
from stats.metric import Direction
from stats.scorecard.compare import Guardrail, compare
from stats.scorecard.comparison import Comparison
from stats.summary import MeanSummary, RatioSummary


def of(*values: int) -> MeanSummary:
    """Summary of whole values."""
    return MeanSummary.from_sums(len(values), sum(values), sum(v * v for v in values))


@dataclass(frozen=True)
class Edge:
    """Data at an edge, and what must come of them.

    Attributes:
        name: The edge, in the words of the requirements.
        control: The control's data.
        treatment: The treatment's.
        difference: Status of the difference.
        lift: Status of the lift.
        value: The difference, if there is one.
        relative: The lift, if there is one.
    """

    name: str
    control: MeanSummary
    treatment: MeanSummary
    difference: str
    lift: str
    value: float | None = None
    relative: float | None = None


BIG = 10**8
EDGES = [
    Edge("zero variance with equal means", of(5, 5, 5), of(5, 5), "no_variance", "no_variance"),
    Edge("constants 5 against 6", of(5, 5, 5), of(6, 6), "certain", "certain", 1, 0.2),
    Edge("one variant varies", of(5, 5, 5), of(5, 6, 7), "estimated", "estimated", 1, 0.2),
    Edge("zero baseline", of(0, 0, 0), of(0, 1, 2), "estimated", "zero_baseline", 1),
    Edge("zero baseline, which varies", of(-1, 1), of(0, 1, 2), "estimated", "zero_baseline", 1),
    Edge("baseline near zero", of(-9, 10), of(3, 5), "estimated", "unbounded", 3.5, 7),
    Edge("n = 0", of(), of(1, 2), "no_units", "no_units"),
    Edge("n = 0 in the treatment", of(1, 2), of(), "no_units", "no_units"),
    Edge("n = 1", of(1, 2), of(3), "too_few_units", "too_few_units"),
    Edge(
        "negative baseline", of(*[-2, -1] * 400), of(*[-2, 0] * 400), "estimated", "estimated",
        0.5, 1 / 3,
    ),
    Edge("sign change", of(*[-2, 0] * 400), of(*[0, 2] * 400), "estimated", "estimated", 2, 2),
    Edge(
        "mean 1e8 with sd 1", of(*[BIG - 1, BIG + 1] * 500), of(*[BIG, BIG + 2] * 500),
        "estimated", "estimated", 1, 1e-8,
    ),
    Edge("20:1 split", of(*[1, 3] * 2000), of(*[2, 4] * 100), "estimated", "estimated", 1, 0.5),
    Edge(
        "one member with half of all revenue", of(*[100] * 999, 101), of(*[100] * 999, 99_900),
        "estimated", "estimated", 99.799, 99.799 / 100.001,
    ),
    Edge("treatment of constant 0", of(1, 3) + of(*[2] * 50), of(0, 0), "estimated", "certain",
         -2, -1),
]  # fmt: skip


def compared(edge: Edge) -> Comparison:
    """Control and treatment of the edge, as the scorecard compares them."""
    return compare(
        ("control", edge.control), ("treatment", edge.treatment), alpha=0.05,
        guardrail=Guardrail(0.1, Direction.HIGHER),
    )  # fmt: skip


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.name)
def test_edge_has_its_status(edge: Edge) -> None:
    """Difference and lift have the status of the matrix, and their number where there is one."""
    got = compared(edge)

    assert got.difference.status == edge.difference
    assert got.lift.status == edge.lift
    for outcome, want in ((got.difference, edge.value), (got.lift, edge.relative)):
        if isinstance(outcome, Undefined):
            assert want is None
        else:
            assert outcome.estimate == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.name)
def test_edge_has_no_number_that_could_not_be_computed(edge: Edge) -> None:
    """Ends are finite, in order and apart; errors are above 0; what has no number says why."""
    got = compared(edge)

    for outcome in (got.difference, got.lift):
        match outcome:
            case Estimate() | Lift():
                assert all(map(math.isfinite, (outcome.ci_low, outcome.ci_high)))
                assert outcome.ci_low < outcome.ci_high
                assert outcome.ci_low <= outcome.estimate <= outcome.ci_high
                assert outcome.std_error > 0
            case UnboundedLift():
                assert None in (outcome.ci_low, outcome.ci_high)
                assert outcome.sentence
            case Certain() | Undefined():
                assert outcome.sentence.endswith(".")
    if isinstance(got.difference, Estimate):
        assert 0 < got.difference.p_value <= 1


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: edge.name)
def test_guardrail_at_the_edge_has_a_verdict_or_a_reason(edge: Edge) -> None:
    """A guardrail with a lift has a verdict; elsewhere the same status says why it has none."""
    got = compared(edge)

    assert got.non_inferiority is not None
    if edge.lift in {"estimated", "certain", "unbounded"}:
        assert got.non_inferiority.status == "tested"
    else:
        assert got.non_inferiority.status == edge.lift


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_values_that_are_no_numbers_are_refused_at_the_door(value: float) -> None:
    """NaN and infinity enter neither a summary nor a point."""
    with pytest.raises(NonFiniteValue):
        MeanSummary(3, value, 1.0)
    with pytest.raises(NonFiniteValue):
        RatioSummary(of(1, 2), of(1, 2), value)
    with pytest.raises(NonFiniteValue):
        Point(1.0, value, 3)


def test_missing_p_value_among_several_is_refused_not_adjusted() -> None:
    """A NaN among p-values would sort anywhere: none is adjusted."""
    with pytest.raises(InvalidPValue):
        adjust((0.01, math.nan, 0.03), alpha=0.05)
