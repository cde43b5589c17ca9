"""Less noise, from facts to the scorecard: regression adjustment and winsorised values."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import ttest_ind
from scipy.stats.mstats import winsorize

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.inference.outcome import Estimate, Method, Rate
from stats.plan import AnalysisPlan, Cap, Covariate
from stats.scorecard import MetricResult, assemble_scorecard
from tests.stats.facts import DAY, START, facts, in_use, order, plan

SHARES: dict[str, str | None] = {"control": "0.4", "B": "0.3", "C": "0.3"}
SIZES = {"control": 500, "B": 400, "C": 300}
Values = dict[str, NDArray[np.int64]]


def world() -> tuple[FactTables, Values, Values]:
    """Spend after exposure, foretold in part by spend before; a few members spend far more."""
    rng = np.random.default_rng(8)
    before: Values = {}
    after: Values = {}
    exposures, orders = [], []
    for key, n in SIZES.items():
        before[key] = rng.integers(1, 1_000, n)
        noise = rng.integers(0, 300, n) + (rng.random(n) < 0.01) * 20_000
        after[key] = before[key] // 2 + noise + {"control": 0, "B": 40, "C": -10}[key]
        after[key] = np.maximum(after[key], 0)
        for i in range(n):
            unit = f"{key}{i}"
            exposures.append((unit, key, START))
            orders.append(order(unit, START - DAY, int(before[key][i])))
            orders.append(order(unit, START + DAY, int(after[key][i])))
    return facts(exposures, orders), before, after


def scored(given: FactTables, the_plan: AnalysisPlan) -> MetricResult:
    """The one metric of a plan, 60 days after the start."""
    as_of = START + 60 * DAY
    got = assemble_scorecard(the_plan, aggregate(given, the_plan, as_of), computed_at=as_of)
    return got.metrics[0]


SPEND = in_use("spend_per_member")


def test_adjusted_differences_are_those_of_ordinary_least_squares() -> None:
    """One weight for all variants: statsmodels' OLS on a dummy a variant and the covariate."""
    given, before, after = world()
    metric = replace(SPEND, covariates=(Covariate("before", 28),))

    got = scored(given, plan(metric, shares=SHARES)).adjusted

    y = np.concatenate([after[key] for key in SIZES]).astype(float)
    x = np.concatenate([before[key] for key in SIZES]).astype(float)
    of = np.repeat(list(SIZES), list(SIZES.values()))
    design = np.column_stack([np.ones(len(y)), of == "B", of == "C", x]).astype(float)
    fit = sm.OLS(y, design).fit()
    assert got is not None
    assert (got.method, got.covariates, got.dropped) == (Method.CUPED, ("before",), ())
    (theta,) = got.thetas
    assert theta.value == pytest.approx(fit.params[3], rel=1e-9)
    for i, comparison in enumerate(got.comparisons):
        assert comparison.treatment == ("B", "C")[i]
        assert isinstance(comparison.difference, Estimate)
        assert comparison.difference.estimate == pytest.approx(fit.params[i + 1], rel=1e-9)
    adjusted = {one.variant: one for one in got.variants}
    for key in SIZES:
        want = after[key].mean() - fit.params[3] * (before[key].mean() - x.mean())
        assert adjusted[key].value == pytest.approx(want, rel=1e-9)


def test_the_reduction_is_that_of_the_squared_errors() -> None:
    """1 - (adjusted error / raw error)², per treatment, beside the raw comparison."""
    given, _, _ = world()
    metric = replace(SPEND, covariates=(Covariate("before", 28),))

    got = scored(given, plan(metric, shares=SHARES))

    assert got.adjusted is not None
    for raw, adjusted, reduction in zip(
        got.comparisons, got.adjusted.comparisons, got.adjusted.reductions, strict=True
    ):
        assert isinstance(raw.difference, Estimate)
        assert isinstance(adjusted.difference, Estimate)
        want = 1 - (adjusted.difference.std_error / raw.difference.std_error) ** 2
        assert reduction.share == pytest.approx(want, rel=1e-9)
    assert [one.treatment for one in got.adjusted.reductions] == ["B", "C"]


def test_a_covariate_of_one_value_is_dropped_and_said() -> None:
    """Nobody ordered so long before: the adjusted result is the raw one, and says why."""
    given, _, _ = world()
    exposures = given.exposures
    late = facts(
        [
            (str(m), str(v), START)
            for m, v in zip(
                exposures["member_id"].to_pylist(), exposures["variant"].to_pylist(), strict=True
            )
        ],
        [order(str(m), START + DAY, 100 + i % 7)
         for i, m in enumerate(exposures["member_id"].to_pylist())],
    )  # fmt: skip
    metric = replace(SPEND, covariates=(Covariate("before", 28),))

    got = scored(late, plan(metric, shares=SHARES))

    assert got.adjusted is not None
    assert len(got.adjusted.dropped) == 1
    raw, adjusted = got.comparisons[0].difference, got.adjusted.comparisons[0].difference
    assert isinstance(raw, Estimate)
    assert isinstance(adjusted, Estimate)
    assert adjusted.estimate == pytest.approx(raw.estimate, rel=1e-9)


@pytest.mark.parametrize(
    "cap", [Cap(value=800), Cap(percentile=Decimal("0.99")), Cap(percentile=Decimal("0.5"))]
)
def test_winsorised_comparisons_are_welchs_of_winsorised_values(cap: Cap) -> None:
    """Means, totals, what was cut and how many units, against SciPy on NumPy's minimum."""
    given, _, after = world()

    got = scored(given, plan(replace(SPEND, cap=cap), shares=SHARES)).capped

    pooled = np.concatenate(list(after.values()))
    if cap.percentile is None:
        limit = cap.value
    else:
        limit = int(np.quantile(pooled, float(cap.percentile), method="inverted_cdf"))
        share = 1 - float(cap.percentile)
        high = winsorize(pooled, limits=(0, share), inclusive=(True, True)).max()
        assert high == limit
    assert limit is not None
    assert got is not None
    assert got.cap == limit
    held = {key: np.minimum(values, limit) for key, values in after.items()}
    for row in got.variants:
        assert row.total == held[row.variant].sum()
        assert row.cut == after[row.variant].sum() - held[row.variant].sum()
        assert row.capped_units == (after[row.variant] > limit).sum()
        assert isinstance(row.value, Rate)
        assert row.value.estimate == pytest.approx(held[row.variant].mean(), rel=1e-12)
    for comparison in got.comparisons:
        want = ttest_ind(held[comparison.treatment], held["control"], equal_var=False)
        assert isinstance(comparison.difference, Estimate)
        assert comparison.difference.p_value == pytest.approx(want.pvalue, rel=1e-9)
        interval = want.confidence_interval(0.95)
        assert comparison.difference.ci_low == pytest.approx(interval.low, rel=1e-9)
        assert comparison.difference.ci_high == pytest.approx(interval.high, rel=1e-9)


def test_without_covariates_and_cap_there_is_only_the_raw_result() -> None:
    """Nothing that was not planned is shown."""
    given, _, _ = world()

    got = scored(given, plan(SPEND, shares=SHARES))

    assert (got.adjusted, got.capped) == (None, None)
