"""`analyse_summaries` gives what the rows behind the summaries give, at one look or many."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from stats.aggregation.unit_tables import UnitMetric
from stats.errors import InvalidPlan, InvalidSummary, MissingColumn, UnknownVariant, UnusableValues
from stats.inference.boundary import boundaries
from stats.notebook import analyse_summaries, analyse_units
from stats.plan import Spending

NUMBERS = ["difference", "ci_low", "ci_high", "p_value", "lift", "lift_low", "lift_high"]


def rows() -> pd.DataFrame:
    """Units with an outcome, a denominator and a covariate."""
    rng = np.random.default_rng(11)
    n = 4_000
    before = rng.gamma(2, 10, n)
    variant = rng.choice(["control", "B"], n)
    return pd.DataFrame(
        {
            "variant": variant,
            "before": before,
            "orders": rng.poisson(2, n) + 1,
            "spend": before + rng.gamma(1, 20, n) + 2 * (variant == "B"),
            "bought": (rng.random(n) < 0.3).astype(int),
            "day": rng.integers(1, 11, n),
        }
    )


def summed(frame: pd.DataFrame, outcome: str = "spend", other: str | None = None) -> pd.DataFrame:
    """Means, variances and covariances per variant, by pandas."""
    groups = frame.groupby("variant")
    table = groups[outcome].agg(n="count", mean="mean", variance="var")
    if other is not None:
        prefix = "denominator" if other == "orders" else "covariate"
        table[f"{prefix}_mean"] = groups[other].mean()
        table[f"{prefix}_variance"] = groups[other].var()
        table["covariance"] = [g[outcome].cov(g[other]) for _, g in groups]
    return table.reset_index()


def snapshots(frame: pd.DataFrame) -> pd.DataFrame:
    """The summaries of all units so far, at the end of each of ten days."""
    days = range(1, 11)
    return pd.concat(summed(frame[frame["day"] <= day]).assign(day=float(day)) for day in days)


def test_summaries_give_the_comparison_of_their_rows() -> None:
    """Difference, lift, intervals and p-value are those of the units."""
    frame = rows()

    got = analyse_summaries(summed(frame)).table()

    expected = analyse_units(frame, "spend").table()
    np.testing.assert_allclose(got[NUMBERS], expected[NUMBERS], rtol=1e-9)


def test_ratio_and_covariate_give_the_comparison_of_their_rows() -> None:
    """The delta method and CUPED need no rows."""
    frame = rows()

    ratio = analyse_summaries(summed(frame, other="orders")).table()
    adjusted = analyse_summaries(summed(frame, other="before")).table()

    by_rows = analyse_units(frame, UnitMetric("aov", "spend", denominator="orders")).table()
    np.testing.assert_allclose(ratio[NUMBERS], by_rows[NUMBERS], rtol=1e-9)
    by_rows = analyse_units(frame, "spend", covariates=["before"]).table()
    np.testing.assert_allclose(adjusted[NUMBERS], by_rows[NUMBERS], rtol=1e-9)


def test_missing_variance_of_a_binary_metric_follows_from_its_mean() -> None:
    """P (1 - p) n / (n - 1) is the variance of 0 and 1; for others it is a finding."""
    frame = rows()
    table = summed(frame, "bought").assign(variance=np.nan)

    got = analyse_summaries(table, binary=["value"])
    missing = analyse_summaries(table)

    expected = analyse_units(frame, "bought").table()
    np.testing.assert_allclose(got.table()[NUMBERS], expected[NUMBERS], rtol=1e-9)
    assert missing.table().empty
    assert [one.detail for one in missing.findings] == [
        "the variance of B is missing",
        "the variance of control is missing",
    ]
    assert missing.looks()["looks_missing"].tolist() == [1]
    assert "the variance of B is missing" in repr(missing)


def test_last_look_is_the_comparison() -> None:
    """The table is that of the last snapshot, and so is the end of the course."""
    frame = rows()

    got = analyse_summaries(snapshots(frame), look="day", planned_units=len(frame))

    whole = analyse_summaries(summed(frame)).table()
    np.testing.assert_allclose(got.table()[NUMBERS], whole[NUMBERS], rtol=1e-12)
    last = got.over_time("value").iloc[-1]
    np.testing.assert_allclose(
        last[["fixed_low", "fixed_high", "fixed_p_value"]].astype(float),
        whole[["ci_low", "ci_high", "p_value"]].iloc[0],
        rtol=1e-12,
    )
    assert last["units"] == len(frame)


def test_planned_looks_have_the_interval_of_their_boundary() -> None:
    """Three looks at shares of the planned size; other looks have none."""
    frame = rows()
    table = snapshots(frame)

    got = analyse_summaries(
        table, look="day", planned_units=len(frame), planned_looks=[3, 6, 10]
    ).over_time()

    planned = got[got["boundary_low"].notna()]
    assert planned["at"].tolist() == [3, 6, 10]
    fractions = tuple(units / len(frame) for units in planned["units"])
    looks = boundaries(fractions, alpha=0.05, spending=Spending.OBRIEN_FLEMING, final=True)
    for row, look in zip(planned.itertuples(), looks, strict=True):
        level = analyse_summaries(
            summed(frame[frame["day"] <= row.at]), alpha=look.nominal_alpha
        ).table()
        assert row.boundary_low == pytest.approx(level["ci_low"][0], rel=1e-9)


def test_looks_may_be_days_of_the_calendar() -> None:
    """Dates are put in order and drawn as such."""
    table = snapshots(rows())
    table["day"] = [date(2026, 1, int(day)) for day in table["day"]]

    got = analyse_summaries(table.sample(frac=1, random_state=1), look="day")

    assert got.over_time()["at"].tolist() == [date(2026, 1, day) for day in range(1, 11)]
    assert '"type": "temporal"' in got.plot_over_time().to_json()


def test_several_treatments_share_the_error_rate_of_looks() -> None:
    """Each of two sequences is made at half of alpha."""
    frame = rows()
    both = pd.concat([frame, frame[frame["variant"] == "B"].assign(variant="C")])

    two = analyse_summaries(snapshots(both), look="day").over_time()
    half = analyse_summaries(snapshots(frame), look="day", alpha=0.025).over_time()

    assert set(two["treatment"]) == {"B", "C"}
    fixed = two[two["treatment"] == "B"]["fixed_low"].to_numpy()
    np.testing.assert_allclose(fixed, half["fixed_low"], rtol=1e-9)


def test_snapshots_that_are_not_cumulative_are_a_finding() -> None:
    """Fewer units than before cannot be planned looks: no boundary, but a sentence."""
    table = snapshots(rows())
    table.loc[table["day"] == 5, "n"] = 50

    got = analyse_summaries(table, look="day", planned_units=4_000)

    assert [(one.look, one.detail) for one in got.findings] == [
        (5, "fewer units than at the look before: not cumulative")
    ]
    assert got.over_time()["boundary_low"].isna().all()


def test_mistakes_are_named() -> None:
    """A missing column, mean or control, two rows for one look, half a unit."""
    table = summed(rows())

    with pytest.raises(MissingColumn, match="no column 'variance'"):
        analyse_summaries(table.drop(columns="variance"))
    with pytest.raises(UnusableValues, match="the column mean has 1 rows"):
        analyse_summaries(table.assign(mean=[np.nan, 1.0]))
    with pytest.raises(UnknownVariant, match="'A'; there are B, control"):
        analyse_summaries(table, control="A")
    with pytest.raises(InvalidSummary, match="two rows for the variant 'B'"):
        analyse_summaries(pd.concat([table, table]))
    with pytest.raises(InvalidSummary, match="a whole number is needed"):
        analyse_summaries(table.assign(n=[10.5, 10]))
    with pytest.raises(InvalidSummary, match="a variance of -1"):
        analyse_summaries(table.assign(variance=-1.0))
    with pytest.raises(InvalidPlan, match="column of looks"):
        analyse_summaries(table).plot_over_time()
    with pytest.raises(InvalidPlan, match="metric"):
        analyse_summaries(table).over_time("spent")


def test_constants_give_a_certain_difference_or_a_reason() -> None:
    """5 against 6 is certain, 5 against 5 has no error to judge by, one unit is too few."""

    def table(means: list[float], n: int = 10) -> pd.DataFrame:
        return pd.DataFrame({"variant": ["control", "B"], "n": n, "mean": means, "variance": 0.0})

    certain = analyse_summaries(table([5.0, 6.0])).effects[0]
    same = analyse_summaries(table([5.0, 5.0])).effects[0]
    single = analyse_summaries(table([5.0, 6.0], n=1)).effects[0]

    assert (certain.difference, certain.ci_low, certain.ci_high) == (1, 1, 1)
    assert certain.status == "certain"
    assert (same.difference, same.status) == (None, "no_variance")
    assert (single.difference, single.status) == (None, "too_few_units")
