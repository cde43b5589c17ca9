"""The faults of `experiments`, and nothing about how a face words or numbers them.

::

    ExperimentError
    ├── InvalidValues            values that a rule refuses; carries one Problem per field
    │   ├── LaunchRefused        a campaign that may not start yet
    │   └── UnsafeChange         a change that would invalidate a running phase
    ├── UnknownKey               something is named that does not exist
    │   ├── UnknownCampaign
    │   ├── UnknownVariant
    │   ├── UnknownMember
    │   ├── UnknownProgramme     none is set yet
    │   ├── UnknownTemplate      no kind of campaign to start from
    │   ├── UnknownMetricKey     no metric of the business's own, nor a built-in one
    │   ├── UnknownGrant         the ledger has no grant with this id
    │   └── UnknownQuarantined   the quarantine has no item with this number
    ├── Conflict                 it exists, but not in a state that allows this
    │   ├── CampaignExists
    │   ├── IllegalMove
    │   ├── NotLaunched          there is no such phase to analyse
    │   ├── MetricInUse          campaigns that are not over name it
    │   ├── NobodyAssigned       the campaign assigns nobody at this moment
    │   ├── StaleCampaign        somebody else changed it meanwhile
    │   ├── AlreadySettled       the quarantined item is open no more
    │   ├── RecomputeBusy        another process computes the programme
    │   └── MemberErased         nothing is kept of the member for the time being
    ├── Overloaded               more work at once than this process takes on
    └── StoreError               the database cannot do its work
        ├── MalformedDatabaseUrl
        ├── DatabaseMissing
        ├── DatabaseLocked
        ├── DatabaseFull         there is no room on its disk
        ├── DatabaseFailed       its file cannot be read or written
        ├── QueryTimedOut        a statement ran longer than the database allows
        ├── SchemaOutdated
        ├── SchemaNewer
        ├── UnreadableDocument  what is stored is refused by the rules of this version
        └── ArchiveError         the archive cannot be read or extended
            ├── MalformedArchiveUrl
            ├── ArchiveMissing   there is none at the address
            ├── ArchiveBusy      another process works on it
            ├── ArchiveMismatch  it and the database do not belong together any more
            └── ArchiveDamaged   a file of it is missing or altered
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that was refused.

    Attributes:
        field: Path of the field, as the sender wrote it: ``variants[1].planned_share``.
        value: What came, as it came (faces shorten it).
        message: What is wrong with it.
        way_out: What would be accepted.
    """

    field: str
    value: object
    message: str
    way_out: str = ""

    def __str__(self) -> str:
        """Give the problem as one sentence, with its field and its way out."""
        sentence = f"{self.field}: {self.message} (got {shortened(self.value)})"
        return f"{sentence}. {self.way_out}" if self.way_out else sentence


def shortened(value: object, limit: int = 80) -> str:
    """Give `value` as it would be typed, cut to `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


class ExperimentError(Exception):
    """Any fault that this package raises on purpose."""


class InvalidValues(ExperimentError):
    """Values that a rule refuses; nothing was stored."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class LaunchRefused(InvalidValues):
    """A campaign that may not start yet; the problems say what is missing."""


class UnsafeChange(InvalidValues):
    """A change to a running phase that would make its results unreadable."""


class UnknownKey(ExperimentError):
    """Something is named that does not exist."""

    kind = "key"

    def __init__(self, key: str, known: Sequence[str] = (), within: str = "") -> None:
        self.key = key
        self.known = tuple(known)
        place = f" in campaign {within!r}" if within else ""
        hint = f"; known: {', '.join(self.known)}" if self.known else ""
        super().__init__(f"There is no {self.kind} {shortened(key)}{place}{hint}.")


class UnknownCampaign(UnknownKey):
    """No campaign has this key."""

    kind = "campaign"


class UnknownTemplate(UnknownKey):
    """No kind of campaign to start from has this name."""

    kind = "template"


class UnknownMetricKey(UnknownKey):
    """No metric has this key."""

    kind = "metric"


class UnknownVariant(UnknownKey):
    """The campaign has no variant with this key."""

    kind = "variant"


