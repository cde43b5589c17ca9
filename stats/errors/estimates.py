"""Estimates that do not exist although the data are sound: each with its status and sentence."""

from enum import StrEnum

from stats.errors.definitions import StatsError
from stats.sentence import said, said_many


class UndefinedStatus(StrEnum):
    """Why an estimate does not exist."""

    NO_UNITS = "no_units"
    TOO_FEW_UNITS = "too_few_units"
    TOO_MANY_UNITS = "too_many_units"
    NO_VARIANCE = "no_variance"
    ZERO_BASELINE = "zero_baseline"
    BASELINE_NEAR_ZERO = "baseline_near_zero"
    NOT_POSITIVE = "not_positive"
    ZERO_DENOMINATOR = "zero_denominator"
    FULL_LEVERAGE = "full_leverage"
    SMALL_STRATUM = "small_stratum"
    TOO_FEW_CELLS = "too_few_cells"
    TOO_FEW_STUDIES = "too_few_studies"
    QUANTILE_ON_TIE = "quantile_on_tie"
    NO_EVENTS = "no_events"
    MEDIAN_NOT_REACHED = "median_not_reached"
    FOLLOW_UP_TOO_SHORT = "follow_up_too_short"
    NOT_IDENTIFIED = "not_identified"
    NO_EXTRA_COST = "no_extra_cost"
    EFFECT_NEAR_ZERO = "effect_near_zero"
    NO_GAIN = "no_gain"
    LIFT_SAYS_NOTHING = "lift_says_nothing"


class CannotEstimate(StatsError):
    """The data are sound, but the estimate does not exist."""

    status: UndefinedStatus


class TooFewUnits(CannotEstimate):
    """A variant has too few units for the estimate."""

    def __init__(self, units: int, needed: int) -> None:
        """Say how many units there are and how many are needed."""
        self.status = UndefinedStatus.NO_UNITS if units == 0 else UndefinedStatus.TOO_FEW_UNITS
        super().__init__(
            said_many(
                "A variant has {units} unit; at least {needed} are needed.",
                "A variant has {units} units; at least {needed} are needed.",
                units,
                units=units,
                needed=needed,
            )
        )


class TooFewNonzero(CannotEstimate):
    """Too few units have a value other than 0 for a normal error to mean anything."""

    status = UndefinedStatus.TOO_FEW_UNITS

    def __init__(self, expected: float, needed: int) -> None:
        """Say how many there are and how many are needed."""
        super().__init__(
            said(
                "In proportion, the smaller variant has {expected} of the units whose "
                "value is not 0; at least {needed} are needed.",
                expected=f"{expected:.1f}",
                needed=needed,
            )
        )


class TooManyUnits(CannotEstimate):
    """There are too many units for an exact computation."""

    status = UndefinedStatus.TOO_MANY_UNITS

    def __init__(self, units: int, limit: int) -> None:
        """Say how many units there are and where the limit is."""
        super().__init__(
            said(
                "{units} units together; an exact test is made below {limit}, beyond "
                "which the test of the difference is as good.",
                units=units,
                limit=limit,
            )
        )


class NoVariance(CannotEstimate):
    """Every unit has the same value, so no error can be estimated."""

    status = UndefinedStatus.NO_VARIANCE


class ZeroBaseline(CannotEstimate):
    """The control's value is zero, so nothing can be divided by it."""

    status = UndefinedStatus.ZERO_BASELINE

    def __init__(self) -> None:
        """State it."""
        super().__init__(said("The control's value is 0, so a lift over it is undefined."))


class BaselineNearZero(CannotEstimate):
    """The control's interval includes zero, so the lift is unbounded."""

    status = UndefinedStatus.BASELINE_NEAR_ZERO

    def __init__(self) -> None:
        """State it."""
        super().__init__(
            said("The control's value cannot be told from 0, so a lift over it has no bounds.")
        )


class NotPositive(CannotEstimate):
    """A value has no logarithm, so a lift has no interval by the log method."""

    status = UndefinedStatus.NOT_POSITIVE

    def __init__(self, value: float) -> None:
        """Name the value and the way out."""
        super().__init__(
            said(
                "A variant's value is {value}; the log method needs values that are "
                "clearly above 0. Fieller's method needs no such thing.",
                value=f"{value:g}",
            )
        )


class ZeroDenominator(CannotEstimate):
    """The denominator of a ratio metric totals zero."""

    status = UndefinedStatus.ZERO_DENOMINATOR

    def __init__(self) -> None:
        """State it."""
        super().__init__(said("The denominator totals 0 in a variant, so its ratio is undefined."))


class FullLeverage(CannotEstimate):
    """One unit alone decides a regression weight, so its own error cannot be seen."""

    status = UndefinedStatus.FULL_LEVERAGE

    def __init__(self) -> None:
        """State it."""
        super().__init__(
            said(
                "One unit alone decides the weight of a covariate, so its residual is 0 "
                "whatever it did, and HC2 has no error for it."
            )
        )


