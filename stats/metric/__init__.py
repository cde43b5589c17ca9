"""What a metric is, as data, and the built-in metrics of upgrade campaigns."""

from stats.metric.built_in import (
    BUILTIN_KEYS,
    FIXED,
    PARAMETRISED,
    builtin,
    downgrade,
    time_to_upgrade,
    upgrade_conversion,
)
from stats.metric.definition import (
    KEY,
    LONGEST_WINDOW_DAYS,
    Aggregate,
    Condition,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)

__all__ = [
    "BUILTIN_KEYS",
    "FIXED",
    "KEY",
    "LONGEST_WINDOW_DAYS",
    "PARAMETRISED",
    "Aggregate",
    "Condition",
    "Direction",
    "MetricDefinition",
    "MetricKind",
    "MetricUnit",
    "Term",
    "Window",
    "builtin",
    "downgrade",
    "time_to_upgrade",
    "upgrade_conversion",
]
