"""Loads the demonstration into an installation that is empty, in a process of its own.

It takes half a minute of a processor, which no worker that answers requests should give. The
programme is called a sample, on every page; facts are only ever added, so it stays for good.
"""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

from app.demonstration.loading import load
from app.demonstration.programme import MEMBERS, DemonstrationPlan
from app.demonstration.reporting import REPORTED
from app.report.reading import read_report
from app.wiring import utc_now
from experiments.beginning import Loading, end_sample
from experiments.lifecycle import find_programme, set_programme
from experiments.store.audit import COMMAND_LINE
from experiments.store.engine import open_engine

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

    from app.settings import Settings

NAME = "Harbour Club (sample)"


def load_sample(engine: Engine, now: datetime, *, members: int = MEMBERS) -> None:
    """Load the demonstration into an empty, migrated database, marked as what it is."""
    load(engine, DemonstrationPlan.ending_today(now, members=members), _tell_nobody)
    programme = find_programme(engine)
    if programme is not None:
        set_programme(engine, programme.model_copy(update={"name": NAME}), now)
    for key in REPORTED:
        read_report(engine, key, now=now)  # which stores the scorecard that pages show


def begin_loading(settings: Settings, members: int = MEMBERS) -> None:
    """Load it beside the requests, by another process; the audit log says when it is done."""
    environment = {**os.environ, "TIERLIFT_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(  # noqa: S603  # this very program
        [sys.executable, "-m", "app.demonstration.sample", str(members)],
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    Thread(target=process.wait, name="sample", daemon=True).start()


def _tell_nobody(_step: str, _done: int, _total: int) -> None:
    pass


def main() -> None:
    """Load it into the database that the environment names, and note what became of it."""
    engine = open_engine(os.environ["TIERLIFT_DATABASE_URL"])
    outcome = Loading.FAILED
    try:
        load_sample(engine, utc_now(), members=int(sys.argv[1]))
        outcome = Loading.DONE
    finally:
        end_sample(engine, outcome, COMMAND_LINE, utc_now())
        engine.dispose()


if __name__ == "__main__":
    main()
