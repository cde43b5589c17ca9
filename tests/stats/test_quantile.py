"""Quantiles from order statistics: values, edges, properties, error rates, aggregation."""

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm, quantile_test

from stats.aggregation.duckdb_engine import DuckDBEngine, DuckDBFunctions
from stats.aggregation.facts import FactTables
from stats.aggregation.layout import layout_of
from stats.aggregation.quantiles import (
    event_quantile_values,
    quantile_summaries,
    unit_quantile_values,
)
from stats.aggregation.relations import exposed_units, unit_conversions, unit_spans
from stats.aggregation.values import unit_totals, unit_values
from stats.errors import (
    BaselineNearZero,
    InvalidSummary,
    NonFiniteValue,
    QuantileOnTie,
    TooFewUnits,
    UndefinedStatus,
)
from stats.inference.bootstrap import bootstrap_quantile_difference
from stats.inference.lift import lift
from stats.inference.outcome import BareValue, Estimate, Lift, Method, Rate
from stats.inference.quantile import quantile_difference, quantile_point, quantile_rate
from stats.metric import (
    Aggregate,
    Direction,
    MetricDefinition,
    MetricKind,
    MetricUnit,
    Term,
    Window,
)
from stats.plan import AnalysisPlan, MetricInUse, RandomizationUnit
from stats.plan.metrics import LiftMethod
from stats.summary import (
    OrderStatistic,
    QuantileSummary,
    centre_rank,
    quantile_ranks,
)
from tests.stats.facts import (
    DAY,
    START,
    fact_tables,
    facts,
    in_use,
    order,
    plan,
    random_facts,
)
from tests.stats.pandas_oracle import analyse

P90, MEDIAN = Decimal("0.9"), Decimal("0.5")
ALPHA = 0.05


def at(values: np.ndarray, rank: int) -> OrderStatistic:
    """The order statistic of sorted values."""
    value = values[rank - 1]
    below, at_most = np.searchsorted(values, value, "left"), np.searchsorted(values, value, "right")
    return OrderStatistic(rank, value.item(), int(below), int(at_most))


def of(
    values: np.ndarray, quantile: Decimal = P90, *, alpha: float = ALPHA, design_effect: float = 1.0
) -> QuantileSummary:
    """Summary of values, as aggregation gives it."""
    ordered, n = np.sort(values), len(values)
    centre = at(ordered, centre_rank(n, quantile)) if n else None
    try:
        ranks = quantile_ranks(n, quantile, alpha=alpha, design_effect=design_effect)
    except TooFewUnits:
        return QuantileSummary(n, quantile, alpha, centre, None, None, design_effect=design_effect)
    low, high = at(ordered, ranks.low), at(ordered, ranks.high)
    return QuantileSummary(n, quantile, alpha, centre, low, high, ranks.width, design_effect)


def spend(rng: np.random.Generator, n: int, share: float = 0.3) -> np.ndarray:
    """Zero-inflated log-normal spend."""
    return np.where(rng.random(n) < share, rng.lognormal(3, 1, n), 0.0)


# --- reference values ---------------------------------------------------------------------------


@pytest.mark.parametrize("quantile", ["0.1", "0.5", "0.75", "0.9", "0.99"])
@pytest.mark.parametrize("n", [400, 1_234, 20_000])
def test_interval_equals_that_of_scipy(n: int, quantile: str) -> None:
    """Bounds are the order statistics that scipy.stats.quantile_test takes, the value numpy's."""
    values = np.random.default_rng(n).lognormal(3, 1, n)
    want = quantile_test(values, p=float(quantile)).confidence_interval(1 - ALPHA)

    got = quantile_rate(of(values, Decimal(quantile)))

    assert isinstance(got, Rate)
    assert (got.ci_low, got.ci_high) == (want.low, want.high)
    assert got.estimate == np.quantile(values, float(quantile), method="inverted_cdf")
    assert got.method is Method.ORDER_STATISTICS


