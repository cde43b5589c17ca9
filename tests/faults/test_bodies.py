"""Bodies that no client of ours would send, at every address that reads one."""

from __future__ import annotations

import shutil
import socket
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
import pytest

from tests.app.serving import RunningServer, started
from tests.faults.shop import OFFERED, PATIENCE_S, Shop, open_shop, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ORDER: Final = {"conversion_id": "c-1", "member_id": "ada", "event": ""}
"""Refused for its event, so that nothing is stored for the other tests to find."""

ADDRESSES: Final = {
    "/ofrep/v1/evaluate/flags": "POST",
    f"/ofrep/v1/evaluate/flags/{OFFERED}": "POST",
    "/v1/exposures": "POST",
    "/v1/conversions": "POST",
    "/v1/campaigns": "POST",
    f"/v1/campaigns/{OFFERED}/pause": "POST",
    "/v1/programme": "PUT",
    "/v1/members/ada": "PUT",
}

BODIES: Final[dict[str, tuple[bytes, set[int]]]] = {
    "nothing": (b"", {400, 422}),
    "no JSON": (b"{", {400}),
    "invalid UTF-8": (b'{"context": {"targetingKey": "\xff\xfe"}}', {400}),
    "half a character": (b'{"context": {"targetingKey": "\\ud800"}}', {400, 422}),
    "a NUL": (b'{"context": {"targetingKey": "a\\u0000b"}}', {400, 422}),
    "deep lists": (b"[" * 100_000 + b"]" * 100_000, {400}),
    "deep objects": (b'{"context":' * 50_000 + b"1" + b"}" * 50_000, {400}),
    "deep within": (
        b'{"context": {"targetingKey": "m", "x": ' + b"[" * 800 + b"]" * 800 + b"}}",
        {200, 400},
    ),
    "an endless number": (
        b'{"context": {"targetingKey": "m", "n": ' + b"9" * 5_000 + b"}}",
        {400, 422},
    ),
    "text": (b'"context"', {400, 422}),
    "a null": (b"null", {400, 422}),
    "no object within": (b'{"context": []}', {400, 422}),
    "10 MB": (b" " * 10_000_000, {413}),
    "100,000 items": (b"[" + b"{}," * 99_999 + b"{}]", {400, 422}),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, sqlite_template: str) -> Iterator[Shop]:
    """Give one shop for all of these: nothing that is sent here changes it."""
    path = tmp_path_factory.mktemp("bodies") / "tierlift.db"
    shutil.copyfile(sqlite_template, path)
    shop = open_shop(f"sqlite:///{path}")
    yield shop
    shop.engine.dispose()


@pytest.fixture(scope="module")
def server(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Give a server on it."""
    with started(shop.settings, tmp_path_factory.mktemp("bodies-log") / "log") as server:
        yield server


@pytest.fixture(scope="module")
def client(shop: Shop, server: RunningServer) -> Iterator[httpx.Client]:
    """Give a client with a key that may do everything."""
    headers = {**shop.headers, "Content-Type": "application/json"}
    with httpx.Client(base_url=server.address, headers=headers, timeout=PATIENCE_S) as client:
        yield client


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (address, kind)
        for address in ADDRESSES
        for kind in BODIES
        if not (address.endswith("/pause") and kind == "nothing")  # a move needs no body
    ],
)
def test_a_body_that_makes_no_sense_is_refused(
    client: httpx.Client, shop: Shop, address: str, kind: str
) -> None:
    """The sender is told, never with 500, nothing is stored, and the server goes on."""
    body, statuses = BODIES[kind]
    answer = client.request(ADDRESSES[address], address, content=body)
    assert answer.status_code in statuses, answer.text
    if answer.is_error and "/ofrep/" in address:
        assert answer.json()["errorCode"], answer.text
    elif answer.is_error:
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert shop.conversion_ids() == shop.exposure_senders() == []
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_sender_that_goes_half_way_changes_nothing(
    client: httpx.Client, shop: Shop, server: RunningServer, address: str
) -> None:
    """Neither with a length nor in chunks, more often than the server has threads."""
    for head in ("Content-Length: 1000", "Transfer-Encoding: chunked"):
        for _ in range(9):
            begun(shop, server, address, head).close()
    assert client.get("/readyz").status_code == 200
    assert client.get(f"/v1/campaigns/{OFFERED}").json()["state"] == "running"
    assert shop.conversion_ids() == shop.exposure_senders() == []


@pytest.mark.parametrize("address", ["/ofrep/v1/evaluate/flags", "/v1/campaigns"])
def test_a_slow_sender_is_answered_and_holds_up_nobody(
    client: httpx.Client, shop: Shop, server: RunningServer, address: str
) -> None:
    """While a body drips, others are answered, and the slow one is answered at its end."""
    with ExitStack() as opened:
        slow = opened.enter_context(begun(shop, server, address, "Content-Length: 40"))
        for _ in range(19):
            slow.sendall(b" ")
            time.sleep(0.005)
            assert client.get("/healthz").status_code == 200
        slow.sendall(b" " * 19)
        assert slow.recv(1_000).startswith(b"HTTP/1.1 4")


def test_many_slow_senders_leave_a_thread_to_others(shop: Shop, tmp_path: Path) -> None:
    """More of them than there are threads: offers go on, and who comes with a body is told when.

    Once they have gone, everything is as it was.
    """
    settings = replace(shop.settings, workers=1)
    with started(settings, tmp_path / "log") as server, ExitStack() as opened:
        client = opened.enter_context(
            httpx.Client(base_url=server.address, headers=shop.headers, timeout=PATIENCE_S)
        )
        path = f"/v1/members/ada/offer?campaign={OFFERED}"
        assert client.get(path).status_code == 200
        with ExitStack() as slow:
            for _ in range(3 * settings.threads):
                slow.enter_context(begun(shop, server, "/v1/conversions", "Content-Length: 40"))
            began = time.monotonic()
            for _ in range(50):
                assert client.get(path).status_code == 200
            assert time.monotonic() - began < PATIENCE_S / 3
            refused = client.post("/v1/conversions", json=ORDER)
            assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
            assert refused.json()["type"] == "urn:tierlift:problem:overloaded"
        wait_until(
            lambda: client.post("/v1/conversions", json=ORDER).status_code == 422,
            "bodies are read again",
        )


def begun(shop: Shop, server: RunningServer, path: str, head: str) -> socket.socket:
    """Give a connection on which a request and two bytes of its body were sent."""
    address = urlsplit(server.address)
    connection = socket.create_connection((address.hostname, address.port or 80), PATIENCE_S)
    body = b"2\r\n{ \r\n" if "chunked" in head else b"{ "
    lines = [
        f"{ADDRESSES[path]} {path} HTTP/1.1",
        f"Host: {address.netloc}",
        f"Authorization: {shop.headers['Authorization']}",
        "Content-Type: application/json",
        head,
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection
