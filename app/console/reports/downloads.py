"""Says which files of a snapshot there are to send, what each is for, and where it is fetched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import url_for

from app.console.context import words
from app.language import Language, marked
from app.report.files import FileKind

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER: Final = (FileKind.HTML, FileKind.PDF, FileKind.CSV)
"""From what most people want to what few do."""

_TITLES: Final[Mapping[FileKind, tuple[str, str]]] = {
    FileKind.HTML: (
        marked("Web page"),
        marked("One file that opens in any browser, on a telephone too, without a connection."),
    ),
    FileKind.PDF: (
        marked("PDF"),
        marked("Pages to print or to file, with every plot and table in it."),
    ),
    FileKind.CSV: (
        marked("Table (CSV)"),
        marked("One number a row, for a spreadsheet or a program; the same in every language."),
    ),
}
_ICONS: Final[Mapping[FileKind, str]] = {
    FileKind.HTML: "file-type-html",
    FileKind.PDF: "file-type-pdf",
    FileKind.CSV: "file-type-csv",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A file.

    Attributes:
        label: Its language, as its readers call it; or that it has none.
        language: Of the label and the file; empty for one that has none.
        address: Where it is.
        says: All of it for who hears only this link.
    """

    label: str
    language: str
    address: str
    says: str


@dataclass(frozen=True, slots=True)
class Download:
    """One kind of file.

    Attributes:
        icon: As Tabler names it.
        title: What it is.
        use: What it is for.
        links: One a language.
    """

    icon: str
    title: str
    use: str
    links: tuple[Link, ...]


def downloads_of(campaign: str, snapshot_hash: str) -> tuple[Download, ...]:
    """Give every file that there is of a snapshot."""
    say = words().say

    def link(kind: FileKind, title: str, language: Language | None) -> Link:
        address = url_for(
            "console.reports.download",
            key=campaign,
            snapshot=snapshot_hash,
            kind=kind.value,
            language=language.value if language else None,
        )
        if language is None:
            return Link(say("Download"), "", address, say("Download: {kind}", kind=title))
        label = language.own_name
        says = say("Download: {kind}, {language}", kind=title, language=label)
        return Link(label, language.value, address, says)

    found = []
    for kind in ORDER:
        title, use = (say(text) for text in _TITLES[kind])
        languages: tuple[Language | None, ...] = tuple(Language) if kind.is_spoken else (None,)
        links = tuple(link(kind, title, one) for one in languages)
        found.append(Download(_ICONS[kind], title, use, links))
    return tuple(found)
