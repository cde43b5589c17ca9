"""Computes from the raw file what the scorecard must say, with pandas, SciPy and statsmodels.

Nothing here comes from Tierlift or from the sender (`tests.realdata.invoices`, `.campaigns`): the
rules of ``docs/tutorial/real-data.md`` are written down a second time, in other means (whole tenths
of a penny in columns, where the sender adds decimals invoice by invoice).
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

if TYPE_CHECKING:
    from pathlib import Path

ALPHA: Final = 0.05
EXPOSED_AT: Final = pd.Timestamp("2011-06-01")
WINDOW: Final = pd.Timedelta(days=200)
PRE_PERIOD_DAYS: Final = 90
VARIANTS: Final = ("control", "same-b", "same-c")
SLOT_ENDS: Final = (3334, 6667, 10_000)
TIER_FROM_PENCE: Final = {"silver": 30_000, "gold": 100_000, "platinum": 300_000}

PROPORTIONS: Final = {"repurchase_rate": "ordered"}
MEANS: Final = {"purchase_frequency": "orders", "spend_per_member": "net"}
RATIOS: Final = {
    "average_order_value": ("net", "orders"),
    "refund_rate": ("refunded", "gross"),
}
METRICS: Final = (*PROPORTIONS, *MEANS, *RATIOS)
EVERYBODY: Final = {"assigned": "everybody", "exposed": "everybody"}
FUNNEL: Final = {**EVERYBODY, "order": "ordered", "refund": "then_refunded"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Treatment minus control."""

    difference: float
    std_error: float
    df: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A variant's own value with its interval, or a lift with its."""

    value: float
    ci_low: float
    ci_high: float


def read_lines(file: Path) -> pd.DataFrame:
    """Give every line of the file, prices in whole tenths of a penny."""
    lines = pd.read_parquet(file)
    lines["InvoiceNo"] = lines["InvoiceNo"].astype(str)
    mills = lines["UnitPrice"].to_numpy() * 1000
    lines["mills"] = np.rint(mills).astype(np.int64)
    # a price is a decimal of at most three places, so nothing is lost
    np.testing.assert_allclose(mills, lines["mills"], rtol=0, atol=1e-6)
    return lines


def read_invoices(lines: pd.DataFrame) -> pd.DataFrame:
    """Give one row per invoice with a known customer: member_id, cancelled, at, country, pence."""
    known = lines[lines["CustomerID"].notna()]
    amounts = (known["mills"] * known["Quantity"].astype(np.int64)).groupby(known["InvoiceNo"])
    per_invoice = known.groupby("InvoiceNo")
    invoices = pd.DataFrame(
        {
            "member_id": per_invoice["CustomerID"].first().astype(int).astype(str),
            "at": per_invoice["InvoiceDate"].min(),
            "country": per_invoice["Country"].first(),
            "mills": amounts.sum(),
        }
    )
    invoices["cancelled"] = invoices.index.str.startswith("C")
    positive = invoices["mills"].where(~invoices["cancelled"], -invoices["mills"])
    invoices["pence"] = (positive + 5) // 10  # half up
    return invoices


def moment(days: int) -> pd.Timestamp:
    """Give what clocks in London show so many times 24 hours after (before) the exposures."""
    return (EXPOSED_AT.tz_localize("Europe/London") + pd.Timedelta(days=days)).tz_localize(None)


def find_members(invoices: pd.DataFrame) -> pd.DataFrame:
    """Give the customers with an order before the exposures, by id: spent (pence), tier, market.

    And of the 90 days before: earlier_ordered, earlier_orders, earlier_net.
    """
    before = invoices[invoices["at"] < EXPOSED_AT]
    ordered = before[~before["cancelled"]]["member_id"].unique()
    signed = before["pence"].where(~before["cancelled"], -before["pence"])
    spent = signed.groupby(before["member_id"]).sum().reindex(np.sort(ordered))
    members = pd.DataFrame({"spent": spent, "tier": "bronze"})
    for tier, threshold in TIER_FROM_PENCE.items():
        members.loc[members["spent"] >= threshold, "tier"] = tier
    orders = before[~before["cancelled"]].rename_axis("number").sort_values(["at", "number"])
    at_home = orders.groupby("member_id")["country"].last() == "United Kingdom"
    members["market"] = at_home.map({True: "uk", False: "abroad"})
    recent = unit_values(before[before["at"] >= moment(-PRE_PERIOD_DAYS)], members)
    return members.join(recent[["ordered", "orders", "net"]].add_prefix("earlier_"))


