"""Gives a report as a file to send: in which forms there are any, and each of them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.report.view import ReportView


class FileKind(StrEnum):
    """A form in which a report is sent; its value is what the file's name ends with."""

    HTML = "html"
    PDF = "pdf"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """What the file is, for whoever receives it over HTTP."""
        match self:
            case FileKind.HTML:
                return "text/html; charset=utf-8"
            case FileKind.PDF:
                return "application/pdf"
            case FileKind.CSV:
                return "text/csv; charset=utf-8"

    @property
    def is_spoken(self) -> bool:
        """Whether it has a language; a file for programs is the same in every one."""
        return self is not FileKind.CSV

    @property
    def is_drawn(self) -> bool:
        """Whether it has plots, which take seconds."""
        return self is not FileKind.CSV


def file_of(view: ReportView, kind: FileKind) -> bytes:
    """Give a report as a file, in the language of its view."""
    # Deferred, as whoever only offers files loads no plots.
    from app.report import render_csv, render_html  # noqa: PLC0415  # as said above
    from app.report.pdf import render_pdf  # noqa: PLC0415  # as said above

    match kind:
        case FileKind.HTML:
            return render_html(view).encode()
        case FileKind.PDF:
            return render_pdf(view)
        case FileKind.CSV:
            return render_csv(view.scorecard).encode()


def name_of_file(view: ReportView, kind: FileKind) -> str:
    """Give a name that says which campaign, snapshot and language a file is of."""
    scorecard = view.scorecard
    language = f".{view.words.language.value}" if kind.is_spoken else ""
    return f"{scorecard.campaign}-{scorecard.snapshot_hash[:12]}{language}.{kind.value}"
