"""The regression of drivers: values, patterns against rows, what cannot be told, error rates."""

import math
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from stats.aggregation.drivers import driver_patterns, read_driver_patterns
from stats.aggregation.duckdb_engine import DuckDBEngine, DuckDBFunctions
from stats.aggregation.layout import layout_of
from stats.aggregation.relations import exposed_units, unit_conversions, unit_spans
from stats.aggregation.values import unit_totals, unit_values
from stats.errors import (
    CannotEstimate,
    InvalidSummary,
    MissingColumn,
    NonFiniteValue,
    NotIdentified,
    NoVariance,
    NullInColumn,
    TooFewUnits,
    UndefinedStatus,
)
from stats.inference.driver_design import RowColumns
from stats.inference.driver_table import (
    DriverModel,
    DriverNote,
    DriverOptions,
    Drivers,
    RobustError,
)
from stats.inference.drivers import drivers_of_patterns, drivers_of_rows
from stats.plan import SegmentBy
from stats.summary import MISSING, DriverPatterns, Pattern
from tests.stats.facts import DAY, START, event, facts, in_use, plan

ALPHA = 0.05
LEVELS = [
    (variant, tier, region)
    for region in ("north", "south")
    for tier in ("base", "silver", "gold")
    for variant in ("control", "B")
]
UNITS = (200, 210, 120, 115, 40, 44, 180, 170, 90, 95, 35, 31)
SUCCESSES = (20, 31, 24, 26, 12, 17, 15, 19, 20, 22, 9, 13)
FACTORS = ("variant", "tier", "region")
PATTERNS = DriverPatterns(
    "upgrade_conversion",
    FACTORS,
    tuple(Pattern(*row) for row in zip(LEVELS, UNITS, SUCCESSES, strict=True)),
)
CONTROL = {"variant": "control"}
COLUMNS = RowColumns("y", FACTORS)


def rows_of(patterns: DriverPatterns) -> pa.Table:
    """Every unit as a row."""
    rows = [
        (*pattern.levels, i < pattern.successes)
        for pattern in patterns.patterns
        for i in range(pattern.units)
    ]
    columns = list(zip(*rows, strict=True))
    return pa.table(dict(zip((*patterns.factors, "y"), columns, strict=True)))


def estimates(table: Drivers) -> list[float]:
    """The intercept and the coefficients."""
    return [table.intercept, *(one.coefficient.estimate for one in table.coefficients)]


def errors(table: Drivers) -> list[float]:
    """The standard errors of the coefficients."""
    return [one.std_error for one in table.coefficients]


# R: d <- expand.grid(variant = c("control", "B"), tier = c("base", "silver", "gold"),
#   region = c("north", "south")), with units and successes as above, one row per unit;
# g <- glm(y ~ variant + tier + region, binomial, control = glm.control(epsilon = 1e-14));
# l <- lm(y ~ variant + tier + region); tier with levels base, gold, silver;
# sqrt(diag(sandwich::vcovHC(g, "HC1"))) and so on
LOGIT = (
    -2.19626505853571,
    0.30982831942148,
    1.41286769721938,
    0.802058660736814,
    -0.0888260206160016,
)
LOGIT_HC1 = (
    0.158137169425605,
    0.149937663300563,
    0.207696280546949,
    0.165625554165028,
    0.150440000449128,
)
LOGIT_HC3 = (
    0.158358950162602,
    0.150316830939448,
    0.208790654582448,
    0.165875800583684,
    0.150830336049185,
)
LPM = (
    0.0963520712270962,
    0.0419441581606748,
    0.227913552157725,
    0.106966839714505,
    -0.0119038692389989,
)
LPM_HC1 = (
    0.0176533119485472,
    0.0202321324482234,
    0.0402341180994307,
    0.0232544419372132,
    0.0202652393746944,
)
LPM_HC3 = (
    0.0176849599807384,
    0.0202799609764847,
    0.0404714431491085,
    0.0232951919136942,
    0.0203138710496779,
)
P_VALUES = (0.0387925306214819, 1.02771766105444e-11, 1.28149732190497e-06, 0.554894689949057)
ADJUSTED = (0.0517233741619759, 4.11087064421777e-11, 2.56299464380993e-06, 0.554894689949057)


