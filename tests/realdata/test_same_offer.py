"""The A/A/A campaign over a real shop: the scorecard against pandas, SciPy and statsmodels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.realdata import oracle
from tests.realdata.agreement import (
    all_pairs,
    finding_of,
    funnel_pairs,
    member_pairs,
    metric_of,
    metric_pairs,
    sample_ratio_pairs,
)
from tests.realdata.agreement_slices import slice_pairs
from tests.realdata.agreement_times import times_pairs
from tests.realdata.campaigns import AAA, AAA_CAMPAIGN
from tests.realdata.job import FACTS, Job, Observed, Receipt
from tests.realdata.oracle import METRICS, Truth
from tests.realdata.oracle_ols import COVARIATES
from tests.realdata.page import money, not_on_the_page, words_of_the_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from tests.realdata.conftest import Raw
    from tests.realdata.invoices import Shop
    from tests.realdata.pair import Pair

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def observed(
    shop: Shop,
    fresh_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    tell: Callable[[str], None],
) -> Observed:
    """Give what the run brought about."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    return Job(shop, AAA_CAMPAIGN, tell).run(fresh_database, log)


@pytest.fixture(scope="module")
def scorecard(observed: Observed) -> dict[str, Any]:
    """Give the scorecard of the run."""
    return observed.first.scorecard.body


@pytest.fixture(scope="module")
def truth(raw: Raw) -> Truth:
    """Give what the oracle says."""
    return Truth.of(AAA, raw.members, oracle.later_invoices(raw.invoices, raw.members))


def test_sender_and_oracle_read_the_same_members(shop: Shop, raw: Raw) -> None:
    """Two independent readings of the file find the same members, tiers and markets."""
    sent = {member.member_id: (member.tier, member.market) for member in shop.members}
    assert sent == dict(raw.members[["tier", "market"]].agg(tuple, axis=1))
    assert len(sent) == 2718


def test_every_member_gets_the_variant_of_the_published_formula(
    observed: Observed, raw: Raw
) -> None:
    """Each offer over HTTP names the variant that hashlib and DuckDB's SQL compute."""
    served = observed.first.variants
    assert served == {one: oracle.variant_of(AAA, one) for one in raw.members.index}
    assert served == oracle.variants_in_sql(AAA, raw.members.index)


def test_all_variants_show_the_same_offer(observed: Observed) -> None:
    """The three variants differ in nothing that a member sees."""
    shown = {
        (str(offer["offer"]), offer["texts"]["title"]) for offer in observed.first.offers.values()
    }
    assert len(shown) == 1


def test_members_per_variant(scorecard: dict[str, Any], truth: Truth) -> None:
    """The scorecard counts exactly the members that the oracle counts in each variant."""
    assert [pair for pair in member_pairs(scorecard, truth) if not pair.agrees] == []


@pytest.mark.parametrize("key", METRICS)
def test_metric(scorecard: dict[str, Any], truth: Truth, key: str) -> None:
    """Totals are equal to the penny; values, differences, intervals, p and lifts to 1e-9."""
    pairs = list(metric_pairs(scorecard, truth, key))
    assert len(pairs) >= 3 * 6 + 2 * (2 * 6)
    assert [pair for pair in pairs if not pair.agrees] == []


def test_funnel(scorecard: dict[str, Any], truth: Truth) -> None:
    """Who ordered, and who gave back after ordering, are counted over all exposed members."""
    assert [pair for pair in funnel_pairs(scorecard, truth) if not pair.agrees] == []


def test_sample_ratio(scorecard: dict[str, Any], truth: Truth) -> None:
    """The sample-ratio check passes, with the p-value of scipy.stats.chisquare."""
    assert finding_of(scorecard, "sample_ratio")["severity"] == "passed"
    assert [pair for pair in sample_ratio_pairs(scorecard, truth) if not pair.agrees] == []


def test_nothing_is_wrong_with_the_results(scorecard: dict[str, Any]) -> None:
    """Every window has closed, no check fails, no difference is found in the OEC.

    Two checks warn, and both are right: see the tests below.
    """
    assert scorecard["state"] == "ready"
    severities = {one["code"]: one["severity"] for one in scorecard["findings"]}
    assert len(severities) == 20
    assert {code for code, found in severities.items() if found == "warning"} == {
        "event_gaps",
        "outliers",
    }
    assert "failure" not in severities.values()
    assert severities["pre_period"] == severities["sample_ratio"] == "passed"
    metric = metric_of(scorecard, "repurchase_rate")
    assert [row["immature_units"] for row in metric["variants"]] == [0, 0, 0]
    assert all(one["difference"]["p_value"] > 0.05 for one in metric["comparisons"])


def test_days_without_orders_are_those_on_which_the_shop_was_shut(
    scorecard: dict[str, Any], raw: Raw
) -> None:
    """The check of gaps names workdays of which the file has not one line, from any customer."""
    gaps = finding_of(scorecard, "event_gaps")["evidence"]["gaps"]
    shut = {key.removeprefix("order ") for key in gaps}
    assert {"2011-04-22", "2011-04-25", "2011-04-29", "2011-08-29"} <= shut
    assert shut.isdisjoint(raw.lines["InvoiceDate"].dt.date.astype(str))


def test_outlier_is_the_order_that_was_cancelled(scorecard: dict[str, Any], truth: Truth) -> None:
    """The check of outliers warns of refunds alone, and one member's share is what it says."""
    evidence = finding_of(scorecard, "outliers")["evidence"]
    refunded = truth.units["refunded"]
    assert evidence["metrics"] == "refund_rate"
    assert refunded.idxmax() == "16446"
    assert evidence["shares"]["refund_rate: top 1"] == pytest.approx(
        refunded.max() / refunded.sum(), rel=1e-9
    )


