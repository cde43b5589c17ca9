"""A link shows one snapshot, until it expires, is revoked, or its maker is let in no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from experiments.campaign import State
from experiments.errors import InvalidValues, UnknownShareLink
from experiments.share_link import LONGEST_TIME, ShareLink, ShareOrder
from experiments.sharing import (
    count_reading,
    find_share_link,
    make_share_link,
    open_share_link,
    revoke_share_link,
    share_links_of,
    works,
)
from experiments.store.audit import AuditQuery, SubjectKind, read_audit
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from experiments.store.tables import share_links
from experiments.store.users import User, add_user, save_user
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

KEY, ANA = "gold-q3", "user ana"


@pytest.fixture
def stored(engine: Engine, now: datetime) -> Engine:
    """Keep a campaign with a snapshot, and somebody who may share it."""
    with writing(engine) as connection:
        add_campaign(connection, campaign(State.RUNNING))
        keep_scorecard(connection, StoredScorecard(KEY, 1, "snapshot", now, "{}"))
        add_user(connection, User("ana", "ana@example.com", "Ana", "analyst", now))
    return engine


def made(engine: Engine, now: datetime, days: int = 14) -> tuple[ShareLink, str]:
    """Make a link."""
    order = ShareOrder("snapshot", "en", now + timedelta(days=days), " For the board. ")
    return make_share_link(engine, KEY, order, ANA, now)


def test_a_link_opens_its_snapshot_until_it_expires(stored: Engine, now: datetime) -> None:
    """To the second."""
    link, secret = made(stored, now)

    assert open_share_link(stored, secret, now) == link
    assert (link.snapshot_hash, link.phase, link.note) == ("snapshot", 1, "For the board.")
    assert open_share_link(stored, secret, link.expires_at - timedelta(seconds=1)) is not None
    assert open_share_link(stored, secret, link.expires_at) is None


def test_the_secret_is_long_and_kept_nowhere(stored: Engine, now: datetime) -> None:
    """Whoever reads the database or the audit log can open nothing."""
    link, secret = made(stored, now)

    assert len(secret) >= 43  # 256 bits in base 64
    with reading(stored) as connection:
        kept = connection.execute(select(share_links)).mappings().one()
        noted = read_audit(connection, AuditQuery(subject_kind=SubjectKind.SHARE_LINK))
    assert secret not in str(dict(kept))
    assert [(one.change.action, one.change.subject) for one in noted] == [("create", link.link_id)]
    assert kept["token_hash"] not in str(noted)


@pytest.mark.parametrize("wrong", ["", "x", "x" * 43, "\ud800", "x" * 100_000])
def test_other_secrets_open_nothing(stored: Engine, now: datetime, wrong: str) -> None:
    """However long or strange."""
    made(stored, now)

    assert open_share_link(stored, wrong, now) is None


def test_a_revoked_link_opens_nothing(stored: Engine, now: datetime) -> None:
    """For good; and revoking it again changes nothing."""
    link, secret = made(stored, now)
    later = now + timedelta(hours=1)

    revoked = revoke_share_link(stored, KEY, link.link_id, ANA, now)

    assert revoked.revoked_at == now
    assert open_share_link(stored, secret, now) is None
    assert revoke_share_link(stored, KEY, link.link_id, ANA, later) == revoked
    with reading(stored) as connection:
        noted = read_audit(connection, AuditQuery(subject_kind=SubjectKind.SHARE_LINK))
    assert [one.change.action for one in noted] == ["revoke", "create"]


def test_links_of_somebody_disabled_open_nothing(stored: Engine, now: datetime) -> None:
    """Until they are let in again."""
    link, secret = made(stored, now)
    user = User("ana", "ana@example.com", "Ana", "analyst", now)
    with writing(stored) as connection:
        save_user(connection, replace(user, disabled_at=now))

    assert open_share_link(stored, secret, now) is None
    assert not works(stored, link, now)
    with writing(stored) as connection:
        save_user(connection, user)
    assert open_share_link(stored, secret, now) is not None


def test_readings_are_counted(stored: Engine, now: datetime) -> None:
    """With the time of the last one."""
    link, _ = made(stored, now)
    later = now + timedelta(hours=1)

    count_reading(stored, link, now)
    count_reading(stored, link, later)

    found = find_share_link(stored, KEY, link.link_id)
    assert (found.times_read, found.read_at) == (2, later)
    assert share_links_of(stored, KEY) == (found,)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expires_at": timedelta(0)}, "expires_at"),
        ({"expires_at": LONGEST_TIME + timedelta(seconds=1)}, "expires_at"),
        ({"snapshot_hash": "other"}, "snapshot_hash"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_refusals_stand_at_their_fields(
    stored: Engine, now: datetime, changes: dict[str, object], field: str
) -> None:
    """And no link is kept."""
    order = ShareOrder("snapshot", "en", now + LONGEST_TIME)
    moments = {
        name: now + one if isinstance(one, timedelta) else one for name, one in changes.items()
    }
    with pytest.raises(InvalidValues) as refused:
        make_share_link(stored, KEY, replace(order, **moments), ANA, now)  # type: ignore[arg-type]  # as each case says

    assert [one.field for one in refused.value.problems] == [field]
    assert share_links_of(stored, KEY) == ()


def test_a_link_belongs_to_its_campaign(stored: Engine, now: datetime) -> None:
    """Another id is not found."""
    with pytest.raises(UnknownShareLink):
        revoke_share_link(stored, KEY, "other", ANA, now)