@given(
    st.integers(10, 3_000_000),
    st.decimals("0.02", "0.98", places=3),
    st.sampled_from([0.01, 0.05, 0.1, 0.2]),
)
def test_ranks_are_the_tightest_that_hold(n: int, quantile: Decimal, alpha: float) -> None:
    """Each bound misses with at most alpha / 2, and the next tighter rank would miss more often."""
    try:
        ranks = quantile_ranks(n, quantile, alpha=alpha)
    except TooFewUnits:
        lowest, highest = binom.pmf(0, n, float(quantile)), binom.pmf(n, n, float(quantile))
        assert max(lowest, highest) > alpha / 2
        return

    share, half = float(quantile), alpha / 2
    assert 1 <= ranks.low <= ranks.centre <= ranks.high <= n
    assert binom.cdf(ranks.low - 1, n, share) <= half * (1 + 1e-9)
    assert binom.cdf(ranks.low, n, share) > half * (1 - 1e-9)
    assert binom.sf(ranks.high - 1, n, share) <= half * (1 + 1e-9)
    assert binom.sf(ranks.high - 2, n, share) > half * (1 - 1e-9)
    missed = binom.cdf(ranks.low - 1, n, share) + binom.sf(ranks.high - 1, n, share)
    assert ranks.width == pytest.approx(2 * norm.isf(missed / 2), rel=1e-6)


def test_standard_error_is_that_of_price_and_bonett() -> None:
    """The interval's length over its width in standard errors, from the binomial coverage."""
    values = np.arange(1.0, 1_001.0)
    low, high = binom.ppf(0.025, 1_000, 0.9), binom.isf(0.025, 1_000, 0.9) + 1
    missed = binom.cdf(low - 1, 1_000, 0.9) + binom.sf(high - 1, 1_000, 0.9)

    got = quantile_point(of(values))

    assert got.value == 900
    assert got.std_error == pytest.approx((high - low) / (2 * norm.isf(missed / 2)), rel=1e-9)
    assert got.df == (high - low) / 2


def test_design_effect_widens_the_interval() -> None:
    """Four times the variance gives twice the interval."""
    one = quantile_ranks(100_000, P90, alpha=ALPHA)
    four = quantile_ranks(100_000, P90, alpha=ALPHA, design_effect=4.0)

    assert four.high - four.low == pytest.approx(2 * (one.high - one.low), rel=0.01)
    assert four.centre == one.centre
    assert four.width == pytest.approx(2 * norm.isf(0.025), rel=0.01)


def test_bootstrap_is_that_of_resampling() -> None:
    """Drawing ranks has the distribution of drawing values: checked against plain resampling."""
    rng = np.random.default_rng(20260901)
    control, treatment = spend(rng, 300), spend(rng, 300) * 1.3

    got = bootstrap_quantile_difference(
        control, treatment, P90, alpha=ALPHA, rng=np.random.default_rng(1), replicates=40_000
    )

    n = 300
    picked = [np.sort(v[rng.integers(0, n, (8_000, n))], axis=1)[:, 269] for v in
              (control, treatment)]  # fmt: skip
    plain = picked[1] - picked[0]
    assert got.estimate == np.sort(treatment)[269] - np.sort(control)[269]
    # three standard errors of a standard deviation over 8,000 draws of kurtosis below 6
    assert got.std_error == pytest.approx(plain.std(), rel=3 * math.sqrt(5 / 4 / 8_000))
    step = np.diff(np.sort(np.concatenate([control, treatment]))).max()
    assert got.ci_low == pytest.approx(np.quantile(plain, 0.025), abs=step)
    assert got.ci_high == pytest.approx(np.quantile(plain, 0.975), abs=step)


# --- edges --------------------------------------------------------------------------------------


def test_median_of_mostly_zero_spend_sits_on_a_tie() -> None:
    """Where seven in ten spend nothing the median is 0, and no difference is claimed."""
    rng = np.random.default_rng(3)
    control, treatment = of(spend(rng, 1_000), MEDIAN), of(spend(rng, 1_000), MEDIAN)

    value = quantile_rate(control)
    assert isinstance(value, BareValue)
    assert (value.estimate, value.status) == (0, UndefinedStatus.QUANTILE_ON_TIE)
    assert "sits on the value 0, which 7" in value.sentence
    with pytest.raises(QuantileOnTie):
        quantile_difference(control, treatment, alpha=ALPHA)


