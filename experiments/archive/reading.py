"""Gives analysis the files to read: those of a campaign, of the days that matter, no others."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from experiments.archive.place import open_place
from experiments.archive.publishing import read_state
from experiments.errors import ArchiveDamaged, ArchiveError
from experiments.store.arrivals import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from experiments.archive.manifest import ArchivedFile, Manifest
    from experiments.archive.place import Place


@dataclass(frozen=True, slots=True)
class ArchivedFacts:
    """One state of an archive; what is added later is not seen.

    Files have the columns of their table (`experiments.store.arrivals`), and so those of the
    relations of `experiments.store.facts`: no column has another name or type. They are never
    changed, and are there for a day after a later state took their place.

    Attributes:
        place: Where it is.
        manifest: What is in it.
        cache: Where files of an object store are kept on this machine; unused for a folder.
        in_place: Whether files of an object store are named by their address there, for engines
            that read them themselves, instead of being fetched.
    """

    place: Place
    manifest: Manifest
    cache: Path | None = None
    in_place: bool = False

    @property
    def until(self) -> int:
        """The archive has the facts of transactions with lower numbers."""
        return self.manifest.until

    @property
    def extended_at(self) -> datetime:
        """When something was last added."""
        return self.manifest.extended_at

    def exposures(
        self, campaign: str, phase: int, *, first: date = date.min, last: date = date.max
    ) -> tuple[str, ...]:
        """Give the files with the exposures of a phase, and nothing else.

        Args:
            campaign: Key of the campaign.
            phase: Its number.
            first: UTC day of the first exposures that matter.
            last: UTC day of the last ones.

        Raises:
            ArchiveError: A file cannot be fetched from the object store.
        """
        return self._paths(FactKind.EXPOSURES, first, last, campaign, phase)

    def exposures_elsewhere(self, campaign: str) -> tuple[str, ...]:
        """Give the files with the exposures to all other campaigns.

        Raises:
            ArchiveError: A file cannot be fetched from the object store.
        """
        return tuple(
            self._local(file.path, file)
            for file in self.manifest.files
            if file.partition.kind is FactKind.EXPOSURES and file.partition.campaign != campaign
        )

    def assignments(
        self, campaign: str, phase: int, *, first: date = date.min, last: date = date.max
    ) -> tuple[str, ...]:
        """Give the files with the assignments of a phase; as for `exposures`."""
        return self._paths(FactKind.ASSIGNMENTS, first, last, campaign, phase)

    def grants(
        self, campaign: str, *, first: date = date.min, last: date = date.max
    ) -> tuple[str, ...]:
        """Give the files with the grants of a campaign, of all its phases."""
        return self._paths(FactKind.GRANTS, first, last, campaign)

    def conversions(self, *, first: date = date.min, last: date = date.max) -> tuple[str, ...]:
        """Give the files with the conversions of everybody."""
        return self._paths(FactKind.CONVERSIONS, first, last)

    def households(self) -> str | None:
        """Give the file that says who belongs to which household; None where nobody does."""
        path = self.manifest.households.path
        return None if path is None else self._local(path, None)

    def days(self, campaign: str, phase: int) -> tuple[date, date] | None:
        """Give the UTC days of the first and the last exposure of a phase; None without any."""
        days = [
            file.partition.day
            for file in self.manifest.files
            if file.partition.kind is FactKind.EXPOSURES
            and (file.partition.campaign, file.partition.phase) == (campaign, phase)
        ]
        return (min(days), max(days)) if days else None

    def _paths(
        self, kind: FactKind, first: date, last: date, campaign: str = "", phase: int = 0
    ) -> tuple[str, ...]:
        return tuple(
            self._local(file.path, file)
            for file in self.manifest.files
            if file.partition.kind is kind
            and (file.partition.campaign, file.partition.phase) == (campaign, phase)
            and first <= file.partition.day <= last
        )

    def _local(self, path: str, file: ArchivedFile | None) -> str:
        """Give the path on this machine; files of an object store are fetched, once."""
        if self.place.is_local:
            return self.place.address(path)
        if self.in_place:
            return self.place.remote_address(path)
        if self.cache is None:
            message = f"The archive at {self.place.shown} needs a folder to fetch its files to."
            raise ArchiveError(message)
        kept = self.cache / self.manifest.archive_id / path
        if not kept.exists():
            content = self.place.read(path)
            if content is None:
                raise ArchiveDamaged(self.place.shown, path, "is missing")
            if file is not None and hashlib.sha256(content).hexdigest() != file.digest:
                raise ArchiveDamaged(self.place.shown, path, "is not what was written")
            kept.parent.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
            unfinished.write_bytes(content)
            unfinished.replace(kept)
        return str(kept)


def open_archive(url: str, *, cache: Path | None = None, in_place: bool = False) -> ArchivedFacts:
    """Give the newest state of an archive; needs no database.

    Args:
        url: Where it is, as for `place.open_place`.
        cache: Folder of this machine that files of an object store are fetched to, for engines
            that read local files. What the archive has no more is removed from it.
        in_place: For engines that read an object store themselves.

    Raises:
        MalformedArchiveUrl: The address cannot be understood.
        ArchiveMissing: There is no archive.
        ArchiveDamaged: What says what is in it cannot be read.
    """
    place = open_place(url)
    manifest = read_state(place).manifest
    if cache is not None and not place.is_local:
        _prune(cache / manifest.archive_id, manifest)
    return ArchivedFacts(place, manifest, cache, in_place)


def _prune(folder: Path, manifest: Manifest) -> None:
    """Remove fetched files that the archive has no more: they may name who was erased."""
    named = {file.path for file in manifest.files} | set(manifest.retired)
    named.add(manifest.households.path or "")
    for path in _files_below(folder):
        if path.relative_to(folder).as_posix() not in named:
            path.unlink(missing_ok=True)


def _files_below(folder: Path) -> Iterable[Path]:
    return [path for path in folder.rglob("*.parquet") if path.is_file()]
