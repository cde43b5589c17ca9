"""The page on which links to a campaign's reports are made, watched and revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from flask import flash, redirect, request, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.campaigns.frame import TabName, framed
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, wiring, words
from app.console.rendering import show
from app.console.results.nothing import nothing
from app.console.results.stored import Unread, read
from app.console.sharing.opening import FILES
from app.console.sharing.place import actor, blueprint
from app.language import Language
from experiments.errors import InvalidValues
from experiments.share_link import LONGEST_NOTE, LONGEST_TIME, USUAL_TIME, ShareOrder
from experiments.sharing import (
    find_share_link,
    make_share_link,
    revoke_share_link,
    share_links_of,
    works,
)

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.console.campaigns.frame import Frame
    from app.console.results.stored import Reading
    from experiments.share_link import ShareLink

SHORT: Final = 12
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link; its secret is known to nobody any more.

    Attributes:
        name: What was noted of it, or its id.
        state: Whether it works, in words.
        tone: How that is to be taken.
        report: Beginning of the hash of its snapshot, and its language.
        made: When, and by whom.
        expires: When it ends by itself.
        read: How often it was read, and when last.
        revoke: Address that ends it; empty where it has ended, or the reader may not.
    """

    name: str
    state: str
    tone: str
    report: str
    made: str
    expires: str
    read: str
    revoke: str


@dataclass(frozen=True, slots=True)
class SharingPage:
    """The links of a campaign, and the form for another.

    Attributes:
        made: Address of a link that was made just now: the only moment at which it is known.
        files: The same report in other forms, by the name of the form; empty without a new link.
        snapshot: Hash of what a new link shows.
        sentence: What that says, in a sentence.
        as_of: Facts up to when.
        may_make: Whether the reader may make links.
        languages: To choose from.
        first_day, last_day: Between which a link may end.
        typed: What was typed, by field.
        errors: What was wrong, by field.
    """

    template: ClassVar[str] = "console/sharing/links.html"
    title: str
    frame: Frame
    made: str
    files: tuple[tuple[str, str], ...]
    rows: tuple[LinkRow, ...]
    snapshot: str
    sentence: str
    as_of: str
    may_make: bool
    languages: tuple[tuple[str, str], ...]
    first_day: str
    last_day: str
    longest_note: int
    typed: dict[str, str]
    errors: dict[str, str]
    back: str


@dataclass(frozen=True, slots=True)
class RevokeLinkPage:
    """What ending a link does."""

    template: ClassVar[str] = "console/sharing/revoke.html"
    title: str
    frame: Frame
    link: LinkRow
    can: bool
    back: str


@blueprint.get("/campaigns/<key>/share")
@open_to(Scope.REPORTS_READ)
def links(key: str) -> tuple[str, int]:
    """Show the links, and the form."""
    found = read(key, TabName.REPORTS)
    return show(nothing(found) if isinstance(found, Unread) else _page(found))


@blueprint.post("/campaigns/<key>/share")
@open_to(Scope.REPORTS_WRITE)
def make(key: str) -> tuple[str, int]:
    """Make a link, and show its address this once."""
    found, parts, say = read(key, TabName.REPORTS), wiring(), words().say
    if isinstance(found, Unread):
        return show(nothing(found), 409)
    sent, errors = request.form, {}
    if sent.get("language") not in set(Language):
        errors["language"] = say("Choose a language.")
    expires_at = _end_of(sent.get("last_day", ""))
    if expires_at is None:
        errors["last_day"] = say("Choose a day.")
    if errors or expires_at is None:
        return show(_page(found, errors), 422)
    order = ShareOrder(
        found.scorecard.snapshot_hash, sent["language"], expires_at, sent.get("note", "")
    )
    try:
        link, secret = make_share_link(parts.engine, key, order, actor(), parts.clock())
    except InvalidValues as refused:
        return show(_page(found, _errors(refused)), 422)
    return show(_page(found, link=link, secret=secret))


@blueprint.get("/campaigns/<key>/share/<link_id>/revoke")
@open_to(Scope.REPORTS_WRITE)
def ask_revoke(key: str, link_id: str) -> tuple[str, int]:
    """Say what ending the link does."""
    link = find_share_link(wiring().engine, key, link_id)
    row = _row(link, names_of_users())
    page = RevokeLinkPage(
        words().say("Revoke a share link"),
        framed(key, TabName.REPORTS)[1],
        row,
        link.revoked_at is None,
        url_for("console.sharing.links", key=key),
    )
    return show(page)


