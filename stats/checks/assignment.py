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
from stats.sentence import said, units_of, with_commas, with_semicolons

NEGLIGIBLE_SHARE: Final = 0.001
"""Wrong variants below this share of units only warn, as a misplaced share does."""
WORDS: Final = {
    Disagreement.HELD_OUT: said("in a holdout"),
    Disagreement.OUTSIDE_LAYER: said("in another campaign's part of the layer"),
    Disagreement.NOT_ADMITTED: said("beyond the traffic share"),
    Disagreement.WRONG_VARIANT: said("in the wrong variant"),
}


def check_assignment(plan: AnalysisPlan, audit: AuditCounts | NotAudited | None) -> Finding:
    """Judge the audit of logged exposures.

    Args:
        plan: For the word that the unit goes by.
        audit: What was recomputed, or why nothing was; `None` where nobody handed a rule over.
    """
    if audit is None:
        return _not_run(
            said("The analysis was not given the rule by which variants were assigned.")
        )
    if isinstance(audit, NotAudited):
        return _not_run(audit.reason)
    if audit.units == 0:
        return _not_run(said("No exposure of a known unit was logged."))
    noun = units_of(plan.randomization_unit)
    counted = {
        kind: sum(row.units for row in audit.disagreements if row.kind is kind)
        for kind in Disagreement
    }
    evidence = _evidence(audit, counted)
    if not audit.disagreements:
        return Finding(
            FindingCode.ASSIGNMENT,
            Severity.PASSED,
            said("Every exposure as assigned"),
            said(
                "All {exposures} exposures of {units} {noun} were recomputed from the "
                "campaign's rule, and agree with it.{left_out}",
                exposures=audit.exposures,
                units=audit.units,
                noun=noun,
                left_out=_left_out(audit),
            ),
            "",
            evidence,
        )
    parts = with_commas(
        said("{count} {where}", count=n, where=WORDS[kind]) for kind, n in counted.items() if n
    )
    detail = said(
        "Recomputed from the campaign's rule, these {noun} were exposed to what "
        "they were not assigned: {parts}; of {units} in all. For example "
        "{examples}.{left_out}",
        noun=noun,
        parts=parts,
        units=audit.units,
        examples=_examples(audit),
        left_out=_left_out(audit),
    )
    wrong = counted[Disagreement.WRONG_VARIANT] / audit.units
    if wrong >= NEGLIGIBLE_SHARE:
        return Finding(
            FindingCode.ASSIGNMENT,
            Severity.FAILURE,
            said("Exposures contradict the assignment"),
            detail,
            said(
                "Do not decide by these results. Look up these ids in whoever shows the "
                "offer: it must ask for the assignment, hash the id exactly as it was "
                "sent, and log what it showed."
            ),
            evidence,
        )
    return Finding(
        FindingCode.ASSIGNMENT,
        Severity.WARNING,
        said("Some exposures were never assigned"),
        detail,
        said(
            "Look up these ids in whoever shows the offer, and let it show an offer "
            "only to those whom an assignment names."
        ),
        evidence,
    )


def _left_out(audit: AuditCounts) -> str:
    if not audit.erased:
        return ""
    return said(
        " {erased} that were erased since cannot be recomputed and are left out.",
        erased=audit.erased,
    )


def _examples(audit: AuditCounts) -> str:
    def one(row: AuditRow) -> str:
        given = (
            said("{logged} in place of {recomputed}", logged=row.logged, recomputed=row.recomputed)
            if row.kind is Disagreement.WRONG_VARIANT
            else WORDS[row.kind]
        )
        return said("{ids} ({given})", ids=", ".join(row.examples), given=given)

    firsts = {row.kind: row for row in reversed(audit.disagreements)}
    return with_semicolons(one(firsts[kind]) for kind in Disagreement if kind in firsts)


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
    return Finding.not_checked(FindingCode.ASSIGNMENT, said("Assignment"), reason)
