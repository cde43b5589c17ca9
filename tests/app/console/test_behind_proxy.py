"""The console behind a proxy that ends TLS: cookies travel encrypted, links lead to its address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from flask import url_for

from app.api import build
from app.console import open_console

if TYPE_CHECKING:
    from apiflask import APIFlask

    from app.wiring import Wiring

PUBLIC = "https://tierlift.example"


@pytest.mark.parametrize(("public_url", "is_secure"), [("", False), (PUBLIC, True)])
def test_cookies_and_links_follow_the_public_address(
    wiring: Wiring, public_url: str, *, is_secure: bool
) -> None:
    """What comes to Tierlift is plain HTTP; what people use is not."""
    app, links = console_at(wiring, public_url), []
    app.before_request(lambda: links.append(url_for("console.home.home", _external=True)))

    answer = app.test_client().get("/console/sign-in")

    assert ("; Secure" in answer.headers["Set-Cookie"]) is is_secure
    assert links == [f"{public_url or 'http://localhost'}/console/"]


def console_at(wiring: Wiring, public_url: str) -> APIFlask:
    """Give a console that people open at an address."""
    behind = replace(wiring, settings=replace(wiring.settings, public_url=public_url))
    app = build(behind)
    open_console(app, behind)
    return app
