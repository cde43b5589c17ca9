"""Finds the state of an archive that holds, and puts the next one in its place.

Three steps, each of which may be the last one of a process that dies:

1. the manifest is written, under a name that no other attempt uses; nobody knows of it yet;
2. the database commits that name, if the state that it was made from still holds: this is the
   moment at which the archive has changed;
3. `POINTER`, the one file that is ever replaced, names it to readers. Until the next change, which
   begins by doing this again, readers see the state before: older, but whole.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import orjson

from experiments.archive.manifest import FORMAT, Manifest, manifest_from_json
from experiments.errors import ArchiveBusy, ArchiveDamaged, ArchiveMismatch, ArchiveMissing
from experiments.store.archives import (
    ArchiveCommit,
    commit_archive,
    forget_archives_at,
    read_commit,
    read_commits_at,
)
from experiments.store.arrivals import incarnation
from experiments.store.engine import reading, writing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from experiments.archive.place import Place

POINTER: Final = "archive.json"
MANIFESTS: Final = "manifests"


@dataclass(frozen=True, slots=True)
class State:
    """A state of an archive and the name under which it was published.

    Attributes:
        name: Name of the manifest's file; None for an archive that is not there yet.
    """

    manifest: Manifest
    name: str | None


def read_state(place: Place) -> State:
    """Give the state that readers see, without a database.

    Raises:
        ArchiveMissing: There is no archive at the place.
        ArchiveDamaged: What says what is in it cannot be read.
    """
    name = _pointed_at(place)
    if name is None:
        raise ArchiveMissing(
            place.shown, "Make it with `tierlift archive`, or correct TIERLIFT_ARCHIVE_URL."
        )
    return State(_read_manifest(place, name), name)


def current_state(engine: Engine, place: Place, now: datetime) -> State:
    """Give the state that holds, as the database says; a new one where there is no archive yet.

    Raises:
        ArchiveMissing: There was an archive at the place, which is gone.
        ArchiveMismatch: The archive at the place is not one of this database as it is now.
        ArchiveDamaged: What says what is in it cannot be read.
    """
    pointed_at = _pointed_at(place)
    with reading(engine) as connection:
        here = incarnation(connection)
        known = read_commits_at(connection, place.shown)
        if pointed_at is None:
            if known:
                raise ArchiveMissing(
                    place.shown,
                    f"There was one, last extended {known[0].committed_at:%Y-%m-%d %H:%M} UTC. "
                    "Mount or restore it, or make it anew with `tierlift archive rebuild`.",
                )
            return State(Manifest(str(uuid4()), 0, 0, now), None)
        seen = _read_manifest(place, pointed_at)
        commit = read_commit(connection, seen.archive_id)
    if commit is None:
        raise ArchiveMismatch(place.shown, "the database knows nothing of it")
    if commit.incarnation != here:
        raise ArchiveMismatch(place.shown, "the database was loaded from a dump since")
    if seen.generation > commit.generation or (
        seen.generation == commit.generation and pointed_at != commit.manifest
    ):
        raise ArchiveMismatch(
            place.shown,
            f"it has seen generation {seen.generation}, the database {commit.generation}, so the "
            "database was restored to an earlier moment",
        )
    if pointed_at == commit.manifest:
        return State(seen, pointed_at)
    state = State(_read_manifest(place, commit.manifest), commit.manifest)
    _point_at(place, state)
    return state


def publish(
    engine: Engine, place: Place, before: State, manifest: Manifest, now: datetime
) -> State:
    """Make a manifest the state that holds, as the next generation of what was before.

    Raises:
        ArchiveBusy: Another process was faster; nothing has changed.
    """
    # readers may have read the name of the manifest before, and not yet the file
    retired = {**manifest.retired, **({} if before.name is None else {before.name: now})}
    manifest = replace(
        manifest,
        generation=before.manifest.generation + 1,
        retired=MappingProxyType(retired),
    )
    name = f"{MANIFESTS}/{manifest.generation:010}-{secrets.token_hex(4)}.json"
    place.write(name, manifest.to_json())
    with writing(engine) as connection:
        commit = ArchiveCommit(
            archive_id=manifest.archive_id,
            location=place.shown,
            incarnation=incarnation(connection),
            generation=manifest.generation,
            manifest=name,
            committed_at=now,
        )
        if before.name is None:
            forget_archives_at(connection, place.shown)
        done = commit_archive(connection, commit, before.name)
    if not done:
        place.delete([name])
        raise ArchiveBusy(0)
    state = State(manifest, name)
    _point_at(place, state)
    return state


def _pointed_at(place: Place) -> str | None:
    content = place.read(POINTER)
    if content is None:
        return None
    try:
        read = orjson.loads(content)
        if read["format"] != FORMAT:
            raise ArchiveDamaged(place.shown, POINTER, f"has format {read['format']}")
        return str(read["manifest"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise ArchiveDamaged(place.shown, POINTER, "cannot be read") from error


def _read_manifest(place: Place, name: str) -> Manifest:
    content = place.read(name)
    if content is None:
        raise ArchiveDamaged(place.shown, name, "is missing")
    try:
        return manifest_from_json(content)
    except ValueError as error:
        raise ArchiveDamaged(place.shown, name, f"cannot be read: {error}") from error


def _point_at(place: Place, state: State) -> None:
    pointer = {"format": FORMAT, "manifest": state.name}
    place.write(POINTER, orjson.dumps(pointer, option=orjson.OPT_APPEND_NEWLINE))
