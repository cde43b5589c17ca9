"""Ticks the items of a campaign's checklist, takes ticks back, and tells how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.campaign import State
from experiments.checklist import Tick, items_of
from experiments.errors import IllegalMove, UnknownItem
from experiments.store.audit import Change, SubjectKind, note_change
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading, writing
from experiments.store.programme import read_programme
from experiments.store.ticks import add_tick, read_ticks, remove_tick

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.campaign import Campaign
    from experiments.checklist import Item


def checklist_of(engine: Engine, key: str) -> tuple[Item, ...]:
    """Give what people have to tick before a campaign is launched, with the ticks there are.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        return items_in(connection, read_campaign(connection, key))


def items_in(connection: Connection, campaign: Campaign) -> tuple[Item, ...]:
    """Give the same within a transaction."""
    programme = read_programme(connection)
    return items_of(
        programme.checklist if programme is not None else (),
        campaign.design.checklist,
        read_ticks(connection, campaign.key),
    )


def tick_item(engine: Engine, key: str, item: str, actor: str, now: datetime) -> Item:
    """Say that an item holds; ticked before, it stays as it is.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownItem: It has no such item.
        IllegalMove: It is no draft any more.
    """
    with writing(engine) as connection:
        found = _found(connection, key, item)
        if found.tick is None:
            add_tick(connection, key, item, Tick(actor, now))
            _note(connection, "tick", key, found, actor, now)
        return _found(connection, key, item)


def untick_item(engine: Engine, key: str, item: str, actor: str, now: datetime) -> Item:
    """Say that an item does not hold any more; open before, it stays open.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownItem: It has no such item.
        IllegalMove: It is no draft any more.
    """
    with writing(engine) as connection:
        found = _found(connection, key, item)
        if found.tick is not None:
            remove_tick(connection, key, item)
            _note(connection, "untick", key, found, actor, now)
        return _found(connection, key, item)


def _found(connection: Connection, key: str, item: str) -> Item:
    campaign = read_campaign(connection, key)
    items = items_in(connection, campaign)
    found = next((one for one in items if one.key == item), None)
    if found is None:
        raise UnknownItem(key, item, [one.key for one in items])
    if campaign.state is not State.DRAFT:
        raise IllegalMove(key, campaign.state, "be ticked off", ())
    return found


def _note(
    connection: Connection, action: str, key: str, item: Item, actor: str, now: datetime
) -> None:
    change = Change(action, SubjectKind.CAMPAIGN, key, None, {"item": item.key, "text": item.text})
    note_change(connection, change, now, actor)
