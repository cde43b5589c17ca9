"""What the audit of assignments means for the results."""

import pytest

from stats.aggregation.aggregates import Aggregates, FactsRange
from stats.aggregation.audit_counts import AuditCounts, AuditRow, Disagreement, NotAudited
from stats.checks.all import run_checks
from stats.checks.assignment import check_assignment
from stats.checks.finding import FindingCode, Severity
from tests.stats.facts import START, plan


def row(kind: Disagreement, units: int, *, logged: str = "control") -> AuditRow:
    """Some units that disagree."""
    return AuditRow(logged, "B", kind, units, 2 * units, ("m-1", "m-2"))


def audit(*rows: AuditRow, units: int = 10_000) -> AuditCounts:
    """An audit of so many units."""
    return AuditCounts(units, 2 * units, rows)


def test_exposures_that_agree_pass() -> None:
    """Every exposure recomputed and none other than assigned is a pass, with the numbers."""
    got = check_assignment(plan(), audit())

    assert got.severity is Severity.PASSED
    assert "All 20000 exposures of 10000 members" in got.detail


@pytest.mark.parametrize(
    ("rows", "severity"),
    [
        ((row(Disagreement.WRONG_VARIANT, 10),), Severity.FAILURE),  # 0.1 %
        ((row(Disagreement.WRONG_VARIANT, 9),), Severity.WARNING),
        ((row(Disagreement.WRONG_VARIANT, 5), row(Disagreement.WRONG_VARIANT, 5, logged="C")),
         Severity.FAILURE),
        ((row(Disagreement.HELD_OUT, 5_000),), Severity.WARNING),
        ((row(Disagreement.OUTSIDE_LAYER, 5_000),), Severity.WARNING),
        ((row(Disagreement.NOT_ADMITTED, 5_000),), Severity.WARNING),
    ],
)  # fmt: skip
def test_wrong_variants_fail_and_uninvited_units_warn(
    rows: tuple[AuditRow, ...], severity: Severity
) -> None:
    """From 0.1 % of units in the wrong variant the groups compared are not the groups drawn."""
    assert check_assignment(plan(), audit(*rows)).severity is severity


def test_the_finding_counts_by_kind_and_names_units() -> None:
    """People get the counts and a few ids; programs get them per pair of variants."""
    got = check_assignment(
        plan(), audit(row(Disagreement.HELD_OUT, 3), row(Disagreement.WRONG_VARIANT, 40))
    )

    assert "3 in a holdout, 40 in the wrong variant; of 10000 in all" in got.detail
    assert "m-1, m-2 (control in place of B)" in got.detail
    assert got.evidence["units_by_kind"] == {
        "held_out": 3, "outside_layer": 0, "not_admitted": 0, "wrong_variant": 40,
    }  # fmt: skip
    assert got.evidence["examples"] == {
        "held_out: control, recomputed B": "m-1, m-2",
        "wrong_variant: control, recomputed B": "m-1, m-2",
    }


def test_an_audit_that_did_not_run_says_why() -> None:
    """No rule, a split made elsewhere, and no exposure are notices with the reason."""
    reason = "The split was made elsewhere."
    for given, said in ((None, "not given the rule"), (NotAudited(reason), reason),
                        (audit(units=0), "No exposure")):  # fmt: skip
        got = check_assignment(plan(), given)
        assert (got.severity, got.title) == (Severity.NOTICE, "Assignment not checked")
        assert said in got.detail


def test_the_audit_reaches_the_findings() -> None:
    """Whoever has an audit hands it to `run_checks`."""
    nothing = Aggregates(START, FactsRange(0, None, None, 0, None, None), (), (), 0, (), (), ())

    got = run_checks(plan(), nothing, audit=audit(row(Disagreement.WRONG_VARIANT, 40)))

    found = next(one for one in got if one.code is FindingCode.ASSIGNMENT)
    assert found.severity is Severity.FAILURE


def test_erased_units_are_left_out_and_said() -> None:
    """A pseudonym cannot be recomputed: such units are no fault, and readers learn how many."""
    counts = AuditCounts(10_000, 20_000, (), erased=7)

    got = check_assignment(plan(), counts)

    assert got.severity is Severity.PASSED
    assert "7 that were erased since cannot be recomputed and are left out" in got.detail
    assert got.evidence["erased"] == 7
