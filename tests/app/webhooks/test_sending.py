"""The rules of sending webhooks, to a receiver that takes, fails, is slow, closes and redirects."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import orjson
import pytest

from app.settings import LogFormat, Settings
from app.webhooks.endpoints import put_webhook, send_dead_again, send_test
from app.webhooks.sending import LEASED_FOR, Sender
from app.webhooks.thread import SendingThread
from app.wiring import open_log
from experiments.store.engine import reading, writing
from experiments.store.webhook_endpoints import find_endpoint
from experiments.store.webhooks import announce, lease, read_deliveries
from experiments.webhooks import MOST_ATTEMPTS, DeliveryState, EventKind, signature_of
from tests.app.webhooks.receiver import Receiver, receiving, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler

    from sqlalchemy import Engine

    from experiments.webhooks import Delivery

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """Give the moment."""
        return self.now


@dataclass
class Shop:
    """A store with one endpoint, a receiver behind it, and whoever sends to it."""

    engine: Engine
    receiver: Receiver
    clock: Clock
    sender: Sender
    secret: str
    log: StringIO

    def tell(self, count: int = 1) -> list[str | None]:
        """Announce some events."""
        with writing(self.engine) as connection:
            return [
                announce(connection, EventKind.GRANT_REDEEMED, {"grant_id": str(n)}, self.clock())
                for n in range(count)
            ]

    def send(self) -> int:
        """Attempt what is due, and give how many attempts there were."""
        begun = 0
        while some := self.sender.begin_due():
            begun += some
            assert self.sender.wait(60)
        return begun

    def deliveries(self) -> tuple[Delivery, ...]:
        """Give all deliveries."""
        with reading(self.engine) as connection:
            return read_deliveries(connection, limit=100)

    def told(self) -> Delivery:
        """Give the only delivery."""
        (found,) = self.deliveries()
        return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Give a receiver that takes everything."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def shop(engine: Engine, receiver: Receiver) -> Shop:
    """Give a store with an endpoint for everything."""
    clock, log = Clock(), StringIO()
    kept = put_webhook(engine, "shop", receiver.url, [], NOW, any_address=True)
    settings = Settings(log_format=LogFormat.JSON)
    sender = Sender(engine, open_log(settings, log), clock, any_address=True, timeout_s=2)
    assert kept.secret is not None
    return Shop(engine, receiver, clock, sender, kept.secret, log)


def test_a_message_is_posted_once_and_signed(shop: Shop) -> None:
    """As JSON, with id, time and signature, to path and query; then it is delivered."""
    (message_id,) = shop.tell()
    assert shop.send() == 1
    ((headers, body),) = shop.receiver.got
    assert headers["webhook-id"] == message_id
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = signature_of(shop.secret, str(message_id), int(NOW.timestamp()), body)
    assert headers["webhook-signature"] == signed
    assert headers["content-type"] == "application/json"
    assert orjson.loads(body)["type"] == "grant.redeemed"
    told = shop.told()
    assert (told.state, told.attempts, told.last_status) == (DeliveryState.DELIVERED, 1, 200)
    shop.clock.now += timedelta(days=4)
    assert shop.send() == 0


def test_a_failure_is_tried_again_under_the_same_id(shop: Shop) -> None:
    """At a later time, with a signature of its own."""
    answers = iter([500, 404, 204])
    shop.receiver.answer = lambda request: reply(request, next(answers))
    (message_id,) = shop.tell()
    for _ in range(3):
        assert shop.send() == 1
        assert shop.send() == 0
        shop.clock.now = shop.told().next_attempt_at or shop.clock.now
    assert shop.receiver.ids() == [message_id] * 3
    assert len({headers["webhook-signature"] for headers, _ in shop.receiver.got}) == 3
    assert (shop.told().state, shop.told().attempts) == (DeliveryState.DELIVERED, 3)


def test_after_three_days_it_is_a_dead_letter(shop: Shop) -> None:
    """With the last fault; sent again only when asked for."""
    shop.receiver.answer = lambda request: reply(request, 500)
    shop.tell()
    while shop.send():
        shop.clock.now = shop.told().next_attempt_at or shop.clock.now
    told = shop.told()
    assert (told.state, told.attempts, told.last_fault) == (
        DeliveryState.DEAD, MOST_ATTEMPTS, "answered 500",
    )  # fmt: skip
    assert timedelta(days=3) < shop.clock.now - NOW < timedelta(days=4)
    assert "webhook_dead" in shop.log.getvalue()
    shop.receiver.answer = lambda request: reply(request, 200)
    assert send_dead_again(shop.engine, "shop", shop.clock()) == 1
    assert shop.send() == 1
    assert shop.told().state is DeliveryState.DELIVERED


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["3600", "Sun, 01 Mar 2026 13:00:00 GMT"])
def test_an_endpoint_is_given_the_time_that_it_asks_for(
    shop: Shop, status: int, after: str
) -> None:
    """Retry-After in seconds, or as a moment."""
    shop.receiver.answer = lambda request: reply(request, status, Retry_After=after)
    shop.tell()
    shop.send()
    assert shop.told().next_attempt_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("after", ["soon", "-5", "Sun, 01 Mar 2020 13:00:00 GMT", "٣", ""])
def test_what_is_no_time_to_come_again_is_not_heard(shop: Shop, after: str) -> None:
    """The schedule holds."""

    def refuse(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(f"HTTP/1.1 503 No\r\nRetry-After: {after}\r\n\r\n".encode())

    shop.receiver.answer = refuse
    shop.tell()
    shop.send()
    due = shop.told().next_attempt_at
    assert due is not None
    assert NOW + timedelta(seconds=5) <= due <= NOW + timedelta(seconds=6)


def test_an_endpoint_that_is_gone_is_disabled(shop: Shop) -> None:
    """410: the message is dead, and nothing more is sent or kept for it."""
    shop.receiver.answer = lambda request: reply(request, 410)
    shop.tell()
    shop.send()
    assert shop.told().state is DeliveryState.DEAD
    with reading(shop.engine) as connection:
        endpoint = find_endpoint(connection, "shop")
    assert endpoint is not None
    assert "410" in (endpoint.disabled_because or "")
    assert shop.tell() == [None]


def test_a_redirect_is_not_followed(shop: Shop) -> None:
    """The endpoint has to be given its new address."""
    shop.receiver.answer = lambda request: reply(request, 307, Location=shop.receiver.url)
    shop.tell()
    shop.send()
    assert len(shop.receiver.got) == 1
    assert "redirect" in (shop.told().last_fault or "")


def _hang(request: BaseHTTPRequestHandler) -> None:
    time.sleep(4)
    reply(request, 200)


def _drip(request: BaseHTTPRequestHandler) -> None:
    for _ in range(40):
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.wfile.flush()
        time.sleep(0.1)


def _close(request: BaseHTTPRequestHandler) -> None:
    request.connection.close()


def _babble(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"hello\r\n\r\n")


def _flood(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        request.wfile.write(b"X-%d: %s\r\n" % (number, b"a" * 100))


@pytest.mark.parametrize("fault", [_hang, _drip, _close, _babble, _flood])
def test_whatever_an_endpoint_does_is_a_failure_within_its_time(
    shop: Shop, fault: type[BaseHTTPRequestHandler]
) -> None:
    """No answer, an endless one, none at all, one that is no HTTP, too many headers."""
    shop.receiver.answer = fault  # type: ignore[assignment]  # the functions above
    shop.tell()
    began = time.monotonic()
    assert shop.send() == 1
    assert time.monotonic() - began < 20
    told = shop.told()
    assert (told.state, told.attempts, told.last_status) == (DeliveryState.PENDING, 1, None)
    assert told.last_fault


def test_a_long_body_of_an_answer_is_not_read(shop: Shop) -> None:
    """Only its head counts."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"a" * 9_999
        )

    shop.receiver.answer = answer
    shop.tell()
    shop.send()
    assert shop.told().state is DeliveryState.DELIVERED


