"""People sign in, stay signed in, and are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.people import ATTEMPTS, create_user
from app.auth.roles import Role
from tests.app.console.conftest import PASSWORD, post

WRONG = "not the one"

if TYPE_CHECKING:
    from collections.abc import Callable

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from app.wiring import Wiring


def test_nobody_sees_a_page_without_signing_in(app: APIFlask) -> None:
    """A page leads to the sign-in, which knows where to go back to."""
    answer = app.test_client().get("/console/")
    assert answer.status_code == 302
    assert answer.location == "/console/sign-in?back=/console/"


def test_who_signs_in_sees_the_home_page(
    client_of: Callable[..., FlaskClient], pages: list[object]
) -> None:
    """The right password opens the console."""
    answer = client_of(Role.VIEWER).get("/console/")
    assert answer.status_code == 200
    assert type(pages[-1]).__name__ == "HomePage"


def test_a_wrong_password_says_not_what_was_wrong(app: APIFlask, wiring: Wiring) -> None:
    """Whoever guesses learns nothing of who is there."""
    create_user(wiring.engine, "ada@example.com", "Ada", Role.ADMIN, PASSWORD, wiring.clock())
    client = app.test_client()
    known = post(client, "/console/sign-in", email="ada@example.com", password=WRONG)
    unknown = post(client, "/console/sign-in", email="eve@example.com", password=WRONG)
    assert known.status_code == unknown.status_code == 401
    assert "is wrong" in known.text
    assert "is wrong" in unknown.text


def test_too_many_wrong_passwords_lock_for_a_while(app: APIFlask, wiring: Wiring) -> None:
    """After five wrong ones, not even the right one opens."""
    create_user(wiring.engine, "ada@example.com", "Ada", Role.ADMIN, PASSWORD, wiring.clock())
    client = app.test_client()
    for _ in range(ATTEMPTS):
        post(client, "/console/sign-in", email="ada@example.com", password=WRONG)
    answer = post(client, "/console/sign-in", email="ada@example.com", password=PASSWORD)
    assert answer.status_code == 401
    assert "Too many" in answer.text  # as after any wrong one


def test_a_form_without_our_token_is_refused(app: APIFlask) -> None:
    """A page of somebody else cannot send our forms."""
    answer = app.test_client().post("/console/sign-in", data={"email": "a", "password": "b"})
    assert answer.status_code == 400


def test_signing_out_ends_the_sign_in(client_of: Callable[..., FlaskClient]) -> None:
    """The cookie of before opens nothing any more."""
    client = client_of(Role.VIEWER)
    kept = client.get_cookie("tierlift", path="/console")
    assert kept is not None
    post(client, "/console/sign-out", page="/console/")
    client.set_cookie("tierlift", kept.value, path="/console")
    assert client.get("/console/").status_code == 302


def test_a_chosen_password_of_somebody_else_must_be_changed(app: APIFlask, wiring: Wiring) -> None:
    """Nothing else can be done before."""
    create_user(wiring.engine, "ada@example.com", "Ada", Role.ADMIN, PASSWORD, wiring.clock())
    client = app.test_client()
    post(client, "/console/sign-in", email="ada@example.com", password=PASSWORD)
    assert client.get("/console/").location == "/console/account/password"
    new = "quite another password"
    answer = post(client, "/console/account/password", page="/console/account/password",
                  present=PASSWORD, password=new, again=new)  # fmt: skip
    assert answer.location == "/console/"
    assert client.get("/console/").status_code == 200


def test_an_unknown_address_is_a_page(client_of: Callable[..., FlaskClient]) -> None:
    """Whoever mistypes an address is led on."""
    answer = client_of(Role.VIEWER).get("/console/nowhere")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


def test_the_bare_address_leads_to_the_console(app: APIFlask) -> None:
    """A person who opens the address that the server printed sees something."""
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.location) == (302, "/console/")


def test_the_document_of_the_api_is_served_beside_the_console(app: APIFlask) -> None:
    """Pages are none of its addresses."""
    answer = app.test_client().get("/openapi.json")
    assert answer.status_code == 200
    assert not [path for path in answer.get_json()["paths"] if path.startswith("/console")]
