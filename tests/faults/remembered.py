"""Members who were answered before, and somebody who asks for them all the time."""

from __future__ import annotations

import time
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Self

import httpx

from tests.faults.shop import OFFERED, PATIENCE_S

if TYPE_CHECKING:
    from tests.faults.shop import Shop

REMEMBERED: Final = [f"remembered-{number}" for number in range(5)]


def warm_up(shop: Shop, address: str) -> None:
    """Ask for the members until every process remembers them; the kernel deals out connections."""
    for _ in range(20):
        with httpx.Client(base_url=address, headers=shop.headers, timeout=PATIENCE_S) as client:
            for member_id in REMEMBERED:
                answer = client.get(f"/v1/members/{member_id}/offer", params={"campaign": OFFERED})
                assert answer.status_code == 200, answer.text


class Watching:
    """Asks for remembered members all the time, on new connections.

    Attributes:
        failed: Answers that were no offer.
        answered: How many answers came.
        longest_s: How long one took.
    """

    def __init__(self, shop: Shop, address: str) -> None:
        """Ask the server at `address`, from entering to leaving."""
        self.failed: list[str] = []
        self.answered = 0
        self.longest_s = 0.0
        self._shop, self._address = shop, address
        self._is_over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._is_over.set()
        self._thread.join(PATIENCE_S)

    def _watch(self) -> None:
        while not self._is_over.is_set():
            for member_id in REMEMBERED:
                began = time.monotonic()
                answer = httpx.get(
                    f"{self._address}/v1/members/{member_id}/offer",
                    params={"campaign": OFFERED},
                    headers=self._shop.headers,
                    timeout=PATIENCE_S,
                )
                self.longest_s = max(self.longest_s, time.monotonic() - began)
                if answer.status_code != 200:
                    self.failed.append(f"{answer.status_code} {answer.text}")
                self.answered += 1
            self._is_over.wait(0.02)