@pytest.mark.parametrize(
    ("model", "error", "coefficients", "std_errors"),
    [
        (DriverModel.LOGISTIC, RobustError.HC1, LOGIT, LOGIT_HC1),
        (DriverModel.LOGISTIC, RobustError.HC3, LOGIT, LOGIT_HC3),
        (DriverModel.LINEAR_PROBABILITY, RobustError.HC1, LPM, LPM_HC1),
        (DriverModel.LINEAR_PROBABILITY, RobustError.HC3, LPM, LPM_HC3),
    ],
)
def test_coefficients_and_robust_errors_equal_those_of_r(
    model: DriverModel,
    error: RobustError,
    coefficients: tuple[float, ...],
    std_errors: tuple[float, ...],
) -> None:
    """Counted patterns give the coefficients and sandwich errors of the rows they count."""
    options = DriverOptions(model=model, error=error, references=CONTROL)
    got = drivers_of_patterns(PATTERNS, alpha=ALPHA, options=options)

    assert estimates(got) == pytest.approx(coefficients, rel=1e-9)
    assert errors(got) == pytest.approx(std_errors[1:], rel=1e-8)
    assert (got.units, got.successes, got.left_out) == (sum(UNITS), sum(SUCCESSES), 0)
    assert (got.label, got.error) == ("association", error)


def test_p_values_are_adjusted_as_in_r() -> None:
    """Two-sided by the normal, corrected by Benjamini and Hochberg: p.adjust(p, "BH")."""
    options = DriverOptions(references=CONTROL)
    got = drivers_of_patterns(PATTERNS, alpha=ALPHA, options=options).coefficients

    assert [one.p_value for one in got] == pytest.approx(P_VALUES, rel=1e-8)
    assert [one.p_adjusted for one in got] == pytest.approx(ADJUSTED, rel=1e-8)
    for one in got:
        assert one.odds_ratio is not None
        assert math.log(one.odds_ratio.estimate) == pytest.approx(one.coefficient.estimate)
        assert math.log(one.odds_ratio.ci_low) == pytest.approx(one.coefficient.ci_low)


@pytest.mark.parametrize("model", DriverModel)
@pytest.mark.parametrize("error", [RobustError.HC1, RobustError.HC3])
def test_patterns_equal_rows(model: DriverModel, error: RobustError) -> None:
    """Counting alike units loses nothing: every number of the table is that of the rows."""
    options = DriverOptions(model=model, error=error, references=CONTROL)
    counted = drivers_of_patterns(PATTERNS, alpha=ALPHA, options=options)
    listed = drivers_of_rows(rows_of(PATTERNS), COLUMNS, alpha=ALPHA, options=options)

    assert estimates(counted) == pytest.approx(estimates(listed), rel=1e-9)
    assert errors(counted) == pytest.approx(errors(listed), rel=1e-9)
    for one, other in zip(counted.coefficients, listed.coefficients, strict=True):
        assert one.column == other.column
        assert one.marginal.ci_low == pytest.approx(other.marginal.ci_low, rel=1e-8)


def test_marginals_equal_those_of_statsmodels() -> None:
    """The average difference in the share, and its error, are get_margeff's with HC1 errors."""
    columns = RowColumns("y", ("variant", "region"), ("age",))
    rng = np.random.default_rng(20261001)
    n = 3_000
    variant, region = rng.random(n) < 0.5, rng.random(n) < 0.3
    age = rng.normal(40, 10, n)
    chance = 1 / (1 + np.exp(2 - 0.4 * variant - 0.3 * region - 0.02 * (age - 40)))
    y = (rng.random(n) < chance).astype(int)
    table = pa.table(
        {
            "variant": np.where(variant, "B", "control"),
            "region": np.where(region, "south", "north"),
            "age": age,
            "y": y,
        }
    )

    got = drivers_of_rows(table, columns, alpha=ALPHA,
                          options=DriverOptions(references=CONTROL)).coefficients  # fmt: skip

    # the same fit and margins by statsmodels, whose HC1 of a logit lacks the factor n / (n - k)
    x = sm.add_constant(np.column_stack([variant, region, age]).astype(float))
    fit = sm.Logit(y, x).fit(disp=0, tol=1e-12, cov_type="HC0")
    margins = fit.get_margeff(at="overall", dummy=True)
    factor = math.sqrt(n / (n - 4))
    z = 1.959963984540054  # R: qnorm(0.975)
    for i, one in enumerate(got):
        half = (one.marginal.ci_high - one.marginal.ci_low) / 2
        assert one.coefficient.estimate == pytest.approx(fit.params[i + 1], rel=1e-8)
        assert one.std_error == pytest.approx(fit.bse[i + 1] * factor, rel=1e-8)
        assert one.marginal.estimate == pytest.approx(margins.margeff[i], rel=1e-8)
        assert half == pytest.approx(z * margins.margeff_se[i] * factor, rel=1e-7)


