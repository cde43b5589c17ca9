"""Compares percentiles and times to an event with the oracle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.realdata.agreement_slices import difference_pairs, interval_pairs
from tests.realdata.oracle import welch_of_estimates
from tests.realdata.oracle_times import (
    Times,
    hazards,
    log_rank,
    mean_days,
    median_days,
    normal_difference,
    percentile,
    percentile_error,
)
from tests.realdata.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.realdata.oracle import Truth


def percentile_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the 90th percentile of spend."""
    for row in metric["variants"]:
        name = f"90th percentile of {row['variant']}"
        yield from interval_pairs(
            name, row["value"], percentile(truth.column("net", row["variant"]))
        )
    control = percentile_error(truth.column("net", "control"))
    for one in metric["comparisons"]:
        treated = percentile_error(truth.column("net", one["treatment"]))
        name = f"90th percentile, {one['treatment']}"
        yield from difference_pairs(name, one["difference"], welch_of_estimates(control, treated))


def interval_of_orders_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the days to the next order: curves, means, medians, log-rank test, hazard ratios."""
    times, survival = Times.of(truth), metric["survival"]
    own, counts = {}, truth.members()
    for row, curve in zip(metric["variants"], survival["curves"], strict=True):
        variant = row["variant"]
        expected = times.curve(truth, variant)
        own[variant] = mean_days(expected, counts[variant])
        yield Pair(f"mean days of {variant}", row["value"]["estimate"], own[variant].value)
        yield Pair(f"members of {variant}", curve["n"], counts[variant])
        yield Pair(f"orderers of {variant}", curve["events"], int(expected.n_events.sum()))
        low, high = expected.quantile_ci(0.5)
        middle = median_days(times.days[truth.variants == variant])
        yield Pair(f"median of {variant}", curve["median"]["days"], middle)
        yield Pair(f"median of {variant}: low", curve["median"]["ci_low"], float(low))
        yield Pair(f"median of {variant}: high", curve["median"]["ci_high"], float(high))
        for point in curve["points"]:
            passed = expected.surv_prob[expected.surv_times <= point["day"]]
            left = float(passed[-1]) if len(passed) else 1.0
            yield Pair(f"curve of {variant}, day {point['day']}", point["survival"], left)
    for one in metric["comparisons"]:
        difference = normal_difference(own["control"], own[one["treatment"]])
        came = {**one["difference"], "df": math.inf}
        name = f"mean days, {one['treatment']}"
        pairs = difference_pairs(name, came, difference)
        yield from (pair for pair in pairs if math.isfinite(pair.oracle))
    chi_squared, p_value = log_rank(times, truth)
    yield Pair("log-rank: χ²", survival["log_rank"]["chi_squared"], chi_squared)
    yield Pair("log-rank: p", survival["log_rank"]["p_value"], p_value)
    ratios = hazards(times, truth)
    for one in survival["hazard_ratios"]:
        ratio = ratios[one["treatment"]]
        name = f"hazard ratio of {one['treatment']}"
        yield Pair(name, one["estimate"], math.exp(ratio.value))
        yield Pair(f"{name}: error", one["log_std_error"], math.sqrt(ratio.variance))


def times_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair both metrics."""
    for metric in scorecard["metrics"]:
        if metric["key"] == "large_basket_p90":
            yield from percentile_pairs(metric, truth)
        if metric["key"] == "repurchase_interval":
            yield from interval_of_orders_pairs(metric, truth)
