"""The scorecard: what happened per variant, what can be trusted, and its one JSON document."""

from stats.scorecard.assemble import SCHEMA_VERSION, assemble_scorecard
from stats.scorecard.comparison import Comparison
from stats.scorecard.deviation import Deviation
from stats.scorecard.document import (
    FunnelResult,
    FunnelStepResult,
    FunnelStepVariant,
    FunnelTier,
    MetricResult,
    Scorecard,
    State,
    StepKind,
    VariantResult,
    VariantRow,
)
from stats.scorecard.enrolment import (
    Enrolment,
    Kept,
    KeptCount,
    NotCounted,
    TierCount,
    Unseen,
    UnseenCount,
)
from stats.scorecard.serialise import scorecard_from_json, scorecard_to_json

__all__ = [
    "SCHEMA_VERSION",
    "Comparison",
    "Deviation",
    "Enrolment",
    "FunnelResult",
    "FunnelStepResult",
    "FunnelStepVariant",
    "FunnelTier",
    "Kept",
    "KeptCount",
    "MetricResult",
    "NotCounted",
    "Scorecard",
    "State",
    "StepKind",
    "TierCount",
    "Unseen",
    "UnseenCount",
    "VariantResult",
    "VariantRow",
    "assemble_scorecard",
    "scorecard_from_json",
    "scorecard_to_json",
]
