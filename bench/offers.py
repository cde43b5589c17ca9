"""Offers over HTTP: how many a second, beside a route that answers as many bytes and does nothing.

Remembered members cost reads; a first assignment costs a durable write beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.client import HTTPConnection
from statistics import median
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from load import get, load
from measurement import Subject, measure
from serving import PRODUCT, served

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from load import Load
    from measurement import Result
    from programme import Filled

CONNECTIONS: Final = 16
"""Requests under way at once: half as many as one worker has threads by default."""

SLICE_S: Final = 1.5
REMEMBERED_MEMBERS: Final = 2_000

BARE: Final = "bare WSGI function"
FLASK: Final = "constant Flask route"
REMEMBERED: Final = "offer, remembered member"
FIRST: Final = "offer, first assignment"

_REMEMBERING: Final = "gold-remembered"


def campaigns(rounds: int) -> list[str]:
    """Give the campaigns that are asked for offers: one where all is remembered, one a round."""
    return [_REMEMBERING, *(_assigning(number) for number in range(rounds))]


def _assigning(number: int) -> str:
    return f"gold-first-{number}"


@dataclass(frozen=True, slots=True)
class _Loads:
    """The runs of each subject, by its name."""

    seen: dict[str, list[Load]] = field(default_factory=dict)

    def keep(self, name: str, run: Load) -> float:
        self.seen.setdefault(name, []).append(run)
        return run.rate

    def detail(self, name: str) -> Mapping[str, float | str]:
        runs = self.seen[name]
        return {
            "median_ms": round(median(run.median_ms for run in runs), 2),
            "p99_ms": round(median(run.p99_ms for run in runs), 2),
            "client_core_share": round(median(run.client_core_share for run in runs), 2),
        }


def measure_offers(
    filled: Filled, url: str, *, rounds: int, workers: int, directory: Path
) -> list[Result]:
    """Measure remembered members and first assignments, each beside both limits.

    Args:
        filled: What the database holds; it has the `campaigns` of as many rounds.
        url: Its address.
        rounds: How often.
        workers: Server processes, of Tierlift and of the limits alike.
        directory: For the servers' logs.
    """
    loads = _Loads()

    def serve(target: str, body_bytes: int = 0) -> AbstractContextManager[int]:
        log = directory / f"{target.rpartition(':')[2]}.log"
        return served(target, url=url, workers=workers, log=log, body_bytes=body_bytes)

    def same(name: str, port: int, requests: list[bytes]) -> Callable[[int], float]:
        """Give a run that asks for the same members again and again."""
        return lambda _number: loads.keep(
            name, load(port, requests, connections=CONNECTIONS, seconds=SLICE_S)
        )

    with serve(PRODUCT) as product:

        def first(number: int) -> float:
            requests = [_request(_assigning(number), one, filled) for one in filled.member_ids]
            run = load(product, requests, connections=CONNECTIONS, seconds=SLICE_S)
            if run.answered > len(requests):
                message = "every member was assigned before the time was up; lower SLICE_S"
                raise RuntimeError(message)
            return loads.keep(FIRST, run)

        again = [
            _request(_REMEMBERING, one, filled) for one in filled.member_ids[:REMEMBERED_MEMBERS]
        ]
        load(product, again, connections=CONNECTIONS)
        size = _body_bytes(product, filled)
        with serve("limits:bare_wsgi", size) as bare, serve("limits:flask_route", size) as flask:
            return measure(
                [
                    Subject(BARE, same(BARE, bare, again)),
                    Subject(FLASK, same(FLASK, flask, again)),
                    Subject(REMEMBERED, same(REMEMBERED, product, again), (FLASK, BARE)),
                    Subject(FIRST, first, (FLASK, BARE)),
                ],
                unit="answers/s",
                rounds=rounds,
                detail=loads.detail,
            )


def _path(campaign: str, member_id: str) -> str:
    return f"/v1/members/{quote(member_id, safe='')}/offer?campaign={campaign}&locale=zh-TW"


def _request(campaign: str, member_id: str, filled: Filled) -> bytes:
    return get(_path(campaign, member_id), filled.token)


def _body_bytes(port: int, filled: Filled) -> int:
    """Give the mean length of the answers, checking that they are offers."""
    connection = HTTPConnection("127.0.0.1", port)
    lengths = []
    for member_id in filled.member_ids[:100]:
        headers = {"Authorization": f"Bearer {filled.token}"}
        connection.request("GET", _path(_REMEMBERING, member_id), headers=headers)
        body = connection.getresponse().read()
        if b'"remembered":true' not in body:
            message = f"a remembered assignment was expected, not {body!r}"
            raise RuntimeError(message)
        lengths.append(len(body))
    connection.close()
    return sum(lengths) // len(lengths)
