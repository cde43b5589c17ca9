"""Attempts what is due, several endpoints at once, and keeps what came of it.

What was sent and could not be written down, since the process was killed in between, is sent again
under the same id once the lease is over: at least once.
"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING, Final

from app.webhooks.posting import TIMEOUT_S, Answer, post
from experiments.store.engine import reading, writing
from experiments.store.webhook_endpoints import find_endpoint, save_endpoint
from experiments.store.webhooks import forget_messages, lease, next_due, settle
from experiments.webhooks import DeliveryState, headers_of, next_attempt

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Engine
    from structlog.typing import FilteringBoundLogger

    from app.wiring import Clock
    from experiments.store.webhooks import Leased

AT_ONCE: Final = 8
AT_ONCE_EACH: Final = 2
"""To one endpoint: one that is slow leaves places to the others."""

LEASED_FOR: Final = timedelta(seconds=120)
"""Longer than an attempt can take, looking up the name included."""

KEPT_FOR: Final = timedelta(days=30)
_FORGOTTEN_AT_ONCE: Final = 1_000

_chance = random.SystemRandom().random


class Sender:
    """Sends for one process."""

    def __init__(
        self,
        engine: Engine,
        log: FilteringBoundLogger,
        clock: Clock,
        *,
        any_address: bool,
        timeout_s: float = TIMEOUT_S,
        ended: Event | None = None,
    ) -> None:
        """Send what is due in a store.

        Args:
            engine: The store, which the caller keeps.
            log: Told of messages that are given up, and of endpoints that want no more.
            clock: Gives the present moment.
            any_address: Whether plain HTTP and addresses of the own network are allowed.
            timeout_s: How long an endpoint has to answer.
            ended: Set whenever an attempt has ended.
        """
        self._engine, self._log, self._clock = engine, log, clock
        self._any_address, self._timeout_s = any_address, timeout_s
        self._holder = secrets.token_hex(16)
        self._changed = Condition()
        self._in_flight: Counter[str] = Counter()
        self._ended = Event() if ended is None else ended

    @property
    def in_flight(self) -> int:
        """How many attempts are being made."""
        with self._changed:
            return self._in_flight.total()

    def begin_due(self) -> int:
        """Begin attempts of what is due, as many as there are places for; give how many.

        Raises:
            StoreError: The database failed.
        """
        now = self._clock()
        with reading(self._engine) as connection:
            due = next_due(connection)
        with self._changed:
            free = AT_ONCE - self._in_flight.total()
            busy = dict(self._in_flight)
        if due is None or due > now or free <= 0:
            return 0
        with writing(self._engine) as connection:
            leased = lease(
                connection,
                self._holder,
                now,
                now + LEASED_FOR,
                most=free,
                each=AT_ONCE_EACH,
                busy=busy,
            )
        for one in leased:
            with self._changed:
                self._in_flight[one.endpoint.key] += 1
            Thread(target=self._attempt, args=(one,), name="webhook", daemon=True).start()
        return len(leased)

    def seconds_until_due(self) -> float | None:
        """Give how long nothing is due; None where nothing is pending.

        Raises:
            StoreError: The database failed.
        """
        with reading(self._engine) as connection:
            due = next_due(connection)
        return None if due is None else max(0.0, (due - self._clock()).total_seconds())

    def wait(self, timeout_s: float) -> bool:
        """Wait until no attempt is being made; say whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._in_flight.total(), timeout_s)

    def forget_old(self) -> int:
        """Forget some of the messages that were settled long ago; give how many.

        Raises:
            StoreError: The database failed.
        """
        with writing(self._engine) as connection:
            return forget_messages(connection, self._clock() - KEPT_FOR, most=_FORGOTTEN_AT_ONCE)

    def _attempt(self, leased: Leased) -> None:
        try:
            now, endpoint = self._clock(), leased.endpoint
            signed = headers_of(
                endpoint.signing_secrets(now), leased.message_id, int(now.timestamp()), leased.body
            )
            answer = post(
                endpoint.url,
                leased.body,
                signed,
                now,
                any_address=self._any_address,
                timeout_s=self._timeout_s,
            )
            self._keep(leased, answer)
        except Exception as fault:  # noqa: BLE001  # the lease ends by itself, and it is sent again
            self._log.warning("webhook_not_settled", endpoint=leased.endpoint.key,
                              message_id=leased.message_id, reason=str(fault))  # fmt: skip
        finally:
            with self._changed:
                self._in_flight[leased.endpoint.key] -= 1
                self._changed.notify_all()
            self._ended.set()

    def _keep(self, leased: Leased, answer: Answer) -> None:
        """Write down what came of an attempt."""
        now, again = self._clock(), None
        state = DeliveryState.DELIVERED
        if not answer.is_taken:
            if not answer.is_gone:
                again = next_attempt(
                    leased.attempts + 1, now, chance=_chance(), retry_after=answer.retry_after
                )
            state = DeliveryState.PENDING if again is not None else DeliveryState.DEAD
        with writing(self._engine) as connection:
            settle(
                connection,
                self._holder,
                leased,
                now,
                state=state,
                next_attempt_at=again,
                status=answer.status,
                fault=answer.fault,
            )
            if answer.is_gone:
                _disable(connection, leased.endpoint.key, now)
        if state is DeliveryState.DEAD:
            self._log.warning("webhook_dead", endpoint=leased.endpoint.key,
                              message_id=leased.message_id, reason=answer.fault)  # fmt: skip


def _disable(connection: Connection, key: str, now: datetime) -> None:
    endpoint = find_endpoint(connection, key)
    if endpoint is not None and endpoint.is_enabled:
        because = "It answered 410 Gone: it wants no messages any more."
        save_endpoint(
            connection,
            replace(endpoint, updated_at=now, disabled_at=now, disabled_because=because),
        )
