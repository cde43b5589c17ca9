"""The values a scorecard is made of.

Fields and their order are those of the JSON document, which docs/reference/scorecard.md describes.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from stats.aggregation.aggregates import CrossoverCount, EventCount, FactsRange, OtherCurrency
from stats.checks.finding import Finding
from stats.decision.verdict import Decision
from stats.inference.driver_table import Drivers
from stats.inference.outcome import Undefined
from stats.metric import MetricDefinition, Window
from stats.plan import AnalysisPlan, Basis, MetricRole
from stats.scorecard.alternatives import AdjustedResult, CappedResult
from stats.scorecard.comparison import Comparison, VariantValue
from stats.scorecard.curves import SurvivalResult
from stats.scorecard.deviation import Deviation
from stats.scorecard.enrolment import Enrolment, NotCounted
from stats.scorecard.money import MoneyResult
from stats.scorecard.oec import OecResult
from stats.scorecard.outlook import Outlook
from stats.scorecard.slices import SegmentResult, TimeResult
from stats.sentence import Made


class State(StrEnum):
    """How far the results are."""

    NO_EXPOSURES = "no_exposures"  # nobody counts yet
    EVENTS_MISSING = "events_missing"  # the events have never been seen
    IMMATURE = "immature"  # a variant has no unit whose window has closed
    READY = "ready"


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A variant as planned and as observed.

    Attributes:
        key: Its name.
        is_control: Whether the others are compared with it.
        in_plan: Whether the plan knows it; if not, it is counted but not compared.
        planned_share: Its planned share of units, 0 to 1, if it has one.
        units: Units that count.
        exposures: Exposures logged with it.
        first_exposed_at: The earliest first exposure of a counted unit.
        last_exposed_at: The latest first exposure of a counted unit.
    """

    key: str
    is_control: bool
    in_plan: bool
    planned_share: Decimal | None
    units: int
    exposures: int
    first_exposed_at: datetime | None
    last_exposed_at: datetime | None


