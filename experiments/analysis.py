"""Decides how the results of a campaign may be read, fixed at launch before anyone has seen them.

What these choices mean is documented where they are computed; here they are only written down and
checked for contradictions.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import Field, field_validator, model_validator

from experiments.document import Document, Key, Moment
from experiments.offer import Number

MAX_SEGMENTS: Final = 20
MAX_LOOKS: Final = 100
MAX_COVARIATES: Final = 10
PRE_PERIOD_DAYS: Final = 730
MAX_COSTS: Final = 8
MAX_COST: Final = 10**15

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,127}$")]
"""A name that is also a column in every engine."""


class Basis(StrEnum):
    """Which units count, the same in every variant."""

    EXPOSED = "exposed"
    ASSIGNED = "assigned"


class LookKind(StrEnum):
    """Which looks keep the error rate."""

    FIXED = "fixed"
    PLANNED = "planned"
    CONTINUOUS = "continuous"


class Spending(StrEnum):
    """How planned looks spend the error rate."""

    OBRIEN_FLEMING = "obrien_fleming"
    POCOCK = "pocock"


class Multiplicity(StrEnum):
    """How several treatments share the error rate."""

    HOLM = "holm"
    HOCHBERG = "hochberg"
    BONFERRONI = "bonferroni"
    NONE = "none"


class LiftMethod(StrEnum):
    """How the interval of a lift is made."""

    FIELLER = "fieller"
    DELTA = "delta"
    LOG = "log"


class Scale(StrEnum):
    """On which scale the threshold of the decision stands."""

    LIFT = "lift"
    DIFFERENCE = "difference"
    INCREMENTAL_MARGIN = "incremental_margin"


class EstimateUsed(StrEnum):
    """Which estimate of the OEC decides."""

    RAW = "raw"
    ADJUSTED = "adjusted"
    CAPPED = "capped"


class Cap(Document):
    """Where the values of units are winsorised: a share of all units, or a value."""

    percentile: Annotated[Number, Field(ge=0.5, lt=1)] | None = None
    value: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Cap:
        if (self.percentile is None) == (self.value is None):
            message = "give either a percentile or a value"
            raise ValueError(message)
        return self


class Covariate(Document):
    """What a unit did in the days before it could feel a difference.

    Attributes:
        key: Its name within the metric.
        days: Length of the pre-period.
        numerator: Terms as in a metric's definition; the metric's own where left out.
    """

    key: Column
    days: Annotated[int, Field(gt=0, le=PRE_PERIOD_DAYS)]
    numerator: tuple[dict[str, Any], ...] = ()


class Looks(Document):
    """When the results are looked at.

    Attributes:
        kind: `fixed` reads them once, at `ends_at`; `planned` at `dates`; `continuous` at any time.
        planned_units: Units of all variants together that the campaign was sized for.
    """

    kind: LookKind = LookKind.FIXED
    dates: Annotated[tuple[Moment, ...], Field(max_length=MAX_LOOKS)] = ()
    spending: Spending = Spending.OBRIEN_FLEMING
    planned_units: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _dates_fit(self) -> Looks:
        if (self.kind is LookKind.PLANNED) != bool(self.dates):
            message = "planned looks have dates, and no others do"
            raise ValueError(message)
        if any(later <= earlier for earlier, later in pairwise(self.dates)):
            message = "give the dates in order, each once"
            raise ValueError(message)
        return self


class PowerGoal(Document):
    """What the campaign was sized for: the smallest effect, relative or absolute, and the power."""

    power: Annotated[float, Field(gt=0, lt=1)] = 0.8
    mde_relative: Annotated[Number, Field(gt=0)] | None = None
    mde_absolute: Annotated[Number, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> PowerGoal:
        if self.mde_relative is not None and self.mde_absolute is not None:
            message = "give the effect either relative or absolute"
            raise ValueError(message)
        return self


class SegmentBy(Document):
    """A slice of the results, by an attribute as it was at assignment."""

    key: Column
    name: Annotated[str, Field(max_length=255)] = ""
    minimum_units: Annotated[int, Field(ge=2)] = 100


class DecisionRule(Document):
    """What turns the results into a verdict.

    Attributes:
        threshold: Ship where the whole interval of the OEC is better than this; on the scale of
            `incremental_margin` money of all who were treated, in minor units, after fixed costs.
        estimate: Which estimate decides; adjusted where the OEC has covariates, if left out.
        minimum_days: Days that the campaign must have run.
        exempt_checks: Trust checks whose failure does not stop a verdict.
        require_safe_guardrails: Whether a ship waits until guardrails are shown to be safe.
    """

    scale: Scale = Scale.LIFT
    threshold: Number = Decimal(0)
    estimate: EstimateUsed | None = None
    minimum_days: Annotated[int, Field(ge=0, le=3_660)] = 7
    exempt_checks: tuple[Key, ...] = ()
    require_safe_guardrails: Annotated[bool, Field(strict=True)] = False


class VariantCost(Document):
    """What a variant costs beside the events of its members, in minor units.

    Attributes:
        variant: Its key.
        fixed_cost_minor: Once for the campaign, whoever comes: design, set-up, media.
        contact_cost_minor: Of contacting one member, where no event says it.
    """

    variant: Key
    fixed_cost_minor: Annotated[int, Field(ge=0, le=MAX_COST)] = 0
    contact_cost_minor: Annotated[int, Field(ge=0, le=MAX_COST)] = 0


class MoneyTerms(Document):
    """How what the campaign earns and costs is counted.

    Attributes:
        window_days: Days in which money counts; by default those of an OEC in money, else 90.
        costs: What variants cost beside the events of their members.
        target_tiers: What counts as an upgrade; by default that of the metrics, else of the offers.
        audience: Members a roll-out would reach; by default those that the campaign reached.
        runs_per_year: How often a year it would be run.
        season_factor: What an average run earns, over what this one does: 0.8 in a good season.
    """

    window_days: Annotated[int, Field(gt=0, le=3_660)] | None = None
    costs: Annotated[tuple[VariantCost, ...], Field(max_length=MAX_COSTS)] = ()
    target_tiers: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    audience: Annotated[int, Field(gt=0, le=MAX_COST)] | None = None
    runs_per_year: Annotated[Number, Field(gt=0, le=366)] = Decimal(1)
    season_factor: Annotated[Number, Field(gt=0, le=100)] = Decimal(1)

    @field_validator("costs")
    @classmethod
    def _variants_differ(cls, costs: tuple[VariantCost, ...]) -> tuple[VariantCost, ...]:
        keys = [cost.variant for cost in costs]
        if len(set(keys)) < len(keys):
            message = "each variant stands once"
            raise ValueError(message)
        return costs


class Analysis(Document):
    """How the results are read."""

    basis: Basis = Basis.EXPOSED
    looks: Looks = Looks()
    power_goal: PowerGoal | None = None
    multiplicity: Multiplicity = Multiplicity.HOLM
    segments: Annotated[tuple[SegmentBy, ...], Field(max_length=MAX_SEGMENTS)] = ()
    decision_rule: DecisionRule = DecisionRule()
    money: MoneyTerms = MoneyTerms()

    @field_validator("segments")
    @classmethod
    def _segments_differ(cls, segments: tuple[SegmentBy, ...]) -> tuple[SegmentBy, ...]:
        keys = [segment.key for segment in segments]
        if len(set(keys)) < len(keys):
            message = "each segment stands once"
            raise ValueError(message)
        return segments
