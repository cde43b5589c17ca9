"""Words for a verdict: a table from its codes to sentences, one table a language.

The decision is data (`stats.decision.verdict`); numbers, names and dates arrive here as text that
`formatting` has written. A translation is another table with the same keys and places to fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stats.decision.verdict import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict in words.

    Attributes:
        sentence: What to do.
        why: Why, of one treatment.
    """

    sentence: str
    why: str


LABELS: Final[Mapping[Verdict, str]] = {
    Verdict.SHIP: "Ship",
    Verdict.DO_NOT_SHIP: "Do not ship",
    Verdict.KEEP_RUNNING: "Keep running",
    Verdict.INCONCLUSIVE: "Inconclusive",
    Verdict.NOT_TRUSTWORTHY: "Not trustworthy",
}

PLACES: Final = frozenset(
    (
        *("treatment", "control", "metric", "units", "guardrails", "checks", "reason"),
        *("threshold", "line", "more", "days", "minimum_days", "due", "mature_at", "amount"),
    )
)
"""What a sentence may have filled in."""

ENGLISH: Final[Mapping[tuple[Verdict, Reason], Said]] = {
    (Verdict.SHIP, Reason.ABOVE_THRESHOLD): Said(
        "Ship {treatment}: it is better than {threshold} on {metric}.",
        "The whole interval is better than {threshold}.",
    ),
    (Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD): Said(
        "Do not ship {treatment}: it is worse than {threshold} on {metric}.",
        "The whole interval is worse than {threshold}.",
    ),
    (Verdict.DO_NOT_SHIP, Reason.GUARDRAIL_BREACHED): Said(
        "Do not ship {treatment}: it breaches a guardrail, {guardrails}.",
        "It breaches a guardrail: {guardrails}. That stops a treatment at any time, whatever the "
        "deciding metric shows.",
    ),
    (Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD): Said(
        "Keep running{more}: {metric} does not yet tell {treatment} from {threshold}.",
        "The interval includes {line}: it is not shown to be better or worse than that.",
    ),
    (Verdict.KEEP_RUNNING, Reason.MINIMUM_DAYS): Said(
        "Keep running: {days} of the {minimum_days} days that the plan asks for are over.",
        "It is not read before {minimum_days} days, so that weekdays balance out.",
    ),
    (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE): Said(
        "Keep running: by its plan, no result is read before {due}.",
        "It is not read before {due}.",
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_PLANNED_END): Said(
        "Keep running, or end the campaign: its plan has one look at the end, and names no end.",
        "It is read once the campaign has been ended and the last window has closed, on "
        "{mature_at} for the {units} seen so far.",
    ),
    (Verdict.KEEP_RUNNING, Reason.NOT_MATURE): Said(
        "Wait until {mature_at}: the last window is still open.",
        "It is read when the last window has closed, on {mature_at}.",
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_RESULTS): Said(
        "Keep running: there is no result on {metric} yet.",
        "There is no result yet.",
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_ESTIMATE): Said(
        "Keep running{more}: {metric} has no interval to decide by yet.",
        "There is no interval to decide by. {reason}",
    ),
    (Verdict.KEEP_RUNNING, Reason.GUARDRAIL_UNRESOLVED): Said(
        "Keep running{more}: {treatment} is better on {metric}, and not yet shown to be safe for "
        "{guardrails}.",
        "The whole interval is better than {threshold}, but the plan asks for safe guardrails, and "
        "this is unresolved: {guardrails}.",
    ),
    (Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD): Said(
        "Inconclusive: {metric} cannot tell {treatment} from {threshold}, and the campaign is "
        "over.",
        "The interval includes {line}: it is not shown to be better or worse than that.",
    ),
    (Verdict.INCONCLUSIVE, Reason.NO_ESTIMATE): Said(
        "Inconclusive: {metric} has no interval to decide by, and the campaign is over.",
        "There is no interval to decide by. {reason}",
    ),
    (Verdict.INCONCLUSIVE, Reason.GUARDRAIL_UNRESOLVED): Said(
        "Inconclusive: {treatment} is better on {metric}, and was not shown to be safe for "
        "{guardrails}.",
        "The whole interval is better than {threshold}, but the plan asks for safe guardrails, and "
        "this is unresolved: {guardrails}.",
    ),
    (Verdict.INCONCLUSIVE, Reason.NO_OEC): Said(
        "No verdict: the plan names no metric that decides; all of them are shown below.",
        "The plan names no metric that decides.",
    ),
    (Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED): Said(
        "Do not decide by these results: {checks}.",
        "A check has failed: {checks}.",
    ),
}


IN_MONEY: Final[Mapping[tuple[Verdict, Reason], Said]] = {
    (Verdict.SHIP, Reason.ABOVE_THRESHOLD): Said(
        "Ship {treatment}: it pays. Its incremental margin is above {amount}.",
        "The whole interval lies above {amount}.",
    ),
    (Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD): Said(
        "Do not ship {treatment}: it does not pay. Its incremental margin is below {amount}.",
        "The whole interval lies below {amount}.",
    ),
    (Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD): Said(
        "Keep running{more}: it is not yet clear whether {treatment} earns more than {amount}.",
        "The interval includes {amount}: it is not shown to earn more or less than that.",
    ),
    (Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD): Said(
        "Inconclusive: whether {treatment} earns more than {amount} cannot be told, and the "
        "campaign is over.",
        "The interval includes {amount}: it is not shown to earn more or less than that.",
    ),
}
"""What is said instead where the rule is in money."""


def say(
    verdict: Verdict, reason: Reason, parts: Mapping[str, str], *, in_money: bool = False
) -> Said:
    """Word a verdict in English.

    Args:
        verdict: What to do.
        reason: Why.
        parts: A text for each place of `PLACES` that the sentences of this reason have.
        in_money: Whether the rule that gave the verdict is in money.
    """
    said = ENGLISH[verdict, reason]
    if in_money:
        said = IN_MONEY.get((verdict, reason), said)
    return Said(said.sentence.format_map(parts), said.why.format_map(parts).strip())
