"""A receiver of webhooks: a real HTTP server that answers as it is told."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass
class Receiver:
    """What a receiver got, and how it answers.

    Attributes:
        url: Where it listens.
        answer: Answers one request.
        got: Headers and body of each request, in the order of arrival.
    """

    url: str = ""
    answer: Callable[[BaseHTTPRequestHandler], None] = lambda request: reply(request, 200)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def ids(self) -> list[str]:
        """Give the ids of the messages that came."""
        return [headers["webhook-id"] for headers, _ in self.got]

    def wait_for(self, count: int) -> None:
        """Wait until so many requests have come."""
        deadline = time.monotonic() + 60
        while len(self.got) < count:
            assert time.monotonic() < deadline, f"only {len(self.got)} came"
            time.sleep(0.02)


def reply(request: BaseHTTPRequestHandler, status: int, **headers: str) -> None:
    """Answer with a status and headers, whose names have _ for -."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", "0")
    request.end_headers()


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Give a receiver on a free port of this machine."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.got.append((headers, body))
            self.close_connection = True
            try:
                receiver.answer(self)
            except OSError:
                return  # the sender did not wait

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks?shop=1"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
