"""What a decision says: codes and parameters, no sentences.

Whoever shows a verdict words it in the reader's language from `reason` and `parameters`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from stats.inference.duration import Remaining

Parameter: TypeAlias = str | int | float | None


class Verdict(StrEnum):
    """What to do."""

    SHIP = "ship"
    DO_NOT_SHIP = "do_not_ship"
    KEEP_RUNNING = "keep_running"
    INCONCLUSIVE = "inconclusive"
    NOT_TRUSTWORTHY = "not_trustworthy"


class Reason(StrEnum):
    """Why, with the parameters that its sentence needs."""

    ABOVE_THRESHOLD = "above_threshold"  # the whole interval is better than the threshold
    BELOW_THRESHOLD = "below_threshold"  # the whole interval is worse than it
    GUARDRAIL_BREACHED = "guardrail_breached"  # metric
    GUARDRAIL_UNRESOLVED = "guardrail_unresolved"  # metric; the rule asks for proof of safety
    SPANS_THRESHOLD = "spans_threshold"  # the interval includes the threshold
    MINIMUM_DAYS = "minimum_days"  # days, minimum_days
    LOOK_NOT_DUE = "look_not_due"  # next_look: the plan reads no result before then
    NO_PLANNED_END = "no_planned_end"  # a fixed horizon without an end: stop the campaign first
    NOT_MATURE = "not_mature"  # mature_at: windows are still open
    NO_RESULTS = "no_results"  # state: nothing can be computed yet
    NO_ESTIMATE = "no_estimate"  # status: the estimate does not exist
    NO_OEC = "no_oec"  # the plan names no metric that decides
    CHECK_FAILED = "check_failed"  # checks: their codes


@dataclass(frozen=True, slots=True)
class TreatmentDecision:
    """The verdict on one treatment.

    Attributes:
        treatment: Its key.
        verdict: What to do with it.
        reason: Why.
        parameters: What the sentence of that reason needs: always `estimate`, `low`, `high` and
            `threshold` on the rule's scale where there is an estimate.
        breached_guardrails: Keys of the guardrails that it breaches.
        unresolved_guardrails: Keys of those neither breached nor shown to be safe.
    """

    treatment: str
    verdict: Verdict
    reason: Reason
    parameters: Mapping[str, Parameter]
    breached_guardrails: tuple[str, ...] = ()
    unresolved_guardrails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on a campaign.

    Attributes:
        verdict: What to do.
        reason: Why.
        treatment: The treatment that it speaks of: of several to ship, the best one.
        parameters: What the sentence of that reason needs.
        treatments: One verdict each, in the order of the plan.
        remaining: What is still missing, where the verdict is to keep running.
    """

    verdict: Verdict
    reason: Reason
    treatment: str | None
    parameters: Mapping[str, Parameter]
    treatments: tuple[TreatmentDecision, ...] = ()
    remaining: Remaining | None = None
