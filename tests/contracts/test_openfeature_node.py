"""OpenFeature's Node.js SDK and its OFREP provider, as they are shipped, over HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from app.auth import Scope, create_key
from app.wiring import utc_now
from tests.conftest import missing
from tests.contracts.frontends import DEFAULT, Frontend, frontend

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tests/contracts/node/evaluate.mjs"
PACKAGE: Final = ROOT / "node_modules/@openfeature/ofrep-provider"


@dataclass(frozen=True, slots=True)
class Node:
    """A server of a shop, in Node.js.

    Attributes:
        program: The interpreter.
        served: Whom it asks.
    """

    program: str
    served: Frontend

    def ask(
        self, *asked: dict[str, Any], key: str = "", reports: bool = False, pause: int = 0
    ) -> list[dict[str, Any]]:
        """Give the details that the SDK gives for each flag and context, in their order.

        Args:
            asked: `flag`, `context`, and `kind` where the value is no object.
            key: Of the API; without one, the server key.
            reports: Whether the hook that reports exposures is added.
            pause: Milliseconds after each.
        """
        plan = {
            "base": self.served.address,
            "key": key or self.served.server_key,
            "fallback": DEFAULT,
            "asked": asked,
            "reports": reports,
            "pause": pause,
        }
        done = subprocess.run(  # noqa: S603  # our own script
            [self.program, str(SCRIPT)],
            input=json.dumps(plan), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        details: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return details


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Node]:
    """Give Node.js, the machine's or the one of the virtual environment, and a server for it."""
    program = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
    if program is None:
        missing("no Node.js was found; install one, on Debian with: apt-get install nodejs")
    if not PACKAGE.exists():
        missing(f"{PACKAGE} is absent; install the npm packages with: make setup")
    with frontend(tmp_path_factory.mktemp("node"), sqlite_template) as served:
        yield Node(str(program), served)


def asks(flag: str, targeting_key: str | None, **attributes: object) -> dict[str, Any]:
    """Give a question: a flag, and the context of a member."""
    known = {} if targeting_key is None else {"targetingKey": targeting_key}
    return {"flag": flag, "context": {**known, **attributes}}


def test_the_variant_is_the_published_one(node: Node) -> None:
    """For every member the SDK gives the variant of the published bucket, with its offer."""
    members = [f"m-{number}" for number in range(40)]
    given = node.ask(*(asks("gold-q3", member) for member in members))
    assert [details["variant"] for details in given] == [
        node.served.variant_of(member) for member in members
    ]
    assert {(details["variant"], details["value"]["kind"]) for details in given} == {
        ("control", "none"),
        ("gift", "gift"),
    }
    assert {details["reason"] for details in given} == {"SPLIT"}
    assert {details["flagMetadata"]["reason"] for details in given} == {"assigned"}
    assert not [details for details in given if "errorCode" in details]


def test_texts_come_in_the_locale_of_the_context(node: Node) -> None:
    """`locale` in the context chooses, as the query of the offer route does."""
    gifted = next(f"m-{n}" for n in range(99) if node.served.variant_of(f"m-{n}") == "gift")
    chinese, english = node.ask(
        asks("gold-q3", gifted, locale="zh-TW"), asks("gold-q3", gifted, locale="en-GB")
    )
    assert (chinese["value"]["locale"], chinese["value"]["texts"]["title"]) == (
        "zh-Hant-TW",
        "好禮等您",
    )
    assert (english["value"]["locale"], english["value"]["texts"]["title"]) == (
        "en",
        "A gift awaits",
    )


def test_attributes_of_the_context_decide(node: Node) -> None:
    """A server's context is believed; lists and objects in it are for others and do no harm."""
    silver, bronze, listed = node.ask(
        asks("silver-only", "s-1", tier="silver"),
        asks("silver-only", "b-1", tier="bronze"),
        asks("silver-only", "s-1", tier="silver", cart=[{"sku": 1}], device={"os": "x"}),
    )
    assert (silver["reason"], bronze["reason"]) == ("TARGETING_MATCH", "STATIC")
    assert (silver["variant"] in {"control", "gift"}, bronze["variant"]) == (True, "default")
    assert (bronze["value"]["kind"], listed["variant"]) == ("none", silver["variant"])


