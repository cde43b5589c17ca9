"""Reads the sentences of code and templates, and reads and writes the catalogues of a language."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from app.language import FOLDER, Language
from tests.translations.refusals import ROOT, refusals

if TYPE_CHECKING:
    from pathlib import Path

    from babel.messages.catalog import Message

TRANSLATED: Final = (Language.TRADITIONAL_CHINESE, Language.SIMPLIFIED_CHINESE)
"""Every language but English, in the order in which the tool takes their texts."""

KEYWORDS: Final = {
    "say": None, "_": None, "marked": None, "say_many": (1, 2), "many": (1, 2), "_say": None,
    "said": None, "said_many": (1, 2),
}  # fmt: skip
FORMS: Final = "||"
"""Stands between the singular and the plural of a sentence in the tool's files."""

_WRITTEN_BY_CLOCK: Final = tuple(
    f'"{name}'
    for name in (
        "POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team",
        "Report-Msgid", "Generated-By",
    )
)  # fmt: skip

Ids = tuple[str, ...]
"""A sentence as a key: its singular, and its plural if it has one."""


@cache
def sentences() -> dict[Ids, str]:
    """Give every sentence of the code and the templates, and where it is."""
    found: dict[Ids, str] = {}
    app, stats = ROOT / "app", ROOT / "stats"
    templates = app / "templates"
    for folder, method in (
        *((app, "python"), (stats, "python")),
        *((templates / "console", "jinja2"), (templates / "report", "jinja2")),
    ):
        pattern = "**.py" if method == "python" else "**.html"
        options = {pattern: {"trimmed": "true", "silent": "false"}} if method == "jinja2" else None
        for name, line, message, _, _ in extract_from_dir(
            folder,
            [(pattern, method)],
            options,
            KEYWORDS,
        ):
            ids = (message,) if isinstance(message, str) else tuple(filter(None, message))
            if ids and ids[0]:
                found.setdefault(ids, f"{name}:{line}")
    for template, where in refusals().items():
        found.setdefault((template,), where)
    return found


@cache
def translations(language: Language) -> dict[Ids, Message]:
    """Give every translation into a language."""
    return {
        ids_of(message): message
        for path in sorted((FOLDER / language.value).glob("*.po"))
        for message in _read(path, language)
        if message.id
    }


def ids_of(message: Message) -> Ids:
    """Give the sentence that a message translates, as a key."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def missing() -> dict[str, list[str]]:
    """Give the sentences that a language lacks, with where they are, ready to be translated."""
    have = [translations(language) for language in TRANSLATED]
    return {
        FORMS.join(ids): [where, ""]
        for ids, where in sentences().items()
        if not all(ids in one for one in have)
    }


def unused() -> list[str]:
    """Give the sentences of the catalogues that nothing says any more."""
    have = {ids for language in TRANSLATED for ids in translations(language)}
    return sorted(FORMS.join(ids) for ids in have - sentences().keys())


def add(area: str, file: Path) -> None:
    """Put translations into the catalogues of an area, and take out of it what is said no more.

    Args:
        area: Name of the catalogue: ``campaigns``.
        file: JSON: English, and its Chinese texts in the order of `TRANSLATED`.
    """
    texts: dict[str, list[str]] = json.loads(file.read_text(encoding="utf-8"))
    for place, language in enumerate(TRANSLATED):
        path = FOLDER / language.value / f"{area}.po"
        whole = _read(path, language) if path.exists() else Catalog(
            locale=language.locale, project="Tierlift", fuzzy=False,
        )  # fmt: skip
        whole.header_comment = "# Tierlift"
        for key, translated in texts.items():
            ids = tuple(key.split(FORMS))
            if translated[place]:
                plural = len(ids) > 1
                text = translated[place]
                whole.add(ids if plural else ids[0], (text,) if plural else text)
        for message in list(whole):
            if message.id and ids_of(message) not in sentences():
                whole.delete(message.id)
        _write(path, whole)


def _read(path: Path, language: Language) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language.locale)


def _write(path: Path, whole: Catalog) -> None:
    with path.open("wb") as file:
        write_po(
            file, whole, width=100, no_location=True, sort_output=True, ignore_obsolete=True,
        )  # fmt: skip
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(_WRITTEN_BY_CLOCK)]
    path.write_text("\n".join(kept).rstrip() + "\n", encoding="utf-8")
