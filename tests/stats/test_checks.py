"""Each check, when it passes and when it speaks."""

from datetime import timedelta

import pytest
from scipy import stats as scipy_stats

from stats.aggregation.aggregate import aggregate
from stats.aggregation.aggregates import Aggregates, FactsRange, VariantUnits
from stats.checks.all import run_check, run_checks
from stats.checks.finding import Finding, FindingCode, Severity
from stats.checks.sample_ratio import check_sample_ratio
from stats.errors import TooFewUnits
from stats.plan import AnalysisPlan, MetricRole, RandomizationUnit
from tests.stats.facts import DAY, START, event, facts, in_use, order, plan

LATER = START + 400 * DAY


def counted(**units: int) -> Aggregates:
    """Aggregates of nothing but units per variant."""
    rows = tuple(VariantUnits(key, n, n, START, START) for key, n in units.items())
    return Aggregates(LATER, FactsRange(0, None, None, 0, None, None), rows, (), 0, (), (), ())


def finding(findings: tuple[Finding, ...], code: FindingCode) -> Finding:
    """The finding of one check."""
    return next(found for found in findings if found.code is code)


def test_every_check_gives_one_finding() -> None:
    """Every code has one finding, in the order of the codes, also on no facts at all."""
    the_plan = plan()

    got = run_checks(the_plan, aggregate(facts([]), the_plan, LATER))

    assert [found.code for found in got] == list(FindingCode)


def test_a_check_that_meets_a_fault_becomes_a_finding() -> None:
    """A fault of `stats` inside one check is a finding of that check, and stops no other."""

    def broken() -> Finding:
        raise TooFewUnits(1, 2)

    got = run_check(FindingCode.CROSSOVER, broken)

    assert (got.code, got.severity) == (FindingCode.CROSSOVER, Severity.NOTICE)
    assert got.title == "Crossover not checked"
    assert "at least 2 are needed" in got.detail
    assert got.evidence == {"fault": "TooFewUnits"}


@pytest.mark.parametrize(
    ("units", "shares"),
    [
        ({"control": 5000, "B": 5100}, {"control": "0.5", "B": "0.5"}),
        ({"control": 821_588, "B": 815_482}, {"control": "0.5", "B": "0.5"}),
        ({"control": 900, "B": 105}, {"control": "0.9", "B": "0.1"}),
        ({"control": 33, "B": 40, "C": 30}, {"control": "0.3333", "B": "0.3333", "C": "0.3334"}),
    ],
)  # fmt: skip
def test_sample_ratio_is_pearsons_test_against_planned_shares(
    units: dict[str, int], shares: dict[str, str | None]
) -> None:
    """The statistic and its p-value are those of scipy.stats.chisquare on the planned shares."""
    got = check_sample_ratio(plan(shares=shares), counted(**units))

    expected = [sum(units.values()) * float(share or 0) for share in shares.values()]
    want = scipy_stats.chisquare(list(units.values()), expected)
    assert got.evidence["chi2"] == pytest.approx(want.statistic, rel=1e-9)
    assert got.evidence["p_value"] == pytest.approx(want.pvalue, rel=1e-9)
    assert (got.severity is Severity.PASSED) == (want.pvalue >= 0.001)


def test_sample_ratio_mismatch_of_the_book_is_a_failure() -> None:
    """821,588 against 815,482 units, planned equal, is the mismatch of Kohavi et al., chapter 3.

    They give a ratio of 0.993 and a p-value of 1.8E-6.
    """
    got = check_sample_ratio(plan(), counted(control=821_588, B=815_482))

    assert got.severity is Severity.FAILURE
    assert got.evidence["p_value"] == pytest.approx(1.8e-6, rel=0.05)
    assert "new phase" in got.what_to_do


def test_negligible_mismatch_only_warns() -> None:
    """When under 0.1 % of units are misplaced, a real mismatch warns and does not fail."""
    got = check_sample_ratio(plan(), counted(control=50_045_000, B=49_955_000))

    assert got.severity is Severity.WARNING
    assert got.evidence["p_value"] < 0.001


def test_sample_ratio_leaves_out_variants_without_a_share() -> None:
    """A variant without a planned share adds neither units nor a degree of freedom."""
    shares: dict[str, str | None] = {"control": "0.5", "B": "0.5", "zero": "0"}

    got = check_sample_ratio(plan(shares=shares), counted(control=500, B=510, zero=400, rogue=9))

    assert got.evidence["df"] == 1
    assert got.evidence["observed"] == {"control": 500, "B": 510}


