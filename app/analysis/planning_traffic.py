"""Says how many members come newly each day, measured on the latest four weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from experiments.store.engine import reading
from experiments.store.traffic import count_active_members

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

OBSERVED: Final = timedelta(days=28)
"""As long as a campaign of the templates: regulars count once in it, as they do there."""


def members_per_day(engine: Engine, now: datetime) -> float:
    """Give the members who ordered or were active in the latest four weeks, over its days.

    Raises:
        DatabaseMissing: The database is absent or does not answer.
    """
    with reading(engine) as connection:
        return count_active_members(connection, now - OBSERVED, now) / OBSERVED.days
