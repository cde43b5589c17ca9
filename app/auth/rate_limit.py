"""Says whether a key may make one more request now: a bucket of tokens for each key.

A bucket holds the requests of one second and fills at the key's rate, so a pause is rewarded with a
short burst and no more. Each process of a server has buckets of its own and gets an equal part of
the rate; to count in one place would cost every request a journey. A client whose one connection
always meets the same process therefore gets that process's part.

The headers are those of draft-ietf-httpapi-ratelimit-headers-06 (`RateLimit-Limit`, `-Remaining`,
`-Reset` in seconds). Later drafts, -10 being the latest we know, write both a `RateLimit` and a
`RateLimit-Policy` field as structured values, which few clients read yet; all read `Retry-After`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from math import ceil
from typing import Final, NamedTuple, TypeAlias

from app.errors import RateLimited

BUCKETS_LIMIT: Final = 10_000
"""Keys whose buckets one process keeps; the one unused for longest goes, and starts full again."""

Headers: TypeAlias = tuple[tuple[str, str], ...]

HEADER_NAMES: Final = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
"""For pages of other origins, which see only headers that are named to them."""


class Allowance(NamedTuple):
    """Whether one more request is allowed, and how many would be.

    Attributes:
        allowed: Whether it is.
        limit: Requests a second in this process; 0 where any number is allowed.
        remaining: Requests that would be allowed at once after this one.
        reset_s: Whole seconds until `limit` are allowed at once again.
        retry_after_s: Whole seconds until one is allowed; 0 where this one is.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int = 0

    @property
    def headers(self) -> Headers:
        """What the answer tells the client; nothing where any number is allowed."""
        if not self.limit:
            return ()
        limit, remaining, reset = HEADER_NAMES
        headers = (
            (limit, str(self.limit)),
            (remaining, str(self.remaining)),
            (reset, str(self.reset_s)),
        )
        if self.allowed:
            return headers
        return (*headers, ("Retry-After", str(self.retry_after_s)))

    def require(self) -> None:
        """Refuse a request that is not allowed.

        Raises:
            RateLimited: It is one too many.
        """
        if not self.allowed:
            raise RateLimited(self.limit, self.retry_after_s, self.headers)


UNLIMITED: Final = Allowance(allowed=True, limit=0, remaining=0, reset_s=0)


class RateLimiter:
    """Counts the requests of every key in this process."""

    def __init__(self, processes: int = 1) -> None:
        """Give each key its rate divided by `processes`, the number that serve beside this one."""
        self._processes = processes
        self._lock = threading.Lock()
        # requests left, and when that was true
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key_id: str, rate: int, elapsed: float) -> Allowance:
        """Take one request out of the key's bucket, if there is one.

        Args:
            key_id: Whose bucket.
            rate: Requests a second over all processes; 0 is any number.
            elapsed: Seconds that passed since any fixed moment, as `time.monotonic` gives.
        """
        if not rate:
            return UNLIMITED
        share = rate / self._processes
        # a rate of less than one a second and process still lets one through at a time
        size = max(1, int(share))
        with self._lock:
            left, since = self._buckets.pop(key_id, (float(size), elapsed))
            if elapsed > since:
                left = min(float(size), left + (elapsed - since) * share)
                since = elapsed
            allowed = left >= 1
            if allowed:
                left -= 1
            self._buckets[key_id] = (left, since)
            if len(self._buckets) > BUCKETS_LIMIT:
                self._buckets.popitem(last=False)
        reset_s = ceil((size - left) / share)
        retry_after_s = 0 if allowed else max(1, ceil((1 - left) / share))
        return Allowance(allowed, size, int(left), reset_s, retry_after_s)