def variant_of(campaign: str, member_id: str) -> str:
    """Give a member's variant by the published formula."""
    digest = hashlib.md5(f"{campaign}:1:split-{member_id}".encode(), usedforsecurity=False).digest()
    slot = int.from_bytes(digest[0:4], "big") % 10_000
    return next(key for key, end in zip(VARIANTS, SLOT_ENDS, strict=True) if slot < end)


def variants_in_sql(campaign: str, member_ids: pd.Index) -> dict[str, str]:
    """Give the same in the SQL that docs/reference/bucketing.md publishes for DuckDB."""
    ids = pd.DataFrame({"id": list(member_ids), "salt": f"{campaign}:1:split"})
    with duckdb.connect() as connection:
        connection.register("ids", ids)
        slots = connection.sql(
            "SELECT id, ('0x' || substr(md5(salt || '-' || id), 1, 8))::BIGINT % 10000 FROM ids"
        ).fetchall()
    places = np.searchsorted(SLOT_ENDS, [slot for _, slot in slots], side="right")
    return {id_: VARIANTS[place] for (id_, _), place in zip(slots, places, strict=True)}


def later_invoices(invoices: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Give what the members ordered and gave back within the window."""
    at = invoices["at"]
    within = (at >= EXPOSED_AT) & (at < EXPOSED_AT + WINDOW)
    return invoices[within & invoices["member_id"].isin(members.index)]


def multiply_orders(later: pd.DataFrame, member_ids: pd.Index) -> pd.DataFrame:
    """Make the orders of these members a fifth larger, in whole pence, half up."""
    planted = later.copy()
    chosen = planted["member_id"].isin(member_ids) & ~planted["cancelled"]
    planted.loc[chosen, "pence"] = (planted.loc[chosen, "pence"] * 12 + 5) // 10
    return planted


def unit_values(later: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Give per member: ordered, orders, gross, refunded, net; then_refunded for the funnel."""
    orders = later[~later["cancelled"]].groupby("member_id")
    refunds = later[later["cancelled"]].groupby("member_id")
    units = pd.DataFrame(
        {
            "orders": orders.size(),
            "gross": orders["pence"].sum(),
            "refunded": refunds["pence"].sum(),
        },
        index=members.index,
    )
    units = units.fillna(0).astype(np.int64)
    units["everybody"] = 1
    units["ordered"] = (units["orders"] > 0).astype(np.int64)
    units["net"] = units["gross"] - units["refunded"]
    last_refund = refunds["at"].max().reindex(members.index)
    first_order = orders["at"].min().reindex(members.index)
    units["then_refunded"] = (last_refund >= first_order).astype(np.int64)
    return units


def welch_by_scipy(control: pd.Series, treatment: pd.Series) -> Comparison:
    """Compare two means with `scipy.stats.ttest_ind(equal_var=False)`."""
    result = stats.ttest_ind(treatment, control, equal_var=False)
    interval = result.confidence_interval(1 - ALPHA)
    difference = float(treatment.mean() - control.mean())
    return Comparison(
        difference,
        difference / float(result.statistic),
        float(result.df),
        float(interval.low),
        float(interval.high),
        float(result.pvalue),
    )


def welch_by_statsmodels(control: pd.Series, treatment: pd.Series) -> Comparison:
    """Compare two means with `statsmodels.stats.weightstats.CompareMeans`."""
    means = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    low, high = means.tconfint_diff(alpha=ALPHA, usevar="unequal")
    _, p_value, df = means.ttest_ind(usevar="unequal")
    return Comparison(
        float(treatment.mean() - control.mean()),
        float(means.std_meandiff_separatevar),
        float(df),
        float(low),
        float(high),
        float(p_value),
    )


def ratio_variance(y: pd.Series, d: pd.Series) -> tuple[float, float]:
    """Give a ratio of totals and the variance of it by the delta method, written out.

    (Var(y) - 2 r Cov(y, d) + r² Var(d)) / (n mean(d)²); Deng, Knoblich and Lu (2018), section 3.2.
    """
    ratio = y.sum() / d.sum()
    covariance = np.cov(y, d, ddof=1)
    residual = covariance[0, 0] - 2 * ratio * covariance[0, 1] + ratio**2 * covariance[1, 1]
    return float(ratio), float(residual / (len(y) * d.mean() ** 2))


def ratio_by_delta(control: pd.DataFrame, treatment: pd.DataFrame) -> Comparison:
    """Compare two ratios, columns y and d, by the delta method with Satterthwaite's df."""
    points = [
        Estimated(*ratio_variance(units["y"], units["d"]), len(units) - 1)
        for units in (control, treatment)
    ]
    return welch_of_estimates(*points)


def linearised(units: pd.DataFrame) -> pd.Series:
    """Give per unit r + (y - r d) / mean(d): its mean is the ratio, its variance the delta's."""
    ratio = units["y"].sum() / units["d"].sum()
    return ratio + (units["y"] - ratio * units["d"]) / units["d"].mean()


@dataclass(frozen=True, slots=True)
class Estimated:
    """A value, the variance of it, and the degrees of freedom of that variance."""

    value: float
    variance: float
    df: float

    @classmethod
    def of(cls, values: pd.Series) -> Estimated:
        """Estimate a mean."""
        n = len(values)
        return cls(float(values.mean()), float(values.var(ddof=1)) / n, n - 1)


def welch_df(control: Estimated, treatment: Estimated) -> float:
    """Give Satterthwaite's degrees of freedom."""
    variance = control.variance + treatment.variance
    return variance**2 / (control.variance**2 / control.df + treatment.variance**2 / treatment.df)


def welch_of_estimates(
    control: Estimated, treatment: Estimated, *, alpha: float = ALPHA
) -> Comparison:
    """Compare two values whose errors are known."""
    df = welch_df(control, treatment)
    error = math.sqrt(control.variance + treatment.variance)
    difference = treatment.value - control.value
    half = float(stats.t.isf(alpha / 2, df)) * error
    return Comparison(
        difference, error, df, difference - half, difference + half,
        float(2 * stats.t.sf(abs(difference) / error, df)),
    )  # fmt: skip


def lift_by_fieller(control: Estimated, treatment: Estimated, *, alpha: float = ALPHA) -> Interval:
    """Give treatment over control less one with Fieller's interval.

    The formula is the textbook's, for a control well above 0; the degrees of freedom are Welch's.
    """
    before, variance_c = control.value, control.variance
    after, variance_t = treatment.value, treatment.variance
    critical = stats.t.isf(alpha / 2, welch_df(control, treatment))
    g = critical**2 * variance_c / before**2
    ratio = after / before
    half = critical / before * math.sqrt(variance_t * (1 - g) + ratio**2 * variance_c)
    return Interval(ratio - 1, (ratio - half) / (1 - g) - 1, (ratio + half) / (1 - g) - 1)


def mean_interval(values: pd.Series) -> Interval:
    """Give a mean with Student's interval, by SciPy."""
    interval = stats.ttest_1samp(values, 0).confidence_interval(1 - ALPHA)
    return Interval(float(values.mean()), float(interval.low), float(interval.high))


def share_interval(values: pd.Series) -> Interval:
    """Give a share with Wilson's interval, by statsmodels."""
    low, high = proportion_confint(values.sum(), len(values), alpha=ALPHA, method="wilson")
    return Interval(float(values.mean()), float(low), float(high))


def power(difference: float, std_error: float) -> float:
    """Give the chance that a two-sided 5 % test finds a true difference of this size."""
    critical = stats.norm.isf(ALPHA / 2)
    return float(stats.norm.sf(critical - difference / std_error))


def power_for_a_fifth(units: pd.DataFrame, variants: int) -> float:
    """Give the power to see +20 % average order value, from units that nobody has treated yet.

    The treated variant's values are 1.2 times as large, and so is their spread.
    """
    ratio, variance = ratio_variance(units["net"], units["orders"])
    per_variant = variance * variants  # each gets one part of these units
    return power(0.2 * ratio, math.sqrt(per_variant * (1 + 1.2**2)))


@dataclass(frozen=True, slots=True)
class Truth:
    """What a scorecard must say, from one row per exposed member.

    Attributes:
        units: `unit_values` of the exposed members, and what `find_members` says of them.
        variants: The variant of each of them.
        later: Their invoices within the window.
    """

    units: pd.DataFrame
    variants: pd.Series
    later: pd.DataFrame

    @classmethod
    def of(cls, campaign: str, members: pd.DataFrame, later: pd.DataFrame) -> Truth:
        """Compute it for members who were all exposed, and what happened later."""
        variants = pd.Series({one: variant_of(campaign, one) for one in members.index})
        return cls(unit_values(later, members).join(members), variants, later)

    def part(self, chosen: pd.Series | np.ndarray) -> Truth:
        """Give the same for some of the members."""
        return Truth(self.units[chosen], self.variants[chosen], self.later)

    def until(self, days: int) -> Truth:
        """Give the same with a window of fewer days."""
        units = unit_values(self.later[self.later["at"] < moment(days)], self.units)
        return Truth(units, self.variants, self.later)

    def column(self, name: str, variant: str) -> pd.Series:
        """Give a column of the units of one variant."""
        return self.units.loc[self.variants == variant, name]

    def ratio(self, metric: str, variant: str) -> pd.DataFrame:
        """Give numerator and denominator of a ratio metric per unit, as y and d."""
        numerator, denominator = RATIOS[metric]
        return pd.DataFrame(
            {"y": self.column(numerator, variant), "d": self.column(denominator, variant)}
        )

    def values(self, metric: str, variant: str) -> pd.Series:
        """Give per unit what averages to the metric; of a ratio, its linearised values."""
        if metric in RATIOS:
            return linearised(self.ratio(metric, variant))
        return self.column((PROPORTIONS | MEANS | FUNNEL)[metric], variant)

    def members(self) -> dict[str, int]:
        """Count the members of each variant."""
        return {key: int((self.variants == key).sum()) for key in VARIANTS}

    def totals(self, metric: str, variant: str) -> tuple[int, int]:
        """Give the total of the numerator and of the denominator, exactly."""
        if metric in RATIOS:
            units = self.ratio(metric, variant)
            return int(units["y"].sum()), int(units["d"].sum())
        values = self.values(metric, variant)
        return int(values.sum()), len(values)

    def value(self, metric: str, variant: str) -> Interval:
        """Give a variant's own value with its interval."""
        values = self.values(metric, variant)
        if metric in PROPORTIONS or metric in FUNNEL:
            return share_interval(values)
        return mean_interval(values)

    def comparisons(self, metric: str, treatment: str) -> dict[str, Comparison]:
        """Compare a treatment with the control, once by each means."""
        control, treated = self.values(metric, "control"), self.values(metric, treatment)
        answers = {
            "SciPy": welch_by_scipy(control, treated),
            "statsmodels": welch_by_statsmodels(control, treated),
        }
        if metric in RATIOS:
            answers["delta method"] = ratio_by_delta(
                self.ratio(metric, "control"), self.ratio(metric, treatment)
            )
        return answers

    def lift(self, metric: str, treatment: str) -> Interval:
        """Give the lift of a treatment over the control."""
        return lift_by_fieller(
            Estimated.of(self.values(metric, "control")),
            Estimated.of(self.values(metric, treatment)),
        )

    def sample_ratio_p(self) -> float:
        """Give the p-value of the members per variant against the planned shares, by SciPy."""
        observed = np.array([self.members()[key] for key in VARIANTS])
        planned = np.diff((0, *SLOT_ENDS)) / SLOT_ENDS[-1]
        return float(stats.chisquare(observed, observed.sum() * planned).pvalue)
