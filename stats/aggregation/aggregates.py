"""What aggregation hands to inference and checks: counts and summaries, no member rows."""

from dataclasses import dataclass
from datetime import date, datetime

from stats.aggregation.audit_counts import AuditCounts, NotAudited
from stats.aggregation.funnel_cells import FunnelCell
from stats.aggregation.money import MoneyAggregates
from stats.aggregation.overlaps import Overlaps
from stats.moments import Moments
from stats.summary import (
    DriverPatterns,
    MeanSummary,
    QuantileSummary,
    RatioSummary,
    SurvivalSummary,
)


@dataclass(frozen=True, slots=True)
class VariantUnits:
    """The units of one variant, after the rule for units seen in two variants.

    Attributes:
        variant: Its key, in the plan or not.
        units: Units that count.
        exposures: Exposures logged with this variant, of counted units or not.
        first_exposed_at: The earliest first exposure of a counted unit.
        last_exposed_at: The latest first exposure of a counted unit.
    """

    variant: str
    units: int
    exposures: int
    first_exposed_at: datetime | None
    last_exposed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CrossoverCount:
    """Units that were seen in exactly these variants."""

    variants: tuple[str, ...]
    units: int


@dataclass(frozen=True, slots=True)
class OtherCurrency:
    """Events left out because their amount is in another currency, or in none (`None`)."""

    currency: str | None
    events: int


@dataclass(frozen=True, slots=True)
class UnusableEvents:
    """Events that metrics leave out, as what their properties say cannot be counted.

    Attributes:
        metrics: Keys of the metrics.
        events: Names of the events that are read.
        properties: Names of the properties: missing, no number, or out of range.
        left_out: How many events.
    """

    metrics: tuple[str, ...]
    events: tuple[str, ...]
    properties: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class EventCount:
    """How often an event that the plan reads was seen.

    Attributes:
        event: Its name.
        seen: Conversions up to the analysis time, among those handed over: those of the members of
            exposed units, where the store hands over no others.
        without_amount: Those among them that carry no amount.
        ever_seen: Whether anybody's was seen up to the analysis time. An event that others have
            and exposed members have not is a true zero; one that nobody has may be a broken feed.
    """

    event: str
    seen: int
    without_amount: int
    ever_seen: bool


