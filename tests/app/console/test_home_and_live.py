"""The home page, and the page that shows what arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.analysis import FactSource, scorecard_of
from app.analysis.digest import newest_digests
from app.auth.roles import Role
from app.console.campaigns.digest_words import CHECKS
from experiments.campaign import Move
from experiments.conversion import Conversion
from experiments.exposure import Exposure
from experiments.store.conversions import append_conversions
from experiments.store.engine import writing
from experiments.store.exposures import append_exposures
from stats.checks.finding import FindingCode
from tests.app.console.running import launched

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring


def test_a_new_installation_is_led_to_a_first_campaign(
    client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Home of an empty installation says how to begin, and shows no empty lists."""
    text = client_of(Role.MARKETER).get("/console/").get_data(as_text=True)
    assert pages[-1].total == 0
    assert pages[-1].attention == ()
    assert "The first steps" in text
    assert not any(step.is_done for step in pages[-1].first.steps)


def test_home_names_decisions_that_wait(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """A stopped campaign waits for a decision, which is one click away."""
    launched(wiring, "gold-q3", move=Move.STOP)
    launched(wiring, "cake", name="Birthday cake")
    client_of(Role.MARKETER).get("/console/")
    assert [(one.kind, one.address) for one in pages[-1].attention] == [
        ("Decision due", "/console/campaigns/gold-q3/decide")
    ]
    assert [one.row.key for one in pages[-1].running] == ["cake"]


def test_a_digest_says_what_the_newest_scorecard_says(wiring: Wiring) -> None:
    """Nothing is computed for a list: what is stored is read, once a process."""
    launched(wiring, "gold-q3")
    assert newest_digests(wiring.engine) == {}
    report = scorecard_of(
        wiring.engine, "gold-q3", now=wiring.clock(), source=FactSource.of(wiring.settings)
    )
    digest = newest_digests(wiring.engine)["gold-q3"]
    assert digest.snapshot_hash == report.scorecard.snapshot_hash
    assert digest.state is report.scorecard.state
    assert digest.verdict is report.scorecard.decision.verdict
    assert digest.effect is None
    assert newest_digests(wiring.engine)["gold-q3"] is digest


def test_every_check_has_words_of_its_own() -> None:
    """Whatever a scorecard finds can be said in a few words in every language."""
    assert set(CHECKS) == {str(code) for code in FindingCode}


def test_the_live_page_counts_what_arrived_in_the_last_hour(
    wiring: Wiring, client_of: Callable[..., FlaskClient], pages: list[Any]
) -> None:
    """Exposures stand by variant and minute, events by name, refused items by reason."""
    launched(wiring, "gold-q3")
    now = wiring.clock()
    with writing(wiring.engine) as connection:
        append_exposures(connection, [
            Exposure(exposure_id=f"e{number}", campaign="gold-q3", phase=1,
                     variant="gift" if number < 3 else "control", member_id=f"m{number}",
                     unit_id=f"m{number}", exposed_at=now, received_at=now)
            for number in range(4)
        ])  # fmt: skip
        append_conversions(connection, [
            Conversion(conversion_id="c1", member_id="m1", event="order", occurred_at=now,
                       received_at=now)
        ])  # fmt: skip
    client = client_of(Role.ANALYST)
    client.get("/console/campaigns/gold-q3/live")
    page = pages[-1]
    assert [(one.name, one.exposures, one.share) for one in page.variants] == [
        ("control", "1", "25.0%"),
        ("gift", "3", "75.0%"),
    ]
    assert sum(int(one) for one in page.variants[1].by_minute) == 3
    first = page.events[0]
    assert (first.event, first.arrived, first.is_missing) == ("order", "1", False)
    part = client.get("/console/campaigns/gold-q3/live", headers={"HX-Request": "true"})
    text = part.get_data(as_text=True)
    assert "<html" not in text
    assert 'hx-trigger="every 5s"' in text
