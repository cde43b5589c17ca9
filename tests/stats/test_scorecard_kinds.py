"""From facts to the scorecard: times, quantiles, drivers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import norm

from stats.aggregation.aggregate import aggregate
from stats.aggregation.aggregates import Aggregates
from stats.aggregation.audit import BucketingRule, Slots, VariantSlots
from stats.aggregation.cells import Arithmetic
from stats.aggregation.duckdb_engine import DuckDBFunctions
from stats.aggregation.facts import FactTables
from stats.aggregation.statements import EVERYTHING, SUMS_ALONE, compiled
from stats.checks.finding import Finding, FindingCode, Severity
from stats.decision.verdict import Verdict
from stats.errors import InvalidPlan, UndefinedStatus
from stats.inference.driver_table import Drivers
from stats.inference.outcome import Estimate, Rate, Undefined
from stats.metric import (
    Aggregate,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.plan import AnalysisPlan, Cap, Covariate, MetricRole, SegmentBy
from stats.scorecard import (
    Scorecard,
    State,
    assemble_scorecard,
    scorecard_from_json,
    scorecard_to_json,
)
from stats.summary import QuantileSummary, SurvivalSummary
from tests.stats.facts import (
    ALL_METRICS,
    DAY,
    FUNNEL,
    START,
    event,
    fact_tables,
    facts,
    in_use,
    order,
    plan,
    random_facts,
    random_segments,
)
from tests.stats.pandas_oracle import analyse

HOUR = timedelta(hours=1)
WINDOW = 30
INTERVAL = in_use("repurchase_interval", MetricRole.OEC, window=Window(WINDOW))
SPEND = replace(in_use("spend_per_member"), cap=Cap(percentile=Decimal("0.9")))
BASKET = in_use("large_basket_p90", window=Window(30))
ORDERS = in_use(
    MetricDefinition(
        "large_order_p90", "Large order p90", "The order value that 90 % of orders do not exceed.",
        MetricKind.QUANTILE, (Term(("order",), Aggregate.AMOUNT),), MetricUnit.MONEY_PER_ORDER,
        Direction.HIGHER, Window(30), quantile=Decimal("0.9"),
    )
)  # fmt: skip
RULE = BucketingRule(
    "gold-q3:1:split",
    (VariantSlots("control", Slots(0, 5_000)), VariantSlots("B", Slots(5_000, 10_000))),
    "gold-q3:1:traffic",
)
Hours = Mapping[str, NDArray[np.int64]]


def scored(given: FactTables, the_plan: AnalysisPlan, days: float) -> Scorecard:
    """The scorecard some days after the start."""
    as_of = START + days * DAY
    return assemble_scorecard(the_plan, aggregate(given, the_plan, as_of), computed_at=as_of)


def lifetimes(scale: Mapping[str, float], n: int = 300) -> tuple[FactTables, Hours]:
    """Units of each variant, exposed at the start, and the hours until each orders."""
    rng = np.random.default_rng(7)
    hours = {key: np.floor(rng.exponential(days * 24, n)).astype(np.int64)
             for key, days in scale.items()}  # fmt: skip
    exposures = [(f"{key}{i}", key, START) for key in scale for i in range(n)]
    orders = [
        order(f"{key}{i}", START + int(hour) * HOUR, 100)
        for key, of in hours.items()
        for i, hour in enumerate(of)
    ]
    return facts(exposures, orders), hours


def area(hours: NDArray[np.int64], until: int) -> tuple[float, float]:
    """Mean and squared error of hours cut at the window: without censoring, plain averages."""
    cut = np.minimum(hours, until) / 24
    return float(cut.mean()), float(cut.var() / len(cut))


# --- survival -----------------------------------------------------------------------------------


def test_a_survival_oec_is_scored_and_decides() -> None:
    """Fewer days are better: without censoring the mean is that of times cut at the window."""
    given, hours = lifetimes({"control": 30.0, "B": 12.0})

    got = scored(given, plan(INTERVAL), 60)

    (metric,) = got.metrics
    means = {key: area(of, WINDOW * 24) for key, of in hours.items()}
    (comparison,) = metric.comparisons
    assert isinstance(comparison.difference, Estimate)
    want = means["B"][0] - means["control"][0]
    assert comparison.difference.estimate == pytest.approx(want, rel=1e-9)
    error = np.sqrt(means["B"][1] + means["control"][1])
    assert comparison.difference.std_error == pytest.approx(error, rel=1e-9)
    assert comparison.difference.df is None
    assert comparison.difference.p_value == pytest.approx(2 * norm.sf(abs(want) / error), rel=1e-9)
    for row in metric.variants:
        events = int((hours[row.variant] < WINDOW * 24).sum())
        assert (row.n, row.numerator_total, row.denominator_total) == (300, events, 300)
        assert (row.nonzero_units, row.minimum, row.maximum) == (None, None, None)
    assert metric.survival is not None
    assert metric.survival.until_day == WINDOW
    assert got.oec is not None
    assert got.oec.treatments[0].significant
    assert got.decision is not None
    assert (got.decision.verdict, got.decision.treatment) == (Verdict.SHIP, "B")


def test_a_slower_treatment_is_not_shipped() -> None:
    """More days are worse where the metric's direction is down."""
    given, _ = lifetimes({"control": 12.0, "B": 30.0})

    got = scored(given, plan(INTERVAL), 60).decision

    assert got is not None
    assert got.verdict is Verdict.DO_NOT_SHIP


