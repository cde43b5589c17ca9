"""A regression of drivers as a table: what it reports and what may be chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from stats.errors import UndefinedStatus
from stats.inference.driver_design import DriverColumn
from stats.sentence import said

SENTENCE = said(
    "Association, not effect: attributes were not assigned by chance, and "
    "units that differ in one differ in others that are not in the table."
)


class DriverModel(StrEnum):
    """What the coefficients are of."""

    LOGISTIC = "logistic"  # log odds
    LINEAR_PROBABILITY = "linear_probability"  # share


class RobustError(StrEnum):
    """How the standard errors are made."""

    HC1 = "hc1"  # for independent units
    HC3 = "hc3"  # the same, safer with few units
    CLUSTER = "cluster"  # for units that come in clusters


class DriverNote(StrEnum):
    """What a reader of a coefficient should know."""

    RARE_LEVEL = "rare_level"  # few units have this level
    FEW_OUTCOMES = "few_outcomes"  # few units of this level have the outcome, or few have not


@dataclass(frozen=True, slots=True)
class DriverOptions:
    """What may be chosen of the regression.

    Attributes:
        model: What the coefficients are of.
        error: HC1 or HC3; where units come in clusters it is theirs.
        references: The level that others are compared with, by factor; by default the one with
            most units.
        minimum_units: Fewer units of a level, or fewer with or without the outcome, are noted.
    """

    model: DriverModel = DriverModel.LOGISTIC
    error: RobustError = RobustError.HC1
    references: Mapping[str, str] = field(default_factory=dict)
    minimum_units: int = 30


DEFAULTS = DriverOptions()


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its two-sided 1 - alpha interval."""

    estimate: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True, slots=True)
class DriverCoefficient:
    """What goes with a level, compared with the reference level and the other factors held equal.

    Attributes:
        column: The level, its reference, and how many units have it.
        coefficient: Log odds, or a share in the linear probability model; of a number, per one.
        std_error: Its robust standard error.
        p_value: Two-sided, of a coefficient of 0, by the normal.
        p_adjusted: The same, corrected for the number of coefficients (Benjamini-Hochberg).
        odds_ratio: Of the logistic model; `None` of the other.
        marginal: Average difference in the share with the outcome, over all units: as if each had
            this level, against as if each had the reference; of a number, per one.
        notes: What to mind.
    """

    column: DriverColumn
    coefficient: Interval
    std_error: float
    p_value: float
    p_adjusted: float
    odds_ratio: Interval | None
    marginal: Interval
    notes: tuple[DriverNote, ...]


@dataclass(frozen=True, slots=True)
class DriverUndefined:
    """A level that has no coefficient, and why."""

    column: DriverColumn
    status: UndefinedStatus
    sentence: str


@dataclass(frozen=True, slots=True)
class Drivers:
    """The regression in a table.

    Attributes:
        outcome: What was asked of every unit.
        model: What the coefficients are of.
        error: How the standard errors are made.
        alpha: Two-sided error rate of the intervals.
        units: Units in the fit.
        successes: Those of them with the outcome.
        left_out: Units that are not in the fit, because their level has no coefficient.
        intercept: Log odds, or the share, of a unit with every reference level and number 0.
        coefficients: In the order of the factors.
        undefined: Levels without a coefficient.
        label: Always `association`.
        sentence: What that means.
    """

    outcome: str
    model: DriverModel
    error: RobustError
    alpha: float
    units: int
    successes: int
    left_out: int
    intercept: float
    coefficients: tuple[DriverCoefficient, ...]
    undefined: tuple[DriverUndefined, ...]
    label: Literal["association"] = "association"
    # made, not given: a sentence is no default that a JSON schema could hold
    sentence: str = field(default_factory=lambda: SENTENCE)