def test_quantile_at_the_edge_of_the_zeros_is_refused() -> None:
    """With 90 % zeros the p90 is on the edge of a tie that fills half of its interval."""
    values = np.concatenate([np.zeros(900), np.arange(1.0, 101.0)])
    with pytest.raises(QuantileOnTie, match="the value 0, which 90%"):
        quantile_point(of(values))


def test_a_few_equal_prices_are_no_tie() -> None:
    """Values that repeat a little leave spacings to measure."""
    values = np.repeat(np.arange(1.0, 501.0), 4)
    got = quantile_difference(of(values), of(values + 10), alpha=ALPHA)

    assert isinstance(got, Estimate)
    assert got.estimate == 10


@pytest.mark.parametrize(("n", "status"), [(0, "no_units"), (1, "too_few_units"),
                                           (35, "too_few_units")])  # fmt: skip
def test_too_few_values_have_no_interval(n: int, status: str) -> None:
    """A p90 has two bounds from 36 values on: 0.9 ** 35 > 0.025 >= 0.9 ** 36."""
    few = of(np.arange(float(n)))
    enough = of(np.arange(36.0))

    assert isinstance(quantile_rate(enough), Rate)
    with pytest.raises(TooFewUnits) as fault:
        quantile_difference(enough, few, alpha=ALPHA)
    assert fault.value.status == status
    if n:
        value = quantile_rate(few)
        assert isinstance(value, BareValue)
        assert value.estimate == math.ceil(0.9 * n) - 1
    else:
        with pytest.raises(TooFewUnits):
            quantile_rate(few)


def test_lift_of_a_quantile_agrees_with_its_difference() -> None:
    """The lift of two quantiles is that of any two points, by Fieller."""
    rng = np.random.default_rng(4)
    control, treatment = of(spend(rng, 5_000)), of(spend(rng, 5_000) * 1.5)
    points = quantile_point(control), quantile_point(treatment)

    difference = quantile_difference(control, treatment, alpha=ALPHA)
    relative = lift(*points, alpha=ALPHA)

    assert isinstance(difference, Estimate)
    assert isinstance(relative, Lift)
    assert relative.estimate == pytest.approx(difference.estimate / points[0].value, rel=1e-12)
    assert (relative.ci_low > 0) == (difference.ci_low > 0)


def test_lift_over_a_quantile_near_zero_is_refused_by_the_delta_method() -> None:
    """A control quantile that cannot be told from 0 has no bounded lift."""
    values = np.linspace(-10, 10.1, 201)
    point = quantile_point(of(values, MEDIAN))
    other = quantile_point(of(values + 0.05, MEDIAN))
    with pytest.raises(BaselineNearZero):
        lift(point, other, alpha=ALPHA, method=LiftMethod.DELTA)


def test_values_that_cannot_be_are_refused() -> None:
    """NaN and impossible orders are refused at the door."""
    good = OrderStatistic(1, 5, 0, 1)
    with pytest.raises(NonFiniteValue):
        OrderStatistic(1, math.nan, 0, 1)
    with pytest.raises(InvalidSummary):
        OrderStatistic(3, 5, 0, 2)
    with pytest.raises(InvalidSummary):
        QuantileSummary(0, P90, ALPHA, good, None, None)
    with pytest.raises(InvalidSummary):
        QuantileSummary(5, P90, ALPHA, good, good, None, 3.9)
    with pytest.raises(InvalidSummary):
        QuantileSummary(5, P90, ALPHA, good, good, good)
    with pytest.raises(InvalidSummary):
        QuantileSummary(5, P90, ALPHA, good, OrderStatistic(2, 9, 1, 2), good, 3.9)
    with pytest.raises(InvalidSummary, match="enough for bounds"):
        quantile_point(QuantileSummary(5_000, P90, ALPHA, good, None, None))
    rng = np.random.default_rng(1)
    with pytest.raises(NonFiniteValue):
        bootstrap_quantile_difference(
            np.array([1.0, math.nan]), np.array([1.0, 2.0]), P90, alpha=ALPHA, rng=rng
        )
    with pytest.raises(TooFewUnits):
        bootstrap_quantile_difference(
            np.array([1.0]), np.array([1.0, 2.0]), P90, alpha=ALPHA, rng=rng
        )


