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
    │   ├── UnknownQuarantined   the quarantine has no item with this number
    │   ├── UnknownItem          the campaign's checklist has no such item
    │   ├── UnknownApproval      no approval of the campaign was asked for under this number
    │   ├── UnknownDraft         no form of a campaign has this id
    │   ├── UnknownMemo          no such version of a decision memo
    │   └── UnknownShareLink     the campaign has no share link with this id
    ├── Conflict                 it exists, but not in a state that allows this
    │   ├── CampaignExists
    │   ├── IllegalMove
    │   ├── NotLaunched          there is no such phase to analyse
    │   ├── MetricInUse          campaigns that are not over name it
    │   ├── NobodyAssigned       the campaign assigns nobody at this moment
    │   ├── StaleCampaign        somebody else changed it meanwhile
    │   ├── DraftChanged         somebody else changed the same step of a form
    │   ├── MemoChanged          somebody else wrote the next version of a decision memo
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

from experiments.errors.archive import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveError,
    ArchiveMismatch,
    ArchiveMissing,
    MalformedArchiveUrl,
)
from experiments.errors.conflict import (
    AlreadySettled,
    CampaignExists,
    Conflict,
    DraftChanged,
    IllegalMove,
    MemberErased,
    MemoChanged,
    MetricInUse,
    NobodyAssigned,
    NotLaunched,
    RecomputeBusy,
    StaleCampaign,
)
from experiments.errors.database import (
    DatabaseFailed,
    DatabaseFull,
    DatabaseLocked,
    DatabaseMissing,
    MalformedDatabaseUrl,
    QueryTimedOut,
    SchemaNewer,
    SchemaOutdated,
    StoreError,
    UnreadableDocument,
)
from experiments.errors.fault import ExperimentError, Overloaded
from experiments.errors.unknown import (
    UnknownApproval,
    UnknownCampaign,
    UnknownDraft,
    UnknownGrant,
    UnknownItem,
    UnknownKey,
    UnknownMember,
    UnknownMemo,
    UnknownMetricKey,
    UnknownProgramme,
    UnknownQuarantined,
    UnknownShareLink,
    UnknownTemplate,
    UnknownVariant,
)
from experiments.errors.values import InvalidValues, LaunchRefused, Problem, UnsafeChange, shortened

__all__ = [
    "AlreadySettled",
    "ArchiveBusy",
    "ArchiveDamaged",
    "ArchiveError",
    "ArchiveMismatch",
    "ArchiveMissing",
    "CampaignExists",
    "Conflict",
    "DatabaseFailed",
    "DatabaseFull",
    "DatabaseLocked",
    "DatabaseMissing",
    "DraftChanged",
    "ExperimentError",
    "IllegalMove",
    "InvalidValues",
    "LaunchRefused",
    "MalformedArchiveUrl",
    "MalformedDatabaseUrl",
    "MemberErased",
    "MemoChanged",
    "MetricInUse",
    "NobodyAssigned",
    "NotLaunched",
    "Overloaded",
    "Problem",
    "QueryTimedOut",
    "RecomputeBusy",
    "SchemaNewer",
    "SchemaOutdated",
    "StaleCampaign",
    "StoreError",
    "UnknownApproval",
    "UnknownCampaign",
    "UnknownDraft",
    "UnknownGrant",
    "UnknownItem",
    "UnknownKey",
    "UnknownMember",
    "UnknownMemo",
    "UnknownMetricKey",
    "UnknownProgramme",
    "UnknownQuarantined",
    "UnknownShareLink",
    "UnknownTemplate",
    "UnknownVariant",
    "UnreadableDocument",
    "UnsafeChange",
    "shortened",
]
