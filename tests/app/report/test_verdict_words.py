"""Every verdict has words, and no place of a sentence stays empty."""

from __future__ import annotations

from string import Formatter

import pytest

from app.report.verdict_words import ENGLISH, LABELS, PLACES, say
from stats.decision.verdict import Reason, Verdict
from tests.app.report.verdicts import decided


def places(sentence: str) -> set[str]:
    """Give the places that a sentence has filled in."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_every_verdict_has_a_label() -> None:
    """No verdict is shown by its code."""
    assert set(LABELS) == set(Verdict)


def test_every_reason_has_words() -> None:
    """Each reason occurs with at least one verdict."""
    assert {reason for _, reason in ENGLISH} == set(Reason)


def test_whatever_the_rule_can_decide_has_words_and_no_more_than_that() -> None:
    """The pairs in the table are those that `decide` gives over every state of a campaign."""
    found = {pair for decision in decided() for pair in decision}
    assert found | {(Verdict.NOT_TRUSTWORTHY, Reason.CHECK_FAILED)} == set(ENGLISH)


@pytest.mark.parametrize("pair", ENGLISH, ids=lambda pair: f"{pair[0].value}-{pair[1].value}")
def test_a_sentence_has_known_places_only(pair: tuple[Verdict, Reason]) -> None:
    """A translation knows which places it may use, and each is filled in."""
    said = ENGLISH[pair]
    assert places(said.sentence) | places(said.why) <= PLACES
    filled = say(*pair, {name: f"<{name}>" for name in PLACES})
    assert "{" not in filled.sentence + filled.why
    assert filled.sentence.endswith(".")