# --- properties ---------------------------------------------------------------------------------

VALUES = st.lists(st.integers(-1_000, 100_000), min_size=40, max_size=300).map(
    lambda values: np.array(values, dtype=np.int64)
)


@given(VALUES, VALUES)
def test_interval_and_test_agree(control: np.ndarray, treatment: np.ndarray) -> None:
    """The interval leaves out 0 exactly where p is below alpha; swapping mirrors it."""
    try:
        got = quantile_difference(of(control), of(treatment), alpha=ALPHA)
        back = quantile_difference(of(treatment), of(control), alpha=ALPHA)
    except QuantileOnTie:
        return

    assert isinstance(got, Estimate)
    assert isinstance(back, Estimate)
    assert (got.p_value < ALPHA) == (got.ci_low > 0 or got.ci_high < 0)
    assert back.estimate == -got.estimate
    assert back.p_value == pytest.approx(got.p_value, rel=1e-9)


@given(VALUES, st.integers(-500, 500), st.integers(1, 100))
def test_units_of_measure_do_not_matter(values: np.ndarray, shift: int, scale: int) -> None:
    """Shifting and scaling all values shifts and scales quantile and interval."""
    one, other = quantile_rate(of(values)), quantile_rate(of(values * scale + shift))

    assert other.estimate == one.estimate * scale + shift
    if isinstance(one, Rate):
        assert isinstance(other, Rate)
        assert (other.ci_low, other.ci_high) == (
            one.ci_low * scale + shift,
            one.ci_high * scale + shift,
        )


# --- simulation ---------------------------------------------------------------------------------


def tolerance(runs: int, rate: float = ALPHA) -> float:
    """Three Monte Carlo standard errors of a rate."""
    return 3 * math.sqrt(rate * (1 - rate) / runs)


Draw = Callable[[np.random.Generator, int], np.ndarray]


@pytest.mark.parametrize(
    ("draw", "quantile", "truth"),
    [
        # of those who spend, two thirds lie below the p90 of all
        (spend, P90, math.exp(3 + norm.isf(1 / 3))),
        (lambda rng, n: rng.lognormal(3, 1, n), MEDIAN, math.exp(3)),
        (lambda rng, n: rng.random(n), MEDIAN, 0.5),
    ],
    ids=["p90 of zero-inflated spend", "median of log-normal", "median of uniform"],
)
def test_quantiles_are_wrong_no_more_often_than_they_say(
    draw: Draw, quantile: Decimal, truth: float
) -> None:
    """Under A/A the error rate is at most 5 %, and the interval covers at least 95 %.

    Both are conservative: ranks are whole, and in a convex tail the spacing is a little too wide.
    """
    runs, n = 2_000, 2_000
    rng = np.random.default_rng(20260902)
    wrong = covered = 0
    for _ in range(runs):
        control, treatment = of(draw(rng, n), quantile), of(draw(rng, n), quantile)
        got = quantile_difference(control, treatment, alpha=ALPHA)
        assert isinstance(got, Estimate)
        wrong += got.p_value < ALPHA
        rate = quantile_rate(control)
        assert isinstance(rate, Rate)
        covered += rate.ci_low <= truth <= rate.ci_high

    assert wrong / runs <= ALPHA + tolerance(runs)
    assert wrong / runs >= 0.03
    assert covered / runs >= 1 - ALPHA - tolerance(runs)


