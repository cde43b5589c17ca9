"""Answers the address of a share link: one stored report, to whoever has the link.

It stands outside the console: no sign-in, no session, no navigation, nothing of single members.
Whatever keeps a link from opening is answered alike, so that nobody learns which links there are.
The secret stands in the path, of which the log names the rule alone.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.analysis.stored import stored_scorecard
from app.console.assets import address_of
from app.console.context import wiring, words
from app.console.results.stored import view_of
from app.errors import INTERNAL, explain
from app.language import Language, Words
from app.report.files import FileKind, name_of_file
from app.report.workshop import WORKSHOP
from experiments.errors import StoreError
from experiments.lifecycle import find_campaign
from experiments.sharing import count_reading, open_share_link

if TYPE_CHECKING:
    from app.report.view import ReportView
    from experiments.share_link import ShareLink

blueprint: Final = Blueprint("shared", __name__)

GONE: Final = 404
KEPT: Final = 16
"""Rendered reports that a process keeps: a fifth of a megabyte each, and seconds to draw."""

FILES: Final = tuple(kind for kind in FileKind if kind.value in {"csv", "pdf"})
"""Forms in which a link gives its report as a file: those without rows of members."""

_STYLE: Final = re.compile(rb"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GonePage:
    """What a link that does not open shows.

    Attributes:
        title: That it does not.
        text: What may have happened, and what to do.
        language: Of the page.
        icon: Address of the icon of the tab.
        styles: Addresses of style sheets.
        theme: Address of the script that follows the reader's light or dark.
    """

    template: ClassVar[str] = "console/sharing/gone.html"
    title: str
    text: str
    language: str
    icon: str
    styles: tuple[str, ...]
    theme: str


@blueprint.get("/shared/<token>")
def report(token: str) -> Response:
    """Show the report that a link opens."""
    link = open_share_link(wiring().engine, token, wiring().clock())
    view = None if link is None else _view(link)
    if link is None or view is None:
        return _gone()
    body = _page(_Whole(view))
    answer = Response(body, content_type=FileKind.HTML.media_type)
    answer.headers["Content-Security-Policy"] = _policy(body)
    return _counted(_private(answer), link)


@blueprint.get("/shared/<token>/report.<kind>")
def file(token: str, kind: str) -> Response:
    """Give the same report as a file to keep."""
    link = open_share_link(wiring().engine, token, wiring().clock())
    view = None if link is None else _view(link)
    if link is None or view is None or kind not in FILES:
        return _gone()
    form = FileKind(kind)
    answer = Response(WORKSHOP.file_of(view, form), content_type=form.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name_of_file(view, form))
    return _counted(_private(answer), link)


@blueprint.errorhandler(Exception)
def show_fault(error: Exception) -> Response | HTTPException:
    """Say that the report cannot be shown now; ours to know why."""
    if isinstance(error, HTTPException):
        return error
    explanation = explain(error)
    if explanation.answer is INTERNAL:
        wiring().log.error("request_failed", exc_info=error)
    else:
        reason = str(error).split("\n", 1)[0]
        wiring().log.error("store_failed", problem=explanation.answer.name, reason=reason)
    say = words().say
    page = _shown(
        say("The report cannot be shown now"),
        say("Something failed on our side. Try again in a few minutes."),
    )
    return _private(Response(page, explanation.answer.status))


class _Whole:
    """A view that is told apart by all that its page says."""

    def __init__(self, view: ReportView) -> None:
        self.view = view
        self._known = (
            view.scorecard.snapshot_hash,
            view.scorecard.as_of,
            view.erased_since,
            view.words.language,
            repr(view.brief),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and other._known == self._known

    def __hash__(self) -> int:
        return hash(self._known)


@lru_cache(KEPT)
def _page(whole: _Whole) -> bytes:
    return WORKSHOP.file_of(whole.view, FileKind.HTML)


def _view(link: ShareLink) -> ReportView | None:
    engine = wiring().engine
    scorecard = stored_scorecard(engine, link.campaign, link.snapshot_hash)
    if scorecard is None:
        return None
    view = view_of(find_campaign(engine, link.campaign), scorecard)
    return replace(view, words=Words(Language(link.language)))


def _policy(body: bytes) -> str:
    """Allow the page its own style, by its hash, and nothing else."""
    styles = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one).digest()).decode()}'"
        for one in _STYLE.findall(body)
    )
    allowed = styles or "'none'"
    return (
        f"default-src 'none'; style-src {allowed}; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )


def _private(answer: Response) -> Response:
    """Keep an answer out of caches, search engines and the addresses that others see."""
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _counted(answer: Response, link: ShareLink) -> Response:
    """Count the reading once the reader has the answer; one that cannot be counted is none less."""
    parts, now = wiring(), wiring().clock()

    def count() -> None:
        try:
            count_reading(parts.engine, link, now)
        except StoreError as error:
            parts.log.warning("share_link_reading_not_counted", reason=str(error))

    if request.method == "GET":
        answer.call_on_close(count)
    return answer


def _gone() -> Response:
    say = words().say
    page = _shown(
        say("This link does not work"),
        say(
            "It may have expired or been revoked, or a part of its address is missing. Ask whoever "
            "sent it to you for a new one.",
        ),
    )
    return _private(Response(page, GONE))


def _shown(title: str, text: str) -> str:
    page = GonePage(
        title,
        text,
        words().language.value,
        address_of("icon.svg"),
        (address_of("tabler.css"), address_of("console.css")),
        address_of("theme.js"),
    )
    return render_template(page.template, page=page)
