"""The rules of folding beside requests: it goes on by itself, and never in the way."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, make_url, select

from app.analysis import make_plan
from app.folding import FoldingThread
from experiments.campaign import CampaignDesign
from experiments.exposure import Exposure
from experiments.lifecycle import Act, create_campaign, launch_campaign
from experiments.programme import Programme
from experiments.store.engine import open_engine, writing
from experiments.store.exposures import append_exposures
from experiments.store.programme import put_programme
from experiments.store.tables import first_exposures
from tests.conftest import NOW
from tests.experiments.designs import DESIGN, PROGRAMME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from app.wiring import Wiring

PATIENCE_S = 60.0
FIRST = Exposure("e0", "gold-q3", 1, "gift", "ada", "ada", NOW, NOW, "key-1")


@pytest.fixture
def shop(wiring: Wiring) -> Engine:
    """Give a store with a running campaign."""
    with writing(wiring.engine) as connection:
        put_programme(connection, Programme.model_validate(PROGRAMME), NOW)
    create_campaign(wiring.engine, CampaignDesign.model_validate(DESIGN), Act(NOW, "test"))
    launch_campaign(wiring.engine, "gold-q3", Act(NOW, "test"), make_plan=make_plan)
    return wiring.engine


@pytest.fixture
def thread(shop: Engine, wiring: Wiring) -> Iterator[FoldingThread]:
    """Give a thread that folds almost at once."""
    thread = FoldingThread(shop, wiring.log, collected_s=0.02)
    thread.begin()
    yield thread
    thread.stop()


def keep(engine: Engine, start: int, count: int) -> None:
    """Keep some exposures of as many members."""
    with writing(engine) as connection:
        append_exposures(
            connection,
            [replace(FIRST, exposure_id=f"e{n}", member_id=f"m{n}", unit_id=f"m{n}")
             for n in range(start, start + count)],
        )  # fmt: skip


def folded(engine: Engine) -> int:
    """Give how many exposures are folded."""
    with engine.connect() as connection:
        return connection.scalar(select(func.sum(first_exposures.c.exposures))) or 0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.usefixtures("thread")
def test_what_a_process_keeps_is_folded_by_itself(shop: Engine) -> None:
    """However often and however much comes."""
    keep(shop, 0, 6_000)
    wait_until(lambda: folded(shop) == 6_000)
    keep(shop, 6_000, 10)
    wait_until(lambda: folded(shop) == 6_010)


@pytest.mark.usefixtures("thread")
def test_what_is_committed_long_after_it_was_told_is_folded(shop: Engine) -> None:
    """The thread looks again: it hears of exposures before their transaction has ended."""
    with writing(shop) as connection:
        append_exposures(connection, [FIRST])
        time.sleep(0.1)  # longer than they are left to gather
    wait_until(lambda: folded(shop) == 1)


def test_what_another_process_left_is_folded_at_the_beginning(shop: Engine, wiring: Wiring) -> None:
    """A process that was killed leaves a tail, and the next one folds it."""
    keep(shop, 0, 10)
    assert folded(shop) == 0
    thread = FoldingThread(shop, wiring.log, collected_s=0.02)
    thread.begin()
    wait_until(lambda: folded(shop) == 10)
    thread.stop()


def test_a_locked_database_is_told_once_and_tried_again(
    shop: Engine, wiring: Wiring, events: Callable[[], list[dict[str, object]]]
) -> None:
    """Folding goes on by itself once another program lets go of the file."""
    url = shop.url.render_as_string(hide_password=False)
    impatient = open_engine(url, busy_timeout_ms=1)
    keep(shop, 0, 10)
    other = sqlite3.connect(str(make_url(url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    thread = FoldingThread(impatient, wiring.log, collected_s=0.02)
    thread.begin()
    wait_until(lambda: [one["event"] for one in events()] == ["exposures_not_folded"])
    other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: folded(shop) == 10)
    thread.stop()
    impatient.dispose()
    assert [one["event"] for one in events()] == ["exposures_not_folded", "exposures_folded_again"]


def test_a_thread_that_is_stopped_leaves_the_rest_in_the_tail(
    shop: Engine, thread: FoldingThread
) -> None:
    """Nothing is folded after the end, and nothing is lost."""
    thread.stop()
    keep(shop, 0, 10)
    time.sleep(0.2)
    assert folded(shop) == 0