@dataclass(frozen=True, slots=True)
class VariantSummary:
    """One metric in one variant, over its mature units.

    Attributes:
        variant: Its key.
        summary: Sufficient statistics over the mature units.
        immature_units: Units whose window has not closed, left out of the summary.
        first_window_closes_at: When the first unit's window closes; `None` without units.
        last_window_closes_at: When the last unit's window closes; `None` without units.
        moments: The outcome (and denominator), then every covariate, over the same units; `None`
            without covariates.
        capped: The same units with their values winsorised; `None` without a cap.
        capped_units: Those of them whose value lies above the cap; `None` without a cap.
        nonzero_units: Mature units whose value (a ratio's numerator) is not zero.
        minimum: The lowest value; `None` without mature units.
        maximum: The highest value; `None` without mature units.
        distribution: Of a quantile metric the order statistics, of a survival metric the times of
            all units, mature or censored; `None` for other kinds.
    """

    variant: str
    summary: MeanSummary | RatioSummary
    immature_units: int
    first_window_closes_at: datetime | None
    last_window_closes_at: datetime | None
    moments: Moments | None = None
    capped: MeanSummary | None = None
    nonzero_units: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    distribution: QuantileSummary | SurvivalSummary | None = None
    capped_units: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One metric over the mature units of one variant that share a segment value or a day.

    Attributes:
        variant: Its key.
        summary: Sufficient statistics over those units.
        segment: Key of the segment; `None` for all units.
        value: Value of the segment; `None` where the unit has no such attribute.
        day: Calendar day of first exposure in the programme's time zone; `None` for all days.
        moments: With the covariates; `None` without any.
        nonzero_units: Those whose value (a ratio's numerator) is not zero; `None` where unknown.
    """

    variant: str
    summary: MeanSummary | RatioSummary
    segment: str | None = None
    value: str | None = None
    day: date | None = None
    moments: Moments | None = None
    nonzero_units: int | None = None


@dataclass(frozen=True, slots=True)
class HorizonCell:
    """One metric in one variant, counted until some days after first exposure.

    Attributes:
        variant: Its key.
        days: The end of the shortened window.
        summary: Over the units that are mature for the metric's whole window.
    """

    variant: str
    days: int
    summary: MeanSummary | RatioSummary


@dataclass(frozen=True, slots=True)
class TopShare:
    """How much of the pooled total the units with the highest values hold.

    Attributes:
        units: How many such units.
        share: Their part of the total, 0 to 1; `None` where the total is not above zero.
    """

    units: int
    share: float | None


@dataclass(frozen=True, slots=True)
class MetricAggregates:
    """One metric in every planned variant, in the order of the plan.

    Attributes:
        key: Its key.
        variants: All mature units of each variant.
        cap: Where values were winsorised, in the metric's unit; `None` without a cap.
        by_day: Per day of first exposure and variant, in order.
        by_segment: Per segment, value and variant, in the order of the plan.
        by_horizon: Of the OEC: per shortened window and variant.
        top_shares: Over all variants together: the highest unit, and the highest 1 %.
    """

    key: str
    variants: tuple[VariantSummary, ...]
    cap: int | float | None = None
    by_day: tuple[Cell, ...] = ()
    by_segment: tuple[Cell, ...] = ()
    by_horizon: tuple[HorizonCell, ...] = ()
    top_shares: tuple[TopShare, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitCount:
    """Units that count, mature or not, in one variant, on one day or of one segment value.

    Attributes:
        variant: Its key.
        units: How many.
        day: Calendar day of first exposure in the programme's time zone; `None` for all days.
        segment: Key of the segment; `None` for all units.
        value: Value of the segment; `None` where the unit has no such attribute.
    """

    variant: str
    units: int
    day: date | None = None
    segment: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class EventDay:
    """How often an event was seen on a calendar day in the programme's time zone."""

    event: str
    day: date
    seen: int


@dataclass(frozen=True, slots=True)
class VariantFunnel:
    """The funnel of one variant, over its mature units.

    Attributes:
        variant: Its key.
        mature_units: Units whose window has closed.
        immature_units: Units whose window has not.
        step_units: Mature units that passed each step and all before it.
    """

    variant: str
    mature_units: int
    immature_units: int
    step_units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long the units of one variant took from the step before to this one. Descriptive.

    Attributes:
        step: Key of the step.
        passed: Mature units that passed it: those that have a time.
        median_days: Half of them took at most so many days, cut to whole seconds; the first step
            is timed from first exposure. `None` where none passed.
        mean_days: Their mean; `None` where none passed.
    """

    step: str
    passed: int
    median_days: float | None
    mean_days: float | None


@dataclass(frozen=True, slots=True)
class VariantStepTimes:
    """The times of every step in one variant."""

    variant: str
    steps: tuple[StepTime, ...]


@dataclass(frozen=True, slots=True)
class FactsRange:
    """What the analysis was given, up to its time.

    Attributes:
        exposures: Exposures logged.
        first_exposed_at: The earliest of them.
        last_exposed_at: The latest of them.
        conversions: Conversions of the events that the plan reads.
        first_occurred_at: The earliest of them.
        last_occurred_at: The latest of them.
    """

    exposures: int
    first_exposed_at: datetime | None
    last_exposed_at: datetime | None
    conversions: int
    first_occurred_at: datetime | None
    last_occurred_at: datetime | None


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Everything that the analysis knows of the facts.

    Attributes:
        as_of: The analysis time; later facts are ignored.
        facts: What there was up to then.
        variants: Units per variant: the planned ones in the order of the plan, then any others.
        crossovers: Units seen in two or more variants, per set of variants.
        unknown_unit_members: Members left out because their unit is unknown.
        events: How often each event of the plan was seen, by name.
        other_currencies: Events left out because of their currency.
        metrics: Summaries, in the order of the plan.
        funnel: Per planned variant, in the order of the plan; empty without a funnel over the
            exposed.
        funnel_cells: Per planned variant and tier; empty without a funnel over the assigned.
        units_by_day: Units per day of first exposure and variant.
        units_by_segment: Units per segment, value and variant.
        event_days: How often each event of the plan was seen per day; days without one are absent.
        step_times: Per planned variant, in the order of the plan; empty without a funnel.
        drivers: Units counted by variant, segments and the OEC's outcome; `None` unless the OEC is
            a proportion and the plan has segments.
        audit: Logged exposures recomputed from the campaign's rule, or why they were not; `None`
            where nobody asked.
        overlaps: Units shared with other campaigns; `None` where the facts do not know them.
        unusable: Events left out because of their properties.
        money: What units brought and cost; `None` where the plan does not ask.
    """

    as_of: datetime
    facts: FactsRange
    variants: tuple[VariantUnits, ...]
    crossovers: tuple[CrossoverCount, ...]
    unknown_unit_members: int
    events: tuple[EventCount, ...]
    other_currencies: tuple[OtherCurrency, ...]
    metrics: tuple[MetricAggregates, ...]
    funnel: tuple[VariantFunnel, ...] = ()
    units_by_day: tuple[UnitCount, ...] = ()
    units_by_segment: tuple[UnitCount, ...] = ()
    event_days: tuple[EventDay, ...] = ()
    step_times: tuple[VariantStepTimes, ...] = ()
    funnel_cells: tuple[FunnelCell, ...] = ()
    drivers: DriverPatterns | None = None
    audit: AuditCounts | NotAudited | None = None
    overlaps: Overlaps | None = None
    unusable: tuple[UnusableEvents, ...] = ()
    money: MoneyAggregates | None = None
