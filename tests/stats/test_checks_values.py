"""Checks of the values: balance before the campaign, outliers, effects too large to believe."""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.aggregation.aggregates import (
    Aggregates,
    FactsRange,
    MetricAggregates,
    TopShare,
    VariantSummary,
)
from stats.checks.finding import Severity
from stats.checks.outliers import check_outliers
from stats.checks.pre_period import ALPHA, check_pre_period, covariate_columns
from stats.checks.twyman import check_twyman
from stats.metric import builtin
from stats.moments import Moments
from stats.plan import (
    AnalysisPlan,
    Cap,
    Covariate,
    MetricInUse,
    MetricRole,
    PowerGoal,
)
from stats.summary import MeanSummary, RatioSummary
from tests.stats.facts import START, in_use, plan

SPEND = builtin("spend_per_member")


def of_metrics(*metrics: MetricAggregates) -> Aggregates:
    """Aggregates of nothing but metrics."""
    return Aggregates(START, FactsRange(0, None, None, 0, None, None), (), (), 0, (), (), metrics)


def moments_of(rows: np.ndarray) -> Moments:
    """Moments of columns of whole numbers."""
    products = rows.T @ rows
    return Moments.from_sums(
        len(rows),
        [int(total) for total in rows.sum(axis=0)],
        [[int(value) for value in row] for row in products],
    )


def variant(key: str, moments: Moments, **fields: int) -> VariantSummary:
    """A variant of a metric that is a mean."""
    return VariantSummary(key, moments.mean_summary(), 0, None, None, moments, **fields)


def with_covariates(*keys: str) -> AnalysisPlan:
    """A plan whose OEC has covariates."""
    covariates = tuple(Covariate(key, 28) for key in keys)
    return plan(MetricInUse(SPEND, MetricRole.OEC, covariates=covariates))


def balance_of(the_plan: AnalysisPlan, control: np.ndarray, treatment: np.ndarray) -> Aggregates:
    """Aggregates of outcome and covariates per unit."""
    rows = (variant("control", moments_of(control)), variant("B", moments_of(treatment)))
    return of_metrics(MetricAggregates(the_plan.metrics[0].key, rows))


def spending(rng: np.random.Generator, units: int, columns: int = 2) -> np.ndarray:
    """Zero-inflated log-normal amounts, in whole units."""
    values = rng.lognormal(3, 1, (units, columns)) * (rng.random((units, columns)) < 0.4)
    rounded: np.ndarray = values.round().astype(np.int64)
    return rounded


def test_pre_period_is_welchs_test_of_each_covariate() -> None:
    """A covariate that differs before exposure is a failure, with SciPy's Welch p, by Holm."""
    rng = np.random.default_rng(1)
    control, treatment = spending(rng, 4_000, 3), spending(rng, 4_000, 3)
    treatment[:, 2] += rng.integers(0, 8, 4_000)

    got = check_pre_period(
        with_covariates("spend", "visits"),
        balance_of(with_covariates("spend"), control, treatment),
    )

    raw = [
        scipy_stats.ttest_ind(treatment[:, i], control[:, i], equal_var=False).pvalue
        for i in (1, 2)
    ]
    assert got.severity is Severity.FAILURE
    assert got.evidence["p_values"] == {
        "spend_per_member, spend, B": pytest.approx(raw[0], rel=1e-9),
        "spend_per_member, visits, B": pytest.approx(2 * raw[1], rel=1e-9),
    }
    assert "visits, B: " in got.detail
    assert "spend, B: " not in got.detail


def test_pre_period_passes_where_the_split_was_random() -> None:
    """Covariates that are alike pass, however large the effect on the outcome."""
    rng = np.random.default_rng(2)
    control, treatment = spending(rng, 4_000), spending(rng, 4_000)
    treatment[:, 0] *= 3

    the_plan = with_covariates("spend")
    got = check_pre_period(the_plan, balance_of(the_plan, control, treatment))

    assert got.severity is Severity.PASSED


def test_pre_period_without_anything_to_compare_says_so() -> None:
    """No covariate, too few units, and covariates that nobody has are notices with the reason."""
    rng = np.random.default_rng(3)
    the_plan = with_covariates("spend")
    few = balance_of(the_plan, spending(rng, 99), spending(rng, 5_000))
    constant = balance_of(the_plan, np.ones((500, 2), int), np.ones((500, 2), int))

    for a_plan, aggregates in ((plan(), few), (the_plan, few), (the_plan, constant)):
        got = check_pre_period(a_plan, aggregates)
        assert got.severity is Severity.NOTICE
        assert got.title == "Balance before the campaign not checked"


