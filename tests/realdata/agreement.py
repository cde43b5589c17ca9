"""Compares a scorecard with the oracle, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.realdata.agreement_slices import slice_pairs
from tests.realdata.agreement_times import times_pairs
from tests.realdata.oracle import EVERYBODY, METRICS
from tests.realdata.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.realdata.oracle import Truth


def metric_of(scorecard: dict[str, Any], key: str) -> dict[str, Any]:
    """Give one metric of a scorecard."""
    return next(metric for metric in scorecard["metrics"] if metric["key"] == key)


def finding_of(scorecard: dict[str, Any], code: str) -> dict[str, Any]:
    """Give one finding of a scorecard."""
    return next(finding for finding in scorecard["findings"] if finding["code"] == code)


def member_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the members per variant."""
    counts = truth.members()
    for row in scorecard["variants"]:
        yield Pair(f"members of {row['key']}", row["units"], counts[row["key"]])


def metric_pairs(scorecard: dict[str, Any], truth: Truth, key: str) -> Iterator[Pair]:
    """Pair every number of a metric: totals, values, differences, lifts, with their intervals."""
    metric = metric_of(scorecard, key)
    for row in metric["variants"]:
        name = f"{key} of {row['variant']}"
        top, bottom = truth.totals(key, row["variant"])
        yield Pair(f"{name}: members", row["n"], truth.members()[row["variant"]])
        yield Pair(f"{name}: numerator", row["numerator_total"], top)
        yield Pair(f"{name}: denominator", row["denominator_total"], bottom)
        own = truth.value(key, row["variant"])
        yield Pair(f"{name}: value", row["value"]["estimate"], own.value)
        yield Pair(f"{name}: low", row["value"]["ci_low"], own.ci_low)
        yield Pair(f"{name}: high", row["value"]["ci_high"], own.ci_high)
    for comparison in metric["comparisons"]:
        yield from _comparison_pairs(comparison, truth, key)


def funnel_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair every number of the funnel."""
    for step in scorecard["funnel"]["steps"]:
        key = step["key"]
        for row in step["variants"]:
            name = f"funnel {key} of {row['variant']}"
            passed, members = truth.totals(key, row["variant"])
            yield Pair(f"{name}: members", row["n"], members)
            yield Pair(f"{name}: passed", row["units"], passed)
            own = truth.value(key, row["variant"])
            yield Pair(f"{name}: low", row["share"]["ci_low"], own.ci_low)
            yield Pair(f"{name}: high", row["share"]["ci_high"], own.ci_high)
        if key in EVERYBODY:  # who was assigned was shown the offer: there is nothing to compare
            continue
        for comparison in step["comparisons"]:
            yield from _comparison_pairs(comparison, truth, key)


def _comparison_pairs(comparison: dict[str, Any], truth: Truth, key: str) -> Iterator[Pair]:
    treatment, came = comparison["treatment"], comparison["difference"]
    for means, expected in truth.comparisons(key, treatment).items():
        name = f"{key}, {treatment} against control, by {means}"
        yield Pair(f"{name}: difference", came["estimate"], expected.difference)
        yield Pair(f"{name}: standard error", came["std_error"], expected.std_error)
        yield Pair(f"{name}: degrees of freedom", came["df"], expected.df)
        yield Pair(f"{name}: low", came["ci_low"], expected.ci_low)
        yield Pair(f"{name}: high", came["ci_high"], expected.ci_high)
        yield Pair(f"{name}: p", came["p_value"], expected.p_value)
    if comparison["lift"]["status"] == "estimated":
        lift, expected_lift = comparison["lift"], truth.lift(key, treatment)
        name = f"lift of {key}, {treatment}"
        yield Pair(f"{name}: value", lift["estimate"], expected_lift.value)
        yield Pair(f"{name}: low", lift["ci_low"], expected_lift.ci_low)
        yield Pair(f"{name}: high", lift["ci_high"], expected_lift.ci_high)


def sample_ratio_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the p-value of the sample-ratio check."""
    evidence = finding_of(scorecard, "sample_ratio")["evidence"]
    yield Pair("sample ratio: p", evidence["p_value"], truth.sample_ratio_p())


def all_pairs(scorecard: dict[str, Any], truth: Truth) -> list[Pair]:
    """Pair everything."""
    return [
        *member_pairs(scorecard, truth),
        *sample_ratio_pairs(scorecard, truth),
        *(pair for key in METRICS for pair in metric_pairs(scorecard, truth, key)),
        *funnel_pairs(scorecard, truth),
        *slice_pairs(scorecard, truth),
        *times_pairs(scorecard, truth),
    ]
