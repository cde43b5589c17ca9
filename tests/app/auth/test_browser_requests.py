"""What a browser key opens over HTTP, and what a stolen one shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.auth import BROWSER_SCOPES, KeyKind, create_key
from tests.app.auth.signing import SECRET, claims, signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from werkzeug.test import TestResponse

    from app.settings import Settings
    from app.wiring import Wiring

    Ask = Callable[..., TestResponse]

OFFER = "/v1/members/ada/offer?campaign=gold-q3"
PROGRESS = "/v1/members/ada/progress"
FLAG = "/ofrep/v1/evaluate/flags/gold-q3"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Give settings of a server that shares a secret with the business."""
    return replace(settings, member_token_secret=SECRET, workers=1)


@pytest.fixture
def ask(client: object, wiring: Wiring, now: datetime) -> Ask:
    """Ask as a page does: with a browser key, and with the token of a member if one is named."""
    key = create_key(wiring.engine, "page", BROWSER_SCOPES, now, kind=KeyKind.BROWSER, rate=15)

    def call(method: str, path: str, member: str | None, **more: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {key.text}"}
        if member is not None:
            headers["X-Tierlift-Member"] = signed(claims(now, sub=member))
        answer: TestResponse = client.open(path, method=method, headers=headers, **more)  # type: ignore[attr-defined]  # Flask's client
        return answer

    return call


def problem(answer: TestResponse) -> tuple[int, str]:
    """Give status and kind of a refusal."""
    return answer.status_code, answer.get_json()["type"].removeprefix("urn:tierlift:problem:")


def test_a_page_asks_for_the_member_of_its_token(ask: Ask) -> None:
    """Admitted, what is asked for is looked for: here nobody has made the campaign."""
    assert problem(ask("GET", OFFER, "ada")) == (404, "unknown-campaign")


def test_without_a_token_nothing_is_said(ask: Ask) -> None:
    """Not even whether the campaign exists."""
    assert problem(ask("GET", OFFER, None)) == (401, "member-token-missing")


def test_a_token_opens_no_other_member(ask: Ask) -> None:
    """Neither for the offer or progress, nor in OFREP, nor for events."""
    assert problem(ask("GET", OFFER, "bob")) == (403, "member-mismatch")
    assert problem(ask("GET", PROGRESS, "bob")) == (403, "member-mismatch")
    assert problem(ask("GET", PROGRESS, None)) == (401, "member-token-missing")
    assert ask("GET", PROGRESS, "ada").get_json()["member_id"] == "ada"
    flag = ask("POST", FLAG, "bob", json={"context": {"targetingKey": "ada"}})
    assert flag.status_code == 403
    exposure = {"exposure_id": "e", "member_id": "ada", "campaign": "gold-q3", "variant": "gift",
                "occurred_at": "2026-03-01T12:00:00Z"}  # fmt: skip
    assert problem(ask("POST", "/v1/exposures", "bob", json=exposure)) == (403, "member-mismatch")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/campaigns/gold-q3"),
        ("GET", "/v1/programme"),
        ("GET", "/v1/campaigns/gold-q3/scorecard"),
        ("GET", "/flag-config/v1/config"),
        ("PUT", "/v1/members/ada"),
    ],
)
def test_a_stolen_key_shows_no_rules_members_or_results(method: str, path: str, ask: Ask) -> None:
    """Also with the token of a member."""
    for member in (None, "ada"):
        assert problem(ask(method, path, member, json={})) == (403, "missing-scope")


def test_a_page_is_told_its_rate_and_refused_beyond_it(ask: Ask) -> None:
    """A request too many is answered with when to try again."""
    answers = [ask("GET", OFFER, "ada") for _ in range(16)]

    assert answers[0].headers["RateLimit-Limit"] == "15"
    assert answers[0].headers["RateLimit-Remaining"] == "14"
    # the clock of rates is the machine's: a slow one lets some more through
    while (last := answers[-1]).status_code != 429 and len(answers) < 1_000:
        answers.append(ask("GET", OFFER, "ada"))
    assert problem(last) == (429, "rate-limited")
    assert int(last.headers["Retry-After"]) >= 1


def test_a_member_opts_out_in_a_page(ask: Ask) -> None:
    """With the token of the member, and for nobody else; the answer to why says so."""
    path = "/v1/members/ada/opt-out"

    assert problem(ask("POST", path, "bob")) == (403, "member-mismatch")
    assert problem(ask("POST", path, None)) == (401, "member-token-missing")
    assert ask("POST", path, "ada").get_json()["opted_out"] is True
    assert problem(ask("GET", "/v1/members/ada/why?campaign=x", "bob")) == (403, "member-mismatch")
