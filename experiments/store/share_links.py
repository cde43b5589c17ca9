"""Keeps links to reports, with the hash of the secret that opens each, and how often it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from experiments.share_link import ShareLink
from experiments.store.tables import share_links

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping


def add_share_link(connection: Connection, link: ShareLink, token_hash: str) -> None:
    """Keep a new link."""
    connection.execute(
        insert(share_links).values(
            link_id=link.link_id,
            token_hash=token_hash,
            campaign_key=link.campaign,
            phase=link.phase,
            snapshot_hash=link.snapshot_hash,
            language=link.language,
            note=link.note or None,
            created_by=link.created_by,
            created_at=link.created_at,
            expires_at=link.expires_at,
            times_read=0,
        )
    )


def read_share_links(connection: Connection, campaign: str) -> tuple[ShareLink, ...]:
    """Give the links of a campaign, the newest first."""
    query = (
        select(share_links)
        .where(share_links.c.campaign_key == campaign)
        .order_by(share_links.c.created_at.desc(), share_links.c.link_id)
    )
    return tuple(_link(row) for row in connection.execute(query).mappings())


def find_share_link(connection: Connection, token_hash: str) -> ShareLink | None:
    """Give the link that a secret opens, or None; the index compares hashes, never secrets."""
    query = select(share_links).where(share_links.c.token_hash == token_hash)
    found = connection.execute(query).mappings().first()
    return None if found is None else _link(found)


def revoke_share_link(connection: Connection, link_id: str, now: datetime) -> bool:
    """End a link for good; False where it was ended before."""
    statement = (
        update(share_links)
        .where(share_links.c.link_id == link_id, share_links.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return connection.execute(statement).rowcount == 1


def count_reading(connection: Connection, link_id: str, now: datetime) -> None:
    """Count one reading."""
    connection.execute(
        update(share_links)
        .where(share_links.c.link_id == link_id)
        .values(times_read=share_links.c.times_read + 1, read_at=now)
    )


def _link(row: RowMapping) -> ShareLink:
    return ShareLink(
        link_id=row["link_id"],
        campaign=row["campaign_key"],
        phase=row["phase"],
        snapshot_hash=row["snapshot_hash"],
        language=row["language"],
        note=row["note"] or "",
        created_by=row["created_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        read_at=row["read_at"],
        times_read=row["times_read"],
    )