@blueprint.post("/campaigns/<key>/share/<link_id>/revoke")
@open_to(Scope.REPORTS_WRITE)
def revoke(key: str, link_id: str) -> Response:
    """End the link."""
    revoke_share_link(wiring().engine, key, link_id, actor(), wiring().clock())
    flash(words().say("The link is revoked. Whoever opens it finds nothing any more."), "success")
    return redirect(url_for("console.sharing.links", key=key))


def _end_of(text: str) -> datetime | None:
    """Give the end of a day in the programme's zone, or None where the text is no day."""
    try:
        day = date.fromisoformat(text)
        return datetime.combine(day + DAY, time(), tzinfo=formats().zone)
    except (ValueError, OverflowError):
        return None


def _errors(refused: InvalidValues) -> dict[str, str]:
    say, errors = words().say, {}
    for one in refused.problems:
        match one.field:
            case "expires_at" if "past" in one.message:
                errors["last_day"] = say("This day is over. Choose one from today on.")
            case "expires_at":
                errors["last_day"] = say(
                    "A link works for at most {days} days. Make another one then.",
                    days=formats().count(LONGEST_TIME.days).text,
                )
            case "note" if "long" in one.message:
                count = formats().count(LONGEST_NOTE).text
                errors["note"] = say("Use at most {count} characters.", count=count)
            case field:
                errors[field] = say("This holds a character that cannot be kept. Remove it.")
    return errors


def _page(
    found: Reading,
    errors: dict[str, str] | None = None,
    *,
    link: ShareLink | None = None,
    secret: str = "",
) -> SharingPage:
    key, here = found.frame.key, words()
    today = wiring().clock().astimezone(formats().zone).date()
    usual = {
        "language": here.language.value,
        "last_day": (today + USUAL_TIME).isoformat(),
        "note": "",
    }
    typed = {name: request.form.get(name, "") for name in usual} if errors else usual
    names = names_of_users()
    return SharingPage(
        title=here.say("Share links of {name}", name=found.frame.name),
        frame=found.frame,
        made=url_for("shared.report", token=secret, _external=True) if link else "",
        files=tuple(_files(secret)) if link else (),
        rows=tuple(_row(one, names) for one in share_links_of(wiring().engine, key)),
        snapshot=found.scorecard.snapshot_hash,
        sentence=found.top.sentence,
        as_of=found.standing.as_of,
        may_make=person().may(Scope.REPORTS_WRITE),
        languages=tuple((one.value, one.own_name) for one in Language),
        first_day=today.isoformat(),
        # the end of that day is within the longest time
        last_day=(today + LONGEST_TIME - DAY).isoformat(),
        longest_note=LONGEST_NOTE,
        typed=typed,
        errors=errors or {},
        back=found.address(TabName.REPORTS),
    )


def _files(secret: str) -> list[tuple[str, str]]:
    return [
        (kind.value.upper(), url_for("shared.file", token=secret, kind=kind.value, _external=True))
        for kind in FILES
    ]


def _row(link: ShareLink, names: dict[str, str]) -> LinkRow:
    say, moment = words().say, formats().moment
    state, tone = _state(link)
    count = formats().count(link.times_read).text
    times = words().say_many("{count} time", "{count} times", link.times_read, count=count)
    read_at = link.read_at
    last = say("{times}, last {when}", times=times, when=moment(read_at).local) if read_at else ""
    may_end = link.revoked_at is None and person().may(Scope.REPORTS_WRITE)
    return LinkRow(
        name=link.note or link.link_id,
        state=state,
        tone=tone,
        report=f"{link.snapshot_hash[:SHORT]} · {Language(link.language).own_name}",
        made=say(
            "{who}, {when}",
            who=actor_words(link.created_by, names, words()),
            when=moment(link.created_at).local,
        ),
        expires=moment(link.expires_at).local,
        read=last or say("never"),
        revoke=url_for("console.sharing.ask_revoke", key=link.campaign, link_id=link.link_id)
        if may_end
        else "",
    )


def _state(link: ShareLink) -> tuple[str, str]:
    say, now = words().say, wiring().clock()
    if link.revoked_at is not None:
        when = formats().moment(link.revoked_at).local
        return say("Revoked {when}", when=when), "calm"
    if not link.is_open_at(now):
        return say("Expired"), "calm"
    if not works(wiring().engine, link, now):
        return say("Off: whoever made it is disabled"), "warn"
    return say("Works"), "good"
