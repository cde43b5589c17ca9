"""Lists the snapshots of a campaign, and how each differs from the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.analysis.stored import stored_scorecard
from app.console.campaigns.frame import TabName, address_of_campaign
from app.console.context import wiring, words
from app.console.results.parts import in_words
from app.console.results.stored import formats_of, view_of
from app.report.headline import headline

if TYPE_CHECKING:
    from app.analysis.stored import Snapshot
    from app.console.results.stored import Reading
    from app.report.page import Headline
    from app.report.shown import Shown
    from stats.scorecard import Scorecard

LISTED: Final = 10


@dataclass(frozen=True, slots=True)
class SnapshotShown:
    """A stored scorecard.

    Attributes:
        hash: The beginning of its hash.
        address: Of the page that shows it.
        is_here: Whether this page shows it.
        computed: When it was computed.
        phase: Which phase it is of.
        label: Its verdict or state, in a word or two.
        effects: Per treatment, by the metric that decides: name and effect.
        members: Members counted.
        against: How it differs from the newest.
    """

    hash: str
    address: str
    is_here: bool
    computed: str
    phase: str
    label: str
    effects: tuple[tuple[str, Shown], ...]
    members: str
    against: str


def snapshots_shown(found: Reading, tab: TabName = TabName.OVERVIEW) -> tuple[SnapshotShown, ...]:
    """Give the latest snapshots, the newest first, each with the address of a tab that shows it."""
    newest: tuple[Scorecard, Headline] | None = None
    shown = []
    for snapshot in found.snapshots[:LISTED]:
        scorecard = stored_scorecard(wiring().engine, found.frame.key, snapshot.snapshot_hash)
        if scorecard is None:
            continue
        top = _top(found, scorecard)
        newest = newest or (scorecard, top)
        shown.append(_row(found, snapshot, (scorecard, top), newest, tab))
    return tuple(shown)


def _top(found: Reading, scorecard: Scorecard) -> Headline:
    if scorecard.snapshot_hash == found.scorecard.snapshot_hash:
        return found.top
    view = view_of(found.campaign, scorecard)
    return in_words(headline(view, formats_of(scorecard)))


def _row(
    found: Reading,
    snapshot: Snapshot,
    one: tuple[Scorecard, Headline],
    newest: tuple[Scorecard, Headline],
    tab: TabName,
) -> SnapshotShown:
    scorecard, top = one
    formats = found.formats
    address = address_of_campaign(found.frame.key, tab)
    is_newest = scorecard is newest[0]
    return SnapshotShown(
        hash=snapshot.snapshot_hash[:12],
        address=address if is_newest else f"{address}?snapshot={snapshot.snapshot_hash}",
        is_here=snapshot.snapshot_hash == found.scorecard.snapshot_hash,
        computed=formats.moment(snapshot.computed_at).text,
        phase=formats.count(snapshot.phase).text,
        label=top.label,
        effects=tuple((line.treatment.name, line.shown) for line in top.lines),
        members=formats.count(_members(scorecard)).text,
        against=words().say("the newest") if is_newest else _against(found, one, newest),
    )


def _members(scorecard: Scorecard) -> int:
    return sum(row.units for row in scorecard.variants if row.in_plan)


def _against(
    found: Reading, one: tuple[Scorecard, Headline], newest: tuple[Scorecard, Headline]
) -> str:
    say, say_many, count = words().say, words().say_many, found.formats.count
    if one[0].phase != newest[0].phase:
        return say("another phase: not to be compared")
    parts = []
    fewer = _members(newest[0]) - _members(one[0])
    if fewer > 0:
        parts.append(say_many("{count} member fewer", "{count} members fewer", fewer,
                              count=count(fewer).text))  # fmt: skip
    if fewer < 0:
        parts.append(say_many("{count} member more", "{count} members more", -fewer,
                              count=count(-fewer).text))  # fmt: skip
    facts = newest[0].facts.conversions - one[0].facts.conversions
    if facts > 0:
        parts.append(say_many("{count} conversion fewer", "{count} conversions fewer", facts,
                              count=count(facts).text))  # fmt: skip
    if one[1].label != newest[1].label:
        parts.append(say("another verdict"))
    return " · ".join(parts) if parts else say("the same members and verdict")
