"""`analyse_units` compares columns as statsmodels and SciPy do, whatever table they come in."""

from decimal import Decimal
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import statsmodels.formula.api as smf
from scipy import stats as scipy_stats

from stats.aggregation.unit_tables import UnitMetric
from stats.errors import InvalidPlan, MissingColumn, UnknownVariant, UnusableValues
from stats.inference.power import PlannedTest, Reference, Sizes
from stats.notebook import UnitAnalysis, analyse_units
from stats.plan import Cap


def units(n: int = 3_000) -> pd.DataFrame:
    """Skewed spend that the time before foretells, a share, orders, a segment and a day."""
    rng = np.random.default_rng(5)
    before = rng.gamma(2, 20, n)
    variant = rng.choice(["control", "B", "C"], n)
    return pd.DataFrame(
        {
            "variant": variant,
            "Spend before": before,
            "spend": before * 0.8 + rng.gamma(1, 30, n) + 5 * (variant == "B"),
            "bought": rng.random(n) < 0.2,
            "orders": rng.poisson(2, n) + 1,
            "Home country": rng.choice(["DE", "FR"], n),
            "day": (pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 28, n), unit="D")),
        }
    ).assign(day=lambda frame: frame["day"].dt.date)


def analysed(frame: pd.DataFrame) -> UnitAnalysis:
    """Everything that may be said of them."""
    return analyse_units(
        frame,
        ["spend", "bought"],
        covariates=["Spend before"],
        segments=["Home country"],
        day="day",
        shares={"control": 0.34, "B": 0.33, "C": 0.33},
    )


@pytest.mark.parametrize("treatment", ["B", "C"])
def test_raw_comparison_equals_scipy(treatment: str) -> None:
    """Difference, interval and p-value are those of Welch's test."""
    frame = units()
    row = analysed(frame).table().query(
        f"metric == 'spend' and estimate == 'raw' and treatment == '{treatment}' and segment.isna()"
    )  # fmt: skip
    by_variant = {
        key: frame.loc[frame["variant"] == key, "spend"] for key in ("control", treatment)
    }

    expected = scipy_stats.ttest_ind(by_variant[treatment], by_variant["control"], equal_var=False)
    low, high = expected.confidence_interval(0.95)

    np.testing.assert_allclose(
        row[["ci_low", "ci_high", "p_value"]].to_numpy()[0],
        [low, high, expected.pvalue],
        rtol=1e-9,
    )


def test_adjusted_difference_is_that_of_least_squares() -> None:
    """With weights pooled over all variants, CUPED's difference is OLS's coefficient."""
    frame = units()
    got = analysed(frame).table().query("metric == 'spend' and estimate == 'adjusted'")

    fit = smf.ols("spend ~ C(variant, Treatment('control')) + Q('Spend before')", frame).fit()

    expected = [
        fit.params[f"C(variant, Treatment('control'))[T.{key}]"] for key in got["treatment"]
    ]
    np.testing.assert_allclose(got["difference"], expected, rtol=1e-9)


def test_variance_reduction_is_that_of_robust_least_squares() -> None:
    """Errors that each variant keeps for itself are HC1's, to the order of 1/n."""
    frame = units()
    got = analysed(frame).variance_reduction().query("metric == 'spend'")

    formula = "spend ~ C(variant, Treatment('control'))"
    plain = smf.ols(formula, frame).fit(cov_type="HC1")
    adjusted = smf.ols(f"{formula} + Q('Spend before')", frame).fit(cov_type="HC1")

    for row in got.itertuples():
        name = f"C(variant, Treatment('control'))[T.{row.treatment}]"
        expected = 1 - (adjusted.bse[name] / plain.bse[name]) ** 2
        assert row.reduction == pytest.approx(expected, abs=0.01)
        assert row.units_worth == pytest.approx(1 / (1 - row.reduction))


def test_zero_and_one_make_a_share_however_they_are_stored() -> None:
    """Truth values, whole and floating-point numbers of 0 and 1 give the same share."""
    frame = units()
    stored = frame.assign(
        bought=frame["bought"],
        whole=frame["bought"].astype(int),
        real=frame["bought"].astype(float),
    )

    got = analyse_units(stored, ["bought", "whole", "real"]).table()

    assert set(got["unit"]) == {"share"}
    assert got.groupby("treatment")["ci_low"].nunique().eq(1).all()


@pytest.mark.parametrize("kind", ["arrow", "ibis", "parquet"])
def test_every_kind_of_table_gives_the_same(kind: str, tmp_path: Path) -> None:
    """A frame, an Arrow table, an Ibis table and a Parquet file give equal comparisons."""
    frame = units()
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "units.parquet")
    source = {
        "arrow": pa.Table.from_pandas(frame),
        "ibis": ibis.memtable(pa.Table.from_pandas(frame)),
        "parquet": str(tmp_path / "*.parquet"),
    }[kind]

    got = analyse_units(source, ["spend", "bought"], covariates=["Spend before"], day="day")

    expected = analyse_units(frame, ["spend", "bought"], covariates=["Spend before"], day="day")
    numbers = ["difference", "ci_low", "ci_high", "p_value", "lift_low", "lift_high"]
    np.testing.assert_allclose(got.table()[numbers], expected.table()[numbers], rtol=1e-10)
    assert list(got.table()["status"]) == list(expected.table()["status"])


