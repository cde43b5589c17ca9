"""Words for closed choices, and the nouns of one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from app.report.shown import VariantName
from stats.checks.finding import Severity
from stats.metric import Direction
from stats.plan import MetricRole, RandomizationUnit
from stats.scorecard import State

if TYPE_CHECKING:
    from app.report.view import ReportView
    from stats.metric import Window
    from stats.scorecard import MetricResult

UNPRINTABLE: Final = dict.fromkeys(
    (
        *range(0x20),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),  # turn the direction of whatever text follows
        *range(0x2066, 0x206A),  # the same
        *range(0xD800, 0xE000),
        0xFFFE,
        0xFFFF,
    )
)
"""No reader has a use for these, and with some of them no plot could be drawn."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted, in words."""

    one: str
    many: str

    @classmethod
    def of(cls, kind: RandomizationUnit) -> Unit:
        """Give the words for a randomization unit."""
        match kind:
            case RandomizationUnit.MEMBER:
                return cls("member", "members")
            case RandomizationUnit.HOUSEHOLD:
                return cls("household", "households")
            case _:
                assert_never(kind)

    def counted(self, number: int, text: str) -> str:
        """Give a count with its noun: 1 member, 12,034 members."""
        return f"{text} {self.one if number == 1 else self.many}"


def plain(text: str) -> str:
    """Take out what cannot be printed; whoever chose the text may mean harm."""
    return text.translate(UNPRINTABLE)


def name_of(view: ReportView, key: str) -> VariantName:
    """Give a variant as readers know it."""
    control = view.scorecard.plan.control.key
    return VariantName(plain(key), plain(view.name_of(key)), key == control)


def metric_name(metric: MetricResult) -> str:
    """Name a metric for readers."""
    return plain(metric.definition.name or metric.key)


def metric_label(metric: MetricResult) -> str:
    """Name a metric for whoever hears of a table alone: names may repeat, keys do not."""
    return f"{metric_name(metric)} ({plain(metric.key)})"


def severity_label(severity: Severity) -> str:
    """Name a severity for readers."""
    match severity:
        case Severity.PASSED:
            return "Passed"
        case Severity.NOTICE:
            return "Notice"
        case Severity.WARNING:
            return "Warning"
        case Severity.FAILURE:
            return "Failed"
        case _:
            assert_never(severity)


def state_title(state: State) -> str:
    """Name a state for readers; empty when there is nothing to add to the results."""
    match state:
        case State.NO_EXPOSURES:
            return "No exposures yet"
        case State.EVENTS_MISSING:
            return "Events missing"
        case State.IMMATURE:
            return "Too early"
        case State.READY:
            return ""
        case _:
            assert_never(state)


def role_label(role: MetricRole) -> str:
    """Name a role for readers."""
    match role:
        case MetricRole.OEC:
            return "Deciding metric (OEC)"
        case MetricRole.GUARDRAIL:
            return "Guardrail"
        case MetricRole.DIAGNOSTIC:
            return "Diagnostic"
        case _:
            assert_never(role)


def direction_words(direction: Direction) -> str:
    """Say which way is better."""
    return "higher is better" if direction is Direction.HIGHER else "lower is better"


def window_words(window: Window, *, with_start: bool = True) -> str:
    """Say which days after first exposure count."""
    if window.start_days and with_start:
        return f"days {window.start_days} to {window.end_days} after first exposure"
    days = "day" if window.end_days == 1 else "days"
    return f"{window.end_days} {days} from first exposure"


def listed(names: list[str]) -> str:
    """Join names: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
