"""A client of others, built on a Rust core, gives the answers of our own evaluator."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import eppo_client
import httpx
import pytest
from eppo_client import AssignmentLogger, Configuration
from eppo_client.config import Config
from pydantic import ValidationError
from sqlalchemy import text

from app.auth import Scope, create_key
from app.settings import LogFormat, Settings
from experiments.assignment import Assignment, NotAssigned, Reason, assign
from experiments.audience import Condition
from experiments.catalogue import Catalogue, compile_catalogue
from experiments.lifecycle import Act, create_campaign, launch_campaign, set_programme
from experiments.member import CONSENT, Member
from experiments.portable_pattern import portable
from experiments.recording import put_member
from experiments.store.engine import open_engine
from experiments.ufc import ufc_document
from tests.app.serving import RunningServer, started
from tests.contracts.catalogues import random_catalogue, random_member, seeded
from tests.experiments.designs import campaign, design, programme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eppo_client import EppoClient

    from experiments.campaign import Campaign
    from experiments.programme import Programme

PAGE = Path(__file__).parents[2] / "docs/how-to/evaluate-locally.md"
CATALOGUES = 200
MEMBERS_EACH = 500
REASONS = (
    Reason.ASSIGNED,
    Reason.NOT_STARTED,
    Reason.ENDED,
    Reason.PAUSED,
    Reason.OPTED_OUT,
    Reason.HELD_OUT,
    Reason.OTHER_CAMPAIGN,
    Reason.NOT_ELIGIBLE,
    Reason.TRAFFIC,
)
"""Every reason that a campaign in the document can have."""

COUNTRIES = programme(constant_attributes=["country"])
FRAGMENTS = (
    *("a", "b", "K", "s", "0", "-", "]", "[", "{", "}", "(", "(?:", ")", "|", "^", "$", ".", " "),
    *("*", "+", "?", "??", "{2}", "{1,3}", "{,2}", r"\d", r"\w", r"\s", r"\S", r"\W", r"\.", r"\-"),
    *(
        "[a-c]",
        "[^a-c]",
        "[]a]",
        "[a&&b]",
        "[a-]",
        "[[]",
        r"[\d_]",
        "[~~#]",
        r"[^\s]",
        r"\A",
        r"\z",
    ),
    *("é", "好", "_", "(?i)", r"\n", r"\b", r"\/"),
)
CHARACTERS = "abcKks0139-]{}[&~ .\n\r\t_éÉ好\u017f\u212a٣A^$|/\x0b\x0c\u2028\xa0"

NOBODY: dict[str, Any] = {"variant": "the client had no answer"}


class KeptEvents(AssignmentLogger):
    """Keeps what the client would have logged."""

    def __init__(self) -> None:
        """Start without events."""
        self.events: list[dict[str, Any]] = []

    def log_assignment(self, event: dict[str, Any]) -> None:
        """Keep one."""
        self.events.append(event)


@pytest.fixture(scope="module")
def logged() -> KeptEvents:
    """Give what the client has logged."""
    return KeptEvents()


@pytest.fixture(scope="module")
def client(logged: KeptEvents) -> Iterator[EppoClient]:
    """Give a client that is configured by hand, so that nothing is fetched."""
    made = eppo_client.init(
        Config(
            api_key="none",
            base_url="http://127.0.0.1:1",
            assignment_logger=logged,
            poll_interval_seconds=None,
            initial_configuration=Configuration(flags_configuration=written(*empty())),
        )
    )
    yield made
    made.shutdown()


def empty() -> tuple[Catalogue, list[Campaign], Programme]:
    """Give a programme without campaigns."""
    return compile_catalogue(programme(), [], revision=1), [], programme()


def written(catalogue: Catalogue, campaigns: list[Campaign], made: Programme) -> bytes:
    """Give the document as it would be served."""
    by_key = {one.key: one for one in campaigns}
    return json.dumps(ufc_document(catalogue, by_key, made)).encode()


def configure(client: EppoClient, made: Programme, campaigns: list[Campaign]) -> Catalogue:
    """Let the client evaluate these campaigns, and give them as we evaluate them."""
    catalogue = compile_catalogue(made, campaigns, revision=1)
    document = written(catalogue, campaigns, made)
    client.set_configuration(Configuration(flags_configuration=document))
    return catalogue


def passed(member: Member) -> dict[str, Any]:
    """Give what a caller passes of a member."""
    return {**member.attributes, CONSENT: member.personalisation_consent}


def variant_of(answer: Assignment | NotAssigned) -> str | None:
    """Give the variant's key, or None for the default offer."""
    return answer.variant.key if isinstance(answer, Assignment) else None


