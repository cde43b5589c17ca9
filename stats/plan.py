"""What will be analysed and how, fixed before anyone looks.

A plan is stored with the phase at launch and never changes afterwards; it is all that the analysis
knows of the campaign.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidPlan
from stats.metric import Condition, MetricDefinition, Window

CURRENCY_LETTERS = 3
LARGEST_EXPONENT = 4
FORBID = ConfigDict(extra="forbid")


class RandomizationUnit(StrEnum):
    """What is hashed and counted."""

    MEMBER = "member"
    HOUSEHOLD = "household"


class MetricRole(StrEnum):
    """What a metric is for."""

    OEC = "oec"  # decides
    GUARDRAIL = "guardrail"  # must not get worse than its margin
    DIAGNOSTIC = "diagnostic"  # explains, never decides


class CrossoverRule(StrEnum):
    """What becomes of a unit that was seen in two variants."""

    EXCLUDE = "exclude"
    KEEP_FIRST = "keep_first"


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """A variant of the plan.

    Attributes:
        key: Its name.
        planned_share: Its share of the units, 0 to 1; `None` when the split was not planned here.
        is_control: Whether the others are compared with it.
    """

    key: str
    planned_share: Decimal | None
    is_control: bool = False
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a variant without a name and a share that is none."""
        if not self.key:
            raise InvalidPlan(self.key, field="variants.key", expected="name the variant")
        share = self.planned_share
        if share is not None and not (share.is_finite() and 0 <= share <= 1):
            way_out = "give a share from 0 to 1, such as 0.5"
            raise InvalidPlan(share, field=f"variants.{self.key}.planned_share", expected=way_out)


@dataclass(frozen=True, slots=True)
class MetricInUse:
    """A metric as this campaign uses it.

    Attributes:
        definition: The metric.
        role: What it is for.
        window: The window that replaces the definition's own; `None` keeps that.
        non_inferiority_margin: Of a guardrail: how much worse it may get, as a share of the
            control's value (0.02 is 2 %).
    """

    definition: MetricDefinition
    role: MetricRole
    window: Window | None = None
    non_inferiority_margin: Decimal | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a margin that is no margin, or that is no guardrail's."""
        margin = self.non_inferiority_margin
        if margin is None:
            return
        field = f"metrics.{self.definition.key}.non_inferiority_margin"
        if self.role is not MetricRole.GUARDRAIL:
            raise InvalidPlan(margin, field=field, expected="only a guardrail metric has a margin")
        if not (margin.is_finite() and margin > 0):
            raise InvalidPlan(margin, field=field, expected="give a share above 0, such as 0.02")

    @property
    def key(self) -> str:
        """The key of its definition, unique in a plan."""
        return self.definition.key

    @property
    def effective_window(self) -> Window:
        """The plan's window, or else the definition's."""
        return self.window or self.definition.window


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One of the ordered outcomes of a funnel: any of these events."""

    key: str
    name: str
    events: tuple[str, ...]
    where: tuple[Condition, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a step that reads no event."""
        if not self.key:
            raise InvalidPlan(self.key, field="funnel.steps.key", expected="name the step")
        if not self.events or not all(self.events):
            raise InvalidPlan(
                self.events, field=f"funnel.steps.{self.key}.events", expected="name an event"
            )


