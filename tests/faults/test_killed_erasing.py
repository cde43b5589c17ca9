"""An erasure that is killed, or that runs while its member keeps buying, leaves nobody behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from experiments.archive.extending import extend
from experiments.archive.place import open_place
from experiments.archive.verifying import verify
from experiments.outcomes import Outcome
from experiments.privacy.erasing import erase_members, finish
from experiments.store.engine import reading
from experiments.store.erasures import pending_erasures, read_erasures
from tests.experiments.privacy.world import MEMBERS, World, everything, rows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from experiments.archive.place import Place

ERASED = MEMBERS[:6]
DELAYS_S = (0.0, 0.02, 0.06, 0.15, 0.3)
SCRIPT = """
import sys
from datetime import datetime, UTC
from app.settings import read_settings
from app.wiring import wire
from experiments.archive.place import open_place
from experiments.lifecycle import Act
from experiments.privacy.erasing import erase_members, finish

settings = read_settings()
engine = wire(settings).engine
now = datetime(2026, 3, 4, tzinfo=UTC)
print("ready", flush=True)
erase_members(engine, sys.argv[1].split(","), Act(now, "killed"))
finish(engine, open_place(settings.archive_url), now)
print("done", flush=True)
"""


@pytest.fixture
def world(engine: Engine) -> World:
    """Give a store in which 12 members were assigned, exposed, and bought."""
    made = World(engine)
    made.begin()
    made.live()
    return made


@pytest.fixture
def place(world: World, tmp_path: Path) -> Place:
    """Give an archive of it."""
    made = open_place(str(tmp_path / "archive"))
    extend(world.engine, made, now=world.now)
    return made


def kill_while_erasing(world: World, place: Place, delay_s: float) -> None:
    """Erase in another process, and kill it so long after it began."""
    url = world.engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ, "TIERLIFT_DATABASE_URL": url, "TIERLIFT_ARCHIVE_URL": place.address(""),
    }  # fmt: skip
    with subprocess.Popen(  # noqa: S603  # our own interpreter, our own code
        [sys.executable, "-c", SCRIPT, ",".join(ERASED)],
        env=environment,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(delay_s)
        process.kill()


def test_a_killed_erasure_is_finished_by_the_next(world: World, place: Place) -> None:
    """Wherever it was killed: nobody is erased by half, and afterwards nobody is left anywhere."""
    conversions = len(rows(world.engine, "conversions"))
    for delay_s in DELAYS_S:
        kill_while_erasing(world, place, delay_s)
        known = {row["member_id"] for row in rows(world.engine, "members")}
        for table in ("assignments", "exposures", "first_exposures", "conversions"):
            named = {row["member_id"] for row in rows(world.engine, table)} & set(ERASED)
            assert named <= known, f"{table} has somebody who is erased elsewhere"

    erase_members(world.engine, ERASED, world.act())
    finish(world.engine, place, world.now)

    with reading(world.engine) as connection:
        assert pending_erasures(connection) == ()
        assert len(read_erasures(connection)) == len(ERASED)
    text = everything(world.engine)
    assert [one for one in ERASED if one in text] == []
    assert len(rows(world.engine, "conversions")) == conversions
    assert verify(world.engine, place, now=world.now).is_sound


def test_erasing_while_the_member_keeps_buying_leaves_nothing(world: World) -> None:
    """Orders that come before are erased, orders that come after are discarded; none is left."""
    outcomes: list[Outcome] = []
    ended = threading.Event()

    def buy(name: str) -> None:
        number = 0
        while not ended.is_set():
            outcomes.append(world.buys(ERASED[0], f"{name}-{number}"))
            number += 1

    buyers = [threading.Thread(target=buy, args=(name,)) for name in ("a", "b", "c")]
    for buyer in buyers:
        buyer.start()
    while outcomes.count(Outcome.ACCEPTED) < 30:
        time.sleep(0.01)
    erase_members(world.engine, [ERASED[0]], world.act())
    while outcomes.count(Outcome.SUPPRESSED) < 30:
        time.sleep(0.01)
    ended.set()
    for buyer in buyers:
        buyer.join()

    assert ERASED[0] not in everything(world.engine)
    (erasure,) = erasures_of(world)
    assert erasure == outcomes.count(Outcome.SUPPRESSED)
    assert len(rows(world.engine, "conversions")) == 24 + outcomes.count(Outcome.ACCEPTED)


def erasures_of(world: World) -> list[int]:
    """Give how many late events each erasure has discarded."""
    with reading(world.engine) as connection:
        return [one.late_events for one in read_erasures(connection)]
