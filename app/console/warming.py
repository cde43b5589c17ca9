"""Gets the console ready before somebody looks: templates, libraries, what is stored.

All of it would otherwise be made at the first look at a page, which then takes three times as long
as later ones. A process that has just begun leaves the processor to its first requests; it begins
after a pause, and rests between two steps. Whatever fails is left to the request that needs it.
"""

from __future__ import annotations

import time
from importlib import import_module
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import SQLAlchemyError

from app.analysis.digest import newest_digests
from app.analysis.stored import stored_scorecard
from app.console.assets import FILES, prepare
from experiments.errors import ExperimentError
from experiments.lifecycle import list_campaigns
from stats.errors import StatsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask
    from sqlalchemy import Engine

    from app.wiring import Wiring

BEGUN_AFTER_S: Final = 2.0
REST_S: Final = 0.02
MOST_SCORECARDS: Final = 8
"""Those of so many campaigns are parsed: the newest ones."""

LIBRARIES: Final = ("scipy.optimize",)
"""What the pages load when it is needed first, and what takes long."""


class WarmingThread:
    """Warms one process, once, by a thread of its own."""

    def __init__(self, app: Flask, wiring: Wiring) -> None:
        """Warm the console of `app`, from `begin` on."""
        self._app, self._wiring = app, wiring
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="warming", daemon=True)

    def begin(self) -> None:
        """Begin, after a pause."""
        self._thread.start()

    def stop(self) -> None:
        """End after the step that is being made."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        if self._stopping.wait(BEGUN_AFTER_S):
            return
        for step in steps_of(self._app, self._wiring):
            began = time.monotonic()
            try:
                step()
            except (ExperimentError, StatsError, SQLAlchemyError, OSError) as error:
                self._wiring.log.info("not_warmed", error=str(error))
            if self._stopping.wait(max(REST_S, time.monotonic() - began)):
                return


def warm(app: Flask, wiring: Wiring) -> None:
    """Do all of it now."""
    for step in steps_of(app, wiring):
        step()


def steps_of(app: Flask, wiring: Wiring) -> Iterator[Callable[[], object]]:
    """Give what is to be done, what most people look at first."""
    engine = wiring.engine
    yield lambda: list_campaigns(engine)
    yield lambda: newest_digests(engine)
    names = app.jinja_env.list_templates(filter_func=lambda name: name.startswith("console/"))
    for name in sorted(names, key=lambda one: (one.count("/"), one)):
        yield lambda name=name: app.jinja_env.get_template(name)  # type: ignore[misc]
    yield lambda: parse_newest(engine)
    for name in FILES:
        yield lambda name=name: prepare(wiring.assets, name)  # type: ignore[misc]
    for library in LIBRARIES:
        yield lambda library=library: import_module(library)  # type: ignore[misc]


def parse_newest(engine: Engine) -> None:
    """Parse the newest scorecards, and learn what a scorecard is."""
    digests = sorted(newest_digests(engine).values(), key=lambda one: one.computed_at, reverse=True)
    for one in digests[:MOST_SCORECARDS]:
        stored_scorecard(engine, one.campaign, one.snapshot_hash)
