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
    InvalidSettings              (in `app.settings`: settings are read before anything else)

`ANSWERS` maps every fault of `experiments` and of this package to a status and a problem type of
RFC 9457; `explain` applies it. The web framework is not known here: `app.api.problems` renders.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from experiments import errors as domain
from experiments.document import problems_of
from stats.errors import EngineUnavailable, InvalidDeclaration, InvalidFacts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VALUE_LIMIT: Final = 80
ERRORS_LIMIT: Final = 100
RETRY_AFTER_S: Final = 1
FULL_RETRY_AFTER_S: Final = 30


class AppError(Exception):
    """Any fault that this package raises on purpose."""


class RequestRefused(AppError):
    """A request that was not understood; nothing was stored."""


class Language(StrEnum):
    """What a body may be written in."""

    JSON = "JSON"
    YAML = "YAML"
    GZIP = "gzip"


class MalformedBody(RequestRefused):
    """A body that is not what its content type says.

    Attributes:
        language: What it should be.
        reason: What is wrong, without a full stop.
        line: Line of the fault, from 1; None where there is no single place.
        column: Column of the fault, from 1.
    """

    def __init__(
        self, language: Language, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.language, self.reason, self.line, self.column = language, reason, line, column
        place = f" at line {line}, column {column}" if line is not None else ""
        super().__init__(f"The body is not valid {language}{place}: {reason}.")


class UnsupportedMediaType(RequestRefused):
    """A body in a form that this address does not read."""

    def __init__(self, came: str, accepted: Sequence[str], header: str = "Content-Type") -> None:
        self.came, self.accepted, self.header = came, tuple(accepted), header
        arrived = f"came as {domain.shortened(came)}" if came else "came without one"
        super().__init__(
            f"The body's {header} is not read here (it {arrived}). Send {' or '.join(accepted)}."
        )


class BodyTooLarge(RequestRefused):
    """A body that is longer than the server reads, perhaps only once it is decompressed."""

    def __init__(self, limit: int, *, decompressed: bool = False) -> None:
        self.limit = limit
        which = "The body, decompressed," if decompressed else "The body"
        super().__init__(
            f"{which} is larger than {limit} bytes. Send less at once: split a list into several "
            "requests, or let the operator raise TIERLIFT_MAX_BODY_BYTES."
        )


class AccessRefused(AppError):
    """A request by somebody who may not make it."""


class KeyRefused(AccessRefused):
    """No API key, or one that opens nothing; the key itself is never part of the message."""


class MissingScope(AccessRefused):
    """A valid key without the permission that is needed."""

    def __init__(self, needed: str, granted: Iterable[str]) -> None:
        self.needed, self.granted = needed, tuple(granted)
        super().__init__(
            f"This API key lacks the scope {needed}; it has {', '.join(self.granted) or 'none'}. "
            f"Use a key with that scope: `tierlift keys create NAME --scope {needed}`."
        )


class MemberTokenMissing(AccessRefused):
    """A request with a browser key that does not say whose page it is for."""

    def __init__(self) -> None:
        super().__init__(
            "A browser key reads only the member whom a member token names, and none came. Let "
            "your backend sign one, and send it in the header X-Tierlift-Member."
        )


class MemberTokenRefused(AccessRefused):
    """A member token that proves nothing; the token itself is never part of the message."""


class MemberMismatch(AccessRefused):
    """A request for another member than the member token names."""

    def __init__(self) -> None:
        super().__init__(
            "The request is about another member than the claim sub of the member token names. Ask "
            "for that member, or send the token that your backend signed for this one."
        )


class RateLimited(AccessRefused):
    """More requests than the key may make.

    Attributes:
        retry_after_s: Whole seconds after which one more is allowed.
        headers: What tells a client about its rate, `Retry-After` included.
    """

    def __init__(
        self, limit: int, retry_after_s: int, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.limit, self.retry_after_s, self.headers = limit, retry_after_s, headers
        super().__init__(
            f"This API key makes more requests than it may: {limit} a second in one process of the "
            f"server. Try again after {retry_after_s} s; the operator makes a key with a higher "
            "rate with `tierlift keys create NAME --scope SCOPE --rate N`."
        )


class MemberKeysUnavailable(AppError):
    """The public keys that member tokens are checked with cannot be had; the message says why."""


class UnknownApiKey(domain.UnknownKey):
    """No API key has this id."""

    kind = "API key"


class CatalogueStale(AppError):
    """The campaigns that a process knows are older than may be answered from."""

    def __init__(self, age_s: float) -> None:
        super().__init__(
            f"The database last confirmed the campaigns {age_s:.0f} s ago. This process needs no "
            "restart: it is ready as soon as the database answers it."
        )


class StartRefused(AppError):
    """A server that cannot start; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How one kind of fault is answered.

    Attributes:
        name: Last part of the problem type, documented in ``docs/reference/errors.md``.
        status: HTTP status.
        title: The same short sentence for every fault of this kind.
        detail: What is said in place of the fault's own message, which names addresses that only
            the operator may see; None says the message.
        retry_after_s: Seconds after which trying again makes sense; None says nothing.
    """

    name: str
    status: int
    title: str
    detail: str | None = None
    retry_after_s: int | None = None

    @property
    def type(self) -> str:
        """The problem type: an identifier, not an address to visit."""
        return f"urn:tierlift:problem:{self.name}"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One value that was refused, ready to be shown.

    Attributes:
        field: Path of the field, as the sender wrote it: ``variants[1].planned_share``.
        value: What came; text is cut, and a list or an object is given as text.
        message: What is wrong with it.
        way_out: What would be accepted.
    """

    field: str
    value: str | float | bool | None
    message: str
    way_out: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A fault as somebody else may read it."""

    answer: Answer
    detail: str
    errors: tuple[FieldError, ...] = ()


INTERNAL: Final = Answer("internal", 500, "The server failed.")
MALFORMED: Final = Answer("malformed-body", 400, "The body cannot be read.")
UNREACHABLE: Final = (
    "The database cannot be reached, so nothing was stored. Try again; the operator finds the "
    "reason in the log, under this trace id."
)

ANSWERS: Final[dict[type[object], Answer]] = {
    # -- app
    MalformedBody: MALFORMED,
    UnsupportedMediaType: Answer("unsupported-media-type", 415, "The body's form is not read."),
    BodyTooLarge: Answer("body-too-large", 413, "The body is too large."),
    KeyRefused: Answer("key-refused", 401, "A valid API key is required."),
    MissingScope: Answer("missing-scope", 403, "The API key lacks a scope."),
    MemberTokenMissing: Answer("member-token-missing", 401, "A member token is required."),
    MemberTokenRefused: Answer("member-token-refused", 401, "The member token is not accepted."),
    MemberMismatch: Answer("member-mismatch", 403, "The member token is of another member."),
    RateLimited: Answer("rate-limited", 429, "The API key makes too many requests.", None, 1),
    CatalogueStale: Answer(
        "catalogue-stale",
        503,
        "The campaigns that are known are too old.",
        retry_after_s=RETRY_AFTER_S,
    ),
    MemberKeysUnavailable: Answer(
        "member-keys-unavailable",
        503,
        "Member tokens cannot be checked.",
        "The public keys that member tokens are checked with cannot be had. Try again; the "
        "operator finds the reason in the log, under this trace id.",
        retry_after_s=5,
    ),
    # -- values
    ValidationError: Answer("invalid-values", 422, "Some values are refused."),
    domain.InvalidValues: Answer("invalid-values", 422, "Some values are refused."),
    domain.LaunchRefused: Answer("launch-refused", 409, "The campaign may not start yet."),
    domain.UnsafeChange: Answer("unsafe-change", 409, "The running phase forbids this change."),
    # -- things that are not there, or not in the right state
    domain.UnknownKey: Answer("unknown-key", 404, "There is nothing with this key."),
    domain.UnknownCampaign: Answer("unknown-campaign", 404, "There is no such campaign."),
    domain.UnknownVariant: Answer("unknown-variant", 404, "There is no such variant."),
    domain.UnknownMember: Answer("unknown-member", 404, "There is no such member."),
    domain.UnknownProgramme: Answer("unknown-programme", 404, "No programme is set."),
    domain.Conflict: Answer("conflict", 409, "The present state does not allow this."),
    domain.CampaignExists: Answer("campaign-exists", 409, "The campaign exists already."),
    domain.IllegalMove: Answer("illegal-move", 409, "The campaign's state forbids this move."),
    domain.NotLaunched: Answer("not-launched", 409, "There is nothing to analyse yet."),
    domain.NobodyAssigned: Answer("nobody-assigned", 409, "The campaign assigns nobody now."),
    domain.StaleCampaign: Answer("stale-campaign", 409, "The campaign was changed meanwhile."),
    # -- too much at once
    domain.Overloaded: Answer(
        "overloaded", 503, "The server has too much in work.", retry_after_s=RETRY_AFTER_S
    ),
    # -- the database
    domain.StoreError: Answer("store-failed", 503, "The database failed.", UNREACHABLE),
    domain.MalformedDatabaseUrl: Answer(
        "database-missing", 503, "The database cannot be reached.", UNREACHABLE
    ),
    domain.DatabaseMissing: Answer(
        "database-missing",
        503,
        "The database cannot be reached.",
        UNREACHABLE,
        retry_after_s=5,
    ),
    domain.DatabaseLocked: Answer(
        "database-locked",
        503,
        "The database is busy.",
        "Another process kept the database locked, so nothing was stored. Try again.",
        retry_after_s=RETRY_AFTER_S,
    ),
    domain.DatabaseFull: Answer(
        "database-full",
        503,
        "The database has no room.",
        "The disk of the database is full, so nothing was stored. The operator must make room. Try "
        "again then.",
        retry_after_s=FULL_RETRY_AFTER_S,
    ),
    domain.QueryTimedOut: Answer(
        "query-timed-out",
        503,
        "The database took too long.",
        "The database stopped a statement that took too long; nothing was stored. Try again, or "
        "send less at once.",
        retry_after_s=RETRY_AFTER_S,
    ),
    # -- where analysis reads and computes
    domain.ArchiveError: Answer(
        "archive-failed",
        503,
        "The archive cannot be read or extended.",
        "The archive that analysis reads failed; it is as it was before. The operator finds the "
        "reason in the log, under this trace id, and with `tierlift archive verify`.",
    ),
    domain.ArchiveBusy: Answer(
        "archive-busy",
        503,
        "The archive is being extended.",
        "Another process works on the archive that analysis reads. Try again.",
        retry_after_s=RETRY_AFTER_S,
    ),
    EngineUnavailable: Answer(
        "engine-unavailable",
        503,
        "The engine that analyses cannot be used.",
        "The engine that computes scorecards is not installed or cannot be reached. The operator "
        "finds the reason in the log, under this trace id.",
    ),
    InvalidFacts: Answer(
        "facts-unusable",
        503,
        "The facts cannot be analysed.",
        "The tables or files that hold the facts are not what was declared. The operator finds the "
        "reason in the log, under this trace id.",
    ),
    InvalidDeclaration: Answer(
        "facts-unusable",
        503,
        "The facts cannot be analysed.",
        "The document that declares where the facts are cannot be used. The operator finds the "
        "reason in the log, under this trace id.",
    ),
    PoolTimeoutError: Answer(
        "database-locked",
        503,
        "The database is busy.",
        "Every connection to the database was in use, so nothing was stored. Try again.",
        retry_after_s=RETRY_AFTER_S,
    ),
    domain.UnreadableDocument: Answer(
        "unreadable-document",
        500,
        "Something stored cannot be read.",
        "A stored document is refused by this version's rules. The operator finds it in the log, "
        "under this trace id.",
    ),
    domain.SchemaOutdated: Answer(
        "schema-outdated",
        503,
        "The database has an older schema.",
        "The database has an older schema than this version needs. The operator must run "
        "`tierlift db upgrade`.",
    ),
    domain.SchemaNewer: Answer(
        "schema-newer",
        503,
        "The database has a newer schema.",
        "The database has a schema that this version does not know. The operator must install the "
        "newer Tierlift that made it.",
    ),
}


def explain(error: Exception) -> Explanation:
    """Give `error` as it may be shown; a fault without a row is our own, and is hidden."""
    answer = answer_for(type(error))
    if answer is INTERNAL:
        return Explanation(
            INTERNAL,
            "The server failed, and nothing can be said here about why. The operator finds the "
            "reason in the log, under this trace id.",
        )
    match error:
        case ValidationError():
            return Explanation(answer, *_refusals(problems_of(error)))
        case domain.InvalidValues():
            return Explanation(answer, *_refusals(error.problems))
        case _:
            return Explanation(answer, answer.detail or str(error))


def answer_for(kind: type[BaseException]) -> Answer:
    """Give the row for a kind of fault, or for the nearest kind above it."""
    for ancestor in kind.__mro__:
        if (answer := ANSWERS.get(ancestor)) is not None:
            return answer
    return INTERNAL


def field_error(problem: domain.Problem) -> FieldError:
    """Give a problem with its value cut to what is worth sending back."""
    return FieldError(
        field=problem.field,
        value=shown_value(problem.value),
        message=problem.message,
        way_out=problem.way_out,
    )


def shown_value(value: object) -> str | float | bool | None:
    """Give a value as JSON can carry it: numbers and short text as they came, all else as text."""
    match value:
        case None | bool():
            return value
        case int() if abs(value) <= 2**53:
            return value
        case str():
            return value if len(value) <= VALUE_LIMIT else f"{value[: VALUE_LIMIT - 1]}…"
        case float() if value - value == 0:  # infinities and NaN are no JSON numbers
            return value
        case _:
            return domain.shortened(value, VALUE_LIMIT)


def _refusals(problems: Sequence[domain.Problem]) -> tuple[str, tuple[FieldError, ...]]:
    errors = tuple(field_error(problem) for problem in problems[:ERRORS_LIMIT])
    first = f"{problems[0].field} {problems[0].message}" if problems else "a value is refused"
    match len(problems):
        case 0 | 1:
            detail = f"{first}. Nothing was stored."
        case count:
            detail = f"{count} values are refused, the first because {first}. Nothing was stored."
    return detail, errors
