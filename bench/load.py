"""Sends requests over kept-alive connections as fast as they are answered, and counts.

It knows just enough HTTP to count complete answers: a request is bytes made beforehand, an answer
is its status and its length. That costs some 15 microseconds, a fraction of what any Python server
needs; each run also reports the share of a core that the client itself used, and while that stays
below 1 the client was waiting, not the server.

Run as a process of its own: ``python load.py PORT CONNECTIONS SECONDS`` reads the requests from
standard input, one after another, and gives one JSON object.
"""

from __future__ import annotations

import json
import pickle
import select
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER_END = b"\r\n\r\n"
_LENGTH = b"content-length: "
_OK = b"HTTP/1.1 200"
_CHUNK = 262_144
_SILENCE_S = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests gave.

    Attributes:
        answered: Complete answers, every one of status 200.
        seconds: From the first request to the last answer.
        client_core_share: Processor time of the client over that time.
        median_ms: Half of the answers came within this.
        p99_ms: 99 of 100 answers came within this.
    """

    answered: int
    seconds: float
    client_core_share: float
    median_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds


class Unanswered(Exception):
    """The server gave another status, closed the connection, or fell silent."""


def get(path: str, token: str) -> bytes:
    """Give the bytes of a GET request."""
    return (f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n").encode()


def post(path: str, token: str, body: bytes) -> bytes:
    """Give the bytes of a POST request with a JSON body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def load(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float | None = None,
) -> Load:
    """Send requests from a process of its own.

    Args:
        port: Of this machine.
        requests: In order; begun anew when they are used up, where `seconds` is given.
        connections: How many are open at once, each with one request under way.
        seconds: When to send no more; None sends every request once.

    Raises:
        Unanswered: Something else than 200 came.
    """
    arguments = [sys.executable, str(Path(__file__)), str(port), str(connections)]
    done = subprocess.run(  # noqa: S603  # this very file
        [*arguments, str(seconds or 0)],
        input=pickle.dumps(list(requests)),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise Unanswered(done.stderr.decode())
    return Load(**json.loads(done.stdout))


class _Connection:
    __slots__ = ("awaited", "began", "received", "socket", "status")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_SILENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.awaited = 0
        self.began = 0.0
        self.received = 0

    def send(self, request: bytes) -> None:
        self.awaited = self.received = 0
        self.began = perf_counter()
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read what came and say whether the answer is complete."""
        came = self.socket.recv(_CHUNK)
        if not self.awaited:
            end = came.find(_HEADER_END)
            start = came.lower().find(_LENGTH, 0, end) if end > 0 else -1
            if start < 0 or not came.startswith(_OK):
                raise Unanswered(came[:2_000].decode(errors="replace") or "connection closed")
            length = came[start + len(_LENGTH) : came.find(b"\r", start)]
            self.awaited = end + len(_HEADER_END) + int(length)
        elif not came:
            message = "connection closed within an answer"
            raise Unanswered(message)
        self.received += len(came)
        return self.received >= self.awaited


def drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    """Send requests from this process; arguments and errors as for `load`."""
    opened = {one.socket.fileno(): one for one in (_Connection(port) for _ in range(connections))}
    poll = select.epoll()
    for number in opened:
        poll.register(number, select.EPOLLIN)
    times: list[float] = []
    sent, underway, count = 0, 0, len(requests)
    began, used = perf_counter(), process_time()
    until = began + seconds if seconds else float("inf")
    most = sys.maxsize if seconds else count
    for connection in opened.values():
        if sent < most:
            connection.send(requests[sent % count])
            sent, underway = sent + 1, underway + 1
    while underway:
        ready = poll.poll(_SILENCE_S)
        if not ready:
            message = f"no answer within {_SILENCE_S} seconds"
            raise Unanswered(message)
        for number, _ in ready:
            connection = opened[number]
            if not connection.is_answered():
                continue
            now = perf_counter()
            times.append(now - connection.began)
            if now < until and sent < most:
                connection.send(requests[sent % count])
                sent += 1
            else:
                underway -= 1
    elapsed, busy = perf_counter() - began, process_time() - used
    times.sort()
    return Load(
        answered=len(times),
        seconds=elapsed,
        client_core_share=busy / elapsed,
        median_ms=times[len(times) // 2] * 1_000,
        p99_ms=times[len(times) * 99 // 100] * 1_000,
    )


if __name__ == "__main__":
    result = drive(
        int(sys.argv[1]),
        pickle.loads(sys.stdin.buffer.read()),  # noqa: S301  # what `load` above wrote
        int(sys.argv[2]),
        float(sys.argv[3]),
    )
    print(json.dumps(asdict(result)))
