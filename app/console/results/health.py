"""Composes the trust checks: every finding, the worst first, with the numbers behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from app.console.campaigns.frame import TabName
from app.console.context import words
from app.console.results.nothing import nothing
from app.console.results.parts import in_words
from app.console.results.stored import Unread, read
from app.report.words import plain, severity_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.console.campaigns.frame import Frame
    from app.console.results.nothing import NothingPage
    from app.console.results.stored import Reading, Standing
    from app.report.formatting import Formats
    from stats.scorecard import Scorecard

Value: TypeAlias = str | int | float | None

TONES: Final = {"failure": "bad", "warning": "warn", "notice": "busy", "passed": "good"}
ICONS: Final = {
    "failure": "alert-octagon",
    "warning": "alert-triangle",
    "notice": "info-circle",
    "passed": "circle-check",
}


@dataclass(frozen=True, slots=True)
class FindingShown:
    """One check.

    Attributes:
        code: Which one; an anchor on the page.
        label: How much it matters, in a word.
        tone: How that looks.
        icon: As Tabler names it.
        title: What it says.
        detail: With its numbers.
        what_to_do: Next; may be empty.
        evidence: Name and value, as the JSON has them.
    """

    code: str
    label: str
    tone: str
    icon: str
    title: str
    detail: str
    what_to_do: str
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HealthPage:
    """The trust checks of a snapshot."""

    template: ClassVar[str] = "console/results/health.html"
    title: str
    frame: Frame
    standing: Standing
    summary: str
    open: tuple[FindingShown, ...]
    passed: tuple[FindingShown, ...]


def health_page(key: str) -> HealthPage | NothingPage:
    """Compose the page."""
    found = read(key, TabName.HEALTH)
    if isinstance(found, Unread):
        return nothing(found)
    shown = findings_of(found)
    wrong = tuple(one for one in shown if one.tone != "good")
    return HealthPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        summary=summary_of(found.scorecard, found.formats),
        open=wrong,
        passed=tuple(one for one in shown if one.tone == "good"),
    )


def summary_of(scorecard: Scorecard, formats: Formats) -> str:
    """Count the checks in one sentence."""
    say_many, total = words().say_many, len(scorecard.findings)
    severities = [str(one.severity) for one in scorecard.findings]
    if severities.count("passed") == total:
        return say_many(
            "The one check passed.", "All {count} checks passed.", total,
            count=formats.count(total).text,
        )  # fmt: skip
    return words().say(
        "{count} checks: {failed} failed, {warnings} with a warning, {notices} with a notice, "
        "{passed} passed.",
        count=formats.count(total).text,
        failed=formats.count(severities.count("failure")).text,
        warnings=formats.count(severities.count("warning")).text,
        notices=formats.count(severities.count("notice")).text,
        passed=formats.count(severities.count("passed")).text,
    )


def findings_of(found: Reading) -> tuple[FindingShown, ...]:
    """Give every finding, the worst first."""
    formats, order = found.formats, list(TONES)
    return tuple(
        FindingShown(
            code=str(one.code),
            label=in_words(severity_label(one.severity)),
            tone=TONES[one.severity],
            icon=ICONS[one.severity],
            title=in_words(plain(one.title)),
            detail=in_words(plain(formats.with_moments(one.detail))),
            what_to_do=in_words(plain(one.what_to_do)),
            evidence=tuple(_evidence(one.evidence, formats)),
        )
        for one in sorted(found.scorecard.findings, key=lambda one: order.index(str(one.severity)))
    )


def _evidence(
    evidence: Mapping[str, Value | Mapping[str, Value]], formats: Formats
) -> list[tuple[str, str]]:
    rows = []
    for name, value in evidence.items():
        if isinstance(value, str | int | float) or value is None:
            rows.append((plain(name), _value(value, formats)))
        else:
            rows += [
                (f"{plain(name)} · {plain(inner)}", _value(one, formats))
                for inner, one in value.items()
            ]
    return rows


def _value(value: Value, formats: Formats) -> str:
    match value:
        case None:
            return words().say("none")
        case str():
            return plain(formats.with_moments(value))
        case bool():
            return words().say("yes") if value else words().say("no")
        case int():
            return formats.count(value).text
        case float():
            return formats.weight(value).text