@dataclass(frozen=True, slots=True)
class VariantResult:
    """One metric in one variant.

    Attributes:
        variant: Its key.
        n: Mature units, over which everything here is computed; of a survival metric all units,
            those that are not mature censored at the analysis time.
        immature_units: Units left out because their window has not closed; of a survival metric
            those that may still have the event.
        last_window_closes_at: When the last unit's window closes.
        numerator_total: Units with the outcome (of a survival metric the event), or the sum of the
            units' values; money in minor units.
        denominator_total: The sum of the units' denominators; `n` for other kinds than ratios.
        value: numerator_total / denominator_total, with its interval; of a quantile metric the
            quantile, of a survival metric the mean of days up to the end of follow-up.
        nonzero_units: Mature units whose value is not zero; `None` of a survival metric.
        minimum: The lowest value; `None` without mature units, and of a survival metric.
        maximum: The highest value; `None` likewise.
    """

    variant: str
    n: int
    immature_units: int
    last_window_closes_at: datetime | None
    numerator_total: int | float
    denominator_total: int | float
    value: VariantValue
    nonzero_units: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One metric in all planned variants.

    Attributes:
        key: Its key.
        definition: What it is.
        role: What it is for.
        window: The window in use.
        non_inferiority_margin: Of a guardrail, as a share of the control's value.
        state: How far it is.
        sentence: What the state means here; empty when ready.
        first_results_at: When every variant with units has a mature one.
        complete_at: When the last unit's window closes.
        variants: Per planned variant, in the order of the plan.
        comparisons: Per treatment, in the order of the plan; empty unless ready.
        adjusted: With its covariates' foresight taken out; `None` without covariates.
        capped: With its outliers held; `None` without a cap.
        segments: In the order of the plan; empty unless ready.
        over_time: Of the OEC.
        survival: Of a survival metric with units.
        forecast_share: Share of its value that lies ahead of what the window saw, 0 to 1: 0.5 of a
            value over six months of which the window saw three.
    """

    key: str
    definition: MetricDefinition
    role: MetricRole
    window: Window
    non_inferiority_margin: Decimal | None
    state: State
    sentence: str
    first_results_at: datetime | None
    complete_at: datetime | None
    variants: tuple[VariantResult, ...]
    comparisons: tuple[Comparison, ...]
    adjusted: AdjustedResult | None = None
    capped: CappedResult | None = None
    segments: tuple[SegmentResult, ...] = ()
    over_time: TimeResult | None = None
    survival: SurvivalResult | None = None
    forecast_share: float = 0.0


@dataclass(frozen=True, slots=True)
class FunnelStepVariant:
    """One step in one variant.

    Attributes:
        variant: Its key.
        n: Mature units: all of them, whether or not they reached the step before.
        units: Units that passed this step and all before it on its track.
        share: units / n, with its interval.
        share_of_previous: units over those of the step before; descriptive only, because who
            reached that step depends on the treatment. `None` where nobody did, and where the step
            before is the assignment, of which every share is one.
        median_days: Half of those units took at most so many days since the step before; the first
            step is timed from the clock start. Descriptive, for the same reason; `None` where
            nobody passed.
        mean_days: Their mean; likewise.
        takes_part: Whether the variant can pass the step: one without an offer has nobody who views
            one, by construction, and is not compared.
    """

    variant: str
    n: int
    units: int
    share: VariantValue
    share_of_previous: float | None
    median_days: float | None = None
    mean_days: float | None = None
    takes_part: bool = True


class StepKind(StrEnum):
    """What a step of a funnel is."""

    ASSIGNED = "assigned"
    EXPOSED = "exposed"
    OFFER = "offer"  # only variants that show an offer take part
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class FunnelStepResult:
    """One step in all planned variants.

    Attributes:
        key: Its key.
        name: Its name for readers.
        events: Names of the events that pass it.
        variants: Per planned variant, in the order of the plan.
        comparisons: With the control; of a step of the offer, with the first variant that shows
            one, among those that do. Empty unless ready, and where there is nothing to compare.
        kind: What it is.
        previous: Key of the step before it on its track; `None` of the first, and of a funnel over
            the exposed.
        closes_after_days: Days from the clock start until a unit is mature for it; `None` of a
            funnel over the exposed, whose window says it.
        corrected_p_values: Per compared treatment, its p-value corrected over all comparisons of
            the funnel (Benjamini-Hochberg); exploratory. `None` without a test.
    """

    key: str
    name: str
    events: tuple[str, ...]
    variants: tuple[FunnelStepVariant, ...]
    comparisons: tuple[Comparison, ...]
    kind: StepKind = StepKind.OUTCOME
    previous: str | None = None
    closes_after_days: int | None = None
    corrected_p_values: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunnelTierStep:
    """One step of a funnel among the units of one tier."""

    key: str
    variants: tuple[FunnelStepVariant, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class FunnelTier:
    """The funnel of the units that had one tier at assignment: exploratory.

    Attributes:
        tier: Key of the tier; `None` where it is unknown or not on the ladder.
        units: Assigned units per variant, mature or not.
        shown: Whether every variant has enough of them to be shown apart.
        steps: As those of the funnel; empty where they are not shown.
    """

    tier: str | None
    units: dict[str, int]
    shown: bool
    steps: tuple[FunnelTierStep, ...]


@dataclass(frozen=True, slots=True)
class FunnelResult:
    """The steps, every one over all units of the basis whose time for it is over.

    Attributes:
        window: The window in use.
        state: How far it is.
        sentence: What the state means here; empty when ready.
        immature_units: Per variant, units left out because their window has not closed.
        steps: In order; over the assigned, the assignment and the exposure come first.
        basis: Over whom the steps are counted.
        by_tier: The same by tier at assignment, in the order of the ladder.
    """

    window: Window
    state: State
    sentence: str
    immature_units: dict[str, int]
    steps: tuple[FunnelStepResult, ...]
    basis: Basis = Basis.EXPOSED
    by_tier: tuple[FunnelTier, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The results of one phase of a campaign.

    Attributes:
        schema_version: Version of this document.
        campaign: Key of the campaign.
        phase: Number of its phase.
        state: How far the results are: that of the OEC, or of the furthest metric without one.
        as_of: The analysis time; later facts are ignored.
        computed_at: When this was computed.
        snapshot_hash: SHA-256 of this document without as_of, computed_at and the hash itself: the
            same facts and the same result have the same hash.
        currency: ISO 4217 code of all money.
        currency_exponent: Decimal places of its minor unit, in which all money is given.
        time_zone: IANA zone in which calendar days are cut.
        alpha: Two-sided error rate of every interval here.
        facts: What there was to analyse.
        variants: The planned ones in the order of the plan, then any others.
        crossovers: Units seen in several variants.
        events: How often each event of the plan was seen.
        other_currencies: Events left out because of their currency.
        findings: One per check, whether or not something is wrong.
        metrics: In the order of the plan.
        funnel: If the plan has one.
        plan: What was fixed before start.
        deviations: What was changed while the phase ran, the oldest first.
        oec: The metric that decides, under the plan's looks; `None` before it has results.
        outlook: What the OEC can find with the present units, and what the planned effect takes;
            `None` before it has results.
        decision: What the plan's rule makes of all this; `None` in scorecards of earlier versions.
        drivers: What goes with the OEC's outcome, by segments and variant: association, not
            effect; `None` unless the OEC is a proportion and the plan has segments.
        money: What each variant brought, cost and added; `None` where the plan does not ask.
        enrolment: All members, from the programme to the assignment, or why they are not counted;
            `None` where nobody asked.
        sentences: What the texts of this document were made of, so that they can be said in other
            languages; empty in scorecards of earlier versions.
    """

    schema_version: int
    campaign: str
    phase: int
    state: State
    as_of: datetime
    computed_at: datetime
    snapshot_hash: str
    currency: str
    currency_exponent: int
    time_zone: str
    alpha: float
    facts: FactsRange
    variants: tuple[VariantRow, ...]
    crossovers: tuple[CrossoverCount, ...]
    events: tuple[EventCount, ...]
    other_currencies: tuple[OtherCurrency, ...]
    findings: tuple[Finding, ...]
    metrics: tuple[MetricResult, ...]
    funnel: FunnelResult | None
    plan: AnalysisPlan
    deviations: tuple[Deviation, ...] = ()
    oec: OecResult | None = None
    outlook: Outlook | None = None
    decision: Decision | None = None
    drivers: Drivers | Undefined | None = None
    money: MoneyResult | None = None
    enrolment: Enrolment | NotCounted | None = None
    sentences: tuple[Made, ...] = ()
