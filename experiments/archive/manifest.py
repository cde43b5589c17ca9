"""Says what is in an archive: which files, of which kind, campaign and day, and how far they go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import orjson

from experiments.store.arrivals import FactKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT: Final = 1
"""Raised whenever an older version could not read what is written."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """What the facts of a file have in common.

    Attributes:
        kind: What they are.
        day: The UTC day on which they happened.
        campaign: Key of their campaign; empty for conversions, which belong to none.
        phase: Its number; 0 where the kind has none.
    """

    kind: FactKind
    day: date
    campaign: str = ""
    phase: int = 0

    @property
    def folder(self) -> str:
        """Where its files are."""
        names = [str(self.kind)]
        # no name of a folder that would mean another one: a key may be a dot or two
        names += [f"campaign-{self.campaign}"] if self.campaign else []
        names += [f"phase-{self.phase}"] if self.phase else []
        return "/".join([*names, self.day.isoformat()])


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of facts.

    Attributes:
        path: Its name within the archive.
        rows: How many facts.
        size: In bytes.
        sums: Money in minor units by currency, of the facts that have some.
        digest: SHA-256 of its content, in hexadecimal.
    """

    path: str
    partition: Partition
    rows: int
    size: int
    digest: str
    sums: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Households:
    """A picture of who belongs to which household, taken as a whole.

    Attributes:
        path: The file; None where there are no households.
        mark: What it was taken of, as `arrivals.households_mark` gives it.
    """

    path: str | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One state of an archive.

    Attributes:
        archive_id: Which archive; another one after it was made anew.
        generation: How often it has changed, from 1; 0 for one that is not there yet.
        until: Facts of transactions with lower numbers are in it, others are not.
        extended_at: When that was last seen to be so and something was new.
        files: What it consists of.
        households: Who belongs together.
        retired: Files that no longer belong to it, by the moment at which that was so; readers of
            an earlier state may still read them for a while.
    """

    archive_id: str
    generation: int
    until: int
    extended_at: datetime
    files: tuple[ArchivedFile, ...] = ()
    households: Households = Households()
    retired: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def by_partition(self) -> dict[Partition, list[ArchivedFile]]:
        """Give the files of each partition, in the order of their writing."""
        found: dict[Partition, list[ArchivedFile]] = {}
        for file in self.files:
            found.setdefault(file.partition, []).append(file)
        return found

    def with_files(
        self, added: Iterable[ArchivedFile], removed: Iterable[str], now: datetime
    ) -> Manifest:
        """Give the state after files were added and others retired."""
        gone = set(removed)
        kept = tuple(file for file in self.files if file.path not in gone)
        return replace(
            self,
            files=(*kept, *added),
            retired=MappingProxyType({**self.retired, **dict.fromkeys(sorted(gone), now)}),
        )

    def to_json(self) -> bytes:
        """Give it as it is written."""
        document = {
            "format": FORMAT,
            "archive_id": self.archive_id,
            "generation": self.generation,
            "until": self.until,
            "extended_at": self.extended_at.isoformat(),
            "files": [_file_to_json(file) for file in self.files],
            "households": {"path": self.households.path, "mark": self.households.mark},
            "retired": {path: at.isoformat() for path, at in self.retired.items()},
        }
        return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)


def manifest_from_json(content: bytes) -> Manifest:
    """Give a manifest that `Manifest.to_json` wrote.

    Raises:
        ValueError: It is not one, or one of a later version.
    """
    try:
        read: dict[str, Any] = orjson.loads(content)
        if read["format"] != FORMAT:
            message = f"its format is {read['format']}; this version reads {FORMAT}"
            raise ValueError(message)
        return Manifest(
            archive_id=read["archive_id"],
            generation=read["generation"],
            until=read["until"],
            extended_at=datetime.fromisoformat(read["extended_at"]),
            files=tuple(map(_file, read["files"])),
            households=Households(read["households"]["path"], read["households"]["mark"]),
            retired=MappingProxyType(
                {path: datetime.fromisoformat(at) for path, at in read["retired"].items()}
            ),
        )
    except (KeyError, TypeError, AttributeError) as error:
        message = f"it is no manifest: {error!r}"
        raise ValueError(message) from error


def _file_to_json(file: ArchivedFile) -> dict[str, object]:
    return {
        "path": file.path,
        "kind": str(file.partition.kind),
        "campaign": file.partition.campaign,
        "phase": file.partition.phase,
        "day": file.partition.day.isoformat(),
        "rows": file.rows,
        "size": file.size,
        "digest": file.digest,
        # as text: a sum may be longer than the numbers of JSON are read
        "sums": {currency: str(amount) for currency, amount in file.sums.items()},
    }


def _file(read: Mapping[str, Any]) -> ArchivedFile:
    return ArchivedFile(
        path=read["path"],
        partition=Partition(
            FactKind(read["kind"]), date.fromisoformat(read["day"]), read["campaign"], read["phase"]
        ),
        rows=read["rows"],
        size=read["size"],
        digest=read["digest"],
        sums=MappingProxyType({name: int(amount) for name, amount in read["sums"].items()}),
    )