def test_nobody_listens(shop: Shop) -> None:
    """A refused connection is a failure like any other."""
    put_webhook(shop.engine, "shop", "http://127.0.0.1:9/", [], NOW, any_address=True)
    shop.tell()
    shop.send()
    assert shop.told().last_fault == "Connection refused"


def test_a_slow_endpoint_does_not_keep_others_waiting(shop: Shop) -> None:
    """Others are told while it is waited for."""
    with receiving() as slow:
        slow.answer = _hang
        put_webhook(shop.engine, "slow", slow.url, [], NOW, any_address=True)
        shop.tell(20)
        began = time.monotonic()
        deadline = began + 60
        while len(shop.receiver.got) < 20 and time.monotonic() < deadline:
            shop.sender.begin_due()
            time.sleep(0.01)
        assert len(slow.got) <= 4
        assert shop.sender.wait(60)
    assert len(set(shop.receiver.ids())) == 20


def test_the_own_network_is_not_asked(shop: Shop) -> None:
    """Unless the operator allows it; nothing is connected."""
    careful = Sender(shop.engine, open_log(Settings(), StringIO()), shop.clock, any_address=False)
    shop.tell()
    assert careful.begin_due() == 1
    assert careful.wait(60)
    assert shop.receiver.got == []
    assert "not on the internet" in (shop.told().last_fault or "")


