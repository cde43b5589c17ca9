"""A scorecard computed after an erasure has the numbers of before, by member and by household."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.analysis import FactSource, scorecard_of
from app.report.compose import page_of
from app.report.view import CampaignBrief, ReportView
from experiments.campaign import Move
from experiments.lifecycle import Act, move_campaign, set_programme
from experiments.privacy.erasing import erase_members
from experiments.privacy.retaining import apply_retention
from tests.experiments.designs import programme
from tests.experiments.privacy.world import MEMBERS, rows

if TYPE_CHECKING:
    from experiments.archive.place import Place
    from tests.experiments.privacy.world import World

ERASED = (MEMBERS[1], MEMBERS[2], MEMBERS[3], MEMBERS[8])
"""A whole household, and one of each of two."""

# what texts were made of names the audit's findings, too
OF_THE_RUN = frozenset({"computed_at", "snapshot_hash", "enrolment", "sentences"})


def numbers(world: World, campaign: str, source: FactSource) -> dict[str, Any]:
    """Give everything that a scorecard says of facts, without when it was computed and the audit.

    Its block on enrolment counts the members that are known now, who are fewer after an erasure.
    """
    # another analysis time, since what was stored would be answered again
    card = orjson.loads(
        scorecard_of(world.engine, campaign, now=world.now, as_of=world.now, source=source).document
    )
    findings = [one for one in card.pop("findings") if one["code"] != "assignment"]
    return {**{key: one for key, one in card.items() if key not in OF_THE_RUN}, "f": findings}


@pytest.mark.parametrize("campaign", ["gold-q3", "family"])
def test_results_stay_what_they_were(world: World, campaign: str) -> None:
    """Units, means, intervals, segments, funnel, findings: not one of them moves."""
    for number, one in enumerate(MEMBERS):
        world.buys(one, f"more {number}", 333 * number)
    before = numbers(world, campaign, FactSource())

    erase_members(world.engine, ERASED, world.act())

    assert numbers(world, campaign, FactSource()) == before
    assert before["variants"]


@pytest.mark.parametrize("campaign", ["gold-q3", "family"])
def test_results_from_the_archive_stay_what_they_were(
    world: World, campaign: str, place: Place
) -> None:
    """The archive is rewritten before it is read: nobody is there twice."""
    source = FactSource(archive_url=place.address(""))
    before = numbers(world, campaign, source)

    erase_members(world.engine, ERASED, world.act())

    assert numbers(world, campaign, source) == before
    assert before == numbers(world, campaign, FactSource())


def test_the_audit_leaves_the_erased_out(world: World) -> None:
    """Pseudonyms have other slots: they are no fault, and readers learn how many there are."""
    erase_members(world.engine, ERASED, world.act())

    report = scorecard_of(world.engine, "gold-q3", now=world.now, as_of=world.now)

    (finding,) = [one for one in report.scorecard.findings if str(one.code) == "assignment"]
    assert str(finding.severity) == "passed"
    assert finding.evidence["units"] == len(MEMBERS) - len(ERASED)
    assert finding.evidence["erased"] == len(ERASED)


def test_a_report_says_how_many_were_erased_since(world: World) -> None:
    """What was stored before is answered as it is, with the number beside it."""
    first = scorecard_of(world.engine, "gold-q3", now=world.now)
    world.now += timedelta(minutes=5)
    erase_members(world.engine, ERASED, world.act())

    again = scorecard_of(world.engine, "gold-q3", now=world.now)

    assert again.document == first.document
    assert (first.erased_since, again.erased_since) == (0, len(ERASED))
    page = page_of(ReportView(again.scorecard, CampaignBrief(), None, again.erased_since))
    terms = {detail.term: detail.text for detail in page.provenance}
    assert terms["Members erased since"] == "4, who are counted here still"


def test_of_a_removed_phase_the_last_scorecard_stands(world: World) -> None:
    """A report made after retention is the one of before, not one of nothing."""
    for key in ("gold-q3", "family"):
        move_campaign(world.engine, key, Move.STOP, world.act())
        act = Act(world.now, "an operator", "enough", {"ship": "gift"})
        move_campaign(world.engine, key, Move.DECIDE, act)
    set_programme(world.engine, programme(retention={"exposures_days": 30}), world.now)
    world.now += timedelta(days=130)
    last = scorecard_of(world.engine, "gold-q3", now=world.now)

    apply_retention(world.engine, world.act())

    assert scorecard_of(world.engine, "gold-q3", now=world.now).document == last.document
    assert {row["campaign_key"] for row in rows(world.engine, "exposures")} == {"family"}
