"""Words for a verdict: a table from its codes to sentences, one table a language.

The decision is data (`stats.decision.verdict`); numbers, names and dates arrive here as text that
`formatting` has written. A translation is another table with the same keys and places to fill.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING, Final

from app.language import marked
from stats.decision.verdict import Reason, Verdict
from stats.sentence import Sentence, said

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
    Verdict.SHIP: said("Ship"),
    Verdict.DO_NOT_SHIP: said("Do not ship"),
    Verdict.KEEP_RUNNING: said("Keep running"),
    Verdict.INCONCLUSIVE: said("Inconclusive"),
    Verdict.NOT_TRUSTWORTHY: said("Not trustworthy"),
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
        marked("Ship {treatment}: it is better than {threshold} on {metric}."),
        marked("The whole interval is better than {threshold}."),
    ),
    (Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD): Said(
        marked("Do not ship {treatment}: it is worse than {threshold} on {metric}."),
        marked("The whole interval is worse than {threshold}."),
    ),
    (Verdict.DO_NOT_SHIP, Reason.GUARDRAIL_BREACHED): Said(
        marked("Do not ship {treatment}: it breaches a guardrail, {guardrails}."),
        marked(
            "It breaches a guardrail: {guardrails}. That stops a treatment at any time, "
            "whatever the "
            "deciding metric shows."
        ),
    ),
    (Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD): Said(
        marked("Keep running{more}: {metric} does not yet tell {treatment} from {threshold}."),
        marked("The interval includes {line}: it is not shown to be better or worse than that."),
    ),
    (Verdict.KEEP_RUNNING, Reason.MINIMUM_DAYS): Said(
        marked("Keep running: {days} of the {minimum_days} days that the plan asks for are over."),
        marked("It is not read before {minimum_days} days, so that weekdays balance out."),
    ),
    (Verdict.KEEP_RUNNING, Reason.LOOK_NOT_DUE): Said(
        marked("Keep running: by its plan, no result is read before {due}."),
        marked("It is not read before {due}."),
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_PLANNED_END): Said(
        marked(
            "Keep running, or end the campaign: its plan has one look at the end, and names no end."
        ),
        marked(
            "It is read once the campaign has been ended and the last window has closed, on "
            "{mature_at} for the {units} seen so far."
        ),
    ),
    (Verdict.KEEP_RUNNING, Reason.NOT_MATURE): Said(
        marked("Wait until {mature_at}: the last window is still open."),
        marked("It is read when the last window has closed, on {mature_at}."),
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_RESULTS): Said(
        marked("Keep running: there is no result on {metric} yet."),
        marked("There is no result yet."),
    ),
    (Verdict.KEEP_RUNNING, Reason.NO_ESTIMATE): Said(
        marked("Keep running{more}: {metric} has no interval to decide by yet."),
        marked("There is no interval to decide by. {reason}"),
    ),
    (Verdict.KEEP_RUNNING, Reason.GUARDRAIL_UNRESOLVED): Said(
        marked(
            "Keep running{more}: {treatment} is better on {metric}, and not yet shown to be "
            "safe for "
            "{guardrails}."
        ),
        marked(
            "The whole interval is better than {threshold}, but the plan asks for safe "
            "guardrails, and "
            "this is unresolved: {guardrails}."
        ),
    ),
    (Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD): Said(
        marked(
            "Inconclusive: {metric} cannot tell {treatment} from {threshold}, and the campaign is "
            "over."
        ),
        marked("The interval includes {line}: it is not shown to be better or worse than that."),
    ),
    (Verdict.INCONCLUSIVE, Reason.NO_ESTIMATE): Said(
        marked("Inconclusive: {metric} has no interval to decide by, and the campaign is over."),
        marked("There is no interval to decide by. {reason}"),
    ),
    (Verdict.INCONCLUSIVE, Reason.GUARDRAIL_UNRESOLVED): Said(
        marked(
            "Inconclusive: {treatment} is better on {metric}, and was not shown to be safe for "
            "{guardrails}."
        ),
        marked(
            "The whole interval is better than {threshold}, but the plan asks for safe "
            "guardrails, and "
            "this is unresolved: {guardrails}."
        ),
    ),
    (Verdict.INCONCLUSIVE, Reason.NO_OEC): Said(
        marked("No verdict: the plan names no metric that decides; all of them are shown below."),
        marked("The plan names no metric that decides."),
    ),
    (Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED): Said(
        marked("Do not decide by these results: {checks}."),
        marked("A check has failed: {checks}."),
    ),
}


IN_MONEY: Final[Mapping[tuple[Verdict, Reason], Said]] = {
    (Verdict.SHIP, Reason.ABOVE_THRESHOLD): Said(
        marked("Ship {treatment}: it pays. Its incremental margin is above {amount}."),
        marked("The whole interval lies above {amount}."),
    ),
    (Verdict.DO_NOT_SHIP, Reason.BELOW_THRESHOLD): Said(
        marked(
            "Do not ship {treatment}: it does not pay. Its incremental margin is below {amount}."
        ),
        marked("The whole interval lies below {amount}."),
    ),
    (Verdict.KEEP_RUNNING, Reason.SPANS_THRESHOLD): Said(
        marked(
            "Keep running{more}: it is not yet clear whether {treatment} earns more than {amount}."
        ),
        marked("The interval includes {amount}: it is not shown to earn more or less than that."),
    ),
    (Verdict.INCONCLUSIVE, Reason.SPANS_THRESHOLD): Said(
        marked(
            "Inconclusive: whether {treatment} earns more than {amount} cannot be told, and the "
            "campaign is over."
        ),
        marked("The interval includes {amount}: it is not shown to earn more or less than that."),
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
    words = ENGLISH[verdict, reason]
    if in_money:
        words = IN_MONEY.get((verdict, reason), words)
    return Said(_filled(words.sentence, parts), _filled(words.why, parts))


def _filled(template: str, parts: Mapping[str, str]) -> Sentence:
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    places = {name: parts[name] for name in names}
    return Sentence(template.format_map(places).strip(), template, places)
