"""The rules of webhooks: signatures that others verify, three days of attempts, addresses."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from experiments.campaign import Move
from experiments.errors import InvalidValues
from experiments.lifecycle import CREATE, NEW_PHASE, UPDATE
from experiments.webhooks import (
    EVENT_OF_MOVE,
    MOST_ATTEMPTS,
    Endpoint,
    EventKind,
    check_endpoint,
    headers_of,
    new_message_id,
    new_secret,
    next_attempt,
    old_secret_until,
    signature_of,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # of the vector below


def refused(url: str, key: str = "shop", secret: str | None = None) -> list[str]:
    """Give the fields that are refused."""
    try:
        check_endpoint(key, url, secret, any_address=False)
    except InvalidValues as fault:
        return [problem.field for problem in fault.problems]
    return []


def test_a_signature_is_that_of_standard_webhooks() -> None:
    """The vector of the Python library of Standard Webhooks, tests/test_webhooks.py.

    The same by: printf 'msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}' | openssl
    dgst -sha256 -mac HMAC -macopt hexkey:31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0 -binary |
    base64
    """
    signed = signature_of(
        SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_headers_carry_a_signature_by_each_secret() -> None:
    """A receiver that knows either secret verifies the message: nothing is lost by a change."""
    headers = headers_of([SECRET, new_secret()], "msg_1", 1_614_265_330, b"{}")
    first, second = headers["webhook-signature"].split(" ")
    assert first == signature_of(SECRET, "msg_1", 1_614_265_330, b"{}")
    assert second.startswith("v1,")
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1614265330")


def test_drawn_secrets_and_ids_are_as_the_specification_wants_them() -> None:
    """24 to 64 random bytes in base64 behind whsec_; an id without the dot that separates."""
    drawn = new_secret()
    assert drawn.startswith("whsec_")
    assert 24 <= len(base64.b64decode(drawn.removeprefix("whsec_"), validate=True)) <= 64
    assert drawn != new_secret()
    assert "." not in new_message_id()


def test_the_secret_before_signs_for_a_day() -> None:
    """And then no more."""
    until = old_secret_until(NOW)
    endpoint = Endpoint("shop", "https://a.example", frozenset(), "new", NOW, NOW, "old", until)
    assert endpoint.signing_secrets(NOW) == ("new", "old")
    assert endpoint.signing_secrets(NOW + timedelta(days=1)) == ("new",)


def test_attempts_come_ever_later_for_three_days() -> None:
    """The schedule of the specification: from 5 seconds to 24 hours, 75:35:05 after the first."""
    at, waits = NOW, []
    for attempt in range(1, MOST_ATTEMPTS):
        following = next_attempt(attempt, at, chance=0.0)
        assert following is not None
        waits.append(following - at)
        at = following
    assert waits == sorted(waits)
    assert at - NOW == timedelta(hours=75, minutes=35, seconds=5)
    assert next_attempt(MOST_ATTEMPTS, at, chance=0.0) is None


def test_attempts_that_failed_together_come_apart() -> None:
    """Up to a fifth later, by chance."""
    assert next_attempt(2, NOW, chance=0.5) == NOW + timedelta(minutes=5.5)


def test_an_endpoint_may_ask_for_patience_up_to_a_day() -> None:
    """What it says counts where it is longer than the schedule."""
    hour, week = timedelta(hours=1), timedelta(days=7)
    assert next_attempt(1, NOW, chance=0.0, retry_after=hour) == NOW + hour
    assert next_attempt(4, NOW, chance=0.0, retry_after=hour) == NOW + 2 * hour
    assert next_attempt(1, NOW, chance=0.0, retry_after=week) == NOW + timedelta(days=1)


def test_an_endpoint_is_told_what_it_wants() -> None:
    """Without kinds everything; a test always."""
    some = Endpoint("a", "https://a.example", frozenset({EventKind.TEST}), SECRET, NOW, NOW)
    every = Endpoint("a", "https://a.example", frozenset(), SECRET, NOW, NOW)
    assert not some.wants(EventKind.GRANT_REDEEMED)
    assert some.wants(EventKind.TEST)
    assert every.wants(EventKind.GRANT_REDEEMED)


def test_every_move_of_a_campaign_is_told() -> None:
    """A new move must be given a kind of event."""
    assert set(EVENT_OF_MOVE) == {CREATE, UPDATE, NEW_PHASE, *map(str, Move)}


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hooks",
        "ftp://shop.example",
        "https://",
        "https:///path",
        "shop.example/hooks",
        "https://user:word@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:0/",
        "https://shop.example:99999/",
        "https://shop.example/a b",
        "https://shöp.example/",
        "https://[::1",
        "https://shop.example/" + "a" * 2_048,
        "",
    ],
)
def test_an_address_that_cannot_be_told_is_refused(url: str) -> None:
    """Only https to a host, without a password that would be shown."""
    assert set(refused(url)) == {"url"}


@pytest.mark.parametrize("key", ["", "Shop", "-shop", "a/b", "a" * 129, "ä"])
def test_a_key_is_a_short_word(key: str) -> None:
    """It stands in addresses."""
    assert refused("https://shop.example/", key=key) == ["key"]


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "secret", "whsec_!!!", "whsec_" + base64.b64encode(b"a" * 23).decode(),
     "whsec_" + base64.b64encode(b"a" * 65).decode(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"],
)  # fmt: skip
def test_a_secret_of_your_own_is_long_enough(secret: str) -> None:
    """And is never shown in the refusal."""
    with pytest.raises(InvalidValues) as caught:
        check_endpoint("shop", "https://shop.example/", secret, any_address=False)
    assert caught.value.problems[0].value == "(hidden)"


def test_plain_http_is_the_operators_choice() -> None:
    """With TIERLIFT_WEBHOOK_ANY_ADDRESS."""
    check_endpoint("shop", "http://127.0.0.1:8080/hooks", SECRET, any_address=True)
