"""What is corrected, sliced and decided, by rules fixed before anyone looks."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from stats.errors import InvalidPlan
from stats.metric import KEY
from stats.plan.variants import FORBID


class Multiplicity(StrEnum):
    """How the deciding tests of several treatments share the error rate."""

    HOLM = "holm"
    HOCHBERG = "hochberg"
    BONFERRONI = "bonferroni"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SegmentBy:
    """A slice of the results, by an attribute as it was when the unit was assigned.

    Attributes:
        key: Name of the attribute, and of the column in the relation `units`.
        name: Its name for readers.
        minimum_units: A value with fewer units in any variant is not shown apart.
    """

    key: str
    name: str = ""
    minimum_units: int = 100
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a slice by nothing, and cells too small to have an error."""
        if not KEY.fullmatch(self.key):
            way_out = "use a to z, 0 to 9 and _, a letter first"
            raise InvalidPlan(self.key, field="segments.key", expected=way_out)
        if self.minimum_units < 2:  # noqa: PLR2004 - a variance takes two
            way_out = "give at least 2 units, which a variance takes"
            field = f"segments.{self.key}.minimum_units"
            raise InvalidPlan(self.minimum_units, field=field, expected=way_out)


class DecisionScale(StrEnum):
    """On which scale the OEC's threshold stands."""

    LIFT = "lift"
    DIFFERENCE = "difference"
    INCREMENTAL_MARGIN = "incremental_margin"  # money of all treated units, less fixed costs


class EstimateUsed(StrEnum):
    """Which estimate of the OEC decides."""

    RAW = "raw"
    ADJUSTED = "adjusted"  # CUPED, where the OEC has covariates
    CAPPED = "capped"  # winsorised, where the OEC has a cap


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """What turns a scorecard into a verdict.

    Attributes:
        scale: Scale of the threshold.
        threshold: Ship where the whole interval of the OEC is better than this; do not ship where
            it is all worse. In the better direction of the metric: 0.01 on the scale of lift asks
            for at least 1 % in its favour; on the scale of incremental margin it is money, in minor
            units.
        estimate: Which estimate decides.
        minimum_days: Days that the campaign must have run, so that weekdays balance out.
        exempt_checks: Codes of trust checks whose failure does not stop a verdict, each argued in
            the campaign's documents.
        require_safe_guardrails: Whether a ship waits until every guardrail is shown to be within
            its margin. Otherwise only a breach stops it, and unresolved ones are named.
    """

    scale: DecisionScale = DecisionScale.LIFT
    threshold: Decimal = Decimal(0)
    estimate: EstimateUsed = EstimateUsed.RAW
    minimum_days: int = 7
    exempt_checks: tuple[str, ...] = ()
    require_safe_guardrails: bool = False
    __pydantic_config__: ClassVar[ConfigDict] = FORBID

    def __post_init__(self) -> None:
        """Refuse a threshold that is no number and a negative wait."""
        if not self.threshold.is_finite():
            way_out = "give a number, such as 0.01"
            raise InvalidPlan(self.threshold, field="decision_rule.threshold", expected=way_out)
        if self.minimum_days < 0:
            way_out = "give 0 or more days"
            raise InvalidPlan(
                self.minimum_days, field="decision_rule.minimum_days", expected=way_out
            )


DEFAULT_RULE = DecisionRule()
"""Ship what is better than the control beyond chance, after a week."""
