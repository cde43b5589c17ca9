"""The command that serves."""

from __future__ import annotations

from dataclasses import replace

import click

from app.settings import read_settings


@click.command("serve")
@click.option("--host", help="Address to listen on; 0.0.0.0 for every one. [TIERLIFT_HOST]")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port. [TIERLIFT_PORT]")
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Processes that answer. [TIERLIFT_WORKERS]"
)
def command(host: str | None, port: int | None, workers: int | None) -> None:
    """Answer HTTP requests until SIGINT or SIGTERM; the API page is at /docs.

    Options go before the variables of the environment that they name.
    """
    settings = read_settings()
    settings = replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        workers=workers or settings.workers,
    )
    # Deferred, so that `tierlift serve --help` does not load the server.
    from app.server import serve  # noqa: PLC0415  # as said above

    serve(settings)
