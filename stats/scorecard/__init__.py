"""The scorecard: what happened per variant, what can be trusted, and its one JSON document."""

from stats.scorecard.assemble import SCHEMA_VERSION, assemble_scorecard
from stats.scorecard.comparison import Comparison
from stats.scorecard.deviation import Deviation
from stats.scorecard.document import (
    FunnelResult,
    FunnelStepResult,
    FunnelStepVariant,
    MetricResult,
    Scorecard,
    State,
    VariantResult,
    VariantRow,
)
from stats.scorecard.serialise import scorecard_from_json, scorecard_to_json

__all__ = [
    "SCHEMA_VERSION",
    "Comparison",
    "Deviation",
    "FunnelResult",
    "FunnelStepResult",
    "FunnelStepVariant",
    "MetricResult",
    "Scorecard",
    "State",
    "VariantResult",
    "VariantRow",
    "assemble_scorecard",
    "scorecard_from_json",
    "scorecard_to_json",
]
