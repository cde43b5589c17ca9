"""Reads and writes whole files where an archive is: in a folder, or in an object store.

A file appears complete or not at all: in a folder it is written beside its place, brought to the
disk and moved there; an object store shows an object once it is uploaded.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyarrow import fs

from experiments.errors import ArchiveError, MalformedArchiveUrl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_SCHEME: Final = re.compile(r"^([a-z][a-z0-9+.-]+)://")
_SECRETS: Final = re.compile(r"://[^/@]*@|[?].*$")
_UNFINISHED: Final = ".unfinished-"


class Verb(StrEnum):
    """What is done to a file."""

    READ = "read"
    WRITE = "write"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive is.

    Attributes:
        shown: Its address as it may be shown: without keys and options.
        filesystem: What reads and writes there.
        root: Its folder, as the file system names it.
        is_local: Whether it is a folder of this machine.
    """

    shown: str
    filesystem: fs.FileSystem = field(repr=False)
    root: str
    is_local: bool

    def read(self, path: str) -> bytes | None:
        """Give the content of a file, or None if there is none.

        Raises:
            ArchiveError: The place cannot be read.
        """
        try:
            with self.filesystem.open_input_file(self.address(path)) as stream:
                content: bytes = stream.read()
                return content
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._fault(Verb.READ, path, error) from error

    def write(self, path: str, content: bytes | pa.Buffer) -> None:
        """Make a file, or replace it, so that it outlives a power cut.

        Raises:
            ArchiveError: The place cannot be written.
        """
        try:
            if self.is_local:
                _write_durably(Path(self.address(path)), content)
            else:
                with self.filesystem.open_output_stream(self.address(path)) as stream:
                    stream.write(content)
        except OSError as error:
            raise self._fault(Verb.WRITE, path, error) from error

    def delete(self, paths: Iterable[str]) -> None:
        """Remove files; those that are not there are no fault.

        Raises:
            ArchiveError: A file cannot be removed.
        """
        for path in paths:
            try:
                with suppress(FileNotFoundError):
                    self.filesystem.delete_file(self.address(path))
            except OSError as error:
                raise self._fault(Verb.REMOVE, path, error) from error

    def files(self, folder: str = "") -> dict[str, datetime]:
        """Give the files below a folder with the moment at which each was written.

        Raises:
            ArchiveError: The place cannot be read.
        """
        address = self.address(folder)
        selector = fs.FileSelector(address, recursive=True, allow_not_found=True)
        try:
            found = self.filesystem.get_file_info(selector)
        except OSError as error:
            raise self._fault(Verb.READ, folder, error) from error
        return {
            str(PurePosixPath(info.path).relative_to(self.root)): info.mtime
            for info in found
            if info.type == fs.FileType.File
        }

    def address(self, path: str) -> str:
        """Give a file's path as the file system names it."""
        return str(PurePosixPath(self.root) / path)

    def remote_address(self, path: str) -> str:
        """Give a file's address in the object store, as Hadoop's file systems name it."""
        scheme = self.shown.partition("://")[0]
        # Hadoop's S3 client of today goes by another name than the store
        named = "s3a" if scheme == "s3" else scheme
        return f"{named}://{self.address(path)}"

    def _fault(self, verb: Verb, path: str, error: OSError) -> ArchiveError:
        reason = str(error).strip().splitlines()[0]
        message = f"The archive at {self.shown}: cannot {verb} {path or 'it'}: {reason}."
        return ArchiveError(message)


def open_place(url: str) -> Place:
    """Give the place of an archive; nothing is looked up there yet.

    Args:
        url: A folder, as a path or ``file://…``, or an object store such as ``s3://bucket/folder``,
            with options of `pyarrow.fs.S3FileSystem` behind a question mark.

    Raises:
        MalformedArchiveUrl: It is neither.
    """
    scheme = _SCHEME.match(url)
    shown = _SECRETS.sub(lambda found: "://" if found[0].startswith("://") else "", url)
    if scheme is None or scheme[1] == "file":
        path = url.removeprefix("file://")
        if not path:
            raise MalformedArchiveUrl(shown, "it names no folder")
        root = str(Path(path).expanduser().resolve())
        return Place(root, fs.LocalFileSystem(), root, is_local=True)
    try:
        filesystem, root = fs.FileSystem.from_uri(url)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, ValueError) as error:
        raise MalformedArchiveUrl(shown, str(error).strip().splitlines()[0]) from error
    if not root.strip("/"):
        raise MalformedArchiveUrl(shown, "it names no bucket")
    return Place(shown, filesystem, root, is_local=False)


def _write_durably(path: Path, content: bytes | pa.Buffer) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{_UNFINISHED}{secrets.token_hex(4)}")
    try:
        with unfinished.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    # the name has to reach the disk, too
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
