"""Composes the page of reports: the files of one snapshot, and the other snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.console.campaigns.frame import TabName, address_of_campaign
from app.console.reports.data import data_downloads
from app.console.reports.downloads import downloads_of
from app.console.results.nothing import nothing
from app.console.results.past import LISTED, snapshots_shown
from app.console.results.stored import Unread, read

if TYPE_CHECKING:
    from app.console.campaigns.frame import Frame
    from app.console.reports.downloads import Download
    from app.console.results.nothing import NothingPage
    from app.console.results.past import SnapshotShown
    from app.console.results.stored import Reading, Standing


@dataclass(frozen=True, slots=True)
class OlderSnapshot:
    """A snapshot of which the page says no more than when it was computed."""

    hash: str
    address: str
    computed: str


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """What there is to send of a campaign.

    Attributes:
        title: For the tab and the heading.
        frame: Of the campaign.
        standing: Which snapshot the files are of.
        snapshot_hash: All of its hash, which every file carries.
        result: Its verdict or state, in a word or two.
        sentence: It in a sentence.
        downloads: Files, by kind.
        snapshots: The latest ones, the newest first.
        older: Those before them.
    """

    template: ClassVar[str] = "console/reports/reports.html"
    title: str
    frame: Frame
    standing: Standing
    snapshot_hash: str
    result: str
    sentence: str
    downloads: tuple[Download, ...]
    snapshots: tuple[SnapshotShown, ...]
    older: tuple[OlderSnapshot, ...]


def reports_page(key: str) -> ReportsPage | NothingPage:
    """Compose the page."""
    found = read(key, TabName.REPORTS)
    if isinstance(found, Unread):
        return nothing(found)
    chosen = found.scorecard.snapshot_hash
    return ReportsPage(
        title=found.frame.title,
        frame=found.frame,
        standing=found.standing,
        snapshot_hash=chosen,
        result=found.top.label,
        sentence=found.top.sentence,
        downloads=(*downloads_of(key, chosen), *data_downloads(key, chosen)),
        snapshots=snapshots_shown(found, TabName.REPORTS),
        older=_older(found),
    )


def _older(found: Reading) -> tuple[OlderSnapshot, ...]:
    address = address_of_campaign(found.frame.key, TabName.REPORTS)
    return tuple(
        OlderSnapshot(
            one.snapshot_hash[:12],
            f"{address}?snapshot={one.snapshot_hash}",
            found.formats.moment(one.computed_at).text,
        )
        for one in found.snapshots[LISTED:]
    )