def test_every_covariate_comes_from_earlier_orders(scorecard: dict[str, Any]) -> None:
    """The OEC has its own past without being asked, and every covariate is put to use."""
    used = {
        metric["key"]: [theta["covariate"] for theta in metric["adjusted"]["thetas"]]
        for metric in scorecard["metrics"]
        if metric["adjusted"] is not None
    }
    assert used == {
        "repurchase_rate": ["earlier_repurchase_rate"],
        "purchase_frequency": ["earlier_orders"],
        "spend_per_member": ["earlier_spend", "earlier_orders"],
        "average_order_value": ["earlier_value.numerator", "earlier_value.denominator"],
    }
    assert set(used) == set(COVARIATES)


def test_page_says_what_earlier_orders_foretell(truth: Truth) -> None:
    """What the page says of spending before the campaign is so."""
    words = words_of_the_page()
    spent = truth.units["earlier_net"].groupby(truth.variants).mean()
    assert f"had spent {money(spent['same-b'])} each in the 90 days before" in words
    assert f"those of `control` {money(spent['control'])}." in words
    largest = truth.units["net"].nlargest(10).index

    def explained(units: pd.DataFrame) -> str:
        return f"{100 * units['net'].corr(units['earlier_net']) ** 2:.0f} %"

    below = truth.units[truth.units["tier"] != "platinum"]
    assert f"explains {explained(truth.units)} of the spread" in words
    assert f"who bought most, {explained(truth.units.drop(largest))};" in words
    assert f"as below, {explained(below)}." in words


def test_three_equal_variants_are_not_shipped(scorecard: dict[str, Any]) -> None:
    """The rule finds nothing to ship, and says that nothing more is to come."""
    decision = scorecard["decision"]
    assert (decision["verdict"], decision["reason"]) == ("inconclusive", "spans_threshold")
    assert [one["significant"] for one in scorecard["oec"]["treatments"]] == [False, False]
    assert [one["breached_guardrails"] for one in decision["treatments"]] == [[], []]


@pytest.mark.parametrize(
    "pairs_of", [slice_pairs, times_pairs], ids=["slices and adjustments", "percentiles and times"]
)
def test_what_stands_beside_the_means(
    scorecard: dict[str, Any],
    truth: Truth,
    pairs_of: Callable[[dict[str, Any], Truth], Iterator[Pair]],
) -> None:
    """Adjusted and capped values, segments, horizons, percentiles and times agree to 1e-9."""
    assert [pair for pair in pairs_of(scorecard, truth) if not pair.agrees] == []


def test_totals_of_the_file(scorecard: dict[str, Any], raw: Raw) -> None:
    """Revenue, orders and refunds over all variants are those of the file's own lines."""
    lines = raw.lines[raw.lines["CustomerID"].notna()]
    of_members = lines["CustomerID"].astype(int).astype(str).isin(raw.members.index)
    numbers = lines.loc[of_members, "InvoiceNo"].drop_duplicates()
    lines = lines[of_members & (lines["InvoiceDate"] >= oracle.EXPOSED_AT)]
    net_pounds = (lines["Quantity"] * lines["UnitPrice"]).sum()
    events = {row["event"]: row["seen"] for row in scorecard["events"]}
    assert events == {
        "order": (~numbers.str.startswith("C")).sum(),
        "refund": numbers.str.startswith("C").sum(),
        # the money of the plan reads them, and the shop sent none
        **dict.fromkeys(("contact_sent", "reward_issue", "reward_reverse"), 0),
    }
    rows = metric_of(scorecard, "spend_per_member")["variants"]
    net_pence = sum(row["numerator_total"] for row in rows)
    # one line has a price of a tenth of a penny, which its invoice is rounded by
    assert net_pence / 100 == pytest.approx(net_pounds, abs=0.0011, rel=0)


def test_everything_that_was_sent_arrived(observed: Observed, shop: Shop) -> None:
    """Every event of the first sending was accepted, none was put aside."""
    first = observed.first
    assert first.exposures == Receipt(accepted=len(shop.members))
    assert first.history == Receipt(accepted=len(shop.earlier))
    assert first.conversions == Receipt(accepted=len(shop.later))
    invoices = len(shop.earlier) + len(shop.later)
    assert [first.rows[name] for name in FACTS] == [2718, 2718, 2718, invoices, 0, 0]


def test_page_has_the_numbers_of_the_run(scorecard: dict[str, Any], truth: Truth) -> None:
    """Every number in the tables of the page is that of this run."""
    assert not_on_the_page(scorecard, truth) == []
    compared = len(all_pairs(scorecard, truth))
    assert f"{compared:,} numbers of this scorecard are compared" in words_of_the_page()


def test_sending_everything_again_changes_nothing(observed: Observed, shop: Shop) -> None:
    """The second time all are duplicates: the same rows, the same offers, the same snapshot."""
    first, second = observed.first, observed.second
    assert second.exposures == Receipt(duplicates=len(shop.members))
    assert second.history == Receipt(duplicates=len(shop.earlier))
    assert second.conversions == Receipt(duplicates=len(shop.later))
    assert second.rows == first.rows
    assert second.variants == first.variants
    assert all(offer["remembered"] for offer in second.offers.values())
    assert second.scorecard.body["snapshot_hash"] == first.scorecard.body["snapshot_hash"]
    assert second.scorecard.etag == first.scorecard.etag
    assert first.rows["scorecards"] == 1


def test_every_database_gives_the_same_snapshot(
    scorecard: dict[str, Any], snapshots: dict[str, str]
) -> None:
    """The scorecard has one hash, whichever database kept the facts."""
    came = scorecard["snapshot_hash"]
    assert snapshots.setdefault(scorecard["campaign"], came) == came