def test_the_client_answers_as_we_do_for_a_hundred_thousand_members(client: EppoClient) -> None:
    """Every member gets the same variant, or the default offer, in every campaign written."""
    answers: Counter[Reason] = Counter()
    omitted = 0
    for seed in range(CATALOGUES):
        random, now = seeded(seed), datetime.now(UTC)
        made, campaigns = random_catalogue(random, now)
        catalogue = configure(client, made, campaigns)
        flags = client.get_flag_keys()
        omitted += len(campaigns) - len(flags)
        for member in [random_member(random) for _ in range(MEMBERS_EACH)]:
            attributes = passed(member)
            for key in flags:
                ours = assign(catalogue.campaigns[key], member, now)
                theirs = client.get_json_assignment(key, member.member_id, attributes, NOBODY)
                assert theirs["variant"] == variant_of(ours), (seed, key, member, ours)
                answers[ours.reason] += 1
    assert min(answers[reason] for reason in REASONS) > 1_000, answers
    assert 0 < omitted < CATALOGUES


def test_the_allocation_that_the_client_names_is_our_reason(client: EppoClient) -> None:
    """Whoever asks the client for details reads why a member gets the default offer."""
    seen = set()
    for seed in range(40):
        random, now = seeded(1_000 + seed), datetime.now(UTC)
        catalogue = configure(client, *random_catalogue(random, now))
        for member in [random_member(random) for _ in range(25)]:
            for key in client.get_flag_keys():
                details = client.get_json_assignment_details(
                    key, member.member_id, passed(member), NOBODY
                ).evaluation_details
                matched = next(
                    one["key"]
                    for one in details["allocations"]
                    if one["allocationEvaluationCode"] == "MATCH"
                )
                ours = assign(catalogue.campaigns[key], member, now)
                in_layer = isinstance(ours, NotAssigned) and ours.detail.startswith("layer ")
                suffix = ".layer" if ours.reason is Reason.HELD_OUT and in_layer else ""
                assert matched == f"{ours.reason}{suffix}"
                seen.add(matched)
    assert seen == {*map(str, REASONS), "held_out.layer"}


def test_the_window_is_half_open_for_the_client_too(client: EppoClient) -> None:
    """The start is inside and the end is not, to the finest step of the client's clock."""
    begin = datetime.now(UTC)
    start, end = begin + timedelta(milliseconds=120), begin + timedelta(milliseconds=240)
    made, one = programme(), campaign(starts_at=start, ends_at=end)
    compiled = configure(client, made, [one]).campaigns["gold-q3"]
    seen: Counter[Reason] = Counter()
    consenting = {CONSENT: True}
    before = begin
    while before < end + timedelta(milliseconds=20):
        before = datetime.now(UTC)
        theirs = client.get_json_assignment("gold-q3", "m-1", consenting, NOBODY)["variant"]
        answers = [assign(compiled, Member("m-1"), at) for at in (before, datetime.now(UTC))]
        if answers[0] == answers[1]:  # else the client's moment may lie on either side
            assert theirs == variant_of(answers[0])
            seen[answers[0].reason] += 1
    assert set(seen) == {Reason.NOT_STARTED, Reason.ASSIGNED, Reason.ENDED}


def test_without_a_word_on_consent_the_client_serves_the_default_offer(client: EppoClient) -> None:
    """A client cannot ask who opted out, so only what is said to be consent is."""
    configure(client, programme(), [campaign()])
    for said in ({}, {CONSENT: None}, {CONSENT: False}, {CONSENT: "yes"}, {CONSENT: 1}):
        answer = client.get_json_assignment("gold-q3", "m-1", said, NOBODY)
        assert answer["variant"] is None, said
    assert client.get_json_assignment("gold-q3", "m-1", {CONSENT: True}, NOBODY)["variant"]


def test_only_assigned_members_are_reported_to_the_logger(
    client: EppoClient, logged: KeptEvents
) -> None:
    """Who gets the default offer has no exposure; the event names campaign, variant, and phase."""
    catalogue = configure(client, programme(holdout_share=30), [campaign(traffic_share=50)])
    logged.events.clear()
    now = datetime.now(UTC)
    expected = {}
    for member in [Member(f"m-{number}") for number in range(300)]:
        client.get_json_assignment("gold-q3", member.member_id, passed(member), NOBODY)
        answer = assign(catalogue.campaigns["gold-q3"], member, now)
        if isinstance(answer, Assignment):
            expected[member.member_id] = answer.variant.key
    assert {one["subject"]: one["variation"] for one in logged.events} == expected
    assert {(one["featureFlag"], one["phase"]) for one in logged.events} == {("gold-q3", "1")}
    assert 50 < len(expected) < 200


