"""Decides what the business is told over webhooks, to which address, how signed, and how often.

Messages and signatures are those of Standard Webhooks 1.0.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md), so
that receivers verify them with a library that exists. A message is sent until it is taken or three
days have passed; a receiver may therefore get one twice, and tells by its id. Nothing promises an
order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

MAX_URL_LENGTH: Final = 2_048
MAX_ENDPOINTS: Final = 50
"""Every event is kept once for each of them."""

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  # what a secret begins with
_SECRET_BYTES: Final = 32
_FEWEST_BYTES, _MOST_BYTES = 24, 64  # of Standard Webhooks
_OLD_SECRET_FOR: Final = timedelta(days=1)

_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,127}")


class EventKind(StrEnum):
    """What a message tells; its value is the `type` of the message."""

    GRANT_RESERVED = "grant.reserved"
    GRANT_REDEEMED = "grant.redeemed"
    GRANT_REVERSED = "grant.reversed"
    GRANT_EXPIRED = "grant.expired"
    ENROLMENT_CLOSED = "campaign.enrolment_closed"
    CAMPAIGN_CREATED = "campaign.created"
    CAMPAIGN_UPDATED = "campaign.updated"
    CAMPAIGN_PHASE_STARTED = "campaign.phase_started"
    CAMPAIGN_LAUNCHED = "campaign.launched"
    CAMPAIGN_UNSCHEDULED = "campaign.unscheduled"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_RESUMED = "campaign.resumed"
    CAMPAIGN_STOPPED = "campaign.stopped"
    CAMPAIGN_DECIDED = "campaign.decided"
    CAMPAIGN_ARCHIVED = "campaign.archived"
    TEST = "webhook.test"


EVENT_OF_MOVE: Final[Mapping[str, EventKind]] = MappingProxyType(
    {
        "create": EventKind.CAMPAIGN_CREATED,
        "update": EventKind.CAMPAIGN_UPDATED,
        "new_phase": EventKind.CAMPAIGN_PHASE_STARTED,
        "launch": EventKind.CAMPAIGN_LAUNCHED,
        "unschedule": EventKind.CAMPAIGN_UNSCHEDULED,
        "pause": EventKind.CAMPAIGN_PAUSED,
        "resume": EventKind.CAMPAIGN_RESUMED,
        "stop": EventKind.CAMPAIGN_STOPPED,
        "decide": EventKind.CAMPAIGN_DECIDED,
        "archive": EventKind.CAMPAIGN_ARCHIVED,
    }
)
"""What each move that a campaign's history records is told as."""


class DeliveryState(StrEnum):
    """Where the delivery of a message to an endpoint stands.

    PENDING: it is sent, now or later. DELIVERED: the endpoint has taken it. DEAD: it was tried for
    three days, or refused for good, and is sent again only when somebody asks for it.
    """

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


RETRIED_AFTER: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each attempt that failed the next is made, some three days in all: the schedule
that Standard Webhooks recommends."""

MOST_ATTEMPTS: Final = len(RETRIED_AFTER) + 1
JITTER: Final = 0.2
"""Up to this share longer, drawn anew each time: what failed together does not come together."""

LONGEST_RETRY_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that is told.

    Attributes:
        key: The operator's name for it.
        url: Where messages are posted.
        kinds: What it is told; empty for everything.
        secret: Signs what is sent; never shown again.
        old_secret: The one before; it signs, too, until `old_secret_until`.
        created_at: Aware UTC.
        updated_at: Aware UTC.
        disabled_at: Since when nothing is sent; None while it is enabled.
        disabled_because: Why, in words.
    """

    key: str
    url: str
    kinds: frozenset[EventKind]
    secret: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    old_secret: str | None = field(default=None, repr=False)
    old_secret_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_because: str | None = None

    @property
    def is_enabled(self) -> bool:
        """Whether anything is sent to it."""
        return self.disabled_at is None

    def wants(self, kind: EventKind) -> bool:
        """Say whether it is told of such an event; a test is for everybody."""
        return not self.kinds or kind in self.kinds or kind is EventKind.TEST

    def signing_secrets(self, now: datetime) -> tuple[str, ...]:
        """Give the secrets that sign now: two for a day after a change, so that nothing is lost."""
        if self.old_secret and self.old_secret_until and now < self.old_secret_until:
            return (self.secret, self.old_secret)
        return (self.secret,)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to an endpoint.

    Attributes:
        message_id: The same for every attempt and endpoint.
        kind: What it tells.
        attempts: How many were made.
        next_attempt_at: When it is sent again; None once it is settled.
        settled_at: When it was taken, or given up.
        last_status: HTTP status of the last answer; None where none came.
        last_fault: What went wrong last, in words.
    """

    message_id: str
    endpoint: str
    kind: EventKind
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None = None
    settled_at: datetime | None = None
    last_status: int | None = None
    last_fault: str | None = None

    def values(self) -> dict[str, object]:
        """Give it as faces show it, as JSON values."""
        return {
            "message_id": self.message_id,
            "webhook": self.endpoint,
            "kind": self.kind,
            "state": self.state,
            "attempts": self.attempts,
            "created_at": self.created_at,
            "next_attempt_at": self.next_attempt_at,
            "settled_at": self.settled_at,
            "last_status": self.last_status,
            "last_fault": self.last_fault,
        }


def new_secret() -> str:
    """Draw a secret: 256 random bits, as receivers' libraries read it."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def old_secret_until(now: datetime) -> datetime:
    """Give until when a secret that was replaced signs along."""
    return now + _OLD_SECRET_FOR


