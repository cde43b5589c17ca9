"""What an inference returns: an estimate, a certainty, or why there is none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

from stats.errors import CannotEstimate, UndefinedStatus


class Method(StrEnum):
    """How an estimate was made."""

    WELCH = "welch"  # unequal-variance t
    STUDENT_POOLED = "student_pooled"  # Student's t, one variance for both variants
    Z = "z"  # normal, variances taken as known
    POOLED_Z = "pooled_z"  # normal, of two proportions with one variance
    NEWCOMBE = "newcombe"  # hybrid score interval of two proportions
    DELTA_WELCH = "delta_welch"  # the same on the linearised ratio
    FIELLER = "fieller"  # the lifts that the test of the difference does not reject
    DELTA = "delta"  # delta method for the quotient of two variants
    LOG = "log"  # delta method on the logarithm of the quotient, taken back
    STUDENT = "student"  # t interval of one mean
    DELTA_STUDENT = "delta_student"  # t interval of one linearised ratio
    WILSON = "wilson"  # score interval of one proportion
    GROUP_SEQUENTIAL = "group_sequential"  # repeated interval of a planned look
    CONFIDENCE_SEQUENCE = "confidence_sequence"  # valid at every look, planned or not
    MSPRT = "msprt"  # the same, by a mixture over effects of a declared size
    CUPED = "cuped"  # unequal-variance t, adjusted by covariates with weights pooled over variants
    DELTA_CUPED = "delta_cuped"  # the same on the linearised ratio
    LIN = "lin"  # a regression on covariates in each variant, its error from moments
    DELTA_LIN = "delta_lin"  # the same on the linearised ratio
    LIN_HC2 = "lin_hc2"  # the same regressions with HC2 errors, from unit rows
    POST_STRATIFIED = "post_stratified"  # strata weighted by their share of all units
    ORDER_STATISTICS = "order_statistics"  # a quantile, its error from the spacing around it
    RESTRICTED_MEAN = "restricted_mean"  # days without the event until the end of the window
    KAPLAN_MEIER = "kaplan_meier"  # the same, of one variant


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference with its interval and its test of zero.

    Attributes:
        estimate: Treatment minus control, in the metric's unit.
        std_error: Its standard error.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        p_value: Two-sided, of no difference. A value below 5e-324 is stored as 0.
        df: Degrees of freedom of the t distribution; `None` where it is normal.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    p_value: float
    df: float | None
    alpha: float
    method: Method
    status: Literal["estimated"] = "estimated"


class Side(StrEnum):
    """Which side a one-sided test looks at."""

    GREATER = "greater"  # treatment above control
    LESS = "less"  # treatment below control


@dataclass(frozen=True, slots=True)
class OneSided:
    """A difference with a bound on one side and its one-sided test of zero.

    Attributes:
        estimate: Treatment minus control, in the metric's unit.
        std_error: Its standard error.
        side: What is to be shown.
        bound: The lower bound of `greater`, the upper bound of `less`.
        p_value: One-sided, of no difference or one to the other side.
        df: Degrees of freedom of the t distribution; `None` where it is normal.
        alpha: One-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    std_error: float
    side: Side
    bound: float
    p_value: float
    df: float | None
    alpha: float
    method: Method
    status: Literal["estimated"] = "estimated"


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """A difference of proportions with a score interval, which has no single standard error.

    Attributes:
        estimate: Treatment minus control.
        ci_low: Lower end of the two-sided 1 - alpha interval, -1 or above.
        ci_high: Upper end, 1 or below.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    ci_low: float
    ci_high: float
    alpha: float
    method: Method
    status: Literal["estimated"] = "estimated"


@dataclass(frozen=True, slots=True)
class Lift:
    """A lift with its interval; its test of zero is that of the difference.

    Fieller's interval leaves out 0 exactly when the difference is significant; those of the delta
    and the log method are approximations and may differ from it near the edge.

    Attributes:
        estimate: (treatment - control) / |control|; 0.1 is 10 % more.
        std_error: Its standard error by the delta method; Fieller's interval is not made of it.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        df: Degrees of freedom of the t distribution; `None` where it is normal.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float
    df: float | None
    alpha: float
    method: Method
    status: Literal["estimated"] = "estimated"


@dataclass(frozen=True, slots=True)
class UnboundedLift:
    """A lift over a control that cannot be told from 0: at least one end does not exist.

    The end that exists leaves out 0 exactly when the difference is significant.

    Attributes:
        estimate: (treatment - control) / |control|; 0.1 is 10 % more. Of little meaning alone.
        ci_low: It is at least this; `None` where it has no lower bound.
        ci_high: It is at most this; `None` where it has no upper bound.
        alpha: Two-sided error rate.
        method: How it was made.
        sentence: What is known, in words.
        status: Always `unbounded`.
    """

    estimate: float
    ci_low: float | None
    ci_high: float | None
    alpha: float
    method: Method
    sentence: str
    status: Literal["unbounded"] = "unbounded"


@dataclass(frozen=True, slots=True)
class Certain:
    """A result without sampling error that the data can show: the interval is a point.

    Attributes:
        estimate: The value, which is also both ends of its interval.
        sentence: Why it is certain.
        status: Always `certain`.
    """

    estimate: float
    sentence: str
    status: Literal["certain"] = "certain"


@dataclass(frozen=True, slots=True)
class Undefined:
    """There is no estimate, and this is why.

    Attributes:
        status: The reason, for programs.
        sentence: The reason, for readers.
    """

    status: UndefinedStatus
    sentence: str

    @classmethod
    def because(cls, error: CannotEstimate) -> Self:
        """Turn the fault into a value that a report can show."""
        return cls(error.status, error.sentence)


@dataclass(frozen=True, slots=True)
class Rate:
    """A variant's own value with its interval.

    Attributes:
        estimate: The value, in the metric's unit.
        ci_low: Lower end of the two-sided 1 - alpha interval.
        ci_high: Upper end.
        alpha: Two-sided error rate.
        method: How it was made.
        status: Always `estimated`.
    """

    estimate: float
    ci_low: float
    ci_high: float
    alpha: float
    method: Method
    status: Literal["estimated"] = "estimated"


@dataclass(frozen=True, slots=True)
class BareValue:
    """A variant's own value, for which no interval can be given.

    Attributes:
        estimate: The value, in the metric's unit.
        sentence: Why there is no interval.
        status: The reason, for programs.
    """

    estimate: float
    sentence: str
    status: UndefinedStatus
