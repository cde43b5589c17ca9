"""Share links: made with bounds, shown once, open to whoever has them, gone once they are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.auth.administering import disable
from app.auth.people import list_users
from app.auth.roles import Role
from app.console.results.nothing import NothingPage
from app.console.sharing import opening
from app.console.sharing.managing import RevokeLinkPage, SharingPage
from app.console.sharing.opening import GonePage
from experiments.campaign import State
from experiments.errors import DatabaseLocked
from experiments.lifecycle import set_programme
from experiments.sharing import share_links_of
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.app.console.conftest import post
from tests.app.console.publishing import KEY, kept
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from app.wiring import Wiring

LINKS = f"/console/campaigns/{KEY}/share"
ORDER = {"language": "en", "last_day": "2026-03-15", "note": "For the board"}


def make(client: FlaskClient, **changes: str) -> TestResponse:
    """Ask for a link."""
    return post(client, LINKS, page=LINKS, **{**ORDER, **changes})


def path_of(page: SharingPage) -> str:
    """Give the path of the link that was just made."""
    return page.made.removeprefix("http://localhost")


def test_a_link_opens_its_report_for_whoever_has_it(
    client_of: Callable[..., FlaskClient], pages: list[Any], app: APIFlask, wiring: Wiring
) -> None:
    """Signed in or not, in the link's language, kept out of caches and search engines, counted."""
    scorecard = kept(wiring)
    client = client_of(Role.MARKETER)
    assert make(client, language="zh-Hant-TW").status_code == 200
    page = pages[-1]
    assert isinstance(page, SharingPage)
    assert page.rows[0].name == "For the board"
    assert page.rows[0].read == "never"

    with app.test_client() as nobody, nobody.get(path_of(page)) as answer:
        assert answer.status_code == 200
        assert '<html lang="zh-Hant-TW">' in answer.text
        assert scorecard.snapshot_hash in answer.text
        told = answer.headers
        assert told.getlist("Referrer-Policy") == ["no-referrer"]
        assert told["X-Robots-Tag"] == "noindex"
        assert told.getlist("Cache-Control") == ["private, no-store"]
        assert "Set-Cookie" not in told
        (policy,) = told.getlist("Content-Security-Policy")
        assert "default-src 'none'; style-src 'sha256-" in policy
        assert "unsafe" not in policy
    with app.test_client() as nobody, nobody.get(f"{path_of(page)}/report.csv") as answer:
        assert scorecard.snapshot_hash in answer.text
        assert answer.headers["X-Robots-Tag"] == "noindex"

    client.get(LINKS)
    assert pages[-1].rows[0].read.startswith("2 times, last ")
    assert pages[-1].made == ""


@pytest.mark.parametrize("end", ["expire", "revoke", "disable", "mistype"])
def test_whatever_ends_a_link_is_answered_alike(  # the same words for every reason
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    app: APIFlask,
    wiring: Wiring,
    monkeypatch: pytest.MonkeyPatch,
    end: str,
) -> None:
    """The same friendly page in the browser's language, under the same status."""
    kept(wiring)
    client = client_of(Role.MARKETER)
    make(client)
    path, row = path_of(pages[-1]), pages[-1].rows[0]
    maker = list_users(wiring.engine)[0]
    match end:
        case "expire":
            later = replace(wiring, clock=lambda: wiring.clock() + timedelta(days=15))
            monkeypatch.setattr(opening, "wiring", lambda: later)
        case "revoke":
            client.get(row.revoke)
            assert isinstance(pages[-1], RevokeLinkPage)
            assert post(client, row.revoke, page=row.revoke).status_code == 302
        case "disable":
            disable(wiring.engine, maker.user_id, wiring.clock(), "user other")
        case _:
            path = path[:-1]

    with app.test_client() as nobody:
        for address in (path, f"{path}/report.csv", f"{path}/report.exe"):
            answer = nobody.get(address, headers={"Accept-Language": "zh-TW"})
            assert answer.status_code == 404
            assert isinstance(pages[-1], GonePage)
            assert pages[-1].title == "這個連結無法使用"
            assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_log_and_the_metrics_never_hold_the_secret(
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    app: APIFlask,
    wiring: Wiring,
    events: Callable[[], list[dict[str, object]]],
) -> None:
    """They name the rule."""
    kept(wiring)
    make(client_of(Role.MARKETER))
    path = path_of(pages[-1])
    app.test_client().get(path).close()
    app.test_client().post(path)

    assert path.rpartition("/")[2] not in str(events())
    assert "/shared/<token>" in [one.get("route") for one in events()]


def test_a_reading_that_cannot_be_counted_is_shown_all_the_same(
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    app: APIFlask,
    wiring: Wiring,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Readers never wait for, nor fail by, the counting."""
    kept(wiring)
    make(client_of(Role.MARKETER))

    address = "sqlite:///x"

    def locked(*_: object) -> None:
        raise DatabaseLocked(address, "locked")

    monkeypatch.setattr(opening, "count_reading", locked)
    with app.test_client() as nobody, nobody.get(path_of(pages[-1])) as answer:
        assert answer.status_code == 200
    assert share_links_of(wiring.engine, KEY)[0].times_read == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_day": "2026-02-28"}, "last_day"),
        ({"last_day": "2026-05-31"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"last_day": "soon"}, "last_day"),
        ({"language": "fr"}, "language"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_refusals_stand_at_their_fields(
    client_of: Callable[..., FlaskClient],
    pages: list[Any],
    wiring: Wiring,
    changes: dict[str, str],
    field: str,
) -> None:
    """What was typed is kept, and no link is made."""
    kept(wiring)
    assert make(client_of(Role.MARKETER), **changes).status_code == 422

    assert set(pages[-1].errors) == {field}
    assert pages[-1].typed == {**ORDER, **changes}
    assert share_links_of(wiring.engine, KEY) == ()


def test_the_longest_day_that_is_offered_is_accepted(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """The form allows what the rule allows."""
    kept(wiring)
    client = client_of(Role.MARKETER)
    client.get(LINKS)
    assert make(client, last_day=pages[-1].last_day).status_code == 200


def test_readers_see_links_and_make_none(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """And where there are no results, there is nothing to share yet."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.DRAFT))
    viewer = client_of(Role.VIEWER)
    viewer.get(LINKS)
    assert isinstance(pages[-1], NothingPage)


def test_a_viewer_gets_no_form(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Nor a way to revoke."""
    kept(wiring)
    make(client_of(Role.MARKETER))
    client_of(Role.VIEWER).get(LINKS)

    assert not pages[-1].may_make
    assert pages[-1].rows[0].revoke == ""
