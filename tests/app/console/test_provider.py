"""Signing in with the business's identity provider: who enters, and what is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.api import build
from app.auth import administering
from app.auth.people import create_user, list_users, sign_in
from app.auth.roles import Role
from app.auth.wrong_passwords import MANY, WITHIN
from app.console import open_console
from app.console.account import PasswordPage
from app.console.context import EXTENSION
from app.console.provider import LeavePage
from app.console.signin import SignInPage
from app.errors import SignInRefused
from experiments.auditing import AuditQuery, all_entries
from tests.app.console.conftest import PASSWORD, post
from tests.app.console.identity_provider import CLIENT, OTHER_KEY, SECRET, Provider, provider_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from app.settings import Settings
    from app.wiring import Wiring

GO = "/console/sign-in/provider"
HOME = "/console/"


@pytest.fixture
def provider(now: datetime) -> Iterator[Provider]:
    """Give a provider that knows Ada."""
    with provider_at(now) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    """Give settings with that provider, which makes users."""
    return replace(
        settings, oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET,
        oidc_name="Example Login", oidc_roles="admin=bosses; marketer=crm; viewer",
        oidc_new_users=True,
    )  # fmt: skip


def come_back(client: FlaskClient, provider: Provider, address: str = GO, **answer: str) -> Any:  # noqa: ANN401  # Werkzeug's response
    """Go to the provider, and come back."""
    there = client.get(address)
    assert there.status_code == 302, there.text
    return client.get(provider.sent_back(there.location, **answer))


def user_of(wiring: Wiring, **facts: object) -> str:
    """Make Ada, as an administrator would."""
    made = create_user(
        wiring.engine, "Ada@example.com", "Ada", Role.ANALYST, PASSWORD, wiring.clock(),
        must_change_password=bool(facts.get("must_change_password")),
    )  # fmt: skip
    return made.user_id


def acts(wiring: Wiring) -> list[tuple[str, str]]:
    """Give who did what, the newest first."""
    found = [
        (one.number, one.actor, one.change.action)
        for one in all_entries(wiring.engine, AuditQuery())
    ]
    return [(actor, action) for _, actor, action in sorted(found, reverse=True)]


def test_somebody_new_enters_with_the_role_of_the_first_rule(
    app: APIFlask, provider: Provider, wiring: Wiring
) -> None:
    """They have no password, and the page of passwords says so."""
    provider.changed["groups"] = ["staff", "crm"]
    client = app.test_client()
    assert come_back(client, provider, f"{GO}?back=/console/campaigns").location == (
        "/console/campaigns"
    )
    (ada,) = list_users(wiring.engine)
    assert (ada.email, ada.name, ada.role) == ("ada@example.com", "Ada", "marketer")
    assert ada.provider_subject == f"{provider.issuer} ada"
    assert "You have no password here" in client.get("/console/account/password").text
    with pytest.raises(SignInRefused):
        sign_in(wiring.engine, ada.email, "", wiring.clock())
    assert acts(wiring) == [("identity provider", "create")]


def test_a_changed_group_changes_the_role_at_the_next_sign_in(
    app: APIFlask, provider: Provider, wiring: Wiring
) -> None:
    """It is audited; but the last administrator stays one."""
    for groups, role in ((["crm"], "marketer"), ([], "viewer"), (["bosses"], "admin")):
        provider.changed["groups"] = groups
        assert come_back(app.test_client(), provider).location == HOME
        (ada,) = list_users(wiring.engine)
        assert ada.role == role
    assert acts(wiring)[:2] == [("identity provider", "change_role")] * 2
    provider.changed["groups"] = ["crm"]
    assert come_back(app.test_client(), provider).location == HOME
    assert list_users(wiring.engine)[0].role == "admin"


def test_a_verified_address_links_a_user_once(
    app: APIFlask, provider: Provider, wiring: Wiring, pages: list[Any]
) -> None:
    """Another account with the same address does not enter; unlinked, it is linked anew."""
    user_id = user_of(wiring)
    assert come_back(app.test_client(), provider).location == HOME
    assert acts(wiring)[1] == (user_id, "link_provider")
    assert sign_in(wiring.engine, "ada@example.com", PASSWORD, wiring.clock())
    provider.changed["sub"] = provider.told["sub"] = "another"
    assert come_back(app.test_client(), provider).status_code == 401
    assert "another account" in pages[-1].refused
    administering.unlink(wiring.engine, user_id, wiring.clock(), "command line")
    assert come_back(app.test_client(), provider).location == HOME


def test_a_password_that_somebody_else_chose_is_dropped(
    app: APIFlask, provider: Provider, wiring: Wiring
) -> None:
    """Whoever comes by the provider is not asked to change what they never used."""
    user_of(wiring, must_change_password=True)
    client = app.test_client()
    assert come_back(client, provider).location == HOME
    assert client.get(HOME).status_code == 200
    with pytest.raises(SignInRefused):
        sign_in(wiring.engine, "ada@example.com", PASSWORD, wiring.clock())


def test_what_the_id_token_leaves_out_is_asked_for(
    app: APIFlask, provider: Provider, wiring: Wiring
) -> None:
    """Address and proof come from one place, and the place must tell of the same person."""
    provider.changed |= {"email": None, "email_verified": None, "name": None}
    provider.told |= {"sub": "ada", "email": "ada@example.com", "email_verified": True,
                      "groups": ["crm"]}  # fmt: skip
    assert come_back(app.test_client(), provider).location == HOME
    assert [one.role for one in list_users(wiring.engine)] == ["marketer"]
    provider.told["sub"] = "eve"
    assert come_back(app.test_client(), provider).status_code == 401


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"nonce": "another"}, "does not prove"),
        ({"nonce": None}, "does not prove"),
        ({"aud": "another"}, "does not prove"),
        ({"aud": [CLIENT, "another"]}, "does not prove"),
        ({"azp": "another"}, "does not prove"),
        ({"iss": "http://127.0.0.1/another"}, "does not prove"),
        ({"exp": 1}, "does not prove"),
        ({"iat": 9_999_999_999}, "does not prove"),
        ({"sub": None}, "does not prove"),
        ({"sub": "eve"}, "does not prove"),
        ({"email_verified": False}, "has not verified"),
        ({"email_verified": "true"}, "has not verified"),
        ({"email": None}, "has not verified"),
    ],
)
def test_an_id_token_that_proves_nothing_lets_nobody_in(
    changed: dict[str, Any], said: str, app: APIFlask, provider: Provider, wiring: Wiring,
    pages: list[Any],
) -> None:  # fmt: skip
    """Nobody is made or linked, and the sign-in says why in words."""
    provider.changed |= changed
    client = app.test_client()
    assert come_back(client, provider).status_code == 401
    page = pages[-1]
    assert isinstance(page, SignInPage)
    assert said in page.refused
    assert list_users(wiring.engine) == ()
    assert client.get(HOME).status_code == 302


def test_another_signature_lets_nobody_in(app: APIFlask, provider: Provider) -> None:
    """A key of the same name is not the provider's."""
    provider.key = OTHER_KEY
    assert come_back(app.test_client(), provider).status_code == 401


