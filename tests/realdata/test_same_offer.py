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
from tests.realdata.campaigns import AAA, AAA_CAMPAIGN
from tests.realdata.job import FACTS, Job, Observed, Receipt
from tests.realdata.oracle import METRICS, Truth
from tests.realdata.page import not_on_the_page, words_of_the_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.realdata.conftest import Raw
    from tests.realdata.invoices import Shop

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
    """Two independent readings of the file find the same members on the same tiers."""
    sent = {member.member_id: member.tier for member in shop.members}
    assert sent == raw.members["tier"].to_dict()
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
    """Every window has closed, every check has passed, no difference is found in the OEC."""
    assert scorecard["state"] == "ready"
    assert {finding["severity"] for finding in scorecard["findings"]} == {"passed"}
    metric = metric_of(scorecard, "repurchase_rate")
    assert [row["immature_units"] for row in metric["variants"]] == [0, 0, 0]
    assert all(one["difference"]["p_value"] > 0.05 for one in metric["comparisons"])


def test_totals_of_the_file(scorecard: dict[str, Any], raw: Raw) -> None:
    """Revenue, orders and refunds over all variants are those of the file's own lines."""
    lines = raw.lines[raw.lines["CustomerID"].notna()]
    of_members = lines["CustomerID"].astype(int).astype(str).isin(raw.members.index)
    lines = lines[of_members & (lines["InvoiceDate"] >= oracle.EXPOSED_AT)]
    net_pounds = (lines["Quantity"] * lines["UnitPrice"]).sum()
    numbers = lines["InvoiceNo"].drop_duplicates()
    events = {row["event"]: row["seen"] for row in scorecard["events"]}
    assert events == {
        "order": (~numbers.str.startswith("C")).sum(),
        "refund": numbers.str.startswith("C").sum(),
    }
    rows = metric_of(scorecard, "spend_per_member")["variants"]
    net_pence = sum(row["numerator_total"] for row in rows)
    # one line has a price of a tenth of a penny, which its invoice is rounded by
    assert net_pence / 100 == pytest.approx(net_pounds, abs=0.0011, rel=0)


def test_everything_that_was_sent_arrived(observed: Observed, shop: Shop) -> None:
    """Every event of the first sending was accepted, none was put aside."""
    first = observed.first
    assert first.exposures == Receipt(accepted=len(shop.members))
    assert first.conversions == Receipt(accepted=len(shop.later))
    assert [first.rows[name] for name in FACTS] == [2718, 2718, 2718, len(shop.later), 0, 0]


def test_page_has_the_numbers_of_the_run(scorecard: dict[str, Any], truth: Truth) -> None:
    """Every number in the tables of the page is that of this run."""
    assert not_on_the_page(scorecard) == []
    compared = len(all_pairs(scorecard, truth))
    assert f"{compared} numbers of the scorecard are compared" in words_of_the_page()


def test_sending_everything_again_changes_nothing(observed: Observed, shop: Shop) -> None:
    """The second time all are duplicates: the same rows, the same offers, the same snapshot."""
    first, second = observed.first, observed.second
    assert second.exposures == Receipt(duplicates=len(shop.members))
    assert second.conversions == Receipt(duplicates=len(shop.later))
    assert second.rows == first.rows
    assert second.variants == first.variants
    assert all(offer["remembered"] for offer in second.offers.values())
    assert second.scorecard.body["snapshot_hash"] == first.scorecard.body["snapshot_hash"]
    assert second.scorecard.etag == first.scorecard.etag
    assert first.rows["scorecards"] == 1
