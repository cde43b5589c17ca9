"""The faults of `app`, and the one table that says how any fault is answered over HTTP.

::

    AppError
    ├── RequestRefused           a request that was not understood
    │   ├── MalformedBody        the body is not the JSON or YAML that it says it is
    │   ├── UnsupportedMediaType the body is in a form that this address does not read
    │   └── BodyTooLarge         the body is longer than the server reads
    ├── AccessRefused            a request by somebody who may not make it
    │   ├── KeyRefused           no API key, or one that is malformed, unknown or revoked
    │   ├── MissingScope         a valid key without the permission
    │   ├── PermissionMissing    a person whose role may not do this
    │   ├── SignInRefused        an address or a password that is wrong
    │   ├── IdentityRefused      somebody whom the identity provider sent, and who may not enter
    │   ├── MemberTokenMissing   a browser key without the token that names its member
    │   ├── MemberTokenRefused   a member token that proves nothing
    │   ├── MemberMismatch       a member token of somebody else
    │   └── RateLimited          more requests a second than the key may make
    ├── UnknownSnapshot          a scorecard that was never stored
    ├── SnapshotOutdated         a scorecard whose facts are not the same any more
    ├── RowsElsewhere            facts whose rows lie in another system
    ├── FormExpired              a form that no page of ours sent, or one that is too old
    ├── MemberKeysUnavailable    the keys that member tokens are checked with cannot be had
    ├── ProviderUnavailable      the identity provider cannot be had
    ├── CatalogueStale           the campaigns that a process knows are too old to answer from
    └── StartRefused             a server that cannot start; says why and what would do
    UnknownApiKey                (under UnknownKey of `experiments`) no API key has this id
    UserExists                   (under Conflict of `experiments`) somebody has this address
    LastAdministrator            (the same) nobody would be left to let others in
    OwnRole                      (the same) somebody would change what they may do themselves
    UnknownUser                  (under UnknownKey) nobody has this id or address
    UnknownWebhook               (the same) no webhook has this key
    UnknownMessage               (the same) no message of this id goes to the webhook
    InvalidSettings              (in `app.settings`: settings are read before anything else)

`ANSWERS` maps every fault of `experiments` and of this package to a status and a problem type of
RFC 9457; `explain` applies it. The web framework is not known here: `app.api.problems` renders.
"""

from __future__ import annotations

from app.errors.answers import (
    ANSWERS,
    INTERNAL,
    Answer,
    Explanation,
    FieldError,
    answer_for,
    explain,
    field_error,
    shown_value,
)
from app.errors.faults import (
    AccessRefused,
    AppError,
    BodyTooLarge,
    CatalogueStale,
    FormExpired,
    IdentityFault,
    IdentityRefused,
    KeyRefused,
    Language,
    LastAdministrator,
    MalformedBody,
    MemberKeysUnavailable,
    MemberMismatch,
    MemberTokenMissing,
    MemberTokenRefused,
    MissingScope,
    OwnRole,
    PermissionMissing,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    RowsElsewhere,
    SignInRefused,
    SnapshotOutdated,
    StartRefused,
    UnknownApiKey,
    UnknownMessage,
    UnknownSnapshot,
    UnknownUser,
    UnknownWebhook,
    UnsupportedMediaType,
    UserExists,
)

__all__ = [
    "ANSWERS",
    "INTERNAL",
    "AccessRefused",
    "Answer",
    "AppError",
    "BodyTooLarge",
    "CatalogueStale",
    "Explanation",
    "FieldError",
    "FormExpired",
    "IdentityFault",
    "IdentityRefused",
    "KeyRefused",
    "Language",
    "LastAdministrator",
    "MalformedBody",
    "MemberKeysUnavailable",
    "MemberMismatch",
    "MemberTokenMissing",
    "MemberTokenRefused",
    "MissingScope",
    "OwnRole",
    "PermissionMissing",
    "ProviderUnavailable",
    "RateLimited",
    "RequestRefused",
    "RowsElsewhere",
    "SignInRefused",
    "SnapshotOutdated",
    "StartRefused",
    "UnknownApiKey",
    "UnknownMessage",
    "UnknownSnapshot",
    "UnknownUser",
    "UnknownWebhook",
    "UnsupportedMediaType",
    "UserExists",
    "answer_for",
    "explain",
    "field_error",
    "shown_value",
]
