"""Says a composed page in a language: every sentence by its template, everything else as it is.

Composition writes English sentences that know what they were made of (`stats.sentence`). Names,
keys and whatever else an operator chose are plain text, and stay as they are in every language.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from app.language import Language
from app.report.known_names import known
from stats.sentence import Sentence, remade

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.language import Words
    from stats.scorecard import Scorecard

Whole = TypeVar("Whole")


def translated(value: Whole, words: Words) -> Whole:
    """Give a page, or any part of it, in a language."""
    if words.language is Language.ENGLISH:
        return value
    return cast("Whole", _with_texts(value, lambda text: say(text, words)))


def say(text: str, words: Words) -> str:
    """Give a text in a language; whatever is no sentence is a name and stays."""
    if not isinstance(text, Sentence) or not text.template:
        return text
    places = {name: say(value, words) for name, value in text.places.items()}
    if text.several:
        return words.say_many(text.template, text.several, text.number, **places)
    return words.say(text.template, **places)


def with_sentences(scorecard: Scorecard) -> Scorecard:
    """Let the texts of a stored scorecard know again what they were made of."""
    sentences = remade(scorecard.sentences, known)
    if not sentences:
        return scorecard
    spoken = _with_texts(
        scorecard, lambda text: sentences.get(text, text), but=("plan", "sentences")
    )
    return cast("Scorecard", spoken)


def _with_texts(value: object, change: Callable[[str], str], but: tuple[str, ...] = ()) -> object:
    """Change every text within a value of dataclasses and tuples; what has none stays itself."""
    match value:
        case str():
            # a closed choice is a text, too, and stays
            return change(value) if type(value) in {str, Sentence} else value
        case tuple() | list():
            changed = [_with_texts(one, change, but) for one in value]
            if all(new is old for new, old in zip(changed, value, strict=True)):
                return value
            return tuple(changed) if isinstance(value, tuple) else changed
        case _ if is_dataclass(value) and not isinstance(value, type):
            changes = {}
            for part in fields(value):
                if part.name not in but:
                    old = getattr(value, part.name)
                    new = _with_texts(old, change, but)
                    if new is not old:
                        changes[part.name] = new
            return replace(value, **changes) if changes else value
        case _:
            return value