def test_a_paused_campaign_is_a_disabled_flag(node: Node) -> None:
    """It has a value and no error."""
    (details,) = node.ask(asks("paused", "m-1"))
    assert (details["reason"], details.get("errorCode")) == ("DISABLED", None)
    assert details["value"]["kind"] == "none"


def test_a_refusal_becomes_the_default_with_its_code(node: Node) -> None:
    """The SDK understands every refusal: the caller's default is shown, and the code says why."""
    refusals = {
        "FLAG_NOT_FOUND": [
            asks("nothing", "m-1"),
            # this provider writes the key into the address as it is
            asks("no such/flag", "m-1"),
            asks("金卡", "m-1"),
        ],
        "TARGETING_KEY_MISSING": [asks("gold-q3", None), asks("gold-q3", "")],
        "INVALID_CONTEXT": [asks("gold-q3", "a\x00b"), asks("gold-q3", "x" * 256)],
        "TYPE_MISMATCH": [{**asks("gold-q3", "m-1"), "kind": "string"}],
    }
    asked = [(code, question) for code, questions in refusals.items() for question in questions]
    given = node.ask(*(question for _, question in asked))
    for (code, question), details in zip(asked, given, strict=True):
        expected = "" if question.get("kind") == "string" else DEFAULT
        assert (details["errorCode"], details["value"]) == (code, expected), question
        assert details["reason"] == "ERROR"
        assert details["errorMessage"]


def test_a_wrong_key_becomes_the_default(node: Node) -> None:
    """Nobody is left with a blank slot because a key was revoked, or belongs to a page."""
    for key in ("tl_0123456789ab_nothing", node.served.browser_key, node.served.admin_key):
        (details,) = node.ask(asks("gold-q3", "m-1"), key=key)
        assert (details["value"], details["errorCode"]) == (DEFAULT, "GENERAL")


def test_too_many_requests_are_waited_for(node: Node) -> None:
    """The provider rests as long as `Retry-After` says, without asking, and then asks again."""
    scopes = [Scope.OFFERS_READ]
    key = create_key(node.served.engine, "slow", scopes, utc_now(), rate=1).text
    given = node.ask(*(asks("gold-q3", f"m-{n}") for n in range(30)), key=key, pause=200)
    refused = [details for details in given if "errorCode" in details]
    assert len(refused) < len(given)
    assert {details["errorCode"] for details in refused} == {"GENERAL"}
    assert all(details["value"] == DEFAULT for details in refused)
    messages = [details["errorMessage"] for details in refused]
    assert any(message.startswith("rate limit exceeded, try again after") for message in messages)
    assert any(message.startswith("OFREP evaluation paused") for message in messages)
    first = given.index(refused[0])
    assert any("errorCode" not in details for details in given[first:]), "it never asked again"


def test_a_refused_request_says_when_to_ask_again(node: Node) -> None:
    """What the provider reads is there: whole seconds, at least one."""
    scopes = [Scope.OFFERS_READ]
    key = create_key(node.served.engine, "slower", scopes, utc_now(), rate=1).text
    for _ in range(20):
        answer = httpx.post(
            f"{node.served.address}/ofrep/v1/evaluate/flags/gold-q3",
            json={"context": {"targetingKey": "m-1"}},
            headers={"Authorization": f"Bearer {key}"},
        )
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json()["errorCode"] == "GENERAL"


def test_exposures_are_reported_by_a_hook(node: Node) -> None:
    """A hook of ten lines reports who saw what; repeats and default offers add nothing."""
    before = node.served.exposures()
    node.ask(*[asks("gold-q3", "m-hook")] * 3, asks("paused", "m-hook"), reports=True)
    node.ask(asks("gold-q3", "m-hook"), reports=True)
    variant = node.served.variant_of("m-hook")
    assert node.served.exposures() - before == {("gold-q3", variant, "m-hook")}
    with node.served.engine.connect() as connection:
        query = "SELECT count(*) FROM exposures WHERE member_id = 'm-hook'"
        assert connection.exec_driver_sql(query).scalar() == 1
