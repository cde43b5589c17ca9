"""What a check says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from stats.sentence import said

EvidenceValue: TypeAlias = str | int | float | None
Evidence: TypeAlias = Mapping[str, EvidenceValue | Mapping[str, EvidenceValue]]


class Severity(StrEnum):
    """How much a finding matters."""

    PASSED = "passed"  # checked, nothing wrong
    NOTICE = "notice"  # good to know, takes no trust away
    WARNING = "warning"  # read the results with this in mind
    FAILURE = "failure"  # do not decide by these results


class FindingCode(StrEnum):
    """Which check spoke, in the order in which a report shows them."""

    NO_EXPOSURES = "no_exposures"
    SAMPLE_RATIO = "sample_ratio"
    ASSIGNMENT = "assignment"
    CROSSOVER = "crossover"
    UNPLANNED_VARIANT = "unplanned_variant"
    UNKNOWN_UNIT = "unknown_unit"
    PRE_PERIOD = "pre_period"
    INTERFERENCE = "interference"
    SPILLOVER = "spillover"
    EVENTS_MISSING = "events_missing"
    EVENT_GAPS = "event_gaps"
    FRESHNESS = "freshness"
    IMMATURE = "immature"
    UNFINISHED_WEEK = "unfinished_week"
    ENROLMENT_CLOSED = "enrolment_closed"
    OTHER_CURRENCY = "other_currency"
    AMOUNT_MISSING = "amount_missing"
    PROPERTY_UNUSABLE = "property_unusable"
    OUTLIERS = "outliers"
    TWYMAN = "twyman"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    Attributes:
        code: Which check.
        severity: How much it matters.
        title: A few words.
        detail: What was found, with its numbers, in one or two sentences.
        what_to_do: The next step; empty when nothing is to be done.
        evidence: The numbers behind it, for programs.
    """

    code: FindingCode
    severity: Severity
    title: str
    detail: str
    what_to_do: str
    evidence: Evidence

    @classmethod
    def not_checked(
        cls,
        code: FindingCode,
        subject: str,
        reason: str,
        *,
        what_to_do: str = "",
        evidence: Evidence | None = None,
    ) -> Self:
        """Say that a check could not run, and why: it is never left out."""
        title = said("{subject} not checked", subject=subject)
        return cls(code, Severity.NOTICE, title, reason, what_to_do, evidence or {})
