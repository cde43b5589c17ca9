"""Says how long a programme keeps what it knows, by kind; without a number, for ever."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from experiments.document import Document

Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]


class Retention(Document):
    """How long each kind of fact is kept.

    Attributes:
        exposures_days: Exposures and assignments of a phase, after its last window has closed.
        conversions_days: Conversions, after they happened.
        quarantine_days: Refused items, after they came, settled or not.
        inactive_members_days: Members without any event; their identity is erased.
        access_log_days: Entries of the access log, and hashes of erased members.
        late_events_days: How long events of an erased member are discarded; 0 for not at all.
    """

    exposures_days: Days | None = None
    conversions_days: Days | None = None
    quarantine_days: Days | None = None
    inactive_members_days: Days | None = None
    access_log_days: Days | None = None
    late_events_days: Annotated[int, Field(strict=True, ge=0, le=3_660)] = 90
