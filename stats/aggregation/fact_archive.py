"""Facts of one phase among those of others: the files of a columnar archive.

An archive holds everybody's conversions, and assignments with all attributes; what one analysis
reads of them is cut out by the engine, in a stream. The relations that come of it are those of
`facts`, row by row what a database would have handed over.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactArchive:
    """Where the facts of one phase lie, and what of them is read; checked when an engine opens it.

    Files may be none at all: nothing has been archived of that kind yet.

    Attributes:
        exposures: Files with the exposures of the phase.
        assignments: Files with its assignments: `unit_id`, `variant`, `member_id`, `assigned_at`,
            `attributes` (JSON object as text).
        conversions: Files with the conversions of everybody.
        households: File with `member_id` and `household_id` as they are now; `None` without any.
        events: Names of the conversions that are read.
        by_household: Whether the unit is the household. A member then belongs to the one that
            their first exposure named, and one who was never exposed to the one known now.
        assigned: Whether assigned units count.
        segments: Attributes that are read of assigned units, as text.
        exposures_elsewhere: Files with the exposures to other campaigns, and their `campaign_key`.
        events_elsewhere: Names of events that somebody has had by the analysis time.
    """

    exposures: tuple[str, ...]
    assignments: tuple[str, ...]
    conversions: tuple[str, ...]
    households: str | None
    events: tuple[str, ...]
    by_household: bool = False
    assigned: bool = False
    segments: tuple[str, ...] = ()
    exposures_elsewhere: tuple[str, ...] = ()
    events_elsewhere: frozenset[str] = frozenset()
