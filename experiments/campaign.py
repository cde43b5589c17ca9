"""Decides what a campaign is, which states it passes through, and what may change while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, ValidationInfo, field_validator, model_validator

from experiments.analysis import MAX_COVARIATES, Analysis, Cap, Covariate, LiftMethod
from experiments.audience import Audience
from experiments.checklist import ItemTexts
from experiments.document import Document, Key, Moment, Percent
from experiments.errors import IllegalMove
from experiments.funnel import MAX_STEPS, Step, steps_fault
from experiments.layer import LayerUse, SlotRange
from experiments.money import MAX_MINOR
from experiments.offer import NoOffer, Number, Offer
from experiments.variant import (
    MAX_VARIANTS,
    MIN_VARIANTS,
    WHOLE,
    Variant,
    control_of,
    variants_fault,
)

if TYPE_CHECKING:
    from datetime import datetime


class State(StrEnum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DECIDED = "decided"
    ARCHIVED = "archived"


class Move(StrEnum):
    """What can be done to a campaign's state."""

    LAUNCH = "launch"
    UNSCHEDULE = "unschedule"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    DECIDE = "decide"
    ARCHIVE = "archive"


LEGAL: Final[dict[State, dict[Move, State]]] = {
    State.DRAFT: {Move.LAUNCH: State.RUNNING, Move.ARCHIVE: State.ARCHIVED},
    State.SCHEDULED: {Move.UNSCHEDULE: State.DRAFT, Move.STOP: State.STOPPED},
    State.RUNNING: {Move.PAUSE: State.PAUSED, Move.STOP: State.STOPPED},
    State.PAUSED: {Move.RESUME: State.RUNNING, Move.STOP: State.STOPPED},
    State.STOPPED: {Move.DECIDE: State.DECIDED},
    State.DECIDED: {Move.ARCHIVE: State.ARCHIVED},
    State.ARCHIVED: {},
}
"""The legal moves; a launch whose start lies ahead leads to SCHEDULED, which the clock ends."""


class UnitKind(StrEnum):
    """What is hashed, sticks and is counted."""

    MEMBER = "member"
    HOUSEHOLD = "household"


class AssignedBy(StrEnum):
    """Who makes the split."""

    TIERLIFT = "tierlift"
    EXTERNAL = "external"


class ExposureLogging(StrEnum):
    """Who says that a member was exposed."""

    FRONTEND = "frontend"
    SERVER = "server"


class CrossoverRule(StrEnum):
    """What becomes of units that were seen in two variants."""

    EXCLUDE = "exclude"
    KEEP_FIRST = "keep_first"


class Role(StrEnum):
    """What a metric is for in a campaign."""

    OEC = "oec"
    GUARDRAIL = "guardrail"
    DIAGNOSTIC = "diagnostic"


class MetricInUse(Document):
    """A metric that the campaign reads, by key; definitions live in one catalogue of metrics.

    Attributes:
        metric: Key of a built-in metric, or the key of `definition`.
        margin: How much worse a guardrail may get, as a share of the control's value (0.02 is 2 %).
        window_days: Conversion window, where it is not the campaign's.
        parameters: What a parametrised metric needs: ``tiers`` of an upgrade.
        definition: A metric of one's own.
        cap: Where the values of units are winsorised.
        covariates: What reduces its variance; where left out, the OEC has what it was in a
            pre-period as long as its window, and other metrics have none.
        lift_method: How the interval of its lift is made.
    """

    metric: Key
    role: Role
    margin: Annotated[Number, Field(gt=0)] | None = None
    window_days: Annotated[int, Field(gt=0, le=3_660)] | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    definition: dict[str, Any] | None = None
    cap: Cap | None = None
    covariates: Annotated[tuple[Covariate, ...], Field(max_length=MAX_COVARIATES)] | None = None
    lift_method: LiftMethod = LiftMethod.FIELLER

    @model_validator(mode="after")
    def _margin_fits(self) -> MetricInUse:
        if self.role is Role.GUARDRAIL and self.margin is None:
            message = f"the guardrail {self.metric!r} needs a margin: how much worse it may get"
            raise ValueError(message)
        if self.role is not Role.GUARDRAIL and self.margin is not None:
            message = f"{self.metric!r} has the role {self.role}; only a guardrail has a margin"
            raise ValueError(message)
        return self


