"""The one value that the report's template is given: every word and number on the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.block import Block, Table
    from app.report.enrolment_part import EnrolmentPart
    from app.report.formatting import Moment, Number
    from app.report.plot import Plot
    from app.report.shown import Shown, VariantName
    from stats.checks.finding import Severity
    from stats.scorecard import State
    from stats.scorecard.money import MoneyState


class Tone(StrEnum):
    """How the page opens."""

    SHIP = "ship"  # a verdict: ship a treatment
    STOP = "stop"  # a verdict: ship none
    KEEP = "keep"  # a verdict: keep running
    OPEN = "open"  # a verdict: inconclusive
    RESULT = "result"  # there is a result, and no verdict
    EARLY = "early"  # there is one, and more members to come
    WAITING = "waiting"  # windows are open, or nobody has been exposed
    BROKEN = "broken"  # a check failed: no result is quoted


@dataclass(frozen=True, slots=True)
class Detail:
    """A term (or none) and what it is here; the machine's form of it, if that differs."""

    term: str
    text: str
    machine: str = ""


@dataclass(frozen=True, slots=True)
class HeadlineLine:
    """What the OEC shows for one treatment.

    Attributes:
        treatment: The treatment.
        quantity: `lift` or `difference`, whichever is quoted.
        shown: It, with its interval.
        reading: Where the interval lies and what follows, in words.
        members: How many were compared, in words.
        level: Confidence level of the interval.
        label: The verdict on it in a word or two; empty without one.
    """

    treatment: VariantName
    quantity: str
    shown: Shown
    reading: str
    members: str
    level: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """The top of the page: the verdict in one sentence, why, and what the OEC shows.

    Attributes:
        tone: How it looks.
        label: The verdict or the state in a word or two.
        sentence: It in a sentence.
        lines: Per treatment.
        notes: What goes with it: looks, guardrails, what is still missing, what to do.
    """

    tone: Tone
    label: str
    sentence: str
    lines: tuple[HeadlineLine, ...]
    notes: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One finding."""

    code: str
    severity: Severity
    label: str
    title: str
    detail: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Health:
    """The trust checks: what needs attention, worst first, and what passed."""

    summary: str
    open: tuple[HealthLine, ...]
    passed: tuple[HealthLine, ...]


@dataclass(frozen=True, slots=True)
class VariantLine:
    """A variant as planned and as observed."""

    variant: VariantName
    in_plan: bool
    planned_share: Number | None
    observed_share: Number | None
    units: Number
    exposures: Number
    first_exposed_at: Moment | None
    last_exposed_at: Moment | None


@dataclass(frozen=True, slots=True)
class MetricLine:
    """One metric in one variant, and against the control.

    Attributes:
        variant: The variant.
        n: Units counted.
        immature_units: Units left out for now; of times to an event, counted as far as watched.
        numerator_total: Units with the outcome, or a sum.
        denominator_total: What it is divided by.
        value: The variant's own value.
        difference: Against the control; `None` for the control, and where nothing is compared.
        per_thousand: The difference of money per 1,000 units.
        lift: Against the control.
        p_value: Of no difference.
        reading: What the comparison shows, in words.
        margin_reading: Where the interval lies against a guardrail's margin, in words.
    """

    variant: VariantName
    n: Number
    immature_units: Number
    numerator_total: Number
    denominator_total: Number
    value: Shown
    difference: Shown | None = None
    per_thousand: Shown | None = None
    lift: Shown | None = None
    p_value: Number | None = None
    reading: str = ""
    margin_reading: str = ""


@dataclass(frozen=True, slots=True)
class MetricSection:
    """One metric.

    Attributes:
        key: Its key.
        name: Its name.
        role: Its role, in words.
        facts: What it is, in short phrases.
        description: One sentence.
        state: How far it is.
        state_title: The state in words; empty when ready.
        sentence: What the state means here; empty when ready.
        pending: Units whose window is open, in one sentence; empty without any.
        over: How a total relates to what it is divided by, in a word.
        lines: Per variant; empty while nobody counts.
        plot: Intervals; `None` where nothing is compared.
        blocks: What else there is to see of it.
        total_title: What the totals are, in words.
        waiting_title: What becomes of units whose window is open, in words.
    """

    key: str
    name: str
    role: str
    facts: tuple[str, ...]
    description: str
    state: State
    state_title: str
    sentence: str
    pending: str
    over: str
    lines: tuple[MetricLine, ...]
    plot: Plot | None
    blocks: tuple[Block, ...] = ()
    total_title: str = "Total"
    waiting_title: str = "Left out for now"

    @property
    def has_immature(self) -> bool:
        """Whether any unit is left out for now."""
        return any(line.immature_units.value for line in self.lines)

    @property
    def is_compared(self) -> bool:
        """Whether treatments are compared with the control."""
        return any(line.difference is not None for line in self.lines)

    @property
    def has_per_thousand(self) -> bool:
        """Whether the difference is given per 1,000 units, too."""
        return any(line.per_thousand is not None for line in self.lines)


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """The metrics of one role."""

    anchor: str
    title: str
    note: str
    metrics: tuple[MetricSection, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the funnel in one variant.

    Attributes:
        share: None where the variant has no part in the step.
        versus: With what it is compared, where that is not the control.
        corrected: Its p-value corrected over all comparisons of the funnel.
        takes_part: Whether the variant can pass the step at all.
    """

    variant: VariantName
    n: Number
    units: Number
    share: Shown | None
    share_of_previous: Number | None
    difference: Shown | None
    lift: Shown | None
    p_value: Number | None
    median_days: Number | None = None
    mean_days: Number | None = None
    versus: str = ""
    corrected: Number | None = None
    takes_part: bool = True


