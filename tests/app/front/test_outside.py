"""What a request is told of how people see Tierlift, behind proxies and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask, request

from app.front.outside import seen_from_outside, sender_of
from app.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

FORWARDED = {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
}


def client(settings: Settings) -> FlaskClient:
    """Give a client of an application that says how it sees a request."""
    app = Flask(__name__)
    app.add_url_rule("/", "seen", lambda: f"{request.url} {request.remote_addr}")
    app.wsgi_app = seen_from_outside(app.wsgi_app, settings)  # type: ignore[assignment, method-assign]  # how Flask says to wrap it
    return app.test_client()


@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        (Settings(), "http://localhost/ 127.0.0.1"),
        (Settings(trusted_proxies=1), "https://localhost/ 198.51.100.7"),
        (Settings(trusted_proxies=2), "http://localhost/ 203.0.113.9"),
        (Settings(public_url="https://tierlift.example"), "https://tierlift.example/ 127.0.0.1"),
        (
            Settings(public_url="https://tierlift.example:8443", trusted_proxies=1),
            "https://tierlift.example:8443/ 198.51.100.7",
        ),
    ],
)
def test_only_counted_proxies_are_believed_and_a_host_never(settings: Settings, seen: str) -> None:
    """The public address wins; without it, host and port are those that were asked for."""
    assert client(settings).get("/", headers=FORWARDED).text == seen


@pytest.mark.parametrize(
    ("address", "settings", "sender"),
    [
        ("203.0.113.9", Settings(), "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", Settings(), "2001:0db8:0001:0002"),
        ("127.0.0.1", Settings(), None),
        ("10.0.0.7", Settings(public_url="https://tierlift.example"), None),
        ("10.0.0.7", Settings(public_url="http://tierlift.example"), "10.0.0.7"),
        ("127.0.0.1", Settings(trusted_proxies=1), "127.0.0.1"),
        (None, Settings(), None),
        ("unix", Settings(), None),
    ],
)
def test_a_sender_is_told_apart_where_the_address_says_something(
    address: str | None, settings: Settings, sender: str | None
) -> None:
    """That of a proxy that is not trusted is everybody's."""
    assert sender_of(address, settings) == sender
