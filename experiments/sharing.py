"""Makes links to one report for people without an account, opens them, and ends them.

A link holds a random secret of 256 bits, of which the store has the hash alone. It works until it
expires or is revoked, and as long as whoever made it may use Tierlift: links of a person who is
disabled, or of a key that is revoked, work no more.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from experiments.errors import InvalidValues, Problem, UnknownShareLink
from experiments.share_link import ShareLink, order_problems
from experiments.store import share_links as store
from experiments.store.api_keys import find_api_key
from experiments.store.audit import ActorKind, Change, SubjectKind, actor_of, note_change
from experiments.store.campaigns import read_campaign
from experiments.store.engine import reading, writing
from experiments.store.scorecards import find_snapshot
from experiments.store.users import find_user

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from experiments.share_link import ShareOrder

_SECRET_BYTES: Final = 32
_LONGEST_TOKEN: Final = 100


def make_share_link(
    engine: Engine, key: str, order: ShareOrder, actor: str, now: datetime
) -> tuple[ShareLink, str]:
    """Make a link to one snapshot, and give it with its secret, which nobody can give again.

    Raises:
        UnknownCampaign: No campaign has this key.
        InvalidValues: The snapshot is none of the campaign's, or the link would work for no time
            or for too long.
    """
    problems = order_problems(order, now)
    with writing(engine) as connection:
        read_campaign(connection, key)
        snapshot = find_snapshot(connection, key, order.snapshot_hash)
        if snapshot is None:
            way_out = "Take the hash of one of its stored scorecards."
            message = "is no snapshot of this campaign"
            problems.insert(0, Problem("snapshot_hash", order.snapshot_hash, message, way_out))
        if problems or snapshot is None:
            raise InvalidValues(problems)
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        link = ShareLink(
            link_id=secrets.token_hex(8),
            campaign=key,
            phase=snapshot.phase,
            snapshot_hash=snapshot.snapshot_hash,
            language=order.language,
            note=order.note.strip(),
            created_by=actor,
            created_at=now,
            expires_at=order.expires_at,
        )
        store.add_share_link(connection, link, _hash_of(secret))
        _note(connection, "create", link, actor, now)
    return link, secret


def share_links_of(engine: Engine, key: str) -> tuple[ShareLink, ...]:
    """Give the links of a campaign, the newest first.

    Raises:
        UnknownCampaign: No campaign has this key.
    """
    with reading(engine) as connection:
        read_campaign(connection, key)
        return store.read_share_links(connection, key)


def find_share_link(engine: Engine, key: str, link_id: str) -> ShareLink:
    """Give a link of a campaign.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownShareLink: It has no such link.
    """
    for one in share_links_of(engine, key):
        if one.link_id == link_id:
            return one
    raise UnknownShareLink(link_id, within=key)


def revoke_share_link(
    engine: Engine, key: str, link_id: str, actor: str, now: datetime
) -> ShareLink:
    """End a link for good; one that was ended before stays as it was.

    Raises:
        UnknownCampaign: No campaign has this key.
        UnknownShareLink: It has no such link.
    """
    found = find_share_link(engine, key, link_id)
    with writing(engine) as connection:
        if store.revoke_share_link(connection, link_id, now):
            _note(connection, "revoke", found, actor, now)
    return find_share_link(engine, key, link_id)


def open_share_link(engine: Engine, secret: str, now: datetime) -> ShareLink | None:
    """Give the link that a secret opens now, or None, whatever the reason."""
    if len(secret) > _LONGEST_TOKEN:
        return None
    with reading(engine) as connection:
        link = store.find_share_link(connection, _hash_of(secret))
        if link is None or not link.is_open_at(now) or not _is_active(connection, link):
            return None
    return link


def works(engine: Engine, link: ShareLink, now: datetime) -> bool:
    """Say whether a link can be read now."""
    with reading(engine) as connection:
        return link.is_open_at(now) and _is_active(connection, link)


def count_reading(engine: Engine, link: ShareLink, now: datetime) -> None:
    """Count one reading of a link."""
    with writing(engine) as connection:
        store.count_reading(connection, link.link_id, now)


def _is_active(connection: Connection, link: ShareLink) -> bool:
    """Say whether whoever made the link may still use Tierlift."""
    kind, who = actor_of(link.created_by)
    match kind:
        case ActorKind.USER:
            user = find_user(connection, who)
            return user is not None and user.disabled_at is None
        case ActorKind.KEY:
            key = find_api_key(connection, who)
            return key is not None and key.revoked_at is None
        case ActorKind.COMMAND_LINE:
            return True


def _hash_of(secret: str) -> str:
    # as long as SHA-256 and random: no slow hash is needed, and none could be looked up
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _note(connection: Connection, action: str, link: ShareLink, actor: str, now: datetime) -> None:
    told = {
        "campaign": link.campaign,
        "snapshot_hash": link.snapshot_hash,
        "language": link.language,
        "expires_at": link.expires_at.isoformat(),
    }
    is_made = action == "create"
    change = Change(
        action,
        SubjectKind.SHARE_LINK,
        link.link_id,
        None if is_made else told,
        told if is_made else None,
    )
    note_change(connection, change, now, actor)
