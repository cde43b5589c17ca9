"""Says a refusal of the domain in the reader's language.

The domain writes English with its values in the sentence, and so does what is stored of a refused
event. A refusal is therefore found again by the template that it was written with: the catalogues
``problems.po`` hold every one of them, which a test reads out of the code. What has no template,
such as the words of a library, stays English and says so (`English`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from babel.messages.pofile import read_po
from markupsafe import Markup

from app.language import FOLDER, Language

if TYPE_CHECKING:
    from app.language import Words
    from experiments.errors import InvalidValues

AREA: Final = "problems.po"
DEEPEST: Final = 3
"""Sentences within sentences that are looked for; a value of somebody's own is no sentence."""

_PLACE: Final = re.compile(r"\{(\w+)\}")


class Refusal(Protocol):
    """What is wrong with a value, as the domain or an answer of ours carries it."""

    @property
    def message(self) -> str:
        """What is wrong."""
        ...

    @property
    def way_out(self) -> str:
        """What would do; empty where nothing is said."""
        ...


class English(str):
    """A text in English on a page of another language; a template marks it for screen readers."""

    __slots__ = ()

    def __html__(self) -> str:
        """Give it as HTML that says which language it is in."""
        return str(Markup('<span lang="en">{}</span>').format(str(self)))


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence with places, and how it is found again.

    Attributes:
        pattern: Matches what was written with it, and gives what its places hold.
        translated: The same in another language.
    """

    pattern: re.Pattern[str]
    translated: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All refusals of one language.

    Attributes:
        whole: Those without places, by their English.
        templates: Those with places, the ones that say most first.
    """

    whole: dict[str, str]
    templates: tuple[Template, ...]


def in_words(text: str, words: Words) -> str:
    """Give what the domain said in the reader's language, or as `English`."""
    if words.language is Language.ENGLISH or not text:
        return text
    found = _found(text, words.language)
    return English(text) if found is None else found


def sentence(problem: Refusal, words: Words) -> str:
    """Give what is wrong with a value, and what would do, in whole sentences."""
    parts = (problem.message, problem.way_out)
    known = [in_words(one, words) for one in parts if one]
    is_english = words.language is Language.ENGLISH or any(isinstance(o, English) for o in known)
    if is_english:  # the whole of it, so that nobody meets half a sentence in each language
        message = f"{problem.message[:1].upper()}{problem.message[1:]}"
        whole = " ".join(filter(None, (f"{message.rstrip('.')}.", problem.way_out)))
        return whole if words.language is Language.ENGLISH else English(whole)
    return "".join(f"{one.rstrip('。')}。" for one in known)


def by_field(error: InvalidValues, words: Words) -> dict[str, str]:
    """Give what was refused by its field, the first refusal of each."""
    found: dict[str, str] = {}
    for problem in error.problems:
        found.setdefault(problem.field, sentence(problem, words))
    return found


@lru_cache(maxsize=2048)
def _found(text: str, language: Language, depth: int = 0) -> str | None:
    catalogue = catalogue_of(language)
    if (whole := catalogue.whole.get(text)) is not None:
        return whole
    for template in catalogue.templates:
        if (match := template.pattern.fullmatch(text)) is not None:
            places = match.groupdict()
            if depth < DEEPEST:
                places = {
                    name: _found(value, language, depth + 1) or value
                    for name, value in places.items()
                }
            return template.translated.format_map(places)
    return None


@cache
def catalogue_of(language: Language) -> Catalogue:
    """Give every refusal that is known in a language."""
    with (FOLDER / language.value / AREA).open("rb") as file:
        messages = [one for one in read_po(file, locale=language.locale) if one.id and one.string]
    texts = {str(one.id): str(one.string) for one in messages}
    plain = {english: text for english, text in texts.items() if not _PLACE.search(english)}
    others = sorted(texts.keys() - plain.keys(), key=_said, reverse=True)
    return Catalogue(
        {_unescaped(english): _unescaped(text) for english, text in plain.items()},
        tuple(Template(_pattern(english), texts[english]) for english in others),
    )


def _said(english: str) -> tuple[int, str]:
    """Order templates by how much they say beside their places."""
    return len(_PLACE.sub("", english)), english


def _pattern(english: str) -> re.Pattern[str]:
    literal = re.split(r"\{\w+\}", english)
    places = _PLACE.findall(english)
    whole = re.escape(_unescaped(literal[0]))
    for name, after in zip(places, literal[1:], strict=True):
        whole += f"(?P<{name}>.*?)" + re.escape(_unescaped(after))
    return re.compile(whole, re.DOTALL)


def _unescaped(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
