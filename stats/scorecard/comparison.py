"""Two variants compared: every number of it, or why there is none."""

from dataclasses import dataclass
from typing import TypeAlias

from stats.inference.exact import Exact
from stats.inference.noninferiority import NonInferiority
from stats.inference.outcome import (
    BareValue,
    Certain,
    Estimate,
    Lift,
    Rate,
    UnboundedLift,
    Undefined,
)

VariantValue: TypeAlias = Rate | BareValue | Undefined
DifferenceOutcome: TypeAlias = Estimate | Certain | Undefined
LiftOutcome: TypeAlias = Lift | UnboundedLift | Certain | Undefined


@dataclass(frozen=True, slots=True)
class Comparison:
    """A treatment against the control.

    Attributes:
        treatment: Key of the treatment.
        control: Key of the control.
        difference: treatment - control, in the metric's unit.
        lift: (treatment - control) / |control|.
        exact: Of a proportion in a small campaign: an exact test beside the interval, which it
            never moves; `None` where the large-sample test is as good.
        non_inferiority: Of a guardrail: the lift held against its margin.
    """

    treatment: str
    control: str
    difference: DifferenceOutcome
    lift: LiftOutcome
    exact: Exact | Undefined | None = None
    non_inferiority: NonInferiority | Undefined | None = None