class Goal(Document):
    """What the campaign is for: a metric from a baseline to a target by a deadline."""

    metric: Key
    baseline: Number
    target: Number
    deadline: Moment


CapUnits = Annotated[int, Field(gt=0, le=MAX_MINOR)]
CapBudget = Annotated[int, Field(strict=True, gt=0, le=MAX_MINOR)]


class VariantCaps(Document):
    """Bounds on one variant.

    Attributes:
        units: How many units are assigned to it.
        budget_minor: What its grants may cost.
    """

    units: CapUnits | None = None
    budget_minor: CapBudget | None = None


class Caps(Document):
    """Bounds on a campaign; at any of them enrolment stops in every variant alike.

    Budgets are minor units of the programme's currency, for what grants cost.

    Attributes:
        units: How many units are assigned, in all variants.
        budget_minor: What all grants may cost.
        grants_per_member: How many grants a member may have. It stops nobody else's enrolment.
        variants: Bounds on single variants, by key.
    """

    units: CapUnits | None = None
    budget_minor: CapBudget | None = None
    grants_per_member: CapUnits | None = None
    variants: dict[Key, VariantCaps] = Field(default_factory=dict)

    @field_validator("variants")
    @classmethod
    def _within_the_whole(
        cls, variants: dict[str, VariantCaps], info: ValidationInfo
    ) -> dict[str, VariantCaps]:
        for key, caps in variants.items():
            for name in ("units", "budget_minor"):
                part, whole = getattr(caps, name), info.data.get(name)
                if part is not None and whole is not None and part > whole:
                    message = f"{key}.{name} is {part}, more than the whole campaign's {whole}"
                    raise ValueError(message)
        return variants


