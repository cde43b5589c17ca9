"""A request and an answer as the front has them: what an endpoint needs, read when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from app.errors import BodyTooLarge, Language, MalformedBody
from experiments.errors import InvalidValues, Problem

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from app.auth import AdmittedKey

JSON: Final = "application/json"

MAX_LOCALE_LENGTH: Final = 64

_CHUNK: Final = 65_536
_MAX_LANGUAGES_LENGTH: Final = 256


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        body: The whole of it; empty for an answer without one.
        headers: Those of this answer; the front adds what every answer carries.
        media_type: Of the body.
    """

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = JSON


class Call:
    """A request.

    Attributes:
        method: In capitals.
        path: Decoded.
        trace_id: The id under which it is logged and answered.
        now: When it came, aware UTC.
        key: The API key that it was admitted with; None before that.
        member_id: The only member that it may speak of; None for a key of a server.
        told: Headers that tell the caller what is left of the key's rate.
    """

    __slots__ = (
        "_environ",
        "_limit",
        "key",
        "member_id",
        "method",
        "now",
        "path",
        "told",
        "trace_id",
    )

    def __init__(
        self, environ: dict[str, Any], *, path: str, trace_id: str, now: datetime, limit: int
    ) -> None:
        """Read from a WSGI environment, and of the body at most `limit` bytes."""
        self._environ = environ
        self._limit = limit
        self.method: str = environ["REQUEST_METHOD"]
        self.path = path
        self.trace_id = trace_id
        self.now = now
        self.key: AdmittedKey | None = None
        self.member_id: str | None = None
        self.told: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """Give a header, by the name that WSGI gives it (``ACCEPT_LANGUAGE``); empty for none."""
        if name in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            return str(self._environ.get(name, ""))
        return str(self._environ.get(f"HTTP_{name}", ""))

    def languages(self, wanted: object = None) -> str:
        """Give the locales asked for: `wanted` where it is a tag, else the header's.

        What is longer than anybody writes is cut: answers are kept by it.
        """
        if isinstance(wanted, str) and 0 < len(wanted) <= MAX_LOCALE_LENGTH:
            return wanted
        return self.header("ACCEPT_LANGUAGE")[:_MAX_LANGUAGES_LENGTH]

    def has_nul_query(self) -> bool:
        """Say whether the query string holds a NUL character, which no database could keep."""
        return "%00" in self._environ.get("QUERY_STRING", "")

    def query(self, known: Collection[str]) -> dict[str, str]:
        """Give the parameters of the query string.

        Raises:
            InvalidValues: One is not known, or stands twice.
        """
        raw = self._environ.get("QUERY_STRING", "")
        if not raw:
            return {}
        pairs = parse_qsl(raw, keep_blank_values=True)
        found = dict(pairs)
        problems = [
            Problem(name, found[name], "is not a parameter", f"Known: {', '.join(known)}.")
            for name in found
            if name not in known
        ]
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            problems += [
                Problem(
                    name,
                    ", ".join(value for other, value in pairs if other == name),
                    "stands more than once",
                    "Keep one of it.",
                )
                for name in found
                if names.count(name) > 1
            ]
        if problems:
            raise InvalidValues(problems)
        return found

    def body(self) -> bytes:
        """Give the body, all of it.

        Raises:
            BodyTooLarge: It is longer than the setting allows; the rest is not read.
            MalformedBody: It ended before the length that was announced.
        """
        environ = self._environ
        stream = environ["wsgi.input"]
        announced = environ.get("CONTENT_LENGTH") or ""
        if announced.isdecimal():
            length = int(announced)
            if length > self._limit:
                raise BodyTooLarge(self._limit)
            body: bytes = stream.read(length) if length else b""
            while len(body) < length and (more := stream.read(length - len(body))):
                body += more
            if len(body) < length:
                reason = f"it ended after {len(body)} of {length} bytes"
                raise MalformedBody(Language.JSON, reason)
            return body
        if not environ.get("wsgi.input_terminated"):
            return b""
        parts: list[bytes] = []
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > self._limit:
                raise BodyTooLarge(self._limit)
            parts.append(chunk)
        return b"".join(parts)
