"""Reads scorecards that are stored already; computes none.

A document is parsed once and kept by its snapshot, which names what it holds: a page that shows
one waits for neither the analysis nor the parser.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import orjson

from experiments.privacy.auditing import members_erased_since
from experiments.store.engine import reading
from experiments.store.scorecards import Snapshot, read_document, read_snapshots
from stats.scorecard import scorecard_from_json

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from stats.scorecard import Scorecard

__all__ = ["Snapshot", "erased_since", "snapshots_of", "stored_scorecard"]

KEPT: Final = 64
"""Parsed scorecards that a process keeps: about a megabyte each."""


def snapshots_of(engine: Engine, campaign: str, *, limit: int = 50) -> tuple[Snapshot, ...]:
    """List the stored scorecards of a campaign: latest phase first, the newest first in it."""
    with reading(engine) as connection:
        return read_snapshots(connection, campaign, limit=limit)


def stored_scorecard(engine: Engine, campaign: str, snapshot_hash: str) -> Scorecard | None:
    """Give a stored scorecard, or None where the campaign has no such snapshot."""
    found = _parsed(_Place(engine), campaign, snapshot_hash)
    if found is None:
        _parsed.cache_clear()  # it may be stored in the next moment
    return found


def erased_since(engine: Engine, scorecard: Scorecard) -> int:
    """Count the members who were erased since a scorecard was computed."""
    return members_erased_since(engine, scorecard.campaign, scorecard.phase, scorecard.computed_at)


class _Place:
    """An engine that is told apart by its address, so that one cache serves every test, too."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Place) and other.engine.url == self.engine.url

    def __hash__(self) -> int:
        return hash(self.engine.url)


@lru_cache(KEPT)
def _parsed(place: _Place, campaign: str, snapshot_hash: str) -> Scorecard | None:
    with reading(place.engine) as connection:
        document = read_document(connection, campaign, snapshot_hash)
    return None if document is None else scorecard_from_json(orjson.loads(document))
