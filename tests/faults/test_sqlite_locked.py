"""A SQLite file that another program holds: a backup, a hand at the shell, a long import."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.app.serving import started
from tests.faults.load import Load, assert_whole
from tests.faults.remembered import Watching, warm_up

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.shop import Shop

HELD_S = 8.0
"""Longer than a writer waits."""

SENDERS = 2
"""As many loads at once: more threads send than the server has."""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_file_that_another_program_holds_costs_no_offer_and_no_event(
    shop: Shop, tmp_path: Path
) -> None:
    """Remembered members are served all the while; events wait or are told when to come again."""
    path = shop.settings.database_url.removeprefix("sqlite:///")
    with (
        started(shop.settings, tmp_path / "log") as server,
        Load(shop, server.address, name="a") as load,
        Load(shop, server.address, name="b") as other_load,
    ):
        warm_up(shop, server.address)
        load.wait_for_more(30)
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with Watching(shop, server.address) as watching:
                time.sleep(HELD_S)
            answered, longest_s = watching.answered, watching.longest_s
            other.execute("ROLLBACK")
        load.wait_for_more(30)
        tolds = [load.finish(), other_load.finish()]
    for told in tolds:
        assert told.wrong == []
        assert set(told.statuses) <= {200, 503}
        assert set(told.batches) == set(told.begun)
        # the other one's facts are there, too, so only what concerns this one is compared
        assert told.exposures <= {one[0] for one in shop.exposure_senders()}
    assert sum(told.statuses[503] for told in tolds) > 0
    assert watching.failed == []
    assert answered > 50
    assert longest_s < HELD_S / 2, "an offer waited for a writer"
    assert_whole(shop, tolds[0])
