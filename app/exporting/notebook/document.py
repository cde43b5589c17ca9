"""Writes the notebook of a report: text in one language, code in English."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from app.exporting.notebook.sections import REST, SECTIONS, Form
from app.exporting.notebook.sources import source_of

if TYPE_CHECKING:
    from app.exporting.notebook.sections import Section
    from app.language import Words
    from stats.scorecard import Scorecard

KERNEL: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook_of(scorecard: Scorecard, form: Form, words: Words) -> bytes:
    """Give a notebook as the text of its file.

    Args:
        scorecard: That it computes again.
        form: From what.
        words: In which language.
    """
    import nbformat  # noqa: PLC0415 - takes a while to load, and few ask for a notebook

    cells = [_text(opening(scorecard, words))]
    for section in SECTIONS:
        if form in section.forms:
            cells += _cells(section, form, words)
    # numbered, not named by chance: of the same report the same notebook
    numbered = [{"id": f"cell-{number:02}", **cell} for number, cell in enumerate(cells)]
    document = {
        "cells": numbered,
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    nbformat.validate(document)
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def opening(scorecard: Scorecard, words: Words) -> str:
    """Give the first words of a notebook: what it is of, and how to run it."""
    say = words.say
    return "\n\n".join(
        (
            "# " + say("Every figure of {campaign}, computed again", campaign=scorecard.campaign),
            say(
                "This notebook computes the figures of one report from the data beside it, with "
                "pandas, SciPy and statsmodels, and compares them with the report. It needs "
                "neither Tierlift nor a network."
            ),
            say("Run it after `{command}`.", command="pip install -r requirements.txt"),
            say("Snapshot: `{hash}`", hash=scorecard.snapshot_hash),
        )
    )


def _cells(section: Section, form: Form, words: Words) -> list[dict[str, Any]]:
    cells = []
    if section.heading:
        text = words.say(section.text)
        cells.append(_text(f"## {words.say(section.heading)}\n\n{text}"))
    for module in section.modules:
        source = source_of(module)
        if module == "comparing":  # holds for every later cell, too
            source = f"from __future__ import annotations\n\n{source}"
        cells.append(_code(source))
    if section.call:
        cells.append(_code(_filled(section.call, form, words)))
    return cells


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _filled(call: str, form: Form, words: Words) -> str:
    rest = "" if form is Form.ROWS else words.say(REST)
    others = "others" if form is Form.ROWS else "{}"
    return call.replace("{rest!r}", repr(rest)).replace("{others}", others)
