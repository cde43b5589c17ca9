"""The decision memo in the console: its snapshot's numbers, texts of people, versions that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.auth.roles import Role
from app.console.memo.reading import ChangesPage, MemoShownPage, NoMemoPage
from app.console.memo.writing import WritePage
from app.console.results.nothing import NothingPage
from app.report.compose import page_of
from app.report.view import ReportView
from experiments.campaign import State
from experiments.lifecycle import set_programme
from experiments.memo import Prose
from experiments.memo_writing import Writing, memos_of, write_memo
from experiments.store.campaigns import add_campaign
from experiments.store.engine import writing
from tests.app.console.conftest import post
from tests.app.console.publishing import KEY, decide, kept, with_scorecard
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from app.wiring import Wiring

MEMO = f"/console/campaigns/{KEY}/memo"
FORM = f"{MEMO}/write"
TEXTS = {
    "learned": "Gifts <b>work</b>.\r\nSo do trials.",
    "why": "It pays.",
    "next_steps": "Ask again in spring.",
    "owner": "Mei-Ling Chen",
}


def wrote(wiring: Wiring, **changes: str) -> None:
    """Write the next version as somebody else."""
    prose = Prose(**{**TEXTS, **changes})
    based_on = len(memos_of(wiring.engine, KEY))
    write_memo(wiring.engine, KEY, Writing(prose, based_on), "user other", wiring.clock())


def test_a_memo_shows_the_snapshots_numbers_beside_what_was_written(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """The verdict, the table and the plan are the report's; texts keep their lines and no HTML."""
    scorecard = kept(wiring)
    decide(wiring, scorecard)
    client = client_of(Role.ANALYST)

    answer = post(client, FORM, page=FORM, snapshot=scorecard.snapshot_hash, based_on="0", **TEXTS)
    assert answer.status_code == 302
    text = client.get(answer.location).text

    page = pages[-1]
    assert isinstance(page, MemoShownPage)
    report = page_of(ReportView(scorecard))
    assert page.memo.headline.label == report.headline.label
    assert page.memo.health == report.health.summary
    assert len(page.memo.design) == len(report.design)
    assert page.memo.deviations == ()
    assert [line.shown for line in page.memo.headline.lines] == [
        line.shown for line in report.headline.lines
    ]
    assert page.memo.decision[1:3] == ("The rule said: Ship.", "The decision follows the rule.")
    assert (page.memo.reason, page.memo.owner) == ("It earns more than it costs.", "Mei-Ling Chen")
    assert (page.memo.author, page.memo.version) == ("analyst", "1")
    assert "Gifts &lt;b&gt;work&lt;/b&gt;.\nSo do trials." in text


def test_a_failed_check_hides_the_numbers_of_a_memo_too(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """A memo quotes no result that the report does not quote."""
    kept(wiring, "broken_split")
    wrote(wiring)
    client_of(Role.VIEWER).get(MEMO)

    assert pages[-1].tone == "bad"
    assert pages[-1].memo.glance is None
    assert pages[-1].memo.headline.lines == ()


def test_refusals_stand_at_their_fields_and_keep_what_was_typed(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Nothing is kept."""
    kept(wiring)
    client = client_of(Role.MARKETER)
    typed = {**TEXTS, "why": " ", "owner": "x" * 201}

    answer = post(client, FORM, page=FORM, based_on="0", **typed)

    assert answer.status_code == 422
    page = pages[-1]
    assert isinstance(page, WritePage)
    assert set(page.errors) == {"why", "owner"}
    assert page.texts["learned"] == TEXTS["learned"]
    assert memos_of(wiring.engine, KEY) == ()


def test_whoever_comes_second_keeps_their_text(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """They are told, are led to the other's version, and may save on top of it."""
    kept(wiring)
    client = client_of(Role.ANALYST)
    wrote(wiring)
    mine = {**TEXTS, "why": "Mine."}

    refused = post(client, FORM, page=FORM, based_on="0", **mine)

    page = pages[-1]
    assert refused.status_code == 409
    assert "version 1 meanwhile" in page.errors[""]
    assert (page.texts["why"], page.based_on) == ("Mine.", 1)
    assert client.get(page.other).status_code == 200
    kept_now = post(client, FORM, page=FORM, based_on=str(page.based_on), **mine)
    assert kept_now.location.endswith("/memo/1/2")


def test_saving_the_same_again_makes_no_version(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Versions mean something."""
    kept(wiring)
    wrote(wiring)
    answer = post(client_of(Role.ANALYST), FORM, page=FORM, based_on="1", **TEXTS)

    assert answer.status_code == 422
    assert pages[-1].errors[""] == "Nothing was changed, so there is no new version to keep."


def test_versions_are_listed_and_compared(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """An older one says so, and what changed is told field by field."""
    kept(wiring)
    wrote(wiring)
    wrote(wiring, why="The board asked for it.")
    later = with_scorecard(wiring, "certain")
    client = client_of(Role.VIEWER)

    client.get(f"{MEMO}/1/1")
    assert pages[-1].newest == MEMO
    assert pages[-1].later
    assert [(one.label, one.is_here) for one in pages[-1].versions] == [
        ("Version 2", False),
        ("Version 1", True),
    ]
    client.get(pages[-1].versions[0].changes)
    page = pages[-1]
    assert isinstance(page, ChangesPage)
    assert [(one.label, one.before, one.after) for one in page.changes] == [
        ("Why", "It pays.", "The board asked for it.")
    ]
    newest = Writing(Prose(**TEXTS), 2, later.snapshot_hash)
    write_memo(wiring.engine, KEY, newest, "user other", wiring.clock())
    client.get(f"{MEMO}/1/3/changes")
    assert {"Result", "Snapshot"} <= {one.label for one in pages[-1].changes}
    assert client.get(f"{MEMO}/1/1/changes").status_code == 404


def test_what_is_not_there_yet_leads_on(
    client_of: Callable[..., FlaskClient], pages: list[Any], wiring: Wiring
) -> None:
    """Without results to the results, without a memo to the form, for those who may write."""
    set_programme(wiring.engine, programme(), wiring.clock())
    with writing(wiring.engine) as connection:
        add_campaign(connection, campaign(State.STOPPED))
    viewer, analyst = client_of(Role.VIEWER), client_of(Role.ANALYST)
    viewer.get(MEMO)
    assert isinstance(pages[-1], NothingPage)
    analyst.get(FORM)
    assert isinstance(pages[-1], NothingPage)

    with_scorecard(wiring, "story")
    viewer.get(MEMO)
    assert isinstance(pages[-1], NoMemoPage)
    assert pages[-1].write == ""
    analyst.get(MEMO)
    assert pages[-1].write == FORM
    assert viewer.get(f"{MEMO}/1/1").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-Hant-TW", "zh-Hans-CN"])
def test_a_memo_goes_along_as_a_file_in_every_language(
    client_of: Callable[..., FlaskClient], wiring: Wiring, language: str
) -> None:
    """With the hash of its snapshot; what somebody typed is no markup in it."""
    scorecard = kept(wiring)
    wrote(wiring)
    client = client_of(Role.VIEWER)

    page = client.get(f"{MEMO}/1/1.html?language={language}")
    text = client.get(f"{MEMO}/1/1.md?language={language}")

    for answer in (page, text):
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        assert f"gold-q3-memo-1-1.{language}" in answer.headers["Content-Disposition"]
        assert scorecard.snapshot_hash in answer.text
        assert "<b>" not in answer.text
        assert "Gifts &lt;b" in answer.text
    assert f'<html lang="{language}">' in page.text
    assert "<script" not in page.text
    assert text.text.startswith("# ")
