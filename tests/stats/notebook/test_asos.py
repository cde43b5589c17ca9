"""Looks at the summaries of 78 real experiments, against SciPy and the formula written out."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from stats.notebook import SummaryAnalysis, analyse_summaries
from tests.stats.notebook.pages import DATA

ASOS = DATA / "asos_digital_experiments.parquet"
ALPHA = 0.05

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def snapshots() -> pd.DataFrame:
    """One row per experiment, treatment, metric and look."""
    if not ASOS.exists():
        pytest.skip(f"{ASOS.name} is not in {DATA}")
    return pd.read_parquet(ASOS)


def analysed(rows: pd.DataFrame) -> SummaryAnalysis:
    """Compare one treatment at all its looks, the last size as if it had been planned."""
    sides = []
    for side, variant in (("c", "control"), ("t", "treatment")):
        names = {
            "metric_id": "metric",
            "time_since_start": "day",
            f"count_{side}": "n",
            f"mean_{side}": "mean",
            f"variance_{side}": "variance",
        }
        sides.append(rows[list(names)].rename(columns=names).assign(variant=variant))
    last = rows.sort_values("time_since_start").iloc[-1]
    return analyse_summaries(
        pd.concat(sides),
        metric="metric",
        look="day",
        binary=["1"],
        planned_units=int(last["count_c"] + last["count_t"]),
        planned_looks=[],
    )


def welch_p(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The p-values of `scipy.stats.ttest_ind_from_stats(equal_var=False)`."""
    mean_c, mean_t, count_c, count_t = (
        rows[name].to_numpy() for name in ("mean_c", "mean_t", "count_c", "count_t")
    )
    sd_c, sd_t = (np.sqrt(rows[name].to_numpy()) for name in ("variance_c", "variance_t"))
    with np.errstate(invalid="ignore"):  # nobody did anything yet: 0 / 0, which is no crossing
        result = scipy_stats.ttest_ind_from_stats(
            mean_t, sd_t, count_t, mean_c, sd_c, count_c, equal_var=False
        )
    p_values: npt.NDArray[np.float64] = result.pvalue
    return p_values


def test_every_look_equals_scipy_and_the_formula_of_the_sequence(snapshots: pd.DataFrame) -> None:
    """Welch's interval and p-value, and Waudby-Smith's half-width, at each look that has both."""
    compared = 0
    for _, rows in snapshots.groupby(["experiment_id", "variant_id"]):
        got = analysed(rows).over_time()
        both = rows.assign(metric=rows["metric_id"].astype(str)).merge(
            got, left_on=["metric", "time_since_start"], right_on=["metric", "at"], how="left"
        )
        last = rows.sort_values("time_since_start").iloc[-1]
        planned = last["count_c"] + last["count_t"]
        sound = both[both["variance_c"].notna() & both["variance_t"].notna()]
        sound = sound[sound["fixed_low"].notna()]
        welch = welch_p(sound)
        np.testing.assert_allclose(sound["fixed_p_value"], welch, rtol=1e-7)
        se = np.sqrt(
            sound["variance_c"] / sound["count_c"] + sound["variance_t"] / sound["count_t"]
        )
        rho2 = (-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / planned
        x = (sound["count_c"] + sound["count_t"]) * rho2
        half = se * np.sqrt(2 * (x + 1) / x * np.log(np.sqrt(x + 1) / ALPHA))
        sequence = sound["ci_low"].notna()
        np.testing.assert_allclose(
            (sound["ci_high"] - sound["ci_low"])[sequence], 2 * half[sequence], rtol=1e-9
        )
        compared += len(sound)

    assert compared > 23_000


def test_crossings_equal_those_of_scipy(snapshots: pd.DataFrame) -> None:
    """How many series cross at some look, and at the last one, by Welch's p-value alone."""
    looks = pd.concat(
        analysed(rows).looks() for _, rows in snapshots.groupby(["experiment_id", "variant_id"])
    )
    sound = snapshots[snapshots["variance_c"].notna() & snapshots["variance_t"].notna()]
    p_values = welch_p(sound)
    judged = sound.assign(crossed=p_values < ALPHA).sort_values("time_since_start")
    by_series = judged.groupby(["experiment_id", "variant_id", "metric_id"])["crossed"]

    assert looks["fixed_first"].notna().sum() == by_series.any().sum()
    assert looks["fixed_at_end"].sum() == by_series.last().sum()


def test_missing_variances_are_findings_and_have_no_interval(snapshots: pd.DataFrame) -> None:
    """Each row without a variance is found; its look has no number."""
    series = ["experiment_id", "variant_id"]
    gaps = snapshots[snapshots["variance_c"].isna() | snapshots["variance_t"].isna()]
    assert not gaps.empty
    for _, rows in gaps.groupby(series):
        got = analysed(rows)
        missing = rows[["variance_c", "variance_t"]].isna().sum().sum()

        found = [one for one in got.findings if "missing" in one.detail]
        assert len(found) == missing
        assert got.over_time()[["difference", "ci_low", "fixed_p_value"]].isna().all(axis=None)
