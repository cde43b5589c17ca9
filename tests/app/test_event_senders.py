"""Senders that misbehave, against a real server: half a body, a slow one, one that is too large."""

from __future__ import annotations

import shutil
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
from sqlalchemy import text

from app.auth import Scope, create_key
from app.settings import LogFormat, Settings
from experiments.store.engine import open_engine
from tests.app.serving import PATIENCE_S, started

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

PATH = "/v1/conversions"
LINES = "application/x-ndjson"

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """A running server, as the sender of one test sees it.

    Attributes:
        address: Where it answers.
        key: An API key that may send events.
        engine: Its database.
        test: Begins the ids of the test.
    """

    address: str
    key: str
    engine: Engine
    test: str

    def line(self, number: int) -> bytes:
        """Give an order as a line."""
        order = {"conversion_id": f"{self.test}-{number}", "member_id": "m-1", "event": "order"}
        return orjson.dumps(order) + b"\n"

    def post(self, content: bytes) -> httpx.Response:
        """Send a body."""
        headers = {"X-API-Key": self.key, "Content-Type": LINES}
        return httpx.post(
            f"{self.address}{PATH}", content=content, headers=headers, timeout=PATIENCE_S
        )

    def send(self, number: int) -> int:
        """Send one order, and give the status."""
        return self.post(self.line(number)).status_code

    def begun(self, *headers: str) -> socket.socket:
        """Give a connection on which the head of a request was sent."""
        connection = self.connected()
        head = [f"POST {PATH} HTTP/1.1", "Host: x", f"X-API-Key: {self.key}", *headers]
        head.append(f"Content-Type: {LINES}")
        connection.sendall("\r\n".join([*head, "", ""]).encode())
        return connection

    def connected(self) -> socket.socket:
        """Give a connection."""
        address = urlsplit(self.address)
        return socket.create_connection((address.hostname or "", address.port or 80), PATIENCE_S)

    def stored(self) -> list[int]:
        """Give the numbers of the orders of this test that were stored."""
        query = text("SELECT conversion_id FROM conversions WHERE conversion_id LIKE :ids")
        with self.engine.connect() as connection:
            ids = connection.scalars(query, {"ids": f"{self.test}-%"})
            return sorted(int(one.rpartition("-")[2]) for one in ids)

    def quarantined(self) -> int:
        """Give how many items wait."""
        with self.engine.connect() as connection:
            return connection.scalar(text("SELECT count(*) FROM quarantine")) or 0


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[str, Engine]]:
    """Give the address and the database of a server with two processes of two threads."""
    folder = tmp_path_factory.mktemp("senders")
    shutil.copyfile(sqlite_template, folder / "senders.db")
    url = f"sqlite:///{folder / 'senders.db'}"
    settings = Settings(database_url=url, log_format=LogFormat.JSON, workers=2, threads=2)
    engine = open_engine(url)
    with started(settings, folder / "log") as running:
        yield running.address, engine
    engine.dispose()


@pytest.fixture
def place(server: tuple[str, Engine]) -> Place:
    """Give the server to a sender with a key and ids of its own."""
    address, engine = server
    key = create_key(engine, "sender", [Scope.EVENTS_WRITE], datetime.now(UTC))
    return Place(address, key.text, engine, f"t{next(_numbers)}")


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_sender_that_goes_half_way_stores_nothing(
    place: Place,
    is_chunked: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    """Whole lines of a body that was cut off are not taken, and the server goes on."""
    before = place.quarantined()
    part = place.line(1) + place.line(2)[:9]
    for _ in range(6):  # more than the server has threads
        if is_chunked:
            connection = place.begun("Transfer-Encoding: chunked")
            connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        else:
            connection = place.begun("Content-Length: 1000")
            connection.sendall(part)
        connection.close()
    assert place.send(7) == 200
    assert place.stored() == [7]
    assert place.quarantined() == before


def test_a_slow_sender_does_not_hold_up_others(place: Place) -> None:
    """Others are answered while it drips, and it is answered when it has done."""
    body = place.line(1)
    with closing(place.begun(f"Content-Length: {len(body)}")) as slow:
        for byte in body[:-1]:
            slow.sendall(bytes([byte]))
            time.sleep(0.002)
        assert [place.send(number) for number in range(2, 8)] == [200] * 6
        assert place.stored() == list(range(2, 8))
        slow.sendall(body[-1:])
        assert slow.recv(1_000).startswith(b"HTTP/1.1 200")
    assert place.stored() == list(range(1, 8))


@pytest.mark.parametrize(
    ("content", "status"),
    [(b" " * 10_000_000, 413), (b"{}\n" * 100_000, 422)],
    ids=["10 MB", "100,000 items"],
)
def test_a_body_that_is_too_large_is_answered(place: Place, content: bytes, status: int) -> None:
    """In bytes or in items: the sender learns the limit, and the server goes on."""
    before = place.quarantined()
    answer = place.post(content)
    assert answer.status_code == status
    assert "split" in answer.text
    assert place.send(1) == 200
    assert place.stored() == [1]
    assert place.quarantined() == before


def test_what_many_senders_are_told_is_what_is_stored(place: Place) -> None:
    """Each batch comes from several senders at once: accepted once, a duplicate for the rest."""

    def post(batch: int) -> list[str]:
        numbers = range(batch * 50, batch * 50 + 50)
        answer = place.post(b"".join(map(place.line, numbers)))
        assert answer.status_code == 200, answer.text
        return [one["outcome"] for one in answer.json()["results"]]

    with ThreadPoolExecutor(6) as pool:
        told = [outcome for outcomes in pool.map(post, [*range(8)] * 3) for outcome in outcomes]
    assert told.count("accepted") == 400
    assert told.count("duplicate") == 800
    assert place.stored() == list(range(400))


def test_connections_that_send_nothing_do_no_harm(place: Place) -> None:
    """A connection costs no thread before the head of a request is there."""
    with ExitStack() as idle:
        for _ in range(20):
            connection = idle.enter_context(place.connected())
            connection.sendall(b"POST /v1/conversions HTTP/1.1\r\nHost: x\r\n")
        assert [place.send(number) for number in range(4)] == [200] * 4
