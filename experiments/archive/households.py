"""Keeps a picture of who belongs to which household, where there are households.

A household is no fact: it changes in place, and the analysis asks for what is known now. So the
picture is taken as a whole, whenever a member was added or changed since the last one.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa

from experiments.archive.manifest import Households
from experiments.archive.partitions import to_parquet
from experiments.store.arrivals import HOUSEHOLDS, stream_households

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.manifest import Manifest
    from experiments.archive.place import Place


def picture_of_households(
    engine: Engine, place: Place, manifest: Manifest, mark: str, now: datetime
) -> Manifest:
    """Give the state with a new picture, where the old one has another mark."""
    if mark == manifest.households.mark:
        return manifest
    path = None
    if mark:
        rows = pa.Table.from_batches(stream_households(engine), HOUSEHOLDS)
        path = f"households/{manifest.until}-{secrets.token_hex(4)}.parquet"
        place.write(path, to_parquet(rows.sort_by("household_id")))
    old = manifest.households.path
    retired = {**manifest.retired, **({} if old is None else {old: now})}
    return replace(manifest, households=Households(path, mark), retired=MappingProxyType(retired))