def test_pre_period_constants_that_differ_are_certain() -> None:
    """Where every unit of a variant had one value and of the other another, the split failed."""
    the_plan = with_covariates("spend")
    control, treatment = np.full((500, 2), 5), np.full((500, 2), 6)

    got = check_pre_period(the_plan, balance_of(the_plan, control, treatment))

    assert got.severity is Severity.FAILURE


def test_own_numerator_of_a_ratio_is_two_covariates() -> None:
    """A ratio has two outcome columns, and two for the covariate that is its own past."""
    ratio = in_use("average_order_value")
    covariates = (Covariate("own", 28), Covariate("visits", 28, SPEND.numerator))

    got = list(covariate_columns(replace(ratio, covariates=covariates)))

    assert got == [(2, "own (numerator)"), (3, "own (denominator)"), (4, "visits")]


def test_pre_period_is_rarely_off_by_chance() -> None:
    """On skewed spending, two covariates fail a sound split at most at their common level."""
    runs, units = 4_000, 1_000
    rng = np.random.default_rng(20260304)
    the_plan = with_covariates("spend", "visits")
    wrong = 0
    for _ in range(runs):
        aggregates = balance_of(the_plan, spending(rng, units, 3), spending(rng, units, 3))
        wrong += check_pre_period(the_plan, aggregates).severity is Severity.FAILURE

    assert wrong / runs <= ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / runs)


