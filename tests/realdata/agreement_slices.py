"""Compares what a scorecard says beyond means: adjusted, capped, by segment, over time, decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.realdata.oracle import lift_by_fieller, welch_of_estimates
from tests.realdata.oracle_ols import adjusted_by_ols
from tests.realdata.oracle_slices import (
    SEGMENTS,
    TREATMENTS,
    capped,
    capped_mean,
    corrected,
    effect,
    heterogeneity,
    large_enough,
    non_inferiority,
    values_of,
)
from tests.realdata.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.realdata.oracle import Comparison, Interval, Truth


def difference_pairs(name: str, came: dict[str, Any], expected: Comparison) -> Iterator[Pair]:
    """Pair every number of a difference."""
    yield Pair(f"{name}: difference", came["estimate"], expected.difference)
    yield Pair(f"{name}: standard error", came["std_error"], expected.std_error)
    yield Pair(f"{name}: degrees of freedom", came["df"], expected.df)
    yield Pair(f"{name}: low", came["ci_low"], expected.ci_low)
    yield Pair(f"{name}: high", came["ci_high"], expected.ci_high)
    yield Pair(f"{name}: p", came["p_value"], expected.p_value)


def interval_pairs(name: str, came: dict[str, Any], expected: Interval) -> Iterator[Pair]:
    """Pair a value, or a lift, with its interval."""
    yield Pair(f"{name}: value", came["estimate"], expected.value)
    yield Pair(f"{name}: low", came["ci_low"], expected.ci_low)
    yield Pair(f"{name}: high", came["ci_high"], expected.ci_high)


def adjusted_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair a metric less what its covariates foretold with the regression."""
    came, key = metric["adjusted"], metric["key"]
    if came is None:
        return
    expected = adjusted_by_ols(truth, key)
    for theta, coefficient in zip(came["thetas"], expected.thetas, strict=True):
        yield Pair(f"{key}: θ of {theta['covariate']}", theta["value"], coefficient)
    for row in came["variants"]:
        own, name = expected.values[row["variant"]], f"adjusted {key} of {row['variant']}"
        yield Pair(f"{name}: value", row["value"], own.value)
        yield Pair(f"{name}: standard error", row["std_error"], own.variance**0.5)
    control = expected.values["control"]
    for one in came["comparisons"]:
        treated, name = expected.values[one["treatment"]], f"adjusted {key}, {one['treatment']}"
        yield from difference_pairs(name, one["difference"], welch_of_estimates(control, treated))
        yield from interval_pairs(f"{name}: lift", one["lift"], lift_by_fieller(control, treated))
    for one in came["reductions"]:
        name = f"variance reduction of {key}, {one['treatment']}"
        yield Pair(name, one["share"], expected.reduction(one["treatment"]))


def oec_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the metric that decides, adjusted and corrected for two treatments (Holm)."""
    oec = scorecard["oec"]
    values = adjusted_by_ols(truth, oec["metric"]).values
    plain = [welch_of_estimates(values["control"], values[key]).p_value for key in TREATMENTS]
    for one, p_value, holm in zip(oec["treatments"], plain, corrected(plain, "holm"), strict=True):
        pair, name = (values["control"], values[one["treatment"]]), f"OEC, {one['treatment']}"
        at_level = welch_of_estimates(*pair, alpha=one["level"])
        yield Pair(f"{name}: p", one["p_value"], p_value)
        yield Pair(f"{name}: p by Holm", one["adjusted_p_value"], holm)
        yield Pair(f"{name}: low", one["difference"]["ci_low"], at_level.ci_low)
        yield Pair(f"{name}: high", one["difference"]["ci_high"], at_level.ci_high)
        lift = lift_by_fieller(*pair, alpha=one["level"])
        yield from interval_pairs(f"{name}: lift", one["lift"], lift)


def segment_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the effect in every value of every segment, and the tests that values differ."""
    key = metric["key"]
    if not metric["segments"]:
        return
    tests = {
        (segment, treatment): heterogeneity(truth, key, segment, treatment)
        for segment in SEGMENTS
        for treatment in TREATMENTS
    }
    adjusted = dict(
        zip(tests, corrected([test.p_value for test in tests.values()], "fdr_bh"), strict=True)
    )
    for segment in metric["segments"]:
        parts = values_of(truth, segment["key"])
        yield Pair(f"values of {segment['key']}", len(segment["effects"]), 2 * len(parts))
        for one in segment["effects"]:
            part, treatment = parts[one["value"]], one["treatment"]
            name = f"{key} in {segment['key']} {one['value']}, {treatment}"
            yield Pair(f"{name}: control", one["control_units"], part.members()["control"])
            yield Pair(f"{name}: treatment", one["treatment_units"], part.members()[treatment])
            shown = one["difference"]["status"] == "estimated"
            yield Pair(f"{name}: large enough", int(shown), int(large_enough(part)))
            if shown:
                yield from difference_pairs(name, one["difference"], effect(part, key, treatment))
        for one in segment["interactions"]:
            place = (segment["key"], one["treatment"])
            yield from _interaction_pairs(f"{key} by {' '.join(place)}", one, tests[place])
            yield Pair(f"{place}: by BH", one["adjusted_p_value"], adjusted[place])


