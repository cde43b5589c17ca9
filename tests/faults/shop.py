"""A shop that uses Tierlift: its campaigns, its keys, and what is kept of it in the database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import func, select

from app.analysis import make_plan
from app.auth import Scope, create_key
from app.settings import LogFormat, Settings
from app.wiring import utc_now
from experiments.campaign import CampaignDesign
from experiments.lifecycle import Act, create_campaign, launch_campaign
from experiments.programme import Programme
from experiments.store.engine import open_engine, writing
from experiments.store.folding import Folded, fold_all
from experiments.store.programme import put_programme
from experiments.store.tables import assignments, conversions, exposures, first_exposures
from tests.experiments.designs import DESIGN, PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from tests.app.serving import RunningServer

PATIENCE_S: Final = 60.0
"""How long a slow machine may take for what takes a second on an idle one."""

OFFERED: Final = "gold-q3"
"""A campaign whose exposures the frontend reports."""

LOGGED: Final = "logged"
"""A campaign whose exposures the server logs when it answers."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A database with two running campaigns, and a key that may do everything.

    Attributes:
        settings: Of a server with two processes on it.
        engine: For looking at what is kept.
        headers: What presents the key.
    """

    settings: Settings
    engine: Engine
    headers: dict[str, str]

    def exposure_senders(self) -> list[tuple[str, str, str, str | None]]:
        """Give id, campaign, member and sender of every exposure."""
        columns = exposures.c
        query = select(columns.exposure_id, columns.campaign_key, columns.member_id, columns.sender)
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def conversion_ids(self) -> list[str]:
        """Give the id of every conversion."""
        with self.engine.connect() as connection:
            return list(connection.scalars(select(conversions.c.conversion_id)))

    def exposures_counted(self) -> int:
        """Give how many exposures the first ones say that there were, once all are folded."""
        wait_until(lambda: fold_all(self.engine, within_s=1) is Folded.ALL, "all are folded")
        with self.engine.connect() as connection:
            return connection.scalar(select(func.sum(first_exposures.c.exposures))) or 0

    def assigned(self) -> dict[tuple[str, str], str]:
        """Give the variant that stands, by campaign and member."""
        columns = assignments.c
        query = select(columns.campaign_key, columns.unit_id, columns.variant)
        with self.engine.connect() as connection:
            rows = connection.execute(query).all()
        standing = {(campaign, unit): variant for campaign, unit, variant in rows}
        assert len(standing) == len(rows), "a member was assigned twice"
        return standing


def open_shop(url: str) -> Shop:
    """Give a shop on a migrated, empty database, whose engine the caller disposes of."""
    engine = open_engine(url)
    now = utc_now()
    with writing(engine) as connection:
        put_programme(connection, Programme.model_validate(PROGRAMME), now)
    for key, changes in {OFFERED: {}, LOGGED: {"exposure_logging": "server"}}.items():
        document: dict[str, Any] = {**deepcopy(DESIGN), "key": key, **changes}
        create_campaign(engine, CampaignDesign.model_validate(document), Act(now, "test"))
        launch_campaign(engine, key, Act(now, "test"), make_plan=make_plan)
    key = create_key(engine, "everything", list(Scope), now)
    settings = Settings(database_url=url, log_format=LogFormat.JSON, workers=2, threads=4)
    return Shop(settings, engine, {"Authorization": f"Bearer {key.text}"})


def workers_of(server: RunningServer) -> list[int]:
    """Give the processes that answer requests, by what they wrote when they were ready."""
    lines = [line for line in server.log.read_bytes().splitlines() if b'"worker_ready"' in line]
    return [pid for line in lines if _lives(pid := orjson.loads(line)["process"])]


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so, or fail by its name."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.05)


def port_of(server: RunningServer) -> int:
    """Give the port that a server listens on."""
    return int(server.address.rsplit(":", 1)[1])


def tierlift(*words: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Start the command line, as a user would."""
    return subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", "from app.cli import main; main()", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
