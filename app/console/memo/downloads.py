"""Gives a version of a memo as a file: Markdown for notes, a page that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flask import Response, url_for

from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import wiring, words
from app.console.memo.place import blueprint, composed
from app.language import Language, marked
from app.report.html import render_memo
from app.report.memo_markdown import memo_markdown
from experiments.memo_writing import find_memo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from experiments.memo import Memo


class MemoForm(StrEnum):
    """A form in which a memo is sent; its value is what the file's name ends with."""

    HTML = "html"
    MARKDOWN = "md"


_LABELS: Final[Mapping[MemoForm, tuple[str, str]]] = {
    MemoForm.HTML: (marked("Web page, also to print"), "file-type-html"),
    MemoForm.MARKDOWN: (marked("Text (Markdown)"), "markdown"),
}
_MEDIA_TYPES: Final[Mapping[MemoForm, str]] = {
    MemoForm.HTML: "text/html; charset=utf-8",
    MemoForm.MARKDOWN: "text/markdown; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class MemoLink:
    """A file in one language; `says` is all of it for who hears only this link."""

    label: str
    language: str
    address: str
    says: str


@dataclass(frozen=True, slots=True)
class MemoDownload:
    """One form of a memo, in every language."""

    label: str
    icon: str
    links: tuple[MemoLink, ...]


def memo_downloads(memo: Memo) -> tuple[MemoDownload, ...]:
    """Give the files of a version."""
    say = words().say

    def link(form: MemoForm, label: str, language: Language) -> MemoLink:
        address = url_for(
            "console.memo.download", key=memo.campaign, phase=memo.phase, number=memo.version,
            form=form.value, language=language.value,
        )  # fmt: skip
        says = say("Download: {kind}, {language}", kind=label, language=language.own_name)
        return MemoLink(language.own_name, language.value, address, says)

    return tuple(
        MemoDownload(say(label), icon, tuple(link(form, say(label), one) for one in Language))
        for form, (label, icon) in _LABELS.items()
    )


@blueprint.get("/campaigns/<key>/memo/<int:phase>/<int:number>.<any(html, md):form>")
@open_to(Scope.REPORTS_READ)
def download(key: str, phase: int, number: int, form: str) -> Response:
    """Give a version as a file, in the language that its address names."""
    chosen = MemoForm(form)
    page = composed(find_memo(wiring().engine, key, phase, number))
    match chosen:
        case MemoForm.HTML:
            text = render_memo(page, words())
        case MemoForm.MARKDOWN:
            text = memo_markdown(page, words())
    name = f"{key}-memo-{phase}-{number}.{words().language.value}.{form}"
    answer = Response(text.encode(), content_type=_MEDIA_TYPES[chosen])
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