def test_the_client_understands_every_pattern_that_is_written(client: EppoClient) -> None:
    """What can be written finds the same in RE2 and in the client; what cannot is left out."""
    random = seeded(4)
    compared = 0
    for _ in range(1_500):
        pattern = "".join(random.choice(FRAGMENTS) for _ in range(random.randint(1, 7)))
        if not is_pattern(pattern) or portable(pattern) is None:
            continue
        rule = {"attribute": "country", "operator": "MATCHES", "value": pattern}
        one = campaign(audience={"any_of": [{"all_of": [rule]}]})
        now = datetime.now(UTC)
        compiled = configure(client, COUNTRIES, [one]).campaigns["gold-q3"]
        for _ in range(10):
            text = "".join(random.choice(CHARACTERS) for _ in range(random.randint(0, 6)))
            member = Member("m-1", {"country": text})
            theirs = client.get_json_assignment("gold-q3", "m-1", passed(member), NOBODY)
            assert theirs["variant"] == variant_of(assign(compiled, member, now)), (pattern, text)
            compared += 1
    assert compared > 5_000


def is_pattern(text: str) -> bool:
    """Say whether RE2 takes a text for a regular expression."""
    try:
        Condition.model_validate({"attribute": "a", "operator": "MATCHES", "value": text})
    except ValidationError:
        return False
    return True


@pytest.fixture
def served(tmp_path: Path, sqlite_template: Path) -> Iterator[RunningServer]:
    """Give a process that serves one running campaign with a rule about a constant attribute."""
    database = tmp_path / "served.db"
    shutil.copyfile(sqlite_template, database)
    settings = Settings(
        database_url=f"sqlite:///{database}", log_format=LogFormat.JSON, workers=1, threads=2
    )
    engine = open_engine(settings.database_url)
    rule = {"attribute": "signup_country", "operator": "ONE_OF", "value": ["TW"]}
    now = datetime.now(UTC)
    set_programme(engine, programme(constant_attributes=["signup_country"]), now)
    default = {"kind": "none", "expires_at": "2099-01-01T08:00:00+08:00"}
    made = design(audience={"any_of": [{"all_of": [rule]}]}, default_offer=default)
    create_campaign(engine, made, Act(now, "a test"))
    launch_campaign(engine, "gold-q3", Act(now, "a test"), make_plan=lambda *_: {})
    engine.dispose()
    with started(settings, tmp_path / "log") as server:
        yield server


def test_the_page_works_against_a_served_process(served: RunningServer, tmp_path: Path) -> None:
    """The client fetches from our address with its key; its logger's exposures are taken once."""
    engine = open_engine(f"sqlite:///{tmp_path / 'served.db'}")
    scopes = [Scope.FLAGS_READ, Scope.EVENTS_WRITE]
    key = create_key(engine, "the mailer", scopes, datetime.now(UTC)).text
    (code,) = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    environment = {**os.environ, "BASE_URL": served.address, "API_KEY": key}
    answers = []
    for _ in range(2):
        done = subprocess.run(  # noqa: S603  # our own documentation
            [sys.executable, "-W", "error", "-c", f"{code}\nprint(json.dumps(shown))"],
            env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        sent, shown = done.stdout.splitlines()
        answers.append((ast.literal_eval(sent), json.loads(shown)))
    (first, shown), (again, shown_again) = answers
    assert shown == shown_again
    assert (first["accepted"], again["duplicates"]) == (100, 100)
    assert first["quarantined"] == again["quarantined"] == 0
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT member_id, variant, phase FROM exposures")).all()
    engine.dispose()
    assert {row.member_id: row.variant for row in kept} == {
        member: offer["variant"] for member, offer in shown.items()
    }
    assert {row.phase for row in kept} == {1}
    assert {offer["variant"] for offer in shown.values()} == {"control", "gift"}
    assert key.split("_", 2)[2] not in served.log.read_text("utf-8")


def test_the_client_shows_what_the_server_would_have_answered(
    served: RunningServer, tmp_path: Path, client: EppoClient
) -> None:
    """Variant, terms, texts and name of the offer are those of the address of the offer."""
    engine = open_engine(f"sqlite:///{tmp_path / 'served.db'}")
    scopes = [Scope.FLAGS_READ, Scope.OFFERS_READ]
    key = create_key(engine, "a server", scopes, datetime.now(UTC)).text
    members = [
        Member(f"m-{number}", {"signup_country": "TW" if number % 3 else "GB"}, number % 5 > 0)
        for number in range(30)
    ]
    for member in members:
        put_member(engine, member, datetime.now(UTC))
    engine.dispose()
    headers = {"X-API-Key": key}
    variants = set()
    with httpx.Client(base_url=served.address, headers=headers) as server:
        document = server.get("/flag-config/v1/config").content
        client.set_configuration(Configuration(flags_configuration=document))
        for member in members:
            query = {"campaign": "gold-q3", "locale": "en"}
            remote = server.get(f"/v1/members/{member.member_id}/offer", params=query).json()
            local = client.get_json_assignment("gold-q3", member.member_id, passed(member), NOBODY)
            same = ("campaign", "phase", "variant", "offer_id", "offer", "expires_at")
            assert {name: local[name] for name in same} == {name: remote[name] for name in same}
            assert local["texts"].get("en") == remote["texts"]
            variants.add(local["variant"])
    assert variants == {None, "control", "gift"}
