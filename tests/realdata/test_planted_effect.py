"""The same with a fifth more planted on every order of one variant: the scorecard finds it."""

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
from tests.realdata.campaigns import PLANTED, PLANTED_CAMPAIGN, PLANTED_VARIANT
from tests.realdata.job import Job, Observed, Receipt
from tests.realdata.oracle import METRICS, Truth
from tests.realdata.page import money, not_on_the_page, signed, words_of_the_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from tests.realdata.conftest import Raw
    from tests.realdata.invoices import Shop
    from tests.realdata.pair import Pair

pytestmark = pytest.mark.realdata

CANCELLED_AT_ONCE = "16446"
"""The member who ordered for £168,469.60 and cancelled it twelve minutes later."""


@pytest.fixture(scope="module")
def observed(
    shop: Shop,
    fresh_database: str,
    tmp_path_factory: pytest.TempPathFactory,
    tell: Callable[[str], None],
) -> Observed:
    """Give what the run brought about."""
    log = tmp_path_factory.mktemp("log") / "server.log"
    job = Job(shop, PLANTED_CAMPAIGN, tell, planted_variant=PLANTED_VARIANT)
    return job.run(fresh_database, log)


@pytest.fixture(scope="module")
def scorecard(observed: Observed) -> dict[str, Any]:
    """Give the scorecard of the run."""
    return observed.first.scorecard.body


@pytest.fixture(scope="module")
def eligible(raw: Raw) -> pd.DataFrame:
    """Give the members below the highest tier."""
    return raw.members[raw.members["tier"] != "platinum"]


@pytest.fixture(scope="module")
def untouched(raw: Raw, eligible: pd.DataFrame) -> Truth:
    """Give what the oracle says of the file as it is."""
    return Truth.of(PLANTED, eligible, oracle.later_invoices(raw.invoices, eligible))


@pytest.fixture(scope="module")
def truth(raw: Raw, eligible: pd.DataFrame, untouched: Truth) -> Truth:
    """Give what the oracle says once it has planted the effect itself."""
    chosen = untouched.column("orders", PLANTED_VARIANT).index
    later = oracle.later_invoices(raw.invoices, eligible)
    return Truth.of(PLANTED, eligible, oracle.multiply_orders(later, chosen))


def planted_comparison(scorecard: dict[str, Any], key: str) -> dict[str, Any]:
    """Give the comparison of the planted variant with the control."""
    comparisons = metric_of(scorecard, key)["comparisons"]
    return next(one for one in comparisons if one["treatment"] == PLANTED_VARIANT)


def test_effect_is_detectable_before_anybody_looks(raw: Raw, eligible: pd.DataFrame) -> None:
    """By the months before, a fifth more is found almost surely without the highest tier.

    Over all members it would not be: the 172 on the highest tier spread order values too far.
    """
    before = raw.invoices[raw.invoices["at"] < oracle.EXPOSED_AT]

    def power(members: pd.DataFrame) -> float:
        of_these = before[before["member_id"].isin(members.index)]
        return oracle.power_for_a_fifth(oracle.unit_values(of_these, members), variants=3)

    assert power(eligible) > 0.99
    assert f"found with a probability of {100 * power(raw.members):.0f} %" in words_of_the_page()


def test_highest_tier_is_served_the_default_with_the_rule(observed: Observed, raw: Raw) -> None:
    """Whoever cannot climb is not eligible: no variant, the default offer, and the rule named."""
    top = raw.members.index[raw.members["tier"] == "platinum"]
    assert len(top) == 172
    for member_id in top:
        answer = observed.first.offers[member_id]
        assert answer["variant"] is None
        assert answer["reason"] == "not_eligible"
        assert answer["offer"] == {"kind": "none"}
        assert "tier NOT_ONE_OF [platinum]" in answer["detail"]


def test_every_eligible_member_gets_the_variant_of_the_published_formula(
    observed: Observed, eligible: pd.DataFrame
) -> None:
    """Each offer over HTTP names the variant that hashlib and DuckDB's SQL compute."""
    served = observed.first.variants
    assert served == {one: oracle.variant_of(PLANTED, one) for one in eligible.index}
    assert served == oracle.variants_in_sql(PLANTED, eligible.index)


def test_members_per_variant(scorecard: dict[str, Any], truth: Truth) -> None:
    """The scorecard counts exactly the members that the oracle counts in each variant."""
    assert [pair for pair in member_pairs(scorecard, truth) if not pair.agrees] == []
    assert sum(row["units"] for row in scorecard["variants"]) == 2546


@pytest.mark.parametrize("key", METRICS)
def test_metric(scorecard: dict[str, Any], truth: Truth, key: str) -> None:
    """Totals are equal to the penny; values, differences, intervals, p and lifts to 1e-9."""
    assert [pair for pair in metric_pairs(scorecard, truth, key) if not pair.agrees] == []


def test_funnel_and_sample_ratio(scorecard: dict[str, Any], truth: Truth) -> None:
    """The funnel and the sample-ratio check agree with the oracle, and the check passes."""
    pairs = [*funnel_pairs(scorecard, truth), *sample_ratio_pairs(scorecard, truth)]
    assert [pair for pair in pairs if not pair.agrees] == []
    assert finding_of(scorecard, "sample_ratio")["severity"] == "passed"