def test_variants_may_be_truth_values_or_numbers() -> None:
    """A column of true and false, or of 0 and 1, names its variants as text."""
    frame = units()
    frame = frame[frame["variant"] != "C"]
    treated = frame["variant"] == "B"
    expected = analyse_units(frame, "spend").table()["difference"]

    truth = analyse_units(frame.assign(variant=treated), "spend", control="false")
    number = analyse_units(frame.assign(variant=treated.astype(int)), "spend", control="0")

    np.testing.assert_allclose(truth.table()["difference"], expected, rtol=1e-12)
    np.testing.assert_allclose(number.table()["difference"], expected, rtol=1e-12)


def test_segments_equal_the_comparison_of_their_units_alone() -> None:
    """The interval within a segment value is that of its units; names of columns are free."""
    frame = units()
    got = analysed(frame).table().query("metric == 'spend' and value == 'DE'")

    alone = analyse_units(frame[frame["Home country"] == "DE"], "spend").table()

    np.testing.assert_allclose(
        got[["difference", "ci_low", "ci_high"]], alone[["difference", "ci_low", "ci_high"]],
        rtol=1e-9,
    )  # fmt: skip
    assert (got["segment"] == "Home country").all()


def test_course_ends_where_the_comparison_stands() -> None:
    """The last day has all units: its difference is that of the table, raw and adjusted."""
    got = analysed(units())

    for estimate in ("raw", "adjusted"):
        last = got.over_time("spend", estimate=estimate).groupby("treatment")["difference"].last()
        whole = got.table().query(f"metric == 'spend' and estimate == '{estimate}'")
        whole = whole[whole["segment"].isna()].set_index("treatment")["difference"]
        np.testing.assert_allclose(last, whole.loc[last.index], rtol=1e-12)


def test_ratio_and_cap_are_said_as_unit_metrics() -> None:
    """A ratio is total over total; a cap stands beside the raw comparison."""
    frame = units()
    got = analyse_units(
        frame,
        [
            UnitMetric("order value", "spend", denominator="orders"),
            UnitMetric("capped spend", "spend", cap=Cap(percentile=Decimal("0.99"))),
        ],
    )

    totals = frame.groupby("variant")[["spend", "orders"]].sum()
    ratios = (totals["spend"] / totals["orders"]).to_dict()
    levels = got.variants().query("metric == 'order value'").set_index("variant")["value"]
    assert levels.to_dict() == pytest.approx(ratios, rel=1e-12)
    assert set(got.table().query("metric == 'capped spend'")["estimate"]) == {"raw", "capped"}


def test_power_is_that_of_the_control_and_the_present_units() -> None:
    """The curve's smallest effect is found with the power that statsmodels gives for it."""
    from statsmodels.stats.power import TTestIndPower  # noqa: PLC0415 - takes seconds to import

    frame = units()
    frame = frame[frame["variant"] != "C"]
    control = frame.loc[frame["variant"] == "control", "spend"]
    treated = int((frame["variant"] == "B").sum())
    plan = analyse_units(frame, "spend").power_plan("spend")

    power = TTestIndPower().power(
        plan.smallest / control.std(), len(control), 0.05, ratio=treated / len(control)
    )

    assert plan.sizes == Sizes(len(control), treated)
    assert plan.test == PlannedTest(0.05, comparisons=1, reference=Reference.WELCH)
    assert power == pytest.approx(0.8, abs=1e-4)


def test_sample_ratio_is_checked_against_the_planned_shares() -> None:
    """A split of 2:1 that was planned even is a failure."""
    frame = units()
    frame = frame[frame["variant"] != "C"]
    broken = pd.concat([frame, frame[frame["variant"] == "B"]])

    got = analyse_units(broken, "spend", shares={"control": 0.5, "B": 0.5})

    assert got.sample_ratio.severity.value == "failure"
    assert "failure" in repr(got)


def test_mistakes_are_named() -> None:
    """NaN, a missing column, variant or value, an unknown metric or segment."""
    frame = units()

    with pytest.raises(UnusableValues, match="the column spend has 1 rows that are NaN"):
        analyse_units(frame.assign(spend=frame["spend"].where(frame.index > 0)), "spend")
    with pytest.raises(UnusableValues, match="the column spend has 1 rows"):
        analyse_units(frame.assign(spend=frame["spend"].where(frame.index > 0, np.inf)), "spend")
    with pytest.raises(MissingColumn, match="no column 'spent'"):
        analyse_units(frame, "spent")
    with pytest.raises(MissingColumn, match="no column 'arm'"):
        analyse_units(frame, "spend", variant="arm")
    with pytest.raises(UnknownVariant, match="'A'; there are B, C, control"):
        analyse_units(frame, "spend", control="A")
    with pytest.raises(UnusableValues, match="variant"):
        analyse_units(frame.assign(variant=frame["variant"].where(frame.index > 0)), "spend")
    got = analysed(frame)
    with pytest.raises(InvalidPlan, match="metric: 'spent' will not do; give spend or bought"):
        got.plot_over_time("spent")
    with pytest.raises(InvalidPlan, match="segment"):
        got.plot_intervals(segment="tier")
    with pytest.raises(InvalidPlan, match="scale"):
        got.plot_intervals(scale="log")
    with pytest.raises(InvalidPlan, match="treatment"):
        got.plot_power("spend", treatment="D")
    with pytest.raises(InvalidPlan, match="days"):
        analyse_units(frame, "spend").plot_over_time()