def test_clusters_have_the_errors_of_statsmodels() -> None:
    """Units of one household are alike: errors are those of cov_type="cluster"."""
    rng = np.random.default_rng(20261002)
    households = np.repeat(np.arange(300), rng.integers(1, 6, 300))
    n = len(households)
    variant = rng.random(300)[households] < 0.5
    level = rng.normal(0, 1, 300)[households]
    y = (rng.random(n) < 1 / (1 + np.exp(1 - 0.5 * variant - level))).astype(int)
    table = pa.table(
        {"variant": np.where(variant, "B", "control"), "household": households, "y": y}
    )
    columns = RowColumns("y", ("variant",), clusters="household")

    got = drivers_of_rows(table, columns, alpha=ALPHA, options=DriverOptions(references=CONTROL))
    alone = drivers_of_rows(table, replace(columns, clusters=None), alpha=ALPHA)

    # the same fit by statsmodels, its own cluster errors
    x = sm.add_constant(variant.astype(float))
    fit = sm.GLM(y, x, family=sm.families.Binomial()).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": households}
    )
    assert got.error is RobustError.CLUSTER
    assert errors(got) == pytest.approx(fit.bse[1:], rel=1e-7)
    assert errors(got)[0] > 1.1 * errors(alone)[0]


# --- what cannot be told ------------------------------------------------------------------------


def test_separated_level_has_no_coefficient_and_leaves_its_units_out() -> None:
    """A tier of which nobody upgraded has no finite odds; the others are fitted without it."""
    silent = DriverPatterns(
        PATTERNS.outcome,
        FACTORS,
        (*PATTERNS.patterns, Pattern(("control", "platinum", "north"), 25, 0)),
    )

    options = DriverOptions(references=CONTROL)
    got = drivers_of_patterns(silent, alpha=ALPHA, options=options)

    whole = drivers_of_patterns(PATTERNS, alpha=ALPHA, options=options)
    assert estimates(got) == pytest.approx(estimates(whole), rel=1e-9)
    (undefined,) = got.undefined
    assert (undefined.column.level, undefined.status) == (
        "platinum",
        UndefinedStatus.NOT_IDENTIFIED,
    )
    assert "None of the 25 units with tier = platinum" in undefined.sentence
    assert got.left_out == 25
    linear = DriverOptions(model=DriverModel.LINEAR_PROBABILITY)
    assert not drivers_of_patterns(silent, alpha=ALPHA, options=linear).undefined


def test_column_that_repeats_another_has_no_coefficient() -> None:
    """Where every gold member is in the north, the two cannot be told apart."""
    rows = rows_of(PATTERNS)
    twice = rows.append_column("grade", rows.column("tier"))

    got = drivers_of_rows(twice, RowColumns("y", (*FACTORS, "grade")), alpha=ALPHA)

    assert [one.column.factor for one in got.undefined] == ["grade", "grade"]
    assert "repeats what other attributes say" in got.undefined[0].sentence
    alone = drivers_of_rows(rows, COLUMNS, alpha=ALPHA)
    assert estimates(got) == pytest.approx(estimates(alone), rel=1e-9)
    assert got.left_out == 0


def test_number_that_forecasts_the_outcome_is_refused() -> None:
    """An attribute that is known only after the outcome separates it perfectly."""
    points = np.arange(100.0)
    table = pa.table({"points": points, "y": points >= 50})
    with pytest.raises(NotIdentified, match="forecasts the outcome perfectly"):
        drivers_of_rows(table, RowColumns("y", (), ("points",)), alpha=ALPHA)