@dataclass(frozen=True, slots=True)
class StepSection:
    """One step of the funnel; `note` says what is particular about it."""

    name: str
    events: str
    lines: tuple[StepLine, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class FunnelSection:
    """The funnel, as a metric section is.

    Attributes:
        share_title: What shares are of, in words.
        enrolment: The way to the assignment; `None` where it was not asked for.
        blocks: The funnel by tier.
    """

    note: str
    state: State
    state_title: str
    sentence: str
    pending: str
    steps: tuple[StepSection, ...]
    plot: Plot | None
    share_title: str = "Share of all exposed"
    enrolment: EnrolmentPart | None = None
    blocks: tuple[Block, ...] = ()

    @property
    def has_days(self) -> bool:
        """Whether steps say how long they took."""
        return any(line.median_days is not None for step in self.steps for line in step.lines)

    @property
    def is_corrected(self) -> bool:
        """Whether p-values stand beside corrected ones."""
        return any(line.corrected is not None for step in self.steps for line in step.lines)


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """A part of the money.

    Attributes:
        anchor: Unique on the page.
        title: What it shows.
        table: The numbers.
        tag: How it is to be taken, in a word; may be empty.
        note: What it is, in a sentence or two; may be empty.
        readings: Sentences that say what the numbers show.
        plots: Intervals.
    """

    anchor: str
    title: str
    table: Table
    tag: str = ""
    note: str = ""
    readings: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True)
class MoneySection:
    """What the campaign earned and cost.

    Attributes:
        note: What it is.
        state: How far it is.
        state_title: The state in words; empty when ready.
        sentence: What the state means here; empty when ready.
        parts: In order; empty without results.
        assumptions: What all of it rests on.
    """

    note: str
    state: MoneyState
    state_title: str
    sentence: str
    parts: tuple[MoneyPart, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the plan while it was carried out."""

    at: Moment
    actor: str
    field: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page.

    Attributes:
        title: Name of the campaign.
        programme: Name of the programme; may be empty.
        campaign: Key of the campaign.
        phase: Number of the phase.
        unit: What is counted, in the plural: members, households.
        level: Confidence level of every interval.
        as_of: The analysis time.
        purpose: Hypothesis, goal, owner: what stands beside the result.
        headline: The top of the page.
        health: Trust checks.
        variants: Planned and observed.
        glance: Treatments by deciding metric, guardrails and money; `None` where nothing is
            compared or a check has failed.
        groups: Metrics by role.
        funnel: If the plan has one.
        money: What the campaign earned and cost, if the plan asks.
        design: What was fixed before start.
        deviations: What was changed while it ran.
        provenance: What this report was made from.
        snapshot_hash: Hash of the facts and results.
    """

    title: str
    programme: str
    campaign: str
    phase: Number
    unit: str
    level: str
    as_of: Moment
    purpose: tuple[Detail, ...]
    headline: Headline
    health: Health
    variants: tuple[VariantLine, ...]
    glance: Table | None
    groups: tuple[MetricGroup, ...]
    funnel: FunnelSection | None
    money: MoneySection | None
    design: tuple[Detail, ...]
    deviations: tuple[Change, ...]
    provenance: tuple[Detail, ...]
    snapshot_hash: str
