"""What a tester sees."""

from __future__ import annotations

import base64
from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import jwt
import orjson
import pytest
from sqlalchemy import text

from app.auth.override import Overrides, create_override
from app.settings import LogFormat, Settings
from app.wiring import open_log
from experiments.errors import InvalidValues, UnknownCampaign, UnknownVariant
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.experiments.designs import campaign

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from tests.app.auth.conftest import Elapsed, Outage

HOUR = timedelta(hours=1)
CAMPAIGN = campaign().key
VARIANT = campaign().design.variants[-1].key


@pytest.fixture
def store(engine: Engine) -> Engine:
    """Give a database with a campaign."""
    with writing(engine) as connection:
        add_campaign(connection, campaign())
    return engine


@pytest.fixture
def written() -> StringIO:
    """Give what was logged."""
    return StringIO()


@pytest.fixture
def overrides(store: Engine, written: StringIO, elapsed: Elapsed) -> Overrides:
    """Give what reads overrides."""
    return Overrides(store, open_log(Settings(log_format=LogFormat.JSON), written), elapsed)


@pytest.fixture
def reasons(written: StringIO) -> Callable[[], list[str]]:
    """Give why overrides were ignored so far."""

    def read() -> list[str]:
        events = [orjson.loads(line) for line in written.getvalue().splitlines()]
        assert {event["event"] for event in events} <= {"override_ignored"}
        return [event["reason"] for event in events]

    return read


def override(store: Engine, now: datetime, **changed: Any) -> str:  # noqa: ANN401  # any argument
    """Sign one for the member ada."""
    chosen = {"member_id": "ada", "variant": VARIANT, "lasts": HOUR, "now": now, **changed}
    return create_override(store, chosen.pop("campaign_key", CAMPAIGN), **chosen)


def secret_of(store: Engine) -> str:
    """Give what this installation signs with."""
    with store.connect() as connection:
        return str(connection.scalar(text("SELECT secret FROM signing_secrets")))


def test_an_override_shows_its_variant(
    store: Engine, overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """To its member, in its campaign, until it ends."""
    token = override(store, now)

    assert overrides.variants(token, "ada", now) == {CAMPAIGN: VARIANT}
    assert overrides.variants(token, "ada", now + timedelta(seconds=3_599)) == {CAMPAIGN: VARIANT}
    assert reasons() == []


def test_several_overrides_come_with_commas(
    store: Engine, overrides: Overrides, now: datetime
) -> None:
    """A page with several campaigns is looked at as a whole; the last word on each counts."""
    control = campaign().design.variants[0].key
    both = f"{override(store, now)}, {override(store, now, variant=control)}"

    assert overrides.variants(both, "ada", now) == {CAMPAIGN: control}


def test_no_override_is_nothing_to_log(
    overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """Nearly every request comes without."""
    assert overrides.variants("", "ada", now) == {}
    assert reasons() == []


def test_one_that_is_over_is_ignored_and_logged(
    store: Engine, overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """An old link shows what everybody sees."""
    assert overrides.variants(override(store, now), "ada", now + HOUR) == {}
    assert reasons() == ["it is over"]


def test_one_of_another_member_is_ignored_and_logged(
    store: Engine, overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """It is for looking as one member, not as anybody."""
    assert overrides.variants(override(store, now), "bob", now) == {}
    assert reasons() == ["it is of another member"]


def test_a_forged_one_is_ignored_and_logged(
    store: Engine, overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """However it is forged, the member gets what everybody gets; the token is not logged."""
    good = override(store, now)
    head, body, seal = good.split(".")
    claims = jwt.decode(good, options={"verify_signature": False})
    secret = base64.urlsafe_b64decode(secret_of(store))
    forgeries = {
        "InvalidSignatureError": jwt.encode(claims, "a secret of somebody else's making"),
        "DecodeError": f"{head}.{body}",
        "InvalidAlgorithmError": jwt.encode(claims, None, "none"),
        "MissingRequiredClaimError": jwt.encode({**claims, "exp": None}, secret),
        "InvalidAudienceError": jwt.encode({**claims, "aud": "member"}, secret),
        "it is malformed": "é" + good,
    }

    for token in (*forgeries.values(), f"{head}.{body}.{seal[:-2]}AA", "x" * 5_000):
        assert overrides.variants(token, "ada", now) == {}

    assert reasons() == [*forgeries, "InvalidSignatureError", "it is malformed"]


def test_other_algorithms_are_refused_with_the_right_secret(
    store: Engine, overrides: Overrides, now: datetime
) -> None:
    """Only what this installation uses itself."""
    claims = jwt.decode(override(store, now), options={"verify_signature": False})
    secret = base64.urlsafe_b64decode(secret_of(store)) * 2

    assert overrides.variants(jwt.encode(claims, secret, "HS512"), "ada", now) == {}


def test_a_good_one_counts_beside_a_forged_one(
    store: Engine, overrides: Overrides, now: datetime
) -> None:
    """One bad override does not spoil the others."""
    assert overrides.variants(f"x.y.z,{override(store, now)}", "ada", now) == {CAMPAIGN: VARIANT}


def test_a_flood_of_overrides_is_ignored(
    overrides: Overrides, now: datetime, reasons: Callable[[], list[str]]
) -> None:
    """A request cannot make the server check signatures for long."""
    assert overrides.variants("x,y,z," * 1_000, "ada", now) == {}
    assert reasons() == ["more than 10 came"]


def test_before_the_first_none_is_good(
    store: Engine, overrides: Overrides, elapsed: Elapsed, now: datetime
) -> None:
    """The secret is made with the first one, and noticed within a second."""
    assert overrides.variants("x.y.z", "ada", now) == {}

    token = override(store, now)

    assert overrides.variants(token, "ada", now) == {}
    elapsed.seconds = 1.0
    assert overrides.variants(token, "ada", now) == {CAMPAIGN: VARIANT}


def test_an_outage_ignores_overrides_and_fails_nothing(
    store: Engine, overrides: Overrides, now: datetime, outage: Outage
) -> None:
    """A page is shown as everybody's where the secret cannot be read."""
    token = override(store, now)

    with outage():
        assert overrides.variants(token, "ada", now) == {}


def test_all_overrides_are_signed_with_one_secret(store: Engine, now: datetime) -> None:
    """The first one makes it: 256 random bits."""
    override(store, now)
    secret = secret_of(store)
    override(store, now)

    assert secret_of(store) == secret
    assert len(base64.urlsafe_b64decode(secret)) == 32


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"campaign_key": "gold-q4"}, UnknownCampaign),
        ({"variant": "nobody's"}, UnknownVariant),
        ({"member_id": ""}, InvalidValues),
        ({"lasts": timedelta(0)}, InvalidValues),
        ({"lasts": timedelta(days=8)}, InvalidValues),
    ],
)
def test_one_that_makes_no_sense_is_not_signed(
    changed: dict[str, Any], fault: type[Exception], store: Engine, now: datetime
) -> None:
    """The fault names what was wrong."""
    with pytest.raises(fault):
        override(store, now, **changed)