def test_difference_of_quantiles_covers_the_truth() -> None:
    """With a true difference the interval covers it in at least 94 % of runs at 500 a variant."""
    runs, n = 2_000, 500
    rng = np.random.default_rng(20260903)
    truth = 0.2 * math.exp(3 + norm.isf(1 / 3))
    covered = 0
    for _ in range(runs):
        got = quantile_difference(of(spend(rng, n)), of(1.2 * spend(rng, n)), alpha=ALPHA)
        assert isinstance(got, Estimate)
        covered += got.ci_low <= truth <= got.ci_high

    assert covered / runs >= 0.94


# --- aggregation --------------------------------------------------------------------------------

LARGE_ORDERS = MetricDefinition(
    "large_order_p90", "Large order p90", "The order value that 90 % of orders do not exceed.",
    MetricKind.QUANTILE, (Term(("order",), Aggregate.AMOUNT),), MetricUnit.MONEY_PER_ORDER,
    Direction.HIGHER, Window(30), quantile=P90,
)  # fmt: skip


def quantiles(
    given_facts: FactTables,
    metric: MetricInUse,
    as_of: datetime = START + 400 * DAY,
    the_plan: AnalysisPlan | None = None,
) -> dict[str, QuantileSummary]:
    """Order statistics per variant by the embedded engine."""
    the_plan = the_plan or plan(metric)
    with DuckDBEngine.over(given_facts) as engine:
        functions = DuckDBFunctions(the_plan.time_zone)
        spans = engine.keep("unit_spans", unit_spans(the_plan, as_of))
        exposed = engine.keep("exposed_units", exposed_units(the_plan, spans, as_of))
        layout = layout_of(the_plan)
        conversions = unit_conversions(the_plan, exposed, as_of, layout.reach)
        if metric.definition.is_per_event:
            values = event_quantile_values(metric, exposed, conversions, as_of, functions)
        else:
            totals = unit_totals(layout, conversions, functions)
            units = unit_values(the_plan, layout, exposed, totals, as_of, functions)
            values = unit_quantile_values(metric, units, layout.of(metric.key).outcome, as_of)
        return quantile_summaries(the_plan, metric, engine.keep("v", values), engine.fetch)


@pytest.mark.parametrize("households", [False, True])
def test_quantile_of_units_equals_a_plain_computation(*, households: bool) -> None:
    """Random facts with every oddity, added up unit by unit in Python, give the same ranks."""
    exposures, conversions, units = random_facts(11, members=1_200, households=households)
    metric = in_use("large_basket_p90", window=Window(30))
    kind = RandomizationUnit.MEMBER if units is None else RandomizationUnit.HOUSEHOLD
    the_plan = plan(metric, shares={"control": "0.4", "B": "0.3", "C": "0.3"}, unit=kind)
    as_of = START + 75 * DAY

    got = quantiles(fact_tables(exposures, conversions, units), metric, as_of, the_plan)

    pairs = analyse(the_plan, exposures, conversions, units, as_of).pairs[metric.key]
    for key, summary in got.items():
        assert summary == of(np.array([y for y, _ in pairs[key]], dtype=np.int64))
        assert summary.n > 60


def test_units_without_orders_count_at_zero() -> None:
    """A quantile of spend is over all exposed units: with few spenders it is 0."""
    members = [f"m{i}" for i in range(40)]
    given_facts = facts(
        [(m, "control", START) for m in members],
        [order(m, START + DAY, 500) for m in members[:3]],
    )

    summary = quantiles(given_facts, in_use("large_basket_p90"))["control"]

    assert summary.n == 40
    assert summary.centre == OrderStatistic(36, 0, 0, 37)


def test_immature_units_are_left_out() -> None:
    """A quantile, unlike a survival metric, waits until the window has closed."""
    given_facts = facts(
        [("a", "control", START), ("b", "control", START + DAY)],
        [order("a", START, 7), order("b", START + DAY, 9)],
    )

    summary = quantiles(given_facts, in_use("large_basket_p90"), START + 90 * DAY)["control"]

    assert (summary.n, summary.centre, summary.low) == (1, OrderStatistic(1, 7, 0, 1), None)


