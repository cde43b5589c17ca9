"""Gives the metrics that a campaign can name, as people read them, and what their values count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analysis.custom_metrics import named_metrics
from experiments.defining import find_metrics
from stats.metric import BUILTIN_KEYS, NO_RATES, MetricUnit

if TYPE_CHECKING:
    from app.console.new.form import Setting


@dataclass(frozen=True, slots=True)
class MetricOption:
    """A metric to choose.

    Attributes:
        name: In the reader's language, where it is a built-in one.
        unit: What one unit of its value is.
    """

    key: str
    name: str
    unit: MetricUnit


def metric_options(setting: Setting) -> tuple[MetricOption, ...]:
    """Give every metric that a campaign can name, by its name."""
    found = []
    for one in named_metrics(find_metrics(setting.engine), NO_RATES):
        name = one.definition.get("name") or one.key
        if one.key in BUILTIN_KEYS:
            name = setting.words.say(name)
        found.append(MetricOption(one.key, name, MetricUnit(one.definition["unit"])))
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def unit_of(key: str, setting: Setting) -> MetricUnit | None:
    """Give what a metric's values count, or None where there is no such metric."""
    return next((one.unit for one in metric_options(setting) if one.key == key), None)
