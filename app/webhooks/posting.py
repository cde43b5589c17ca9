"""Posts one message, once: what the endpoint answered, or why it did not.

Nothing that an endpoint does can cost more than the time and the few bytes allowed: it has so many
seconds for everything, redirects are not followed, and of the answer only the head is read. Proxies
of the environment are not used: they would be asked for addresses that were not looked at.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.webhooks.addresses import AddressRefused, addresses_of

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S: Final = 15.0
"""For everything, from the connection to the head of the answer."""

OK, ENDS_OK, GONE = 200, 300, 410

_REASONS: Final = {
    301: "a redirect, which is not followed: give the endpoint its new address",
    302: "a redirect, which is not followed: give the endpoint its new address",
    307: "a redirect, which is not followed: give the endpoint its new address",
    308: "a redirect, which is not followed: give the endpoint its new address",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt.

    Attributes:
        status: HTTP status; None where none came.
        fault: What went wrong, in words; None where the message was taken.
        retry_after: How long the endpoint asks to wait; None where it says nothing.
    """

    status: int | None = None
    fault: str | None = None
    retry_after: timedelta | None = None

    @property
    def is_taken(self) -> bool:
        """Whether the endpoint has the message."""
        return self.fault is None

    @property
    def is_gone(self) -> bool:
        """Whether it wants no message any more."""
        return self.status == GONE


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
    *,
    any_address: bool,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Post a message to an address that `check_endpoint` has let pass.

    Args:
        url: Absolute.
        body: JSON.
        headers: Those that sign it.
        now: By which an answer's moment to come again is read, aware UTC.
        any_address: Whether addresses of the own network are allowed.
        timeout_s: For everything but looking up the name.
    """
    parts = urlsplit(url)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        addresses = addresses_of(host, port, any_address=any_address)
    except AddressRefused as refused:
        return Answer(fault=str(refused))
    kind = _Secure if is_secure else _Plain
    connection = kind(host, port, addresses, timeout_s)
    # a timeout of a socket is for one piece: whoever sends a byte a second would keep us for ever
    end = Timer(timeout_s, connection.cut)
    end.start()
    try:
        connection.request("POST", target, body, {
            "Content-Type": "application/json", "User-Agent": "Tierlift-Webhooks", **headers,
        })  # fmt: skip
        response = connection.getresponse()
        after = _retry_after(response.getheader("Retry-After"), now)
        return Answer(response.status, _fault(response.status), after)
    except (OSError, HTTPException, ValueError) as error:
        if connection.is_cut or isinstance(error, TimeoutError):
            return Answer(fault=f"no answer within {timeout_s:g} s")
        return Answer(fault=_reason(error))
    finally:
        end.cancel()
        connection.close()


class _Plain(HTTPConnection):
    """A connection to addresses that were looked up before."""

    def __init__(
        self, host: str, port: int, addresses: tuple[tuple[str, int], ...], timeout_s: float
    ) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._addresses = addresses
        self._raw: socket.socket | None = None
        self.is_cut = False

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self.sock = self._raw = _connected(self._addresses, self.timeout)

    def cut(self) -> None:
        """End it, whatever it is doing; called by another thread."""
        self.is_cut = True
        _shut(self._raw)


class _Secure(HTTPSConnection):
    """The same over TLS, where the certificate must be the host's."""

    def __init__(
        self, host: str, port: int, addresses: tuple[tuple[str, int], ...], timeout_s: float
    ) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=timeout_s, context=self._tls)
        self._addresses = addresses
        self._raw: socket.socket | None = None
        self.is_cut = False

    def connect(self) -> None:
        """Connect to the first address that answers."""
        self._raw = raw = _connected(self._addresses, self.timeout)
        try:
            self.sock = self._tls.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise

    def cut(self) -> None:
        """End it, whatever it is doing; called by another thread."""
        self.is_cut = True
        _shut(self.sock if self.sock is not None else self._raw)


def _connected(addresses: tuple[tuple[str, int], ...], timeout_s: float | None) -> socket.socket:
    fault: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection(address, timeout_s)
        except OSError as error:
            fault = error
    raise fault if fault is not None else OSError("no address")


def _shut(raw: socket.socket | None) -> None:
    try:
        if raw is not None:
            raw.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _fault(status: int) -> str | None:
    if OK <= status < ENDS_OK:
        return None
    return f"answered {status}, {_REASONS[status]}" if status in _REASONS else f"answered {status}"


def _reason(error: Exception) -> str:
    """Give why nothing came, without anything that an endpoint wrote."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"its certificate is not accepted: {error.verify_message}"
        case OSError() if error.strerror:
            return error.strerror
        case _:
            return f"no answer in HTTP ({type(error).__name__})"


def _retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Read seconds, or a moment; None where it is neither or has passed."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:10]), 10**7))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    return wait if wait > timedelta() else None
