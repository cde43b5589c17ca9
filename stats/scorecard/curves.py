"""Times to an event as curves, with the tests that join them."""

from dataclasses import dataclass

from stats.inference.cox import HazardRatio
from stats.inference.outcome import Undefined
from stats.inference.survival import LogRank, MedianTime


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A variant's survival curve on one day.

    Attributes:
        day: Days since first exposure.
        at_risk: Units still without the event and watched just before.
        survival: Share still without the event, by Kaplan and Meier.
        ci_low: Lower end of its pointwise interval; `None` where there is none.
        ci_high: Upper end.
    """

    day: float
    at_risk: int
    survival: float
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, slots=True)
class VariantCurve:
    """A variant's survival curve, by whole days.

    Attributes:
        variant: Its key.
        n: Units, mature or censored.
        events: Units that had the event.
        median: When half of them have had it, or why that is not known.
        points: From day 0 to the end of follow-up.
    """

    variant: str
    n: int
    events: int
    median: MedianTime | Undefined
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class SurvivalResult:
    """Times to an event in all variants.

    Attributes:
        until_day: The day up to which mean days are taken, the same in every variant.
        curves: In the order of the plan.
        log_rank: Of equal hazards in all variants, or why it cannot be tested.
        hazard_ratios: Per treatment (Cox, ties by Efron), or why there are none.
    """

    until_day: float
    curves: tuple[VariantCurve, ...]
    log_rank: LogRank | Undefined
    hazard_ratios: tuple[HazardRatio, ...] | Undefined
