"""A disk without room: a file system of a few megabytes, and a database that may not grow."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import text

from tests.app.serving import started
from tests.faults.shop import OFFERED, PATIENCE_S, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.shop import Shop

FULL = "urn:tierlift:problem:database-full"


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """Give a file system of its own, which needs somebody who may mount one."""
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    made = subprocess.run(  # noqa: S603  # our own words
        [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip(f"no file system can be mounted here: {made.stderr.decode()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S603, S607  # as above


def test_a_full_disk_stores_nothing_and_is_named(tmp_path: Path, sqlite_template: Path) -> None:
    """Writers are told what is wrong and when to come again; readers are served.

    Once there is room, the same requests are accepted: nothing was half stored.
    """
    with small_disk(tmp_path / "disk", 4) as disk:
        shutil.copyfile(sqlite_template, disk / "tierlift.db")
        shop = open_shop(f"sqlite:///{disk / 'tierlift.db'}")
        settings = replace(shop.settings, workers=1)
        with (
            started(settings, tmp_path / "log") as server,
            httpx.Client(
                base_url=server.address, headers=shop.headers, timeout=PATIENCE_S
            ) as client,
        ):
            filled = disk / "filled"
            _fill(filled)
            accepted, refused = _send_until_refused(client)
            assert refused.status_code == 503, refused.text
            assert refused.json()["type"] == FULL
            assert refused.headers["Retry-After"]
            # what needs no write goes on, and what needs one says so
            shown = client.get("/v1/members/known/offer", params={"campaign": OFFERED})
            assert shown.status_code in {200, 503}, shown.text
            for _ in range(3):
                again = client.post("/v1/conversions", json=_batch(accepted))
                assert again.status_code == 503, again.text
            assert client.get("/healthz").status_code == 200
            filled.unlink()
            assert client.post("/v1/conversions", json=_batch(accepted)).json()["accepted"] == 150
            ids = shop.conversion_ids()
            assert len(ids) == len(set(ids)) == (accepted + 1) * 150
            _check(shop)
        shop.engine.dispose()


def test_a_disk_that_is_full_from_the_start_is_named(tmp_path: Path, sqlite_template: Path) -> None:
    """Before anything was served: what must be kept is refused by name, and readiness is true."""
    with small_disk(tmp_path / "disk", 4) as disk:
        shutil.copyfile(sqlite_template, disk / "tierlift.db")
        shop = open_shop(f"sqlite:///{disk / 'tierlift.db'}")
        settings = replace(shop.settings, workers=1)
        with started(settings, tmp_path / "log") as server:
            shop.engine.dispose()
            filled = disk / "filled"
            _fill(filled)
            # where nobody has opened the database yet, even what SQLite shares needs room
            ready = httpx.get(f"{server.address}/readyz", timeout=PATIENCE_S)
            assert ready.status_code == 200 or ready.json()["type"] == FULL, ready.text
            new = httpx.get(
                f"{server.address}/v1/members/new/offer?campaign={OFFERED}",
                headers=shop.headers,
                timeout=PATIENCE_S,
            )
            assert new.status_code == 503, new.text
            filled.unlink()
            answer = httpx.get(f"{server.address}/readyz", timeout=PATIENCE_S)
            assert answer.status_code == 200


def _batch(number: int) -> list[dict[str, object]]:
    return [
        {
            "conversion_id": f"c-{number}-{item}",
            "member_id": "m-1",
            "event": "order",
            "properties": {"note": "x" * 200},
        }
        for item in range(150)
    ]


def _fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while file.write(b"\0" * size) == size:
                    pass
            except OSError:
                pass


def _send_until_refused(client: httpx.Client) -> tuple[int, httpx.Response]:
    """Give how many batches were accepted, and the refusal of the next."""
    for number in range(500):
        answer = client.post("/v1/conversions", json=_batch(number))
        if answer.status_code != 200:
            return number, answer
        assert answer.json()["accepted"] == 150
    pytest.fail("the disk was never full")


def _check(shop: Shop) -> None:
    with shop.engine.connect() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
