"""A memo is written on one snapshot; versions stay, and none hides what its writer never saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from experiments.campaign import Move, State
from experiments.errors import InvalidValues, MemoChanged, UnknownCampaign, UnknownMemo
from experiments.lifecycle import Act, move_campaign, set_programme
from experiments.memo import Prose
from experiments.memo_writing import Writing, draft_memo, find_memo, memos_of, write_memo
from experiments.store.audit import AuditQuery, SubjectKind, read_audit
from experiments.store.campaigns import add_campaign
from experiments.store.engine import reading, writing
from experiments.store.memos import add_memo
from experiments.store.scorecards import StoredScorecard, keep_scorecard
from tests.experiments.designs import campaign, programme

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Engine

KEY = "gold-q3"
PROSE = Prose("Gifts work.", "The interval lies above 0.", "Try a dearer gift.", "Mei-Ling")
ANA, BO = "user ana", "user bo"


@pytest.fixture
def stored(engine: Engine, now: datetime) -> Engine:
    """Keep a stopped campaign with two snapshots, named old and new."""
    set_programme(engine, programme(), now)
    with writing(engine) as connection:
        add_campaign(connection, campaign(State.STOPPED))
        for number, name in enumerate(("old", "new")):
            moment = now + timedelta(hours=number)
            keep_scorecard(connection, StoredScorecard(KEY, 1, name, moment, "{}"))
    return engine


def decide(engine: Engine, now: datetime, **detail: Any) -> None:  # noqa: ANN401  # JSON values
    """Write a decision down."""
    told = {"decision": "ship", "treatment": "treatment", **detail}
    move_campaign(engine, KEY, Move.DECIDE, Act(now, BO, "It earns more.", told))


def test_a_draft_names_the_newest_snapshot_before_a_decision(stored: Engine, now: datetime) -> None:
    """And says what the campaign's document says, without a word that somebody has to write."""
    draft = draft_memo(stored, KEY, None, ANA, now)

    assert (draft.snapshot_hash, draft.version, draft.decided) == ("new", 1, None)
    assert draft.subject.programme == programme().name
    assert (draft.prose.learned, draft.prose.why) == ("", "")


def test_a_draft_follows_the_decision(stored: Engine, now: datetime) -> None:
    """It names the snapshot that the decision was made by, and gives its reason."""
    decide(stored, now, snapshot_hash="old", rule_verdict="ship", against_rule=False)

    draft = draft_memo(stored, KEY, None, ANA, now)

    assert draft.snapshot_hash == "old"
    assert draft.prose.why == "It earns more."
    assert draft.decided is not None
    assert (draft.decided.choice, draft.decided.by) == ("ship", BO)
    assert (draft.decided.rule_verdict, draft.decided.against_rule) == ("ship", False)


def test_versions_stay_as_they_were_written(stored: Engine, now: datetime) -> None:
    """A decision that came later is in the version after it, and not in the one before."""
    first = write_memo(stored, KEY, Writing(PROSE, 0, "new"), ANA, now)
    decide(stored, now)
    second = write_memo(stored, KEY, Writing(replace(PROSE, why="B."), 1, "new"), BO, now)

    assert memos_of(stored, KEY) == (second, first)
    assert find_memo(stored, KEY, 1, 1) == first
    assert (first.decided, second.version) == (None, 2)
    assert second.decided is not None
    with reading(stored) as connection:
        noted = read_audit(connection, AuditQuery(subject_kind=SubjectKind.MEMO))
    assert [one.change.subject for one in noted] == [f"{KEY}/1/2", f"{KEY}/1/1"]
    assert "Gifts work." not in str(noted)


def test_whoever_comes_second_is_told(stored: Engine, now: datetime) -> None:
    """Two people who both saw version 1 do not both write version 2."""
    write_memo(stored, KEY, Writing(PROSE, 0, "new"), ANA, now)
    write_memo(stored, KEY, Writing(replace(PROSE, why="Mine."), 1, "new"), ANA, now)

    with pytest.raises(MemoChanged) as refused:
        write_memo(stored, KEY, Writing(replace(PROSE, why="No, mine."), 1, "new"), BO, now)

    assert refused.value.version == 2
    assert [one.prose.why for one in memos_of(stored, KEY)] == ["Mine.", PROSE.why]


def test_a_number_is_given_once(stored: Engine, now: datetime) -> None:
    """Whatever happens at the same moment, a version is never written over."""
    memo = write_memo(stored, KEY, Writing(PROSE, 0, "new"), ANA, now)

    with writing(stored) as connection:
        assert not add_memo(connection, replace(memo, author=BO))
    assert find_memo(stored, KEY, 1, 1).author == ANA


def test_refusals_stand_at_their_fields(stored: Engine, now: datetime) -> None:
    """What is missing, too long or unknown is named; nothing is kept."""
    missing = Writing(Prose(" ", "", "x" * 10_001, "o" * 201), 0)
    with pytest.raises(InvalidValues) as refused:
        write_memo(stored, KEY, missing, ANA, now)
    assert [one.field for one in refused.value.problems] == [
        "learned", "why", "next_steps", "owner",
    ]  # fmt: skip
    with pytest.raises(InvalidValues, match="is no snapshot of this campaign"):
        write_memo(stored, KEY, Writing(PROSE, 0, "other"), ANA, now)
    with pytest.raises(UnknownCampaign):
        write_memo(stored, "nothing", Writing(PROSE, 0), ANA, now)
    with pytest.raises(UnknownMemo):
        find_memo(stored, KEY, 1, 1)
    assert memos_of(stored, KEY) == ()


def test_a_version_that_says_nothing_new_is_refused(stored: Engine, now: datetime) -> None:
    """Versions mean something."""
    write_memo(stored, KEY, Writing(PROSE, 0, "new"), ANA, now)

    with pytest.raises(InvalidValues, match="says the same as version 1"):
        write_memo(stored, KEY, Writing(replace(PROSE, why=f" {PROSE.why}\r\n"), 1, "new"), BO, now)
