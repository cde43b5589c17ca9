"""Decides the slot of a unit under a salt; who may use which slots is decided elsewhere.

The formula is published, so that any warehouse can recompute and audit an assignment in stock SQL
(`docs/reference/bucketing.md` gives it for DuckDB, PostgreSQL, Spark and ClickHouse, with vectors).
"""

from __future__ import annotations

from struct import Struct
from typing import Final

try:  # The interpreter's own MD5 takes half as long as OpenSSL's, which sets up a context a call.
    from _md5 import md5  # type: ignore[import-not-found]  # typeshed leaves it out
except ImportError:  # pragma: no cover  # an interpreter built without it
    from hashlib import md5

TOTAL_SHARDS: Final = 10_000
"""Slots per salt; one slot is 0.01 % of all units."""

_first_word = Struct(">I12x").unpack


def shard(salt: str, unit_id: str) -> int:
    """Give the slot of a unit, 0 to 9999: ``u32_be(md5(salt + "-" + unit_id)[0:4]) % 10000``.

    Uniform over units and independent across salts. Not a secret: MD5 is chosen because every SQL
    engine has it, not for security.

    Args:
        salt: Names the decision: ``gold-q3:1:split``.
        unit_id: The randomization unit's id; hashed as UTF-8, exactly as it was sent.
    """
    (word,) = _first_word(md5(f"{salt}-{unit_id}".encode(), usedforsecurity=False).digest())
    return word % TOTAL_SHARDS  # type: ignore[no-any-return]  # struct is not typed by format