class CampaignDesign(Document):
    """A campaign as its document has it: everything but its state."""

    key: Key
    name: Annotated[str, Field(max_length=255)] = ""
    owner: Annotated[str, Field(max_length=255)] = ""
    hypothesis: Annotated[str, Field(max_length=5_000)] = ""
    goal: Goal | None = None
    randomization_unit: UnitKind = UnitKind.MEMBER
    assigned_by: AssignedBy = AssignedBy.TIERLIFT
    exposure_logging: ExposureLogging = ExposureLogging.FRONTEND
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    traffic_share: Percent = WHOLE
    layer: LayerUse | None = None
    audience: Audience = Audience()
    variants: Annotated[
        tuple[Variant, ...],
        # The count is checked with the rest: Pydantic would count only what is valid so far.
        Field(json_schema_extra={"minItems": MIN_VARIANTS, "maxItems": MAX_VARIANTS}),
    ]
    default_offer: Offer = NoOffer()
    metrics: tuple[MetricInUse, ...] = ()
    conversion_window_days: Annotated[int, Field(gt=0, le=3_660)] | None = None
    funnel: Annotated[tuple[Step, ...], Field(max_length=MAX_STEPS)] = ()
    crossover: CrossoverRule = CrossoverRule.EXCLUDE
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    caps: Caps = Caps()
    price_difference_rationale: Annotated[str, Field(max_length=5_000)] = ""
    analysis: Analysis = Analysis()
    checklist: ItemTexts = ()

    @field_validator("variants")
    @classmethod
    def _variants_fit(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        fault = variants_fault(variants)
        if fault is not None:
            raise ValueError(fault)
        return variants

    @field_validator("metrics")
    @classmethod
    def _metrics_fit(cls, metrics: tuple[MetricInUse, ...]) -> tuple[MetricInUse, ...]:
        keys = [metric.metric for metric in metrics]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            message = f"each metric stands once; {', '.join(twice)} stands more often"
            raise ValueError(message)
        if sum(metric.role is Role.OEC for metric in metrics) > 1:
            message = "only one metric can have the role oec: it decides"
            raise ValueError(message)
        return metrics

    @field_validator("caps")
    @classmethod
    def _caps_fit(cls, caps: Caps, info: ValidationInfo) -> Caps:
        known = [variant.key for variant in info.data.get("variants", ())]
        unknown = sorted(set(caps.variants) - set(known))
        if known and unknown:
            message = f"variants has {', '.join(unknown)}, but the campaign {', '.join(known)}"
            raise ValueError(message)
        return caps

    @field_validator("funnel")
    @classmethod
    def _steps_differ(cls, funnel: tuple[Step, ...]) -> tuple[Step, ...]:
        fault = steps_fault(funnel)
        if fault is not None:
            raise ValueError(fault)
        return funnel

    @model_validator(mode="after")
    def _costs_are_of_variants(self) -> CampaignDesign:
        known = [variant.key for variant in self.variants]
        unknown = sorted({cost.variant for cost in self.analysis.money.costs} - set(known))
        if unknown:
            message = f"analysis.money.costs names {', '.join(unknown)}; use {', '.join(known)}"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _ends_after_start(self) -> CampaignDesign:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            message = f"ends_at {self.ends_at.isoformat()} must be after starts_at"
            raise ValueError(message)
        return self

    @property
    def control(self) -> Variant:
        """The variant that the others are compared with."""
        control = control_of(self.variants)
        if control is None:  # pragma: no cover  # refused when built
            message = "a design without control was built"
            raise AssertionError(message)
        return control

    @property
    def is_capped(self) -> bool:
        """Whether something may run out, at which enrolment stops in every variant."""
        caps = self.caps
        return (
            caps.units is not None
            or caps.budget_minor is not None
            or any(one != VariantCaps() for one in caps.variants.values())
            or any(
                not isinstance(variant.offer, NoOffer) and variant.offer.stock is not None
                for variant in self.variants
            )
        )

    def variant(self, key: str) -> Variant | None:
        """Give the variant with this key, or None."""
        return next((variant for variant in self.variants if variant.key == key), None)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a campaign under one design; a new one randomises anew.

    Attributes:
        number: From 1; part of the salts.
        layer_ranges: Slots of the layer that the phase holds, empty without a layer.
        analysis_plan: What will be computed, fixed at launch, as JSON values.
        started_at: Facts from here on belong to the phase (the first one also has all before).
        ended_at: None while it is in force.
    """

    number: int
    design: CampaignDesign
    started_at: datetime
    ended_at: datetime | None = None
    layer_ranges: tuple[SlotRange, ...] = ()
    analysis_plan: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """A controlled experiment on an upgrade: its design, its state, its phases.

    Attributes:
        state: As stored; `state_at` knows of a scheduled start that has passed.
        phases: In order; empty while never launched.
        version: Counts changes, so that two people cannot overwrite one another.
    """

    design: CampaignDesign
    state: State
    created_at: datetime
    updated_at: datetime
    phases: tuple[Phase, ...] = ()
    version: int = 1

    @property
    def key(self) -> str:
        """The campaign's key."""
        return self.design.key

    @property
    def phase(self) -> Phase | None:
        """The latest phase, or None while never launched."""
        return self.phases[-1] if self.phases else None

    def state_at(self, now: datetime) -> State:
        """Give the state at a moment: a scheduled campaign runs once its start has come."""
        if self.state is State.SCHEDULED and self.phase and self.phase.started_at <= now:
            return State.RUNNING
        return self.state

    def phase_at(self, moment: datetime) -> Phase | None:
        """Give the phase that a fact of this moment belongs to; the first also has all before."""
        return next(
            (phase for phase in reversed(self.phases) if phase.started_at <= moment),
            self.phases[0] if self.phases else None,
        )

    def moved(self, move: Move, now: datetime) -> State:
        """Give the state that a move leads to.

        Raises:
            IllegalMove: The state does not allow it; the error names the moves that it does.
        """
        state = self.state_at(now)
        if move not in LEGAL[state]:
            raise IllegalMove(self.key, state, move, [str(legal) for legal in LEGAL[state]])
        starts = self.design.starts_at
        if move is Move.LAUNCH and starts is not None and starts > now:
            return State.SCHEDULED
        return LEGAL[state][move]
