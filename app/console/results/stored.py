"""Chooses the snapshot that a page shows, and gives it with the words that go with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.exceptions import NotFound

from app.analysis.stored import KEPT, erased_since, snapshots_of, stored_scorecard
from app.console.campaigns.frame import TabName, address_of_campaign, framed
from app.console.context import formats, programme, wiring, words
from app.report.formatting import Formats
from app.report.headline import headline
from app.report.page import Tone
from app.report.reading import brief_of
from app.report.translating import translated, with_sentences
from app.report.view import ReportView

if TYPE_CHECKING:
    from app.analysis.stored import Snapshot
    from app.console.campaigns.frame import Frame
    from app.report.page import Headline
    from experiments.campaign import Campaign
    from stats.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands above the results on every tab.

    Attributes:
        snapshot: The beginning of its hash.
        as_of: Facts up to when.
        computed: When it was computed.
        tab: The tab that this is, to come back to after a computation.
        newest: Address of the newest one, where an older one is shown; empty otherwise.
        compute: Address that computes one now.
        reports: Address of its files to send; empty on that page.
        warning: Why none of this may decide; empty where all checks passed.
        health: Address of the checks.
    """

    snapshot: str
    as_of: str
    computed: str
    tab: str
    newest: str
    compute: str
    reports: str
    warning: str
    health: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored scorecard as one reader sees it.

    Attributes:
        campaign: Whose it is.
        frame: Of the page.
        view: The scorecard and what goes with it.
        formats: How its numbers are written for this reader.
        top: The verdict, or why there is none; in the reader's language.
        snapshots: All there are, the newest first.
        standing: What stands above the results.
        query: What links to other tabs carry on, so that they show the same snapshot.
    """

    campaign: Campaign
    frame: Frame
    view: ReportView
    formats: Formats
    top: Headline
    snapshots: tuple[Snapshot, ...]
    standing: Standing
    query: str

    @property
    def scorecard(self) -> Scorecard:
        """Every number."""
        return self.view.scorecard

    @property
    def is_broken(self) -> bool:
        """Whether a failed check takes the trust away."""
        return self.top.tone is Tone.BROKEN

    def address(self, tab: str = "") -> str:
        """Give the address of another tab with the same snapshot."""
        return address_of_campaign(self.frame.key, tab) + self.query


@dataclass(frozen=True, slots=True)
class Unread:
    """A campaign without any stored scorecard."""

    campaign: Campaign
    frame: Frame


def read(key: str, tab: TabName) -> Reading | Unread:
    """Give the snapshot that is asked for, the newest by default.

    Raises:
        UnknownCampaign: No campaign has this key.
        NotFound: The campaign has no such snapshot.
    """
    campaign, frame = framed(key, tab)
    engine = wiring().engine
    snapshots = snapshots_of(engine, key)
    asked = request.args.get("snapshot", "")
    if not snapshots and not asked:
        return Unread(campaign, frame)
    chosen = asked or snapshots[0].snapshot_hash
    scorecard = stored_scorecard(engine, key, chosen)
    if scorecard is None:
        raise NotFound
    view = view_of(campaign, scorecard)
    shown = formats_of(scorecard)
    top = translated(headline(view, shown), words())
    is_old = bool(snapshots) and chosen != snapshots[0].snapshot_hash
    return Reading(
        campaign,
        frame,
        view,
        shown,
        top,
        snapshots,
        _standing(key, tab, scorecard, shown, top, is_old=is_old),
        f"?snapshot={chosen}" if is_old else "",
    )


def view_of(campaign: Campaign, scorecard: Scorecard) -> ReportView:
    """Give a scorecard with the words of its campaign."""
    found = programme()
    design = next(
        (one.design for one in campaign.phases if one.number == scorecard.phase), campaign.design
    )
    brief = brief_of(design, found.name if found else "")
    return ReportView(
        _spoken(_Known(scorecard)),
        brief,
        erased_since=erased_since(wiring().engine, scorecard),
        words=words(),
    )


class _Known:
    """A scorecard that is told apart by its hash, which names all that it holds."""

    def __init__(self, scorecard: Scorecard) -> None:
        self.scorecard = scorecard

    def __eq__(self, other: object) -> bool:
        return hash(other) == hash(self)

    def __hash__(self) -> int:
        return hash((self.scorecard.snapshot_hash, self.scorecard.as_of))


@lru_cache(KEPT)
def _spoken(known: _Known) -> Scorecard:
    """Let the texts of a scorecard be said in other languages; once, as it takes a while."""
    return with_sentences(known.scorecard)


def formats_of(scorecard: Scorecard) -> Formats:
    """Give how the numbers of a scorecard are written for this reader."""
    return Formats(
        scorecard.currency,
        scorecard.currency_exponent,
        ZoneInfo(scorecard.time_zone),
        formats().locale,
    )


def _standing(
    key: str, tab: TabName, scorecard: Scorecard, shown: Formats, top: Headline, *, is_old: bool
) -> Standing:
    say, query = words().say, f"?snapshot={scorecard.snapshot_hash}" if is_old else ""
    warning = ""
    if top.tone is Tone.BROKEN:
        warning = say("A check has failed: do not decide by these numbers.")
    return Standing(
        snapshot=scorecard.snapshot_hash[:12],
        as_of=shown.moment(scorecard.as_of).text,
        computed=shown.moment(scorecard.computed_at).text,
        tab=tab,
        newest=address_of_campaign(key, tab) if is_old else "",
        compute=address_of_campaign(key, "compute"),
        reports="" if tab is TabName.REPORTS else address_of_campaign(key, TabName.REPORTS) + query,
        warning=warning,
        health=address_of_campaign(key, "health") + query,
    )