def held(
    metric: MetricInUse, *shares: TopShare, units: int = 1_000, nonzero: int = 1_000
) -> tuple[AnalysisPlan, Aggregates]:
    """A plan of one metric, and what its highest units hold."""
    summary = MeanSummary(units // 2, 1_000, 10.0)
    rows = tuple(
        VariantSummary(key, summary, 0, None, None, nonzero_units=nonzero // 2)
        for key in ("control", "B")
    )
    return plan(metric), of_metrics(MetricAggregates(metric.key, rows, top_shares=shares))


def test_one_member_with_half_of_all_revenue_is_found() -> None:
    """The finding says it in words, and the way out is a cap declared next time."""
    got = check_outliers(
        *held(MetricInUse(SPEND, MetricRole.OEC), TopShare(1, 0.5), TopShare(10, 0.6))
    )

    assert got.severity is Severity.WARNING
    assert "One member holds 50% of the total of Spend per member" in got.detail
    assert "the next campaign" in got.what_to_do


@pytest.mark.parametrize(
    ("shares", "units", "nonzero", "severity"),
    [
        ((TopShare(1, 0.049), TopShare(10, 0.3)), 1_000, 1_000, Severity.PASSED),
        ((TopShare(1, 0.05), TopShare(10, 0.3)), 1_000, 1_000, Severity.WARNING),
        ((TopShare(1, 0.05), TopShare(1, 0.05)), 40, 40, Severity.PASSED),  # 2.5 % is even
        ((TopShare(1, 0.2), TopShare(10, 0.7)), 1_000, 40, Severity.PASSED),  # 8 times even
        ((TopShare(1, 0.01), TopShare(10, 0.54)), 1_000, 1_000, Severity.WARNING),  # 80/20: 53 %
        ((TopShare(1, 0.01), TopShare(10, 0.52)), 1_000, 1_000, Severity.PASSED),
        ((TopShare(1, 0.04), TopShare(10, 0.79)), 1_000, 50, Severity.PASSED),  # 20 % of buyers
        ((TopShare(1, 0.04), TopShare(10, 0.81)), 1_000, 50, Severity.WARNING),
        ((TopShare(1, 0.04), TopShare(10, 1.0)), 1_000, 9, Severity.PASSED),  # all who bought
        ((TopShare(1, None), TopShare(10, None)), 1_000, 1_000, Severity.NOTICE),
        ((), 1_000, 1_000, Severity.NOTICE),
    ],
)
def test_dominance_is_judged_against_even_shares_and_the_80_20_law(
    shares: Sequence[TopShare], units: int, nonzero: int, severity: Severity
) -> None:
    """One unit from 5 % and ten times its even share; the top 1 % beyond q^(1 - log 4 / log 5)."""
    metric = MetricInUse(SPEND, MetricRole.OEC)

    got = check_outliers(*held(metric, *shares, units=units, nonzero=nonzero))

    assert got.severity is severity


def test_a_capped_metric_may_have_outliers() -> None:
    """Where the plan has a cap already, the finding points at the capped results."""
    metric = MetricInUse(SPEND, MetricRole.OEC, cap=Cap(percentile=Decimal("0.99")))

    got = check_outliers(*held(metric, TopShare(1, 0.5)))

    assert got.severity is Severity.NOTICE
    assert "capped results" in got.what_to_do


def test_proportions_have_no_outliers() -> None:
    """Units that hold 0 or 1 cannot dominate; a plan of nothing else is not checked."""
    metric = in_use("repurchase_rate", MetricRole.OEC)

    got = check_outliers(*held(metric, TopShare(1, 0.5)))

    assert got.title == "Outliers not checked"


def compared(
    control: MeanSummary | RatioSummary, treatment: MeanSummary | RatioSummary
) -> Aggregates:
    """Aggregates of the OEC in two variants."""
    rows = (
        VariantSummary("control", control, 0, None, None),
        VariantSummary("B", treatment, 0, None, None),
    )
    return of_metrics(MetricAggregates("repurchase_rate", rows))


def share_of(n: int, successes: int) -> MeanSummary:
    """Summary of a proportion."""
    return MeanSummary.from_sums(n, successes, successes)


@pytest.mark.parametrize(
    ("control", "treatment", "severity"),
    [
        (1_000, 1_100, Severity.PASSED),  # +10 %, far from chance
        (1_000, 1_600, Severity.WARNING),  # +60 %
        (1_000, 400, Severity.WARNING),  # -60 %: harm of that size is as strange
        (10, 18, Severity.PASSED),  # +80 %, which chance explains
    ],
)
def test_only_a_large_and_certain_effect_is_too_large_to_believe(
    control: int, treatment: int, severity: Severity
) -> None:
    """A warning takes a lift beyond 50 % either way *and* five standard errors."""
    got = check_twyman(plan(), compared(share_of(10_000, control), share_of(10_000, treatment)))

    assert got.severity is severity
    assert got.evidence["lift"] == {"B": pytest.approx(treatment / control - 1)}
    left, right = np.zeros(10_000), np.zeros(10_000)
    left[:control], right[:treatment] = 1, 1
    want = scipy_stats.ttest_ind(right, left, equal_var=False).statistic
    assert got.evidence["standard_errors"] == {"B": pytest.approx(want, rel=1e-9)}


def test_a_plan_that_expects_a_large_effect_believes_it() -> None:
    """The bound is three times the planned MDE where that is more than 50 %."""
    goal = PowerGoal(mde_relative=Decimal("0.3"))
    aggregates = compared(share_of(10_000, 1_000), share_of(10_000, 1_800))

    assert check_twyman(plan(), aggregates).severity is Severity.WARNING
    assert check_twyman(replace(plan(), power_goal=goal), aggregates).severity is Severity.PASSED


def test_certain_and_ratio_effects_are_judged_too() -> None:
    """Constants that differ are beyond chance; a ratio is compared by its delta-method error."""
    constants = compared(share_of(500, 500), MeanSummary.from_sums(500, 1_000, 2_000))
    five, nine = (
        RatioSummary.from_sums(400, y=y, d=400, yy=y * y // 200, dd=440, yd=y)
        for y in (2_000, 3_600)
    )

    assert check_twyman(plan(), constants).severity is Severity.WARNING
    assert check_twyman(plan(), compared(five, nine)).severity is Severity.WARNING


def test_an_effect_that_cannot_be_computed_is_not_judged() -> None:
    """No OEC, no units, a control of 0 and no variance are notices with the reason."""
    no_oec = plan(in_use("repurchase_rate"))
    cases = {
        "No metric was chosen": (no_oec, compared(share_of(5, 1), share_of(5, 1))),
        "0 units": (plan(), compared(share_of(0, 0), share_of(5, 1))),
        "control's value is 0": (plan(), compared(share_of(5, 0), share_of(5, 1))),
        "same value": (plan(), compared(share_of(5, 5), share_of(5, 5))),
    }
    for reason, (the_plan, aggregates) in cases.items():
        got = check_twyman(the_plan, aggregates)
        assert got.severity is Severity.NOTICE
        assert reason in got.detail


def test_no_effect_is_rarely_too_large() -> None:
    """Under A/A no run of 5,000 warns: five standard errors happen once in two million."""
    rng = np.random.default_rng(20260305)
    draws = rng.binomial(2_000, 0.01, (5_000, 2))

    found = [
        check_twyman(plan(), compared(share_of(2_000, int(a)), share_of(2_000, int(b)))).severity
        for a, b in draws
    ]

    assert Severity.WARNING not in found
