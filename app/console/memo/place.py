"""The addresses of the pages about a campaign's decision memo, and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, url_for
from werkzeug.exceptions import NotFound

from app.analysis.stored import erased_since, stored_scorecard
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import person, wiring, words
from app.report.memo import memo_page

if TYPE_CHECKING:
    from app.report.memo import MemoPage
    from experiments.memo import Memo

blueprint: Final = Blueprint("memo", __name__)


def actor() -> str:
    """Name who writes, as logs do."""
    return f"user {person().user.user_id}"


def composed(memo: Memo) -> MemoPage:
    """Give a version as its readers see it: its texts, and the numbers of its snapshot.

    Raises:
        NotFound: The snapshot is not kept any more.
    """
    engine = wiring().engine
    scorecard = stored_scorecard(engine, memo.campaign, memo.snapshot_hash)
    if scorecard is None:
        raise NotFound
    names, spoken = names_of_users(), words()
    return memo_page(
        memo, scorecard, spoken, lambda one: actor_words(one, names, spoken),
        erased_since=erased_since(engine, scorecard),
    )  # fmt: skip


def address_of(memo: Memo) -> str:
    """Give the address of a version."""
    return url_for("console.memo.version", key=memo.campaign, phase=memo.phase, number=memo.version)
