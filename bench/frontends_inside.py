"""Asks the application itself, without a server, by processor time."""

from __future__ import annotations

import io
from time import process_time
from typing import TYPE_CHECKING, Any, Final

from frontends_requests import context_of
from frontends_store import campaign_key
from measurement import Subject

from app.api import build
from app.settings import LogLevel, Settings
from app.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from frontends_store import Club

IN_PROCESS: Final = 1_000


def evaluations_inside(
    club: Club, members: Sequence[str], *, remembered: int, single_name: str, bulk_name: str
) -> list[Subject]:
    """Give single and bulk evaluation by the application itself, per second of processor time."""
    ask = _application(club, remembered=remembered)
    contexts = [context_of(one) for one in members]
    single, bulk = f"/ofrep/v1/evaluate/flags/{campaign_key(0)}", "/ofrep/v1/evaluate/flags"
    return [
        Subject(single_name, _timed(lambda body: ask("POST", single, body), contexts)),
        Subject(bulk_name, _timed(lambda body: ask("POST", bulk, body), contexts), (single_name,)),
    ]


def offers_inside(club: Club, members: Sequence[str], remembered: int) -> Callable[[int], float]:
    """Give a run of offers by the application itself, per second of processor time."""
    ask = _application(club, remembered=remembered)
    return _timed(lambda one: ask("GET", f"/v1/members/{one}/offer", b""), members)


def _timed(ask: Callable[[Any], None], asked: Sequence[object]) -> Callable[[int], float]:
    def run(_number: int) -> float:
        for one in asked:
            ask(one)  # read, and remembered where there is room
        began = process_time()
        for one in asked[:IN_PROCESS]:
            ask(one)
        return IN_PROCESS / (process_time() - began)

    return run


def _application(club: Club, *, remembered: int) -> Callable[[str, str, bytes], None]:
    """Give what asks an application of this process: method, path, body."""
    settings = Settings(
        database_url=club.url, log_level=LogLevel.WARNING, remembered_members=remembered
    )
    application = build(wire(settings)).wsgi_app

    def ask(method: str, path: str, body: bytes) -> None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": f"campaign={campaign_key(0)}&locale=zh-TW" if method == "GET" else "",
            "HTTP_AUTHORIZATION": f"Bearer {club.token}",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        statuses: list[str] = []
        b"".join(application(environ, lambda status, _headers: statuses.append(status)))  # type: ignore[arg-type]  # no writer is needed
        if statuses != ["200 OK"]:
            message = f"{path} was answered {statuses}"
            raise RuntimeError(message)

    return ask