class SmallStratum(CannotEstimate):
    """A stratum has too few units of a variant to compare the variants within it."""

    status = UndefinedStatus.SMALL_STRATUM

    def __init__(self, stratum: str, variant: str, units: int, needed: int) -> None:
        """Name the stratum, the variant and what it has."""
        super().__init__(
            said(
                "The stratum {stratum} has {units} units of variant {variant}; at least "
                "{needed} are needed in every variant: merge small strata, or leave the "
                "strata out.",
                stratum=stratum,
                units=units,
                variant=variant,
                needed=needed,
            )
        )


class TooFewCells(CannotEstimate):
    """Too few cells have an effect that could be compared with the others."""

    status = UndefinedStatus.TOO_FEW_CELLS

    def __init__(self, cells: int, needed: int) -> None:
        """Say how many there are and how many are needed."""
        super().__init__(
            said(
                "The effect could be estimated in {cells} of the cells; at least "
                "{needed} are needed to compare effects with one another.",
                cells=cells,
                needed=needed,
            )
        )


class TooFewStudies(CannotEstimate):
    """Too few studies to average their effects."""

    status = UndefinedStatus.TOO_FEW_STUDIES

    def __init__(self, studies: int, needed: int) -> None:
        """Say how many there are and how many are needed."""
        super().__init__(
            said_many(
                "There is {studies} study; effects are averaged over at least {needed}.",
                "There are {studies} studies; effects are averaged over at least {needed}.",
                studies,
                studies=studies,
                needed=needed,
            )
        )


class QuantileOnTie(CannotEstimate):
    """A quantile sits on a value that many share, so its error cannot be told from spacings."""

    status = UndefinedStatus.QUANTILE_ON_TIE

    def __init__(self, value: float, share: float) -> None:
        """Name the value and the share of values that equal it."""
        super().__init__(
            said(
                "The quantile sits on the value {value}, which {share} of the values "
                "share: there is no spacing around it to judge a difference by. Compare "
                "the shares of units above a threshold, or take a higher quantile.",
                value=f"{value:g}",
                share=f"{share:.0%}",
            )
        )


class NoEvents(CannotEstimate):
    """A variant has no event, so its hazard cannot be compared."""

    status = UndefinedStatus.NO_EVENTS

    def __init__(self, where: str) -> None:
        """Say where there is none."""
        super().__init__(
            said(
                "No unit {where} has had the event yet, so there is nothing to compare.",
                where=where,
            )
        )


class MedianNotReached(CannotEstimate):
    """Fewer than half of the units are estimated to have had the event."""

    status = UndefinedStatus.MEDIAN_NOT_REACHED

    def __init__(self, day: float, survival: float) -> None:
        """Say how far the curve came down, and by when."""
        super().__init__(
            said(
                "The median is beyond day {day}: {survival} are still without the event then.",
                day=f"{day:g}",
                survival=f"{survival:.1%}",
            )
        )


class FollowUpTooShort(CannotEstimate):
    """No unit has been watched for as long as the estimate reaches."""

    status = UndefinedStatus.FOLLOW_UP_TOO_SHORT

    def __init__(self, needed: float, watched: float) -> None:
        """Give the days needed and the days watched."""
        super().__init__(
            said(
                "A variant has been watched for {watched} days at most; the mean up to "
                "day {needed} needs a unit watched until then.",
                watched=f"{watched:.4g}",
                needed=f"{needed:g}",
            )
        )


class NotIdentified(CannotEstimate):
    """The data cannot tell a coefficient: columns that repeat each other, or a perfect forecast."""

    status = UndefinedStatus.NOT_IDENTIFIED


class NoExtraCost(CannotEstimate):
    """A treatment costs no more than its control, so there is no spending to have a return."""

    status = UndefinedStatus.NO_EXTRA_COST

    def __init__(self) -> None:
        """State it."""
        super().__init__(
            said(
                "The treatment does not cost more than the control: there is no extra "
                "spending whose return could be told."
            )
        )


class EffectNearZero(CannotEstimate):
    """An effect that something is to be divided by cannot be told from zero."""

    status = UndefinedStatus.EFFECT_NEAR_ZERO

    def __init__(self, what: str) -> None:
        """Name the effect."""
        super().__init__(
            said(
                "The effect on {what} cannot be told from 0, so nothing can be divided by it.",
                what=what,
            )
        )


class NoGain(CannotEstimate):
    """An effect that something is to be divided by is below zero."""

    status = UndefinedStatus.NO_GAIN

    def __init__(self, what: str) -> None:
        """Name the effect."""
        super().__init__(
            said(
                "The treatment has fewer {what} than the control: there are none to pay for.",
                what=what,
            )
        )
