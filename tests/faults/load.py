"""Uses a shop from several threads, and writes down what it was told.

A sender does as the documentation says: what was not acknowledged it sends again under the same id,
until it is. So whatever happens to the server meanwhile, at the end everything must be there once.
"""

from __future__ import annotations

import time
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Self

import httpx

from tests.faults.shop import LOGGED, OFFERED, PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.shop import Shop

SMALL: Final = 20
"""Items of a batch that shares its transaction with other requests."""

LARGE: Final = 150
"""Items of a batch that has a transaction of its own."""

_BUSY: Final = 503
_DONE: Final = frozenset({"accepted", "duplicate"})


@dataclass
class Told:
    """What senders were told, for all threads.

    Attributes:
        exposures: Ids of the exposures that were acknowledged.
        batches: Of the conversions that were acknowledged: ids, by batch.
        begun: Of every batch that was ever sent: ids, by batch.
        variants: What members were told, by campaign and member.
        statuses: How often each came.
        cut_off: Requests without an answer.
        wrong: Answers that must not be.
    """

    exposures: set[str] = field(default_factory=set)
    batches: dict[str, list[str]] = field(default_factory=dict)
    begun: dict[str, list[str]] = field(default_factory=dict)
    variants: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    cut_off: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        """How many requests were acknowledged so far."""
        return len(self.exposures) + len(self.batches) + len(self.variants)


class Load:
    """Frontends that ask and backends that send, from entering until `finish`."""

    def __init__(self, shop: Shop, address: str, *, name: str = "a") -> None:
        """Use the shop at `address`, with ids that begin with `name`."""
        self.told = Told()
        self._shop, self._address, self._name = shop, address, name
        self._is_over = Event()
        self._lock = Lock()
        self._failed: list[BaseException] = []
        works = [
            *[self._report_exposures] * 2,
            lambda client, thread: self._report_batches(client, thread, SMALL),
            lambda client, thread: self._report_batches(client, thread, LARGE),
            *[self._ask_for_offers] * 3,
        ]
        self._threads = [
            Thread(target=self._run, args=(work, f"{name}{number}"), daemon=True)
            for number, work in enumerate(works)
        ]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, whatever is still to be sent."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def wait_for_more(self, requests: int) -> None:
        """Wait until so many more requests were acknowledged."""
        before = self.told.acknowledged
        wait_until(
            lambda: self.told.acknowledged >= before + requests or bool(self._failed),
            f"{requests} more acknowledged; {self.told.statuses}",
        )

    def so_far(self) -> Told:
        """Give a copy of what was told up to now."""
        with self._lock:
            return deepcopy(self.told)

    def finish(self) -> Told:
        """Let every sender have what it has begun acknowledged, and give what all were told."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_S)
        assert not any(thread.is_alive() for thread in self._threads), "a sender never ended"
        assert not self._failed, self._failed
        return self.told

    def _run(self, work: Callable[[httpx.Client, str], None], thread: str) -> None:
        try:
            with httpx.Client(
                base_url=self._address, headers=self._shop.headers, timeout=PATIENCE_S
            ) as client:
                work(client, thread)
        except BaseException as fault:  # noqa: BLE001  # told by `finish`, which the test calls
            self._failed.append(fault)

    def _report_exposures(self, client: httpx.Client, thread: str) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            sent = {
                "exposure_id": f"{thread}-{number}",
                "campaign": OFFERED,
                "variant": "gift",
                "member_id": f"{thread}-{number % 10}",
            }
            answer = self._insist(client, "POST", "/v1/exposures", json=sent)
            assert {one["outcome"] for one in answer["results"]} <= _DONE, answer
            with self._lock:
                self.told.exposures.add(sent["exposure_id"])

    def _report_batches(self, client: httpx.Client, thread: str, size: int) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            batch = f"{thread}-{number}"
            ids = [f"{batch}-{item}" for item in range(size)]
            with self._lock:
                self.told.begun[batch] = ids
            items = [
                {"conversion_id": one, "member_id": f"m-{number}", "event": "order"} for one in ids
            ]
            answer = self._insist(client, "POST", "/v1/conversions", json=items)
            assert len(answer["results"]) == size
            assert {one["outcome"] for one in answer["results"]} <= _DONE, answer
            with self._lock:
                self.told.batches[batch] = ids
            self._is_over.wait(0.05)

    def _ask_for_offers(self, client: httpx.Client, thread: str) -> None:
        number = 0
        while not self._is_over.is_set():
            number += 1
            # every other one is a member who was asked for before
            member_id = f"{thread}-{number if number % 2 else number // 2}"
            campaign = (OFFERED, LOGGED)[number // 2 % 2]
            path = f"/v1/members/{member_id}/offer"
            answer = self._insist(client, "GET", path, params={"campaign": campaign})
            assert answer["reason"] == "assigned", answer
            with self._lock:
                self.told.variants.setdefault((campaign, member_id), set()).add(answer["variant"])

    def _insist(self, client: httpx.Client, method: str, path: str, **request: Any) -> Any:  # noqa: ANN401  # JSON
        """Send until it is answered as done, and give the answer."""
        deadline = time.monotonic() + 2 * PATIENCE_S
        while True:
            assert time.monotonic() < deadline, f"never acknowledged: {method} {path}"
            try:
                answer = client.request(method, path, **request)
            except httpx.TransportError:
                with self._lock:
                    self.told.cut_off += 1
                time.sleep(0.05)
                continue
            with self._lock:
                self.told.statuses[answer.status_code] += 1
            if answer.is_success:
                return answer.json()
            if answer.status_code != _BUSY or "Retry-After" not in answer.headers:
                with self._lock:
                    self.told.wrong.append(f"{method} {path}: {answer.status_code} {answer.text}")
            time.sleep(0.1)


def assert_whole(shop: Shop, told: Told) -> None:
    """Nothing that was acknowledged is missing, nothing is there twice, no batch is a half."""
    kept = shop.exposure_senders()
    reported = [one[0] for one in kept]
    assert told.exposures <= set(reported)
    assert len(reported) == len(set(reported)) == shop.exposures_counted()
    ordered = shop.conversion_ids()
    assert len(ordered) == len(set(ordered))
    assert {one for ids in told.batches.values() for one in ids} <= set(ordered)
    for batch, ids in told.begun.items():
        assert len(set(ids).intersection(ordered)) in {0, len(ids)}, (
            f"half of batch {batch} is kept"
        )
    assert_unmoved(shop, told)
    logged = Counter(member for _, campaign, member, _ in kept if campaign == LOGGED)
    assert set(logged.values()) <= {1}
    assert {member for campaign, member in told.variants if campaign == LOGGED} <= set(logged)


def assert_unmoved(shop: Shop, told: Told) -> None:
    """Whoever was answered has one variant, and it is the one that is kept."""
    standing = shop.assigned()
    for asked, variants in told.variants.items():
        assert variants == {standing.get(asked)}, f"{asked} was told {variants}"


def ask_again(shop: Shop, address: str, told: Told, most: int = 100) -> None:
    """Ask for members who were answered before: each has the variant that it had."""
    with httpx.Client(base_url=address, headers=shop.headers, timeout=PATIENCE_S) as client:
        for (campaign, member_id), variants in list(told.variants.items())[:most]:
            path = f"/v1/members/{member_id}/offer"
            answer = client.get(path, params={"campaign": campaign})
            assert answer.status_code == 200, answer.text
            assert {answer.json()["variant"]} == variants