def test_rare_levels_and_few_outcomes_are_noted() -> None:
    """A level of few units keeps its coefficient, with a note beside it."""
    options = DriverOptions(references=CONTROL, minimum_units=155)
    got = {
        one.column.level: one.notes
        for one in drivers_of_patterns(PATTERNS, alpha=ALPHA, options=options).coefficients
    }

    assert got["B"] == (DriverNote.FEW_OUTCOMES,)
    assert got["gold"] == (DriverNote.RARE_LEVEL, DriverNote.FEW_OUTCOMES)


def test_regression_without_variation_or_units_is_refused() -> None:
    """Nobody, everybody, or fewer units than coefficients: each says why."""

    def of(*rows: tuple[tuple[str], int, int]) -> DriverPatterns:
        return DriverPatterns("y", ("variant",), tuple(Pattern(*row) for row in rows))

    with pytest.raises(TooFewUnits):
        drivers_of_patterns(of(), alpha=ALPHA)
    with pytest.raises(NoVariance, match="0 of 9 units"):
        drivers_of_patterns(of((("A",), 9, 0)), alpha=ALPHA)
    with pytest.raises(NoVariance, match="9 of 9 units"):
        drivers_of_patterns(of((("A",), 9, 9)), alpha=ALPHA)
    with pytest.raises(CannotEstimate):
        drivers_of_patterns(of((("A",), 1, 0), (("B",), 1, 1)), alpha=ALPHA)
    with pytest.raises(InvalidSummary, match="no unit has variant = 'C'"):
        drivers_of_patterns(
            of((("A",), 9, 3)), alpha=ALPHA, options=DriverOptions(references={"variant": "C"})
        )


def test_patterns_that_cannot_be_are_refused() -> None:
    """More successes than units, a level too few, one pattern twice."""
    with pytest.raises(InvalidSummary):
        Pattern(("A",), 3, 4)
    with pytest.raises(InvalidSummary):
        DriverPatterns("y", ("variant",), (Pattern(("A", "b"), 3, 1),))
    with pytest.raises(InvalidSummary):
        DriverPatterns("y", ("variant",), (Pattern(("A",), 3, 1), Pattern(("A",), 3, 1)))


def test_rows_that_cannot_be_read_are_refused_by_column() -> None:
    """A missing column, a null outcome, a number that is none, an outcome of three values."""
    table = pa.table({"variant": ["A", "B", None], "y": [1, 0, 1], "age": [1.0, math.nan, 2.0]})

    def fit(columns: RowColumns, rows: pa.Table = table) -> Drivers:
        return drivers_of_rows(rows, columns, alpha=ALPHA)

    with pytest.raises(MissingColumn, match="tier"):
        fit(RowColumns("y", ("tier",)))
    with pytest.raises(NonFiniteValue, match="age"):
        fit(RowColumns("y", (), ("age",)))
    with pytest.raises(InvalidSummary, match="must be 0 or 1"):
        fit(RowColumns("y", ()), pa.table({"y": [0, 1, 2]}))
    with pytest.raises(NullInColumn, match=r"drivers\.y"):
        fit(RowColumns("y", ()), pa.table({"y": [0, 1, None]}))
    with pytest.raises(TooFewUnits):
        fit(RowColumns("y", ()), table.slice(0, 0))
    with pytest.raises(TooFewUnits):
        fit(RowColumns("y", ("variant",), clusters="variant"),
            pa.table({"variant": ["A", "B"] * 4, "y": [1, 0, 0, 1, 1, 1, 0, 0]}))  # fmt: skip


# --- properties and simulation ------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.permutations(PATTERNS.patterns), st.sampled_from(["control", "B"]))
def test_order_and_reference_do_not_matter(patterns: list[Pattern], reference: str) -> None:
    """Patterns in any order give the same; the other reference mirrors the variant's row."""
    shuffled = replace(PATTERNS, patterns=tuple(patterns))
    options = DriverOptions(references={"variant": reference})
    got = drivers_of_patterns(shuffled, alpha=ALPHA, options=options).coefficients

    sign = 1 if reference == "control" else -1
    assert got[0].coefficient.estimate == pytest.approx(sign * LOGIT[1], rel=1e-8)
    assert got[0].std_error == pytest.approx(LOGIT_HC1[1], rel=1e-8)
    assert got[1].coefficient.estimate == pytest.approx(LOGIT[2], rel=1e-8)