def test_variant_without_values_is_empty() -> None:
    """Every planned variant is there; without units it has no quantile, and says so."""
    for metric in (in_use("large_basket_p90"), in_use(LARGE_ORDERS)):
        summary = quantiles(facts([("a", "control", START)]), metric)["B"]
        assert (summary.n, summary.centre) == (0, None)
        with pytest.raises(TooFewUnits):
            quantile_rate(summary)


def clustered(rng: np.random.Generator, units: int) -> list[np.ndarray]:
    """Order values of units whose orders are alike."""
    counts = rng.negative_binomial(2, 0.3, units)
    levels = np.repeat(rng.normal(3, 1, units), counts)
    values = np.round(np.exp(levels + rng.normal(0, 0.3, len(levels))) * 100).astype(np.int64)
    return np.split(values, np.cumsum(counts)[:-1])


def clustered_summary(baskets: list[np.ndarray], quantile: Decimal = P90) -> QuantileSummary:
    """The summary of order values, its design effect by numpy."""
    values = np.concatenate(baskets)
    centre = np.sort(values)[centre_rank(len(values), quantile) - 1]
    unit = np.repeat(np.arange(len(baskets)), [len(b) for b in baskets])
    rows = np.bincount(unit)
    low = np.bincount(unit, weights=values <= centre)[rows > 0]
    rows = rows[rows > 0]
    share = low.sum() / rows.sum()
    # the delta-method variance of a ratio of totals: that of its residuals
    clustered_variance = np.var(low - share * rows, ddof=1) / (rows.mean() ** 2 * len(rows))
    effect = max(1.0, float(clustered_variance / (share * (1 - share) / rows.sum())))
    return of(values, quantile, design_effect=effect)


def test_quantile_of_orders_takes_units_as_clusters() -> None:
    """Order values of one unit are alike: ranks are those of the cluster-robust variance."""
    rng = np.random.default_rng(20260904)
    baskets = {key: clustered(rng, 150) for key in ("control", "B")}
    exposures, conversions = [], []
    for key, of_variant in baskets.items():
        for i, basket in enumerate(of_variant):
            exposures.append((f"{key}{i}", key, START))
            conversions += [
                order(f"{key}{i}", START + (j + 1) * timedelta(hours=1), int(amount))
                for j, amount in enumerate(basket)
            ]

    got = quantiles(facts(exposures, conversions), in_use(LARGE_ORDERS))

    for key, of_variant in baskets.items():
        want = clustered_summary(of_variant)
        assert got[key].design_effect == pytest.approx(want.design_effect, rel=1e-9)
        assert (got[key].centre, got[key].low, got[key].high) == (want.centre, want.low, want.high)
        assert got[key].units == sum(1 for basket in of_variant if len(basket))
        assert got[key].design_effect > 1.5


def test_clustered_orders_keep_the_error_rate() -> None:
    """Under A/A with alike orders the error rate is at most 5 %; as if independent it is twice."""
    runs, units = 1_000, 600
    rng = np.random.default_rng(20260905)
    wrong = naive = 0
    for _ in range(runs):
        control, treatment = clustered(rng, units), clustered(rng, units)
        got = quantile_difference(
            clustered_summary(control), clustered_summary(treatment), alpha=ALPHA
        )
        wrong += isinstance(got, Estimate) and got.p_value < ALPHA
        rows = of(np.concatenate(control)), of(np.concatenate(treatment))
        plain = quantile_difference(*rows, alpha=ALPHA)
        naive += isinstance(plain, Estimate) and plain.p_value < ALPHA

    assert wrong / runs <= ALPHA + tolerance(runs)
    assert naive / runs > 2 * ALPHA


def test_only_a_quantile_metric_has_order_statistics() -> None:
    """Asking for the order statistics of a mean is a mistake, and says which metric."""
    metric = in_use("spend_per_member")
    with pytest.raises(ValueError, match="spend_per_member is no quantile"):
        quantiles(facts([("a", "control", START)]), metric)
