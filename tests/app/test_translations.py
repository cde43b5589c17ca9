"""Every sentence that people read is there in every language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.language import Language, Words
from tests.translations.catalogues import TRANSLATED, sentences, translations

if TYPE_CHECKING:
    from babel.messages.catalog import Message

PLACE = re.compile(r"\{(\w+)[^}]*\}")

# Words that a reader of the other script would stumble over; the two are written, never converted.
FOREIGN = {
    Language.TRADITIONAL_CHINESE: re.compile("[会员级转数据实验组报历维护设计队传]"),
    Language.SIMPLIFIED_CHINESE: re.compile("[會員級轉數據實驗組報歷維護傳隊]"),
}


def texts(message: Message) -> tuple[str, ...]:
    """Give the forms of a translation."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: Language) -> None:
    """Nobody meets English among their own language."""
    have = translations(language)
    missing = [
        f"{where}: {ids[0]}"
        for ids, where in sentences().items()
        if ids not in have or have[ids].fuzzy or not all(texts(have[ids]))
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over(language: Language) -> None:
    """A sentence that changed in the code is translated anew, and the old one removed."""
    left = [ids[0] for ids in translations(language) if ids not in sentences()]
    assert not left, "\n".join(left)


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_places_of_their_sentence(language: Language) -> None:
    """No number gets lost, and none is asked for that is not there."""
    for ids, message in translations(language).items():
        wanted = set(PLACE.findall(ids[-1]))
        for text in texts(message):
            assert set(PLACE.findall(text)) <= wanted | set(PLACE.findall(ids[0])), ids
            assert wanted <= set(PLACE.findall(text)) | {"number"}, ids


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_holds_the_other_script(language: Language) -> None:
    """Traditional and simplified Chinese are two languages."""
    for ids, message in translations(language).items():
        for text in texts(message):
            assert not FOREIGN[language].search(text), (ids, text)


def test_english_says_what_the_code_says() -> None:
    """Places are filled; a sentence without any is left alone, whatever braces it has."""
    words = Words(Language.ENGLISH)
    assert words.say("{number} members", number="12") == "12 members"
    assert words.say("a {brace}") == "a {brace}"
    assert words.say_many("{n} member", "{n} members", 1, n="1") == "1 member"