@dataclass(frozen=True, slots=True)
class Funnel:
    """Ordered steps within one window after first exposure."""

    steps: tuple[FunnelStep, ...]
    window: Window
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse an empty funnel, and two steps that one event would pass at once."""
        if not self.steps:
            raise InvalidPlan(
                self.steps, field="funnel.steps", expected="give a step, or leave the funnel out"
            )
        keys = [step.key for step in self.steps]
        if len(set(keys)) < len(keys):
            raise InvalidPlan(
                keys, field="funnel.steps", expected="give every step a key of its own"
            )
        read = [(frozenset(step.events), step.where) for step in self.steps]
        if len(set(read)) < len(read):
            way_out = "let every step read an event of its own: one event would pass two steps"
            raise InvalidPlan(keys, field="funnel.steps", expected=way_out)


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """What is analysed and how.

    Attributes:
        campaign: Key of the campaign.
        phase: Number of its phase, from 1.
        randomization_unit: What is counted.
        variants: At least two, exactly one of them the control.
        metrics: Metrics in use; at most one is the OEC, which decides.
        funnel: Ordered steps, if the campaign has any.
        crossover_rule: What becomes of units seen in two variants.
        alpha: Two-sided error rate of intervals and tests.
        sample_ratio_alpha: Error rate of the sample-ratio check.
        currency: ISO 4217 code in which money is counted.
        currency_exponent: Decimal places of its minor unit (TWD 2, JPY 0).
        time_zone: IANA zone in which calendar days are cut.
    """

    campaign: str
    phase: int
    randomization_unit: RandomizationUnit
    variants: tuple[PlannedVariant, ...]
    metrics: tuple[MetricInUse, ...]
    currency: str
    currency_exponent: int
    time_zone: str
    funnel: Funnel | None = None
    crossover_rule: CrossoverRule = CrossoverRule.EXCLUDE
    alpha: float = 0.05
    sample_ratio_alpha: float = 0.001
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a plan that contradicts itself."""
        _check_variants(self.variants)
        _check_metrics(self.metrics)
        for field, rate in (("alpha", self.alpha), ("sample_ratio_alpha", self.sample_ratio_alpha)):
            if not 0 < rate < 1:
                raise InvalidPlan(
                    rate, field=field, expected="give an error rate strictly between 0 and 1"
                )
        if not self.campaign:
            raise InvalidPlan(self.campaign, field="campaign", expected="give the campaign's key")
        if self.phase < 1:
            raise InvalidPlan(self.phase, field="phase", expected="phases are counted from 1")
        if not (len(self.currency) == CURRENCY_LETTERS and self.currency.isupper()):
            raise InvalidPlan(
                self.currency, field="currency", expected="give an ISO 4217 code such as TWD"
            )
        if not 0 <= self.currency_exponent <= LARGEST_EXPONENT:
            way_out = f"give 0 to {LARGEST_EXPONENT} decimal places"
            raise InvalidPlan(self.currency_exponent, field="currency_exponent", expected=way_out)
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            way_out = "give an IANA zone such as Asia/Taipei"
            raise InvalidPlan(self.time_zone, field="time_zone", expected=way_out) from error

    @property
    def control(self) -> PlannedVariant:
        """The variant that the others are compared with."""
        return next(variant for variant in self.variants if variant.is_control)

    @property
    def treatments(self) -> tuple[PlannedVariant, ...]:
        """All variants but the control, in the order of the plan."""
        return tuple(variant for variant in self.variants if not variant.is_control)

    @property
    def oec(self) -> MetricInUse | None:
        """The metric that decides, if the plan has one."""
        return next((metric for metric in self.metrics if metric.role is MetricRole.OEC), None)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events that the analysis reads, sorted."""
        read = {event for metric in self.metrics for event in metric.definition.events}
        if self.funnel is not None:
            read |= {event for step in self.funnel.steps for event in step.events}
        return tuple(sorted(read))

    @classmethod
    def from_json(cls, document: JsonValue) -> Self:
        """Read a plan from the JSON that `to_json` writes.

        Raises:
            InvalidPlan: Names the field, the value that came and the way out.
            InvalidMetric: A definition within it contradicts itself.
        """
        try:
            return _adapter().validate_python(document)  # type: ignore[return-value] # the adapter is of this very class
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "plan"
            raise InvalidPlan(first["input"], field=field, expected=first["msg"]) from error

    def to_json(self) -> dict[str, JsonValue]:
        """Write the plan as a JSON object, keys in the order of the fields."""
        document: dict[str, JsonValue] = _adapter().dump_python(self, mode="json")
        return document


@cache
def _adapter() -> TypeAdapter[AnalysisPlan]:
    return TypeAdapter(AnalysisPlan)


def _check_variants(variants: tuple[PlannedVariant, ...]) -> None:
    keys = [variant.key for variant in variants]
    if len(set(keys)) < len(keys):
        raise InvalidPlan(keys, field="variants", expected="give every variant a key of its own")
    controls = [variant.key for variant in variants if variant.is_control]
    if len(controls) != 1:
        raise InvalidPlan(
            controls, field="variants.is_control", expected="make exactly one variant the control"
        )
    if len(keys) == 1:
        raise InvalidPlan(
            keys, field="variants", expected="give at least one treatment besides the control"
        )
    shares = [v.planned_share for v in variants if v.planned_share is not None]
    total = sum(shares, Decimal(0))
    if total > 1 or (len(shares) == len(keys) and total != 1):
        raise InvalidPlan(
            str(total), field="variants.planned_share", expected="shares must total exactly 1"
        )


def _check_metrics(metrics: tuple[MetricInUse, ...]) -> None:
    keys = [metric.key for metric in metrics]
    if not keys:
        raise InvalidPlan(keys, field="metrics", expected="give at least one metric")
    if len(set(keys)) < len(keys):
        way_out = "give every metric a key of its own; a second window needs a second key"
        raise InvalidPlan(keys, field="metrics", expected=way_out)
    deciding = [metric.key for metric in metrics if metric.role is MetricRole.OEC]
    if len(deciding) > 1:
        raise InvalidPlan(deciding, field="metrics.role", expected="let one metric be the OEC")