class UnknownMember(UnknownKey):
    """No member has this id."""

    kind = "member"


class UnknownProgramme(UnknownKey):
    """Nobody has described the programme yet."""

    def __init__(self) -> None:
        ExperimentError.__init__(
            self,
            "No programme is set. Set it with `tierlift programme set FILE` or PUT /v1/programme.",
        )


class UnknownGrant(UnknownKey):
    """The ledger has no grant with this id."""

    kind = "grant"


class UnknownQuarantined(UnknownKey):
    """The quarantine has no item with this number."""

    kind = "quarantined item"


class Conflict(ExperimentError):
    """The thing exists, but not in a state that allows this."""


class MetricInUse(Conflict):
    """A metric cannot be deleted while campaigns that are not over name it."""

    def __init__(self, key: str, campaigns: Sequence[str]) -> None:
        self.campaigns = tuple(campaigns)
        super().__init__(
            f"The metric {shortened(key)} is named by {', '.join(self.campaigns)}; take it out of "
            "these, or stop or archive them, first."
        )


class CampaignExists(Conflict):
    """A campaign with this key exists already."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"A campaign {key!r} exists already. Choose another key, or update that one."
        )


class IllegalMove(Conflict):
    """A move that the campaign's state does not allow."""

    def __init__(self, campaign: str, state: str, move: str, legal: Sequence[str]) -> None:
        self.campaign, self.state, self.move, self.legal = campaign, state, move, tuple(legal)
        allowed = ", ".join(self.legal) or "none: this state is final"
        super().__init__(
            f"Campaign {campaign!r} is {state}, so it cannot {move}. Moves it can make: {allowed}."
        )


class NotLaunched(Conflict):
    """A scorecard was asked for of a campaign, or a phase of it, that never started."""

    def __init__(self, campaign: str, phase: int | None, phases: int) -> None:
        self.campaign, self.phase = campaign, phase
        message = (
            f"Campaign {campaign!r} has no phase {phase}; it has phases 1 to {phases}."
            if phases
            else f"Campaign {campaign!r} was never launched, so there is nothing to analyse. "
            f"Launch it first: tierlift campaign launch {campaign}."
        )
        super().__init__(message)


class NobodyAssigned(Conflict):
    """All members were to be assigned in a campaign that assigns nobody at this moment."""

    def __init__(self, campaign: str, reason: str) -> None:
        self.campaign, self.reason = campaign, reason
        super().__init__(
            f"Campaign {campaign!r} assigns nobody now: {reason.replace('_', ' ')}. Nothing was "
            "written. Assign while it runs, or ask for everyone with the reason."
        )


class StaleCampaign(Conflict):
    """Somebody else changed the campaign between reading and writing it."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            f"Campaign {key!r} was changed by somebody else meanwhile. Read it again and retry."
        )


class AlreadySettled(Conflict):
    """A quarantined item was replayed or discarded before."""

    def __init__(self, number: int, state: str, by: str, way_out: str) -> None:
        self.number, self.state, self.by = number, state, by
        super().__init__(f"Item {number} of the quarantine was {state} by {by}. {way_out}")


class MemberErased(Conflict):
    """Something was to be kept of a member who was erased a short while ago."""

    def __init__(self, member_id: str) -> None:
        self.member_id = member_id
        super().__init__(
            f"The member {shortened(member_id)} was erased, and what arrives late is discarded for "
            "the time being. If somebody joined anew under this id, take events again with "
            "`tierlift member readmit ID`."
        )


class Overloaded(ExperimentError):
    """More work at once than this process takes on; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "This process has as much in work as it takes on; nothing was stored. Send it again in "
            "a second, and then after longer and longer pauses."
        )


class RecomputeBusy(Conflict):
    """Another process computes the programme of this database."""

    def __init__(self, waited_s: float) -> None:
        self.waited_s = waited_s
        waited = f" after {waited_s:g} s" if waited_s else ""
        super().__init__(
            f"Another process still computes the programme{waited}; this one changed nothing. "
            "Try again once it is done."
        )


class StoreError(ExperimentError):
    """The database cannot do its work; nothing was stored."""


