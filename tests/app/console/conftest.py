"""An application with the console, people of every role, and what templates were given."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import template_rendered

from app.api import build
from app.auth.people import create_user
from app.auth.roles import Role
from app.console import open_console
from app.console.computing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.wiring import Wiring

PASSWORD = "four words are enough"  # noqa: S105  # of people in tests


@pytest.fixture
def app(wiring: Wiring) -> APIFlask:
    """Give the application, console included."""
    application = build(wiring)
    open_console(application, wiring)
    application.config[PATIENCE] = 60.0  # a test is not told that something is being counted
    return application


@pytest.fixture
def client_of(app: APIFlask, wiring: Wiring) -> Callable[..., FlaskClient]:
    """Give a browser in which somebody of a role is signed in, one person a name."""

    def make(role: Role = Role.ADMIN, name: str = "") -> FlaskClient:
        name = name or str(role)
        email = f"{name}@example.com"
        create_user(
            wiring.engine, email, name, role, PASSWORD, wiring.clock(), must_change_password=False
        )
        client = app.test_client()
        post(client, "/console/sign-in", email=email, password=PASSWORD)
        return client

    return make


@pytest.fixture
def pages(app: APIFlask) -> Iterator[list[Any]]:
    """Give what the templates were given, the last one at the end."""
    given: list[Any] = []

    @contextmanager
    def recording() -> Iterator[None]:
        def note(_: object, template: object, context: dict[str, Any], **__: object) -> None:
            del template
            if "page" in context:
                given.append(context["page"])

        with template_rendered.connected_to(note, app):
            yield

    with recording():
        yield given


def token_of(client: FlaskClient, address: str) -> str:
    """Give the token of the forms of a page."""
    text = client.get(address, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found is not None, f"no form at {address}"
    return found[1]


def post(
    client: FlaskClient, address: str, *, page: str = "/console/sign-in", **fields: object
) -> TestResponse:
    """Send a form as a browser would: with the token of a page that was opened before."""
    return client.post(address, data={"csrf_token": token_of(client, page), **fields})
