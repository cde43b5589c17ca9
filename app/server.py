"""Serves the application with Granian: several processes, each with several threads.

Everything that would fail at the first request is refused before a port is bound: a missing
database, one of another schema, a port that somebody else has.

SIGTERM finishes what runs and ends. SIGHUP does so process by process, each after another has begun
in its place.

A worker process that dies is replaced. One whose main process died finishes what it has in work and
ends, so that the port is free for the server that is started next.
"""

from __future__ import annotations

import errno
import logging
import multiprocessing
import os
import signal
import socket
import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import orjson
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.errors import FatalError
from granian.log import LogLevels

from app.errors import StartRefused
from app.front.slow_bodies import SlowBodies
from app.settings import LogFormat, LogLevel, as_environment, read_settings
from app.wiring import open_log, wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

    from _typeshed.wsgi import WSGIApplication

    from app.settings import Settings

TARGET: Final = "wsgi:application"
STOP_TIMEOUT_S: Final = 30
"""How long a request may still run after the signal to stop; it is cut off then."""

REPLACED_AFTER_S: Final = 10.0
"""How long a new worker has to begin, at SIGHUP, before the one that it replaces is stopped."""

BACKLOG: Final = 1024


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM; requests that run then are finished first.

    SIGHUP replaces the workers one after the other; no request is refused meanwhile.

    Raises:
        StoreError: The database is missing, or has another schema than this version needs.
        StartRefused: The address cannot be listened on, or the workers cannot start.
    """
    _check_database(settings)
    check_address(settings.host, settings.port)
    with _monitoring_folder(settings) as folder:
        _serve(replace(settings, monitoring_folder=folder))


@contextmanager
def _monitoring_folder(settings: Settings) -> Iterator[str]:
    """Give the folder that the workers know one another's figures from, for as long as they run."""
    if settings.monitoring_folder:
        yield settings.monitoring_folder
        return
    with TemporaryDirectory(prefix="tierlift-monitoring-", ignore_cleanup_errors=True) as folder:
        yield folder


def _serve(settings: Settings) -> None:
    # Each worker is a process that builds its own application from the environment, exactly as
    # `granian --interface wsgi wsgi:application` would.
    os.environ.update(as_environment(settings))
    log = open_log(settings)
    server = Granian(
        TARGET,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.auto,
        workers=settings.workers,
        # one more, for requests without a body while the bodies of the others come slowly
        blocking_threads=settings.threads + 1,
        backlog=BACKLOG,
        websockets=False,
        # One line per request is ours, and so are the lines about starting and stopping.
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig=_granian_log(settings),
        workers_kill_timeout=STOP_TIMEOUT_S,
        respawn_interval=REPLACED_AFTER_S,
        # whatever killed it; one that dies again at once ends the server, for whoever supervises it
        respawn_failed_workers=True,
    )
    server.on_startup(
        lambda: log.info(
            "listening",
            address=address_of(settings),
            workers=settings.workers,
            threads=settings.threads,
        )
    )
    server.on_reload(lambda: log.info("reloading", workers=settings.workers))
    server.on_shutdown(lambda: log.info("stopped"))
    try:
        server.serve(target_loader=load_application)
    except (FatalError, OSError, RuntimeError) as error:
        message = f"The server cannot start at {address_of(settings)}: {error}."
        raise StartRefused(message) from error
    except SystemExit as error:
        if error.code:
            message = "A worker process ended unexpectedly; the log above says why."
            raise StartRefused(message) from error


def load_application(target: str) -> Callable[..., Any]:
    """Give a worker process its application, and have the process end when it should.

    Args:
        target: Module and name, ``wsgi:application``.
    """
    # Until Granian sets its own, a forked worker has the handlers of the main process, which do
    # nothing in it: a signal to stop would be lost, and the worker killed half a minute later.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # a terminal sends these to the whole group, and the main process tells its workers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    main_process = multiprocessing.parent_process()
    if main_process is not None:
        Thread(target=_end_after, args=(main_process,), name="end-after-main", daemon=True).start()
    module, _, name = target.partition(":")
    application: WSGIApplication = getattr(import_module(module), name)
    return SlowBodies(application, read_settings().threads)


def _end_after(main_process: BaseProcess) -> None:
    """Stop this worker as the main process would have, once that was killed."""
    main_process.join()
    os.kill(os.getpid(), signal.SIGTERM)


def address_of(settings: Settings) -> str:
    """Give the address that a browser would be given."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on.

    Granian shares its port with any other process that is willing to, a second server of ours
    included, so what is taken must be noticed before.

    Raises:
        StartRefused: Somebody listens there already, or this machine may not or cannot.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            if sys.platform != "win32":
                # connections of a server that has just stopped do not count as taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
    except socket.gaierror as error:
        message = (
            f"{host!r} is no address of this machine ({error.strerror}). "
            "Set TIERLIFT_HOST to 127.0.0.1, or to 0.0.0.0 for every address."
        )
        raise StartRefused(message) from error
    except OSError as error:
        raise StartRefused(_reason(error, host, port)) from error


def _reason(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} of {host} is taken by another process. "
                "Stop that one, or choose another port with --port or TIERLIFT_PORT."
            )
        case errno.EACCES:
            return f"Port {port} needs privileges. Choose one from 1024 up with TIERLIFT_PORT."
        case errno.EADDRNOTAVAIL:
            return (
                f"{host} is no address of this machine. "
                "Set TIERLIFT_HOST to 127.0.0.1, or to 0.0.0.0 for every address."
            )
        case _:
            return f"Port {port} of {host} cannot be listened on: {error.strerror}."


def _check_database(settings: Settings) -> None:
    """Refuse a database that requests cannot be answered from, and leave no connection open.

    The workers are forked from this process, and a connection must not be shared with them.
    """
    wiring = wire(settings)
    try:
        wiring.check_database()
    finally:
        wiring.engine.dispose()


class JsonLines(logging.Formatter):
    """Gives Granian's own warnings as the JSON lines that our events are."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one record as one line."""
        event = {
            "event": "granian",
            "message": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC),
        }
        return orjson.dumps(event, option=orjson.OPT_UTC_Z).decode()


def _granian_log(settings: Settings) -> dict[str, Any]:
    """Give Granian's own warnings the stream and the form of ours."""
    level = "ERROR" if settings.log_level is LogLevel.ERROR else "WARNING"
    form: dict[str, str] = {"format": "[%(levelname)s] granian: %(message)s"}
    if settings.log_format is LogFormat.JSON:
        # by name, since it is handed to processes that may be spawned
        form = {"()": f"{__name__}.{JsonLines.__name__}"}
    handler = {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "ours"}
    logger = {"handlers": ["ours"], "level": level, "propagate": False}
    return {
        "formatters": {"ours": form},
        "handlers": {"ours": handler},
        "loggers": {"_granian": logger, "granian.access": logger},
    }
