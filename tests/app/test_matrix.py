"""Every API address and every page of the console, tried by every role.

What each asks for stands in `tests.app.permissions`; one that is not listed there fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from app.api import build
from app.auth import Scope, create_key
from app.auth.keys import allows
from app.auth.people import create_user, sign_in
from app.auth.roles import ROLES, Role, roles_with
from app.console import open_console
from app.console.access import TOKEN, opened_to
from tests.app.permissions import API, BESIDE, CONSOLE, OPEN, SIGNED_IN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.routing import Rule

    from app.wiring import Wiring

PASSWORD = "four words are enough"  # noqa: S105  # of people in tests
PREFIX = "console."


@pytest.fixture
def console(wiring: Wiring) -> APIFlask:
    """Give the application with its console, whose views do nothing once they are entered."""
    app = build(wiring)
    open_console(app, wiring)
    app.config["WTF_CSRF_METHODS"] = set()  # forms have tests of their own
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith(PREFIX):
            app.view_functions[endpoint] = _entered(view)
    return app


def _entered(view: Callable[..., object]) -> Callable[..., str]:
    def entered(**_: object) -> str:
        return "entered"

    entered.open_to = opened_to(view)  # type: ignore[attr-defined]  # how `open_to` marks a view
    return entered


def requests(app: APIFlask, *, of_console: bool) -> Iterator[tuple[Rule, str]]:
    """Give every rule with every method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(PREFIX) is of_console:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address(app: APIFlask, rule: Rule) -> str:
    """Give an address that a rule answers."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        match rule._converters[name]:  # noqa: SLF001  # Werkzeug tells it nowhere else
            case IntegerConverter():
                values[name] = 1
            case AnyConverter() as one:
                values[name] = min(one.items)
            case _:
                values[name] = "x"
    path = app.url_map.bind("localhost").build(rule.endpoint, values)
    return path.removeprefix("http://localhost")


def signed_in(app: APIFlask, wiring: Wiring, role: Role) -> FlaskClient:
    """Give a browser in which somebody of a role is signed in."""
    email = f"{role}@example.com"
    create_user(
        wiring.engine, email, role, role, PASSWORD, wiring.clock(), must_change_password=False
    )
    client = app.test_client()
    with client.session_transaction(path="/console/") as kept:
        kept[TOKEN] = sign_in(wiring.engine, email, PASSWORD, wiring.clock())
    return client


def test_every_address_of_the_api_is_listed(wiring: Wiring) -> None:
    """Whoever adds one says what it asks for."""
    app = build(wiring)
    served = {f"{method} {rule.rule}" for rule, method in requests(app, of_console=False)}

    assert served == set(API)


def test_every_page_says_whom_it_is_open_to(console: APIFlask) -> None:
    """A view that says nothing is open to nobody, and each is listed with what it says."""
    said = {
        rule.endpoint.removeprefix(PREFIX): opened_to(console.view_functions[rule.endpoint])
        for rule, _ in requests(console, of_console=True)
    }

    assert said == CONSOLE


def test_what_stands_beside_them_is_listed(console: APIFlask) -> None:
    """Nothing is open to everybody by oversight."""
    served = {f"{method} {rule.rule}" for rule, method in requests(console, of_console=False)}

    assert served - set(API) == BESIDE


@pytest.mark.parametrize("role", Role)
def test_a_key_of_a_role_opens_what_the_role_may(role: Role, wiring: Wiring) -> None:
    """Nothing else, and a refusal names the scope."""
    app = build(wiring)
    key = create_key(wiring.engine, role, ROLES[role], wiring.clock())
    client, headers = app.test_client(), {"Authorization": f"Bearer {key.text}"}
    for rule, method in requests(app, of_console=False):
        needed = API.get(f"{method} {rule.rule}", OPEN)
        if needed == OPEN:
            continue
        answer = client.open(address(app, rule), method=method, headers=headers, json={})
        is_refused = answer.status_code == 403
        assert is_refused is not allows(ROLES[role], Scope(needed)), f"{method} {rule.rule}"
        assert not is_refused or needed in answer.text


@pytest.mark.parametrize("role", Role)
def test_a_person_of_a_role_enters_what_the_role_may(
    role: Role, console: APIFlask, wiring: Wiring
) -> None:
    """Nothing else, and a refusal names the permission."""
    client = signed_in(console, wiring, role)
    for rule, method in requests(console, of_console=True):
        needed = CONSOLE.get(rule.endpoint.removeprefix(PREFIX))
        if needed is None:
            continue  # told above, once
        answer = client.open(address(console, rule), method=method)
        may = needed in {OPEN, SIGNED_IN} or allows(ROLES[role], Scope(needed))
        assert answer.status_code == (200 if may else 403), f"{method} {rule.rule}"
        assert may or needed in answer.text


def test_nobody_enters_who_is_not_signed_in(console: APIFlask) -> None:
    """Everything but what is open leads to the sign-in."""
    client = console.test_client()
    for rule, method in requests(console, of_console=True):
        if (needed := CONSOLE.get(rule.endpoint.removeprefix(PREFIX))) is None:
            continue  # told above, once
        is_open = needed == OPEN
        answer = client.open(address(console, rule), method=method)
        assert answer.status_code == (200 if is_open else 302), f"{method} {rule.rule}"


def test_no_address_of_the_api_is_open_without_a_key(wiring: Wiring) -> None:
    """But for those that say nothing of the business."""
    app = build(wiring)
    for rule, method in requests(app, of_console=False):
        if API.get(f"{method} {rule.rule}", OPEN) != OPEN:
            answer = app.test_client().open(address(app, rule), method=method, json={})
            assert answer.status_code == 401, f"{method} {rule.rule}"


@pytest.mark.parametrize("scope", [Scope.ROWS_READ, Scope.MEMBERS_EXPORT, Scope.PRIVACY_WRITE])
def test_rows_of_members_need_a_permission_of_their_own(scope: Scope) -> None:
    """A viewer reads aggregates alone."""
    assert Role.VIEWER not in roles_with(scope)
    assert Role.MARKETER not in roles_with(scope)


def test_an_administrator_may_do_everything() -> None:
    """So that a new permission locks nobody out."""
    assert ROLES[Role.ADMIN] == frozenset(Scope)
