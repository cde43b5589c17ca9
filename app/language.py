"""Speaks the languages of the console and its reports; catalogues are files of `app/translations`.

English is written in the code and is the key of every translation. A sentence has named places,
``{members}``, which are filled after it was translated; numbers and times come as text, written by
`app.report.formatting`. Every language has a folder with a catalogue for each area of the product.
"""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from experiments.locale import negotiate

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER: Final = Path(__file__).parent / "translations"


class Language(StrEnum):
    """A language that everything is written in."""

    ENGLISH = "en"
    TRADITIONAL_CHINESE = "zh-Hant-TW"
    SIMPLIFIED_CHINESE = "zh-Hans-CN"

    @property
    def locale(self) -> Locale:
        """The locale whose numbers, dates and plural forms it has."""
        return Locale.parse(self.value, sep="-")

    @property
    def own_name(self) -> str:
        """What its readers call it."""
        match self:
            case Language.ENGLISH:
                return "English"
            case Language.TRADITIONAL_CHINESE:
                return "繁體中文"
            case Language.SIMPLIFIED_CHINESE:
                return "简体中文"


def language_of(asked: Sequence[str]) -> Language:
    """Give the best language for a reader who asks for some, English where none fits."""
    return Language(negotiate(asked, [one.value for one in Language]) or Language.ENGLISH)


@dataclass(frozen=True, slots=True)
class Words:
    """Says sentences in one language.

    Attributes:
        language: Which.
    """

    language: Language

    def say(self, sentence: str, **places: object) -> str:
        """Give a sentence in this language, its places filled.

        Args:
            sentence: In English, as it stands in the code.
            **places: What its ``{places}`` hold.
        """
        translated = catalogue_of(self.language).gettext(sentence) if sentence else ""
        return translated.format_map(places) if places else translated

    def say_many(self, one: str, many: str, number: float, **places: object) -> str:
        """Give the form of a sentence that goes with a number; ``{number}`` is not filled by it."""
        translated = catalogue_of(self.language).ngettext(one, many, number)  # type: ignore[arg-type]  # any number has a plural form
        return translated.format_map(places) if places else translated


ENGLISH: Final = Words(Language.ENGLISH)


def marked(sentence: str) -> str:
    """Mark a constant as a sentence that is translated where it is shown; it stays English."""
    return sentence


@cache
def catalogue_of(language: Language) -> gettext.NullTranslations:
    """Give every translation into a language; where there is none, English stands."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    whole = Catalog(locale=language.locale)
    for path in sorted((FOLDER / language.value).glob("*.po")):
        with path.open("rb") as file:
            area = read_po(file, locale=language.locale)
        for message in area:
            if message.id and message.string and not message.fuzzy:
                whole.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
