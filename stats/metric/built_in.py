"""The built-in metrics of upgrade campaigns, by key."""

import difflib
from collections.abc import Callable, Sequence
from typing import Final

from stats.errors import InvalidMetric, UnknownMetric
from stats.metric.definition import MetricDefinition
from stats.metric.money import NO_RATES, RATED, Rates, fixed_money
from stats.metric.outcomes import downgrade, fixed_outcomes, time_to_upgrade, upgrade_conversion

FIXED: Final[dict[str, MetricDefinition]] = {
    definition.key: definition for definition in (*fixed_outcomes(), *fixed_money())
}
PARAMETRISED: Final[dict[str, tuple[str, Callable[[Sequence[str]], MetricDefinition]]]] = {
    "upgrade_conversion": ("target_tiers", upgrade_conversion),
    "time_to_upgrade": ("target_tiers", time_to_upgrade),
    "downgrade": ("lower_tiers", downgrade),
}
BUILTIN_KEYS: Final[tuple[str, ...]] = (*PARAMETRISED, *FIXED, *RATED)


def builtin(key: str, *, rates: Rates = NO_RATES, **parameters: Sequence[str]) -> MetricDefinition:
    """Look up a built-in metric.

    Args:
        key: One of `BUILTIN_KEYS`.
        rates: Of the programme, which metrics of margin, contact and lifetime value carry.
        parameters: `target_tiers` of `upgrade_conversion` and `time_to_upgrade`, `lower_tiers` of
            `downgrade`; the others take none.

    Raises:
        UnknownMetric: No built-in metric has that key; the message names the near ones.
        InvalidMetric: A parameter is missing or not the metric's own, or a rate is out of range.
    """
    if key not in BUILTIN_KEYS:
        raise UnknownMetric(key, difflib.get_close_matches(key, BUILTIN_KEYS, n=3), BUILTIN_KEYS)
    expected = {PARAMETRISED[key][0]} if key in PARAMETRISED else set()
    if parameters.keys() != expected:
        came = ", ".join(sorted(parameters)) or "nothing"
        way_out = f"give {', '.join(expected)}" if expected else "give none"
        raise InvalidMetric(came, field=f"{key}.parameters", expected=way_out)
    if key in FIXED:
        return FIXED[key]
    if key in RATED:
        return RATED[key](rates)
    name, make = PARAMETRISED[key]
    values = parameters[name]
    if isinstance(values, str) or not values:
        raise InvalidMetric(
            values, field=f"{key}.{name}", expected="give a list of at least one tier"
        )
    return make(values)
