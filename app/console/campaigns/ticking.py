"""Ticks the checklist of a campaign, on the page of its launch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, url_for

from app.auth import Scope
from app.console.access import open_to
from app.console.campaigns.people_words import actor_words, names_of_users
from app.console.context import formats, person, wiring, words
from experiments.errors import IllegalMove
from experiments.ticking import checklist_of, tick_item, untick_item

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from experiments.checklist import Item

blueprint = Blueprint("ticking", __name__)


@dataclass(frozen=True, slots=True)
class TickRow:
    """Something for people to tick.

    Attributes:
        told: Who ticked it and when, or that nobody did.
        address: Where the other state is asked for.
    """

    text: str
    is_done: bool
    is_of_programme: bool
    told: str
    address: str


@blueprint.post("/campaigns/<key>/checklist/<item>/<any(tick,untick):act>")
@open_to(Scope.CAMPAIGNS_WRITE)
def tick(key: str, item: str, act: str) -> Response:
    """Tick an item, or take its tick back."""
    parts, say = wiring(), words().say
    change = tick_item if act == "tick" else untick_item
    try:
        change(parts.engine, key, item, f"user {person().user.user_id}", parts.clock())
    except IllegalMove:
        flash(say("The campaign is no draft any more, so its checklist is closed."), "danger")
    return redirect(f"{url_for('console.launch.ask', key=key)}#checklist")


def tick_rows(key: str) -> tuple[TickRow, ...]:
    """Give what people tick before the launch of a campaign."""
    items = checklist_of(wiring().engine, key)
    names = names_of_users() if any(one.tick for one in items) else {}
    return tuple(_row(key, one, names) for one in items)


def _row(key: str, item: Item, names: dict[str, str]) -> TickRow:
    say, tick = words().say, item.tick
    told = say("Nobody has ticked this yet.")
    if tick is not None:
        who = actor_words(tick.by, names, words())
        told = say("{who}, {when}", who=who, when=formats().moment(tick.at).local)
    act = "tick" if tick is None else "untick"
    return TickRow(
        item.text,
        tick is not None,
        item.is_of_programme,
        told,
        url_for("console.ticking.tick", key=key, item=item.key, act=act),
    )
