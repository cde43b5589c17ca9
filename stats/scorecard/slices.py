"""A metric in parts of the units: by segment, by day of exposure, by days since exposure."""

from dataclasses import dataclass
from datetime import date

from stats.inference.effect_over_time import NoveltySlope
from stats.inference.interaction import InteractionTest
from stats.inference.outcome import Undefined
from stats.scorecard.comparison import DifferenceOutcome, LiftOutcome


@dataclass(frozen=True, slots=True)
class SegmentEffect:
    """The effect of one treatment on the units of one segment value.

    Attributes:
        value: The segment's value; `None` for units without that attribute.
        treatment: Key of the treatment.
        control_units: Mature units of the control.
        treatment_units: Mature units of the treatment.
        difference: Within the segment value.
        lift: Within the segment value.
    """

    value: str | None
    treatment: str
    control_units: int
    treatment_units: int
    difference: DifferenceOutcome
    lift: LiftOutcome


@dataclass(frozen=True, slots=True)
class SegmentInteraction:
    """Whether the effect of one treatment differs between the values of a segment.

    Attributes:
        treatment: Key of the treatment.
        test: Cochran's Q on the scale of the difference, or why it cannot be made.
        adjusted_p_value: Corrected over all segments of the metric (Benjamini-Hochberg);
            exploratory. `None` without a test.
    """

    treatment: str
    test: InteractionTest | Undefined
    adjusted_p_value: float | None


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """One segment of one metric: exploratory, however it looks.

    Attributes:
        key: Name of the attribute.
        name: Its name for readers.
        minimum_units: A value with fewer units in any variant is listed and not estimated.
        values_left_out: Values beyond those listed, which are the largest.
        effects: Per value, the largest first, and treatment.
        interactions: Per treatment.
    """

    key: str
    name: str
    minimum_units: int
    values_left_out: int
    effects: tuple[SegmentEffect, ...]
    interactions: tuple[SegmentInteraction, ...]


@dataclass(frozen=True, slots=True)
class DayEffect:
    """The effect of one treatment on the units first exposed on one day.

    Attributes:
        day: Calendar day in the programme's time zone.
        treatment: Key of the treatment.
        control_units: Mature units of the control.
        treatment_units: Mature units of the treatment.
        difference: Within the day's cohort.
    """

    day: date
    treatment: str
    control_units: int
    treatment_units: int
    difference: DifferenceOutcome


@dataclass(frozen=True, slots=True)
class HorizonEffect:
    """The effect of one treatment until some days after exposure: descriptive.

    Attributes:
        days: Days after first exposure.
        treatment: Key of the treatment.
        difference: Over the units mature for the metric's whole window.
    """

    days: int
    treatment: str
    difference: DifferenceOutcome


@dataclass(frozen=True, slots=True)
class TimeTests:
    """Whether the effect of one treatment changes over time.

    Attributes:
        treatment: Key of the treatment.
        novelty: Change of the effect per day of first exposure, or why there is none.
        weekdays: Whether weekdays of first exposure differ, or why that cannot be tested.
    """

    treatment: str
    novelty: NoveltySlope | Undefined
    weekdays: InteractionTest | Undefined


@dataclass(frozen=True, slots=True)
class TimeResult:
    """A metric over time.

    Attributes:
        by_day: Per day of first exposure and treatment: different units, so they can be compared.
        by_horizon: Per days since exposure and treatment: the same units again and again, so that
            differences between horizons are not tested.
        tests: Per treatment.
    """

    by_day: tuple[DayEffect, ...]
    by_horizon: tuple[HorizonEffect, ...]
    tests: tuple[TimeTests, ...]
