"""Words for closed choices, and the nouns of one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from app.report.known_names import known
from app.report.shown import VariantName
from stats.checks.finding import Severity
from stats.metric import Direction
from stats.plan import MetricRole, RandomizationUnit
from stats.scorecard import State
from stats.sentence import Sentence, replaced, said, said_many, with_and

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.report.view import ReportView
    from stats.metric import MetricDefinition, Window
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
                return cls(said("member"), said("members"))
            case RandomizationUnit.HOUSEHOLD:
                return cls(said("household"), said("households"))
            case _:
                assert_never(kind)

    def counted(self, number: int, text: str) -> str:
        """Give a count with its noun: 1 member, 12,034 members."""
        if self.one == "household":
            return said_many("{count} household", "{count} households", number, count=text)
        return said_many("{count} member", "{count} members", number, count=text)


def plain(text: str) -> str:
    """Take out what cannot be printed; whoever chose the text may mean harm."""
    if isinstance(text, Sentence):
        places = {name: plain(value) for name, value in text.places.items()}
        return replaced(text, text.translate(UNPRINTABLE), places)
    return text.translate(UNPRINTABLE)


def name_of(view: ReportView, key: str) -> VariantName:
    """Give a variant as readers know it."""
    control = view.scorecard.plan.control.key
    return VariantName(plain(key), plain(view.name_of(key)), key == control)


def metric_name(metric: MetricResult) -> str:
    """Name a metric for readers."""
    return defined_name(metric.definition, metric.key)


def defined_name(definition: MetricDefinition, key: str) -> str:
    """Name a metric by its definition; names of built-in ones are known in every language."""
    return known(plain(definition.name or key))


def description_of(definition: MetricDefinition) -> str:
    """Describe a metric by its definition, likewise."""
    return known(plain(definition.description))


def metric_label(metric: MetricResult) -> str:
    """Name a metric for whoever hears of a table alone: names may repeat, keys do not."""
    return said("{name} ({key})", name=metric_name(metric), key=plain(metric.key))


def severity_label(severity: Severity) -> str:
    """Name a severity for readers."""
    match severity:
        case Severity.PASSED:
            return said("Passed")
        case Severity.NOTICE:
            return said("Notice")
        case Severity.WARNING:
            return said("Warning")
        case Severity.FAILURE:
            return said("Failed")
        case _:
            assert_never(severity)


def severity_counted(severity: Severity, number: int, text: str) -> str:
    """Count findings of a severity: 2 warnings."""
    match severity:
        case Severity.PASSED:
            return said("{count} passed", count=text)
        case Severity.NOTICE:
            return said_many("{count} notice", "{count} notices", number, count=text)
        case Severity.WARNING:
            return said_many("{count} warning", "{count} warnings", number, count=text)
        case Severity.FAILURE:
            return said("{count} failed", count=text)
        case _:
            assert_never(severity)


def state_title(state: State) -> str:
    """Name a state for readers; empty when there is nothing to add to the results."""
    match state:
        case State.NO_EXPOSURES:
            return said("No exposures yet")
        case State.EVENTS_MISSING:
            return said("Events missing")
        case State.IMMATURE:
            return said("Too early")
        case State.READY:
            return ""
        case _:
            assert_never(state)


def role_label(role: MetricRole) -> str:
    """Name a role for readers."""
    match role:
        case MetricRole.OEC:
            return said("Deciding metric (OEC)")
        case MetricRole.GUARDRAIL:
            return said("Guardrail")
        case MetricRole.DIAGNOSTIC:
            return said("Diagnostic")
        case _:
            assert_never(role)


def direction_words(direction: Direction) -> str:
    """Say which way is better."""
    return said("higher is better") if direction is Direction.HIGHER else said("lower is better")


def window_words(window: Window, *, with_start: bool = True) -> str:
    """Say which days after first exposure count."""
    if window.start_days and with_start:
        return said(
            "days {start_days} to {end_days} after first exposure",
            start_days=window.start_days,
            end_days=window.end_days,
        )
    return said_many(
        "{days} day from first exposure",
        "{days} days from first exposure",
        window.end_days,
        days=window.end_days,
    )


def listed(names: Sequence[str]) -> str:
    """Join names: a, b and c."""
    return with_and(names)
