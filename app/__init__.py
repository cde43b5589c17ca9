"""Tierlift to the outside: HTTP, pages and the command line over `experiments` and `stats`.

A face parses, calls one use case and renders; it decides nothing about campaigns and computes no
statistics. `create_app` builds the web application from settings; nothing is made at import.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiflask import APIFlask

    from app.settings import Settings


def create_app(settings: Settings | None = None) -> APIFlask:
    """Give a web application of its own: engine, clock, log and key cache belong to it alone.

    Args:
        settings: What to run with; read from the environment when left out.

    Raises:
        InvalidSettings: A variable of the environment cannot be used; it is named.
        MalformedDatabaseUrl: The database address cannot be understood.
    """
    # Deferred, so that the command line and the analysis, which import this package, do not load
    # the web framework.
    from app.api import build  # noqa: PLC0415  # as said above
    from app.console import open_console  # noqa: PLC0415  # as said above
    from app.console.warming import WarmingThread  # noqa: PLC0415  # as said above
    from app.folding import FoldingThread  # noqa: PLC0415  # as said above
    from app.settings import read_settings  # noqa: PLC0415  # as said above
    from app.webhooks.thread import SendingThread  # noqa: PLC0415  # as said above
    from app.wiring import wire  # noqa: PLC0415  # as said above

    parts = wire(settings if settings is not None else read_settings())
    application = build(parts)
    open_console(application, parts)
    FoldingThread(parts.engine, parts.log).begin()
    any_address = parts.settings.webhook_any_address
    SendingThread(parts.engine, parts.log, parts.clock, any_address=any_address).begin()
    WarmingThread(application, parts).begin()
    parts.log.info("worker_ready", process=os.getpid())
    return application
