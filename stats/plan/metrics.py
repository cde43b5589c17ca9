"""The metrics of a plan: what each is for, how outliers are held, what reduces its variance."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from stats.errors import InvalidPlan
from stats.metric import (
    BUILTIN_KEYS,
    KEY,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.plan.variants import FORBID

LONGEST_PRE_PERIOD_DAYS = 730
MARGIN = "contribution_margin_per_member"


class MetricRole(StrEnum):
    """What a metric is for."""

    OEC = "oec"  # decides
    GUARDRAIL = "guardrail"  # must not get worse than its margin
    DIAGNOSTIC = "diagnostic"  # explains, never decides


class LiftMethod(StrEnum):
    """How the interval of a lift is made."""

    FIELLER = "fieller"  # its test of zero is that of the difference
    DELTA = "delta"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Cap:
    """Where the values of units are winsorised, declared before start; raw stands beside it.

    Attributes:
        percentile: Share of the pooled units (all variants) that lies below the cap, such as 0.99.
        value: Or a fixed cap, in the metric's unit (money in minor units).
    """

    percentile: Decimal | None = None
    value: int | None = None
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse two caps, none, and one that caps everything."""
        if (self.percentile is None) == (self.value is None):
            came = (self.percentile, self.value)
            raise InvalidPlan(came, field="cap", expected="give either a percentile or a value")
        share = self.percentile
        if share is not None and not (share.is_finite() and Decimal("0.5") <= share < 1):
            way_out = "give a share from 0.5 to below 1, such as 0.99"
            raise InvalidPlan(share, field="cap.percentile", expected=way_out)
        if self.value is not None and self.value <= 0:
            raise InvalidPlan(self.value, field="cap.value", expected="give a value above 0")


@dataclass(frozen=True, slots=True)
class Covariate:
    """What a unit did before it could feel the difference: known beforehand, so free of it.

    Attributes:
        key: Its name within the metric.
        days: Length of the pre-period that ends at first exposure (or assignment).
        numerator: Signed terms added up per unit over the pre-period; empty for the metric's own
            numerator, and of a ratio metric its own denominator as a second covariate.
    """

    key: str
    days: int
    numerator: tuple[Term, ...] = ()
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a covariate without a name or a pre-period."""
        if not KEY.fullmatch(self.key):
            way_out = "use a to z, 0 to 9 and _, a letter first"
            raise InvalidPlan(self.key, field="covariates.key", expected=way_out)
        if not 0 < self.days <= LONGEST_PRE_PERIOD_DAYS:
            way_out = f"give 1 to {LONGEST_PRE_PERIOD_DAYS} days"
            raise InvalidPlan(self.days, field=f"covariates.{self.key}.days", expected=way_out)


@dataclass(frozen=True, slots=True)
class MetricInUse:
    """A metric as this campaign uses it.

    Attributes:
        definition: The metric.
        role: What it is for.
        window: The window that replaces the definition's own; `None` keeps that.
        non_inferiority_margin: Of a guardrail: how much worse it may get, as a share of the
            control's value (0.02 is 2 %).
        cap: Where its values are winsorised; `None` leaves them as they are.
        covariates: What reduces its variance (CUPED), known before first exposure.
        lift_method: How the interval of its lift is made.
    """

    definition: MetricDefinition
    role: MetricRole
    window: Window | None = None
    non_inferiority_margin: Decimal | None = None
    cap: Cap | None = None
    covariates: tuple[Covariate, ...] = ()
    lift_method: LiftMethod = LiftMethod.FIELLER
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse margins, caps, windows and covariates that do not fit the metric."""
        self._check_margin()
        field = f"metrics.{self.definition.key}"
        kind = self.definition.kind
        if self.cap is not None and kind is not MetricKind.MEAN:
            way_out = "only a mean is winsorised: leave it out"
            raise InvalidPlan(kind.value, field=f"{field}.cap", expected=way_out)
        window = self.effective_window
        if kind is MetricKind.SURVIVAL and window.start_days:
            way_out = "time to an event is counted from first exposure: start at day 0"
            raise InvalidPlan(window.start_days, field=f"{field}.window", expected=way_out)
        if self.covariates and not kind.is_summed:
            way_out = "covariates reduce the variance of sums: leave them out"
            raise InvalidPlan(kind.value, field=f"{field}.covariates", expected=way_out)
        keys = [covariate.key for covariate in self.covariates]
        if len(set(keys)) < len(keys):
            way_out = "give every covariate a key of its own"
            raise InvalidPlan(keys, field=f"{field}.covariates", expected=way_out)

    def _check_margin(self) -> None:
        margin = self.non_inferiority_margin
        if margin is None:
            return
        if self.definition.is_forecast and not self.definition.shows_lift:
            way_out = (
                "a share of this value says nothing: use it as a diagnostic, or spend_per_member"
            )
            raise InvalidPlan(margin, field=f"metrics.{self.key}.margin", expected=way_out)
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
    def is_margin(self) -> bool:
        """Whether it is what units bring less what they cost: the built-in one, or one's own."""
        definition = self.definition
        other = definition.key in BUILTIN_KEYS and definition.key != MARGIN
        return not other and (
            definition.kind is MetricKind.MEAN
            and definition.unit is MetricUnit.MONEY
            and definition.direction is Direction.HIGHER
        )

    @property
    def events(self) -> tuple[str, ...]:
        """Names of the events that it and its covariates read, sorted."""
        return _events((*self.definition.terms, *(t for c in self.covariates for t in c.numerator)))

    @property
    def covariate_columns(self) -> tuple[str, ...]:
        """A key per column of covariates in `Moments`: a ratio's own past has two."""
        ratio = self.definition.kind is MetricKind.RATIO
        return tuple(
            column
            for covariate in self.covariates
            for column in (
                (f"{covariate.key}.numerator", f"{covariate.key}.denominator")
                if ratio and not covariate.numerator
                else (covariate.key,)
            )
        )

    @property
    def effective_window(self) -> Window:
        """The plan's window, or else the definition's."""
        return self.window or self.definition.window


def check_metrics(metrics: tuple[MetricInUse, ...]) -> None:
    """Refuse no metrics, two of one key, and two that decide."""
    keys = [metric.key for metric in metrics]
    if not keys:
        raise InvalidPlan(keys, field="metrics", expected="give at least one metric")
    if len(set(keys)) < len(keys):
        way_out = "give every metric a key of its own; a second window needs a second key"
        raise InvalidPlan(keys, field="metrics", expected=way_out)
    deciding = [metric.key for metric in metrics if metric.role is MetricRole.OEC]
    if len(deciding) > 1:
        raise InvalidPlan(deciding, field="metrics.role", expected="let one metric be the OEC")


def _events(terms: Iterable[Term]) -> tuple[str, ...]:
    return tuple(sorted({event for term in terms for event in term.events}))
