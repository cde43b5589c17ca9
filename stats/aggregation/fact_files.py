"""Facts that stay in Parquet files: a columnar archive, read where it lies.

The files have the columns of `facts`, in their types or ones that convert without loss; they may
have others. They are read in a stream, as often as a relation is, and never loaded as a whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Files: TypeAlias = str | Path | Sequence[str | Path]
"""A path or a pattern such as `archive/conversions/*/*.parquet`, or several."""


@dataclass(frozen=True, slots=True)
class FactFiles:
    """Where the facts of one phase lie; checked when an engine opens them.

    Attributes:
        exposures: As `facts` describes the relation; those of one phase.
        conversions: As described there.
        unit_members: As described there; `None` where the unit is the member.
        events_elsewhere: As in `FactTables`.
        assignments: As described there; `None` where the basis is the exposed.
        units: As described there; `None` without segments.
        overlaps: As described there; `None` where nobody knows other campaigns.
    """

    exposures: Files
    conversions: Files
    unit_members: Files | None = None
    events_elsewhere: frozenset[str] = frozenset()
    assignments: Files | None = None
    units: Files | None = None
    overlaps: Files | None = None

    @property
    def relations(self) -> dict[str, tuple[str, ...]]:
        """The paths of every relation that is there, by its name."""
        named = {
            "exposures": self.exposures,
            "conversions": self.conversions,
            "unit_members": self.unit_members,
            "assignments": self.assignments,
            "units": self.units,
            "overlaps": self.overlaps,
        }
        return {name: _paths(files) for name, files in named.items() if files is not None}


def _paths(files: Files) -> tuple[str, ...]:
    if isinstance(files, str | Path):
        return (str(files),)
    return tuple(str(file) for file in files)
