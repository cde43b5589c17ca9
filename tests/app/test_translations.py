"""Every sentence that people read is there in every language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.language import FOLDER, Language, Words

if TYPE_CHECKING:
    from babel.messages.catalog import Message

APP = Path(__file__).parents[2] / "app"
STATS = APP.parent / "stats"
TEMPLATES = APP / "templates"
TRANSLATED = tuple(one for one in Language if one is not Language.ENGLISH)
KEYWORDS = {
    "say": None, "_": None, "marked": None, "say_many": (1, 2), "many": (1, 2), "_say": None,
    "said": None, "said_many": (1, 2),
}  # fmt: skip
PLACE = re.compile(r"\{(\w+)[^}]*\}")

# Words that a reader of the other script would stumble over; the two are written, never converted.
FOREIGN = {
    Language.TRADITIONAL_CHINESE: re.compile("[会员级转数据实验组报历维护设计队传]"),
    Language.SIMPLIFIED_CHINESE: re.compile("[會員級轉數據實驗組報歷維護傳隊]"),
}


@cache
def sentences() -> dict[tuple[str, ...], str]:
    """Give every sentence of the code and the templates, singular and plural, and where it is."""
    found: dict[tuple[str, ...], str] = {}
    for folder, method in (
        *((APP, "python"), (STATS, "python")),
        *((TEMPLATES / "console", "jinja2"), (TEMPLATES / "report", "jinja2")),
    ):
        pattern = "**.py" if method == "python" else "**.html"
        options = {pattern: {"trimmed": "true", "silent": "false"}} if method == "jinja2" else None
        for name, line, message, _, _ in extract_from_dir(
            folder, [(pattern, method)], options, KEYWORDS
        ):
            ids = (message,) if isinstance(message, str) else tuple(filter(None, message))
            if ids and ids[0]:
                found.setdefault(ids, f"{name}:{line}")
    return found


@cache
def translations(language: Language) -> dict[tuple[str, ...], Message]:
    """Give every translation into a language."""
    found: dict[tuple[str, ...], Message] = {}
    for path in sorted((FOLDER / language.value).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.locale):
                if message.id:
                    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
                    found[ids] = message
    return found


def texts(message: Message) -> tuple[str, ...]:
    """Give the forms of a translation."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


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
