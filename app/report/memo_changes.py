"""Says what differs between two versions of a decision memo, field by field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.language import Words
    from app.report.memo import MemoPage


@dataclass(frozen=True, slots=True)
class MemoChange:
    """A field that two versions have otherwise.

    Attributes:
        label: What it is.
        before: What the older one says; may be empty.
        after: What the newer one says; likewise.
    """

    label: str
    before: str
    after: str


def memo_changes(older: MemoPage, newer: MemoPage, words: Words) -> tuple[MemoChange, ...]:
    """Give what differs, in the order in which a memo says it."""
    told = zip(_told(older, words), _told(newer, words), strict=True)
    return tuple(
        MemoChange(label, before, after) for (label, before), (_, after) in told if before != after
    )


def _told(page: MemoPage, words: Words) -> tuple[tuple[str, str], ...]:
    say = words.say
    purpose = "\n".join(f"{one.term}: {one.text}" for one in page.purpose)
    lines = [page.headline.sentence]
    lines += [
        say(
            "{treatment}: {estimate} ({low} to {high})",
            treatment=one.treatment.name,
            estimate=_shown(one.shown.estimate),
            low=_shown(one.shown.low),
            high=_shown(one.shown.high),
        )
        for one in page.headline.lines
        if one.shown.estimate
    ]
    return (
        (say("Decision"), "\n".join((*page.decision, page.reason)).strip()),
        (say("Why"), page.why),
        (say("Result"), "\n".join(lines)),
        (say("What we learned"), page.learned),
        (say("What next"), page.next_steps),
        (say("Owner"), page.owner),
        (say("Goal and hypothesis"), purpose),
        (say("Snapshot"), page.snapshot_hash[:12]),
    )


def _shown(number: object) -> str:
    return str(getattr(number, "text", ""))
