"""The analysis plan: what will be computed, and by which rules."""

from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from stats.errors import InvalidPlan
from stats.plan.funnel import Funnel
from stats.plan.looks import FIXED_HORIZON, Looks, PowerGoal
from stats.plan.metrics import MetricInUse, MetricRole, check_metrics
from stats.plan.money import MoneyPlan
from stats.plan.rules import (
    DEFAULT_RULE,
    DecisionRule,
    DecisionScale,
    EstimateUsed,
    Multiplicity,
    SegmentBy,
)
from stats.plan.variants import (
    FORBID,
    Basis,
    CrossoverRule,
    PlannedVariant,
    RandomizationUnit,
    check_variants,
)

CURRENCY_LETTERS = 3
LARGEST_EXPONENT = 4


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
        basis: Which units count, and from when.
        looks: When the results are looked at.
        power_goal: What the campaign was sized for, if it was.
        multiplicity: How the OEC's tests of several treatments share the error rate.
        segments: Slices of the results, by attributes known at assignment.
        decision_rule: What turns the scorecard into a verdict.
        money: How what the campaign earns and costs is counted; `None` in plans of earlier
            versions.
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
    basis: Basis = Basis.EXPOSED
    looks: Looks = FIXED_HORIZON
    power_goal: PowerGoal | None = None
    multiplicity: Multiplicity = Multiplicity.HOLM
    segments: tuple[SegmentBy, ...] = ()
    decision_rule: DecisionRule = DEFAULT_RULE
    money: MoneyPlan | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a plan that contradicts itself."""
        check_variants(self.variants)
        check_metrics(self.metrics)
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
        self._check_rules()

    def _check_rules(self) -> None:
        keys = [segment.key for segment in self.segments]
        if len(set(keys)) < len(keys):
            way_out = "give every segment a key of its own"
            raise InvalidPlan(keys, field="segments", expected=way_out)
        used = self.decision_rule.estimate
        oec = self.oec
        lacks = {
            EstimateUsed.RAW: False,
            EstimateUsed.ADJUSTED: oec is None or not oec.covariates,
            EstimateUsed.CAPPED: oec is None or oec.cap is None,
        }
        if lacks[used]:
            way_out = "give the OEC covariates or a cap, or decide by the raw estimate"
            raise InvalidPlan(used.value, field="decision_rule.estimate", expected=way_out)
        if (
            oec is not None
            and not oec.definition.shows_lift
            and self.decision_rule.scale is DecisionScale.LIFT
        ):
            way_out = f"a lift of {oec.key} says nothing: decide on the scale of the difference"
            came = self.decision_rule.scale.value
            raise InvalidPlan(came, field="decision_rule.scale", expected=way_out)
        self._check_money(used)

    def _check_money(self, used: EstimateUsed) -> None:
        if self.money is not None:
            known = {variant.key for variant in self.variants}
            unknown = sorted({cost.variant for cost in self.money.costs} - known)
            if unknown:
                way_out = f"use a variant of the plan: {', '.join(sorted(known))}"
                raise InvalidPlan(unknown, field="money.costs.variant", expected=way_out)
        if self.decision_rule.scale is not DecisionScale.INCREMENTAL_MARGIN:
            return
        oec = self.oec
        if oec is None or not oec.is_margin or self.money is None:
            way_out = (
                "let contribution_margin_per_member be the OEC and give the plan its money, or "
                "decide by lift or difference"
            )
            came = None if oec is None else oec.key
            raise InvalidPlan(came, field="decision_rule.scale", expected=way_out)
        if used is EstimateUsed.CAPPED:
            way_out = "capped money is not what is earned: decide by raw or adjusted"
            raise InvalidPlan(used.value, field="decision_rule.estimate", expected=way_out)

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
    def money_events(self) -> frozenset[str]:
        """Names of the events that are read for the money alone.

        That one of them has never been seen is no sign of a broken feed: many campaigns give no
        rewards, and send no messages.
        """
        if self.money is None:
            return frozenset()
        others = replace(self, money=None, decision_rule=DEFAULT_RULE)
        return frozenset(self.money.events) - frozenset(others.events)

    @property
    def events(self) -> tuple[str, ...]:
        """Names of all events that the analysis reads, sorted."""
        read = {event for metric in self.metrics for event in metric.events}
        if self.funnel is not None:
            read |= set(self.funnel.events)
        if self.money is not None:
            read |= set(self.money.events)
        return tuple(sorted(read))

    @property
    def dispensable_attributes(self) -> frozenset[str]:
        """Those of `attributes` that only leave out units of which they are known."""
        found = [one.definition.among for one in self.metrics]
        lenient = {one.attribute for one in found if one is not None and not one.values}
        strict = {one.attribute for one in found if one is not None and one.values}
        return frozenset(lenient - strict - {segment.key for segment in self.segments})

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of units, as they were at assignment, that the analysis reads, each once."""
        of_metrics = (one.definition.among for one in self.metrics)
        among = (one.attribute for one in of_metrics if one is not None)
        return tuple(dict.fromkeys((*(segment.key for segment in self.segments), *among)))

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
