"""Decides the slot of a unit under a salt; who may use which slots is decided elsewhere.

The formula is published, so that any warehouse can recompute and audit an assignment in stock SQL
(`docs/reference/bucketing.md` gives it for DuckDB, PostgreSQL, Spark and ClickHouse, with vectors).
"""

from __future__ import annotations

from hashlib import md5
from typing import Final

TOTAL_SHARDS: Final = 10_000
"""Slots per salt; one slot is 0.01 % of all units."""


def shard(salt: str, unit_id: str) -> int:
    """Give the slot of a unit, 0 to 9999: ``u32_be(md5(salt + "-" + unit_id)[0:4]) % 10000``.

    Uniform over units and independent across salts. Not a secret: MD5 is chosen because every SQL
    engine has it, not for security.

    Args:
        salt: Names the decision: ``gold-q3:1:split``.
        unit_id: The randomization unit's id; hashed as UTF-8, exactly as it was sent.
    """
    digest = md5(f"{salt}-{unit_id}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "big") % TOTAL_SHARDS
