"""Says how any fault is answered over HTTP: status, problem type, sentence, what may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.errors.faults import (
    BodyTooLarge,
    CatalogueStale,
    FormExpired,
    IdentityRefused,
    KeyRefused,
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
    RowsElsewhere,
    SignInRefused,
    SnapshotOutdated,
    UnknownSnapshot,
    UnsupportedMediaType,
    UserExists,
)
from experiments import errors as domain
from experiments.document import problems_of
from stats.errors import EngineUnavailable, InvalidDeclaration, InvalidFacts

if TYPE_CHECKING:
    from collections.abc import Sequence

VALUE_LIMIT: Final = 80
ERRORS_LIMIT: Final = 100
RETRY_AFTER_S: Final = 1
FULL_RETRY_AFTER_S: Final = 30


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
    PermissionMissing: Answer("permission-missing", 403, "The role lacks a permission."),
    SignInRefused: Answer("sign-in-refused", 401, "Nobody was signed in."),
    IdentityRefused: Answer("identity-refused", 401, "Nobody was signed in."),
    ProviderUnavailable: Answer(
        "provider-unavailable",
        503,
        "The identity provider cannot be reached.",
        "Sign in with a password, or try again; the operator finds the reason in the log.",
        retry_after_s=30,
    ),
    FormExpired: Answer("form-expired", 400, "The form is too old."),
    UserExists: Answer("user-exists", 409, "The user exists already."),
    LastAdministrator: Answer("last-administrator", 409, "No administrator would be left."),
    OwnRole: Answer("own-role", 409, "Nobody changes what they may do themselves."),
    UnknownSnapshot: Answer("unknown-snapshot", 404, "There is no such scorecard."),
    SnapshotOutdated: Answer("snapshot-outdated", 409, "The facts have changed since."),
    RowsElsewhere: Answer("rows-elsewhere", 409, "The rows lie in another system."),
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
    domain.UnknownTemplate: Answer("unknown-template", 404, "There is no such template."),
    domain.UnknownMetricKey: Answer("unknown-metric", 404, "There is no such metric."),
    domain.MetricInUse: Answer("metric-in-use", 409, "Campaigns name this metric."),
    domain.Conflict: Answer("conflict", 409, "The present state does not allow this."),
    domain.CampaignExists: Answer("campaign-exists", 409, "The campaign exists already."),
    domain.IllegalMove: Answer("illegal-move", 409, "The campaign's state forbids this move."),
    domain.NotLaunched: Answer("not-launched", 409, "There is nothing to analyse yet."),
    domain.NobodyAssigned: Answer("nobody-assigned", 409, "The campaign assigns nobody now."),
    domain.MemberErased: Answer("member-erased", 409, "The member was erased."),
    domain.StaleCampaign: Answer("stale-campaign", 409, "The campaign was changed meanwhile."),
    domain.RecomputeBusy: Answer("recompute-busy", 409, "Another process computes the programme."),
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
