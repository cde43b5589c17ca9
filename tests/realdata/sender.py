"""Speaks HTTP with Tierlift as a frontend and a backend do: kept connections, a few threads."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

THREADS: Final = 4
TIMEOUT_S: Final = 60

Given = TypeVar("Given")
Taken = TypeVar("Taken")


class Refused(Exception):
    """Tierlift answered with something else than success."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the JSON body, and the header that names its version."""

    status: int
    etag: str | None
    body: dict[str, Any]


class Client:
    """Sends requests with one key, over connections that are kept until it is closed."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key}"}
        self._idle: SimpleQueue[HTTPConnection] = SimpleQueue()

    def __enter__(self) -> Self:
        """Give the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        while not self._idle.empty():
            self._idle.get().close()

    def send(self, method: str, path: str, body: object = None) -> Answer:
        """Send a request and give the answer.

        Raises:
            Refused: It was not a success.
        """
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
        content = None if body is None else json.dumps(body).encode()
        form = {} if body is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, body=content, headers=self._headers | form)
            answer = connection.getresponse()
            read = answer.read()
        finally:
            self._idle.put(connection)
        if answer.status not in {200, 201}:
            message = f"{method} {path}: {answer.status} {read.decode()[:2000]}"
            raise Refused(message)
        return Answer(answer.status, answer.getheader("ETag"), json.loads(read))

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self.send("GET", path)

    def put(self, path: str, body: object) -> Answer:
        """Send something under its name."""
        return self.send("PUT", path, body)

    def post(self, path: str, body: object = None) -> Answer:
        """Send something."""
        return self.send("POST", path, body)


def in_threads(action: Callable[[Given], Taken], items: Iterable[Given]) -> list[Taken]:
    """Do something for each item, several at a time, and give what came, in the items' order."""
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(action, items))


def in_batches(items: Sequence[Given], size: int) -> list[Sequence[Given]]:
    """Cut a list into lists of at most this size."""
    return [items[start : start + size] for start in range(0, len(items), size)]
