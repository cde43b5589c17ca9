"""Administrators make people, change them, and cannot lock everybody out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth.people import list_users, sign_in
from app.auth.roles import Role
from app.console.users import PasswordMadePage, UserPage, UsersPage
from tests.app.console.conftest import PASSWORD, post

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

ADDRESS = "/console/settings/users"
NEW = f"{ADDRESS}/new"


def id_of(wiring: Wiring, name: str) -> str:
    """Give the id of somebody."""
    (found,) = [one.user_id for one in list_users(wiring.engine) if one.name == name]
    return found


def test_everybody_is_listed_with_their_role(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """The page says who one is oneself, and what roles are for."""
    client_of(Role.VIEWER, "vera")
    assert client_of(Role.ADMIN, "ada").get(ADDRESS).status_code == 200
    page = pages[-1]
    assert isinstance(page, UsersPage)
    assert [(one.name, one.role, one.is_self) for one in page.users] == [
        ("ada", "Administrator", True), ("vera", "Viewer", False),
    ]  # fmt: skip
    assert len(page.roles) == len(Role)


def test_somebody_new_gets_a_password_that_is_shown_once(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """It opens, and is to be changed."""
    client = client_of()
    fields = {"email": "Eve@Example.com", "name": "Eve", "role": "marketer"}
    assert post(client, NEW, page=NEW, **fields).status_code == 201
    page = pages[-1]
    assert isinstance(page, PasswordMadePage)
    assert sign_in(wiring.engine, "eve@example.com", page.password, wiring.clock())
    assert page.password not in repr(page)


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"email": "eve"}, "email"), ({"name": ""}, "name"), ({"role": "king"}, "role"),
     ({"email": "admin@example.com"}, "email")],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(
    changed: dict[str, str],
    field: str,
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    wiring: Wiring,
) -> None:
    """Nothing is stored, and what was typed is kept."""
    client = client_of()
    fields = {"email": "eve@example.com", "name": "Eve", "role": "marketer"} | changed
    assert post(client, NEW, page=NEW, **fields).status_code == 422
    assert set(pages[-1].errors) == {field}
    assert pages[-1].fields == fields
    assert len(list_users(wiring.engine)) == 1


def test_a_role_is_changed_and_a_user_kept_out_and_let_in_again(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Each is in force at once for whoever is signed in."""
    vera, client = client_of(Role.VIEWER, "vera"), client_of(Role.ADMIN, "ada")
    place = f"{ADDRESS}/{id_of(wiring, 'vera')}"
    assert post(client, f"{place}/role", page=place, role="admin").location == place
    assert vera.get(ADDRESS).status_code == 200
    assert post(client, f"{place}/disable", page=place).location == place
    assert vera.get(ADDRESS).status_code == 302
    assert client.get(place).status_code == 200
    assert pages[-1].user.is_disabled
    assert post(client, f"{place}/enable", page=place).location == place
    assert sign_in(wiring.engine, "vera@example.com", PASSWORD, wiring.clock())


def test_nobody_locks_themselves_or_everybody_out(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """The page says why."""
    client = client_of(Role.ADMIN, "ada")
    place = f"{ADDRESS}/{id_of(wiring, 'ada')}"
    for act, fields in (("role", {"role": "viewer"}), ("disable", {})):
        assert post(client, f"{place}/{act}", page=place, **fields).status_code == 409
        page = pages[-1]
        assert isinstance(page, UserPage)
        assert page.refused
    assert client.get(ADDRESS).status_code == 200


def test_a_password_is_replaced_and_sign_ins_are_ended(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Whoever lost a password, or a browser, is helped."""
    vera, client = client_of(Role.VIEWER, "vera"), client_of(Role.ADMIN, "ada")
    place = f"{ADDRESS}/{id_of(wiring, 'vera')}"
    assert post(client, f"{place}/sign-ins", page=place).location == place
    assert vera.get("/console/").status_code == 302
    assert post(client, f"{place}/password", page=place).status_code == 200
    assert sign_in(wiring.engine, "vera@example.com", pages[-1].password, wiring.clock())


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.ADMIN])
def test_only_administrators_see_users(role: Role, client_of: Callable[..., FlaskClient]) -> None:
    """Others are told which permission they lack."""
    answer = client_of(role).get(ADDRESS)
    assert answer.status_code == 403
    assert "users:write" in answer.text


def test_an_unknown_user_is_a_page(client_of: Callable[..., FlaskClient]) -> None:
    """An old address says that nobody is there."""
    assert client_of().get(f"{ADDRESS}/nobody").status_code == 404
