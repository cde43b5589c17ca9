"""Capped values beside raw ones, and how much the cap took away.

The cap is one for all variants (a pooled percentile or a fixed value, declared before start), and
aggregation applies it. The capped comparison estimates the effect on capped values: another
question, with less noise and some bias, which is why the raw one stands beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stats.errors import CannotEstimate, InvalidSummary
from stats.inference.difference import welch_difference
from stats.inference.outcome import Certain, Estimate, Undefined
from stats.summary import ROUNDING, MeanSummary


@dataclass(frozen=True, slots=True)
class CappedVariant:
    """One variant before and after the cap.

    Attributes:
        variant: Its key.
        raw: Summary of the values as they are.
        capped: Of the same units, with values above the cap replaced by it.
        cut_units: Units whose value was above the cap.
    """

    variant: str
    raw: MeanSummary
    capped: MeanSummary
    cut_units: int

    def __post_init__(self) -> None:
        """Refuse two summaries that no cap can make of one another."""
        field = f"variant {self.variant}"
        if self.raw.n != self.capped.n:
            message = f"{field}: {self.raw.n} units raw, {self.capped.n} capped; all stay in"
            raise InvalidSummary(message)
        slack = ROUNDING * abs(self.raw.total)
        if self.capped.total > self.raw.total + slack:
            message = f"{field}: capped total {self.capped.total} exceeds raw {self.raw.total}"
            raise InvalidSummary(message)
        # a cap never moves two values apart
        if self.capped.centred_squares > self.raw.centred_squares * (1 + ROUNDING):
            message = f"{field}: capped values vary more than raw ones; a cap cannot do that"
            raise InvalidSummary(message)
        if not 0 <= self.cut_units <= self.raw.n:
            message = f"{field}: {self.cut_units} of {self.raw.n} units cut"
            raise InvalidSummary(message)
        if self.cut_units == 0 and self.capped.total < self.raw.total - slack:
            message = f"{field}: the total fell, although no unit was cut"
            raise InvalidSummary(message)

    @property
    def cut_total(self) -> float:
        """What the cap took off the total, in the metric's unit."""
        return max(0, self.raw.total - self.capped.total)


@dataclass(frozen=True, slots=True)
class Cut:
    """How much a cap took away, of one variant or of all together.

    Attributes:
        units: Units above the cap.
        share_of_units: Their share of all units, 0 to 1; 0 without units.
        total: What was cut off, in the metric's unit.
        share_of_total: Its share of the raw total; `None` where that is not above zero, as with
            more refunds than sales.
    """

    units: int
    share_of_units: float
    total: float
    share_of_total: float | None


@dataclass(frozen=True, slots=True)
class WinsorisedComparison:
    """A comparison with and without the cap.

    Attributes:
        raw: The difference of the values as they are, or why there is none.
        capped: The difference of the capped values, or why there is none.
        variance_reduction: 1 - Var(capped difference) / Var(raw difference); `None` where either
            has no error. Not a gain of precision alone: the estimand changes, too.
        control_cut: What the cap took from the control.
        treatment_cut: What it took from the treatment. More than from the control means that part
            of the effect lies above the cap.
    """

    raw: Estimate | Certain | Undefined
    capped: Estimate | Certain | Undefined
    variance_reduction: float | None
    control_cut: Cut
    treatment_cut: Cut


def cut(variants: Sequence[CappedVariant]) -> Cut:
    """Say how much the cap took away from these variants together."""
    units = sum(one.cut_units for one in variants)
    n = sum(one.raw.n for one in variants)
    total = sum(one.cut_total for one in variants)
    raw = sum(one.raw.total for one in variants)
    return Cut(units, units / n if n else 0.0, total, total / raw if raw > 0 else None)


def winsorised_comparison(
    control: CappedVariant, treatment: CappedVariant, *, alpha: float
) -> WinsorisedComparison:
    """Compare capped values beside raw ones, both by Welch's interval.

    Args:
        control: The control before and after the cap.
        treatment: The treatment, under the same cap.
        alpha: Two-sided error rate, strictly between 0 and 1.

    Source: Tukey (1962), Annals of Mathematical Statistics 33; Kohavi, Tang and Xu (2020),
    section 18, for caps on revenue. The interval of the capped values is Welch's on them; the cap
    counts as fixed, though a percentile is itself estimated from all units.
    """
    raw = _difference(control.raw, treatment.raw, alpha)
    capped = _difference(control.capped, treatment.capped, alpha)
    reduction = None
    if isinstance(raw, Estimate) and isinstance(capped, Estimate):
        reduction = 1 - (capped.std_error / raw.std_error) ** 2
    return WinsorisedComparison(raw, capped, reduction, cut([control]), cut([treatment]))


def _difference(
    control: MeanSummary, treatment: MeanSummary, alpha: float
) -> Estimate | Certain | Undefined:
    try:
        return welch_difference(control, treatment, alpha=alpha)
    except CannotEstimate as fault:
        return Undefined.because(fault)
