"""Keeps of a sentence what it was made of, so that others can say it in another language.

A `Sentence` is text, English, wherever text is wanted; beside it stand its template with named
places, and what fills them. `stats` knows no languages: who shows it looks the template up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class Sentence(str):  # noqa: SLOT000 - no place for what it was made of otherwise
    """A text that knows what it was made of.

    Attributes:
        template: With named places.
        several: Template for other numbers than one; empty where there is but one form.
        number: That which chooses the form.
        places: What fills them: text, or another sentence.
    """

    template: str
    several: str
    number: int
    places: Mapping[str, str]

    def __new__(
        cls,
        text: str,
        template: str = "",
        places: Mapping[str, str] | None = None,
        *,
        several: str = "",
        number: int = 0,
    ) -> Self:
        """Make one of text that is written already."""
        made = super().__new__(cls, text)
        made.template, made.several, made.number = template, several, number
        made.places = places or {}
        return made

    def written(self, text: str) -> Sentence:
        """Give the same sentence with its English written otherwise."""
        return Sentence(text, self.template, self.places, several=self.several, number=self.number)

    def __add__(self, other: str) -> Sentence:
        """Put a text behind it."""
        return said("{first}{second}", first=self, second=other)

    def capitalize(self) -> Sentence:
        """Write it as a heading does; languages without capitals need nothing."""
        return self.written(super().capitalize())

    def lower(self) -> Sentence:
        """Write it as within a sentence; likewise."""
        return self.written(super().lower())


def said(template: str, **places: object) -> Sentence:
    """Fill the places of a template.

    Args:
        template: English, with ``{places}``; taken as it is where none are given.
        **places: Sentences stay sentences, everything else is written as text.
    """
    filled = _filled(places)
    return Sentence(template.format_map(filled) if places else template, template, filled)


def said_many(one: str, several: str, number: int, **places: object) -> Sentence:
    """Fill the places of the template that goes with a number; it fills no place itself."""
    filled = _filled(places)
    text = (one if number == 1 else several).format_map(filled)
    return Sentence(text, one, filled, several=several, number=number)


def replaced(sentence: Sentence, text: str, places: Mapping[str, str]) -> Sentence:
    """Give a sentence with its English and what fills its places written otherwise."""
    return Sentence(
        text, sentence.template, places, several=sentence.several, number=sentence.number
    )


def _filled(places: Mapping[str, object]) -> dict[str, str]:
    return {
        name: value if isinstance(value, Sentence) else str(value) for name, value in places.items()
    }


def labelled(label: str, text: str) -> Sentence:
    """Put a text behind what it is of: label: text."""
    return said("{label}: {text}", label=label, text=text)


def after(first: str, second: str) -> str:
    """Put one sentence after another; an empty one is left out."""
    if not first or not second:
        return first or second
    return said("{first} {second}", first=first, second=second)


def in_turn(sentences: Iterable[str]) -> str:
    """Put sentences one after another."""
    whole = ""
    for one in sentences:
        whole = after(whole, one)
    return whole


def with_commas(parts: Iterable[str]) -> str:
    """Join parts: a, b, c."""
    first, *others = tuple(parts) or ("",)
    for one in others:
        first = said("{first}, {second}", first=first, second=one)
    return first


def with_semicolons(parts: Iterable[str]) -> str:
    """Join longer parts: a; b; c."""
    first, *others = tuple(parts) or ("",)
    for one in others:
        first = said("{first}; {second}", first=first, second=one)
    return first


def with_and(names: Sequence[str]) -> str:
    """Join names: a, b and c."""
    if len(names) == 1:
        return names[0]
    return said("{first} and {second}", first=with_commas(names[:-1]), second=names[-1])


def unit_of(unit: str) -> Sentence:
    """Name one randomization unit by its kind."""
    return said("household") if unit == "household" else said("member")


def units_of(unit: str) -> Sentence:
    """Name several."""
    return said("households") if unit == "household" else said("members")


@dataclass(frozen=True, slots=True)
class Made:
    """What a stored sentence was made of.

    Attributes:
        text: The whole, English.
        template: With named places.
        several: Template for other numbers than one; empty where there is but one form.
        number: That which chooses the form.
        places: What fills them; a text that was made of something stands in the list, too.
    """

    text: str
    template: str
    several: str = ""
    number: int = 0
    places: dict[str, str] = field(default_factory=dict)


def sentences_within(value: object) -> Iterator[Sentence]:
    """Give every sentence within a value of dataclasses, lists and mappings, inner ones first."""
    match value:
        case Sentence():
            for part in value.places.values():
                yield from sentences_within(part)
            yield value
        case str() | bytes() | int() | float() | None:
            return
        case tuple() | list():
            for one in value:
                yield from sentences_within(one)
        case dict():
            for one in value.values():
                yield from sentences_within(one)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for one_field in fields(value):
                yield from sentences_within(getattr(value, one_field.name))
        case _:
            return


def made_of(value: object) -> tuple[Made, ...]:
    """List what the sentences within a value were made of, once each, in order."""
    found: dict[str, Made] = {}
    for one in sentences_within(value):
        if one.template and one:
            places = {name: str.__str__(text) for name, text in one.places.items()}
            made = Made(str.__str__(one), one.template, one.several, one.number, places)
            found.setdefault(made.text, made)
    return tuple(found.values())


def remade(made: Iterable[Made], name: Callable[[str], str] = str) -> dict[str, Sentence]:
    """Give stored sentences by their text.

    Args:
        made: Those within others come first.
        name: Says what a text in a place is that is no sentence itself.
    """
    found: dict[str, Sentence] = {}
    for one in made:
        places = {
            place: found[text] if text in found else name(text)
            for place, text in one.places.items()
        }
        found[one.text] = Sentence(
            one.text, one.template, places, several=one.several, number=one.number
        )
    return found
