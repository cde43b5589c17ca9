"""Writes the reports of the demonstration's campaigns, as one would send them to a colleague."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.demonstration import campaigns
from app.report import render_html
from app.report.reading import read_report

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Engine

REPORTED = (campaigns.FINISHED, campaigns.RUNNING, campaigns.BROKEN)


def write_reports(engine: Engine, directory: Path, now: datetime) -> tuple[Path, ...]:
    """Write a page for each campaign that has members, and give where they are.

    Args:
        engine: Of the loaded database.
        directory: Made where it does not exist.
        now: Aware UTC; the analysis time.
    """
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for key in REPORTED:
        page = render_html(read_report(engine, key, now=now).view)
        path = directory / f"{key}.html"
        path.write_text(page, encoding="utf-8")
        paths.append(path)
    return tuple(paths)