def new_message_id() -> str:
    """Draw the id of a message; it holds no dot, which separates what is signed."""
    return f"msg_{secrets.token_hex(16)}"


def signature_of(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Give the signature of an attempt: ``v1,`` and HMAC-SHA256 in base64.

    Args:
        secret: ``whsec_`` and base64.
        message_id: The same for every attempt.
        timestamp: Of the attempt, in whole seconds since 1970.
        body: The bytes that are sent.
    """
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers_of(
    secrets_: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Give the headers of an attempt, with a signature by each secret; see `signature_of`."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature_of(secret, message_id, timestamp, body) for secret in secrets_
        ),
    }


def next_attempt(
    attempts: int, now: datetime, *, chance: float, retry_after: timedelta | None = None
) -> datetime | None:
    """Give when a message is sent again, or None where it was sent often enough.

    Args:
        attempts: How many there were, all of them failed.
        now: After the last one.
        chance: A number from 0 up to 1, drawn for this attempt.
        retry_after: What the receiver asked for; it is waited for at least, up to a day.
    """
    if attempts > len(RETRIED_AFTER):
        return None
    wait = RETRIED_AFTER[attempts - 1] * (1 + JITTER * chance)
    if retry_after is not None:
        wait = max(wait, min(retry_after, LONGEST_RETRY_AFTER))
    return now + wait


def check_endpoint(key: str, url: str, secret: str | None, *, any_address: bool) -> None:
    """Refuse an endpoint that could not be told anything.

    Args:
        key: The operator's name for it.
        url: Where messages are posted.
        secret: The operator's own; None where one is drawn.
        any_address: Whether plain HTTP and addresses of the own network are allowed.

    Raises:
        InvalidValues: Everything that is wrong.
    """
    problems = [*_url_problems(url, any_address=any_address)]
    if not _KEY.fullmatch(key):
        message = "is not a key"
        way_out = "Use 1 to 128 lower-case letters, digits, - and _; a letter or digit first."
        problems.append(Problem("key", key, message, way_out))
    if secret is not None and not _is_secret(secret):
        way_out = "Send whsec_ and 24 to 64 random bytes in base64, or nothing to have one drawn."
        problems.append(Problem("secret", "(hidden)", "is no signing secret", way_out))
    if problems:
        raise InvalidValues(problems)


def _url_problems(url: str, *, any_address: bool) -> list[Problem]:
    scheme = "https"
    way_out = f"Send an absolute address like {scheme}://shop.example/webhooks."
    if len(url) > MAX_URL_LENGTH:
        return [Problem("url", url, f"is longer than {MAX_URL_LENGTH} characters", way_out)]
    if not url.isascii() or not url.isprintable() or " " in url:
        return [Problem("url", url, "has a space or a character beyond ASCII", way_out)]
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        return [Problem("url", url, "is no address", way_out)]
    problems = []
    if parts.scheme != scheme and not (any_address and parts.scheme == "http"):
        plain = "The operator may allow plain HTTP with TIERLIFT_WEBHOOK_ANY_ADDRESS=true."
        other = plain if parts.scheme == "http" else way_out
        problems.append(Problem("url", url, f"does not begin with {scheme}://", other))
    if not host:
        problems.append(Problem("url", url, "names no host", way_out))
    if parts.username is not None or parts.password is not None:
        signed = "Leave it out: the signature says who sends."
        problems.append(Problem("url", "(hidden)", "holds a user name or a password", signed))
    if parts.fragment:
        problems.append(Problem("url", url, "has a fragment", "Leave it out: it is never sent."))
    return problems


def _is_secret(secret: str) -> bool:
    if not secret.startswith(SECRET_PREFIX):
        return False
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return _FEWEST_BYTES <= len(key) <= _MOST_BYTES
