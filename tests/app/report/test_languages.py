"""A report says everything in the language of its readers, but for what people named."""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING

import pytest

from app.language import Language, Words
from app.report.compose import page_of
from app.report.formatting import Formats
from app.report.html import render_html
from app.report.translating import say, translated, with_sentences
from app.report.view import ReportView
from stats.scorecard import scorecard_from_json, scorecard_to_json
from stats.sentence import made_of, remade, said, said_many
from tests.app.report import funnels, moneys, rich, scorecards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRADITIONAL = Words(Language.TRADITIONAL_CHINESE)
CHINESE = (TRADITIONAL, Words(Language.SIMPLIFIED_CHINESE))
VIEWS: dict[str, Callable[[], object]] = {
    "story": scorecards.story,
    "broken split": scorecards.broken_split,
    "immature": scorecards.immature,
    "events missing": scorecards.events_missing,
    "households": scorecards.households,
    "zero baseline": scorecards.zero_baseline,
    "planned looks": rich.planned_looks,
    "continuous": rich.continuous,
    "times": rich.times,
    "money": moneys.money,
    "funnel": funnels.funnel,
}
ENGLISH = re.compile(
    r"\b(the|is|are|was|were|of|and|not|no|with|that|than|from|by|per|interval|units?|members?)\b"
)
"""Words without which no English sentence of a report does; keys have no spaces around them."""


def view_of(name: str, words: Words) -> ReportView:
    """A report whose scorecard was stored, and read again."""
    made = VIEWS[name]()
    view = made if isinstance(made, ReportView) else ReportView(made)  # type: ignore[arg-type]
    stored = json.loads(json.dumps(scorecard_to_json(view.scorecard)))
    return replace(view, scorecard=scorecard_from_json(stored), words=words)


def texts_within(value: object) -> Iterator[str]:
    """Every text of a page, keys and codes among them."""
    match value:
        case str():
            yield value
        case tuple():
            for one in value:
                yield from texts_within(one)
        case _ if is_dataclass(value):
            for part in fields(value):
                yield from texts_within(getattr(value, part.name))
        case _:
            return


def named_by_people(view: ReportView) -> str:
    """What the operator wrote, as one text."""
    return json.dumps(
        [
            repr(view.brief),
            repr(view.scorecard.plan),
            repr(view.scorecard.deviations),
            repr(view.scorecard.enrolment),
        ],
        ensure_ascii=False,
    )


@pytest.mark.parametrize("words", CHINESE, ids=lambda words: words.language.value)
@pytest.mark.parametrize("name", VIEWS)
def test_no_english_sentence_stands_in_a_chinese_report(name: str, words: Words) -> None:
    """Names and keys stay; whatever Tierlift says is said in the reader's language."""
    view = view_of(name, words)
    named = named_by_people(view)

    names = sorted(_names(view), key=len, reverse=True)
    left = {
        text
        for text in texts_within(page_of(view))
        if text not in named and ENGLISH.search(_without(names, text))
    }

    assert not left, "\n".join(sorted(left))


def _without(names: list[str], text: str) -> str:
    for name in names:
        text = text.replace(name, "")
    return re.sub(r"[\w.-]*[_/.-][\w./-]*", "", text)


def _names(view: ReportView) -> set[str]:
    brief = view.brief
    names = {brief.name, brief.programme, brief.owner, brief.hypothesis}
    names |= set(brief.variant_names.values())
    names |= {metric.definition.name for metric in view.scorecard.metrics}
    funnel = view.scorecard.plan.funnel
    names |= {step.name for step in funnel.steps} if funnel is not None else set()
    return {name for name in names if ENGLISH.search(name)} - {""}


def test_the_page_says_its_language() -> None:
    """Readers of a screen hear it, and browsers choose the right characters."""
    page = render_html(view_of("broken split", TRADITIONAL))

    assert '<html lang="zh-Hant-TW">' in page
    assert "結果可信嗎" in page


def test_numbers_days_and_points_are_those_of_the_language() -> None:
    """A day is written with its year first, points of a share in words."""
    formats = Formats.of(view_of("story", TRADITIONAL).scorecard, "zh-Hant-TW")

    assert formats.is_chinese
    assert say(said("{points} pp", points="+1.5"), TRADITIONAL) == "+1.5個百分點"


def test_a_finding_is_translated_from_what_it_was_made_of() -> None:
    """The stored document keeps template and places of every text, those within others first."""
    inner = said_many("{count} day", "{count} days", 3, count=3)
    whole = said("{first} and {second}", first=inner, second="gold")

    found = remade(made_of((whole,)))

    assert found["3 days and gold"] == "3 days and gold"
    assert say(found["3 days and gold"], TRADITIONAL) == "3天與gold"


def test_a_scorecard_without_sentences_shows_its_english() -> None:
    """Earlier versions stored none; nothing is guessed."""
    old = replace(view_of("broken split", TRADITIONAL).scorecard, sentences=())

    assert with_sentences(old) is old


def test_english_is_left_alone() -> None:
    """The page is composed in English, and no text is touched."""
    view = view_of("broken split", Words(Language.ENGLISH))
    page = page_of(view)

    assert translated(page, view.words) is page


def test_a_name_is_never_translated() -> None:
    """An operator's word that the catalogue happens to hold stays as it was written."""
    assert say("Interval", TRADITIONAL) == "Interval"
