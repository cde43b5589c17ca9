"""Does every logged exposure show the variant that the campaign's rule gives?

The rule is recomputed for every exposure (`stats.aggregation.audit`). A wrong variant means that
somebody shows another variant than was decided: then the comparison is not of the groups that were
drawn. A unit that should not have been in the campaign at all, with the variant that its slot would
give, leaves the comparison fair, but shows that somebody logs what was never assigned.
"""

from typing import Final

from stats.aggregation.audit_counts import AuditCounts, AuditRow, Disagreement, NotAudited
from stats.checks.finding import Evidence, Finding, FindingCode, Severity
from stats.plan import AnalysisPlan

NEGLIGIBLE_SHARE: Final = 0.001
"""Wrong variants below this share of units only warn, as a misplaced share does."""
WORDS: Final = {
    Disagreement.HELD_OUT: "in a holdout",
    Disagreement.OUTSIDE_LAYER: "in another campaign's part of the layer",
    Disagreement.NOT_ADMITTED: "beyond the traffic share",
    Disagreement.WRONG_VARIANT: "in the wrong variant",
}


def check_assignment(plan: AnalysisPlan, audit: AuditCounts | NotAudited | None) -> Finding:
    """Judge the audit of logged exposures.

    Args:
        plan: For the word that the unit goes by.
        audit: What was recomputed, or why nothing was; `None` where nobody handed a rule over.
    """
    if audit is None:
        return _not_run("The analysis was not given the rule by which variants were assigned.")
    if isinstance(audit, NotAudited):
        return _not_run(audit.reason)
    if audit.units == 0:
        return _not_run("No exposure of a known unit was logged.")
    noun = f"{plan.randomization_unit.value}s"
    counted = {
        kind: sum(row.units for row in audit.disagreements if row.kind is kind)
        for kind in Disagreement
    }
    evidence = _evidence(audit, counted)
    if not audit.disagreements:
        return Finding(
            FindingCode.ASSIGNMENT, Severity.PASSED, "Every exposure as assigned",
            f"All {audit.exposures} exposures of {audit.units} {noun} were recomputed from the "
            f"campaign's rule, and agree with it.{_left_out(audit)}", "", evidence,
        )  # fmt: skip
    parts = ", ".join(f"{n} {WORDS[kind]}" for kind, n in counted.items() if n)
    detail = (
        f"Recomputed from the campaign's rule, these {noun} were exposed to what they were not "
        f"assigned: {parts}; of {audit.units} in all. For example {_examples(audit)}."
        f"{_left_out(audit)}"
    )
    wrong = counted[Disagreement.WRONG_VARIANT] / audit.units
    if wrong >= NEGLIGIBLE_SHARE:
        return Finding(
            FindingCode.ASSIGNMENT, Severity.FAILURE, "Exposures contradict the assignment",
            detail,
            "Do not decide by these results. Look up these ids in whoever shows the offer: it must "
            "ask for the assignment, hash the id exactly as it was sent, and log what it showed.",
            evidence,
        )  # fmt: skip
    return Finding(
        FindingCode.ASSIGNMENT, Severity.WARNING, "Some exposures were never assigned", detail,
        "Look up these ids in whoever shows the offer, and let it show an offer only to those whom "
        "an assignment names.", evidence,
    )  # fmt: skip


def _left_out(audit: AuditCounts) -> str:
    if not audit.erased:
        return ""
    return f" {audit.erased} that were erased since cannot be recomputed and are left out."


def _examples(audit: AuditCounts) -> str:
    def one(row: AuditRow) -> str:
        given = (
            f"{row.logged} in place of {row.recomputed}"
            if row.kind is Disagreement.WRONG_VARIANT
            else WORDS[row.kind]
        )
        return f"{', '.join(row.examples)} ({given})"

    firsts = {row.kind: row for row in reversed(audit.disagreements)}
    return "; ".join(one(firsts[kind]) for kind in Disagreement if kind in firsts)


def _evidence(audit: AuditCounts, counted: dict[Disagreement, int]) -> Evidence:
    return {
        "units": audit.units,
        "exposures": audit.exposures,
        "units_by_kind": {kind.value: n for kind, n in counted.items()},
        "units_by_disagreement": {
            f"{row.kind.value}: {row.logged}, recomputed {row.recomputed}": row.units
            for row in audit.disagreements
        },
        "examples": {
            f"{row.kind.value}: {row.logged}, recomputed {row.recomputed}": ", ".join(row.examples)
            for row in audit.disagreements
        },
        **({"erased": audit.erased} if audit.erased else {}),
    }


def _not_run(reason: str) -> Finding:
    return Finding.not_checked(FindingCode.ASSIGNMENT, "Assignment", reason)
