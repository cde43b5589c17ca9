"""Measures the memory of one analysis: run in a process of its own, which imports nothing else.

``python bench/analysis_memory.py members|cube|hand|events|limited PATH...`` prints the megabytes
held once everything is imported, and the most that were held until the end (Linux).
"""

from __future__ import annotations

import sys
from pathlib import Path

LIMIT = "1GB"


def main(what: str, *paths: str) -> None:
    """Analyse, and print both."""
    if what in ("members", "cube", "hand"):
        base = _members(what, Path(paths[0]))
    else:
        base = _events(what, *map(Path, paths))
    print(base, _megabytes())


def _members(what: str, path: Path) -> float:
    # imported here: a process holds what its own analysis needs
    from analysed import COLUMNS, CUBE, members_by_hand  # noqa: PLC0415

    from stats.aggregation.unit_values import aggregate_units  # noqa: PLC0415

    base = _megabytes()
    if what == "hand":
        members_by_hand(path)
    else:
        aggregate_units(path, CUBE if what == "cube" else COLUMNS)
    return base


def _events(what: str, exposures: Path, conversions: Path) -> float:
    from analysed import AS_OF, PLAN  # noqa: PLC0415 - as above

    from stats.aggregation.aggregate import aggregate  # noqa: PLC0415
    from stats.aggregation.duckdb_engine import DuckDBSettings  # noqa: PLC0415
    from stats.aggregation.fact_files import FactFiles  # noqa: PLC0415
    from stats.aggregation.statements import SUMS_ALONE  # noqa: PLC0415

    base = _megabytes()
    settings = DuckDBSettings(LIMIT if what == "limited" else None, None, exposures.parent)
    files = FactFiles(exposures, conversions)
    aggregate(files, PLAN, AS_OF, settings=settings, detail=SUMS_ALONE)
    return base


def _megabytes() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