@pytest.mark.parametrize(
    ("units", "shares"),
    [
        ({"control": 3, "B": 1}, {"control": "0.5", "B": "0.5"}),
        ({"control": 0, "B": 0}, {"control": "0.5", "B": "0.5"}),
        ({"control": 500, "B": 100}, {"control": None, "B": None}),
    ],
)
def test_sample_ratio_that_cannot_be_checked_says_so(
    units: dict[str, int], shares: dict[str, str | None]
) -> None:
    """Too few units, or no planned shares, is a finding, not a p-value."""
    got = check_sample_ratio(plan(shares=shares), counted(**units))

    assert got.severity is Severity.NOTICE
    assert got.title == "Sample ratio not checked"
    assert "p_value" not in got.evidence


def findings_of(
    the_plan: AnalysisPlan, *args: object, days: int = 400
) -> dict[FindingCode, Finding]:
    """The findings on given facts, by code."""
    got = aggregate(facts(*args), the_plan, START + timedelta(days=days))
    return {found.code: found for found in run_checks(the_plan, got)}


EXPOSED = [("a", "control", START), ("b", "B", START)]


def test_sound_facts_pass_every_check_that_can_run() -> None:
    """With both variants exposed and every event seen, nothing is found."""
    conversions = [order("a", START, 100), order("b", START, 100)]

    got = findings_of(plan(), EXPOSED, conversions)

    found = [one for one in got.values() if one.severity is not Severity.PASSED]
    began = got[FindingCode.UNFINISHED_WEEK]
    assert all(one.title.endswith("not checked") for one in found if one is not began)
    assert began.title == "All began on one day"


def test_crossover_is_found_with_its_rule() -> None:
    """Units in two variants are counted, and the finding says that they are left out."""
    got = findings_of(plan(), [*EXPOSED, ("a", "B", START)])[FindingCode.CROSSOVER]

    assert got.severity is Severity.WARNING
    assert got.evidence["by_variants"] == {"B + control": 1}
    assert "left out" in got.detail


def test_unplanned_variant_is_found() -> None:
    """Exposures in a variant that the plan does not know are named."""
    got = findings_of(plan(), [*EXPOSED, ("x", "rogue", START)])[FindingCode.UNPLANNED_VARIANT]

    assert got.severity is Severity.WARNING
    assert got.evidence["observed"] == {"rogue": 1}
    assert "rogue" in got.detail


def test_unknown_unit_is_found() -> None:
    """Members whose household is unknown are counted."""
    units = {"a": "h", "b": "i", "c": None}
    the_plan = plan(unit=RandomizationUnit.HOUSEHOLD)

    got = findings_of(the_plan, [*EXPOSED, ("c", "B", START)], [], units)[FindingCode.UNKNOWN_UNIT]

    assert got.severity is Severity.WARNING
    assert got.evidence["members"] == 1


def test_variant_without_exposures_is_a_failure() -> None:
    """A planned variant without units is named; so is the case of no units at all."""
    some = findings_of(plan(), EXPOSED[:1])[FindingCode.NO_EXPOSURES]
    none = findings_of(plan(), [])[FindingCode.NO_EXPOSURES]

    assert (some.severity, none.severity) == (Severity.FAILURE, Severity.FAILURE)
    assert "B" in some.detail
    assert none.title == "No exposures"


def test_events_never_seen_are_found_by_what_rests_on_them() -> None:
    """A failure when the OEC rests on them, a warning for another metric, else a notice."""
    clicks = [event("a", "offer_click", START)]
    orders = [order("a", START, 1)]
    code = FindingCode.EVENTS_MISSING
    oec = in_use("repurchase_rate", MetricRole.OEC)

    assert findings_of(plan(oec), EXPOSED, clicks)[code].severity is Severity.FAILURE
    other = findings_of(plan(oec, in_use("referral")), EXPOSED, orders)[code]
    assert other.severity is Severity.WARNING
    assert "referral" in other.detail
    notice = findings_of(plan(in_use("spend_per_member")), EXPOSED, orders)[code]
    assert notice.severity is Severity.NOTICE  # refunds are only subtracted
    assert "refund" in notice.detail


def test_open_windows_are_found_with_the_date_they_close() -> None:
    """Units left out for an open window are counted per metric, with the last closing time."""
    got = findings_of(plan(), EXPOSED, [order("a", START, 1)], days=10)[FindingCode.IMMATURE]

    assert got.severity is Severity.NOTICE
    assert got.evidence["immature_units"] == {"repurchase_rate": 2}
    assert got.evidence["last_window_closes_at"] == "2026-01-31T00:00+00:00"


def test_other_currencies_and_missing_amounts_are_found() -> None:
    """Events left out for their currency, and events without an amount, are counted."""
    conversions = [order("a", START, 1), order("b", START, 1, "USD"), event("b", "order", START)]

    got = findings_of(plan(in_use("spend_per_member")), EXPOSED, conversions)

    assert got[FindingCode.OTHER_CURRENCY].evidence["events"] == {"USD": 1}
    assert got[FindingCode.AMOUNT_MISSING].evidence["events"] == {"order": 1}
