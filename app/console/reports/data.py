"""Offers the data behind a report to whoever may have them: a notebook, and the rows of members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response, request, url_for

from app.analysis import FactSource
from app.auth.keys import Scope
from app.console.access import open_to
from app.console.context import person, wiring, words
from app.console.reports.downloads import Download, Link
from app.exporting.columns import FileFormat
from app.exporting.handing import handed
from app.exporting.notebook.bundle import BundleOrder, write_bundle
from app.exporting.notebook.sections import Form
from app.exporting.row_file import RowsOrder, write_rows
from app.language import Language, Words, language_of
from experiments.lifecycle import Act

if TYPE_CHECKING:
    from collections.abc import Iterator

blueprint = Blueprint("report_data", __name__)

MEDIA_TYPES: Final = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.PARQUET: "application/vnd.apache.parquet",
}


def data_downloads(campaign: str, snapshot_hash: str) -> tuple[Download, ...]:
    """Give the notebook of a snapshot, and its rows to whoever may have them."""
    say = words().say
    has_rows = person().may(Scope.ROWS_READ)
    title = say("Notebook (Jupyter)")
    use = (
        say(
            "Computes every figure of the report again, without Tierlift and without a network. "
            "It holds a row per member under a pseudonym, so the download is logged."
        )
        if has_rows
        else say(
            "Computes the figures of the report again, without Tierlift and without a network, "
            "from what members add up to: it holds no rows of members."
        )
    )
    links = tuple(
        Link(
            one.own_name,
            one.value,
            url_for(
                "console.report_data.notebook",
                key=campaign,
                snapshot=snapshot_hash,
                language=one.value,
            ),
            say("Download: {kind}, {language}", kind=title, language=one.own_name),
        )
        for one in Language
    )
    notebook = Download("notebook", title, use, links)
    return (notebook, _rows(campaign, snapshot_hash)) if has_rows else (notebook,)


def _rows(campaign: str, snapshot_hash: str) -> Download:
    say = words().say
    title = say("Rows of members")
    links = tuple(
        Link(
            label,
            "",
            url_for(
                "console.report_data.rows",
                key=campaign,
                snapshot=snapshot_hash,
                form=form.value,
            ),
            say("Download: {kind}", kind=f"{title}, {label}"),
        )
        for form, label in ((FileFormat.CSV, "CSV"), (FileFormat.PARQUET, "Parquet"))
    )
    use = say(
        "One row per member who counts, under a pseudonym, for tools of your own. Rows are "
        "personal data, so who downloaded them, and when, is written to the audit log. Segment "
        "values that too few share stand as “other”."
    )
    return Download("table-export", title, use, links)


@blueprint.get("/campaigns/<key>/reports/<snapshot>/notebook")
@open_to(Scope.REPORTS_READ)
def notebook(key: str, snapshot: str) -> Response:
    """Give the notebook, with rows to whoever may have them."""
    form = Form.ROWS if person().may(Scope.ROWS_READ) else Form.SUMS
    language = language_of([request.args.get("language", words().language.value)])
    order = BundleOrder(key, snapshot, form, Words(language))
    act, source = _act(), FactSource.of(wiring().settings)
    engine = wiring().engine
    bundle, content = handed(lambda path: write_bundle(engine, order, path, act, source=source))
    return _file(content, "application/zip", bundle.name)


@blueprint.get("/campaigns/<key>/reports/<snapshot>/rows.<any(csv, parquet):form>")
@open_to(Scope.ROWS_READ)
def rows(key: str, snapshot: str, form: str) -> Response:
    """Give the rows."""
    order = RowsOrder(key, snapshot, FileFormat(form))
    act, source = _act(), FactSource.of(wiring().settings)
    engine = wiring().engine
    found, content = handed(lambda path: write_rows(engine, order, path, act, source=source))
    return _file(content, MEDIA_TYPES[found.format], found.name)


def _act() -> Act:
    return Act(wiring().clock(), f"user {person().user.user_id}")


def _file(content: Iterator[bytes], media_type: str, name: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