def test_senders_at_once_send_every_message_once(shop: Shop) -> None:
    """As long as their leases hold."""
    log = open_log(Settings(), StringIO())
    others = [Sender(shop.engine, log, shop.clock, any_address=True) for _ in range(3)]
    ids = shop.tell(40)
    deadline = time.monotonic() + 60
    while len(shop.receiver.got) < 40 and time.monotonic() < deadline:
        for one in others:
            one.begin_due()
    assert all(one.wait(60) for one in others)
    assert sorted(shop.receiver.ids()) == sorted(map(str, ids))


def test_who_is_killed_between_sending_and_writing_it_down_sends_it_again(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """At least once: another process sends the same id once the lease is over."""
    started = tmp_path_factory.mktemp("killed") / "started"

    def slow(request: BaseHTTPRequestHandler) -> None:
        started.touch()
        time.sleep(1)
        reply(request, 200)

    shop.receiver.answer = slow
    (message_id,) = shop.tell()
    shop.clock.now = NOW
    script = (
        "import sys; from datetime import datetime, UTC; from io import StringIO\n"
        "from app.settings import Settings; from app.wiring import open_log\n"
        "from app.webhooks.sending import Sender\n"
        "from experiments.store.engine import open_engine\n"
        "now = datetime.fromisoformat(sys.argv[2])\n"
        "sender = Sender(open_engine(sys.argv[1]), open_log(Settings(), StringIO()), lambda: now, "
        "any_address=True)\n"
        "sender.begin_due(); sender.wait(60)"
    )
    url = shop.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", script, url, NOW.isoformat()]
    ) as process:
        shop.receiver.wait_for(1)
        os.kill(process.pid, signal.SIGKILL)
    assert shop.told().state is DeliveryState.PENDING
    assert shop.send() == 0  # it may still be on its way
    shop.clock.now = NOW + LEASED_FOR
    shop.receiver.answer = lambda request: reply(request, 200)
    assert shop.send() == 1
    assert shop.receiver.ids() == [message_id] * 2
    assert shop.told().state is DeliveryState.DELIVERED


def test_what_was_sent_too_late_to_be_written_down_is_not(shop: Shop) -> None:
    """Another holder has the message by then, and says what came of it."""

    def taken_over(request: BaseHTTPRequestHandler) -> None:
        late = NOW + LEASED_FOR
        with writing(shop.engine) as connection:
            lease(connection, "other", late, late + LEASED_FOR, most=1, each=1)
        reply(request, 200)

    shop.receiver.answer = taken_over
    shop.tell()
    shop.send()
    assert shop.told().state is DeliveryState.PENDING


def test_a_serving_process_sends_by_itself(shop: Shop) -> None:
    """What is announced goes out at once, and the thread ends when it is told to."""
    log = open_log(Settings(), StringIO())
    thread = SendingThread(shop.engine, log, shop.clock, any_address=True)
    thread.begin()
    shop.tell(3)
    shop.receiver.wait_for(3)
    send_test(shop.engine, "shop", NOW)
    shop.receiver.wait_for(4)
    thread.stop()
    shop.tell()
    time.sleep(0.3)
    assert len(shop.receiver.got) == 4
