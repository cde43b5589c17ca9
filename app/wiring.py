"""What one application runs on: settings, database engine, clock and log.

Made once per application, never at import, and handed to whoever needs it; two applications in one
process share nothing.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import orjson
import structlog

from app.gate import Gate
from app.settings import LogFormat, LogLevel, Settings
from experiments.directory import Directory
from experiments.memory import Memory
from experiments.serving import Serving
from experiments.store.engine import open_engine
from experiments.store.group_commit import group_commit
from experiments.store.schema import check_schema
from experiments.watch import Watch

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from structlog.typing import FilteringBoundLogger, Processor

Clock = Callable[[], datetime]
"""Gives the present moment, aware and in UTC."""

_LEVELS: Final = {
    LogLevel.DEBUG: logging.DEBUG,
    LogLevel.INFO: logging.INFO,
    LogLevel.WARNING: logging.WARNING,
    LogLevel.ERROR: logging.ERROR,
}


@dataclass(frozen=True, slots=True)
class Wiring:
    """The parts that one application is built from.

    Attributes:
        settings: How this process runs.
        engine: The database; nothing is connected before the first query.
        directory: The campaigns as this process sees them.
        serving: What offers are answered from.
        clock: The present moment, aware and in UTC.
        log: Writes events; every event of a request carries its trace id.
        assets: The folder that npm packages are installed in, for pages.
        events_gate: Bounds the bodies of events that are worked on together.
    """

    settings: Settings
    engine: Engine
    directory: Directory
    serving: Serving
    clock: Clock
    log: FilteringBoundLogger
    assets: Path
    events_gate: Gate

    def check_database(self) -> None:
        """Refuse a database that requests cannot be answered from.

        Raises:
            StoreError: It is missing, locked, or has another schema than this version needs.
        """
        check_schema(self.engine)

    def with_clock(self, clock: Clock) -> Wiring:
        """Give the same parts with another clock, for tests and rehearsals."""
        return replace(self, clock=clock)


def wire(settings: Settings) -> Wiring:
    """Make the parts that `settings` asks for.

    Raises:
        MalformedDatabaseUrl: The database address cannot be understood.
    """
    engine, directory = open_engine(settings.database_url), Directory()
    memory = Memory(settings.remembered_members)
    watch = Watch(engine, directory, memory, stale_s=settings.stale_s)
    return Wiring(
        settings=settings,
        engine=engine,
        directory=directory,
        serving=Serving(engine, watch, memory, group_commit(engine)),
        clock=utc_now,
        log=open_log(settings),
        assets=Path(__file__).parents[1] / "node_modules",
        events_gate=Gate(settings.events_in_work_bytes),
    )


def utc_now() -> datetime:
    """Give the machine's present moment, aware and in UTC."""
    return datetime.now(UTC)


def open_log(settings: Settings, stream: TextIO | None = None) -> FilteringBoundLogger:
    """Give a log that writes to `stream`, by default standard error, which results never go to."""
    to_text: Processor
    stream = sys.stderr if stream is None else stream
    match settings.log_format:
        case LogFormat.JSON:
            to_text = structlog.processors.JSONRenderer(serializer=_json_line)
        case LogFormat.TEXT:
            to_text = structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if settings.log_format is LogFormat.JSON:
        # without the values of variables, among which are members, keys and passwords
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        processors.append(structlog.processors.ExceptionRenderer(frames))
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[*processors, to_text],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        cache_logger_on_first_use=True,
    )
    return log


def _json_line(event: object, default: Callable[[object], object]) -> str:
    return orjson.dumps(event, default=default).decode()
