"""What keeps the archive from being read or extended."""

from __future__ import annotations

from experiments.errors.database import StoreError


class ArchiveError(StoreError):
    """The archive cannot be read or extended; it is as it was before."""


class MalformedArchiveUrl(ArchiveError):
    """An archive address that cannot be understood or used."""

    def __init__(self, url: str, reason: str) -> None:
        self.url, self.reason = url, reason
        super().__init__(
            f"The archive address {url!r} cannot be used: {reason}. "
            "Write a folder, such as var/archive, or an object store's s3://bucket/folder."
        )


class ArchiveMissing(ArchiveError):
    """There is no archive at the address."""

    def __init__(self, location: str, way_out: str) -> None:
        self.location, self.way_out = location, way_out
        super().__init__(f"There is no archive at {location}. {way_out}")


class ArchiveBusy(ArchiveError):
    """Another process works on an archive of this database."""

    def __init__(self, waited_s: float) -> None:
        self.waited_s = waited_s
        waited = f" after {waited_s:g} s" if waited_s else ""
        super().__init__(
            f"Another process still works on the archive{waited}; this one changed nothing. "
            "Try again later, or wait for it with --wait SECONDS."
        )


class ArchiveMismatch(ArchiveError):
    """The archive and the database do not belong together any more."""

    def __init__(self, location: str, reason: str) -> None:
        self.location, self.reason = location, reason
        super().__init__(
            f"The archive at {location} was not made from this database as it is now: {reason}. "
            "Correct TIERLIFT_ARCHIVE_URL or TIERLIFT_DATABASE_URL. If the database was restored "
            "or moved, make the archive anew from it with `tierlift archive rebuild`."
        )


class ArchiveDamaged(ArchiveError):
    """A file of the archive is missing, altered or not readable."""

    def __init__(self, location: str, file: str, reason: str) -> None:
        self.location, self.file, self.reason = location, file, reason
        super().__init__(
            f"The archive at {location} is damaged: {file} {reason}. Put the file back from a "
            "copy, or make the archive anew from the database with `tierlift archive rebuild`."
        )