def test_units_of_a_survival_metric_are_all_units() -> None:
    """An open window counts, censored at the analysis time, and is counted as immature, too."""
    exposures = [(f"{key}{i}", key, START + (i % 2) * 20 * DAY)
                 for key in ("control", "B") for i in range(20)]  # fmt: skip
    orders = [order(f"{key}{i}", START + 21 * DAY, 1) for key in ("control", "B") for i in range(3)]

    (metric,) = scored(facts(exposures, orders), plan(INTERVAL), 32).metrics

    for row in metric.variants:
        assert (row.n, row.immature_units, row.numerator_total) == (20, 10, 3)
    assert metric.survival is not None
    assert [curve.n for curve in metric.survival.curves] == [20, 20]


def test_a_survival_metric_waits_for_a_closed_window() -> None:
    """Curves are drawn from the first day; means are compared once each variant has a window."""
    given, _ = lifetimes({"control": 30.0, "B": 12.0})

    (metric,) = scored(given, plan(INTERVAL), 10).metrics

    assert metric.state is State.IMMATURE
    assert not metric.comparisons
    assert metric.survival is not None


def test_what_has_no_sums_has_no_horizons_cohorts_and_segments() -> None:
    """Cells by day and segment count events, not days: of a survival OEC they are not shown."""
    given, _ = lifetimes({"control": 30.0, "B": 12.0})
    units = {str(unit): {"tier": "gold"} for unit in given.exposures["unit_id"].to_pylist()}
    tables = replace(given, units=_segments(units))
    the_plan = replace(plan(INTERVAL), segments=(SegmentBy("tier"),))

    got = scored(tables, the_plan, 60)

    (metric,) = got.metrics
    assert (metric.segments, metric.over_time, metric.adjusted, metric.capped) == (
        (), None, None, None,
    )  # fmt: skip
    assert got.drivers is None
    assert _finding(got, FindingCode.TWYMAN).severity is Severity.NOTICE


# --- quantiles ----------------------------------------------------------------------------------


def test_a_quantile_is_scored() -> None:
    """The 90 % quantile is NumPy's; its sums are those of unit values."""
    exposures, conversions, units = random_facts(11, members=900)
    the_plan = plan(BASKET)
    as_of = START + 75 * DAY

    got = aggregate(fact_tables(exposures, conversions, units), the_plan, as_of)

    pairs = analyse(the_plan, exposures, conversions, units, as_of).pairs[BASKET.key]
    (metric,) = assemble_scorecard(the_plan, got, computed_at=as_of).metrics
    for row in metric.variants:
        values = [y for y, _ in pairs[row.variant]]
        assert (row.n, row.numerator_total) == (len(values), sum(values))
        assert isinstance(row.value, Rate)
        assert row.value.estimate == np.quantile(values, 0.9, method="inverted_cdf")
    (comparison,) = metric.comparisons
    low, high = (metric.variants[i].value for i in (0, 1))
    assert isinstance(comparison.difference, Estimate)
    assert isinstance(low, Rate)
    assert isinstance(high, Rate)
    assert comparison.difference.estimate == high.estimate - low.estimate


