"""What members allow, who was erased, and who read rows of single members."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, String, Table, Text

from experiments.store.tables.columns import ID_LENGTH, id_check, metadata, row_id, written_by
from experiments.store.types import JsonText, UtcDateTime

opt_outs: Final = Table(
    "opt_outs",
    metadata,
    # every change of a member's consent, whoever told it; what stands is in `members`
    row_id(),
    Column("member_id", String(ID_LENGTH), nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String(ID_LENGTH), nullable=False),
    id_check("member_id"),
    Index(None, "member_id"),
)

erasures: Final = Table(
    "erasures",
    metadata,
    # one row a member and request that found something; never with an id once it is complete
    row_id(),
    # keyed hash of the member id, by which a second request and late events are known
    Column("digest", String(64), nullable=False),
    Column("erased_at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("reason", Text),
    Column("counts", JsonText, nullable=False),
    # campaigns and phases whose stored scorecards were computed with the member's identity
    Column("phases", JsonText, nullable=False),
    # what the archive still has under which id; none once the archive equals the database
    Column("pending", JsonText),
    Column("completed_at", UtcDateTime),
    # late events are discarded up to here; none to take them as those of somebody new
    Column("suppressed_until", UtcDateTime),
    Column("late_events", BigInteger, nullable=False, server_default="0"),
    written_by(),
    CheckConstraint("length(digest) = 64", name="digest_length"),
    CheckConstraint("late_events >= 0", name="late_events_range"),
    Index(None, "digest"),
    Index(None, "written_by"),
)

erased_members: Final = Table(
    "erased_members",
    metadata,
    # to which household a pseudonym belongs, so that a household's results stay what they were
    Column("pseudonym", String(ID_LENGTH), primary_key=True),
    Column("household_id", String(ID_LENGTH), nullable=False),
    id_check("household_id"),
    Index(None, "household_id"),
)

access_log: Final = Table(
    "access_log",
    metadata,
    # who read, exported or erased rows of single members; appended to, and shortened by retention
    row_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(ID_LENGTH), nullable=False),
    Column("action", String(32), nullable=False),
    # keyed hash of the member id; none where the rows were of many
    Column("digest", String(64)),
    Column("detail", JsonText),
    Index(None, "at"),
    Index(None, "digest"),
)
