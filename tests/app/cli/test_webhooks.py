"""`tierlift webhooks` sets where systems are told, and shows and sends what they were told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.app.webhooks.receiver import receiving, reply

if TYPE_CHECKING:
    import pytest

    from tests.app.cli.conftest import Run

URL = "https://shop.example/webhooks"


def test_a_new_secret_stands_alone_on_standard_output(run_on_each: Run) -> None:
    """This once; a script can take it as it is."""
    first = run_on_each("webhooks", "set", "shop", URL, "--kind", "grant.redeemed")
    assert first.stdout.startswith("whsec_")
    assert "not shown again" in first.stderr
    again = run_on_each("webhooks", "set", "shop", URL, "--disabled")
    assert (again.exit_code, again.stdout) == (0, "")
    changed = run_on_each("webhooks", "secret", "shop")
    assert changed.stdout.startswith("whsec_")
    assert changed.stdout != first.stdout
    listed = run_on_each("webhooks", "list")
    assert "disabled" in listed.stdout
    assert "whsec_" not in listed.stdout
    assert run_on_each("webhooks", "remove", "shop").exit_code == 0
    assert "no webhook yet" in run_on_each("webhooks", "list").stderr


def test_an_address_that_is_refused_is_told(run: Run) -> None:
    """With the way out."""
    done = run("webhooks", "set", "shop", "http://shop.example/")
    assert done.exit_code == 1
    assert "TIERLIFT_WEBHOOK_ANY_ADDRESS" in done.stderr


def test_messages_are_sent_listed_and_sent_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a server, by a command that ends."""
    monkeypatch.setenv("TIERLIFT_WEBHOOK_ANY_ADDRESS", "true")
    with receiving() as receiver:
        run("webhooks", "set", "shop", receiver.url)
        message_id = run("webhooks", "test", "shop").stdout.strip()
        assert run("webhooks", "deliver").stdout == "1 attempts.\n"
        assert receiver.ids() == [message_id]
        receiver.answer = lambda request: reply(request, 410)
        assert run("webhooks", "redeliver", "shop", message_id).stdout == "1 sent again.\n"
        run("webhooks", "deliver")
        (dead,) = json.loads(run("webhooks", "deliveries", "--state", "dead", "--json").stdout)
        assert (dead["message_id"], dead["last_status"]) == (message_id, 410)
        receiver.answer = lambda request: reply(request, 200)
        run("webhooks", "set", "shop", receiver.url)
        assert run("webhooks", "redeliver", "shop", "--dead").stdout == "1 sent again.\n"
        run("webhooks", "deliver")
        assert receiver.ids() == [message_id] * 3
    assert "delivered" in run("webhooks", "deliveries", "shop").stdout


def test_what_is_unknown_or_half_said_is_refused(run: Run) -> None:
    """A webhook, a message, or which of them to send again."""
    assert run("webhooks", "remove", "shop").exit_code == 1
    assert run("webhooks", "redeliver", "shop").exit_code == 2
    assert run("webhooks", "redeliver", "shop", "msg_1", "--dead").exit_code == 2
