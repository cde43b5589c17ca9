"""What may go wrong in this package; `app.errors` draws the tree."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from experiments import errors as domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


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


class PermissionMissing(AccessRefused):
    """Somebody who is signed in, and whose role may not do this."""

    def __init__(self, needed: str, role: str, roles: Iterable[str]) -> None:
        self.needed, self.role, self.roles = needed, role, tuple(roles)
        super().__init__(
            f"This needs the permission {needed}, which the role {role} does not have; "
            f"{' and '.join(self.roles)} have it. Ask an administrator."
        )


class SignInRefused(AccessRefused):
    """No sign-in: which of address and password was wrong is never said.

    Attributes:
        until: When the next password is tried, after too many wrong ones.
    """

    def __init__(self, until: datetime | None = None) -> None:
        self.until = until
        super().__init__(
            "The address or the password is wrong."
            if until is None
            else "Too many wrong passwords. Try again in a quarter of an hour."
        )


class IdentityFault(StrEnum):
    """Why somebody whom the identity provider sent was not signed in."""

    EXPIRED = "expired"
    DENIED = "denied"
    UNPROVEN = "unproven"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    NO_ROLE = "no_role"
    DISABLED = "disabled"


_IDENTITY: Final = {
    IdentityFault.EXPIRED: "The sign-in took too long, or was begun in another browser.",
    IdentityFault.DENIED: "The identity provider let nobody in.",
    IdentityFault.UNPROVEN: "What the identity provider sent does not prove who somebody is.",
    IdentityFault.UNVERIFIED: "The identity provider has not verified the e-mail address.",
    IdentityFault.UNKNOWN: "There is no user with this e-mail address.",
    IdentityFault.TAKEN: "The user with this e-mail address is linked with another account.",
    IdentityFault.NO_ROLE: "The identity provider gives this account no role here.",
    IdentityFault.DISABLED: "The user is disabled.",
}


class IdentityRefused(AccessRefused):
    """No sign-in by the identity provider.

    Attributes:
        fault: Why.
        reason: What the log is to tell besides; never shown to a person.
    """

    def __init__(self, fault: IdentityFault, reason: str = "") -> None:
        self.fault, self.reason = fault, reason
        super().__init__(_IDENTITY[fault])


class ProviderUnavailable(AppError):
    """An identity provider that cannot be had, or that is not what was set.

    Attributes:
        reason: For the log.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The identity provider cannot be reached at the moment.")


class UnknownSnapshot(AppError):
    """A scorecard that was never stored."""

    def __init__(self, campaign: str, snapshot: str | None) -> None:
        self.campaign, self.snapshot = campaign, snapshot
        way_out = "Compute one first: open its results, or run `tierlift report`."
        named = "no scorecard yet" if snapshot is None else f"no scorecard {snapshot[:64]!r}"
        super().__init__(f"The campaign {campaign!r} has {named}. {way_out}")


class SnapshotOutdated(AppError):
    """A scorecard whose facts are not the same any more, so that its rows cannot be had."""

    def __init__(self, campaign: str, snapshot: str) -> None:
        self.campaign, self.snapshot = campaign, snapshot
        super().__init__(
            f"The rows behind the scorecard {snapshot[:12]} of {campaign!r} cannot be put together "
            "any more: facts from before it arrived since, members were erased, or another version "
            "computed it. The scorecard stands. Compute a new one (open the results, or run "
            "`tierlift report`), and export that."
        )


class RowsElsewhere(AppError):
    """Facts that lie in tables of another system, where their rows are to be had."""

    def __init__(self, campaign: str) -> None:
        self.campaign = campaign
        super().__init__(
            f"The facts of {campaign!r} are read from declared tables (TIERLIFT_ANALYSIS_RELATIONS)"
            ", so there are no rows to export here. Take them from those tables."
        )


class FormExpired(AppError):
    """A form that was not sent from a page of ours, or too long after it was opened."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing was stored: you are no longer signed in as when the form was opened, or the "
            "form came from elsewhere. Open the page again."
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


class UserExists(domain.Conflict):
    """Somebody has this address already."""

    def __init__(self, email: str) -> None:
        super().__init__(f"A user with the address {email!r} exists already. Change that one.")


class LastAdministrator(domain.Conflict):
    """Nobody would be left who lets others in."""

    def __init__(self, email: str) -> None:
        super().__init__(
            f"{email} is the only administrator who can sign in. Make another administrator first."
        )


class OwnRole(domain.Conflict):
    """Somebody would change their own role, or lock themselves out."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody changes their own role or disables themselves. Ask another administrator."
        )


class UnknownApiKey(domain.UnknownKey):
    """No API key has this id."""

    kind = "API key"


class UnknownUser(domain.UnknownKey):
    """Nobody has this id or address."""

    kind = "user"


class UnknownWebhook(domain.UnknownKey):
    """No webhook has this key."""

    kind = "webhook"


class UnknownMessage(domain.UnknownKey):
    """No message of this id goes to the webhook."""

    kind = "message"


class CatalogueStale(AppError):
    """The campaigns that a process knows are older than may be answered from."""

    def __init__(self, age_s: float) -> None:
        super().__init__(
            f"The database last confirmed the campaigns {age_s:.0f} s ago. This process needs no "
            "restart: it is ready as soon as the database answers it."
        )


class StartRefused(AppError):
    """A server that cannot start; the message says why and what would do."""