@pytest.mark.parametrize(
    "answer",
    [{"state": "another"}, {"state": ""}, {"iss": "http://evil.example"}, {"code": "guessed"},
     {"code": "", "error": "access_denied"}],
)  # fmt: skip
def test_an_answer_that_was_not_asked_for_lets_nobody_in(
    answer: dict[str, str], app: APIFlask, provider: Provider, pages: list[Any]
) -> None:
    """And the form is there, to begin again."""
    assert come_back(app.test_client(), provider, **answer).status_code == 401
    assert pages[-1].provider == "Example Login"


def test_an_answer_counts_once_in_the_browser_that_asked_and_not_for_long(
    app: APIFlask, provider: Provider, wiring: Wiring
) -> None:
    """A replayed code is refused, here for want of a journey and at the provider as used."""
    client, other = app.test_client(), app.test_client()
    address = provider.sent_back(client.get(GO).location)
    with client.session_transaction(path="/console/") as kept:
        journey = dict(kept)
    assert other.get(address).status_code == 401
    assert client.get(address).location == HOME
    fresh = app.test_client()
    with fresh.session_transaction(path="/console/") as kept:
        kept.update(journey)
    assert fresh.get(address).status_code == 401
    late = replace(wiring, clock=lambda: wiring.clock() + timedelta(minutes=16))
    slow = build(late)
    open_console(slow, late)
    browser = slow.test_client()
    with browser.session_transaction(path="/console/") as kept:
        kept.update(journey)
    assert browser.get(address).status_code == 401


def test_a_disabled_user_stays_out(app: APIFlask, provider: Provider, wiring: Wiring) -> None:
    """Whatever the provider says."""
    user_id = user_of(wiring)
    administering.disable(wiring.engine, user_id, wiring.clock(), "command line")
    answer = come_back(app.test_client(), provider)
    assert answer.status_code == 401
    assert "Your access to this console has ended" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"oidc_new_users": False}, "Ask an administrator to let you in"),
     ({"oidc_new_users": False, "oidc_roles": ""}, "Ask an administrator to let you in"),
     ({"oidc_roles": "admin=bosses"}, "has no role in this console")],
)  # fmt: skip
def test_whoever_is_not_let_in_is_told_whom_to_ask(
    changed: dict[str, Any], said: str, wiring: Wiring, provider: Provider
) -> None:
    """Without a rule that fits, or where nobody new is made."""
    parts = replace(wiring, settings=replace(wiring.settings, **changed))
    app = build(parts)
    open_console(app, parts)
    answer = come_back(app.test_client(), provider)
    assert (answer.status_code, list_users(wiring.engine)) == (401, ())
    assert said in answer.text


