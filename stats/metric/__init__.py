"""What a metric is, as data, and the built-in metrics of upgrade campaigns."""

from stats.metric.built_in import (
    BUILTIN_KEYS,
    FIXED,
    PARAMETRISED,
    builtin,
)
from stats.metric.definition import (
    KEY,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    scale_of,
    weights_of,
)
from stats.metric.money import (
    NO_RATES,
    RATED,
    Rates,
    contact_cost_per_member,
    contribution_margin_per_member,
    gross_margin_per_member,
)
from stats.metric.outcomes import downgrade, time_to_upgrade, upgrade_conversion
from stats.metric.term import (
    LARGEST,
    LONGEST_WINDOW_DAYS,
    NUMBER,
    STEPS,
    Aggregate,
    Among,
    Condition,
    Since,
    Term,
    Window,
)

__all__ = [
    "BUILTIN_KEYS",
    "FIXED",
    "KEY",
    "LARGEST",
    "LONGEST_WINDOW_DAYS",
    "NO_RATES",
    "NUMBER",
    "PARAMETRISED",
    "RATED",
    "STEPS",
    "Aggregate",
    "Among",
    "Condition",
    "Direction",
    "MetricDefinition",
    "MetricKind",
    "MetricUnit",
    "Rates",
    "Since",
    "Term",
    "Window",
    "builtin",
    "contact_cost_per_member",
    "contribution_margin_per_member",
    "downgrade",
    "gross_margin_per_member",
    "scale_of",
    "time_to_upgrade",
    "upgrade_conversion",
    "weights_of",
]
