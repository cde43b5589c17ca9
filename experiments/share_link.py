"""Decides how long a link to a report may be read, and whether it can be read now.

Whoever holds the link reads one stored snapshot, and nothing else. That its maker may still use
Tierlift, the use case looks up (`experiments.sharing`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.errors import Problem

if TYPE_CHECKING:
    from datetime import datetime

USUAL_TIME: Final = timedelta(days=14)
LONGEST_TIME: Final = timedelta(days=90)
LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class ShareOrder:
    """What a link is wanted for.

    Attributes:
        snapshot_hash: Of the one scorecard that it shows.
        language: In which it is read.
        expires_at: Aware UTC.
        note: Whom it is for, for those who look after the links; may be empty.
    """

    snapshot_hash: str
    language: str
    expires_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link by which people without an account read one report.

    Attributes:
        link_id: Names it; the secret in its address is kept nowhere.
        created_by: Actor: ``user ID``, ``key ID`` or the person at the command line.
        read_at: When it was last read; None before the first time.
    """

    link_id: str
    campaign: str
    phase: int
    snapshot_hash: str
    language: str
    note: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    read_at: datetime | None = None
    times_read: int = 0

    def is_open_at(self, now: datetime) -> bool:
        """Say whether it is neither revoked nor over."""
        return self.revoked_at is None and now < self.expires_at


def order_problems(order: ShareOrder, now: datetime) -> list[Problem]:
    """Say what keeps a link from being made, at each field."""
    problems = []
    if order.expires_at <= now:
        problems.append(
            Problem("expires_at", order.expires_at.isoformat(), "lies in the past",
                    f"Give a moment within the next {LONGEST_TIME.days} days.")
        )  # fmt: skip
    elif order.expires_at > now + LONGEST_TIME:
        problems.append(
            Problem("expires_at", order.expires_at.isoformat(), "is too far away",
                    f"A link works for at most {LONGEST_TIME.days} days; make another one then.")
        )  # fmt: skip
    if len(order.note) > LONGEST_NOTE:
        problems.append(
            Problem("note", order.note, "is too long", f"Use at most {LONGEST_NOTE} characters.")
        )
    if "\0" in order.note:
        problems.append(Problem("note", order.note, "holds a NUL character", "Remove it."))
    return problems
