"""Shows the decision memo of a campaign: its newest version, any other, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flask import url_for

from app.analysis.stored import snapshots_of
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.frame import TabName, address_of_campaign, framed
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, wiring, words
from app.console.memo.downloads import memo_downloads
from app.console.memo.place import address_of, blueprint, composed
from app.console.rendering import show
from app.console.results.nothing import nothing
from app.console.results.overview import TONES
from app.console.results.stored import Unread
from app.report.memo_changes import memo_changes
from experiments.campaign import LEGAL, Move
from experiments.memo_writing import find_memo, memos_of

if TYPE_CHECKING:
    from app.console.campaigns.frame import Frame
    from app.console.memo.downloads import MemoDownload
    from app.report.memo import MemoPage
    from app.report.memo_changes import MemoChange
    from experiments.campaign import Campaign
    from experiments.memo import Memo

SHORT: Final = 12


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version among the others.

    Attributes:
        label: Its number, with the phase where there are several.
        address: Of the page that shows it.
        is_here: Whether this page does.
        written: When, and by whom.
        snapshot: The beginning of the hash of its snapshot.
        changes: Address of what it changed; empty for a first version.
    """

    label: str
    address: str
    is_here: bool
    written: str
    snapshot: str
    changes: str


@dataclass(frozen=True, slots=True)
class NoMemoPage:
    """A campaign with results and without a memo.

    Attributes:
        write: Address of the form; empty where the reader may not write.
        decide: Address where a decision is written down; empty where none can be, or by others.
    """

    template: ClassVar[str] = "console/memo/none.html"
    title: str
    frame: Frame
    write: str
    decide: str


@dataclass(frozen=True, slots=True)
class MemoShownPage:
    """One version of a memo.

    Attributes:
        memo: Every word and number of it.
        tone, icon: How its verdict looks.
        newest: Address of the newest version, where this is an older one; empty otherwise.
        later: Address of results that were computed after those of the memo; empty without any.
        versions: All there are, the newest first.
        downloads: The memo as files.
        write: Address of the form; empty where the reader may not write.
    """

    template: ClassVar[str] = "console/memo/memo.html"
    title: str
    frame: Frame
    memo: MemoPage
    tone: str
    icon: str
    newest: str
    later: str
    versions: tuple[VersionRow, ...]
    downloads: tuple[MemoDownload, ...]
    write: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """What differs between a version and the one before it.

    Attributes:
        older, newer: Their labels.
        older_address, newer_address: Of the pages that show them.
        changes: Field by field.
    """

    template: ClassVar[str] = "console/memo/changes.html"
    title: str
    frame: Frame
    older: str
    newer: str
    older_address: str
    newer_address: str
    changes: tuple[MemoChange, ...]


@blueprint.get("/campaigns/<key>/memo")
@open_to(Scope.REPORTS_READ)
def memo(key: str) -> tuple[str, int]:
    """Show the newest version of the latest phase that has one."""
    campaign, frame = framed(key, TabName.MEMO)
    written = memos_of(wiring().engine, key)
    if written:
        return _shown(campaign, frame, written[0], written)
    if not snapshots_of(wiring().engine, key, limit=1):
        return show(nothing(Unread(campaign, frame)))
    decide = ""
    if person().may(Scope.CAMPAIGNS_WRITE) and _can_decide(campaign):
        decide = address_of_campaign(key, "decide")
    return show(NoMemoPage(frame.title, frame, _write_address(key), decide))


@blueprint.get("/campaigns/<key>/memo/<int:phase>/<int:number>")
@open_to(Scope.REPORTS_READ)
def version(key: str, phase: int, number: int) -> tuple[str, int]:
    """Show one version."""
    campaign, frame = framed(key, TabName.MEMO)
    found = find_memo(wiring().engine, key, phase, number)
    return _shown(campaign, frame, found, memos_of(wiring().engine, key))


@blueprint.get("/campaigns/<key>/memo/<int:phase>/<int:number>/changes")
@open_to(Scope.REPORTS_READ)
def changes(key: str, phase: int, number: int) -> tuple[str, int]:
    """Show what a version changed of the one before it."""
    _, frame = framed(key, TabName.MEMO)
    newer = find_memo(wiring().engine, key, phase, number)
    older = find_memo(wiring().engine, key, phase, number - 1)
    page = ChangesPage(
        frame.title,
        frame,
        _label(older, several=phase > 1),
        _label(newer, several=phase > 1),
        address_of(older),
        address_of(newer),
        memo_changes(composed(older), composed(newer), words()),
    )
    return show(page)


def _can_decide(campaign: Campaign) -> bool:
    return Move.DECIDE in LEGAL[campaign.state_at(wiring().clock())]


def _shown(
    campaign: Campaign, frame: Frame, found: Memo, written: tuple[Memo, ...]
) -> tuple[str, int]:
    page = composed(found)
    tone, icon = TONES[page.headline.tone]
    snapshots = snapshots_of(wiring().engine, campaign.key, limit=1)
    is_later = bool(snapshots) and snapshots[0].snapshot_hash != found.snapshot_hash
    return show(
        MemoShownPage(
            title=frame.title,
            frame=frame,
            memo=page,
            tone=tone,
            icon=icon,
            newest="" if found == written[0] else address_of_campaign(campaign.key, TabName.MEMO),
            later=address_of_campaign(campaign.key) if is_later else "",
            versions=_rows(found, written),
            downloads=memo_downloads(found),
            write=_write_address(campaign.key),
        )
    )


def _rows(here: Memo, written: tuple[Memo, ...]) -> tuple[VersionRow, ...]:
    names, several = names_of_users(), written[0].phase > 1
    return tuple(
        VersionRow(
            label=_label(one, several=several),
            address=address_of(one),
            is_here=one == here,
            written=words().say(
                "{who}, {when}",
                who=actor_words(one.author, names, words()),
                when=formats().moment(one.written_at).local,
            ),
            snapshot=one.snapshot_hash[:SHORT],
            changes=f"{address_of(one)}/changes" if one.version > 1 else "",
        )
        for one in written
    )


def _label(one: Memo, *, several: bool) -> str:
    number = formats().count(one.version).text
    if several:
        phase = formats().count(one.phase).text
        return words().say("Phase {phase}, version {version}", phase=phase, version=number)
    return words().say("Version {version}", version=number)


def _write_address(key: str) -> str:
    return url_for("console.memo.ask", key=key) if person().may(Scope.REPORTS_WRITE) else ""