def test_passwords_still_open_while_the_provider_is_away(
    app: APIFlask, provider: Provider, wiring: Wiring, pages: list[Any]
) -> None:
    """The sign-in says so, and offers what works."""
    provider.is_away = True
    user_of(wiring)
    client = app.test_client()
    assert client.get(GO).status_code == 503
    assert "cannot be reached" in pages[-1].refused
    assert post(client, "/console/sign-in", email="ada@example.com",
                password=PASSWORD).location == HOME  # fmt: skip


def test_what_the_provider_says_of_itself_is_asked_once(app: APIFlask, provider: Provider) -> None:
    """Its keys too."""
    for _ in range(3):
        assert come_back(app.test_client(), provider).location == HOME
    known = [one for one in provider.asked if not one.endswith("/token")]
    assert known.count("/realms/shop/keys") == 1
    assert known.count("/realms/shop/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/console\\@evil.example", "/v1/members"]
)
def test_nobody_is_led_elsewhere(back: str, app: APIFlask, provider: Provider) -> None:
    """What is no page of the console leads home."""
    client = app.test_client()
    there = client.get(GO, query_string={"back": back})
    assert client.get(provider.sent_back(there.location)).location == HOME


def test_signing_out_leads_on_to_the_provider(
    app: APIFlask, provider: Provider, pages: list[Any]
) -> None:
    """Only whoever came from there; the sign-in here is over at once."""
    client = app.test_client()
    come_back(client, provider)
    answer = post(client, "/console/sign-out", page="/console/account/password")
    assert answer.location == "/console/sign-out/provider"
    assert client.get(HOME).status_code == 302
    assert client.get(answer.location).status_code == 200
    page = pages[-1]
    assert isinstance(page, LeavePage)
    assert page.address == (
        f"{provider.issuer}/end?client_id={CLIENT}"
        "&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fconsole%2Fsign-in"
    )


def test_without_a_provider_there_is_no_way_to_it(wiring: Wiring) -> None:
    """Neither button nor address."""
    parts = replace(wiring, settings=replace(wiring.settings, oidc_issuer=""))
    app = build(parts)
    open_console(app, parts)
    client = app.test_client()
    assert client.get(GO).status_code == 404
    assert "sign-in/provider" not in client.get("/console/sign-in").text
    assert client.get("/console/sign-out/provider").location == "/console/sign-in"


def test_where_somebody_is_signed_in_is_shown_and_ended(
    app: APIFlask, wiring: Wiring, pages: list[Any]
) -> None:
    """Everywhere but here."""
    user_of(wiring)
    here, there = app.test_client(), app.test_client()
    for one in (there, here):
        post(one, "/console/sign-in", email="ada@example.com", password=PASSWORD)
    place = "/console/account/password"
    here.get(place)
    page = pages[-1]
    assert isinstance(page, PasswordPage)
    assert sorted(one.is_here for one in page.sign_ins) == [False, True]
    assert post(here, "/console/account/sign-ins", page=place).location == place
    assert there.get(HOME).status_code == 302
    assert here.get(HOME).status_code == 200


def test_wrong_present_passwords_lock_as_wrong_sign_ins_do(
    app: APIFlask, wiring: Wiring, pages: list[Any]
) -> None:
    """A browser left open is no place to try many."""
    user_of(wiring)
    client, place = app.test_client(), "/console/account/password"
    post(client, "/console/sign-in", email="ada@example.com", password=PASSWORD)
    said = []
    for _ in range(5):
        wrong = {"present": "wrong", "password": "four other words", "again": "four other words"}
        assert post(client, place, page=place, **wrong).status_code == 422
        said.append(pages[-1].errors["present"])
    assert said[3] == "This is not your present password."
    assert said[4] == "Too many wrong passwords. Try again in a quarter of an hour."
    right = {"present": PASSWORD, "password": "four other words", "again": "four other words"}
    assert post(client, place, page=place, **right).status_code == 422


def test_many_wrong_passwords_from_one_place_are_too_many(app: APIFlask, wiring: Wiring) -> None:
    """Whoever they are for; other places go on, and this one after a while."""
    user_of(wiring)
    spray, other = app.test_client(), app.test_client()
    spray.environ_base["REMOTE_ADDR"] = "203.0.113.9"
    other.environ_base["REMOTE_ADDR"] = "203.0.113.10"
    kept = app.extensions[EXTENSION].wrong_passwords
    for _ in range(MANY - 1):
        kept.count("203.0.113.9", wiring.clock())
    wrong = {"email": "eve@example.com", "password": "wrong"}
    right = {"email": "ada@example.com", "password": PASSWORD}
    assert post(spray, "/console/sign-in", **wrong).status_code == 401
    assert post(spray, "/console/sign-in", **right).status_code == 429
    assert post(other, "/console/sign-in", **right).location == HOME
    assert not kept.are_too_many("203.0.113.9", wiring.clock() + WITHIN)
    assert not kept.are_too_many(None, wiring.clock())
