"""The same metric with less noise, beside the raw result."""

from dataclasses import dataclass

from stats.inference.linearised import Theta
from stats.inference.outcome import Method
from stats.scorecard.comparison import Comparison, VariantValue


@dataclass(frozen=True, slots=True)
class AdjustedValue:
    """A variant's value had it the covariate means of all units together.

    Attributes:
        variant: Its key.
        value: In the metric's unit; `None` where there is none.
        std_error: Of the value.
        sentence: Why there is none; empty where there is one.
    """

    variant: str
    value: float | None
    std_error: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Reduction:
    """What an adjustment bought for one treatment.

    Attributes:
        treatment: Its key.
        share: 1 - variance of the adjusted difference over that of the raw one; `None` where there
            is none. 0.4 is worth 1 / 0.6 = 1.67 times the units.
        sentence: Why there is none; empty where there is one.
    """

    treatment: str
    share: float | None
    sentence: str


@dataclass(frozen=True, slots=True)
class AdjustedResult:
    """A metric less what its covariates, known before exposure, foretold (CUPED).

    Attributes:
        method: How it was adjusted.
        covariates: Keys of the plan's covariates.
        thetas: The weight of every covariate in use, pooled over all variants.
        dropped: A sentence per covariate that could not be used.
        variants: In the order of the plan.
        comparisons: Of the adjusted values, per treatment.
        reductions: What it bought, per treatment, even where that is nothing.
    """

    method: Method
    covariates: tuple[str, ...]
    thetas: tuple[Theta, ...]
    dropped: tuple[str, ...]
    variants: tuple[AdjustedValue, ...]
    comparisons: tuple[Comparison, ...]
    reductions: tuple[Reduction, ...]


@dataclass(frozen=True, slots=True)
class CappedValue:
    """A variant with its units' values winsorised.

    Attributes:
        variant: Its key.
        total: The sum of the winsorised values.
        cut: What the cap took from the raw total.
        capped_units: Units whose value lies above the cap; `None` where unknown.
        value: The mean of the winsorised values, with its interval.
    """

    variant: str
    total: float
    cut: float
    value: VariantValue
    capped_units: int | None = None


@dataclass(frozen=True, slots=True)
class CappedResult:
    """A metric with its outliers held, as declared before start.

    Attributes:
        cap: Where, in the metric's unit, for all variants alike.
        variants: In the order of the plan.
        comparisons: Of the winsorised values, per treatment.
    """

    cap: float
    variants: tuple[CappedValue, ...]
    comparisons: tuple[Comparison, ...]
