"""Says where a computation of members reads its facts, and gives its results as plain values."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.programme_run.opening import MEMORY_LIMIT, Room
from experiments.programme_run.recomputing import Source

if TYPE_CHECKING:
    from app.settings import Settings
    from experiments.programme_run.previewing import Preview
    from experiments.store.programme_runs import ProgrammeRun


def facts_of(settings: Settings) -> Source:
    """Give what the settings say of archive and memory, as analysis has it."""
    return Source(
        archive_url=settings.archive_url,
        archive_cache=Path(settings.archive_cache),
        room=Room(memory_limit=settings.analysis_memory or MEMORY_LIMIT),
    )


def run_values(run: ProgrammeRun) -> dict[str, Any]:
    """Give a computation as JSON has it."""
    return {
        "number": run.number,
        "version": run.version,
        "as_of": run.as_of,
        "started_at": run.started_at,
        "computed_at": run.computed_at,
        "actor": run.actor,
        "counts": dict(run.counts),
    }


def preview_values(preview: Preview) -> dict[str, Any]:
    """Give a preview as JSON has it."""
    return asdict(preview)