def test_a_quantile_of_orders_is_over_orders() -> None:
    """A quantile over single events takes every order of a mature unit as a value."""
    rng = np.random.default_rng(3)
    exposures = [(f"{key}{i}", key, START) for key in ("control", "B") for i in range(60)]
    amounts = {unit: rng.integers(1, 10**6, 3).tolist() for unit, _, _ in exposures}
    orders = [order(unit, START + DAY, a) for unit, some in amounts.items() for a in some]

    (metric,) = scored(facts(exposures, orders), plan(ORDERS), 60).metrics

    for row in metric.variants:
        values = [a for unit, some in amounts.items() if unit.startswith(row.variant) for a in some]
        assert isinstance(row.value, Rate)
        assert row.value.estimate == np.quantile(values, 0.9, method="inverted_cdf")
        assert row.n == 60


# --- caps, steps, drivers -----------------------------------------------------------------------


def test_units_above_the_cap_are_counted() -> None:
    """As many units as lie above the pooled order statistic, per variant."""
    exposures, conversions, units = random_facts(12, members=700)
    the_plan, as_of = plan(SPEND), START + 100 * DAY

    got = aggregate(fact_tables(exposures, conversions, units), the_plan, as_of)

    pairs = analyse(the_plan, exposures, conversions, units, as_of).pairs[SPEND.key]
    pooled = [y for key in ("control", "B") for y, _ in pairs[key]]
    cap = np.quantile(pooled, 0.9, method="inverted_cdf")
    (metric,) = assemble_scorecard(the_plan, got, computed_at=as_of).metrics
    assert metric.capped is not None
    assert metric.capped.cap == cap
    for row in metric.capped.variants:
        assert row.capped_units == sum(y > cap for y, _ in pairs[row.variant]) > 0


def test_steps_of_the_funnel_have_their_times() -> None:
    """Median and mean days since the step before; nobody's are none."""
    rows = [
        event("a", "offer_click", START + DAY),
        event("b", "offer_click", START + 2 * DAY),
        event("c", "offer_click", START + 6 * DAY),
        order("a", START + 4 * DAY, 1),
    ]
    exposures = [*((m, "control", START) for m in "abcd"), ("t", "B", START)]

    got = scored(facts(exposures, rows), plan(funnel=FUNNEL), 60).funnel

    assert got is not None
    clicked, ordered, gold = ((s.variants[0].median_days, s.variants[0].mean_days)
                              for s in got.steps)  # fmt: skip
    assert (clicked, ordered, gold) == ((2.0, 3.0), (3.0, 3.0), (None, None))
    assert got.steps[0].variants[1].median_days is None
    assert got.steps[0].comparisons[0].exact is not None


def test_drivers_equal_a_logistic_regression_of_rows() -> None:
    """Coefficients are those of statsmodels on one row a unit, with the largest level as 0."""
    exposures, conversions, units = random_facts(13, members=900)
    segments = random_segments(13, exposures)
    the_plan = replace(
        plan(in_use("repurchase_rate", MetricRole.OEC)), segments=(SegmentBy("tier"),)
    )
    as_of = START + 100 * DAY
    given = fact_tables(exposures, conversions, units, segments=segments)

    got = scored(given, the_plan, 100).drivers

    assert isinstance(got, Drivers)
    assert got.label == "association"
    rows = analyse(the_plan, exposures, conversions, units, as_of).rows["repurchase_rate"]
    kept = [unit for unit in rows if unit.variant in ("control", "B")]
    assert got.units == len(kept)

    def level(unit: str, variant: str, factor: str) -> str:
        if factor == "variant":
            return variant
        return segments.get(unit, {}).get(factor) or "(missing)"

    columns = [
        [level(u.unit, u.variant, c.column.factor) == c.column.level for u in kept]
        for c in got.coefficients
    ]
    x = np.column_stack([np.ones(len(kept)), *columns]).astype(float)
    fit = sm.GLM([u.y for u in kept], x, family=sm.families.Binomial()).fit()
    found = [got.intercept, *(c.coefficient.estimate for c in got.coefficients)]
    assert found == pytest.approx(fit.params, abs=1e-6)


