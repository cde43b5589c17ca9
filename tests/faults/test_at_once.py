"""Several processes that do the same thing at the same moment."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import TYPE_CHECKING

import httpx

from app.settings import Settings, as_environment
from experiments.store import schema
from experiments.store.engine import open_engine
from tests.app.serving import RunningServer, started
from tests.experiments.designs import DESIGN
from tests.faults.shop import OFFERED, PATIENCE_S, tierlift

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.shop import Shop

SENDERS = 8


def test_the_command_makes_one_whole_schema(empty_database_url: str) -> None:
    """`tierlift db upgrade` twice at once: both succeed, and the schema is what is needed."""
    environment = {**os.environ, **as_environment(Settings(database_url=empty_database_url))}
    runs = [tierlift("db", "upgrade", environment=environment) for _ in range(2)]
    said = [run.communicate(timeout=PATIENCE_S)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    engine = open_engine(empty_database_url)
    schema.check_schema(engine)
    engine.dispose()


def test_many_who_do_the_same_do_it_once(shop: Shop, tmp_path: Path) -> None:
    """A campaign is made, launched and moved once, and a new member is assigned once.

    The others are told what is so already.
    """
    with started(shop.settings, tmp_path / "log") as server:
        _assert_moves_are_made_once(shop, server)
        _assert_all_are_told_the_same(shop, server)


def _assert_moves_are_made_once(shop: Shop, server: RunningServer) -> None:
    """Each step succeeds once, the others are refused, and no step is half done."""
    for number in range(3):
        key = f"new-{number}"
        document = {**deepcopy(DESIGN), "key": key}
        for path, done in {
            "/v1/campaigns": 201,
            f"/v1/campaigns/{key}/launch": 200,
            f"/v1/campaigns/{key}/pause": 200,
            f"/v1/campaigns/{key}/stop": 200,
        }.items():
            sent = document if path == "/v1/campaigns" else {"reason": "all at once"}
            if path.endswith("/launch"):
                sent = {**sent, "allow_unseen_events": True}
            answers = _all_at_once(shop, server, path, sent)
            statuses = sorted(answer.status_code for answer in answers)
            assert statuses == [done] + [409] * (SENDERS - 1), [one.text for one in answers]
        history = httpx.get(
            f"{server.address}/v1/campaigns/{key}/history", headers=shop.headers, timeout=PATIENCE_S
        ).json()["moves"]
        assert [one["move"] for one in history] == ["create", "launch", "pause", "stop"]
        shown = httpx.get(
            f"{server.address}/v1/campaigns/{key}", headers=shop.headers, timeout=PATIENCE_S
        ).json()
        assert (shown["state"], len(shown["phases"])) == ("stopped", 1)


def _assert_all_are_told_the_same(shop: Shop, server: RunningServer) -> None:
    """Whoever decides first, in whichever process: one assignment, one answer."""

    def ask(number: int) -> tuple[str, str | None]:
        member_id = f"m-{number // SENDERS}"
        answer = httpx.get(
            f"{server.address}/v1/members/{member_id}/offer",
            params={"campaign": OFFERED},
            headers=shop.headers,
            timeout=PATIENCE_S,
        )
        assert answer.status_code == 200, answer.text
        return member_id, answer.json()["variant"]

    with ThreadPoolExecutor(SENDERS) as pool:
        told = set(pool.map(ask, range(SENDERS * 20)))
    assert len(told) == 20
    assert told == {(member, variant) for (_, member), variant in shop.assigned().items()}


def _all_at_once(
    shop: Shop, server: RunningServer, path: str, document: object
) -> list[httpx.Response]:
    """Send the same request on as many connections, which both processes answer."""

    def send(_: int) -> httpx.Response:
        return httpx.post(
            server.address + path, json=document, headers=shop.headers, timeout=PATIENCE_S
        )

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(send, range(SENDERS)))