def _interaction_pairs(name: str, one: dict[str, Any], expected: Any) -> Iterator[Pair]:  # noqa: ANN401
    came = one["test"]
    yield Pair(f"{name}: cells", came["cells"], expected.cells)
    yield Pair(f"{name}: Q", came["q"], expected.q)
    yield Pair(f"{name}: degrees of freedom", came["df"], expected.df)
    yield Pair(f"{name}: p", came["p_value"], expected.p_value)
    yield Pair(f"{name}: I²", came["i_squared"], expected.i_squared)
    yield Pair(f"{name}: pooled", came["pooled"], expected.pooled)
    yield Pair(f"{name}: pooled error", came["pooled_std_error"], expected.std_error)


def time_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the effect on the cohort of each day, here one, and until so many days after."""
    key, over_time = metric["key"], metric["over_time"]
    if over_time is None:
        return
    for one in over_time["by_day"]:
        name = f"{key} on {one['day']}, {one['treatment']}"
        yield Pair(f"{name}: members", one["control_units"], truth.members()["control"])
        yield from difference_pairs(name, one["difference"], effect(truth, key, one["treatment"]))
    for one in over_time["by_horizon"]:
        until = effect(truth.until(one["days"]), key, one["treatment"])
        name = f"{key} until day {one['days']}, {one['treatment']}"
        yield from difference_pairs(name, one["difference"], until)


def capped_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the capped metric."""
    came, key = metric["capped"], metric["key"]
    if came is None:
        return
    cap, held = capped(truth)
    yield Pair(f"cap of {key}", came["cap"], cap)
    for row in came["variants"]:
        variant, name = row["variant"], f"capped {key} of {row['variant']}"
        total = int(held.column("net", variant).sum())
        above = int((truth.column("net", variant) > cap).sum())
        yield Pair(f"{name}: total", row["total"], total)
        yield Pair(f"{name}: members above the cap", row["capped_units"], above)
        yield Pair(f"{name}: cut", row["cut"], int(truth.column("net", variant).sum()) - total)
        yield from interval_pairs(name, row["value"], capped_mean(held, variant))
    for one in came["comparisons"]:
        name = f"capped {key}, {one['treatment']}"
        yield from difference_pairs(name, one["difference"], effect(held, key, one["treatment"]))


def guardrail_pairs(metric: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair the tests of a guardrail against its margin."""
    for one in metric["comparisons"]:
        came, name = one["non_inferiority"], f"guardrail {metric['key']}, {one['treatment']}"
        if came is not None:
            expected = non_inferiority(truth, metric["key"], one["treatment"])
            yield Pair(f"{name}: p", came["p_value"], expected.p_value)
            yield Pair(f"{name}: p of harm", came["p_harm"], expected.p_harm)
            yield Pair(f"{name}: worst", came["worst"], expected.worst)


def slice_pairs(scorecard: dict[str, Any], truth: Truth) -> Iterator[Pair]:
    """Pair everything beyond the means."""
    yield from oec_pairs(scorecard, truth)
    for metric in scorecard["metrics"]:
        for pairs in (adjusted_pairs, capped_pairs, segment_pairs, time_pairs, guardrail_pairs):
            yield from pairs(metric, truth)