class MalformedDatabaseUrl(StoreError):
    """A database address that cannot be understood."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database address {url!r} cannot be used: {reason}. "
            "Write sqlite:///path/to/tierlift.db or postgresql://user:password@host:5432/name."
        )


class DatabaseMissing(StoreError):
    """There is no database at the address, or nothing answers there."""

    def __init__(self, url: str, reason: str, way_out: str) -> None:
        self.url, self.reason, self.way_out = url, reason, way_out
        super().__init__(f"There is no usable database at {url}: {reason}. {way_out}")


class DatabaseLocked(StoreError):
    """Another process kept the database locked for longer than the busy timeout."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} stayed locked by another process ({reason}); nothing was stored. "
            "Try again, or find the process that holds a transaction open."
        )


class DatabaseFull(StoreError):
    """There is no room for what was to be written; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} has no room left ({reason}); nothing was stored. "
            "Make room on its disk; then what was refused can be sent again."
        )


class DatabaseFailed(StoreError):
    """The file of the database cannot be read or written; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} could not be read or written ({reason}); nothing was stored. "
            "See whether its disk has room, works and may be written to, then try again."
        )


class QueryTimedOut(StoreError):
    """A statement ran longer than the database allows; its transaction was undone."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The database {url} stopped a statement ({reason}); nothing was stored. "
            "Try again when it is less busy, or send less at once."
        )


class SchemaOutdated(StoreError):
    """The database has an older schema than this version needs."""

    def __init__(self, url: str, found: str | None, needed: str) -> None:
        self.url, self.found, self.needed = url, found, needed
        super().__init__(
            f"The database {url} has {f'schema {found}' if found else 'no schema yet'}; "
            f"this version needs {needed}. Run `tierlift db upgrade`."
        )


class SchemaNewer(StoreError):
    """The database has a schema that this version does not know."""

    def __init__(self, url: str, found: str, known: str) -> None:
        self.url, self.found, self.known = url, found, known
        super().__init__(
            f"The database {url} has schema {found}, which this version (up to {known}) does not "
            "know. Install the newer Tierlift that made it."
        )


class UnreadableDocument(StoreError):
    """A stored document that this version's rules refuse; nobody who asks can mend it."""

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"The stored {what} cannot be read by this version: {reason}.")


class ArchiveError(StoreError):
    """The archive cannot be read or extended; it is as it was before."""


class MalformedArchiveUrl(ArchiveError):
    """An archive address that cannot be understood or used."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The archive address {url!r} cannot be used: {reason}. "
            "Write a folder, such as var/archive, or an object store's s3://bucket/folder."
        )


class ArchiveMissing(ArchiveError):
    """There is no archive at the address."""

    def __init__(self, location: str, way_out: str) -> None:
        self.location, self.way_out = location, way_out
        super().__init__(f"There is no archive at {location}. {way_out}")


class ArchiveBusy(ArchiveError):
    """Another process works on an archive of this database."""

    def __init__(self, waited_s: float) -> None:
        self.waited_s = waited_s
        waited = f" after {waited_s:g} s" if waited_s else ""
        super().__init__(
            f"Another process still works on the archive{waited}; this one changed nothing. "
            "Try again later, or wait for it with --wait SECONDS."
        )


class ArchiveMismatch(ArchiveError):
    """The archive and the database do not belong together any more."""

    def __init__(self, location: str, reason: str) -> None:
        self.location, self.reason = location, reason
        super().__init__(
            f"The archive at {location} was not made from this database as it is now: {reason}. "
            "Correct TIERLIFT_ARCHIVE_URL or TIERLIFT_DATABASE_URL. If the database was restored "
            "or moved, make the archive anew from it with `tierlift archive rebuild`."
        )


class ArchiveDamaged(ArchiveError):
    """A file of the archive is missing, altered or not readable."""

    def __init__(self, location: str, file: str, reason: str) -> None:
        self.location, self.file, self.reason = location, file, reason
        super().__init__(
            f"The archive at {location} is damaged: {file} {reason}. Put the file back from a "
            "copy, or make the archive anew from the database with `tierlift archive rebuild`."
        )