def test_drivers_of_too_many_values_are_not_fitted() -> None:
    """A segment with hundreds of values has no table, and says so."""
    exposures = [(f"m{i}", "control" if i % 2 else "B", START) for i in range(300)]
    orders = [order(f"m{i}", START + DAY, 1) for i in range(50)]
    given = facts(exposures, orders, segments={f"m{i}": {"tier": f"t{i}"} for i in range(300)})
    the_plan = replace(
        plan(in_use("repurchase_rate", MetricRole.OEC)), segments=(SegmentBy("tier"),)
    )

    got = scored(given, the_plan, 60).drivers

    assert isinstance(got, Undefined)
    assert got.status is UndefinedStatus.NOT_IDENTIFIED
    assert "302 values" in got.sentence


# --- the whole ----------------------------------------------------------------------------------


def everything() -> tuple[AnalysisPlan, Aggregates]:
    """A plan with all kinds, and random facts with segments."""
    exposures, conversions, units = random_facts(14, members=600)
    segments = random_segments(14, exposures)
    the_plan = replace(
        plan(*ALL_METRICS[:-1], INTERVAL_DIAGNOSTIC, BASKET, ORDERS, funnel=FUNNEL),
        segments=(SegmentBy("tier", minimum_units=10),),
    )
    given = fact_tables(exposures, conversions, units, segments=segments)
    as_of = START + 100 * DAY
    return the_plan, aggregate(given, the_plan, as_of, audit=RULE)


INTERVAL_DIAGNOSTIC = replace(INTERVAL, role=MetricRole.DIAGNOSTIC)


def test_a_scorecard_of_all_kinds_survives_json() -> None:
    """Distributions, curves, drivers and times are read back as they were, to the last bit."""
    the_plan, aggregates = everything()
    one = assemble_scorecard(the_plan, aggregates, computed_at=aggregates.as_of)

    text = json.dumps(scorecard_to_json(one), ensure_ascii=False, allow_nan=False)

    assert scorecard_from_json(json.loads(text)) == one
    assert isinstance(one.drivers, Drivers)
    assert {type(v.distribution) for m in aggregates.metrics for v in m.variants} == {
        QuantileSummary, SurvivalSummary, type(None),
    }  # fmt: skip


def test_what_a_plan_does_not_ask_for_is_not_computed() -> None:
    """Without such metrics, segments and funnel, nothing more is kept than units and cells need."""
    functions = DuckDBFunctions("UTC")

    got = compiled(plan(), EVERYTHING, Arithmetic.INTEGERS, "duckdb", functions)
    bare = compiled(
        replace(plan(funnel=FUNNEL), segments=(SegmentBy("tier"),)),
        SUMS_ALONE, Arithmetic.INTEGERS, "duckdb", functions,
    )  # fmt: skip

    assert [name for name, _ in got.kept] == ["unit_spans"]
    assert (got.step_times, got.drivers, got.overlaps) == (None, None, None)
    assert (got.distributions.survival, got.distributions.quantiles) == ((), ())
    assert (bare.step_times, bare.drivers) == (None, None)


def test_plans_refuse_what_such_metrics_cannot_have() -> None:
    """Time to an event starts at day 0, and covariates are for metrics of sums."""
    with pytest.raises(InvalidPlan, match="start at day 0"):
        replace(INTERVAL, window=Window(30, 5))
    with pytest.raises(InvalidPlan, match="covariates"):
        replace(BASKET, covariates=(Covariate("before", 28),))


def _segments(units: Mapping[str, Mapping[str, str]]) -> pa.Table:
    return pa.table(
        {
            "unit_id": pa.array(list(units), pa.string()),
            "tier": pa.array([one["tier"] for one in units.values()], pa.string()),
        }
    )


def _finding(got: Scorecard, code: FindingCode) -> Finding:
    return next(finding for finding in got.findings if finding.code is code)
