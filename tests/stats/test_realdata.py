"""Real facts: a gift shop's orders, and the snapshots of 78 real experiments."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats as scipy_stats

from stats.aggregation.aggregate import aggregate
from stats.aggregation.facts import FactTables
from stats.inference.difference import welch_difference
from stats.inference.outcome import Estimate
from stats.plan import AnalysisPlan
from stats.scorecard import assemble_scorecard
from stats.summary import MeanSummary
from tests.stats.facts import in_use, plan

FOLDER = Path(__file__).parents[3] / "shared" / "data"
RETAIL = FOLDER / "uci_online_retail.parquet"
ASOS = FOLDER / "asos_digital_experiments.parquet"
EXPOSED_AT = datetime(2011, 6, 1, tzinfo=UTC)
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)
SHARES: dict[str, str | None] = {"control": "0.3333", "B": "0.3333", "C": "0.3334"}

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def invoices() -> pd.DataFrame:
    """One row per invoice with a customer: when, and its amount in pence."""
    if not RETAIL.exists():
        pytest.skip(f"{RETAIL.name} is not in {FOLDER}")
    lines = pd.read_parquet(RETAIL).dropna(subset=["CustomerID"])
    lines["pence"] = (lines["Quantity"] * lines["UnitPrice"] * 1000).round().astype("int64")
    grouped = lines.groupby(["InvoiceNo", "CustomerID"], observed=True)
    result = grouped.agg(at=("InvoiceDate", "min"), pence=("pence", "sum")).reset_index()
    # lines have tenths of pence; an invoice is rounded once
    result["pence"] = (result["pence"] / 10).round().astype("int64")
    result["at"] = result["at"].dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    result["member_id"] = result["CustomerID"].astype(str)
    result["is_refund"] = result["InvoiceNo"].astype(str).str.startswith("C")
    return result


def gift_shop(invoices: pd.DataFrame) -> tuple[FactTables, AnalysisPlan, pd.Series]:
    """An A/A/A campaign over the shop's earlier customers, with variants at random."""
    members = np.sort(invoices.loc[invoices["at"] < EXPOSED_AT, "member_id"].unique())
    variants = np.random.default_rng(7).choice(list(SHARES), len(members))
    exposures = pa.table(
        {
            "member_id": members.tolist(),
            "unit_id": members.tolist(),
            "variant": variants.tolist(),
            "exposed_at": pa.array([EXPOSED_AT] * len(members), pa.timestamp("us", "UTC")),
        }
    )
    conversions = pa.table(
        {
            "member_id": invoices["member_id"].tolist(),
            "event": np.where(invoices["is_refund"], "refund", "order").tolist(),
            "occurred_at": pa.array(invoices["at"], pa.timestamp("us", "UTC")),
            "amount_minor": invoices["pence"].abs().tolist(),
            "currency": ["GBP"] * len(invoices),
            "properties": pa.nulls(len(invoices), pa.string()),
        }
    )
    keys = ("repurchase_rate", "purchase_frequency", "spend_per_member", "average_order_value")
    the_plan = replace(plan(*map(in_use, keys), shares=SHARES), currency="GBP")
    return FactTables(exposures, conversions), the_plan, pd.Series(variants, index=members)


def test_gift_shop_equals_pandas_to_the_penny(invoices: pd.DataFrame) -> None:
    """Over real invoices, every total and mean is that of pandas, every test that of SciPy."""
    facts, the_plan, variant_of = gift_shop(invoices)

    got = assemble_scorecard(
        the_plan, aggregate(facts, the_plan, AS_OF), computed_at=datetime.now(UTC)
    )

    late = invoices[
        (invoices["at"] >= EXPOSED_AT) & (invoices["at"] < EXPOSED_AT + timedelta(days=30))
    ]
    per_member = pd.DataFrame(
        {
            "orders": late[~late["is_refund"]].groupby("member_id").size(),
            "gross": late[~late["is_refund"]].groupby("member_id")["pence"].sum(),
            "refunds": late[late["is_refund"]].groupby("member_id")["pence"].sum().abs(),
        }
    )
    per_member = per_member.reindex(variant_of.index).fillna(0).astype("int64")
    per_member["net"] = per_member["gross"] - per_member["refunds"]
    per_member["any"] = (per_member["orders"] > 0).astype("int64")
    groups = dict(iter(per_member.groupby(variant_of)))
    assert {row.key: row.units for row in got.variants} == variant_of.value_counts().to_dict()
    for metric, column in zip(got.metrics[:3], ("any", "orders", "net"), strict=True):
        for row in metric.variants:
            assert row.numerator_total == groups[row.variant][column].sum()
        for row in metric.comparisons:
            want = scipy_stats.ttest_ind(
                groups[row.treatment][column], groups["control"][column], equal_var=False
            )
            assert isinstance(row.difference, Estimate)
            assert row.difference.p_value == pytest.approx(want.pvalue, rel=1e-9)
            interval = want.confidence_interval()
            assert row.difference.ci_low == pytest.approx(interval.low, rel=1e-9)
            assert row.difference.ci_high == pytest.approx(interval.high, rel=1e-9)
    for row in got.metrics[3].variants:
        group = groups[row.variant]
        assert row.denominator_total == group["orders"].sum()
        assert row.value.estimate == pytest.approx(group["net"].sum() / group["orders"].sum())


def test_real_experiments_equal_scipy() -> None:
    """For every snapshot of 78 experiments with variances, Welch's test is SciPy's."""
    if not ASOS.exists():
        pytest.skip(f"{ASOS.name} is not in {FOLDER}")
    snapshots = pd.read_parquet(ASOS).dropna()
    snapshots = snapshots[(snapshots["variance_c"] > 0) & (snapshots["variance_t"] > 0)].iloc[::20]
    columns = {name: snapshots[name].to_numpy() for name in snapshots.columns[4:]}
    wanted = scipy_stats.ttest_ind_from_stats(
        columns["mean_t"],
        np.sqrt(columns["variance_t"]),
        columns["count_t"],
        columns["mean_c"],
        np.sqrt(columns["variance_c"]),
        columns["count_c"],
        equal_var=False,
    )
    assert len(snapshots) > 500
    for row, p_value in zip(snapshots.itertuples(), wanted.pvalue, strict=True):
        control = MeanSummary(
            int(row.count_c), row.mean_c * row.count_c, row.variance_c * (row.count_c - 1)
        )
        treatment = MeanSummary(
            int(row.count_t), row.mean_t * row.count_t, row.variance_t * (row.count_t - 1)
        )

        got = welch_difference(control, treatment, alpha=0.05)

        assert isinstance(got, Estimate)
        assert got.p_value == pytest.approx(p_value, rel=1e-6, abs=1e-12)