def test_planted_effect_is_found(scorecard: dict[str, Any], untouched: Truth, truth: Truth) -> None:
    """The interval of average order value leaves out 0 and holds what was planted."""
    value = "average_order_value"
    found = planted_comparison(scorecard, value)["difference"]
    assert found["p_value"] < 0.05
    assert found["ci_low"] > 0
    revenue, orders = truth.totals(value, PLANTED_VARIANT)
    revenue_before, orders_before = untouched.totals(value, PLANTED_VARIANT)
    assert orders == orders_before
    assert found["ci_low"] < (revenue - revenue_before) / orders < found["ci_high"]


def test_planted_effect_is_shipped(scorecard: dict[str, Any]) -> None:
    """The rule ships the planted variant alone: its whole interval is above 0, by Holm, too."""
    decision = scorecard["decision"]
    assert (decision["verdict"], decision["treatment"]) == ("ship", PLANTED_VARIANT)
    assert decision["parameters"]["low"] > 0
    verdicts = {one["treatment"]: one["verdict"] for one in decision["treatments"]}
    assert verdicts == {PLANTED_VARIANT: "ship", "same-c": "inconclusive"}
    assert [one["significant"] for one in scorecard["oec"]["treatments"]] == [True, False]
    assert scorecard["oec"]["estimate"] == "adjusted"


@pytest.mark.parametrize("key", ["average_order_value", "spend_per_member"])
def test_earlier_orders_sharpen_the_effect(scorecard: dict[str, Any], key: str) -> None:
    """Adjusted, the planted effect has a smaller error and a smaller p-value than raw."""
    raw = planted_comparison(scorecard, key)["difference"]
    adjusted = next(
        one["difference"]
        for one in metric_of(scorecard, key)["adjusted"]["comparisons"]
        if one["treatment"] == PLANTED_VARIANT
    )
    assert adjusted["std_error"] < raw["std_error"]
    assert adjusted["p_value"] < raw["p_value"]
    assert adjusted["ci_low"] > raw["ci_low"] > 0


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


def test_finding_does_not_hang_on_one_order(truth: Truth) -> None:
    """Without the member whose order was cancelled at once, the effect is found more clearly."""
    rest = truth.units.index != CANCELLED_AT_ONCE
    without = truth.part(rest)
    assert truth.variants[CANCELLED_AT_ONCE] == PLANTED_VARIANT
    with_all = truth.comparisons("average_order_value", PLANTED_VARIANT)["SciPy"]
    with_rest = without.comparisons("average_order_value", PLANTED_VARIANT)["SciPy"]
    assert with_rest.p_value < with_all.p_value
    difference = signed(with_rest.difference, money)
    left = money(truth.units["net"][CANCELLED_AT_ONCE])
    assert f"the difference is {difference} per order, with p = {with_rest.p_value:.4f}" in (
        words_of_the_page()
    )
    assert f"is {left} of what was planted" in words_of_the_page()


def test_page_tells_planted_from_chance(untouched: Truth, truth: Truth) -> None:
    """What was planted and what is chance add up to the difference, on the page as here."""
    value = "average_order_value"
    before = untouched.comparisons(value, PLANTED_VARIANT)["SciPy"].difference
    after = truth.comparisons(value, PLANTED_VARIANT)["SciPy"].difference
    planted = after - before
    words = words_of_the_page()
    assert f"holds what was planted, {money(planted)} per order" in words
    assert f"That the difference is {money(after)} is chance" in words
    assert f"`{PLANTED_VARIANT}` was {money(-before)} below `control`" in words


def test_what_was_not_planted_is_not_found(scorecard: dict[str, Any]) -> None:
    """Orders were made larger, not more: no difference in who orders or how often."""
    for key in ("repurchase_rate", "purchase_frequency"):
        assert planted_comparison(scorecard, key)["difference"]["p_value"] > 0.05
    same = next(
        one
        for one in metric_of(scorecard, "average_order_value")["comparisons"]
        if one["treatment"] == "same-c"
    )
    assert same["difference"]["p_value"] > 0.05


def test_page_has_the_numbers_of_the_run(scorecard: dict[str, Any], truth: Truth) -> None:
    """Every number in the tables of the page is that of this run."""
    assert not_on_the_page(scorecard, truth) == []
    compared = len(all_pairs(scorecard, truth))
    assert f"{compared:,} numbers of this scorecard are compared" in words_of_the_page()


def test_sending_everything_again_changes_nothing(observed: Observed, shop: Shop) -> None:
    """The second time all are duplicates: the same rows, the same offers, the same snapshot."""
    first, second = observed.first, observed.second
    assert first.exposures == Receipt(accepted=2546)
    assert second.exposures == Receipt(duplicates=2546)
    assert second.history == Receipt(duplicates=len(shop.earlier))
    assert second.conversions == Receipt(duplicates=len(shop.later))
    assert second.rows == first.rows
    assert second.variants == first.variants
    assert second.scorecard.body["snapshot_hash"] == first.scorecard.body["snapshot_hash"]


def test_every_database_gives_the_same_snapshot(
    scorecard: dict[str, Any], snapshots: dict[str, str]
) -> None:
    """The scorecard has one hash, whichever database kept the facts."""
    came = scorecard["snapshot_hash"]
    assert snapshots.setdefault(scorecard["campaign"], came) == came
