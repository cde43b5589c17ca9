"""Describes what the figures were measured on; without it they mean nothing."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = (
    "granian", "flask", "apiflask", "pydantic", "sqlalchemy", "psycopg", "duckdb", "ibis-framework",
    "pyarrow",
)  # fmt: skip
ROOT = Path(__file__).parents[1]


def describe(database: str) -> dict[str, str]:
    """Give the machine, the versions and the moment, by name.

    Args:
        database: What it calls itself, with its version.
    """
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": str(len(os.sched_getaffinity(0))),
        "processor": _processor(),
        "load_before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "database": database,
        **{package: version(package) for package in PACKAGES},
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _commit() -> str:
    """Give the commit, with a plus where files differ from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(  # noqa: S603  # fixed arguments
            ["git", *arguments],  # noqa: S607  # whichever git the developer uses
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()

    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    tracked = git(
        "status", "--porcelain", "--untracked-files=no", "--", "app", "experiments", "stats"
    )
    return f"{commit}+" if tracked else commit