def test_coefficients_are_wrong_as_often_as_they_say() -> None:
    """Where nothing goes with the outcome, each coefficient is significant in 5 % of fits."""
    runs = 600
    rng = np.random.default_rng(20261003)
    wrong = 0
    for _ in range(runs):
        counted = tuple(
            Pattern(levels, units, int(rng.binomial(units, 0.2)))
            for levels, units in zip(LEVELS, UNITS, strict=True)
        )
        got = drivers_of_patterns(replace(PATTERNS, patterns=counted), alpha=ALPHA)
        wrong += got.coefficients[0].p_value < ALPHA

    assert wrong / runs == pytest.approx(ALPHA, abs=3 * math.sqrt(ALPHA * (1 - ALPHA) / runs))


# --- aggregation --------------------------------------------------------------------------------


def test_patterns_are_counted_in_sql() -> None:
    """Mature units by variant and segments, with those that upgraded; unknown is its own level."""
    rng = np.random.default_rng(20261004)
    members = [f"m{i}" for i in range(400)]
    variants = rng.choice(["control", "B", "rogue"], 400, p=[0.5, 0.45, 0.05])
    tiers = rng.choice(["base", "gold", ""], 400, p=[0.6, 0.3, 0.1])
    days = rng.integers(0, 10, 400)
    upgraded = rng.random(400) < 0.3
    given_facts = replace(
        facts(
            [(m, str(v), START + int(d) * DAY)
             for m, v, d in zip(members, variants, days, strict=True)],
            [event(m, "tier_change", START + 12 * DAY, to="gold")
             for m, up in zip(members, upgraded, strict=True) if up],
        ),
        units=pa.table(
            {"unit_id": members, "tier": pa.array([t or None for t in tiers], pa.string())}
        ),
    )  # fmt: skip
    metric = in_use("upgrade_conversion", target_tiers=["gold"])
    the_plan = replace(plan(metric), segments=(SegmentBy("tier"),))
    as_of = START + 35 * DAY

    with DuckDBEngine.over(given_facts) as engine:
        functions = DuckDBFunctions(the_plan.time_zone)
        layout = layout_of(the_plan)
        spans = engine.keep("unit_spans", unit_spans(the_plan, as_of))
        exposed = engine.keep("exposed_units", exposed_units(the_plan, spans, as_of))
        conversions = unit_conversions(the_plan, exposed, as_of, layout.reach)
        totals = unit_totals(layout, conversions, functions)
        values = unit_values(the_plan, layout, exposed, totals, as_of, functions)
        column = layout.of(metric.key).outcome
        rows = engine.fetch(driver_patterns(the_plan, metric, values, column, as_of))
        got = read_driver_patterns(the_plan, metric, rows)

    units: Counter[tuple[str, str]] = Counter()
    successes: Counter[tuple[str, str]] = Counter()
    for variant, tier, day, up in zip(variants, tiers, days, upgraded, strict=True):
        if variant != "rogue" and day <= 5:
            units[variant, tier or MISSING] += 1
            successes[variant, tier or MISSING] += bool(up)
    assert got.factors == ("variant", "tier")
    assert {p.levels: (p.units, p.successes) for p in got.patterns} == {
        levels: (count, successes[levels]) for levels, count in units.items()
    }
    table = drivers_of_patterns(got, alpha=ALPHA, options=DriverOptions(references=CONTROL))
    assert [one.column.factor for one in table.coefficients] == ["variant", "tier", "tier"]


def test_reading_a_table_of_drivers_loads_neither_arrow_nor_statsmodels() -> None:
    """Both are heavy, and needed only where rows are read or a model is fitted."""
    code = (
        "import sys, stats.inference.drivers, stats.inference.quantile, stats.inference.cox;"
        "import stats.inference.restricted_mean, stats.inference.bootstrap;"
        "print({'ibis', 'pandas', 'statsmodels', 'pyarrow'} & set(sys.modules))"
    )

    got = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert got.stdout.strip() == "set()"
