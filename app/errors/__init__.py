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
    │   ├── MemberTokenMissing   a browser key without the token that names its member
    │   ├── MemberTokenRefused   a member token that proves nothing
    │   ├── MemberMismatch       a member token of somebody else
    │   └── RateLimited          more requests a second than the key may make
    ├── MemberKeysUnavailable    the keys that member tokens are checked with cannot be had
    ├── CatalogueStale           the campaigns that a process knows are too old to answer from
    └── StartRefused             a server that cannot start; says why and what would do
    UnknownApiKey                (under UnknownKey of `experiments`) no API key has this id
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
    KeyRefused,
    Language,
    MalformedBody,
    MemberKeysUnavailable,
    MemberMismatch,
    MemberTokenMissing,
    MemberTokenRefused,
    MissingScope,
    RateLimited,
    RequestRefused,
    StartRefused,
    UnknownApiKey,
    UnknownMessage,
    UnknownWebhook,
    UnsupportedMediaType,
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
    "KeyRefused",
    "Language",
    "MalformedBody",
    "MemberKeysUnavailable",
    "MemberMismatch",
    "MemberTokenMissing",
    "MemberTokenRefused",
    "MissingScope",
    "RateLimited",
    "RequestRefused",
    "StartRefused",
    "UnknownApiKey",
    "UnknownMessage",
    "UnknownWebhook",
    "UnsupportedMediaType",
    "answer_for",
    "explain",
    "field_error",
    "shown_value",
]
